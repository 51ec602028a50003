//! [`Stats`]: where a peak is, and how wide.

use super::sums::{interpolated, mean, sum};

/// Where a peak is, and how wide (`bluesky.callbacks.fitting.PeakStats`, 1.15.1): the numbers are numpy's to the bit.
///
/// ```
/// use skyspan::callbacks::Stats;
///
/// let peak = Stats::of(&[0.0, 1.0, 2.0, 3.0, 4.0], &[0.0, 1.0, 4.0, 1.0, 0.0], None).ok_or("no points")?;
/// assert_eq!((peak.max, peak.min), ((2.0, 4.0), (0.0, 0.0)));
/// assert_eq!((peak.com, peak.cen), (2.0, Some(2.0)));
/// assert_eq!(peak.crossings, [1.0 + 1.0 / 3.0, 3.0 - 1.0 / 3.0]);
/// assert!(peak.fwhm.is_some_and(|fwhm| (fwhm - 4.0 / 3.0).abs() < 1e-15));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Stats {
    /// The lowest point, x and y; of several the first.
    pub min: (f64, f64),
    /// The highest point, x and y; of several the first.
    pub max: (f64, f64),
    /// The centre of mass, at which x is interpolated between the points; not a number where the y add up to nothing.
    pub com: f64,
    /// The mean of the crossings; nothing where there are none.
    pub cen: Option<f64>,
    /// The x where y crosses the middle between its lowest and its highest value.
    pub crossings: Vec<f64>,
    /// From the first crossing to the last: the full width at half maximum. Nothing for less than two.
    pub fwhm: Option<f64>,
    /// What was taken off before all else, where that was asked for.
    pub lin_bkg: Option<LinearBackground>,
}

/// A straight line below a peak: y = m x + b.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct LinearBackground {
    /// The slope of the line.
    pub m: f64,
    /// Where it crosses x = 0.
    pub b: f64,
}

impl LinearBackground {
    /// The line through the means of the first and of the last `edge_count` points.
    fn through_edges(x: &[f64], y: &[f64], edge_count: usize) -> Self {
        let count = edge_count.min(x.len());
        // Python's `x[-0:]` are all.
        let last = if edge_count == 0 { 0 } else { x.len() - count };
        let (left_x, left_y) = (mean(&x[..count]), mean(&y[..count]));
        let (right_x, right_y) = (mean(&x[last..]), mean(&y[last..]));
        let m = (right_y - left_y) / (right_x - left_x);
        Self { m, b: left_y - m * left_x }
    }
}

impl Stats {
    /// The statistics of points in the order in which they were taken; nothing where there are none. Of lists of different
    /// lengths the longer one's rest is not looked at.
    ///
    /// With an `edge_count`, the straight line through the means of so many points at both ends is taken off first;
    /// [`min`](Self::min) and [`max`](Self::max) are then points whose y is that of the data, bluesky's way.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "nobody takes 2^53 points")]
    pub fn of(x: &[f64], y: &[f64], edge_count: Option<usize>) -> Option<Self> {
        let count = x.len().min(y.len());
        let (x, measured) = (&x[..count], &y[..count]);
        let lin_bkg = edge_count.map(|edge_count| LinearBackground::through_edges(x, measured, edge_count));
        let y: Vec<f64> = match lin_bkg {
            Some(LinearBackground { m, b }) => x.iter().zip(measured).map(|(x, y)| y - (m * x + b)).collect(),
            None => measured.to_vec(),
        };
        let lowest = first_extreme(&y, |new, known| new < known)?;
        let highest = first_extreme(&y, |new, known| new > known)?;
        let weighted: Vec<f64> = y.iter().enumerate().map(|(at, y)| y * at as f64).collect();
        let crossings = crossings(x, &y, middle(y[highest], y[lowest]));
        let fwhm = match &*crossings {
            [first, .., last] => Some((last - first).abs()),
            _ => None,
        };
        Some(Self {
            min: (x[lowest], measured[lowest]),
            max: (x[highest], measured[highest]),
            com: interpolated(sum(&weighted) / sum(&y), x)?,
            cen: (!crossings.is_empty()).then(|| mean(&crossings)),
            crossings,
            fwhm,
            lin_bkg,
        })
    }

    /// The statistics of the differences between one y and the next, each at the x of the later point: where an edge is.
    /// Nothing for less than two points.
    #[must_use]
    pub fn of_derivative(x: &[f64], y: &[f64], edge_count: Option<usize>) -> Option<Self> {
        let steps: Vec<f64> = y.windows(2).map(|pair| pair[1] - pair[0]).collect();
        Self::of(x.get(1..)?, &steps, edge_count)
    }
}

/// `numpy.argmin` and `numpy.argmax`: the first that is not a number wins.
fn first_extreme(numbers: &[f64], is_better: impl Fn(f64, f64) -> bool) -> Option<usize> {
    let mut best = 0;
    for (at, number) in numbers.iter().enumerate() {
        if number.is_nan() {
            return Some(at);
        }
        if is_better(*number, numbers[best]) {
            best = at;
        }
    }
    (!numbers.is_empty()).then_some(best)
}

#[expect(clippy::manual_midpoint, reason = "bluesky's sum, which may overflow")]
fn middle(high: f64, low: f64) -> f64 {
    (high + low) / 2.0
}

/// Where the straight lines from point to point cross `mid`.
fn crossings(x: &[f64], y: &[f64], mid: f64) -> Vec<f64> {
    let pairs = x.windows(2).zip(y.windows(2));
    pairs
        .filter(|(_, y)| (y[0] > mid) != (y[1] > mid))
        .map(|(x, y)| {
            let (before, after) = (y[0] - mid, y[1] - mid);
            let slope = (after - before) / (x[1] - x[0]);
            -before / slope + x[0]
        })
        .collect()
}
