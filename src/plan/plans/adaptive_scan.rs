//! [`adaptive_scan`]: steps that are small where the signal changes much.

use super::metadata::{names, of_one_motor, reprs};
use super::scan::limit;
use crate::device::{Device, Readings};
use crate::message::{Msg, PlanError};
use crate::plan::patterns::number;
use crate::plan::preprocessors::{relative_set_wrapper, reset_positions_wrapper};
use crate::plan::{IntoDevices, Plan, Stubs, plan, separate_devices};
use crate::value::{IntoEntries, Map, Text, Value};

/// Goes in steps that are small where the signal changes much; made by [`adaptive_scan`] and [`rel_adaptive_scan`].
#[derive(Clone)]
pub struct AdaptiveScan {
    detectors: Vec<Device>,
    target_field: Text,
    motor: Device,
    start: Value,
    stop: Value,
    min_step: Value,
    max_step: Value,
    target_delta: Value,
    backstep: bool,
    threshold: Value,
    is_relative: bool,
    md: Map,
}

/// Goes along `limits` (start and stop) in steps such that the field changes by `target_delta` from one to the next, none
/// shorter or longer than `steps` (the least and the greatest) say: `bluesky.plans.adaptive_scan`, 1.15.1. Its result is the
/// uid of the run.
///
/// Where a reading does not have the field, the last one that had it counts.
///
/// It fails, in the plan and before anything is staged, with a `ValueError` if the least step is not between zero and the
/// greatest.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let scan = plans::adaptive_scan(&lab.device("det"), "det", &lab.device("motor"), (-5, 5), (0.1, 1), 0.2);
/// let run = lab.run(scan.backstep(true));
/// run.assert_success();
/// let positions: Vec<f64> = run.events().filter_map(|event| event.get("motor")?.as_f64()).collect();
/// let around_peak = positions.iter().filter(|position| position.abs() < 2.0).count();
/// assert!(around_peak * 2 > positions.len(), "most of them are where the signal is: {positions:?}");
/// ```
#[must_use]
pub fn adaptive_scan(
    detectors: impl IntoDevices,
    target_field: impl Into<Text>,
    motor: &Device,
    limits: (impl Into<Value>, impl Into<Value>),
    steps: (impl Into<Value>, impl Into<Value>),
    target_delta: impl Into<Value>,
) -> AdaptiveScan {
    AdaptiveScan {
        detectors: detectors.into_devices(),
        target_field: target_field.into(),
        motor: motor.clone(),
        start: limits.0.into(),
        stop: limits.1.into(),
        min_step: steps.0.into(),
        max_step: steps.1.into(),
        target_delta: target_delta.into(),
        backstep: false,
        threshold: 0.8.into(),
        is_relative: false,
        md: Map::new(),
    }
}

/// An [`adaptive_scan`] from where the motor is, that moves it back however the scan ends:
/// `bluesky.plans.rel_adaptive_scan`, 1.15.1. Its result is the uid of the run.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let (det, motor) = (lab.device("det"), lab.device("motor"));
/// lab.run(plans::rel_adaptive_scan(&det, "det", &motor, (-1, 1), (0.1, 1), 0.2)).assert_success();
/// assert_eq!(motor.position(), Some(0.0.into()));
/// ```
#[must_use]
pub fn rel_adaptive_scan(
    detectors: impl IntoDevices,
    target_field: impl Into<Text>,
    motor: &Device,
    limits: (impl Into<Value>, impl Into<Value>),
    steps: (impl Into<Value>, impl Into<Value>),
    target_delta: impl Into<Value>,
) -> AdaptiveScan {
    let scan = adaptive_scan(detectors, target_field, motor, limits, steps, target_delta);
    AdaptiveScan { is_relative: true, ..scan }
}

impl AdaptiveScan {
    /// Goes back by a step that was too long: where the next one would be shorter than [`threshold`](Self::threshold) says.
    #[must_use]
    pub const fn backstep(mut self, backstep: bool) -> Self {
        self.backstep = backstep;
        self
    }

    /// How much shorter than the last step the next one may be before it goes back; 0.8 unless one says so. At 1 and beyond
    /// it may go back for ever.
    #[must_use]
    pub fn threshold(mut self, threshold: impl Into<Value>) -> Self {
        self.threshold = threshold.into();
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

    const fn name(&self) -> Text {
        Text::literal(if self.is_relative { "rel_adaptive_scan" } else { "adaptive_scan" })
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
                    ("min_step", self.min_step.clone()),
                    ("max_step", self.max_step.clone()),
                    ("target_delta", self.target_delta.clone()),
                    ("backstep", self.backstep.into()),
                    ("threshold", self.threshold.clone()),
                ])
                .into(),
            ),
            ("plan_name", self.name().into()),
            ("hints", Map::new().into()),
        ]);
        of_one_motor(own, self.md.clone(), &self.motor)
    }

    async fn perform(self, p: Stubs) -> Result<Text, PlanError> {
        let (min_step, max_step) = (limit(&self.min_step)?, limit(&self.max_step)?);
        if !(0.0 < min_step && min_step < max_step) {
            return Err(PlanError::value("min_step and max_step must meet condition of max_step > min_step > 0"));
        }
        let md = self.metadata();
        let all: Vec<Device> = self.detectors.iter().cloned().chain([self.motor.clone()]).collect();
        p.staged(&all, p.in_run(md, self.go(&p, min_step, max_step))).await
    }

    async fn go(&self, p: &Stubs, min_step: f64, max_step: f64) -> Result<(), PlanError> {
        let (start, stop, target_delta) = (limit(&self.start)?, limit(&self.stop)?, limit(&self.target_delta)?);
        let direction = if stop >= start { 1.0 } else { -1.0 };
        let devices = separate_devices(self.detectors.iter().cloned().chain([self.motor.clone()]));
        let mut step = (max_step - min_step) / 2.0;
        let (mut next, mut shown) = (start, self.start.clone());
        let (mut past, mut current) = (None, None);
        p.predeclare(devices.iter()).await?;
        while next * direction < stop * direction {
            p.checkpoint().await?;
            p.mv(&self.motor, shown).await?;
            if let Some(signal) = self.readings(p, &devices).await? {
                current = Some(signal);
            }
            if let Some(before) = past {
                let now = current.unwrap_or(f64::NAN);
                let slope = f64::abs(now - before) / step;
                let new_step = if slope == 0.0 {
                    f64::min(step * 1.1, max_step)
                } else {
                    clip(target_delta / slope, min_step, max_step)
                };
                if self.backstep && new_step < step * limit(&self.threshold)? {
                    // As in bluesky, where it goes down this goes on instead of back.
                    next -= step;
                    step = new_step;
                } else {
                    past = current;
                    step = 0.2 * new_step + 0.8 * step;
                }
            } else {
                past = current;
            }
            next += step * direction;
            shown = next.into();
        }
        Ok(())
    }

    /// An event with all devices; gives the field, if one of them has it.
    async fn readings(&self, p: &Stubs, devices: &[Device]) -> Result<Option<f64>, PlanError> {
        p.create("primary").await?;
        for detector in &self.detectors {
            p.trigger(detector, "B").await?;
        }
        p.msg(wait_by_position("B")).await?;
        let mut signal = None;
        for device in devices {
            let readings = p.read(device).await?;
            if readings.get(&self.target_field).is_some() {
                signal = Some(field(&readings, &self.target_field)?);
            }
        }
        p.save().await?;
        Ok(signal)
    }
}

/// `numpy.clip`, for which what is no number stays so.
pub(super) fn clip(number: f64, least: f64, greatest: f64) -> f64 {
    if number.is_nan() { number } else { number.max(least).min(greatest) }
}

/// A number that was read.
pub(super) fn field(readings: &Readings, key: &str) -> Result<f64, PlanError> {
    let reading = readings.get(key).ok_or_else(|| PlanError::key(key))?;
    number(&reading.value).ok_or_else(|| {
        PlanError::type_error(format!("`{key}` is {}: a plan that looks at it wants a number", reading.value.kind()))
    })
}

/// A wait as old plans spell it, with the group by position.
pub(super) fn wait_by_position(group: &'static str) -> Msg {
    use crate::message::GenericMsg;
    let args = vec![Value::literal(group).into()];
    GenericMsg { command: Text::literal("wait"), args, ..GenericMsg::default() }.into_msg(Value::Null)
}

impl From<AdaptiveScan> for Plan {
    fn from(scan: AdaptiveScan) -> Self {
        let name = scan.name();
        let moved_relatively = scan.is_relative.then(|| vec![scan.motor.clone()]);
        let scan = plan(async move |p| scan.perform(p).await).named(name);
        match moved_relatively {
            Some(motors) => reset_positions_wrapper(relative_set_wrapper(scan, Some(motors.clone())), Some(motors)),
            None => scan,
        }
    }
}

impl std::fmt::Debug for AdaptiveScan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}({:?}, {:?}, {:?})", self.name(), self.detectors, self.target_field, self.motor)
    }
}
