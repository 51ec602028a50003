//! Lines and meshes.

use super::cycler::{Cycler, cycler, reduce, snake_cyclers};
use super::points::Points;
use super::snake_axes::SnakeAxes;
use crate::device::Device;
use crate::hardware::LinSpace;
use crate::message::PlanError;
use crate::value::Value;

/// An axis of a grid: a motor, and where it goes in even steps.
#[derive(Clone, Debug, PartialEq)]
pub struct GridAxis {
    /// The motor of the axis.
    pub motor: Device,
    /// The first position of the axis.
    pub start: f64,
    /// The last position of the axis.
    pub stop: f64,
    /// How many positions it has.
    pub num: u64,
    /// Whether it goes back along the way that it came.
    pub snake: bool,
}

/// All motors along one line together, each from its start to its stop in `num` points
/// (`bluesky.plan_patterns.inner_product`, 1.15.1).
///
/// # Errors
///
/// A `TypeError` without motors; a `ValueError` for a motor that is there twice; a `RuntimeError` for several motors and
/// no points.
///
/// ```
/// use skyspan::plan::patterns::inner_product;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let (x, y) = (lab.device("motor1"), lab.device("motor2"));
/// let line = inner_product(11, [(&x, 0.0, 1.0), (&y, 5.0, 7.0)])?;
/// assert_eq!(line.at(5), Some(vec![(x, 0.5.into()), (y, 6.0.into())]));
/// # Ok::<(), PlanError>(())
/// ```
pub fn inner_product<'a>(
    num: u64,
    axes: impl IntoIterator<Item = (&'a Device, f64, f64)>,
) -> Result<Cycler, PlanError> {
    let axes = axes.into_iter();
    reduce(
        axes.map(|(motor, start, stop)| Cycler::of(motor, Points::Line(LinSpace { start, stop, num }))),
        Cycler::plus,
    )
}

/// A mesh of lines, the first of which is the slowest (`bluesky.plan_patterns.outer_product`, 1.15.1).
///
/// # Errors
///
/// As [`snake_cyclers`].
///
/// ```
/// use skyspan::plan::patterns::{GridAxis, outer_product};
/// use skyspan::prelude::*;
/// use skyspan::value::Value;
///
/// let lab = Harness::new();
/// let axis = |name: &str| GridAxis { motor: lab.device(name), start: 0.0, stop: 1.0, num: 3, snake: true };
/// let grid = outer_product([axis("motor1"), axis("motor2")])?;
/// let of_motor2: Vec<Value> = grid.steps().map(|step| step[1].1.clone()).collect();
/// assert_eq!(of_motor2, [0.0, 0.5, 1.0, 1.0, 0.5, 0.0, 0.0, 0.5, 1.0].map(Value::from));
/// # Ok::<(), PlanError>(())
/// ```
pub fn outer_product(axes: impl IntoIterator<Item = GridAxis>) -> Result<Cycler, PlanError> {
    snake_cyclers(axes.into_iter().map(|GridAxis { motor, start, stop, num, snake }| {
        (Cycler::of(&motor, Points::Line(LinSpace { start, stop, num })), snake)
    }))
}

/// All motors together, each along its own list of points (`bluesky.plan_patterns.inner_list_product`, 1.15.1).
///
/// # Errors
///
/// A `ValueError` for lists of different lengths and for a motor that is there twice; a `TypeError` without motors; a
/// `RuntimeError` for several motors and no points.
///
/// ```
/// use skyspan::plan::patterns::inner_list_product;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let (x, y) = (lab.device("motor1"), lab.device("motor2"));
/// let line = inner_list_product([(&x, [1, 2, 5]), (&y, [0, 0, 3])])?;
/// assert_eq!(line.at(2), Some(vec![(x, 5.into()), (y, 3.into())]));
/// # Ok::<(), PlanError>(())
/// ```
pub fn inner_list_product<'a, I, V>(lists: impl IntoIterator<Item = (&'a Device, I)>) -> Result<Cycler, PlanError>
where
    I: IntoIterator<Item = V>,
    V: Into<Value>,
{
    reduce(lists.into_iter().map(|(motor, points)| cycler(motor, points)), Cycler::plus)
}

/// A mesh of lists of points, the first of which is the slowest (`bluesky.plan_patterns.outer_list_product`, 1.15.1).
///
/// # Errors
///
/// As [`snake_cyclers`].
///
/// ```
/// use skyspan::plan::patterns::outer_list_product;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let (x, y) = (lab.device("motor1"), lab.device("motor2"));
/// let mesh = outer_list_product([(&x, [1, 2]), (&y, [0, 9])], true)?;
/// assert_eq!(mesh.at(2), Some(vec![(x, 2.into()), (y, 9.into())]));
/// # Ok::<(), PlanError>(())
/// ```
pub fn outer_list_product<'a, I, V>(
    lists: impl IntoIterator<Item = (&'a Device, I)>,
    snake_axes: impl Into<SnakeAxes>,
) -> Result<Cycler, PlanError>
where
    I: IntoIterator<Item = V>,
    V: Into<Value>,
{
    let snake_axes = snake_axes.into();
    let lists = lists.into_iter().enumerate();
    snake_cyclers(lists.map(|(at, (motor, points))| (cycler(motor, points), snake_axes.has(at, motor))))
}
