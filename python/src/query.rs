//! `QueryAnswer`: what a query in TraceQL has found.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyIterator;
use skyspan_trace::query::{Query, QueryAnswer};
use skyspan_trace::trace::Trace;

use crate::mismatch::plain;
use crate::record::PySpanRecord;

/// What a query has found: spans, or series of numbers. Its `str` is a table.
#[pyclass(frozen, sequence, name = "QueryAnswer", module = "skyspan")]
pub(crate) struct PyAnswer(QueryAnswer);

/// The answer to a query.
///
/// # Errors
///
/// `ValueError` where the text is no query, or cannot be asked of this trace, with the place.
pub(crate) fn answer(py: Python<'_>, trace: &Trace, text: &str) -> PyResult<PyAnswer> {
    let wrong = |error| PyValueError::new_err(format!("{error}"));
    let query: Query = text.parse().map_err(wrong)?;
    crate::checking::checking(py, || query.answer(trace))?.map(PyAnswer).map_err(wrong)
}

impl PyAnswer {
    fn records(&self) -> Vec<PySpanRecord> {
        self.0.spans().map(PySpanRecord::of).collect()
    }
}

#[pymethods]
impl PyAnswer {
    /// The spans that were found.
    #[getter]
    fn spans(&self) -> Vec<PySpanRecord> {
        self.records()
    }

    /// The series that were found: dicts of labels and samples; empty where spans were asked for.
    #[getter]
    fn series<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)?.call_method1("get", ("series", pyo3::types::PyList::empty(py)))
    }

    /// All of it as plain values, as Tempo answers.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    /// What those who asked may not know.
    #[getter]
    fn hints(&self) -> Vec<String> {
        self.0.hints().iter().map(ToString::to_string).collect()
    }

    /// How many spans were found; of series, how many there are.
    fn __len__(&self) -> usize {
        if self.0.is_metrics() { self.0.series().len() } else { self.0.span_count() }
    }

    fn __getitem__(&self, at: isize) -> PyResult<PySpanRecord> {
        crate::trace::item(self.records(), at)
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        crate::trace::iterator(py, self.records())
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        let what = if self.0.is_metrics() { "series" } else { "spans" };
        format!("<QueryAnswer of {} {what}>", self.__len__())
    }
}
