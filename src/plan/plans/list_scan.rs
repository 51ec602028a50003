//! [`list_scan`] and [`scan_nd`]: along given points.

use super::metadata::names;
use super::scan::along_one_dimension;
use super::step_scan::{About, Pattern, StepScan};
use crate::device::Device;
use crate::message::PlanError;
use crate::plan::IntoDevices;
use crate::plan::patterns::{Cycler, inner_list_product};
use crate::value::{Map, Text, Value, repr};

/// Goes along lists of points, all motors together; made by [`list_scan`] and [`rel_list_scan`].
pub type ListScan = StepScan<Lists>;

/// Goes along the steps of a cycler; made by [`scan_nd`].
pub type ScanNd = StepScan<Cycler>;

/// Motors, each with a list of points.
#[derive(Clone, Debug)]
pub struct Lists(pub(super) Vec<(Device, Vec<Value>)>);

impl Lists {
    pub(super) fn of<V: Into<Value>>(motor: &Device, points: impl IntoIterator<Item = V>) -> Self {
        let mut lists = Self(Vec::new());
        lists.add(motor, points);
        lists
    }

    pub(super) fn add<V: Into<Value>>(&mut self, motor: &Device, points: impl IntoIterator<Item = V>) {
        self.0.push((motor.clone(), points.into_iter().map(Into::into).collect()));
    }

    pub(super) fn motors(&self) -> Vec<Device> {
        self.0.iter().map(|(motor, _)| motor.clone()).collect()
    }

    /// The motors with their points, as lists that cost nothing to clone.
    pub(super) fn each(&self) -> impl Iterator<Item = (&Device, Vec<Value>)> {
        self.0.iter().map(|(motor, points)| (motor, points.clone()))
    }

    /// The arguments as they were given.
    pub(super) fn args(&self) -> Value {
        self.0.iter().flat_map(|(motor, points)| [Value::from(motor.repr()), points.as_slice().into()]).collect()
    }
}

/// Goes along a list of points, and takes readings at each: `bluesky.plans.list_scan`, 1.15.1. Its result is the uid of the
/// run.
///
/// It fails, in the plan and before anything is staged, with a `ValueError` for lists of different lengths and for a motor
/// that is there twice.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let (x, y) = (lab.device("motor1"), lab.device("motor2"));
/// let run = lab.run(plans::list_scan(&lab.device("det"), &x, [1.0, 2.0, 5.0]).with(&y, [0, 0, 3]));
/// let moves: Vec<_> = run.messages().iter().filter(|msg| msg.command() == "set").collect();
/// assert_eq!((run.events().count(), moves.len()), (3, 5), "motor2 is at 0 already");
/// ```
#[must_use]
pub fn list_scan<V: Into<Value>>(
    detectors: impl IntoDevices,
    motor: &Device,
    points: impl IntoIterator<Item = V>,
) -> ListScan {
    StepScan::new("list_scan", detectors.into_devices(), Lists::of(motor, points))
}

/// A [`list_scan`] from where the motors are, that moves them back however the scan ends: `bluesky.plans.rel_list_scan`,
/// 1.15.1. Its result is the uid of the run.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let axis = lab.add(SynAxis::new("axis").value(10));
/// let run = lab.run(plans::rel_list_scan(&lab.device("det"), &axis, [-1, 4]));
/// let positions: Vec<_> = run.events().filter_map(|event| event.get("axis")).collect();
/// assert_eq!((positions, axis.position()), (vec![&9.0.into(), &14.0.into()], Some(10.0.into())));
/// ```
#[must_use]
pub fn rel_list_scan<V: Into<Value>>(
    detectors: impl IntoDevices,
    motor: &Device,
    points: impl IntoIterator<Item = V>,
) -> ListScan {
    list_scan(detectors, motor, points).relative("rel_list_scan")
}

/// Goes along the steps of a [cycler](crate::plan::patterns), and takes readings at each: `bluesky.plans.scan_nd`, 1.15.1.
/// Its result is the uid of the run.
///
/// ```
/// use skyspan::plan::patterns::cycler;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let (x, y) = (lab.device("motor1"), lab.device("motor2"));
/// let mesh = cycler(&x, [1, 2]).times(cycler(&y, [5, 6, 7]))?;
/// let run = lab.run(plans::scan_nd(&lab.device("det"), mesh));
/// assert_eq!(run.events().count(), 6);
/// # Ok::<(), PlanError>(())
/// ```
#[must_use]
pub fn scan_nd(detectors: impl IntoDevices, cycler: Cycler) -> ScanNd {
    StepScan::new("scan_nd", detectors.into_devices(), cycler)
}

impl ListScan {
    /// Moves another motor at the same time, along its own list of as many points.
    #[must_use]
    pub fn with<V: Into<Value>>(mut self, motor: &Device, points: impl IntoIterator<Item = V>) -> Self {
        self.pattern.add(motor, points);
        self
    }
}

impl Pattern for Lists {
    fn cycler(&self) -> Result<Cycler, PlanError> {
        let mut lengths = Map::new();
        for (motor, points) in &self.0 {
            lengths.insert(motor.name(), points.len());
        }
        let first = lengths.iter().next().map(|(_, length)| length.clone());
        if lengths.iter().any(|(_, length)| Some(length) != first.as_ref()) {
            return Err(PlanError::value(format!(
                "The lengths of all lists in *args must be the same. However the lengths in args are : {}",
                repr(&lengths.into())
            )));
        }
        inner_list_product(self.each())
    }

    fn motors(&self) -> Vec<Device> {
        Self::motors(self)
    }

    fn metadata(&self, plan: &About) -> Result<Map, PlanError> {
        let args = self.args();
        let plan_args = Map::from_iter([
            ("detectors", plan.detectors.clone()),
            ("args", args.clone()),
            ("per_step", plan.per_step.clone()),
        ]);
        let num_points = self.0.first().map_or(0, |(_, points)| points.len());
        Ok(Map::from_iter([
            // As in bluesky, there are no intervals where there are no points.
            ("num_intervals", Value::from(num_points.saturating_sub(1))),
            ("motors", names(&self.motors())),
            ("plan_args", plan_args.into()),
            ("plan_pattern", "inner_list_product".into()),
            ("plan_pattern_module", "bluesky.plan_patterns".into()),
            ("plan_pattern_args", Map::from_iter([("args", args)]).into()),
        ]))
    }

    fn hints(&self, of_user: Option<Map>) -> Map {
        along_one_dimension(&self.motors(), of_user)
    }
}

impl Pattern for Cycler {
    fn cycler(&self) -> Result<Cycler, PlanError> {
        Ok(self.clone())
    }

    fn motors(&self) -> Vec<Device> {
        Self::motors(self).to_vec()
    }

    fn metadata(&self, plan: &About) -> Result<Map, PlanError> {
        let plan_args = Map::from_iter([
            ("detectors", plan.detectors.clone()),
            ("cycler", Text::from(self.repr()).into()),
            ("per_step", plan.per_step.clone()),
        ]);
        Ok(Map::from_iter([("plan_args", plan_args)]))
    }
}
