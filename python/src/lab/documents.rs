//! Documents for Python: dicts as event-model has them, and callbacks that get them.

use std::sync::Weak;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use skyspan::document::Document;
use skyspan::engine::Subscriber;
use skyspan::message::PlanError;
use skyspan::value::Text;

use super::bridge::Bridge;
use super::raised::Raised;
use crate::value::text;

/// A document as a dict.
///
/// # Errors
///
/// Where Python has no memory left.
pub(crate) fn to_dict<'py>(py: Python<'py>, bridge: &Bridge, document: &Document) -> PyResult<Bound<'py, PyDict>> {
    bridge.carried.to_dict(py, &document.to_map())
}

/// Who calls a callable of Python with the name and the dict of each document.
pub(crate) fn subscriber(bridge: Weak<Bridge>, callback: &Bound<'_, PyAny>) -> Subscriber {
    let name = callback.getattr("__name__").ok().and_then(|name| text(&name).ok());
    let callback = callback.clone().unbind();
    let subscriber = Subscriber::new(move |document: &Document| -> Result<(), PlanError> {
        let Some(bridge) = bridge.upgrade() else { return Ok(()) };
        Python::attach(|py| {
            to_dict(py, &bridge, document)
                .and_then(|dict| callback.call1(py, (document.name(), dict)))
                .map(drop)
                .map_err(|error| PlanError::Foreign(Raised::foreign(error.value(py))))
        })
    });
    match name {
        Some(name) => subscriber.named(name),
        None => subscriber,
    }
}

/// The name of a kind of document: a text, or a member of `event_model.DocumentNames`.
///
/// # Errors
///
/// What the object raises.
pub(crate) fn document_name(object: &Bound<'_, PyAny>) -> PyResult<Text> {
    match object.getattr_opt("name")? {
        Some(name) => text(&name),
        None => text(object),
    }
}
