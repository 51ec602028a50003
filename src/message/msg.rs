//! [`Msg`]: what a plan yields.

use std::fmt;
use std::sync::Arc;

use super::generic::GenericMsg;
use super::seen::{Mark, Seen};
use super::{Arg, Command, DeviceCall, Wait};
use crate::device::{Args, Device};
use crate::value::{IntoEntries, Map, Text, Value, write_json, write_json_string};

/// What a plan yields: a command, and the key of the run that it is about (`bluesky.utils.Msg`, 1.15.1).
#[derive(Clone, Debug)]
pub struct Msg {
    /// What is asked for.
    pub command: Command,
    /// The key of the run that it is about; null unless several runs are open at once.
    pub run: Value,
    /// The message as it was spelled, where that was not bluesky's usual form.
    pub(super) spelled: Option<Box<GenericMsg>>,
    /// Which preprocessors have seen it.
    pub(super) seen: Option<Arc<Seen>>,
}

impl Msg {
    /// Opens a run, with metadata: `json!({...})`, a [`Map`], or a list of pairs.
    ///
    /// # Panics
    ///
    /// If they are JSON, but no object.
    #[must_use]
    #[track_caller]
    pub fn open_run(md: impl IntoEntries) -> Self {
        Command::OpenRun { md: md.into_entries().into_iter().collect() }.into()
    }

    /// `set`: gives a device a value.
    #[must_use]
    pub fn set(obj: &Device, value: impl Into<Value>) -> Self {
        Command::Set(DeviceCall { obj: obj.clone(), args: Args::one(value), group: None }.into()).into()
    }

    /// `trigger`: triggers a device.
    #[must_use]
    pub fn trigger(obj: &Device) -> Self {
        Command::Trigger { obj: obj.clone(), group: None }.into()
    }

    /// Waits for a group.
    #[must_use]
    pub fn wait(group: impl Into<Value>) -> Self {
        Command::Wait(Wait { group: group.into(), ..Wait::default() }).into()
    }

    /// `read`: reads a device.
    #[must_use]
    pub fn read(obj: &Device) -> Self {
        Command::Read { obj: obj.clone() }.into()
    }

    /// Puts a `set`, `trigger`, `stage`, `unstage`, `prepare`, `kickoff` or `complete` in a group; others have none.
    #[must_use]
    pub fn in_group(mut self, name: impl Into<Value>) -> Self {
        match &mut self.command {
            Command::Set(call) | Command::Prepare(call) | Command::Kickoff(call) | Command::Complete(call) => {
                Arc::make_mut(call).group = Some(name.into());
            }
            Command::Trigger { group, .. } | Command::Stage { group, .. } | Command::Unstage { group, .. } => {
                *group = Some(name.into());
            }
            _ => {}
        }
        self
    }

    /// Makes it about the run of that key.
    #[must_use]
    pub fn with_run(mut self, run: impl Into<Value>) -> Self {
        self.run = run.into();
        self
    }

    /// Puts the mark of a preprocessor on it; gives whether it was there before.
    pub(crate) fn mark(&mut self, mark: &Mark) -> bool {
        mark.put(&mut self.seen)
    }

    /// The same with other arguments by position, where it is a `set`; all else stays as it is.
    pub(crate) fn with_set_args(mut self, positional: Vec<Value>) -> Self {
        let generic = || positional.iter().cloned().map(Arg::Value).collect();
        match &mut self.command {
            Command::Set(call) => {
                if let Some(spelled) = &mut self.spelled {
                    spelled.args = generic();
                }
                Arc::make_mut(call).args.positional = positional;
            }
            Command::Refused(refused) if refused.0.command == "set" => refused.0.args = generic(),
            _ => {}
        }
        self
    }

    /// The name of the command.
    #[must_use]
    pub fn command(&self) -> &str {
        // What has nothing to do for its object is a `null` to the engine, and keeps its name nevertheless.
        self.spelled.as_ref().map_or_else(|| self.command.name(), |spelled| &spelled.command)
    }

    /// Whether it is kept for a replay: not if it cannot be executed twice (`RunEngine._UNCACHEABLE_COMMANDS`,
    /// bluesky 1.15.1).
    #[must_use]
    pub fn is_cacheable(&self) -> bool {
        // What has nothing to do for its object is a `null` to the engine, but not for a replay.
        let has_nothing_to_do = matches!(self.command, Command::Null) && self.command() != "null";
        !has_nothing_to_do && self.command.is_cacheable()
    }

    /// The object that it is about.
    #[must_use]
    pub fn obj(&self) -> Option<Arg> {
        match &self.spelled {
            Some(spelled) => spelled.obj.clone(),
            None => match &self.command {
                Command::Custom(generic) => generic.obj.clone(),
                Command::Refused(refused) => refused.0.obj.clone(),
                command => command.device().map(Arg::from),
            },
        }
    }

    /// The arguments by position.
    #[must_use]
    pub fn args(&self) -> Vec<Arg> {
        self.spelled.as_ref().map_or_else(|| self.command.args(), |spelled| spelled.args.clone())
    }

    /// The arguments by keyword.
    #[must_use]
    pub fn kwargs(&self) -> Vec<(Text, Arg)> {
        let mut all = Vec::new();
        self.each_kwarg(|key, arg| all.push((key, arg)));
        all
    }

    fn each_kwarg(&self, mut give: impl FnMut(Text, Arg)) {
        match &self.spelled {
            Some(spelled) => spelled.kwargs.iter().cloned().for_each(|(key, arg)| give(key, arg)),
            None => self.command.each_kwarg(give),
        }
    }

    /// The arguments by position, where they are plain values and need not be put together.
    pub(crate) fn plain_args(&self) -> Option<&[Value]> {
        self.command.plain_args().filter(|_| self.spelled.is_none())
    }

    /// The arguments by position as one value: the attribute `msg.args`.
    #[must_use]
    pub fn args_value(&self) -> Value {
        self.args().iter().map(Arg::to_attribute).collect()
    }

    /// The arguments by keyword, byte for byte as Python's `json.dumps(kwargs, default=repr)`: the attribute
    /// `msg.kwargs`.
    #[must_use]
    pub fn kwargs_json(&self) -> String {
        let mut json = String::new();
        self.write_kwargs(&mut json);
        json
    }

    fn write_kwargs(&self, json: &mut String) {
        json.push('{');
        self.each_kwarg(|key, arg| {
            json.push_str(if json.len() == 1 { "" } else { ", " });
            write_json_string(json, &key);
            json.push_str(": ");
            match arg {
                Arg::Value(value) => write_json(json, &value),
                other => write_json(json, &other.to_attribute()),
            }
        });
        json.push('}');
    }

    /// [`kwargs_json`](Self::kwargs_json), to be kept.
    pub(crate) fn kwargs_text(&self) -> Text {
        Text::written(|json| self.write_kwargs(json))
    }

    /// The message as a recording has it: `{"command", "obj", "args", "kwargs", "run"}`, devices by their names.
    #[must_use]
    pub fn to_recorded(&self) -> Map {
        let kwargs: Map = self.kwargs().iter().map(|(key, arg)| (key.clone(), arg.to_recorded())).collect();
        Map::from_iter([
            ("command", Value::from(self.command())),
            ("obj", self.obj().map(|obj| obj.to_recorded()).into()),
            ("args", self.args().iter().map(Arg::to_recorded).collect()),
            ("kwargs", kwargs.into()),
            ("run", self.run.clone()),
        ])
    }
}

impl From<GenericMsg> for Msg {
    fn from(generic: GenericMsg) -> Self {
        generic.into_msg(Value::Null)
    }
}

impl From<Command> for Msg {
    fn from(command: Command) -> Self {
        Self { command, run: Value::Null, spelled: None, seen: None }
    }
}

/// For people: `set(motor, 5, group='g')`.
impl fmt::Display for Msg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let obj = self.obj().map(|obj| obj.to_string());
        let args = self.args().into_iter().map(|arg| arg.to_string());
        let kwargs = self.kwargs().into_iter().map(|(key, arg)| format!("{key}={arg}"));
        let run = (!self.run.is_null()).then(|| format!("run={}", crate::value::repr(&self.run)));
        let all: Vec<String> = obj.into_iter().chain(args).chain(kwargs).chain(run).collect();
        write!(f, "{}({})", self.command(), all.join(", "))
    }
}
