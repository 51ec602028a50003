//! Check files, and the rules that any trace should keep, as expectations.

use std::path::PathBuf;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use skyspan_trace::check::{CheckFile, Lint, Severity};

use crate::expectation::PyExpectation;
use crate::pattern::repr_text;
use crate::source::{keyword, repr};

fn expectation(file: CheckFile, source: String) -> PyResult<PyExpectation> {
    if file.asks_for_documents() {
        return Err(PyValueError::new_err(
            "the check file expects something of documents, and a trace has none: `skyspan check` holds it against a plan",
        ));
    }
    Ok(PyExpectation::new(file, source))
}

/// What a check file says: a list of expectations in YAML.
#[pyfunction]
#[pyo3(signature = (path, /))]
pub(crate) fn check_file(path: &Bound<'_, PyAny>) -> PyResult<PyExpectation> {
    let file: PathBuf = path.extract()?;
    // That it is not there is an error of its own.
    std::fs::metadata(&file).map_err(|error| crate::trace::io_error(&error, &file))?;
    let checks = CheckFile::read(&file).map_err(|error| PyValueError::new_err(format!("{error}")))?;
    expectation(checks, format!("check_file({})", repr(path)?))
}

/// What the text of a check file says.
#[pyfunction]
#[pyo3(signature = (yaml, /))]
pub(crate) fn checks(yaml: &str) -> PyResult<PyExpectation> {
    let checks = CheckFile::parse(yaml).map_err(|error| PyValueError::new_err(format!("{error}")))?;
    expectation(checks, format!("checks({})", repr_text(yaml)))
}

/// No rule of OpenTelemetry and bluesky is broken that is so bad, or worse.
#[pyfunction]
#[pyo3(signature = (*, deny = "warning", without = Vec::new()))]
pub(crate) fn lint(deny: &str, without: Vec<String>) -> PyResult<PyExpectation> {
    let mut rules = Lint::standard().deny(match deny {
        "error" => Severity::Error,
        "warning" => Severity::Warning,
        "info" => Severity::Info,
        other => {
            return Err(PyValueError::new_err(format!("expected \"error\", \"warning\" or \"info\", found {other:?}")));
        }
    });
    let mut words = Vec::new();
    if deny != "warning" {
        words.push(keyword("deny", &repr_text(deny)));
    }
    if !without.is_empty() {
        let names: Vec<String> = without.iter().map(|name| repr_text(name)).collect();
        words.push(keyword("without", &format!("[{}]", names.join(", "))));
    }
    for rule in without {
        rules = rules.without(&rule).map_err(PyValueError::new_err)?;
    }
    Ok(PyExpectation::new(rules, format!("lint({})", words.join(", "))))
}
