//! Traces from files.

use std::io::Cursor;
use std::path::PathBuf;

use pyo3::exceptions::{PyConnectionError, PyOSError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use skyspan_trace::store::{Store, StoreAddress, StoreError};
use skyspan_trace::trace::ReadOptions;

use crate::checking::checking;
use crate::source::repr;
use crate::trace::{PyTrace, read_error};

/// The trace in a file, in whatever format it is in, or at an address of a store.
#[pyfunction]
#[pyo3(signature = (path, /, *, strict = false, up_to_cut = false, empty = false))]
pub(crate) fn read(
    py: Python<'_>,
    path: &Bound<'_, PyAny>,
    strict: bool,
    up_to_cut: bool,
    empty: bool,
) -> PyResult<PyTrace> {
    if let Ok(address) = path.cast::<PyString>()
        && StoreAddress::is_meant(&address.to_string_lossy())
    {
        return fetch(py, &address.to_string_lossy(), empty);
    }
    let options = ReadOptions::new().strict(strict).up_to_cut(up_to_cut).empty(empty);
    let file: PathBuf = path.extract()?;
    let reading = checking(py, || options.read(&file))?.map_err(|error| read_error(&error))?;
    warn(py, &reading.warnings())?;
    Ok(PyTrace(reading.trace))
}

/// The trace at an address such as `tempo+http://tempo:3200/5fa3…`.
fn fetch(py: Python<'_>, address: &str, empty: bool) -> PyResult<PyTrace> {
    let address: StoreAddress = address.parse().map_err(|error| PyValueError::new_err(format!("{error}")))?;
    let store = Store::from_environment().map_err(|error| PyValueError::new_err(error.to_string()))?.empty(empty);
    let reading = checking(py, || store.fetch(&address).map_err(Box::new))?.map_err(|error| match &*error {
        StoreError::Unreachable { .. } | StoreError::Certificate { .. } => {
            PyConnectionError::new_err(error.to_string())
        }
        error if error.is_of_machine() => PyOSError::new_err(error.to_string()),
        error => PyValueError::new_err(error.to_string()),
    })?;
    warn(py, &reading.warnings())?;
    Ok(PyTrace(reading.trace))
}

/// The trace in a text or in bytes, in whatever format it is in.
#[pyfunction]
#[pyo3(signature = (content, /, *, strict = false, up_to_cut = false, empty = false))]
pub(crate) fn loads(
    py: Python<'_>,
    content: &Bound<'_, PyAny>,
    strict: bool,
    up_to_cut: bool,
    empty: bool,
) -> PyResult<PyTrace> {
    let options = ReadOptions::new().strict(strict).up_to_cut(up_to_cut).empty(empty);
    let bytes = if let Ok(text) = content.cast::<PyString>() {
        text.to_str()?.as_bytes().to_vec()
    } else if let Ok(bytes) = content.cast::<PyBytes>() {
        bytes.as_bytes().to_vec()
    } else {
        return Err(PyTypeError::new_err(format!("expected str or bytes, found {}", repr(content)?)));
    };
    let reading = checking(py, || options.read_from(Cursor::new(bytes)))?.map_err(|error| read_error(&error))?;
    warn(py, &reading.warnings())?;
    Ok(PyTrace(reading.trace))
}

/// Tells what was passed over.
fn warn(py: Python<'_>, warnings: &[String]) -> PyResult<()> {
    for warning in warnings {
        let category = py.get_type::<pyo3::exceptions::PyUserWarning>();
        let text = std::ffi::CString::new(warning.replace('\0', "\u{fffd}"))?;
        PyErr::warn(py, &category, &text, 1)?;
    }
    Ok(())
}
