//! How an expectation was written: its `repr`.

use std::sync::Arc;

use pyo3::prelude::*;
use skyspan_trace::value::{self, Value};

/// The Python code of an expectation, a pattern or a range.
pub(crate) type Source = Arc<str>;

/// A call of a function with these values.
pub(crate) fn call<const N: usize>(function: &str, arguments: [Value; N]) -> Source {
    let arguments: Vec<String> = arguments.iter().map(value::repr).collect();
    format!("{function}({})", arguments.join(", ")).into()
}

/// An argument by its name.
pub(crate) fn keyword(name: &str, value: &str) -> String {
    format!("{name}={value}")
}

/// Python's `repr` of an object.
pub(crate) fn repr(object: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(object.repr()?.to_string_lossy().into_owned())
}

/// The `repr` of several, with commas.
pub(crate) fn reprs<'py>(objects: impl IntoIterator<Item = Bound<'py, PyAny>>) -> PyResult<String> {
    Ok(objects.into_iter().map(|object| repr(&object)).collect::<PyResult<Vec<_>>>()?.join(", "))
}
