//! [`Line`]: one message, with devices by name.

use std::fmt;

use crate::device::Device;
use crate::message::{Arg, GenericMsg, Msg};
use crate::value::{Map, Text, Value, repr};

/// One message, with devices by name: what a generated plan yields, whatever comes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The name of the command.
    pub command: &'static str,
    /// The device that it is about.
    pub obj: Option<Text>,
    /// Other devices, before the arguments.
    pub objs: Vec<Text>,
    /// The arguments by position.
    pub args: Vec<Value>,
    /// The arguments by keyword.
    pub kwargs: Vec<(Text, Value)>,
    /// The key of the run.
    pub run: Option<Text>,
}

impl Line {
    pub(super) const fn new(command: &'static str) -> Self {
        Self { command, obj: None, objs: Vec::new(), args: Vec::new(), kwargs: Vec::new(), run: None }
    }

    pub(super) fn of(mut self, device: &Text) -> Self {
        self.obj = Some(device.clone());
        self
    }

    pub(super) fn arg(mut self, value: impl Into<Value>) -> Self {
        self.args.push(value.into());
        self
    }

    pub(super) fn kwarg(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.kwargs.push((Text::literal(key), value.into()));
        self
    }

    pub(super) fn in_run(mut self, key: Option<&'static str>) -> Self {
        self.run = key.map(Text::literal);
        self
    }

    pub(super) fn kwarg_named(&self, key: &str) -> Option<&Value> {
        self.kwargs.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// The message, with the devices that `find` gives for their names.
    #[must_use]
    pub fn to_msg(&self, mut find: impl FnMut(&Text) -> Device) -> Msg {
        let obj = self.obj.as_ref().map(|name| Arg::Device(find(name)));
        let objs: Vec<Arg> = self.objs.iter().map(|name| Arg::Device(find(name))).collect();
        let generic = GenericMsg {
            command: Text::literal(self.command),
            obj,
            args: objs.into_iter().chain(self.args.iter().cloned().map(Arg::Value)).collect(),
            kwargs: self.kwargs.iter().map(|(key, value)| (key.clone(), Arg::Value(value.clone()))).collect(),
        };
        generic.into_msg(self.run.as_ref().map_or(Value::Null, Value::from))
    }

    /// As a message of a plan file: `{command: set, obj: motor, args: [5], kwargs: {group: a}}`.
    #[must_use]
    pub fn to_plan_file(&self) -> String {
        let json = |value: &Value| crate::value::to_json(value);
        // A plain `null` would be no string.
        let command = if self.command == "null" { "\"null\"" } else { self.command };
        let mut text = format!("{{command: {command}");
        if let Some(obj) = &self.obj {
            text += &format!(", obj: {}", json(&obj.into()));
        }
        let args: Vec<String> =
            self.objs.iter().map(Value::from).chain(self.args.iter().cloned()).map(|arg| json(&arg)).collect();
        if !args.is_empty() {
            text += &format!(", args: [{}]", args.join(", "));
        }
        if !self.kwargs.is_empty() {
            let kwargs: Map = self.kwargs.iter().cloned().collect();
            text += &format!(", kwargs: {}", json(&kwargs.into()));
        }
        if let Some(run) = &self.run {
            text += &format!(", run: {run}");
        }
        text.push('}');
        text
    }
}

/// As a list of messages shows it: `set(motor, 5, group='a')`.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.obj.iter().chain(&self.objs).map(ToString::to_string);
        let values = self.args.iter().map(repr);
        let kwargs = self.kwargs.iter().map(|(key, value)| format!("{key}={}", repr(value)));
        let run = self.run.iter().map(|run| format!("run={run:?}"));
        let all: Vec<String> = names.chain(values).chain(kwargs).chain(run).collect();
        write!(f, "{}({})", self.command, all.join(", "))
    }
}
