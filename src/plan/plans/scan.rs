//! [`scan`] and [`rel_scan`]: along one line, all motors together.

use super::metadata::{given_hints, hinted_fields, names, reprs};
use crate::device::Device;
use crate::message::PlanError;
use crate::plan::preprocessors::{relative_set_wrapper, reset_positions_wrapper};
use crate::plan::{IntoDevices, Plan, each_moved_once, plan};
use crate::value::{Map, Text, Value, linspace};

/// What is done at each point in place of [`Stubs::one_nd_step`](crate::plan::Stubs::one_nd_step).
type PerStep = Box<dyn FnMut(Vec<Device>, Vec<(Device, Value)>) -> Plan + Send>;

/// Goes along one line; made by [`scan`] and [`rel_scan`].
pub struct Scan {
    detectors: Vec<Device>,
    axes: Vec<(Device, Value, Value)>,
    num: u64,
    is_relative: bool,
    per_step: Option<PerStep>,
    md: Map,
}

/// Goes from `start` to `stop` in `num` points, and takes readings at each: `bluesky.plans.scan`. Its result is the uid
/// of the run.
#[must_use]
pub fn scan(
    detectors: impl IntoDevices,
    motor: &Device,
    start: impl Into<Value>,
    stop: impl Into<Value>,
    num: u64,
) -> Scan {
    Scan {
        detectors: detectors.into_devices(),
        axes: vec![(motor.clone(), start.into(), stop.into())],
        num,
        is_relative: false,
        per_step: None,
        md: Map::new(),
    }
}

/// Goes from `start` to `stop` in `num` points, both counted from where the motor is when the scan first moves it, takes
/// readings at each, and moves the motors back, however the scan ends: `bluesky.plans.rel_scan`, 1.15.1. Its result is the
/// uid of the run.
///
/// It is a [`scan`] of that name within [`relative_set_wrapper`] and [`reset_positions_wrapper`]: these say how it is found
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
    Scan { is_relative: true, ..scan(detectors, motor, start, stop, num) }
}

impl Scan {
    /// Moves another motor at the same time, from its own `start` to its own `stop`.
    #[must_use]
    pub fn with(mut self, motor: &Device, start: impl Into<Value>, stop: impl Into<Value>) -> Self {
        self.axes.push((motor.clone(), start.into(), stop.into()));
        self
    }

    /// What is done at each point, from the detectors and where each motor goes, instead of moving the motors and an
    /// event with all of them.
    #[must_use]
    pub fn per_step(
        mut self,
        per_step: impl FnMut(Vec<Device>, Vec<(Device, Value)>) -> Plan + Send + 'static,
    ) -> Self {
        self.per_step = Some(Box::new(per_step));
        self
    }

    /// Metadata for the start document.
    #[must_use]
    pub fn md<K: Into<Text>, V: Into<Value>>(mut self, md: impl IntoIterator<Item = (K, V)>) -> Self {
        self.md.extend(md);
        self
    }

    const fn name(&self) -> Text {
        Text::literal(if self.is_relative { "rel_scan" } else { "scan" })
    }

    fn motors(&self) -> Vec<Device> {
        self.axes.iter().map(|(motor, _, _)| motor.clone()).collect()
    }

    fn metadata(&self) -> Map {
        let motors = self.motors();
        let args: Value = self
            .axes
            .iter()
            .flat_map(|(motor, start, stop)| [motor.repr().into(), start.clone(), stop.clone()])
            .collect();
        let per_step = if self.per_step.is_some() { "<per_step>" } else { "None" };
        let mut md = Map::from_iter([
            ("detectors", names(&self.detectors)),
            ("motors", names(&motors)),
            ("num_points", self.num.into()),
            ("num_intervals", (i128::from(self.num) - 1).into()),
            (
                "plan_args",
                Map::from_iter([
                    ("detectors", reprs(&self.detectors)),
                    ("num", self.num.into()),
                    ("args", args.clone()),
                    ("per_step", per_step.into()),
                ])
                .into(),
            ),
            ("plan_name", self.name().into()),
            ("hints", Map::new().into()),
            ("plan_pattern", "inner_product".into()),
            ("plan_pattern_module", "bluesky.plan_patterns".into()),
            ("plan_pattern_args", Map::from_iter([("num", self.num.into()), ("args", args)]).into()),
        ]);
        md.extend(self.md.clone());
        md.insert("hints", self.hints(&motors));
        md
    }

    /// All motors lie along the same dimension; where the user said otherwise, that holds.
    fn hints(&self, motors: &[Device]) -> Map {
        let dimension = |fields: Vec<Text>| Value::from([Value::from(fields), "primary".into()]);
        let fields: Vec<Text> = motors.iter().flat_map(hinted_fields).collect();
        let mut hints = Map::new();
        if !fields.is_empty() {
            hints.insert("dimensions", [dimension(fields)]);
        }
        hints.extend(given_hints(&self.md));
        let each = motors.iter().map(|motor| motor.object().as_has_hints()?.hints().fields.map(dimension));
        if let Some(dimensions) = each.collect::<Option<Vec<_>>>() {
            hints.insert_default("dimensions", dimensions);
        }
        hints
    }

    /// Where each motor goes, point by point.
    fn steps(&self) -> Result<impl Iterator<Item = Vec<(Device, Value)>> + Send + use<>, PlanError> {
        let number = |value: &Value| {
            value.as_f64().ok_or_else(|| {
                PlanError::type_error(format!("scan: a start or stop is a number, found {}: {value}", value.kind()))
            })
        };
        each_moved_once(self.axes.iter().map(|(motor, _, _)| motor))?;
        let mut axes = Vec::with_capacity(self.axes.len());
        for (motor, start, stop) in &self.axes {
            axes.push((motor.clone(), linspace(number(start)?, number(stop)?, self.num)));
        }
        // Points are made one at a time: there may be more of them than there is memory for.
        Ok((0..self.num).map(move |_| {
            let step = axes.iter_mut().filter_map(|(motor, positions)| Some((motor.clone(), positions.next()?.into())));
            step.collect()
        }))
    }
}

impl From<Scan> for Plan {
    fn from(mut scan: Scan) -> Self {
        let (name, motors) = (scan.name(), scan.motors());
        let moved_relatively = scan.is_relative.then(|| motors.clone());
        let md = scan.metadata();
        let scan = plan(async move |p| {
            let steps = scan.steps()?;
            let staged: Vec<Device> = scan.detectors.iter().cloned().chain(motors).collect();
            let points = async {
                let mut positions = Vec::new();
                for step in steps {
                    match &mut scan.per_step {
                        Some(per_step) => drop(p.run(per_step(scan.detectors.clone(), step)).await?),
                        None => p.one_nd_step(&scan.detectors, &step, &mut positions).await?,
                    }
                }
                Ok(())
            };
            p.staged(&staged, p.in_run(md, points)).await
        })
        .named(name);
        match moved_relatively {
            Some(motors) => reset_positions_wrapper(relative_set_wrapper(scan, Some(motors.clone())), Some(motors)),
            None => scan,
        }
    }
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}({:?}, {:?}, num={})", self.name(), self.detectors, self.axes, self.num)
    }
}
