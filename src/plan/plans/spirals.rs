//! [`spiral`], [`spiral_fermat`] and [`spiral_square`].

use super::metadata::{default_dimensions, dimensions_of_each};
use super::scan::limit;
use super::step_scan::{About, Pattern, StepScan};
use crate::device::Device;
use crate::message::PlanError;
use crate::plan::IntoDevices;
use crate::plan::patterns::{self as patterns, Cycler, number};
use crate::plan::plus;
use crate::value::{Map, Text, Value};

/// Goes along a spiral; made by [`spiral`], [`spiral_fermat`] and their relative forms.
pub type SpiralScan = StepScan<Spiral>;

/// Goes along a square spiral; made by [`spiral_square`] and [`rel_spiral_square`].
pub type SpiralSquare = StepScan<SquareSpiral>;

/// Two motors, and a round spiral.
#[derive(Clone, Debug)]
pub struct Spiral {
    motors: [Device; 2],
    start: [Value; 2],
    range: [Value; 2],
    dr: Value,
    /// The last argument by its keyword, `nth` or `factor`.
    last: (SpiralKind, Value),
    dr_y: Value,
    tilt: Value,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum SpiralKind {
    Archimedean,
    Fermat,
}

/// Two motors, and a square spiral.
#[derive(Clone, Debug)]
pub struct SquareSpiral {
    motors: [Device; 2],
    center: [Value; 2],
    range: [Value; 2],
    nums: [u64; 2],
}

/// Goes along a spiral around `start`, in a field as wide as `range`, in rings that are `dr` apart and of which the nth has
/// `n * nth` points: `bluesky.plans.spiral`, 1.15.1. Pairs are of x and y. Its result is the uid of the run.
///
/// It fails, in the plan and before anything is staged, as [`patterns::spiral`] does, and with a `TypeError` for what is no
/// number.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let (x, y) = (lab.device("motor1"), lab.device("motor2"));
/// let run = lab.run(plans::spiral(&lab.device("det"), (&x, &y), (0, 0), (1, 1), 0.25, 4).tilt(0.1));
/// run.assert_success();
/// assert_eq!(run.events().count(), 12);
/// ```
#[must_use]
pub fn spiral(
    detectors: impl IntoDevices,
    motors: (&Device, &Device),
    start: (impl Into<Value>, impl Into<Value>),
    range: (impl Into<Value>, impl Into<Value>),
    dr: impl Into<Value>,
    nth: impl Into<Value>,
) -> SpiralScan {
    let spiral = Spiral {
        motors: [motors.0.clone(), motors.1.clone()],
        start: [start.0.into(), start.1.into()],
        range: [range.0.into(), range.1.into()],
        dr: dr.into(),
        last: (SpiralKind::Archimedean, nth.into()),
        dr_y: Value::Null,
        tilt: 0.0.into(),
    };
    StepScan::new("spiral", detectors.into_devices(), spiral)
}

/// A [`spiral`] around where the motors are, that moves them back however the scan ends: `bluesky.plans.rel_spiral`,
/// 1.15.1. Its result is the uid of the run.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let (x, y) = (lab.add(SynAxis::new("x").value(10)), lab.device("motor2"));
/// lab.run(plans::rel_spiral(&lab.device("det"), (&x, &y), (1, 1), 0.25, 4)).assert_success();
/// assert_eq!(x.position(), Some(10.0.into()));
/// ```
#[must_use]
pub fn rel_spiral(
    detectors: impl IntoDevices,
    motors: (&Device, &Device),
    range: (impl Into<Value>, impl Into<Value>),
    dr: impl Into<Value>,
    nth: impl Into<Value>,
) -> SpiralScan {
    spiral(detectors, motors, (0, 0), range, dr, nth).relative("rel_spiral")
}

/// Goes along a Fermat spiral around `start`, in a field as wide as `range`, the nth point of which is `dr / factor` times
/// the root of n away: `bluesky.plans.spiral_fermat`, 1.15.1. Pairs are of x and y. Its result is the uid of the run.
///
/// It fails, in the plan and before anything is staged, as [`patterns::spiral_fermat`] does, and with a `TypeError` for what
/// is no number.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let (x, y) = (lab.device("motor1"), lab.device("motor2"));
/// let run = lab.run(plans::spiral_fermat(&lab.device("det"), (&x, &y), (0, 0), (2, 2), 0.5, 1.5).dr_y(0.6));
/// run.assert_success();
/// assert_eq!(run.events().count(), 8);
/// ```
#[must_use]
pub fn spiral_fermat(
    detectors: impl IntoDevices,
    motors: (&Device, &Device),
    start: (impl Into<Value>, impl Into<Value>),
    range: (impl Into<Value>, impl Into<Value>),
    dr: impl Into<Value>,
    factor: impl Into<Value>,
) -> SpiralScan {
    let mut scan = spiral(detectors, motors, start, range, dr, factor);
    scan.name = Text::literal("spiral_fermat");
    scan.pattern.last.0 = SpiralKind::Fermat;
    scan
}

/// A [`spiral_fermat`] around where the motors are, that moves them back however the scan ends:
/// `bluesky.plans.rel_spiral_fermat`, 1.15.1. Its result is the uid of the run.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let (x, y) = (lab.add(SynAxis::new("x").value(10)), lab.device("motor2"));
/// lab.run(plans::rel_spiral_fermat(&lab.device("det"), (&x, &y), (2, 2), 0.5, 1)).assert_success();
/// assert_eq!(x.position(), Some(10.0.into()));
/// ```
#[must_use]
pub fn rel_spiral_fermat(
    detectors: impl IntoDevices,
    motors: (&Device, &Device),
    range: (impl Into<Value>, impl Into<Value>),
    dr: impl Into<Value>,
    factor: impl Into<Value>,
) -> SpiralScan {
    spiral_fermat(detectors, motors, (0, 0), range, dr, factor).relative("rel_spiral_fermat")
}

/// Goes over a grid in a square spiral from its middle outwards, around `center`, as wide as `range`, with `nums` points
/// along its axes: `bluesky.plans.spiral_square`, 1.15.1. Pairs are of x and y. Its result is the uid of the run.
///
/// It fails, in the plan and before anything is staged, as [`patterns::spiral_square_pattern`] does, and with a `TypeError`
/// for what is no number.
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::value::Value;
///
/// let lab = Harness::new();
/// let (x, y) = (lab.device("motor1"), lab.device("motor2"));
/// let run = lab.run(plans::spiral_square(&lab.device("det"), (&x, &y), (0, 0), (2, 2), (3, 3)));
/// let of_x: Vec<_> = run.events().filter_map(|event| event.get("motor1")).take(4).collect();
/// assert_eq!(of_x, [0.0, 1.0, 1.0, 0.0].map(Value::from).iter().collect::<Vec<_>>());
/// ```
#[must_use]
pub fn spiral_square(
    detectors: impl IntoDevices,
    motors: (&Device, &Device),
    center: (impl Into<Value>, impl Into<Value>),
    range: (impl Into<Value>, impl Into<Value>),
    nums: (u64, u64),
) -> SpiralSquare {
    let square = SquareSpiral {
        motors: [motors.0.clone(), motors.1.clone()],
        center: [center.0.into(), center.1.into()],
        range: [range.0.into(), range.1.into()],
        nums: [nums.0, nums.1],
    };
    StepScan::new("spiral_square", detectors.into_devices(), square)
}

/// A [`spiral_square`] around where the motors are, that moves them back however the scan ends:
/// `bluesky.plans.rel_spiral_square`, 1.15.1. Its result is the uid of the run.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let (x, y) = (lab.add(SynAxis::new("x").value(10)), lab.device("motor2"));
/// lab.run(plans::rel_spiral_square(&lab.device("det"), (&x, &y), (2, 2), (3, 3))).assert_success();
/// assert_eq!(x.position(), Some(10.0.into()));
/// ```
#[must_use]
pub fn rel_spiral_square(
    detectors: impl IntoDevices,
    motors: (&Device, &Device),
    range: (impl Into<Value>, impl Into<Value>),
    nums: (u64, u64),
) -> SpiralSquare {
    spiral_square(detectors, motors, (0, 0), range, nums).relative("rel_spiral_square")
}

impl SpiralScan {
    /// How far the rings are apart along y, where that is not as far as along x.
    #[must_use]
    pub fn dr_y(mut self, dr_y: impl Into<Value>) -> Self {
        self.pattern.dr_y = dr_y.into();
        self
    }

    /// By how much the field is tilted, in radians.
    #[must_use]
    pub fn tilt(mut self, tilt: impl Into<Value>) -> Self {
        self.pattern.tilt = tilt.into();
        self
    }
}

impl Pattern for Spiral {
    fn cycler(&self) -> Result<Cycler, PlanError> {
        let pair = |values: &[Value; 2]| Ok::<_, PlanError>((limit(&values[0])?, limit(&values[1])?));
        let (kind, last) = &self.last;
        let make = match kind {
            SpiralKind::Archimedean => patterns::spiral,
            SpiralKind::Fermat => patterns::spiral_fermat,
        };
        let dr_y = (!self.dr_y.is_null()).then(|| limit(&self.dr_y)).transpose()?;
        let motors = (&self.motors[0], &self.motors[1]);
        make(motors, pair(&self.start)?, pair(&self.range)?, limit(&self.dr)?, limit(last)?, dr_y, limit(&self.tilt)?)
    }

    fn motors(&self) -> Vec<Device> {
        self.motors.to_vec()
    }

    fn metadata(&self, plan: &About) -> Result<Map, PlanError> {
        let [x_start, y_start] = &self.start;
        let [x_range, y_range] = &self.range;
        let (kind, last) = &self.last;
        let (name, last) = match kind {
            SpiralKind::Archimedean => ("spiral", ("nth", last.clone())),
            SpiralKind::Fermat => ("spiral_fermat", ("factor", last.clone())),
        };
        let shared = [
            ("x_motor", Value::from(self.motors[0].repr())),
            ("y_motor", self.motors[1].repr().into()),
            ("x_start", x_start.clone()),
            ("y_start", y_start.clone()),
            ("x_range", x_range.clone()),
            ("y_range", y_range.clone()),
            ("dr", self.dr.clone()),
            last,
            ("dr_y", self.dr_y.clone()),
            ("tilt", self.tilt.clone()),
        ];
        let mut plan_args = Map::from_iter([("detectors", plan.detectors.clone())]);
        plan_args.extend(shared.clone());
        plan_args.insert("per_step", plan.per_step.clone());
        let around = |start: &Value, range: &Value| -> Result<Value, PlanError> {
            let sum = |by: &Value| plus(start, by).map_err(PlanError::type_error);
            Ok([sum(&negative(range))?, sum(range)?].into())
        };
        Ok(Map::from_iter([
            ("plan_args", Value::from(plan_args)),
            ("extents", [around(x_start, x_range)?, around(y_start, y_range)?].into()),
            ("plan_pattern", name.into()),
            ("plan_pattern_args", Map::from_iter(shared).into()),
            ("plan_pattern_module", "bluesky.plan_patterns".into()),
        ]))
    }

    fn hints(&self, of_user: Option<Map>) -> Map {
        of_user.unwrap_or_else(|| {
            dimensions_of_each(&self.motors)
                .map(|dimensions| Map::from_iter([("dimensions", dimensions)]))
                .unwrap_or_default()
        })
    }
}

/// A number with the other sign.
fn negative(value: &Value) -> Value {
    match value {
        Value::Int(number) => (-i128::from(*number)).into(),
        other => number(other).map_or_else(|| other.clone(), |number| (-number).into()),
    }
}

impl Pattern for SquareSpiral {
    fn cycler(&self) -> Result<Cycler, PlanError> {
        let pair = |values: &[Value; 2]| Ok::<_, PlanError>((limit(&values[0])?, limit(&values[1])?));
        let ([x, y], [x_num, y_num]) = (&self.motors, self.nums);
        patterns::spiral_square_pattern((x, y), pair(&self.center)?, pair(&self.range)?, (x_num, y_num))
    }

    fn motors(&self) -> Vec<Device> {
        self.motors.to_vec()
    }

    fn metadata(&self, plan: &About) -> Result<Map, PlanError> {
        let ([x, y], [x_center, y_center]) = (&self.motors, &self.center);
        let ([x_range, y_range], [x_num, y_num]) = (&self.range, self.nums);
        let plan_args = Map::from_iter([
            ("detectors", plan.detectors.clone()),
            ("x_motor", x.repr().into()),
            ("y_motor", y.repr().into()),
            ("x_center", x_center.clone()),
            ("y_center", y_center.clone()),
            ("x_range", x_range.clone()),
            ("y_range", y_range.clone()),
            ("x_num", x_num.into()),
            ("y_num", y_num.into()),
            ("per_step", plan.per_step.clone()),
        ]);
        let around = |center: &Value, range: &Value| -> Result<Value, PlanError> {
            let (center, half) = (limit(center)?, limit(range)? / 2.0);
            Ok([center - half, center + half].into())
        };
        Ok(Map::from_iter([
            ("plan_args", Value::from(plan_args)),
            ("plan_pattern", "spiral_square".into()),
            ("shape", [y_num, x_num].into()),
            ("extents", [around(y_center, y_range)?, around(x_center, x_range)?].into()),
        ]))
    }

    fn hints(&self, of_user: Option<Map>) -> Map {
        let [x, y] = self.motors.clone();
        let mut hints = of_user.unwrap_or_default();
        hints.insert_default("gridding", "rectilinear_nonsequential");
        default_dimensions(&mut hints, &[y, x]);
        hints
    }
}
