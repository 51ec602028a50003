//! [`Exposure`]: how long a detector exposes, and how often.

use std::sync::Arc;
use std::time::Duration;

use crate::device::{DeviceError, Interceptable, OphydObject as _};
use crate::hardware::components::{Components, Kind};
use crate::hardware::signal::Signal;
use crate::value::Value;

/// How long a detector exposes, and how often: signals of its configuration.
#[derive(Clone, Debug)]
pub(super) struct Exposure {
    exposure_time: Arc<Interceptable<Signal>>,
    readout_time: Arc<Interceptable<Signal>>,
    dead_time: Arc<Interceptable<Signal>>,
    frames: Arc<Interceptable<Signal>>,
}

/// What the signals hold at first.
#[derive(Clone, Copy, Debug)]
pub(super) struct ExposureOptions {
    pub(super) exposure_s: f64,
    pub(super) readout_s: f64,
    pub(super) dead_time_s: f64,
    pub(super) frames: u64,
}

impl ExposureOptions {
    /// One frame of a tenth of a second.
    pub(super) const fn usual() -> Self {
        Self { exposure_s: 0.1, readout_s: 0.0, dead_time_s: 0.0, frames: 1 }
    }
}

/// The times of a detector as they are set now, each to the nearest nanosecond.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Times {
    pub(super) exposure: Duration,
    pub(super) readout: Duration,
    pub(super) dead: Duration,
    pub(super) frames: u32,
}

impl Times {
    /// From a trigger until everything is read out.
    pub(super) fn trigger(self) -> Duration {
        let gaps = self.dead.saturating_mul(self.frames.saturating_sub(1));
        self.exposure.saturating_mul(self.frames).saturating_add(gaps).saturating_add(self.readout)
    }

    /// From the beginning of the frames of a trigger to that of the next, where they follow each other.
    pub(super) fn period(self) -> Duration {
        self.exposure.saturating_add(self.dead).saturating_mul(self.frames)
    }
}

impl Exposure {
    pub(super) fn new(detector: &str, options: ExposureOptions) -> Self {
        let config = |attribute: &str, value: Value| {
            Arc::new(Interceptable::new(Signal::new(format!("{detector}_{attribute}"), value).kind(Kind::Config)))
        };
        Self {
            exposure_time: config("exposure_time", options.exposure_s.into()),
            readout_time: config("readout_time", options.readout_s.into()),
            dead_time: config("dead_time", options.dead_time_s.into()),
            frames: config("frames", options.frames.into()),
        }
    }

    /// Adds the signals to the components of the detector.
    pub(super) fn add_to(&self, components: Components) -> Components {
        components
            .with("exposure_time", Arc::clone(&self.exposure_time))
            .also("count_time")
            .with("readout_time", Arc::clone(&self.readout_time))
            .with("dead_time", Arc::clone(&self.dead_time))
            .with("frames", Arc::clone(&self.frames))
    }

    pub(super) fn times(&self) -> Result<Times, DeviceError> {
        let time = |signal: &Signal| {
            let value = signal.get();
            let time = value.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            let expected = "expected a time in seconds that is not negative";
            time.ok_or_else(|| DeviceError::value(format!("{} is {value}; {expected}", signal.name())))
        };
        let frames = self.frames.get();
        let number = frames.as_i64().and_then(|frames| u32::try_from(frames).ok());
        Ok(Times {
            exposure: time(&self.exposure_time)?,
            readout: time(&self.readout_time)?,
            dead: time(&self.dead_time)?,
            frames: number.ok_or_else(|| {
                DeviceError::value(format!("{} is {frames}; expected a number of frames", self.frames.name()))
            })?,
        })
    }
}
