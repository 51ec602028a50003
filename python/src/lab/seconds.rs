//! Times as Python has them: a float of seconds, or a `timedelta`.

use std::time::Duration;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

/// So many seconds as a time from zero on.
///
/// # Errors
///
/// `TypeError` for what is no number and no `timedelta`, `ValueError` for a time below zero, beyond 584 years, or that is no number.
pub(crate) fn duration(given: &Bound<'_, PyAny>, what: &str) -> PyResult<Duration> {
    let wrong = || PyTypeError::new_err(format!("expected {what} in seconds, or a timedelta, found {given}"));
    let number = match given.getattr_opt("total_seconds")? {
        Some(seconds) => seconds.call0()?.extract::<f64>()?,
        None => given.extract::<f64>().map_err(|_| wrong())?,
    };
    Duration::try_from_secs_f64(number)
        .map_err(|_| PyValueError::new_err(format!("expected {what} in seconds, from zero on, found {given}")))
}

/// The same, where it may be left out.
///
/// # Errors
///
/// The same.
pub(crate) fn optional(given: Option<&Bound<'_, PyAny>>, what: &str) -> PyResult<Option<Duration>> {
    given.filter(|given| !given.is_none()).map(|given| duration(given, what)).transpose()
}
