//! [`tune_centroid`]: to the centre of a peak.

use super::adaptive_scan::{clip, field};
use super::metadata::{names, of_one_motor, reprs};
use super::scan::limit;
use crate::device::Device;
use crate::message::PlanError;
use crate::plan::{IntoDevices, Plan, Stubs, plan};
use crate::value::{IntoEntries, Map, Text, Value};

/// Finds the centre of a peak, and goes there; made by [`tune_centroid`].
#[derive(Clone)]
pub struct TuneCentroid {
    detectors: Vec<Device>,
    signal: Text,
    motor: Device,
    start: Value,
    stop: Value,
    min_step: Value,
    num: u64,
    step_factor: Value,
    snake: bool,
    md: Map,
}

/// Goes along `limits` (start and stop), then along a narrower part around the centroid of the signal, and so on until the
/// steps are shorter than `min_step`; then to the centroid: `bluesky.plans.tune_centroid`, 1.15.1. Its result is the uid of
/// the run.
///
/// Where the signal sums up to zero, the plan ends where it is.
///
/// It fails, in the plan and before anything is staged, with a `ValueError` where the least step is not positive or the
/// factor not greater than 1; a `KeyError` in the run where nothing has the name of the signal.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let motor = lab.device("motor");
/// let run = lab.run(plans::tune_centroid(&lab.device("det"), "det", &motor, (-4, 4), 0.05).num(11));
/// run.assert_success();
/// assert!(motor.position().and_then(|position| position.as_f64()).is_some_and(|position| position.abs() < 0.1));
/// ```
#[must_use]
pub fn tune_centroid(
    detectors: impl IntoDevices,
    signal: impl Into<Text>,
    motor: &Device,
    limits: (impl Into<Value>, impl Into<Value>),
    min_step: impl Into<Value>,
) -> TuneCentroid {
    TuneCentroid {
        detectors: detectors.into_devices(),
        signal: signal.into(),
        motor: motor.clone(),
        start: limits.0.into(),
        stop: limits.1.into(),
        min_step: min_step.into(),
        num: 10,
        step_factor: 3.0.into(),
        snake: false,
        md: Map::new(),
    }
}

impl TuneCentroid {
    /// How many points each pass has; 10 unless one says so.
    #[must_use]
    pub const fn num(mut self, num: u64) -> Self {
        self.num = num;
        self
    }

    /// How much narrower each pass is than the one before it; 3 unless one says so.
    #[must_use]
    pub fn step_factor(mut self, step_factor: impl Into<Value>) -> Self {
        self.step_factor = step_factor.into();
        self
    }

    /// Goes back and forth, instead of each pass in the same direction.
    #[must_use]
    pub const fn snake(mut self, snake: bool) -> Self {
        self.snake = snake;
        self
    }

    /// Metadata for the start document.
    ///
    /// It is taken as `json!({...})`, as a [`Map`], or as a list of pairs.
    ///
    /// # Panics
    ///
    /// If it is JSON, but no object.
    #[must_use]
    #[track_caller]
    pub fn md(mut self, md: impl IntoEntries) -> Self {
        self.md.extend(md.into_entries());
        self
    }

    fn metadata(&self) -> Map {
        let own = Map::from_iter([
            ("detectors", names(&self.detectors)),
            ("motors", names(std::slice::from_ref(&self.motor))),
            (
                "plan_args",
                Map::from_iter([
                    ("detectors", reprs(&self.detectors)),
                    ("motor", self.motor.repr().into()),
                    ("start", self.start.clone()),
                    ("stop", self.stop.clone()),
                    ("num", self.num.into()),
                    ("min_step", self.min_step.clone()),
                ])
                .into(),
            ),
            ("plan_name", "tune_centroid".into()),
            ("hints", Map::new().into()),
        ]);
        of_one_motor(own, self.md.clone(), &self.motor)
    }

    /// The data key under which the motor says where it is.
    fn position_key(&self) -> Result<Text, PlanError> {
        let Some(hinted) = self.motor.as_has_hints() else { return Ok(self.motor.name().clone()) };
        let fields = hinted.hints().fields.ok_or_else(|| PlanError::key("fields"))?;
        Ok(match &*fields {
            [only] => only.clone(),
            _ => self.motor.name().clone(),
        })
    }

    async fn perform(self, p: Stubs) -> Result<Text, PlanError> {
        let (min_step, factor) = (limit(&self.min_step)?, limit(&self.step_factor)?);
        if min_step <= 0.0 {
            return Err(PlanError::value("min_step must be positive"));
        }
        if factor <= 1.0 {
            return Err(PlanError::value("step_factor must be greater than 1.0"));
        }
        let position_key = self.position_key()?;
        limit(&self.start)?;
        limit(&self.stop)?;
        let all: Vec<Device> = self.detectors.iter().cloned().chain([self.motor.clone()]).collect();
        let md = self.metadata();
        p.staged(&all, p.in_run(md, self.tune(&p, &all, &position_key, (min_step, factor)))).await
    }

    #[expect(clippy::cast_precision_loss, reason = "no pass has 2^53 points")]
    async fn tune(
        &self,
        p: &Stubs,
        all: &[Device],
        position_key: &str,
        (min_step, factor): (f64, f64),
    ) -> Result<(), PlanError> {
        let (mut start, mut stop) = (limit(&self.start)?, limit(&self.stop)?);
        let (low, high) = (start.min(stop), start.max(stop));
        if self.num == 1 {
            return Err(PlanError::raised("ZeroDivisionError", "division by zero"));
        }
        let intervals = self.num as f64 - 1.0;
        let mut step = (stop - start) / intervals;
        let (mut next, mut shown) = (start, self.start.clone());
        let (mut sum, mut moment, mut peak) = (0.0, 0.0, None);
        p.predeclare(std::iter::once(&self.motor).chain(&self.detectors)).await?;
        while step.abs() >= min_step && low <= next && next <= high {
            p.checkpoint().await?;
            p.mv(&self.motor, shown).await?;
            let readings = p.trigger_and_read(all, "primary").await?;
            let signal = field(&readings, &self.signal)?;
            sum += signal;
            moment += field(&readings, position_key)? * signal;
            next += step;
            if !(start.min(stop) <= next && next <= start.max(stop)) {
                if sum == 0.0 {
                    return Ok(());
                }
                let centroid = moment / sum;
                peak = Some(centroid);
                (sum, moment) = (0.0, 0.0);
                let half = (stop - start) / factor / 2.0;
                (start, stop) = (clip(centroid - half, low, high), clip(centroid + half, low, high));
                if self.snake {
                    (start, stop) = (stop, start);
                }
                step = (stop - start) / intervals;
                next = start;
            }
            shown = next.into();
        }
        match peak {
            Some(peak) => p.mv(&self.motor, peak).await,
            None => Ok(()),
        }
    }
}

impl From<TuneCentroid> for Plan {
    fn from(tune: TuneCentroid) -> Self {
        plan(async move |p| tune.perform(p).await).named(Text::literal("tune_centroid"))
    }
}

impl std::fmt::Debug for TuneCentroid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "tune_centroid({:?}, {:?}, {:?})", self.detectors, self.signal, self.motor)
    }
}
