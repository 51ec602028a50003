//! [`SimDetector`]: a detector that counts.

use std::sync::Arc;

use super::exposure::{Exposure, ExposureOptions};
use super::light::Light;
use crate::device::{
    CallEnvironment, Cx, Device, DeviceError, Interceptable, OphydObject, Status, StatusKind, Subscribable,
    Triggerable, WeakDevice,
};
use crate::hardware::component_macros::{takes_labels, takes_parent};
use crate::hardware::components::{Components, device_of_components, protocols_of_components};
use crate::hardware::signal::Signal;
use crate::hardware::wanted;
use crate::value::{Map, Text};

/// A detector that exposes for a time and counts what it sees: no class of `ophyd.sim`.
///
/// This is the detector to be: `Device::from` makes the device. It reads `NAME`, the counts of the last trigger; its
/// configuration is `NAME_exposure_time`, `NAME_readout_time` and `NAME_dead_time` in seconds, and `NAME_frames`. They can be
/// [configured](crate::device::Configurable) and set as components; the next trigger goes by them. The exposure time is known
/// as `count_time`, too.
///
/// A trigger takes its frames times the exposure time, the dead time between every two of them, and the readout time, each
/// to the nanosecond. Then the counts of all frames are there, added up: how many the rates have one expect, with the axes
/// where they are in that moment, drawn from a Poisson distribution. Chance comes from the seed of the engine, in a stream
/// that belongs to the name of the detector.
///
/// ```
/// use skyspan::hardware::gaussian_peak;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let stage = lab.add(SimMotor::new("stage").velocity(2.0).acceleration_time_s(0.0));
/// let diode = SimDetector::new("diode").exposure_s(0.5).rate(1e6).looks_at(&stage, gaussian_peak(4.0, 1.0));
/// let diode = lab.add(diode);
/// let run = lab.run(plans::scan(&diode, &stage, 0.0, 10.0, 6));
/// assert_eq!(run.duration(), secs(5.0 * 1.0 + 6.0 * 0.5));
/// let counts: Vec<i64> = run.events().filter_map(|event| event.get("diode")?.as_i64()).collect();
/// assert_eq!(counts.iter().max(), Some(&counts[2]), "the peak is at 4");
/// ```
#[derive(Clone, Debug)]
pub struct SimDetector {
    name: Text,
    exposure: ExposureOptions,
    light: Light,
    labels: Vec<Text>,
    parent: Option<WeakDevice>,
}

impl SimDetector {
    /// A detector that exposes for 0.1 s, in one frame, and counts 1000 in a second.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        let name = name.into();
        let light = Light::new(&name);
        Self { name, exposure: ExposureOptions::usual(), light, labels: Vec::new(), parent: None }
    }

    /// How long a frame is exposed, in seconds; 0.1 unless one says otherwise. A trigger fails with a `ValueError` where this,
    /// or one of the other times, is negative or no time at all.
    #[must_use]
    pub const fn exposure_s(mut self, exposure_s: f64) -> Self {
        self.exposure.exposure_s = exposure_s;
        self
    }

    /// How long it takes to read out the frames of a trigger, in seconds; no time unless one says otherwise.
    #[must_use]
    pub const fn readout_s(mut self, readout_s: f64) -> Self {
        self.exposure.readout_s = readout_s;
        self
    }

    /// How long it takes between two frames, in seconds; no time unless one says otherwise.
    #[must_use]
    pub const fn dead_time_s(mut self, dead_time_s: f64) -> Self {
        self.exposure.dead_time_s = dead_time_s;
        self
    }

    /// How many frames a trigger takes; one unless one says otherwise.
    #[must_use]
    pub const fn frames(mut self, frames: u64) -> Self {
        self.exposure.frames = frames;
        self
    }

    /// How much it counts in a second where it sees everything; 1000 unless one says otherwise.
    ///
    /// # Panics
    ///
    /// If it is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn rate(mut self, counts_per_s: f64) -> Self {
        self.light.rate = wanted::from_zero("rate", counts_per_s);
        self
    }

    /// How much it counts in a second without any light, in addition; nothing unless one says otherwise.
    ///
    /// # Panics
    ///
    /// If it is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn dark_rate(mut self, counts_per_s: f64) -> Self {
        self.light.dark_rate = wanted::from_zero("dark_rate", counts_per_s);
        self
    }

    /// What a frame counts at most; as much as there is unless one says otherwise.
    #[must_use]
    pub const fn saturates_at(mut self, counts: u64) -> Self {
        self.light.saturates_at = Some(counts);
        self
    }

    /// What part of the light it sees depends on where an axis is: 0 nothing, 1 everything. With several axes the parts are
    /// multiplied. A shutter, which is at 1 if it is open, is an axis, too, and so is whatever has no position, but reads a
    /// number: a beam, a signal.
    ///
    /// A trigger fails with a `TypeError` where the device has neither.
    ///
    /// ```
    /// use skyspan::hardware::SimShutter;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let shutter = lab.add(SimShutter::new("shutter"));
    /// let diode = lab.add(SimDetector::new("diode").looks_at(&shutter, |open| open).without_noise());
    /// let run = lab.run(plan(async move |p| {
    ///     p.open_run(Map::new()).await?;
    ///     p.trigger_and_read(&diode, "primary").await?;
    ///     p.mv(&shutter, "Open").await?;
    ///     p.trigger_and_read(&diode, "primary").await?;
    ///     p.close_run().await
    /// }));
    /// let counts: Vec<_> = run.events().filter_map(|event| event.get("diode")?.as_i64()).collect();
    /// assert_eq!(counts, [0, 100]);
    /// ```
    #[must_use]
    pub fn looks_at(mut self, axis: &Device, seen: impl Fn(f64) -> f64 + Send + Sync + 'static) -> Self {
        self.light.seen.push((axis.clone(), Arc::new(seen)));
        self
    }

    /// It counts what is to be expected, rounded, without chance.
    #[must_use]
    pub const fn without_noise(mut self) -> Self {
        self.light.is_drawn = false;
        self
    }

    takes_labels!();

    takes_parent!();
}

impl From<SimDetector> for Device {
    fn from(detector: SimDetector) -> Self {
        let SimDetector { name, exposure, light, labels, parent } = detector;
        let mut counts = Signal::new(name.clone(), 0);
        counts.read_only = true;
        counts.described = Map::from_iter([("units", "counts")]);
        let counts = Arc::new(Interceptable::new(counts));
        let exposure = Exposure::new(&name, exposure);
        let components = Components::new("SimDetector", name).of_parent(parent).labelled(labels);
        let components = exposure.add_to(components.with("counts", Arc::clone(&counts)));
        Self::new_cyclic(|device| {
            components.adopt(device);
            DetectorDevice { components, exposure, counter: Arc::new(Counter { counts, light }) }
        })
    }
}

#[derive(Debug)]
struct DetectorDevice {
    components: Components,
    exposure: Exposure,
    counter: Arc<Counter>,
}

/// What is there when an exposure is over.
#[derive(Debug)]
struct Counter {
    counts: Arc<Interceptable<Signal>>,
    light: Light,
}

impl Counter {
    fn take(&self, exposure_s: f64, frames: u32, shared: &Arc<CallEnvironment>) -> Result<(), DeviceError> {
        let counts = self.light.counts(exposure_s, frames, shared)?;
        self.counts.state.put(counts.into(), shared.clock.now());
        self.counts.subscribers.notify(|| self.counts.readings());
        Ok(())
    }
}

impl Triggerable for DetectorDevice {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        let times = self.exposure.times()?;
        let status = Status::new(cx, StatusKind::Device);
        if cx.ending().is_some_and(crate::device::Ending::is_stalled) {
            // Nothing ever comes out of it.
            return Ok(status);
        }
        let (counter, shared, exposed) = (Arc::clone(&self.counter), Arc::clone(cx.shared()), status.clone());
        let over = move || {
            // Nobody else ends it.
            match counter.take(times.exposure.as_secs_f64(), times.frames, &shared) {
                Ok(()) => drop(exposed.set_finished()),
                Err(error) => drop(exposed.set_exception(error)),
            }
        };
        if times.trigger().is_zero() {
            over();
        } else {
            let _ = cx.clock().call_after(times.trigger(), over);
        }
        Ok(status)
    }
}

device_of_components!(DetectorDevice);

impl OphydObject for DetectorDevice {
    protocols_of_components!();

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        Some(self)
    }

    /// Those who subscribe to the detector subscribe to its counts.
    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        self.counter.counts.as_subscribable()
    }
}
