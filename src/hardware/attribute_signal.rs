//! [`AttributeSignal`]: a signal that is what something else says.

use std::fmt;
use std::sync::Weak;

use super::components::{Kind, Part};
use super::pseudo_core::PseudoCore;
use super::signal::Signal;
use crate::clock::Timestamp;
use crate::device::{
    Args, Checkable, Configurable, Cx, DataKeys, Device, DeviceError, HasHints, Movable, OphydObject, Readable,
    Readings, Status, StatusKind, Subscribable, SyncOrAsync, Triggerable, WeakDevice,
};
use crate::value::{Text, Value};

/// What of a pseudo axis a signal shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Shown {
    Position,
    Target,
}

/// A signal that shows where a pseudo axis is or goes: `ophyd.signal.AttributeSignal`. It cannot be set, and, as in ophyd,
/// says so by its status; it reads as taken when it was made, and tells of no change.
pub(super) struct AttributeSignal {
    /// Keeps the value that was read last, by which ophyd describes and prints it.
    signal: Signal,
    shown: Shown,
    core: Weak<PseudoCore>,
    axis: usize,
}

impl AttributeSignal {
    pub(super) fn new(axis_name: &Text, shown: Shown, core: Weak<PseudoCore>, axis: usize) -> Self {
        let mut signal = match shown {
            Shown::Position => Signal::new(axis_name.clone(), 0.0).kind(Kind::Hinted),
            Shown::Target => Signal::new(format!("{axis_name}_setpoint"), 0.0).kind(Kind::Normal),
        };
        signal.class_name = "AttributeSignal";
        let attribute = if shown == Shown::Position { "position" } else { "target" };
        signal.source = Some(format!("PY:{axis_name}.{attribute}").into());
        Self { signal, shown, core, axis }
    }

    fn readings(&self) -> Result<Readings, DeviceError> {
        if let Some(core) = self.core.upgrade() {
            let all = match self.shown {
                Shown::Position => core.position()?,
                Shown::Target => core.target()?,
            };
            let (_, timestamp) = self.signal.state.get();
            self.signal.state.put(all.get(self.axis).cloned().unwrap_or_default(), timestamp);
        }
        Ok(self.signal.readings())
    }
}

impl fmt::Debug for AttributeSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repr())
    }
}

impl Part for AttributeSignal {
    fn kind(&self) -> Kind {
        self.signal.kind
    }

    fn add_readings(&self, _: Timestamp, to: &mut Readings) -> Result<(), DeviceError> {
        to.0.extend(self.readings()?.0);
        Ok(())
    }

    fn add_data_keys(&self, to: &mut DataKeys) -> Result<(), DeviceError> {
        to.0.extend(self.signal.data_keys()?.0);
        Ok(())
    }

    fn belongs_to(&self, parent: WeakDevice) {
        self.signal.belongs_to(parent);
    }
}

impl Readable for AttributeSignal {
    fn read<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        self.readings().into()
    }

    fn describe<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        self.signal.data_keys().into()
    }
}

impl Configurable for AttributeSignal {
    fn read_configuration<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        self.read(cx)
    }

    fn describe_configuration<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        self.describe(cx)
    }

    fn configure<'a>(&'a self, _: Cx<'a>, _: &'a Args) -> SyncOrAsync<'a, Result<(Readings, Readings), DeviceError>> {
        Err(DeviceError::no_attribute("AttributeSignal", "configure")).into()
    }
}

impl Movable for AttributeSignal {
    fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let _: &Value = args.single()?;
        let status = Status::new(cx, StatusKind::Object);
        let message = "property of 'PseudoSingle' object has no setter";
        // Nobody else ends it.
        let _ = status.set_exception(DeviceError::other(Text::literal("AttributeError"), message));
        Ok(status)
    }
}

impl OphydObject for AttributeSignal {
    fn name(&self) -> &Text {
        self.signal.name()
    }

    fn class_name(&self) -> Text {
        self.signal.class_name()
    }

    fn repr(&self) -> Text {
        self.signal.repr()
    }

    fn added_at(&self, now: Timestamp) {
        self.signal.added_at(now);
    }

    fn parent(&self) -> Option<Device> {
        self.signal.parent()
    }

    fn as_readable(&self) -> Option<&dyn Readable> {
        Some(self)
    }

    fn as_configurable(&self) -> Option<&dyn Configurable> {
        Some(self)
    }

    fn as_movable(&self) -> Option<&dyn Movable> {
        Some(self)
    }

    fn as_checkable(&self) -> Option<&dyn Checkable> {
        self.signal.as_checkable()
    }

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        self.signal.as_triggerable()
    }

    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        self.signal.as_subscribable()
    }

    fn as_has_hints(&self) -> Option<&dyn HasHints> {
        self.signal.as_has_hints()
    }
}
