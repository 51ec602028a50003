//! `Mismatch`: why a trace is not as expected.

use pyo3::exceptions::PyAssertionError;
use pyo3::prelude::*;
use skyspan_trace::expect::Mismatch;
use skyspan_trace::page::Page;

use crate::checking::checking;
use crate::trace::{PyTrace, html};

/// Why a trace is not as expected. Its `str` is the report.
#[pyclass(frozen, name = "Mismatch", module = "skyspan")]
pub(crate) struct PyMismatch(Mismatch);

impl PyMismatch {
    pub(crate) fn new(mismatch: Mismatch) -> Self {
        Self(mismatch)
    }
}

/// The error that tells a mismatch: its text is the report, and `mismatch` is the rest.
pub(crate) fn assertion_error(py: Python<'_>, mismatch: Mismatch) -> PyErr {
    let report = mismatch.to_string();
    let error = PyAssertionError::new_err(report.trim_end().to_owned());
    let told = Py::new(py, PyMismatch(mismatch)).and_then(|told| error.value(py).setattr("mismatch", told));
    told.err().unwrap_or(error)
}

#[pymethods]
impl PyMismatch {
    /// The trace that was checked.
    #[getter]
    fn trace(&self) -> PyTrace {
        PyTrace(self.0.trace().clone())
    }

    /// All that is wrong, as dicts of plain values.
    #[getter]
    fn failures<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)?.get_item("failures")
    }

    /// What the report says below its headline.
    #[getter]
    fn clues(&self) -> Vec<String> {
        self.0.clues().iter().map(ToString::to_string).collect()
    }

    /// The report in the colours of a terminal, for lines of this width.
    #[pyo3(signature = (width = 120))]
    fn colored(&self, width: usize) -> String {
        self.0.colored().width(width).to_string()
    }

    /// The trace as one HTML page that shows what is wrong with it.
    #[pyo3(signature = (*, title = None))]
    fn to_html(&self, py: Python<'_>, title: Option<String>) -> PyResult<String> {
        checking(py, || html(Page::of(self.0.trace()).mismatch(&self.0), title))
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        let report = self.0.to_string();
        format!("<Mismatch: {}>", report.lines().next().unwrap_or_default())
    }
}

/// Anything that serde writes, as plain values of Python.
pub(crate) fn plain<'py>(py: Python<'py>, of: &impl serde::Serialize) -> PyResult<Bound<'py, PyAny>> {
    let json =
        serde_json::to_string(of).map_err(|error| pyo3::exceptions::PyRuntimeError::new_err(error.to_string()))?;
    py.import("json")?.call_method1("loads", (json,))
}
