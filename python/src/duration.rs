//! Durations and times, as Python's users write them.

use std::ops::{Bound as Limit, RangeBounds};
use std::time::Duration;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString};
use skyspan_trace::expect::DurationRange;
use skyspan_trace::value::Timestamp;

use crate::pattern::bound;
use crate::source::{keyword, repr};

/// A range, and the arguments that it was written as.
pub(crate) struct Range {
    pub(crate) range: DurationRange,
    pub(crate) arguments: String,
}

/// A range of durations: exactly so long, a range as text (`"..=8 s"`), or bounds by name.
///
/// # Errors
///
/// `TypeError` for what is no duration, `ValueError` for a text that is none, a bound that is negative, no bound at all, or two
/// that exclude each other.
pub(crate) fn range(
    exactly: Option<&Bound<'_, PyAny>>,
    at_least: Option<&Bound<'_, PyAny>>,
    at_most: Option<&Bound<'_, PyAny>>,
    above: Option<&Bound<'_, PyAny>>,
    below: Option<&Bound<'_, PyAny>>,
) -> PyResult<Range> {
    let bounds = [("at_least", at_least), ("at_most", at_most), ("above", above), ("below", below)];
    let mut arguments = Vec::new();
    for (word, value) in bounds {
        if let Some(value) = value {
            arguments.push(keyword(word, &repr(value)?));
        }
    }
    let range = match exactly {
        Some(_) if !arguments.is_empty() => {
            return Err(PyValueError::new_err(
                "a duration alone means exactly so long: it goes together with no bound",
            ));
        }
        Some(one) => {
            arguments.push(repr(one)?);
            range_of(one)?
        }
        None if arguments.is_empty() => {
            return Err(PyValueError::new_err(
                "expected a duration (1.5, \"1.5 s\", timedelta), a range (\"..=8 s\") or at_least, at_most, above, below",
            ));
        }
        None => {
            let from = bound("at_least", maybe(at_least)?, "above", maybe(above)?)?;
            let to = bound("at_most", maybe(at_most)?, "below", maybe(below)?)?;
            DurationRange::new((from, to))
        }
    };
    Ok(Range { range, arguments: arguments.join(", ") })
}

fn maybe(value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Duration>> {
    value.map(duration).transpose()
}

fn range_of(object: &Bound<'_, PyAny>) -> PyResult<DurationRange> {
    match object.cast::<PyString>() {
        Ok(text) => {
            let text = text.to_string_lossy();
            text.parse().map_err(|error| PyValueError::new_err(format!("{text:?} is no range of durations: {error}")))
        }
        Err(_) => duration(object).map(DurationRange::exactly),
    }
}

/// A duration: a `timedelta`, seconds, or a text such as `"1.5 s"`.
///
/// # Errors
///
/// `TypeError` for anything else, `ValueError` for a text that is none and for what is negative or not finite.
pub(crate) fn duration(object: &Bound<'_, PyAny>) -> PyResult<Duration> {
    if let Ok(text) = object.cast::<PyString>() {
        let range = range_of(text.as_any())?;
        return match (range.start_bound(), range.end_bound()) {
            (Limit::Included(from), Limit::Included(to)) if from == to => Ok(*from),
            _ => {
                Err(PyValueError::new_err(format!("expected one duration such as \"1.5 s\", found {}", repr(object)?)))
            }
        };
    }
    let none = |error: std::time::TryFromFloatSecsError| {
        let shown = repr(object).unwrap_or_default();
        PyValueError::new_err(format!("{shown} s is no duration: {error}"))
    };
    if !object.is_instance_of::<PyBool>() {
        if object.is_instance_of::<PyInt>()
            && let Ok(seconds) = object.extract::<u64>()
        {
            return Ok(Duration::from_secs(seconds));
        }
        if object.is_instance_of::<PyFloat>() || object.is_instance_of::<PyInt>() {
            return Duration::try_from_secs_f64(object.extract()?).map_err(none);
        }
        let parts = ["days", "seconds", "microseconds"].map(|part| object.getattr_opt(part));
        if let [Ok(Some(days)), Ok(Some(seconds)), Ok(Some(microseconds))] = parts {
            let days: i64 = days.extract()?;
            let (seconds, microseconds): (u64, u32) = (seconds.extract()?, microseconds.extract()?);
            let Ok(days) = u64::try_from(days) else {
                return Err(PyValueError::new_err(format!("{} is negative: no span lasts so long", repr(object)?)));
            };
            return Ok(Duration::new(days * 86_400 + seconds, microseconds * 1_000));
        }
        if let Ok(seconds) = object.extract::<f64>() {
            return Duration::try_from_secs_f64(seconds).map_err(none);
        }
    }
    Err(PyTypeError::new_err(format!(
        "expected a duration: seconds, a timedelta, or a text such as \"1.5 s\", found {}",
        repr(object)?
    )))
}

/// A moment: nanoseconds since the epoch as an int, a `datetime` with a time zone, or RFC 3339.
///
/// # Errors
///
/// `TypeError` for anything else, `ValueError` for a `datetime` without a time zone, a text that is none, and what is before 1970.
pub(crate) fn timestamp(object: &Bound<'_, PyAny>) -> PyResult<Timestamp> {
    let text = if let Ok(text) = object.cast::<PyString>() {
        text.to_string_lossy().into_owned()
    } else if object.is_instance_of::<PyInt>() && !object.is_instance_of::<PyBool>() {
        return object
            .extract()
            .map(Timestamp::from_unix_ns)
            .map_err(|_| PyValueError::new_err(format!("expected nanoseconds since 1970, found {}", object)));
    } else if object.hasattr("tzinfo")? && object.hasattr("isoformat")? {
        if object.getattr("tzinfo")?.is_none() {
            return Err(PyValueError::new_err(format!(
                "{} has no time zone: which moment it is, nobody knows",
                repr(object)?
            )));
        }
        object.call_method0("isoformat")?.extract()?
    } else {
        return Err(PyTypeError::new_err(format!(
            "expected a moment: nanoseconds since 1970, a datetime with a time zone, or a text in RFC 3339, found {}",
            repr(object)?
        )));
    };
    text.parse().map_err(|error| PyValueError::new_err(format!("{error}")))
}
