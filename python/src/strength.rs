//! How much of what may go wrong expectations would notice: `Trace.strength()`.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use serde_json::Value as Json;
use skyspan_trace::expect::{Mutants, MutationKind, NamePattern, Strength};
use skyspan_trace::value::nearest;

use crate::checking::checking;
use crate::expectation::joined;
use crate::mismatch::{assertion_error, plain};
use crate::pattern::name_pattern;
use crate::trace::PyTrace;

/// How much of what may go wrong some expectations would notice. Its `str` tells what they would not.
#[pyclass(frozen, name = "Strength", module = "skyspan")]
pub(crate) struct PyStrength(Strength);

/// What a kind is called: `"span_dropped"` is `"dropped"` in JSON, and so here.
fn word(kind: MutationKind) -> String {
    match serde_json::to_value(kind) {
        Ok(Json::String(word)) => word,
        _ => kind.to_string(),
    }
}

fn kind(said: &str) -> PyResult<MutationKind> {
    let words: Vec<String> = MutationKind::ALL.into_iter().map(word).collect();
    MutationKind::ALL.into_iter().find(|kind| word(*kind) == said).ok_or_else(|| {
        let meant = nearest(said, words.iter().map(String::as_str)).map(|meant| format!("; did you mean {meant:?}?"));
        PyValueError::new_err(format!(
            "{said:?} is no kind of mutants{}; there are {}",
            meant.unwrap_or_default(),
            words.join(", ")
        ))
    })
}

fn kinds(said: &[String]) -> PyResult<Vec<MutationKind>> {
    said.iter().map(|said| kind(said)).collect()
}

fn names(said: &[Bound<'_, PyAny>]) -> PyResult<Vec<NamePattern>> {
    said.iter().map(|said| name_pattern(Some(said))).collect()
}

#[pymethods]
impl PyTrace {
    /// How much of what may go wrong these would notice.
    #[pyo3(signature = (*expectations, at_most = None, seed = 0, only = None, without = Vec::new(), only_keys = None, without_keys = Vec::new()))]
    #[expect(clippy::too_many_arguments, reason = "they are keywords")]
    fn strength(
        &self,
        py: Python<'_>,
        expectations: &Bound<'_, PyTuple>,
        at_most: Option<usize>,
        seed: u64,
        only: Option<Vec<String>>,
        without: Vec<String>,
        only_keys: Option<Vec<Bound<'_, PyAny>>>,
        without_keys: Vec<Bound<'_, PyAny>>,
    ) -> PyResult<PyStrength> {
        let expectation = joined(expectations)?;
        let mut mutants = Mutants::of(&self.0).seed(seed);
        if let Some(at_most) = at_most {
            mutants = mutants.at_most(at_most);
        }
        if let Some(only) = only {
            mutants = mutants.only(kinds(&only)?);
        }
        mutants = kinds(&without)?.into_iter().fold(mutants, Mutants::without);
        if let Some(keys) = only_keys {
            // No key at all means every key to it.
            mutants = match names(&keys)? {
                keys if keys.is_empty() => mutants.without_key(NamePattern::Any),
                keys => mutants.only_keys(keys),
            };
        }
        mutants = names(&without_keys)?.into_iter().fold(mutants, Mutants::without_key);
        let strength = checking(py, || mutants.check(&expectation))?;
        strength.map(PyStrength).map_err(|mismatch| assertion_error(py, mismatch))
    }
}

#[pymethods]
impl PyStrength {
    /// How many mutants of the trace were noticed.
    #[getter]
    fn noticed(&self) -> usize {
        self.0.score().noticed
    }

    /// How many there were.
    #[getter]
    fn made(&self) -> usize {
        self.0.score().made
    }

    /// How many there could be; more than were made where those are a sample.
    #[getter]
    fn possible(&self) -> usize {
        self.0.possible()
    }

    /// The share that was noticed, from 0 to 1.
    #[getter]
    fn share(&self) -> f64 {
        self.0.share()
    }

    /// How many of each kind were noticed, and made: `{"changed": (3, 4)}`.
    #[getter]
    fn kinds<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let kinds = PyDict::new(py);
        for kind in MutationKind::ALL {
            let score = self.0.score_of(kind);
            if score.made > 0 {
                kinds.set_item(word(kind), (score.noticed, score.made))?;
            }
        }
        Ok(kinds)
    }

    /// What was accepted all the same, in words.
    #[getter]
    fn survivors(&self) -> Vec<String> {
        self.0.survivors().iter().map(ToString::to_string).collect()
    }

    /// All of it as plain values.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<Strength: {} of {} mutants are noticed>", self.noticed(), self.made())
    }
}
