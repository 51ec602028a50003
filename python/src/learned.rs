//! What good traces have in common: `learn()`.

use std::path::PathBuf;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use skyspan_trace::check::{CheckFile, LearnOptions, Learned, merge_learned};
use skyspan_trace::trace::Trace;

use crate::expectation::PyExpectation;
use crate::mismatch::plain;
use crate::trace::{PyTrace, io_error};

/// What good traces have in common, how much it would notice, and what it would not. Its text is the check file.
#[pyclass(frozen, name = "Learned", module = "skyspan")]
pub(crate) struct PyLearned(Learned);

#[pymethods]
impl PyLearned {
    /// The check file.
    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        let score = self.0.score();
        let beyond = score.made - score.within_seen;
        format!("<Learned: {} rules, {} of {beyond} mutants noticed>", self.0.rules().len(), score.noticed)
    }

    /// What was learned and what would not be noticed, in words and tables.
    #[getter]
    fn summary(&self) -> String {
        self.0.summary()
    }

    /// All of it as an expectation.
    fn expectation(&self) -> PyResult<PyExpectation> {
        let text = self.0.to_string();
        let file = CheckFile::parse(&text).map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(PyExpectation::new(file, "learn(...).expectation()".to_owned()))
    }

    /// All of it as plain values.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    /// Puts the rules into a check file, which is written if it is not there; what a person has written in it stays.
    fn write_into(&self, path: PathBuf) -> PyResult<()> {
        let written = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(io_error(&error, &path)),
        };
        let merged = merge_learned(&written, &self.0)
            .map_err(|error| PyValueError::new_err(error.in_file(path.display().to_string()).to_string()))?;
        std::fs::write(&path, merged.text).map_err(|error| io_error(&error, &path))
    }
}

/// What good traces have in common, as a check file.
#[pyfunction]
#[pyo3(signature = (traces, /, *, false_alarms = 0.05, times = true, mutants = 600))]
pub(crate) fn learn(
    py: Python<'_>,
    traces: Vec<PyRef<'_, PyTrace>>,
    false_alarms: f64,
    times: bool,
    mutants: usize,
) -> PyResult<PyLearned> {
    if !(false_alarms > 0.0 && false_alarms < 1.0) {
        return Err(PyValueError::new_err(format!("expected a part of 1 as false_alarms, found {false_alarms}")));
    }
    let traces: Vec<Trace> = traces.iter().map(|trace| trace.0.clone()).collect();
    let options = LearnOptions::new().false_alarms(false_alarms).mutants(mutants);
    let options = if times { options } else { options.without_times() };
    let learned = py.detach(|| Learned::of(&traces, &options));
    learned.map(PyLearned).map_err(|error| PyValueError::new_err(error.to_string()))
}
