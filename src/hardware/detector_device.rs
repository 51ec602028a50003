//! [`DetectorDevice`]: a detector that is made of signals.

use super::components::{Components, checks_nothing, device_of_components, protocols_of_components};
use super::signal_state::SubscribeOptions;
use crate::device::{
    Callback, Checkable, Cx, Device, DeviceError, OphydObject, Status, StatusKind, Subscribable, SubscriptionId,
    Triggerable,
};
use crate::value::Map;

/// A detector that is made of signals, some of which it triggers.
#[derive(Debug)]
pub(super) struct DetectorDevice {
    components: Components,
    triggered: Vec<Device>,
    /// The signal to which those subscribe who subscribe to the detector.
    told_of: Option<Device>,
}

impl DetectorDevice {
    pub(super) const fn new(components: Components) -> Self {
        Self { components, triggered: Vec::new(), told_of: None }
    }

    pub(super) fn triggers(mut self, signal: Device) -> Self {
        self.triggered.push(signal);
        self
    }

    pub(super) fn tells_of(mut self, signal: Device) -> Self {
        self.told_of = Some(signal);
        self
    }

    pub(super) fn into_device(self) -> Device {
        Device::new_cyclic(|device| {
            self.components.adopt(device);
            self
        })
    }
}

device_of_components!(DetectorDevice);
checks_nothing!(DetectorDevice);

impl OphydObject for DetectorDevice {
    protocols_of_components!();

    fn as_checkable(&self) -> Option<&dyn Checkable> {
        Some(self)
    }

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        Some(self)
    }

    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        match &self.told_of {
            Some(signal) => signal.object().as_subscribable(),
            None => Some(self),
        }
    }
}

/// Triggers its signals, whose statuses are its own, all of them; one that triggers none is done
/// (`ophyd.Device.trigger`).
impl Triggerable for DetectorDevice {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        let mut all: Option<Status> = None;
        for signal in &self.triggered {
            let triggerable = signal.triggerable().map_err(|error| DeviceError::type_error(error.to_string()))?;
            // Of several the status of all is what a fault changes, not each of them.
            let alone = self.triggered.len() == 1;
            let status = triggerable.trigger(if alone { cx.handed_on(signal) } else { cx.of(signal) })?;
            all = Some(match all {
                Some(others) => others & status,
                None => status,
            });
        }
        Ok(all.unwrap_or_else(|| {
            let status = Status::new(cx, StatusKind::Device);
            // Nobody else has it yet.
            let _ = status.set_finished();
            status
        }))
    }
}

/// `ophyd.Device` does not say what it would tell of: who subscribes without an event type is refused.
impl Subscribable for DetectorDevice {
    fn subscribe(&self, _: Callback) -> SubscriptionId {
        SubscriptionId(0)
    }

    fn subscribe_with(&self, _: Callback, options: &Map) -> Result<SubscriptionId, DeviceError> {
        let of_no_type = options.get("event_type").is_none_or(crate::value::Value::is_null);
        if of_no_type {
            return Err(DeviceError::value(format!(
                "Subscription type not set and object {} of class {} has no default subscription set",
                self.components.name(),
                self.components.class_name(),
            )));
        }
        // It never says that it has acquired something.
        SubscribeOptions::of(options, "acq_done", &[]).map(|_| SubscriptionId(0))
    }

    fn clear_sub(&self, _: SubscriptionId) {}
}
