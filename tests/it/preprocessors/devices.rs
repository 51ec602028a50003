//! The devices of the recording of preprocessors.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use skyspan::device::{
    Args, Cx, DataKeys, DeviceError, HasHints, Hints, Locatable, Location, Movable, OphydObject, Readable, Readings,
    Status, SyncOrAsync,
};
use skyspan::message::{Arg, GenericMsg};
use skyspan::prelude::*;
use skyspan::value::Value;
use skyspan::value::from_json;

/// A device of which nothing is called.
#[derive(Default)]
struct Plain {
    name: Text,
    hints: Option<Vec<Text>>,
    is_locatable: bool,
    count_time: Option<Device>,
}

impl OphydObject for Plain {
    fn name(&self) -> &Text {
        &self.name
    }

    fn class_name(&self) -> Text {
        "Plain".into()
    }

    fn component(&self, attribute: &str) -> Option<Device> {
        self.count_time.clone().filter(|_| attribute == "count_time")
    }

    fn as_readable(&self) -> Option<&dyn Readable> {
        Some(self)
    }

    fn as_movable(&self) -> Option<&dyn Movable> {
        Some(self)
    }

    fn as_locatable(&self) -> Option<&dyn Locatable> {
        self.is_locatable.then_some(self as _)
    }

    fn as_has_hints(&self) -> Option<&dyn HasHints> {
        self.hints.is_some().then_some(self as _)
    }
}

impl Readable for Plain {
    fn read<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        unreachable!("nothing is executed")
    }

    fn describe<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        unreachable!("nothing is executed")
    }
}

impl Movable for Plain {
    fn set(&self, _: Cx<'_>, _: &Args) -> Result<Status, DeviceError> {
        unreachable!("nothing is executed")
    }
}

impl Locatable for Plain {
    fn locate<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Location, DeviceError>> {
        unreachable!("nothing is executed")
    }
}

impl HasHints for Plain {
    fn hints(&self) -> Hints {
        Hints { fields: self.hints.clone(), ..Hints::default() }
    }
}

/// The devices of the recording, by their names.
pub(super) struct Devices {
    lab: Harness,
    own: Vec<Device>,
}

impl Devices {
    pub(super) fn new() -> Self {
        let plain = |name: &str, hints: &[&str]| Plain {
            name: name.into(),
            hints: Some(hints.iter().map(|hint| Text::from(*hint)).collect()),
            ..Plain::default()
        };
        let count_time = Signal::new("counter_count_time", 1.5).into();
        let own = vec![
            SynAxis::new("axis1").value(1.5).into(),
            SynAxis::new("axis2").value(-2).into(),
            Device::new(Plain { name: "loc".into(), is_locatable: true, ..Plain::default() }),
            Device::new(Plain { name: "bare".into(), ..Plain::default() }),
            Device::new(Plain { name: "counter".into(), count_time: Some(count_time), ..Plain::default() }),
            Device::new(plain("two", &["a", "b"])),
            Device::new(plain("empty", &[])),
            Device::new(plain("missing", &["other"])),
        ];
        Self { lab: Harness::new(), own }
    }

    pub(super) fn of(&self, name: &str) -> Device {
        let own = self.own.iter().find(|device| device.name() == name);
        own.cloned().unwrap_or_else(|| self.lab.device(name))
    }

    pub(super) fn all<const N: usize>(&self, names: [&str; N]) -> Vec<Device> {
        names.map(|name| self.of(name)).into()
    }

    /// A message about a device, or about none: `set axis1 1`.
    pub(super) fn msg(&self, text: &str) -> Msg {
        let mut words = text.split_whitespace();
        let command = words.next().unwrap().into();
        let obj = words.next().map(|name| Arg::Device(self.of(name)));
        let args = words.map(|word| Arg::Value(from_json(word).unwrap())).collect();
        GenericMsg { command, obj, args, kwargs: Vec::new() }.into_msg(Value::Null)
    }
}
