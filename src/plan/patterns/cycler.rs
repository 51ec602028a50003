//! [`Cycler`]: where motors go, step by step.

use std::fmt;
use std::sync::Arc;

use super::points::{Points, no_points};
use crate::device::Device;
use crate::message::PlanError;
use crate::plan::each_moved_once;
use crate::value::Value;

/// Where motors go, step by step: Python's `cycler.Cycler`.
///
/// Made by [`cycler`] for one motor, and put together by [`plus`](Self::plus) and [`times`](Self::times). Its steps are
/// made when they are asked for: a grid takes no more memory than the points of its axes. Cloning gives another handle
/// to the same.
#[derive(Clone)]
pub struct Cycler {
    motors: Arc<[Device]>,
    len: u64,
    kind: Arc<CyclerShape>,
}

enum CyclerShape {
    Of(Device, Points),
    Sum(Cycler, Cycler),
    Product(Cycler, Cycler),
    /// The first is the slowest; those that snake go there and back.
    Snaked(Vec<(Cycler, bool)>),
}

/// One motor, and where it goes.
///
/// ```
/// use skyspan::plan::patterns::cycler;
/// use skyspan::prelude::*;
///
/// let motor = Harness::new().device("motor");
/// let steps: Vec<_> = cycler(&motor, [1.5, 2.0]).steps().collect();
/// assert_eq!(steps, [[(motor.clone(), 1.5.into())], [(motor, 2.0.into())]]);
/// ```
#[must_use]
pub fn cycler<V: Into<Value>>(motor: &Device, points: impl IntoIterator<Item = V>) -> Cycler {
    Cycler::of(motor, Points::List(points.into_iter().map(Into::into).collect()))
}

impl Cycler {
    pub(in crate::plan) fn of(motor: &Device, points: Points) -> Self {
        Self {
            motors: [motor.clone()].into(),
            len: points.len(),
            kind: Arc::new(CyclerShape::Of(motor.clone(), points)),
        }
    }

    /// Both at the same time, step by step: Python's `+`.
    ///
    /// # Errors
    ///
    /// A `ValueError` if one is longer than the other, or a motor is in both; a `RuntimeError` if there are no steps.
    ///
    /// ```
    /// use skyspan::plan::patterns::cycler;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let (x, y) = (lab.device("motor1"), lab.device("motor2"));
    /// let both = cycler(&x, [1, 2]).plus(cycler(&y, [3, 4]))?;
    /// assert_eq!(both.at(1), Some(vec![(x.clone(), 2.into()), (y, 4.into())]));
    /// let error = cycler(&x, [1, 2]).plus(cycler(&x, [3])).unwrap_err();
    /// assert_eq!(error.to_string(), "Can only add equal length cycles, not 2 and 1");
    /// # Ok::<(), PlanError>(())
    /// ```
    pub fn plus(self, other: Self) -> Result<Self, PlanError> {
        if self.len != other.len {
            let message = format!("Can only add equal length cycles, not {} and {}", self.len, other.len);
            return Err(PlanError::value(message));
        }
        let (motors, len) = (self.motors_with(&other)?, self.len);
        Ok(Self { motors, len, kind: Arc::new(CyclerShape::Sum(self, other)) })
    }

    /// All of the other for each step of this one: Python's `*`.
    ///
    /// # Errors
    ///
    /// A `ValueError` if a motor is in both, or there are more than 2^64 steps; a `RuntimeError` if there are no steps.
    ///
    /// ```
    /// use skyspan::plan::patterns::cycler;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let (x, y) = (lab.device("motor1"), lab.device("motor2"));
    /// let mesh = cycler(&x, 0..1_000_000).times(cycler(&y, 0..1_000))?;
    /// assert_eq!(mesh.len(), 1_000_000_000);
    /// assert_eq!(mesh.at(2_003), Some(vec![(x, 2.into()), (y, 3.into())]));
    /// # Ok::<(), PlanError>(())
    /// ```
    pub fn times(self, other: Self) -> Result<Self, PlanError> {
        let motors = self.motors_with(&other)?;
        let len = product_of([self.len, other.len])?;
        Ok(Self { motors, len, kind: Arc::new(CyclerShape::Product(self, other)) })
    }

    fn motors_with(&self, other: &Self) -> Result<Arc<[Device]>, PlanError> {
        if self.is_empty() || other.is_empty() {
            return Err(no_points());
        }
        each_moved_once(self.motors.iter().chain(other.motors.iter()))?;
        Ok(self.motors.iter().chain(other.motors.iter()).cloned().collect())
    }

    /// The motors, in the order in which they are moved.
    #[must_use]
    pub fn motors(&self) -> &[Device] {
        &self.motors
    }

    /// How many steps there are.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are no steps.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Where each motor goes in a step, counted from 0; nothing beyond the last.
    #[must_use]
    pub fn at(&self, at: u64) -> Option<Vec<(Device, Value)>> {
        let mut step = Vec::with_capacity(self.motors.len());
        (at < self.len).then(|| self.put(at, &mut step))?;
        Some(step)
    }

    /// The steps, one after another.
    pub fn steps(&self) -> impl Iterator<Item = Vec<(Device, Value)>> + Send + use<> {
        let cycler = self.clone();
        (0..self.len).map_while(move |at| cycler.at(at))
    }

    /// Puts where each motor goes in a step, counted from 0 and before the last, at the end of a list.
    pub(crate) fn put(&self, at: u64, step: &mut Vec<(Device, Value)>) {
        match &*self.kind {
            CyclerShape::Of(motor, points) => step.push((motor.clone(), points.at(at))),
            CyclerShape::Sum(left, right) => {
                left.put(at, step);
                right.put(at, step);
            }
            CyclerShape::Product(left, right) => {
                left.put(at / right.len, step);
                right.put(at % right.len, step);
            }
            CyclerShape::Snaked(axes) => {
                let mut repeats = self.len;
                for (axis, snakes) in axes {
                    // How many steps the slower axes have made so far, and where this one is.
                    let rows = at / repeats;
                    repeats /= axis.len;
                    let along = at / repeats % axis.len;
                    let goes_back = *snakes && rows % 2 == 1;
                    axis.put(if goes_back { axis.len - 1 - along } else { along }, step);
                }
            }
        }
    }

    /// The same with the points of each motor as `numpy.array` has them.
    fn as_arrays(&self) -> Self {
        let kind = match &*self.kind {
            CyclerShape::Of(motor, points) => CyclerShape::Of(motor.clone(), points.as_array()),
            CyclerShape::Sum(left, right) => CyclerShape::Sum(left.as_arrays(), right.as_arrays()),
            CyclerShape::Product(left, right) => CyclerShape::Product(left.as_arrays(), right.as_arrays()),
            CyclerShape::Snaked(axes) => {
                CyclerShape::Snaked(axes.iter().map(|(axis, snakes)| (axis.as_arrays(), *snakes)).collect())
            }
        };
        Self { kind: Arc::new(kind), ..self.clone() }
    }

    /// Python's `repr`. It has the points of each motor, not each step; only of what snakes it has all.
    #[must_use]
    pub fn repr(&self) -> String {
        match &*self.kind {
            CyclerShape::Of(motor, points) => format!("cycler({}, {})", motor.repr(), points.repr()),
            CyclerShape::Sum(left, right) => format!("({} + {})", left.repr(), right.repr()),
            CyclerShape::Product(left, right) => format!("({} * {})", left.repr(), right.repr()),
            CyclerShape::Snaked(_) => {
                let of = |at: usize| {
                    let points: Vec<Value> =
                        self.steps().filter_map(|mut step| Some(step.get_mut(at)?.1.clone())).collect();
                    cycler(&self.motors[at], points).repr()
                };
                (1..self.motors.len()).fold(of(0), |sum, at| format!("({sum} + {})", of(at)))
            }
        }
    }
}

impl fmt::Debug for Cycler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cycler({:?}, {} steps)", self.motors, self.len)
    }
}

/// A mesh of cyclers, the first of which is the slowest; those that snake go there, back, there, ..., without a jump
/// (`bluesky.utils.snake_cyclers`, 1.15.1). Whether the first snakes makes no difference.
///
/// Where one snakes, the numbers of each motor become of one type, as in an array of numpy.
///
/// # Errors
///
/// A `TypeError` if there are none; a `RuntimeError` if one has no steps; a `ValueError` if a motor is in two of them, or
/// there are more than 2^64 steps.
///
/// ```
/// use skyspan::plan::patterns::{cycler, snake_cyclers};
/// use skyspan::prelude::*;
/// use skyspan::value::Value;
///
/// let lab = Harness::new();
/// let (x, y) = (lab.device("motor1"), lab.device("motor2"));
/// let snake = snake_cyclers([(cycler(&x, [0, 1]), false), (cycler(&y, [5, 6, 7]), true)])?;
/// let of_y: Vec<Value> = snake.steps().map(|step| step[1].1.clone()).collect();
/// assert_eq!(of_y, [5, 6, 7, 7, 6, 5].map(Value::from));
/// # Ok::<(), PlanError>(())
/// ```
pub fn snake_cyclers(axes: impl IntoIterator<Item = (Cycler, bool)>) -> Result<Cycler, PlanError> {
    let axes: Vec<(Cycler, bool)> = axes.into_iter().collect();
    if !axes.iter().skip(1).any(|(_, snakes)| *snakes) {
        return reduce(axes.into_iter().map(|(axis, _)| axis), Cycler::times);
    }
    if axes.iter().any(|(axis, _)| axis.is_empty()) {
        return Err(no_points());
    }
    let motors: Arc<[Device]> = axes.iter().flat_map(|(axis, _)| axis.motors.iter().cloned()).collect();
    each_moved_once(motors.iter())?;
    let len = product_of(axes.iter().map(|(axis, _)| axis.len))?;
    let axes = axes.into_iter().map(|(axis, snakes)| (axis.as_arrays(), snakes)).collect();
    Ok(Cycler { motors, len, kind: Arc::new(CyclerShape::Snaked(axes)) })
}

fn product_of(lengths: impl IntoIterator<Item = u64>) -> Result<u64, PlanError> {
    let product = lengths.into_iter().try_fold(1, u64::checked_mul);
    product.ok_or_else(|| PlanError::value("a mesh has at most 2^64 points"))
}

/// All of them put together, one after another.
pub(super) fn reduce(
    cyclers: impl IntoIterator<Item = Cycler>,
    together: fn(Cycler, Cycler) -> Result<Cycler, PlanError>,
) -> Result<Cycler, PlanError> {
    let mut cyclers = cyclers.into_iter();
    let first = cyclers.next();
    let first = first.ok_or_else(|| PlanError::type_error("reduce() of empty iterable with no initial value"))?;
    cyclers.try_fold(first, together)
}
