//! [`Progress`]: how far something has come.

use std::time::Duration;

use crate::value::{Text, Value};

/// How far something has come, for progress bars.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// The name of the device that moves.
    pub name: Text,
    /// Where it is; the following are known of moves only.
    pub current: Option<Value>,
    /// The position at which the move began.
    pub initial: Option<Value>,
    /// The position to which the device moves.
    pub target: Option<Value>,
    /// The unit of these.
    pub unit: Option<Text>,
    /// How many digits behind their point matter.
    pub precision: Option<i64>,
    /// Which part of the way is left, from 1 to 0, if that can be told.
    pub fraction: Option<f64>,
    /// How long it has been under way.
    pub time_elapsed: Duration,
}

/// Which part of the way from `initial` to `target` is left.
pub(super) fn fraction_left(initial: &Value, current: &Value, target: &Value) -> Option<f64> {
    let (initial, current, target) = (initial.as_f64()?, current.as_f64()?, target.as_f64()?);
    let fraction = (target - current).abs() / (initial - target).abs();
    (!fraction.is_nan()).then(|| fraction.clamp(0.0, 1.0))
}
