//! What stands in the words of spans: statuses, kinds, exceptions, attributes by name, callables that are asked.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use skyspan_trace::expect::{Expected, StatusExpectation};
use skyspan_trace::trace::{SpanKind, SpanRef, Status, Trace};

use crate::pattern::{expected, repr_text, truth_of};
use crate::record::PySpanRecord;
use crate::source::{keyword, repr};

/// Attributes that were said by name, and those in a dict, with how they were written.
pub(crate) fn keys_and_values(
    attributes: Option<&Bound<'_, PyDict>>,
    more: Option<&Bound<'_, PyDict>>,
    arguments: &mut Vec<String>,
) -> PyResult<Vec<(String, Expected)>> {
    let mut all = Vec::new();
    for (key, value) in attributes.into_iter().flat_map(|attributes| attributes.iter()) {
        all.push((key.extract::<String>()?, expected(&value)?));
    }
    // What is nested too deep has no repr either, so that comes last.
    if let Some(attributes) = attributes {
        arguments.push(keyword("attributes", &repr(attributes)?));
    }
    for (key, value) in more.into_iter().flat_map(|more| more.iter()) {
        let key: String = key.extract()?;
        all.push((key.clone(), expected(&value)?));
        arguments.push(keyword(&key, &repr(&value)?));
    }
    Ok(all)
}

/// A word of a status, or what `opentelemetry.trace.StatusCode` has.
fn word(object: &Bound<'_, PyAny>) -> PyResult<String> {
    let name = match object.getattr_opt("name")? {
        Some(name) => name,
        None => object.clone(),
    };
    Ok(name
        .extract::<String>()
        .map_err(|_| PyTypeError::new_err(format!("expected a word, found {object}")))?
        .to_lowercase())
}

pub(crate) fn status_of(object: &Bound<'_, PyAny>) -> PyResult<StatusExpectation> {
    match word(object)?.as_str() {
        "error" => Ok(StatusExpectation::Error),
        "ok" => Ok(Status::Ok.into()),
        "unset" => Ok(Status::Unset.into()),
        _ => Err(PyValueError::new_err(format!(
            "expected \"error\", \"ok\" or \"unset\" for a status, found {}",
            repr(object)?
        ))),
    }
}

pub(crate) fn kind_of(object: &Bound<'_, PyAny>) -> PyResult<SpanKind> {
    Ok(match word(object)?.as_str() {
        "internal" => SpanKind::Internal,
        "server" => SpanKind::Server,
        "client" => SpanKind::Client,
        "producer" => SpanKind::Producer,
        "consumer" => SpanKind::Consumer,
        _ => {
            return Err(PyValueError::new_err(format!(
                "expected \"internal\", \"server\", \"client\", \"producer\" or \"consumer\" for a kind, found {}",
                repr(object)?
            )));
        }
    })
}

/// An exception by its class, its name as the SDK writes it, or a pattern.
pub(crate) fn exception_type(object: &Bound<'_, PyAny>) -> PyResult<(Expected, String)> {
    if !object.is_instance_of::<pyo3::types::PyType>() {
        return Ok((expected(object)?, repr(object)?));
    }
    let qualname: String = object.getattr("__qualname__")?.extract()?;
    let module: String = object.getattr("__module__")?.extract()?;
    let name = if module == "builtins" { qualname.clone() } else { format!("{module}.{qualname}") };
    Ok((name.into(), qualname))
}

pub(crate) fn condition(
    description: &str,
    condition: &Bound<'_, PyAny>,
) -> PyResult<impl Fn(SpanRef<'_>) -> bool + Send + Sync + 'static + use<>> {
    if !condition.is_callable() {
        return Err(PyTypeError::new_err(format!(
            "expected a callable that takes a span for {}, found {}",
            repr_text(description),
            repr(condition)?
        )));
    }
    let condition = condition.clone().unbind();
    Ok(move |span: SpanRef<'_>| {
        let (trace, at) = (Trace::clone(span.trace()), span.index());
        truth_of(|py| condition.bind(py).call1((PySpanRecord::new(trace, at),))?.is_truthy())
    })
}
