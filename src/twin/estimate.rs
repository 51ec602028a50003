//! [`FittedParameter`]: a number that is known to within an error.

use std::fmt;

use serde::Serialize;

use super::least_squares::t_width;

/// A parameter of a device, as a recording shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FittedParameter {
    /// The option of the device's class: `velocity`, `latency`, `exposure_time`; `late by` and a method for what only a fault can
    /// say, as `late by (kickoff)`.
    pub name: String,
    /// Its value, in `unit`.
    pub value: f64,
    /// Half the width of the interval in which it is with 95 %, in `unit`; nothing where too little was seen to tell.
    pub error: Option<f64>,
    /// Its unit: `s`, `mm/s`.
    pub unit: String,
    /// Where it comes from.
    pub source: ParameterSource,
    /// How many statuses it is fitted to.
    pub statuses: usize,
}

/// Where a parameter comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ParameterSource {
    /// It is fitted to how long statuses took.
    Fitted,
    /// The device was configured so: a descriptor says it.
    Configured,
    /// Its statuses say it.
    Told,
}

/// `2.003 ± 0.004 mm/s`: as many digits as the error has a meaning in.
impl fmt::Display for FittedParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.error {
            Some(error) if error > 0.0 => {
                let digits = digits_of(error);
                write!(f, "{:.digits$} ± {:.digits$} {}", self.value, error, self.unit)
            }
            _ => write!(f, "{} {}", rounded(self.value, None), self.unit),
        }
    }
}

/// How many digits behind the point show two digits of an error, at most nine.
fn digits_of(error: f64) -> usize {
    let digits = 1.0 - error.log10().floor();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 9")]
    let digits = digits.clamp(0.0, 9.0) as usize;
    digits
}

/// A number without the digits that mean nothing: to a fiftieth of its error, to a nanosecond where there is none.
pub(super) fn rounded(value: f64, error: Option<f64>) -> f64 {
    let step = error.filter(|error| *error > 0.0).map_or(1e-9, |error| (error / 50.0).max(1e-9));
    let digits = (-step.log10()).ceil().clamp(0.0, 9.0);
    let scale = 10_f64.powf(digits);
    (value * scale).round() / scale
}

/// A value, and how well it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Estimated {
    pub(super) value: f64,
    pub(super) error: Option<f64>,
}

impl Estimated {
    /// The mean of some values; nothing of none.
    pub(super) fn mean(values: &[f64]) -> Option<Self> {
        #[expect(clippy::cast_precision_loss, reason = "a number of values")]
        let count = values.len() as f64;
        if values.is_empty() {
            return None;
        }
        let value = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|other| (other - value).powi(2)).sum();
        let error = (values.len() > 1).then(|| t_width(values.len() - 1) * (squares / (count - 1.0) / count).sqrt());
        Some(Self { value, error })
    }

    /// The same where the clock, too, is no better than that: what one machine takes from one message to the next is in each time.
    pub(super) fn with_resolution(self, resolution_s: f64) -> Self {
        Self { error: self.error.map(|error| error.hypot(resolution_s)), ..self }
    }

    /// The same, not below zero.
    pub(super) fn not_below_zero(self) -> Self {
        Self { value: self.value.max(0.0), ..self }
    }
}

/// The middle of some values; zero of none.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted: Vec<f64> = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        count if count % 2 == 1 => sorted[count / 2],
        count => f64::midpoint(sorted[count / 2 - 1], sorted[count / 2]),
    }
}

/// The standard deviation of what is left when so many coefficients have been fitted.
pub(super) fn scatter(residuals: &[f64], fitted: usize) -> f64 {
    let free = residuals.len().saturating_sub(fitted).max(1);
    #[expect(clippy::cast_precision_loss, reason = "a number of values")]
    let free = free as f64;
    (residuals.iter().map(|residual| residual * residual).sum::<f64>() / free).sqrt()
}

/// Which of some residuals are none of a fit: those more than five times as far off as most are, but no more than a quarter of them.
pub(super) fn outliers(residuals: &[f64], least_s: f64) -> Vec<usize> {
    if residuals.len() < 5 {
        return Vec::new();
    }
    let middle = median(residuals);
    let off: Vec<f64> = residuals.iter().map(|residual| (residual - middle).abs()).collect();
    let limit = (5.0 * 1.4826 * median(&off)).max(least_s);
    let mut far: Vec<usize> = (0..off.len()).filter(|at| off[*at] > limit).collect();
    far.sort_by(|a, b| off[*b].total_cmp(&off[*a]));
    far.truncate(residuals.len() / 4);
    far.sort_unstable();
    far
}
