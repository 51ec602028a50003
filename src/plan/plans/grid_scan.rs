//! [`grid_scan`] and [`list_grid_scan`]: over a mesh.

use super::list_scan::Lists;
use super::metadata::{default_dimensions, names};
use super::scan::limit;
use super::step_scan::{About, Pattern, StepScan};
use crate::device::Device;
use crate::message::PlanError;
use crate::plan::IntoDevices;
use crate::plan::patterns::{Cycler, GridAxis, SnakeAxes, number, outer_list_product, outer_product};
use crate::value::{Map, Value};

/// Goes over a grid; made by [`grid_scan`] and [`rel_grid_scan`].
pub type GridScan = StepScan<Grid>;

/// Goes over a mesh of lists; made by [`list_grid_scan`] and [`rel_list_grid_scan`].
pub type ListGridScan = StepScan<ListGrid>;

/// Motors, each with a start, a stop and a number of points.
#[derive(Clone, Debug)]
pub struct Grid {
    axes: Vec<(Device, Value, Value, u64)>,
    snake_axes: SnakeAxes,
}

/// Motors, each with a list of points.
#[derive(Clone, Debug)]
pub struct ListGrid {
    lists: Lists,
    snake_axes: SnakeAxes,
}

/// Goes over a grid, and takes readings at each of its points: `bluesky.plans.grid_scan`, 1.15.1. The first motor is the
/// slowest; [`with`](GridScan::with) adds faster ones. Its result is the uid of the run.
///
/// A motor that is where it is to go already is not set again. Points are computed one by one: a grid takes no memory.
///
/// It fails, in the plan and before anything is staged, with a `ValueError` for a motor that is there twice, and for axes
/// to snake that are no faster axes of the grid, or are there twice.
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::value::Value;
///
/// let lab = Harness::new();
/// let (slow, fast) = (lab.device("motor1"), lab.device("motor2"));
/// let run = lab.run(plans::grid_scan(&lab.device("det"), &slow, 0, 1, 2).with(&fast, 5, 7, 3).snake_axes(true));
/// let of_fast: Vec<_> = run.events().filter_map(|event| event.get("motor2")).collect();
/// assert_eq!(of_fast, [5.0, 6.0, 7.0, 7.0, 6.0, 5.0].map(Value::from).iter().collect::<Vec<_>>());
/// ```
#[must_use]
pub fn grid_scan(
    detectors: impl IntoDevices,
    motor: &Device,
    start: impl Into<Value>,
    stop: impl Into<Value>,
    num: u64,
) -> GridScan {
    let grid = Grid { axes: vec![(motor.clone(), start.into(), stop.into(), num)], snake_axes: SnakeAxes::None };
    StepScan::new("grid_scan", detectors.into_devices(), grid)
}

/// A [`grid_scan`] from where the motors are, that moves them back however the scan ends: `bluesky.plans.rel_grid_scan`,
/// 1.15.1. Its result is the uid of the run.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let (slow, fast) = (lab.add(SynAxis::new("slow").value(10)), lab.add(SynAxis::new("fast").value(20)));
/// lab.run(plans::rel_grid_scan(&lab.device("det"), &slow, -1, 1, 3).with(&fast, -1, 1, 3)).assert_success();
/// assert_eq!((slow.position(), fast.position()), (Some(10.0.into()), Some(20.0.into())));
/// ```
#[must_use]
pub fn rel_grid_scan(
    detectors: impl IntoDevices,
    motor: &Device,
    start: impl Into<Value>,
    stop: impl Into<Value>,
    num: u64,
) -> GridScan {
    grid_scan(detectors, motor, start, stop, num).relative("rel_grid_scan")
}

/// Goes over a mesh of lists of points, and takes readings at each: `bluesky.plans.list_grid_scan`, 1.15.1. The first motor
/// is the slowest; [`with`](ListGridScan::with) adds faster ones. Its result is the uid of the run.
///
/// It fails, in the plan and before anything is staged, with a `ValueError` for a motor that is there twice, a `TypeError`
/// for points that have no order.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let (slow, fast) = (lab.device("motor1"), lab.device("motor2"));
/// let run = lab.run(plans::list_grid_scan(&lab.device("det"), &slow, [1, 2]).with(&fast, [0.1, 0.2, 0.5]));
/// assert_eq!(run.events().count(), 6);
/// ```
#[must_use]
pub fn list_grid_scan<V: Into<Value>>(
    detectors: impl IntoDevices,
    motor: &Device,
    points: impl IntoIterator<Item = V>,
) -> ListGridScan {
    let grid = ListGrid { lists: Lists::of(motor, points), snake_axes: SnakeAxes::None };
    StepScan::new("list_grid_scan", detectors.into_devices(), grid)
}

/// A [`list_grid_scan`] from where the motors are, that moves them back however the scan ends:
/// `bluesky.plans.rel_list_grid_scan`, 1.15.1. Its result is the uid of the run.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let (slow, fast) = (lab.add(SynAxis::new("slow").value(10)), lab.device("motor"));
/// lab.run(plans::rel_list_grid_scan(&lab.device("det"), &slow, [1, 2]).with(&fast, [0, 5])).assert_success();
/// assert_eq!(slow.position(), Some(10.0.into()));
/// ```
#[must_use]
pub fn rel_list_grid_scan<V: Into<Value>>(
    detectors: impl IntoDevices,
    motor: &Device,
    points: impl IntoIterator<Item = V>,
) -> ListGridScan {
    list_grid_scan(detectors, motor, points).relative("rel_list_grid_scan")
}

impl GridScan {
    /// Adds a faster motor, which goes from `start` to `stop` in `num` points at each point of those before it.
    #[must_use]
    pub fn with(mut self, motor: &Device, start: impl Into<Value>, stop: impl Into<Value>, num: u64) -> Self {
        self.pattern.axes.push((motor.clone(), start.into(), stop.into(), num));
        self
    }

    /// Which axes snake: `true`, `false` or motors.
    #[must_use]
    pub fn snake_axes(mut self, axes: impl Into<SnakeAxes>) -> Self {
        self.pattern.snake_axes = axes.into();
        self
    }
}

impl ListGridScan {
    /// Adds a faster motor, which goes along its own points at each point of those before it.
    #[must_use]
    pub fn with<V: Into<Value>>(mut self, motor: &Device, points: impl IntoIterator<Item = V>) -> Self {
        self.pattern.lists.add(motor, points);
        self
    }

    /// Which axes snake: `true`, `false` or motors.
    #[must_use]
    pub fn snake_axes(mut self, axes: impl Into<SnakeAxes>) -> Self {
        self.pattern.snake_axes = axes.into();
        self
    }
}

impl Grid {
    fn snakes(&self, at: usize) -> bool {
        at > 0 && self.snake_axes.has(at, &self.axes[at].0)
    }

    /// Wants each motor to be there once, and the axes to snake to be faster axes.
    fn check(&self) -> Result<(), PlanError> {
        let motors = Pattern::motors(self);
        if stands_twice(&motors) {
            return Err(PlanError::value(format!(
                "Some motors are listed multiple times in the argument list 'args': '{motors:?}'"
            )));
        }
        let SnakeAxes::Of(axes) = &self.snake_axes else { return Ok(()) };
        let what = if stands_twice(axes) {
            "repeated elements"
        } else if motors.first().is_some_and(|slowest| axes.contains(slowest)) {
            "the slowest motor"
        } else if axes.iter().any(|axis| !motors.contains(axis)) {
            "motors that are not controlled during the scan"
        } else {
            return Ok(());
        };
        Err(PlanError::value(format!("The list of axes 'snake_axes' contains {what}: '{axes:?}'")))
    }
}

fn stands_twice(devices: &[Device]) -> bool {
    devices.iter().enumerate().any(|(at, device)| devices[..at].contains(device))
}

impl Pattern for Grid {
    fn cycler(&self) -> Result<Cycler, PlanError> {
        self.check()?;
        let axes = self.axes.iter().enumerate().map(|(at, (motor, start, stop, num))| {
            let (start, stop) = (limit(start)?, limit(stop)?);
            Ok(GridAxis { motor: motor.clone(), start, stop, num: *num, snake: self.snakes(at) })
        });
        outer_product(axes.collect::<Result<Vec<_>, PlanError>>()?)
    }

    fn motors(&self) -> Vec<Device> {
        self.axes.iter().map(|(motor, ..)| motor.clone()).collect()
    }

    fn metadata(&self, plan: &About) -> Result<Map, PlanError> {
        let mut args: Vec<Value> = Vec::new();
        for (at, (motor, start, stop, num)) in self.axes.iter().enumerate() {
            args.extend([motor.repr().into(), start.clone(), stop.clone(), (*num).into()]);
            if at > 0 {
                args.push(self.snakes(at).into());
            }
        }
        let args = Value::from(args);
        let plan_args = Map::from_iter([
            ("detectors", plan.detectors.clone()),
            ("args", args.clone()),
            ("per_step", plan.per_step.clone()),
        ]);
        Ok(Map::from_iter([
            ("shape", self.axes.iter().map(|(.., num)| *num).collect::<Value>()),
            ("extents", self.axes.iter().map(|(_, start, stop, _)| [start.clone(), stop.clone()]).collect()),
            ("snaking", (0..self.axes.len()).map(|at| self.snakes(at)).collect()),
            ("plan_args", plan_args.into()),
            ("plan_pattern", "outer_product".into()),
            ("plan_pattern_args", Map::from_iter([("args", args)]).into()),
            ("plan_pattern_module", "bluesky.plan_patterns".into()),
            ("motors", names(&Pattern::motors(self))),
        ]))
    }

    fn hints(&self, of_user: Option<Map>) -> Map {
        let mut hints = of_user.unwrap_or_default();
        hints.insert_default("gridding", "rectilinear");
        default_dimensions(&mut hints, &Pattern::motors(self));
        hints
    }
}

impl Pattern for ListGrid {
    fn cycler(&self) -> Result<Cycler, PlanError> {
        outer_list_product(self.lists.each(), self.snake_axes.clone())
    }

    fn motors(&self) -> Vec<Device> {
        self.lists.motors()
    }

    fn metadata(&self, plan: &About) -> Result<Map, PlanError> {
        let args = self.lists.args();
        let snake_axes = Value::from(self.snake_axes.repr());
        let extents = self.lists.0.iter().map(|(_, points)| extent(points)).collect::<Result<Vec<_>, _>>()?;
        let plan_args = Map::from_iter([
            ("detectors", plan.detectors.clone()),
            ("args", args.clone()),
            ("per_step", plan.per_step.clone()),
        ]);
        Ok(Map::from_iter([
            ("shape", self.lists.0.iter().map(|(_, points)| points.len()).collect::<Value>()),
            ("extents", extents.into()),
            ("snake_axes", snake_axes.clone()),
            ("plan_args", plan_args.into()),
            ("plan_pattern", "outer_list_product".into()),
            ("plan_pattern_args", Map::from_iter([("args", args), ("snake_axes", snake_axes)]).into()),
            ("plan_pattern_module", "bluesky.plan_patterns".into()),
            ("motors", names(&self.lists.motors())),
        ]))
    }
}

/// The least and the greatest of points, the first of those that are equal.
fn extent(points: &[Value]) -> Result<[Value; 2], PlanError> {
    let [first, others @ ..] = points else {
        return Err(PlanError::value("min() iterable argument is empty"));
    };
    let (mut least, mut greatest) = (first, first);
    for point in others {
        if is_less(point, least)? {
            least = point;
        }
        if is_less(greatest, point)? {
            greatest = point;
        }
    }
    Ok([least.clone(), greatest.clone()])
}

fn is_less(left: &Value, right: &Value) -> Result<bool, PlanError> {
    match (left, right) {
        (Value::Str(left), Value::Str(right)) => Ok(left < right),
        _ => number(left).zip(number(right)).map(|(left, right)| left < right).ok_or_else(|| {
            PlanError::type_error(format!(
                "points of a mesh have an order, {} and {} have none",
                left.kind(),
                right.kind()
            ))
        }),
    }
}
