//! [`Pattern`]: what the simulated detectors of ophyd-async see.

use std::sync::{Arc, Mutex};

use super::assembly::Assembly;
use super::detector_device::DetectorDevice;
use crate::device::Device;
use skyspan_trace::internal::lock;

/// What the simulated detectors of ophyd-async see: it depends on where a stage is that shares it, while that is staged
/// (`ophyd_async.sim.PatternGenerator`, 0.21.3).
#[derive(Clone, Debug, Default)]
pub(super) struct Pattern(Arc<Mutex<Place>>);

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    x: f64,
    y: f64,
}

impl Pattern {
    /// That of a device that has one.
    pub(super) fn of_device(device: &Device) -> Option<Self> {
        let of_assembly = device.downcast_ref::<Assembly>().and_then(Assembly::pattern);
        of_assembly.or_else(|| device.downcast_ref::<DetectorDevice>().and_then(DetectorDevice::pattern)).cloned()
    }

    /// The same of one that is wanted to have one.
    #[track_caller]
    #[expect(clippy::panic, reason = "what the builders of devices want is said where it is written")]
    pub(super) fn wanted_of(device: &Device) -> Self {
        Self::of_device(device)
            .unwrap_or_else(|| panic!("looks_at wants a stage or a detector of ophyd-async's, found {device:?}"))
    }

    pub(super) fn set_x(&self, x: f64) {
        lock(&self.0).x = x;
    }

    pub(super) fn set_y(&self, y: f64) {
        lock(&self.0).y = y;
    }

    /// What a channel sees there, from 0 to 1.
    pub(super) fn point(&self, channel: i32, high_energy: bool) -> f64 {
        let Place { x, y } = *lock(&self.0);
        let offset = if high_energy { 100.0 } else { 10.0 };
        (libm::pow(libm::sin(x), f64::from(channel)) + libm::cos(x * y + offset) + 2.0) / 4.0
    }
}
