//! What the engine answers, for plans in Python.

use std::sync::Arc;

use pyo3::IntoPyObjectExt;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use skyspan::device::{Location, PartialEvent, PartialEventPage, Reading, Readings};
use skyspan::document::Document;
use skyspan::message::{Payload, PlanError, Response};
use skyspan::value::{Map, Text, Value};

use super::bridge::{Bridge, hands};
use super::documents::to_dict;
use super::status;

/// An answer.
///
/// # Errors
///
/// What Python raises where it is made.
pub(crate) fn answer<'py>(py: Python<'py>, bridge: &Bridge, response: &Response) -> PyResult<Bound<'py, PyAny>> {
    Ok(match response {
        Response::Uid(uid) => PyString::new(py, uid).into_any(),
        Response::Readings(all) => readings(py, bridge, all)?.into_any(),
        Response::Status(given) => status::object(py, bridge, given)?,
        Response::Devices(devices) => {
            let devices = devices.iter().map(|device| bridge.object(py, device)).collect::<PyResult<Vec<_>>>()?;
            PyList::new(py, devices)?.into_any()
        }
        Response::Location(at) => location(py, bridge, at)?.into_any(),
        Response::Locations(all) => {
            let all = all.iter().map(|at| location(py, bridge, at)).collect::<PyResult<Vec<_>>>()?;
            PyList::new(py, all)?.into_any()
        }
        Response::Awaited(outcomes) => {
            let made = outcomes.iter().map(|outcome| awaited(py, bridge, outcome)).collect::<PyResult<Vec<_>>>()?;
            PyList::new(py, made)?.into_any()
        }
        Response::Configured(configured) => {
            let (old, new) = (readings(py, bridge, &configured.old)?, readings(py, bridge, &configured.new)?);
            PyTuple::new(py, [old, new])?.into_any()
        }
        Response::Descriptor(descriptor) => {
            to_dict(py, bridge, &Document::Descriptor(Arc::clone(descriptor)))?.into_any()
        }
        Response::Payload(Payload::Events(events)) => {
            let events = events.iter().map(|event| partial_event(py, bridge, event)).collect::<PyResult<Vec<_>>>()?;
            PyList::new(py, events)?.into_any()
        }
        Response::Payload(Payload::Pages(pages)) => {
            let pages = pages.iter().map(|page| partial_page(py, bridge, page)).collect::<PyResult<Vec<_>>>()?;
            PyList::new(py, pages)?.into_any()
        }
        Response::Value(value) => bridge.carried.to_python(py, value)?,
        // Nothing, and what a later version may answer.
        _ => py.None().into_bound(py),
    })
}

/// Readings as a dict of dicts.
///
/// # Errors
///
/// Where Python has no memory left.
pub(crate) fn readings<'py>(py: Python<'py>, bridge: &Bridge, readings: &Readings) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (key, one) in readings.iter() {
        dict.set_item(key.as_str(), reading(py, bridge, one)?)?;
    }
    Ok(dict)
}

fn reading<'py>(py: Python<'py>, bridge: &Bridge, reading: &Reading) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item(intern!(py, "value"), bridge.carried.to_python(py, &reading.value)?)?;
    dict.set_item(intern!(py, "timestamp"), reading.timestamp.unix_s())?;
    Ok(dict)
}

/// A location as a dict.
///
/// # Errors
///
/// Where Python has no memory left.
pub(crate) fn location<'py>(py: Python<'py>, bridge: &Bridge, at: &Location) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    dict.set_item(intern!(py, "setpoint"), bridge.carried.to_python(py, &at.setpoint)?)?;
    dict.set_item(intern!(py, "readback"), bridge.carried.to_python(py, &at.readback)?)?;
    Ok(dict)
}

/// What came of something that was awaited: with the methods of a task that is done.
fn awaited<'py>(py: Python<'py>, bridge: &Bridge, outcome: &Result<Value, PlanError>) -> PyResult<Bound<'py, PyAny>> {
    let (result, exception) = match outcome {
        Ok(value) => (bridge.carried.to_python(py, value)?, py.None().into_bound(py)),
        Err(error) => {
            let exception =
                super::raised::of_plan_error(py, error, |repr, cause| bridge.failed_status(py, repr, cause))?;
            (py.None().into_bound(py), exception)
        }
    };
    hands(py)?.call_method1(intern!(py, "awaited"), (result, exception))
}

fn partial_event<'py>(py: Python<'py>, bridge: &Bridge, event: &PartialEvent) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    let (data, timestamps) = (PyDict::new(py), PyDict::new(py));
    for (key, reading) in &event.readings {
        data.set_item(key.as_str(), bridge.carried.to_python(py, &reading.value)?)?;
        timestamps.set_item(key.as_str(), reading.timestamp.unix_s())?;
    }
    dict.set_item("data", data)?;
    dict.set_item("timestamps", timestamps)?;
    if !event.filled.is_empty() {
        dict.set_item("filled", bridge.carried.to_dict(py, &event.filled)?)?;
    }
    if let Some(time) = event.time {
        dict.set_item("time", time.unix_s())?;
    }
    Ok(dict)
}

fn partial_page<'py>(py: Python<'py>, bridge: &Bridge, page: &PartialEventPage) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    let columns = |columns: &[(Text, Vec<Value>)]| -> Map {
        columns.iter().map(|(key, values)| (key.clone(), Value::from(values.clone()))).collect()
    };
    dict.set_item("data", bridge.carried.to_dict(py, &columns(&page.data))?)?;
    let timestamps = PyDict::new(py);
    for (key, times) in &page.timestamps {
        timestamps.set_item(key.as_str(), times.iter().map(|time| time.unix_s()).collect::<Vec<f64>>())?;
    }
    dict.set_item("timestamps", timestamps)?;
    dict.set_item("time", page.time.iter().map(|time| time.unix_s()).collect::<Vec<f64>>().into_py_any(py)?)?;
    Ok(dict)
}
