//! What goes wrong with a device, as Python says it.

use pyo3::exceptions::{PyBaseException, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use skyspan::device::DeviceError;
use skyspan::hardware::{Fault, Method, Occasions};

use super::carried::Carried;
use super::raised::Raised;
use super::seconds::duration;
use crate::value::text;

/// What may stand beside the method: which calls, and what goes wrong.
const KINDS: &str = "one of raises, fails, hangs, late_by, slow_by, reads, disconnects_for";

/// At which calls.
fn occasions(given: &Bound<'_, PyDict>) -> PyResult<Occasions> {
    let take = |key: &str| -> PyResult<Option<Bound<'_, PyAny>>> {
        let value = given.get_item(key)?.filter(|value| !value.is_none());
        if value.is_some() {
            given.del_item(key)?;
        }
        Ok(value)
    };
    let (nth, from, to, rate) = (take("nth")?, take("from_")?, take("to")?, take("rate")?);
    let count = |value: &Bound<'_, PyAny>, what: &str| -> PyResult<u64> {
        let count = value.extract::<u64>().map_err(|_| {
            PyTypeError::new_err(format!("expected {what}, a whole number counted from 1, found {value}"))
        })?;
        if count == 0 { Err(PyValueError::new_err(format!("{what} is counted from 1, found 0"))) } else { Ok(count) }
    };
    Ok(match (nth, from, to, rate) {
        (None, None, None, None) => Occasions::from(..),
        (Some(nth), None, None, None) => count(&nth, "nth")?.into(),
        (None, Some(from), None, None) => (count(&from, "from_")?..).into(),
        (None, from, Some(to), None) => {
            let from = from.map(|from| count(&from, "from_")).transpose()?.unwrap_or(1);
            let to = count(&to, "to")?;
            if to < from {
                return Err(PyValueError::new_err(format!("expected to from {from} on, found {to}")));
            }
            (from..=to).into()
        }
        (None, None, None, Some(rate)) => {
            let number: f64 = rate.extract()?;
            if !(0.0..=1.0).contains(&number) {
                return Err(PyValueError::new_err(format!("expected a rate from 0 to 1, found {rate}")));
            }
            Occasions::at_rate(number)
        }
        _ => {
            return Err(PyTypeError::new_err(
                "a fault comes at the nth call, at those from_ and to, or at a rate: one of these",
            ));
        }
    })
}

/// An error: an exception as it is, or a text, which is that of a `DeviceFault`.
fn error(given: &Bound<'_, PyAny>) -> PyResult<DeviceError> {
    if given.is_instance_of::<PyBaseException>() {
        return Ok(DeviceError::Foreign(Raised::foreign(given)));
    }
    Ok(DeviceError::other("DeviceFault", text(given)?))
}

/// A fault of a method.
///
/// # Errors
///
/// `TypeError` and `ValueError` for what is no fault.
pub(crate) fn fault(
    py: Python<'_>,
    carried: &Carried,
    method: &str,
    given: Option<&Bound<'_, PyDict>>,
) -> PyResult<Fault> {
    let given = match given {
        Some(given) => given.copy()?,
        None => PyDict::new(py),
    };
    let method = Method::ALL.iter().copied().find(|known| known.as_str() == method).ok_or_else(|| {
        let known: Vec<&str> = Method::ALL.iter().map(|known| known.as_str()).collect();
        PyValueError::new_err(format!("expected a method of devices ({}), found {method:?}", known.join(", ")))
    })?;
    let at = Fault::on(method, occasions(&given)?);
    let take = |key: &str| -> PyResult<Option<Bound<'_, PyAny>>> {
        let value = given.get_item(key)?;
        if value.is_some() {
            given.del_item(key)?;
        }
        Ok(value)
    };
    let (after, key) = (take("after")?, take("key")?);
    let kinds = ["raises", "fails", "hangs", "late_by", "slow_by", "reads", "disconnects_for"];
    let mut what = None;
    for kind in kinds {
        if let Some(value) = take(kind)?
            && what.replace((kind, value)).is_some()
        {
            return Err(PyTypeError::new_err(format!(
                "a fault is {KINDS}; two faults come together where both are given"
            )));
        }
    }
    if let Some(unknown) = given.keys().iter().next() {
        return Err(PyTypeError::new_err(format!("fault() got an unexpected keyword argument {}", unknown.repr()?)));
    }
    let Some((kind, value)) = what else {
        return Err(PyTypeError::new_err(format!("say what goes wrong: {KINDS}")));
    };
    if after.is_some() && kind != "fails" {
        return Err(PyTypeError::new_err("after belongs to fails: what the call began fails so many seconds later"));
    }
    if key.is_some() && kind != "reads" {
        return Err(PyTypeError::new_err("key belongs to reads: the data key that reads something else"));
    }
    Ok(match kind {
        "raises" => at.raises_error(error(&value)?),
        "fails" => {
            let after = after.map(|after| duration(&after, "after")).transpose()?.unwrap_or_default();
            at.fails_with(after, error(&value)?)
        }
        "hangs" if value.is_truthy()? => at.hangs(),
        "hangs" => return Err(PyValueError::new_err("expected hangs=True")),
        "late_by" => at.late_by(duration(&value, "late_by")?),
        "slow_by" => {
            let factor: f64 = value.extract()?;
            if factor.is_nan() {
                return Err(PyValueError::new_err("expected slow_by, how many times as long, found nan"));
            }
            at.slow_by(factor)
        }
        "reads" => match key {
            Some(key) => at.reads_as(text(&key)?, carried.argument(&value)?),
            None => at.reads(carried.argument(&value)?),
        },
        _ => at.disconnects_for(duration(&value, "disconnects_for")?),
    })
}
