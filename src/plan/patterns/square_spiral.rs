//! The square spiral.

use super::cycler::Cycler;
use super::spirals::{division_by_zero, not_too_many, together};
use crate::device::Device;
use crate::message::PlanError;

/// The points of a grid as they are found, ring by ring.
struct SpiralPoint {
    most: f64,
    nums: (f64, f64),
    offsets: (f64, f64),
    first: (f64, f64),
    deltas: (f64, f64),
    x_points: Vec<f64>,
    y_points: Vec<f64>,
}

impl SpiralPoint {
    #[expect(clippy::cast_precision_loss, reason = "there are at most a hundred million points")]
    fn is_complete(&self) -> bool {
        self.x_points.len() as f64 >= self.most
    }

    /// Adds the point of that column and row, counted from the first point.
    fn add(&mut self, column: f64, row: f64) {
        self.x_points.push(self.first.0 + self.deltas.0 * column);
        self.y_points.push(self.first.1 + self.deltas.1 * row);
    }

    fn add_row(&mut self, row: f64, columns: impl Iterator<Item = f64>) {
        for column in columns {
            if (column - self.offsets.0).abs() < self.nums.0 / 2.0 && !self.is_complete() {
                self.add(column, row);
            }
        }
    }

    fn add_column(&mut self, column: f64, rows: impl Iterator<Item = f64>) {
        for row in rows {
            if (row - self.offsets.1).abs() < self.nums.1 / 2.0 && !self.is_complete() {
                self.add(column, row);
            }
        }
    }
}

/// A square spiral from the middle of a grid outwards, through each of its points: around `center` (x and y), as wide as
/// `range` (x and y), with so many points along each (`bluesky.plan_patterns.spiral_square_pattern`, 1.15.1).
///
/// # Errors
///
/// As Python, a `ZeroDivisionError` where there is one point along an axis. A `ValueError` where there are more than 5,000
/// along one.
///
/// ```
/// use skyspan::plan::patterns::spiral_square_pattern;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let (x, y) = (lab.device("motor1"), lab.device("motor2"));
/// let square = spiral_square_pattern((&x, &y), (0.0, 0.0), (2.0, 2.0), (3, 3))?;
/// assert_eq!(square.len(), 9);
/// assert_eq!(square.at(0), Some(vec![(x, 0.0.into()), (y, 0.0.into())]));
/// # Ok::<(), PlanError>(())
/// ```
#[expect(clippy::cast_precision_loss, reason = "there are at most 5,000 points along an axis")]
pub fn spiral_square_pattern(
    motors: (&Device, &Device),
    center: (f64, f64),
    range: (f64, f64),
    (x_num, y_num): (u64, u64),
) -> Result<Cycler, PlanError> {
    if x_num == 1 || y_num == 1 {
        return Err(division_by_zero());
    }
    let rings = x_num.max(y_num) as f64;
    // Each ring is walked around as a whole, also where the grid does not reach so far.
    not_too_many(4.0 * rings * rings)?;
    let nums = (x_num as f64, y_num as f64);
    let deltas = (range.0 / (nums.0 - 1.0), range.1 / (nums.1 - 1.0));
    let offsets = (if x_num % 2 == 0 { 0.5 } else { 0.0 }, if y_num % 2 == 0 { -0.5 } else { 0.0 });
    let first = (center.0 - deltas.0 * offsets.0, center.1 - deltas.1 * offsets.1);
    let (x_points, y_points) = (vec![first.0], vec![first.1]);
    let mut found = SpiralPoint { most: nums.0 * nums.1, nums, offsets, first, deltas, x_points, y_points };
    for ring in 2..=x_num.max(y_num) {
        let out = ring as f64 - 1.0;
        let down = || (0..2 * ring - 2).map(move |at| out - 1.0 - at as f64);
        let up = || (0..2 * ring - 2).map(move |at| at as f64 + 1.0 - out);
        // Only the first side reaches a point that is half a step farther out.
        if (out - offsets.0).abs() <= nums.0 / 2.0 {
            found.add_column(out, down());
        }
        if (-out - offsets.1).abs() < nums.1 / 2.0 {
            found.add_row(-out, down());
        }
        if (-out - offsets.0).abs() < nums.0 / 2.0 {
            found.add_column(-out, up());
        }
        if (out - offsets.1).abs() < nums.1 / 2.0 {
            found.add_row(out, up());
        }
    }
    together(motors, found.x_points, found.y_points)
}
