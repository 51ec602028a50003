//! What the builders of devices want of a number: one that means nothing is refused where it is written.

use std::time::Duration;

/// A number that is finite.
#[track_caller]
pub(super) fn finite(what: &str, number: f64) -> f64 {
    assert!(number.is_finite(), "{what} wants a finite number, found {number}");
    number
}

/// A finite number from zero on.
#[track_caller]
pub(super) fn from_zero(what: &str, number: f64) -> f64 {
    assert!(number.is_finite() && number >= 0.0, "{what} wants a finite number from zero on, found {number}");
    number
}

/// A finite number greater than zero.
#[track_caller]
pub(super) fn above_zero(what: &str, number: f64) -> f64 {
    assert!(number.is_finite() && number > 0.0, "{what} wants a finite number greater than zero, found {number}");
    number
}

/// A time in seconds, none included.
#[track_caller]
pub(super) fn seconds(what: &str, seconds: f64) -> Duration {
    let time = Duration::try_from_secs_f64(seconds);
    assert!(time.is_ok(), "{what} wants a time in seconds from zero on, found {seconds}");
    time.unwrap_or_default()
}

/// Two limits. None of them is NaN; there are no limits where the low one is not below the high one.
#[track_caller]
pub(super) fn limits(low: f64, high: f64) -> Option<(f64, f64)> {
    assert!(!low.is_nan() && !high.is_nan(), "limits wants two numbers, found {low} and {high}");
    (low < high).then_some((low, high))
}
