//! [`scan`], [`log_scan`] and the like: along one line.

use super::metadata::{dimension, hinted_fields, names};
use super::step_scan::{About, Pattern, StepScan};
use crate::device::Device;
use crate::hardware::LinSpace;
use crate::message::PlanError;
use crate::plan::IntoDevices;
use crate::plan::patterns::{Cycler, Points, inner_product, number};
use crate::value::{Map, Text, Value};

/// Goes along one line, all motors together; made by [`scan`] and the like.
pub type Scan = StepScan<Line>;

/// Goes along one line in powers of ten; made by [`log_scan`] and [`rel_log_scan`].
pub type LogScan = StepScan<PowersOfTen>;

/// Motors, each with a start and a stop.
#[derive(Clone, Debug)]
pub struct Line {
    axes: Vec<(Device, Value, Value)>,
    num: u64,
    /// What `x2x_scan` calls its arguments.
    plan_args: Option<Map>,
}

/// A motor with a start and a stop, of which the powers of ten are meant.
#[derive(Clone, Debug)]
pub struct PowersOfTen {
    motor: Device,
    start: Value,
    stop: Value,
    num: u64,
}

/// Goes from `start` to `stop` in `num` points, and takes readings at each: `bluesky.plans.scan`, 1.15.1. Its result is the
/// uid of the run.
///
/// It fails, in the plan and before anything is staged, with a `TypeError` for a start or a stop that is no number, a
/// `ValueError` for a motor that is there twice.
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::value::Value;
///
/// let lab = Harness::new();
/// let (x, y) = (lab.device("motor1"), lab.device("motor2"));
/// let run = lab.run(plans::scan(&lab.device("det"), &x, 0, 1, 5).with(&y, 10, 20));
/// let positions: Vec<_> = run.events().filter_map(|event| event.get("motor2")).collect();
/// assert_eq!(positions, [10.0, 12.5, 15.0, 17.5, 20.0].map(Value::from).iter().collect::<Vec<_>>());
/// ```
#[must_use]
pub fn scan(
    detectors: impl IntoDevices,
    motor: &Device,
    start: impl Into<Value>,
    stop: impl Into<Value>,
    num: u64,
) -> Scan {
    let axes = vec![(motor.clone(), start.into(), stop.into())];
    StepScan::new("scan", detectors.into_devices(), Line { axes, num, plan_args: None })
}

/// Goes from `start` to `stop` in `num` points, both counted from where the motor is when the scan first moves it, takes
/// readings at each, and moves the motors back, however the scan ends: `bluesky.plans.rel_scan`, 1.15.1. Its result is the
/// uid of the run.
///
/// It is a [`scan`] of that name within
/// [`relative_set_wrapper`](crate::plan::preprocessors::relative_set_wrapper) and
/// [`reset_positions_wrapper`](crate::plan::preprocessors::reset_positions_wrapper): these say how it is found
/// out where a motor is. It fails, in the plan, with a `TypeError` for a motor whose value nothing can be added to.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let axis = lab.add(SynAxis::new("axis").value(10));
/// let run = lab.run(plans::rel_scan(&lab.device("det"), &axis, -1, 1, 3));
/// let set = run.messages().iter().filter(|msg| msg.command() == "set");
/// let positions: Vec<_> = set.map(|msg| msg.args_value().to_string()).collect();
/// assert_eq!(positions, ["[9.0]", "[10.0]", "[11.0]", "[10]"], "and back");
/// ```
#[must_use]
pub fn rel_scan(
    detectors: impl IntoDevices,
    motor: &Device,
    start: impl Into<Value>,
    stop: impl Into<Value>,
    num: u64,
) -> Scan {
    scan(detectors, motor, start, stop, num).relative("rel_scan")
}

/// A [`scan`] under its old name, with the number of points first: `bluesky.plans.inner_product_scan`, 1.15.1. As there
/// it has no result; there it takes no notice of `per_step`, either.
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::value::Value;
///
/// let lab = Harness::new();
/// let run = lab.run(plans::inner_product_scan(&lab.device("det"), 3, &lab.device("motor"), 0, 1));
/// assert_eq!((run.events().count(), run.plan_result()), (3, Some(&Value::Null)));
/// ```
#[must_use]
pub fn inner_product_scan(
    detectors: impl IntoDevices,
    num: u64,
    motor: &Device,
    start: impl Into<Value>,
    stop: impl Into<Value>,
) -> Scan {
    scan(detectors, motor, start, stop, num).without_result("inner_product_scan")
}

/// A [`rel_scan`] under its old name, with the number of points first: `bluesky.plans.relative_inner_product_scan`, 1.15.1.
/// As there it has no result.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let axis = lab.add(SynAxis::new("axis").value(10));
/// lab.run(plans::relative_inner_product_scan(&lab.device("det"), 3, &axis, 0, 1)).assert_success();
/// assert_eq!(axis.position(), Some(10.0.into()));
/// ```
#[must_use]
pub fn relative_inner_product_scan(
    detectors: impl IntoDevices,
    num: u64,
    motor: &Device,
    start: impl Into<Value>,
    stop: impl Into<Value>,
) -> Scan {
    rel_scan(detectors, motor, start, stop, num).without_result("relative_inner_product_scan")
}

/// Moves two motors relatively, the second half as far as the first, from `start` to `stop` in `num` points:
/// `bluesky.plans.x2x_scan`, 1.15.1. As there it has no result.
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::value::Value;
///
/// let lab = Harness::new();
/// let (theta2, theta) = (lab.device("motor1"), lab.device("motor2"));
/// let run = lab.run(plans::x2x_scan(&lab.device("det"), &theta2, &theta, 0, 4, 3));
/// let positions: Vec<_> = run.events().filter_map(|event| event.get("motor2")).collect();
/// assert_eq!(positions, [0.0, 1.0, 2.0].map(Value::from).iter().collect::<Vec<_>>());
/// ```
#[must_use]
pub fn x2x_scan(
    detectors: impl IntoDevices,
    motor1: &Device,
    motor2: &Device,
    start: impl Into<Value>,
    stop: impl Into<Value>,
    num: u64,
) -> Scan {
    let (start, stop): (Value, Value) = (start.into(), stop.into());
    let plan_args = Map::from_iter([
        ("motor1", Value::from(motor1.name())),
        ("motor2", motor2.name().into()),
        ("start", start.clone()),
        ("stop", stop.clone()),
        ("num", num.into()),
    ]);
    // What is no number is found out when the first motor's points are made.
    let half = |value: &Value| number(value).map_or_else(|| value.clone(), |number| (number / 2.0).into());
    let (half_start, half_stop) = (half(&start), half(&stop));
    let mut scan = rel_scan(detectors, motor1, start, stop, num).with(motor2, half_start, half_stop);
    scan.pattern.plan_args = Some(plan_args);
    scan.without_result("x2x_scan")
}

/// Goes from 10 to the power of `start` to 10 to the power of `stop` in `num` points, and takes readings at each:
/// `bluesky.plans.log_scan`, 1.15.1. Its result is the uid of the run.
///
/// The motor is set at each point, also where it is there already. In the last bit, powers of ten differ from numpy's, which
/// differ from processor to processor.
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::value::Value;
///
/// let lab = Harness::new();
/// let run = lab.run(plans::log_scan(&lab.device("det"), &lab.device("motor"), -1, 1, 3));
/// let positions: Vec<_> = run.events().filter_map(|event| event.get("motor")).collect();
/// assert_eq!(positions, [0.1, 1.0, 10.0].map(Value::from).iter().collect::<Vec<_>>());
/// ```
#[must_use]
pub fn log_scan(
    detectors: impl IntoDevices,
    motor: &Device,
    start: impl Into<Value>,
    stop: impl Into<Value>,
    num: u64,
) -> LogScan {
    let (motor, start, stop) = (motor.clone(), start.into(), stop.into());
    StepScan::new("log_scan", detectors.into_devices(), PowersOfTen { motor, start, stop, num })
}

/// A [`log_scan`] from where the motor is, that moves it back however the scan ends: `bluesky.plans.rel_log_scan`, 1.15.1.
/// Its result is the uid of the run.
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::value::Value;
///
/// let lab = Harness::new();
/// let axis = lab.add(SynAxis::new("axis").value(5));
/// let run = lab.run(plans::rel_log_scan(&lab.device("det"), &axis, 0, 2, 3));
/// let positions: Vec<_> = run.events().filter_map(|event| event.get("axis")).collect();
/// assert_eq!(positions, [6.0, 15.0, 105.0].map(Value::from).iter().collect::<Vec<_>>());
/// ```
#[must_use]
pub fn rel_log_scan(
    detectors: impl IntoDevices,
    motor: &Device,
    start: impl Into<Value>,
    stop: impl Into<Value>,
    num: u64,
) -> LogScan {
    log_scan(detectors, motor, start, stop, num).relative("rel_log_scan")
}

impl Scan {
    /// Moves another motor at the same time, from its own `start` to its own `stop`.
    #[must_use]
    pub fn with(mut self, motor: &Device, start: impl Into<Value>, stop: impl Into<Value>) -> Self {
        self.pattern.axes.push((motor.clone(), start.into(), stop.into()));
        self
    }
}

impl Pattern for Line {
    fn cycler(&self) -> Result<Cycler, PlanError> {
        let axes = self.axes.iter().map(|(motor, start, stop)| Ok((motor, limit(start)?, limit(stop)?)));
        inner_product(self.num, axes.collect::<Result<Vec<_>, PlanError>>()?)
    }

    fn motors(&self) -> Vec<Device> {
        self.axes.iter().map(|(motor, _, _)| motor.clone()).collect()
    }

    fn metadata(&self, plan: &About) -> Result<Map, PlanError> {
        let args: Value = self
            .axes
            .iter()
            .flat_map(|(motor, start, stop)| [motor.repr().into(), start.clone(), stop.clone()])
            .collect();
        let mut plan_args = Map::from_iter([("detectors", plan.detectors.clone())]);
        match &self.plan_args {
            Some(own) => plan_args.extend(own.clone()),
            None => plan_args.extend([("num", self.num.into()), ("args", args.clone())]),
        }
        plan_args.insert("per_step", plan.per_step.clone());
        Ok(Map::from_iter([
            ("plan_args", Value::from(plan_args)),
            ("plan_pattern", "inner_product".into()),
            ("plan_pattern_module", "bluesky.plan_patterns".into()),
            ("plan_pattern_args", Map::from_iter([("num", self.num.into()), ("args", args)]).into()),
            ("motors", names(&self.motors())),
        ]))
    }

    fn hints(&self, of_user: Option<Map>) -> Map {
        along_one_dimension(&self.motors(), of_user)
    }
}

/// All motors lie along the same dimension; where the user said otherwise, that holds.
pub(super) fn along_one_dimension(motors: &[Device], of_user: Option<Map>) -> Map {
    let fields: Vec<Text> = motors.iter().flat_map(hinted_fields).collect();
    let mut hints = Map::new();
    if !fields.is_empty() {
        hints.insert("dimensions", [dimension(fields)]);
    }
    hints.extend(of_user.unwrap_or_default());
    hints
}

impl Pattern for PowersOfTen {
    const SETS_ALWAYS: bool = true;

    fn cycler(&self) -> Result<Cycler, PlanError> {
        let line = LinSpace { start: limit(&self.start)?, stop: limit(&self.stop)?, num: self.num };
        Ok(Cycler::of(&self.motor, Points::PowersOfTen(line)))
    }

    fn motors(&self) -> Vec<Device> {
        vec![self.motor.clone()]
    }

    fn metadata(&self, plan: &About) -> Result<Map, PlanError> {
        let limits = [("start", self.start.clone()), ("stop", self.stop.clone())];
        let mut plan_args = Map::from_iter([("detectors", plan.detectors.clone()), ("num", self.num.into())]);
        plan_args.extend(limits.clone());
        plan_args.extend([("motor", Value::from(self.motor.repr())), ("per_step", plan.per_step.clone())]);
        let mut pattern_args = Map::from_iter(limits);
        pattern_args.insert("num", self.num);
        Ok(Map::from_iter([
            ("plan_args", Value::from(plan_args)),
            ("plan_pattern", "logspace".into()),
            ("plan_pattern_module", "numpy".into()),
            ("plan_pattern_args", pattern_args.into()),
        ]))
    }
}

/// A start or a stop.
pub(super) fn limit(value: &Value) -> Result<f64, PlanError> {
    number(value).ok_or_else(|| {
        PlanError::type_error(format!("a start or stop of a scan is a number, found {}: {value}", value.kind()))
    })
}
