//! Spirals in rings, and Fermat's.

use std::f64::consts::PI;

use super::cycler::Cycler;
use super::points::{Points, no_points};
use crate::device::Device;
use crate::message::PlanError;

/// More places than that are not looked at.
const MOST_CANDIDATES: f64 = 1e8;

/// A field, around its centre, that a spiral fills.
struct Field {
    half_x: f64,
    half_y: f64,
    /// How much farther the rings are apart along y than along x.
    aspect: f64,
    tilt_tan: f64,
}

impl Field {
    fn new((x_range, y_range): (f64, f64), dr: f64, dr_y: Option<f64>, tilt: f64) -> Result<Self, PlanError> {
        let aspect = match dr_y {
            None => 1.0,
            Some(_) if dr == 0.0 => return Err(division_by_zero()),
            Some(0.0) => return Err(division_by_zero()),
            Some(dr_y) => dr_y / dr,
        };
        let (half_x, half_y) = (x_range / 2.0, y_range / (2.0 * aspect));
        Ok(Self { half_x, half_y, aspect, tilt_tan: libm::tan(tilt + PI / 2.0) })
    }

    fn half_diagonal(&self) -> f64 {
        (self.half_x * self.half_x + self.half_y * self.half_y).sqrt()
    }

    /// Whether a tilted field reaches that far along x.
    fn reaches(&self, x: f64, y: f64) -> bool {
        (x - (y / self.aspect) / self.tilt_tan).abs() <= self.half_x
    }
}

/// An Archimedean spiral around `start` (x and y), in a field as wide as `range` (x and y): rings of growing radius, `dr`
/// apart along x and `dr_y` along y (as much, unless one says so), the nth of them with `n * nth` points
/// (`bluesky.plan_patterns.spiral`, 1.15.1). The field is tilted by `tilt` radians.
///
/// Where cosines fall on a last bit, bluesky's points differ from these in it: numpy computes other ones on each processor.
///
/// # Errors
///
/// As Python: a `ZeroDivisionError` where `nth` is zero, an `OverflowError` where `dr` is, a `RuntimeError` where there are
/// no points. A `ValueError` beyond a hundred million points.
///
/// ```
/// use skyspan::plan::patterns::spiral;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let (x, y) = (lab.device("motor1"), lab.device("motor2"));
/// let rings = spiral((&x, &y), (1.0, 2.0), (1.0, 1.0), 0.25, 4.0, None, 0.0)?;
/// assert_eq!(rings.at(0), Some(vec![(x, 1.25.into()), (y, 2.0.into())]));
/// # Ok::<(), PlanError>(())
/// ```
pub fn spiral(
    motors: (&Device, &Device),
    start: (f64, f64),
    range: (f64, f64),
    dr: f64,
    nth: f64,
    dr_y: Option<f64>,
    tilt: f64,
) -> Result<Cycler, PlanError> {
    let field = Field::new(range, dr, dr_y, tilt)?;
    let rings = 1.0 + whole(field.half_diagonal() / dr)?;
    if rings >= 0.0 && nth == 0.0 {
        return Err(division_by_zero());
    }
    not_too_many((rings + 1.0).max(0.0) * (rings + 2.0) / 2.0 * nth.max(1.0))?;
    let (mut x_points, mut y_points) = (Vec::new(), Vec::new());
    for ring in counted_from_1(rings + 1.0) {
        let radius = ring * dr;
        let angle_step = 2.0 * PI / (ring * nth);
        for at in counted_from_1(whole(ring * nth)?) {
            let angle = (at - 1.0) * angle_step;
            let x = radius * libm::cos(angle);
            let y = radius * libm::sin(angle) * field.aspect;
            if field.reaches(x, y) && (y / field.aspect).abs() <= field.half_y {
                x_points.push(start.0 + x);
                y_points.push(start.1 + y);
            }
        }
    }
    together(motors, x_points, y_points)
}

/// A Fermat spiral around `start` (x and y), in a field as wide as `range` (x and y): the nth point is `dr / factor` times
/// the root of n away, by a golden angle farther on (`bluesky.plan_patterns.spiral_fermat`, 1.15.1). Along y all is
/// stretched by `dr_y / dr`; the field is tilted by `tilt` radians.
///
/// Where cosines fall on a last bit, bluesky's points differ from these in it: numpy computes other ones on each processor.
///
/// # Errors
///
/// As Python: a `ZeroDivisionError` where `factor` is zero, an `OverflowError` where `dr` is, a `RuntimeError` where there
/// are no points. A `ValueError` beyond a hundred million points.
///
/// ```
/// use skyspan::plan::patterns::spiral_fermat;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let (x, y) = (lab.device("motor1"), lab.device("motor2"));
/// let points = spiral_fermat((&x, &y), (0.0, 0.0), (2.0, 2.0), 0.5, 1.0, None, 0.0)?;
/// assert!(points.steps().all(|step| step[0].1.as_f64().is_some_and(|x| x.abs() <= 1.0)));
/// # Ok::<(), PlanError>(())
/// ```
pub fn spiral_fermat(
    motors: (&Device, &Device),
    start: (f64, f64),
    range: (f64, f64),
    dr: f64,
    factor: f64,
    dr_y: Option<f64>,
    tilt: f64,
) -> Result<Cycler, PlanError> {
    let field = Field::new(range, dr, dr_y, tilt)?;
    if factor == 0.0 {
        return Err(division_by_zero());
    }
    let phi = 137.508 * PI / 180.0;
    let ratio = 1.5 * field.half_diagonal() / (dr / factor);
    let rings = whole(ratio * ratio)?;
    not_too_many(rings)?;
    let (mut x_points, mut y_points) = (Vec::new(), Vec::new());
    for ring in counted_from_1(rings - 1.0) {
        let radius = ring.sqrt() * dr / factor;
        let angle = phi * ring;
        let x = radius * libm::cos(angle);
        let y = radius * libm::sin(angle) * field.aspect;
        if field.reaches(x, y) && y.abs() <= field.half_y {
            x_points.push(start.0 + x);
            y_points.push(start.1 + y);
        }
    }
    together(motors, x_points, y_points)
}

/// The whole numbers from 1 to `last`, as the floats with which one computes; none where `last` is less than 1.
fn counted_from_1(last: f64) -> impl Iterator<Item = f64> {
    std::iter::successors(Some(1.0), |number| Some(number + 1.0)).take_while(move |number| *number <= last)
}

/// Python's `int()` of a float.
fn whole(number: f64) -> Result<f64, PlanError> {
    if number.is_nan() {
        return Err(PlanError::value("cannot convert float NaN to integer"));
    }
    if number.is_infinite() {
        return Err(PlanError::raised("OverflowError", "cannot convert float infinity to integer"));
    }
    Ok(number.trunc())
}

pub(super) fn division_by_zero() -> PlanError {
    PlanError::raised("ZeroDivisionError", "division by zero")
}

pub(super) fn not_too_many(candidates: f64) -> Result<(), PlanError> {
    if candidates <= MOST_CANDIDATES {
        return Ok(());
    }
    Err(PlanError::value(format!("a spiral has at most {MOST_CANDIDATES} points, this one {candidates}")))
}

/// Both motors at the same time.
pub(super) fn together(
    (x_motor, y_motor): (&Device, &Device),
    x_points: Vec<f64>,
    y_points: Vec<f64>,
) -> Result<Cycler, PlanError> {
    if x_points.is_empty() {
        return Err(no_points());
    }
    let of = |motor, points: Vec<f64>| Cycler::of(motor, Points::Floats(points.into()));
    of(x_motor, x_points).plus(of(y_motor, y_points))
}
