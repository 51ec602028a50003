//! [`SetpointSignal`]: the setpoint of an axis.

use super::components::SignalComponent;
use super::signal::{Signal, protocols_of_signal};
use crate::device::{Args, Cx, DeviceError, Movable, OphydObject, Status, StatusKind, Triggerable, WeakDevice};

/// The setpoint of an axis; setting it moves the axis.
#[derive(Debug)]
pub(super) struct SetpointSignal {
    pub(super) signal: Signal,
    axis: WeakDevice,
}

impl SetpointSignal {
    pub(super) const fn new(signal: Signal, axis: WeakDevice) -> Self {
        Self { signal, axis }
    }
}

impl SignalComponent for SetpointSignal {
    fn signal(&self) -> &Signal {
        &self.signal
    }
}

impl Movable for SetpointSignal {
    fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let target = args.single_number()?;
        let axis = self
            .axis
            .upgrade()
            .ok_or_else(|| DeviceError::other("DestroyedError", "the axis of this setpoint is gone"))?;
        let status = Status::new(cx, StatusKind::Object);
        let moved = match axis.movable() {
            Ok(movable) => movable.set(cx.of(&axis), &Args::one(target))?,
            Err(error) => return Err(DeviceError::type_error(error.to_string())),
        };
        let arrived = status.clone();
        moved.add_callback(move |moved| {
            // Nobody else ends it.
            match moved.exception() {
                None => drop(arrived.set_finished()),
                Some(error) => drop(arrived.set_exception(error)),
            }
        });
        Ok(status)
    }
}

impl OphydObject for SetpointSignal {
    protocols_of_signal!();

    fn as_movable(&self) -> Option<&dyn Movable> {
        Some(self)
    }

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        self.signal.as_triggerable()
    }
}
