//! [`Light`]: what a detector counts.

use std::fmt;
use std::future::Future as _;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

use crate::device::{CallEnvironment, Cx, Device, DeviceError};
use crate::seed::Seed;
use crate::value::{Text, Value};

/// What part of the light is seen at a position.
pub(super) type Seen = Arc<dyn Fn(f64) -> f64 + Send + Sync>;

/// A Gaussian peak along an axis: 1 at its center, and less to both sides, by its standard deviation. For
/// [`SimDetector::looks_at`](super::SimDetector::looks_at).
pub fn gaussian_peak(center: f64, sigma: f64) -> impl Fn(f64) -> f64 + Send + Sync + 'static {
    move |position| {
        let offset = (position - center) / sigma;
        libm::exp(-offset * offset / 2.0)
    }
}

/// What a detector counts.
#[derive(Clone)]
pub(super) struct Light {
    /// Counts per second where everything is seen.
    pub(super) rate: f64,
    /// Counts per second that are there without light.
    pub(super) dark_rate: f64,
    /// The axes that it looks at, and what it sees there.
    pub(super) seen: Vec<(Device, Seen)>,
    /// What a frame counts at most.
    pub(super) saturates_at: Option<u64>,
    /// Whether counts are drawn, or are what is to be expected.
    pub(super) is_drawn: bool,
    pub(super) stream: Text,
    pub(super) drawn: OnceLock<(u64, Seed)>,
}

impl Light {
    pub(super) fn new(detector: &str) -> Self {
        Self {
            rate: 1000.0,
            dark_rate: 0.0,
            seen: Vec::new(),
            saturates_at: None,
            is_drawn: true,
            stream: format!("counts of {detector}").into(),
            drawn: OnceLock::new(),
        }
    }

    /// What is counted in so many frames of so many seconds, with the axes where they are now.
    pub(super) fn counts(
        &self,
        exposure_s: f64,
        frames: u32,
        shared: &Arc<CallEnvironment>,
    ) -> Result<u64, DeviceError> {
        let mut rate = self.rate;
        for (axis, seen) in &self.seen {
            rate *= seen(position(axis, shared)?);
        }
        let mean = (rate.max(0.0) + self.dark_rate) * exposure_s;
        let seed = self.is_drawn.then(|| self.seed(&shared.seed));
        let most = self.saturates_at.unwrap_or(u64::MAX);
        let frame = || match &seed {
            Some(seed) => seed.poisson(mean),
            None => whole(mean),
        };
        if seed.is_none() {
            return Ok(frame().min(most).saturating_mul(frames.into()));
        }
        Ok((0..frames).fold(0, |sum: u64, _| sum.saturating_add(frame().min(most))))
    }

    /// The stream of the seed from which this detector draws.
    fn seed(&self, seed: &Seed) -> Seed {
        let (of, stream) = self.drawn.get_or_init(|| (seed.number(), seed.stream(&self.stream)));
        if *of == seed.number() { stream.clone() } else { seed.stream(&self.stream) }
    }
}

/// The nearest whole number of counts.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, as is wanted")]
fn whole(mean: f64) -> u64 {
    libm::round(mean) as u64
}

/// Where an axis is now: its position, or the first number that is read of what has none.
fn position(axis: &Device, shared: &Arc<CallEnvironment>) -> Result<f64, DeviceError> {
    let position = match axis.position() {
        Some(position) => Some(position),
        None => first_reading(axis, shared)?,
    };
    position.as_ref().and_then(Value::as_f64).ok_or_else(|| {
        let found = position.map_or_else(|| "nothing".into(), |position| format!("{}: {position}", position.kind()));
        DeviceError::type_error(format!("expected a number as the position of {}, found {found}", axis.name()))
    })
}

fn first_reading(axis: &Device, shared: &Arc<CallEnvironment>) -> Result<Option<Value>, DeviceError> {
    let none = opentelemetry::Context::new();
    let readable = axis.readable().map_err(|error| DeviceError::type_error(error.to_string()))?;
    let mut reading = std::pin::pin!(readable.read(Cx::new(shared, axis, &none)));
    match reading.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(readings) => Ok(readings?.0.into_iter().next().map(|(_, reading)| reading.value)),
        Poll::Pending => Err(DeviceError::type_error(format!("{} cannot be read at once", axis.name()))),
    }
}

impl fmt::Debug for Light {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Light").field("rate", &self.rate).finish_non_exhaustive()
    }
}
