//! Messages by the name of their command and any arguments, as plan files have them.

use super::{
    Arg, Awaitable, CloseRun, Collect, Command, Configure, DeclareStream, DeviceCall, Locate, Monitor, Msg, Object,
    PlanError, Subscribe, Wait, WaitFor,
};
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

/// The commands of bluesky 1.15.1's RunEngine, in the order of their letters.
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

impl GenericMsg {
    /// A message of that command, about nothing and without arguments.
    ///
    /// ```
    /// use skyspan::message::GenericMsg;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let flyer = lab.device("trivial_flyer");
    /// let run = lab.run(plan(async move |p| {
    ///     p.msg(GenericMsg::new("open_run").in_run("a")).await?;
    ///     p.msg(GenericMsg::new("kickoff").about(&flyer).kwarg("group", "off").in_run("a")).await?;
    ///     p.wait("off").await?;
    ///     p.msg(GenericMsg::new("close_run").in_run("a")).await.map(drop)
    /// }));
    /// run.assert_success();
    /// assert_eq!(run.messages()[1].to_string(), "kickoff(trivial_flyer, group='off', run='a')");
    /// ```
    #[must_use]
    pub fn new(command: impl Into<Text>) -> Self {
        Self { command: command.into(), ..Self::default() }
    }

    /// The same about a device.
    #[must_use]
    pub fn about(self, obj: &Device) -> Self {
        Self { obj: Some(obj.into()), ..self }
    }

    /// The same with one more argument by position.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<Arg>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// The same with one more argument by keyword.
    #[must_use]
    pub fn kwarg(mut self, key: impl Into<Text>, arg: impl Into<Arg>) -> Self {
        self.kwargs.push((key.into(), arg.into()));
        self
    }

    /// The message for the run of that key.
    #[must_use]
    pub fn in_run(self, key: impl Into<Value>) -> Msg {
        self.into_msg(key.into())
    }

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
        if BLUESKY_COMMANDS.binary_search(&&*self.command).is_err() {
            return Msg { command: Command::Custom(Box::new(self)), run, spelled: None, seen: None };
        }
        match self.command() {
            Ok(command) => Msg { command, run, spelled: Some(Box::new(self)), seen: None },
            Err(error) => Msg { command: Command::Refused(Box::new((self, error))), run, spelled: None, seen: None },
        }
    }

    fn command(&self) -> Result<Command, PlanError> {
        Ok(match &*self.command {
            "open_run" => Command::OpenRun { md: self.values()? },
            "close_run" => {
                let (exit_status, reason) = (self.value_of_kwarg("exit_status")?, self.value_of_kwarg("reason")?);
                Command::CloseRun(CloseRun { exit_status, reason }.into())
            }
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
                Command::Set(DeviceCall { obj, args: Args { positional: self.positional()?, keyword }, group }.into())
            }
            "trigger" => {
                let obj = self.device_for("Triggerable", Device::triggerable)?;
                self.takes_no_argument_but(&["group"])?;
                Command::Trigger { obj, group: self.value_of_kwarg("group")? }
            }
            "wait" => Command::Wait(self.wait()?),
            "sleep" => Command::Sleep { duration_s: self.duration_s()? },
            "checkpoint" => Command::Checkpoint,
            "stage" | "unstage" => {
                let Some(obj) = self.device().cloned() else {
                    // An object that has no such method has nothing to do there.
                    return Ok(Command::Null);
                };
                let group = self.value_of_kwarg("group")?;
                if self.command == "stage" { Command::Stage { obj, group } } else { Command::Unstage { obj, group } }
            }
            "declare_stream" => Command::DeclareStream(self.declare_stream()?.into()),
            "monitor" => Command::Monitor(self.monitor()?.into()),
            "unmonitor" => Command::Unmonitor { obj: self.device_for("Subscribable", Device::subscribable)? },
            "prepare" => Command::Prepare(self.call_of("Preparable", Device::preparable)?.into()),
            "kickoff" => Command::Kickoff(self.call_of("Flyable", Device::flyable)?.into()),
            "complete" => Command::Complete(self.call_of("Flyable", Device::flyable)?.into()),
            "collect" => Command::Collect(self.collect()?.into()),
            "wait_for" => Command::WaitFor(self.wait_for()?.into()),
            "rewindable" => {
                let rewindable = value_of(self.only_arg()?)?;
                Command::Rewindable { rewindable: (!rewindable.is_null()).then(|| rewindable.is_truthy()) }
            }
            "pause" => Command::Pause { defer: self.defer()? },
            "clear_checkpoint" => Command::ClearCheckpoint,
            "stop" => Command::Stop { obj: self.device_for("Stoppable", Device::stoppable)? },
            "configure" => {
                let obj = self.device_with_attribute("configure", |device| device.as_configurable().is_some())?;
                let args = Args { positional: self.positional()?, keyword: self.values()? };
                Command::Configure(Configure { obj, args }.into())
            }
            "locate" => {
                let objs = self.devices_for("Locatable", Device::locatable)?;
                Command::Locate(Locate { objs, squeeze: self.flag("squeeze")? }.into())
            }
            "subscribe" => Command::Subscribe(self.subscribe()?.into()),
            "unsubscribe" => {
                let token = match self.value_of_kwarg("token")? {
                    Some(token) => token,
                    None => value_of(self.only_arg()?)?,
                };
                Command::Unsubscribe { token }
            }
            "install_suspender" => Command::InstallSuspender { suspender: object(self.suspender_arg()?)? },
            "remove_suspender" => match self.suspender_arg()? {
                Arg::Object(suspender) => Command::RemoveSuspender { suspender: suspender.clone() },
                // What was never installed is removed already.
                _ => Command::Null,
            },
            "_resume_from_suspender" => Command::ResumeFromSuspender,
            "_start_suspender" => {
                return Err(PlanError::type_error(
                    "'_start_suspender' is the engine's own; install a suspender instead",
                ));
            }
            "input" => Command::Input { prompt: self.prompt()? },
            "RE_class" => Command::ReClass,
            _ => Command::Null,
        })
    }

    fn declare_stream(&self) -> Result<DeclareStream, PlanError> {
        if self.obj.is_some() {
            return Err(PlanError::raised("AssertionError", "'declare_stream' takes its objects as arguments"));
        }
        let collect = self.flag("collect")?;
        let objs = self.args.iter().map(|arg| match collect {
            Some(true) => supported(Some(arg), "Collectable", Device::collectable),
            _ => supported(Some(arg), "Readable", Device::readable),
        });
        Ok(DeclareStream { objs: objs.collect::<Result<_, _>>()?, name: self.value_of_kwarg("name")?, collect })
    }

    fn monitor(&self) -> Result<Monitor, PlanError> {
        let obj = self.device_for("Subscribable", Device::subscribable)?;
        if !self.args.is_empty() {
            return Err(PlanError::value("The 'monitor' Msg does not accept positional arguments."));
        }
        let mut options = self.values()?;
        let name = options.remove("name");
        Ok(Monitor { obj, name, options })
    }

    /// The call of a method of the device, where a group goes to the engine and all else to the method.
    fn call_of<'a, P>(
        &'a self,
        protocol: &'static str,
        check: impl FnOnce(&'a Device) -> Result<P, NotSupported>,
    ) -> Result<DeviceCall, PlanError> {
        let obj = self.device_for(protocol, check)?;
        let mut keyword = self.values()?;
        let group = keyword.remove("group");
        Ok(DeviceCall { obj, args: Args { positional: self.positional()?, keyword }, group })
    }

    fn collect(&self) -> Result<Collect, PlanError> {
        let objs = self.devices_for("Collectable", Device::collectable)?;
        let return_payload = self.flag("return_payload")?;
        Ok(Collect { objs, stream: self.flag("stream")?, return_payload, name: self.value_of_kwarg("name")? })
    }

    fn wait_for(&self) -> Result<WaitFor, PlanError> {
        let awaitables = match self.only_arg()? {
            Arg::List(args) => args.iter().map(awaitable).collect::<Result<_, _>>()?,
            Arg::Value(Value::Array(values)) if values.is_empty() => {
                return Err(PlanError::value("Set of Tasks/Futures is empty."));
            }
            Arg::Value(Value::Array(values)) => {
                let kind = values.first().map_or("NoneType", |value| value.kind());
                return Err(PlanError::type_error(format!("'{kind}' object is not callable")));
            }
            other => return Err(PlanError::type_error(format!("'{other}' object is not iterable"))),
        };
        Ok(WaitFor { awaitables, timeout_s: self.timeout_s()? })
    }

    fn defer(&self) -> Result<Option<bool>, PlanError> {
        match (&*self.args, self.flag("defer")?) {
            ([], defer) if self.kwargs.iter().all(|(key, _)| key == "defer") => Ok(defer),
            ([arg], None) if self.kwargs.is_empty() => Ok(Some(value_of(arg)?.is_truthy())),
            _ => Err(PlanError::type_error("'pause' takes one argument, 'defer', and no other")),
        }
    }

    fn subscribe(&self) -> Result<Subscribe, PlanError> {
        let (callback, name) = match &*self.args {
            [callback] => (callback, self.value_of_kwarg("name")?),
            [callback, name] => (callback, Some(value_of(name)?)),
            _ => return Err(PlanError::type_error("subscribe() takes a function and the name of a document")),
        };
        Ok(Subscribe { callback: object(callback)?, name })
    }

    fn suspender_arg(&self) -> Result<&Arg, PlanError> {
        self.args.first().ok_or_else(|| PlanError::raised("IndexError", "tuple index out of range"))
    }

    fn prompt(&self) -> Result<Option<Text>, PlanError> {
        match self.value_of_kwarg("prompt")? {
            None => Ok(None),
            Some(Value::Str(prompt)) => Ok(Some(prompt)),
            Some(other) => Ok(Some(repr(&other).into())),
        }
    }

    /// The one argument by position.
    fn only_arg(&self) -> Result<&Arg, PlanError> {
        match &*self.args {
            [arg] => Ok(arg),
            [] => Err(PlanError::value("not enough values to unpack (expected 1, got 0)")),
            _ => Err(PlanError::value("too many values to unpack (expected 1)")),
        }
    }

    fn flag(&self, key: &str) -> Result<Option<bool>, PlanError> {
        Ok(self.value_of_kwarg(key)?.map(|value| value.is_truthy()))
    }

    fn timeout_s(&self) -> Result<Option<Option<f64>>, PlanError> {
        Ok(match self.value_of_kwarg("timeout")? {
            None => None,
            Some(Value::Null) => Some(None),
            Some(value) => Some(Some(number(&value)?)),
        })
    }

    fn value_of_kwarg(&self, key: &str) -> Result<Option<Value>, PlanError> {
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
        supported(self.obj.as_ref(), protocol, check)
    }

    /// The device and those among the arguments, which must implement the protocol.
    fn devices_for<'a, P>(
        &'a self,
        protocol: &'static str,
        check: impl Fn(&'a Device) -> Result<P, NotSupported>,
    ) -> Result<Vec<Device>, PlanError> {
        let rest = self.args.iter().map(Some);
        std::iter::once(self.obj.as_ref()).chain(rest).map(|arg| supported(arg, protocol, &check)).collect()
    }

    /// The device, which must have a method of that name; what is no device has not.
    fn device_with_attribute(&self, method: &str, has: impl FnOnce(&Device) -> bool) -> Result<Device, PlanError> {
        match self.device() {
            Some(device) if has(device) => Ok(device.clone()),
            Some(device) => Err(PlanError::no_attribute(&device.class_name(), method)),
            None => Err(PlanError::no_attribute(self.obj.as_ref().map_or("NoneType", Arg::kind), method)),
        }
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
        let given = self.value_of_kwarg("name")?.or(match &*self.args {
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
            [] => self.value_of_kwarg("group")?.ok_or_else(|| PlanError::key("group"))?,
            [arg] => value_of(arg)?,
            _ => return Err(PlanError::value("too many values to unpack (expected 1)")),
        };
        let timeout_s = self.timeout_s()?;
        let watch = match self.value_of_kwarg("watch")? {
            None => None,
            Some(Value::Array(groups)) => Some((*groups).into()),
            Some(other) => {
                return Err(PlanError::type_error(format!("'{}' object is not iterable", repr(&other))));
            }
        };
        let error_on_timeout = self.value_of_kwarg("error_on_timeout")?.map(|value| value.is_truthy());
        Ok(Wait { group, error_on_timeout, timeout_s, watch })
    }

    fn duration_s(&self) -> Result<f64, PlanError> {
        match &*self.args {
            [] => Err(PlanError::type_error("sleep() missing 1 required positional argument: 'delay'")),
            [arg, ..] => number(&value_of(arg)?),
        }
    }
}

/// The device, which must implement the protocol; what is no device does not.
fn supported<'a, P>(
    arg: Option<&'a Arg>,
    protocol: &'static str,
    check: impl FnOnce(&'a Device) -> Result<P, NotSupported>,
) -> Result<Device, PlanError> {
    let object = match arg {
        Some(Arg::Device(device)) => {
            check(device)?;
            return Ok(device.clone());
        }
        None => Text::literal("None"),
        Some(Arg::Value(Value::Str(text))) => text.clone(),
        Some(other) => other.to_string().into(),
    };
    Err(PlanError::NotSupported(NotSupported { object, protocol }))
}

fn awaitable(arg: &Arg) -> Result<Awaitable, PlanError> {
    let awaitable = match arg {
        Arg::Object(object) => object.downcast_ref::<Awaitable>().cloned(),
        _ => None,
    };
    awaitable.ok_or_else(|| PlanError::type_error(format!("'{}' object is not callable", arg.kind())))
}

fn object(arg: &Arg) -> Result<Object, PlanError> {
    match arg {
        Arg::Object(object) => Ok(object.clone()),
        other => Err(PlanError::type_error(format!("'{}' object is not callable", other.kind()))),
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
        Arg::Object(object) => Err(PlanError::type_error(format!("expected a value, found {object}"))),
        Arg::List(_) => Err(PlanError::type_error(format!("expected a value, found a list with devices: {arg}"))),
    }
}
