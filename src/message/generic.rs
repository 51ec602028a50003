//! Messages by the name of their command and any arguments, as plan files have them.

use super::{Arg, Command, Msg, PlanError, Wait};
use crate::device::{Args, Device, NotSupported};
use crate::value::{Map, Text, Value, repr, repr_str};

/// A message by the name of its command and any arguments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GenericMsg {
    /// The name of the command.
    pub command: Text,
    /// The object that it is about.
    pub obj: Option<Arg>,
    /// The arguments by position.
    pub args: Vec<Arg>,
    /// The arguments by keyword.
    pub kwargs: Vec<(Text, Arg)>,
}

/// The commands of bluesky 1.15.1's RunEngine.
pub const BLUESKY_COMMANDS: [&str; 36] = [
    "RE_class",
    "_resume_from_suspender",
    "_start_suspender",
    "checkpoint",
    "clear_checkpoint",
    "close_run",
    "collect",
    "complete",
    "configure",
    "create",
    "declare_stream",
    "drop",
    "input",
    "install_suspender",
    "kickoff",
    "locate",
    "monitor",
    "null",
    "open_run",
    "pause",
    "prepare",
    "read",
    "remove_suspender",
    "rewindable",
    "save",
    "set",
    "sleep",
    "stage",
    "stop",
    "subscribe",
    "trigger",
    "unmonitor",
    "unstage",
    "unsubscribe",
    "wait",
    "wait_for",
];

/// Whether skyspan's engine executes a command of that name unregistered.
#[must_use]
pub fn is_known(command: &str) -> bool {
    const KNOWN: [&str; 14] = [
        "checkpoint",
        "close_run",
        "create",
        "drop",
        "null",
        "open_run",
        "read",
        "save",
        "set",
        "sleep",
        "stage",
        "trigger",
        "unstage",
        "wait",
    ];
    KNOWN.contains(&command)
}

impl GenericMsg {
    /// The object, if it is a device.
    #[must_use]
    pub fn device(&self) -> Option<&Device> {
        match &self.obj {
            Some(Arg::Device(device)) => Some(device),
            _ => None,
        }
    }

    /// The typed message. Arguments that the command does not take make it fail when it is executed, as in bluesky.
    #[must_use]
    pub fn into_msg(self, run: Value) -> Msg {
        if !is_known(&self.command) {
            return Msg { command: Command::Custom(Box::new(self)), run, spelled: None };
        }
        match self.command() {
            Ok(command) => Msg { command, run, spelled: Some(Box::new(self)) },
            Err(error) => Msg { command: Command::Refused(Box::new((self, error))), run, spelled: None },
        }
    }

    fn command(&self) -> Result<Command, PlanError> {
        Ok(match &*self.command {
            "open_run" => Command::OpenRun { md: self.values()? },
            "close_run" => Command::CloseRun { exit_status: self.kwarg("exit_status")?, reason: self.kwarg("reason")? },
            "create" => Command::Create { name: self.stream_name()? },
            "read" => {
                let obj = self.device_for("Readable", Device::readable)?;
                self.takes_no_argument_but(&[])?;
                Command::Read { obj }
            }
            "save" => Command::Save,
            "drop" => Command::Drop,
            "set" => {
                let obj = self.device_for("Movable", Device::movable)?;
                let mut keyword = self.values()?;
                let group = keyword.remove("group");
                Command::Set { obj, args: Args { positional: self.positional()?, keyword }, group }
            }
            "trigger" => {
                let obj = self.device_for("Triggerable", Device::triggerable)?;
                self.takes_no_argument_but(&["group"])?;
                Command::Trigger { obj, group: self.kwarg("group")? }
            }
            "wait" => Command::Wait(self.wait()?),
            "sleep" => Command::Sleep { duration_s: self.duration_s()? },
            "checkpoint" => Command::Checkpoint,
            "stage" | "unstage" => {
                let Some(obj) = self.device().cloned() else {
                    // An object that has no such method has nothing to do there.
                    return Ok(Command::Null);
                };
                let group = self.kwarg("group")?;
                if self.command == "stage" { Command::Stage { obj, group } } else { Command::Unstage { obj, group } }
            }
            _ => Command::Null,
        })
    }

    fn kwarg(&self, key: &str) -> Result<Option<Value>, PlanError> {
        self.kwargs.iter().find(|(k, _)| k == key).map(|(_, arg)| value_of(arg)).transpose()
    }

    fn values(&self) -> Result<Map, PlanError> {
        self.kwargs.iter().map(|(key, arg)| Ok((key.clone(), value_of(arg)?))).collect()
    }

    fn positional(&self) -> Result<Vec<Value>, PlanError> {
        self.args.iter().map(value_of).collect()
    }

    /// The device, which must implement the protocol; what is no device does not.
    fn device_for<'a, P>(
        &'a self,
        protocol: &'static str,
        check: impl FnOnce(&'a Device) -> Result<P, NotSupported>,
    ) -> Result<Device, PlanError> {
        if let Some(device) = self.device() {
            check(device)?;
            return Ok(device.clone());
        }
        let object = match &self.obj {
            None => Text::literal("None"),
            Some(Arg::Value(Value::Str(text))) => text.clone(),
            Some(other) => other.to_string().into(),
        };
        Err(PlanError::NotSupported(NotSupported { object, protocol }))
    }

    /// Wants no arguments for the method of the device, besides these that the engine takes.
    fn takes_no_argument_but(&self, keys: &[&str]) -> Result<(), PlanError> {
        let method = &self.command;
        if !self.args.is_empty() {
            let given = self.args.len() + 1;
            return Err(PlanError::type_error(format!(
                "{method}() takes 1 positional argument but {given} were given"
            )));
        }
        match self.kwargs.iter().find(|(key, _)| !keys.contains(&&**key)) {
            Some((key, _)) => {
                Err(PlanError::type_error(format!("{method}() got an unexpected keyword argument '{key}'")))
            }
            None => Ok(()),
        }
    }

    fn stream_name(&self) -> Result<Text, PlanError> {
        let given = self.kwarg("name")?.or(match &*self.args {
            [arg] => Some(value_of(arg)?),
            _ => None,
        });
        match given {
            Some(Value::Str(name)) => Ok(name),
            Some(Value::Array(_)) => Err(PlanError::type_error("unhashable type: 'list'")),
            Some(Value::Map(_)) => Err(PlanError::type_error("unhashable type: 'dict'")),
            // bluesky says so when it saves the first event.
            Some(other) => {
                Err(PlanError::raised("ValidationError", format!("{} is not of type 'string'", repr(&other))))
            }
            None => Err(PlanError::value(
                "Msg('create') now requires a stream name, given as Msg('create', name) or Msg('create', name=name)",
            )),
        }
    }

    fn wait(&self) -> Result<Wait, PlanError> {
        let group = match &*self.args {
            [] => self.kwarg("group")?.ok_or_else(|| PlanError::key("group"))?,
            [arg] => value_of(arg)?,
            _ => return Err(PlanError::value("too many values to unpack (expected 1)")),
        };
        let timeout_s = match self.kwarg("timeout")? {
            None => None,
            Some(Value::Null) => Some(None),
            Some(value) => Some(Some(number(&value)?)),
        };
        let watch = match self.kwarg("watch")? {
            None => None,
            Some(Value::Array(groups)) => Some(groups.to_vec()),
            Some(other) => {
                return Err(PlanError::type_error(format!("'{}' object is not iterable", repr(&other))));
            }
        };
        let error_on_timeout = self.kwarg("error_on_timeout")?.map(|value| value.is_truthy());
        Ok(Wait { group, error_on_timeout, timeout_s, watch })
    }

    fn duration_s(&self) -> Result<f64, PlanError> {
        match &*self.args {
            [] => Err(PlanError::type_error("sleep() missing 1 required positional argument: 'delay'")),
            [arg, ..] => number(&value_of(arg)?),
        }
    }
}

fn number(value: &Value) -> Result<f64, PlanError> {
    let number = value.as_f64().or_else(|| value.as_bool().map(f64::from));
    number.ok_or_else(|| PlanError::type_error(format!("expected a number, found {}: {value}", value.kind())))
}

fn value_of(arg: &Arg) -> Result<Value, PlanError> {
    match arg {
        Arg::Value(value) => Ok(value.clone()),
        Arg::Device(device) => {
            Err(PlanError::type_error(format!("expected a value, found the device {}", repr_str(device.name()))))
        }
        Arg::List(_) => Err(PlanError::type_error(format!("expected a value, found a list with devices: {arg}"))),
    }
}
