//! [`StepScan`]: what all plans share that go from point to point.

use std::fmt;
use std::sync::{Arc, Mutex};

use super::metadata::{default_dimensions, names, reprs};
use crate::device::Device;
use crate::message::PlanError;
use crate::plan::patterns::Cycler;
use crate::plan::preprocessors::{relative_set_wrapper, reset_positions_wrapper};
use crate::plan::{Plan, Stubs, merged_moves, plan};
use crate::value::{IntoEntries, Map, Text, Value};
use skyspan_trace::internal::lock;

/// What is done at each point in place of [`Stubs::one_nd_step`].
type PerStep = Box<dyn FnMut(Vec<Device>, Vec<(Device, Value)>) -> Plan + Send>;

/// Moves motors from point to point, and takes readings at each; made by the functions of this room.
///
/// `P` says where the points are, and has the methods of one plan; these here are common to all.
pub struct StepScan<P> {
    pub(super) name: Text,
    pub(super) detectors: Vec<Device>,
    pub(super) pattern: P,
    is_relative: bool,
    gives_uid: bool,
    per_step: Option<PerStep>,
    md: Map,
}

/// Where the points of a [`StepScan`] are, and what it says about them.
pub trait Pattern: fmt::Debug + Send + 'static {
    /// Whether motors are set at each point, also where they are there already.
    const SETS_ALWAYS: bool = false;

    /// The points.
    ///
    /// # Errors
    ///
    /// What is wrong with them; nothing is staged then.
    fn cycler(&self) -> Result<Cycler, PlanError>;

    /// The motors, also where something is wrong with the points.
    fn motors(&self) -> Vec<Device>;

    /// What is put over the metadata of `scan_nd`, but for the name and the hints.
    ///
    /// # Errors
    ///
    /// What is wrong with the points.
    fn metadata(&self, plan: &About) -> Result<Map, PlanError>;

    /// The hints, of those that the user gave.
    fn hints(&self, of_user: Option<Map>) -> Map {
        of_user.unwrap_or_default()
    }
}

/// A plan in the words of Python.
#[derive(Debug)]
pub struct About {
    /// The `repr`s of the detectors.
    pub detectors: Value,
    /// What stands for the function that is called at each point.
    pub per_step: Value,
}

impl<P: Pattern> StepScan<P> {
    /// A plan of one's own at each point, in place of the event with all devices: the motors are moved before it as they would be.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let (det, motor) = (lab.device("det"), lab.device("motor"));
    /// let twice = { let det = det.clone(); move || {
    ///     let det = det.clone();
    ///     plan(async move |p| {
    ///         p.trigger_and_read(&det, "primary").await?;
    ///         p.trigger_and_read(&det, "primary").await.map(drop)
    ///     })
    /// }};
    /// let run = lab.run(plans::scan(&det, &motor, 0, 2, 3).per_point(twice));
    /// assert_eq!(run.events().count(), 6);
    /// ```
    #[must_use]
    pub fn per_point(self, mut make: impl FnMut() -> Plan + Send + 'static) -> Self {
        let positions: Arc<Mutex<Vec<(Device, Value)>>> = Arc::default();
        self.per_step(move |_, step| {
            let (at_point, positions) = (make(), Arc::clone(&positions));
            plan(async move |p| {
                let mut known = if P::SETS_ALWAYS { Vec::new() } else { std::mem::take(&mut *lock(&positions)) };
                p.move_per_step(&step, &mut known).await?;
                *lock(&positions) = known;
                p.run(at_point).await
            })
        })
    }
}

impl<P> StepScan<P> {
    pub(super) fn new(name: &'static str, detectors: Vec<Device>, pattern: P) -> Self {
        let (is_relative, gives_uid) = (false, true);
        let name = Text::literal(name);
        Self { name, detectors, pattern, is_relative, gives_uid, per_step: None, md: Map::new() }
    }

    /// The same under another name, from where the motors are, and back in the end.
    pub(super) fn relative(self, name: &'static str) -> Self {
        Self { name: Text::literal(name), is_relative: true, ..self }
    }

    /// The same under another name, without a result.
    pub(super) fn without_result(self, name: &'static str) -> Self {
        Self { name: Text::literal(name), gives_uid: false, ..self }
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
}

impl<P: Pattern> StepScan<P> {
    fn metadata(&self, cycler: &Cycler) -> Result<Map, PlanError> {
        let per_step = if self.per_step.is_some() { "<per_step>" } else { "None" };
        let about = About { detectors: reprs(&self.detectors), per_step: per_step.into() };
        let mut md = Map::from_iter([
            ("detectors", names(&self.detectors)),
            ("motors", names(cycler.motors())),
            ("num_points", cycler.len().into()),
            ("num_intervals", (i128::from(cycler.len()) - 1).into()),
            ("plan_args", Value::Null),
            ("plan_name", (&self.name).into()),
            ("hints", Value::Null),
        ]);
        md.extend(self.pattern.metadata(&about)?);
        md.extend(self.md.clone());
        let mut hints = self.pattern.hints(self.md.get("hints").and_then(Value::as_map).cloned());
        default_dimensions(&mut hints, cycler.motors());
        md.insert("hints", hints);
        Ok(md)
    }

    async fn perform(mut self, p: Stubs) -> Result<Value, PlanError> {
        let cycler = self.pattern.cycler()?;
        let md = self.metadata(&cycler)?;
        // What depends on one another is moved, staged and read as one.
        let motors = cycler.motors().iter().map(|motor| (motor.clone(), Value::Null)).collect();
        let motors: Vec<Device> = merged_moves(motors)?.into_iter().map(|(motor, _)| motor).collect();
        let staged: Vec<Device> = self.detectors.iter().chain(&motors).cloned().collect();
        let points = async {
            let (mut positions, mut step) = (Vec::new(), Vec::new());
            if self.per_step.is_none() {
                p.predeclare(motors.iter().chain(&self.detectors)).await?;
            }
            for at in 0..cycler.len() {
                // One list for all steps, where nobody keeps it.
                step.clear();
                cycler.put(at, &mut step);
                step = merged_moves(step)?;
                if let Some(per_step) = &mut self.per_step {
                    p.run(per_step(self.detectors.clone(), std::mem::take(&mut step))).await?;
                    continue;
                }
                if P::SETS_ALWAYS {
                    positions.clear();
                }
                p.one_nd_step(&self.detectors, &step, &mut positions).await?;
            }
            Ok(())
        };
        let uid = p.staged(&staged, p.in_run(md, points)).await?;
        Ok(if self.gives_uid { uid.into() } else { Value::Null })
    }
}

impl<P: Pattern> From<StepScan<P>> for Plan {
    fn from(scan: StepScan<P>) -> Self {
        let name = scan.name.clone();
        let moved_relatively = scan.is_relative.then(|| scan.pattern.motors());
        let scan = plan(async move |p| scan.perform(p).await).named(name);
        match moved_relatively {
            Some(motors) => reset_positions_wrapper(relative_set_wrapper(scan, Some(motors.clone())), Some(motors)),
            None => scan,
        }
    }
}

impl<P: fmt::Debug> fmt::Debug for StepScan<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({:?}, {:?})", self.name, self.detectors, self.pattern)
    }
}
