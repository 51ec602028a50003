//! [`scan`]: along one line, all motors together.

use super::metadata::{given_hints, hinted_fields, names, reprs};
use crate::device::Device;
use crate::message::PlanError;
use crate::plan::{IntoDevices, Plan, each_moved_once, plan};
use crate::value::{Map, Text, Value, linspace};

/// What is done at each point in place of [`Stubs::one_nd_step`](crate::plan::Stubs::one_nd_step).
type PerStep = Box<dyn FnMut(Vec<Device>, Vec<(Device, Value)>) -> Plan + Send>;

/// Goes along one line; made by [`scan`].
pub struct Scan {
    detectors: Vec<Device>,
    axes: Vec<(Device, Value, Value)>,
    num: u64,
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
        per_step: None,
        md: Map::new(),
    }
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
            ("plan_name", "scan".into()),
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
        let md = scan.metadata();
        plan(async move |p| {
            let steps = scan.steps()?;
            let staged: Vec<Device> = scan.detectors.iter().cloned().chain(scan.motors()).collect();
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
        .named(Text::literal("scan"))
    }
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "scan({:?}, {:?}, num={})", self.detectors, self.axes, self.num)
    }
}
