//! What differs between traces: `diff()`.

use pyo3::exceptions::{PyAssertionError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use skyspan_trace::compare::{DiffOptions, TraceDiff};
use skyspan_trace::trace::Trace;

use crate::checking::checking;
use crate::duration::duration;
use crate::mismatch::plain;
use crate::pattern::name_pattern;
use crate::source::repr;
use crate::trace::PyTrace;

/// What differs between traces. Its `str` is for people.
#[pyclass(frozen, name = "TraceDiff", module = "skyspan")]
pub(crate) struct PyDiff(TraceDiff);

/// The traces of a side: one, what has one by now, or several of them.
fn side(word: &str, object: &Bound<'_, PyAny>) -> PyResult<Vec<Trace>> {
    if let Some(one) = trace_of(object)? {
        return Ok(vec![one]);
    }
    let none = || {
        Ok::<_, PyErr>(PyTypeError::new_err(format!(
            "expected a Trace or several for {word}, found {}: skyspan.read() reads one from a file",
            repr(object)?
        )))
    };
    // A text would be gone through letter by letter.
    if object.is_instance_of::<PyString>() {
        return Err(none()?);
    }
    let Ok(several) = object.try_iter() else { return Err(none()?) };
    let mut traces = Vec::new();
    for one in several {
        let one = one?;
        traces.push(trace_of(&one)?.map_or_else(
            || Err(PyTypeError::new_err(format!("expected a Trace in {word}, found {}", repr(&one)?))),
            Ok,
        )?);
    }
    if traces.is_empty() {
        return Err(PyValueError::new_err(format!("{word} has no trace: there is nothing to compare")));
    }
    Ok(traces)
}

/// A trace, or that of a capture so far.
fn trace_of(object: &Bound<'_, PyAny>) -> PyResult<Option<Trace>> {
    if let Ok(trace) = object.cast::<PyTrace>() {
        return Ok(Some(trace.get().0.clone()));
    }
    match object.getattr_opt("trace")? {
        None => Ok(None),
        Some(trace) => {
            let trace = if trace.is_callable() { trace.call0()? } else { trace };
            Ok(trace.cast::<PyTrace>().ok().map(|trace| trace.get().0.clone()))
        }
    }
}

fn part(word: &str, part: f64) -> PyResult<f64> {
    if part.is_finite() && part >= 0.0 {
        Ok(part)
    } else {
        Err(PyValueError::new_err(format!("expected a part of 1 for {word}, such as 0.05 for 5 %, found {part}")))
    }
}

/// What differs between two traces, or between several recordings before and several after.
#[pyfunction]
#[pyo3(signature = (
    before, after, /, *, slower = 0.05, faster = None, tolerance = None, attributes = true, structure = true, times = true,
    without = Vec::new()
))]
#[expect(clippy::too_many_arguments, reason = "they are keywords")]
pub(crate) fn diff(
    py: Python<'_>,
    before: &Bound<'_, PyAny>,
    after: &Bound<'_, PyAny>,
    slower: f64,
    faster: Option<f64>,
    tolerance: Option<&Bound<'_, PyAny>>,
    attributes: bool,
    structure: bool,
    times: bool,
    without: Vec<Bound<'_, PyAny>>,
) -> PyResult<PyDiff> {
    let (before, after) = (side("before", before)?, side("after", after)?);
    let mut options = DiffOptions::new().slower(part("slower", slower)?);
    if let Some(faster) = faster {
        options = options.faster(part("faster", faster)?);
    }
    if let Some(tolerance) = tolerance {
        options = options.tolerance(duration(tolerance)?);
    }
    options = options.attributes(attributes).structure(structure).times(times);
    for key in &without {
        options = options.without_key(name_pattern(Some(key))?);
    }
    checking(py, || TraceDiff::of(&before, &after, &options)).map(PyDiff)
}

impl PyDiff {
    /// A list of what has been found, as plain values.
    fn list<'py>(&self, py: Python<'py>, field: &str) -> PyResult<Bound<'py, PyAny>> {
        plain(py, &self.0)?.get_item(field)
    }

    fn times_with<'py>(&self, py: Python<'py>, verdict: &str) -> PyResult<Bound<'py, PyList>> {
        let chosen = PyList::empty(py);
        for time in self.list(py, "times")?.try_iter()? {
            let time = time?;
            if time.get_item("verdict")?.eq(verdict)? {
                chosen.append(time)?;
            }
        }
        Ok(chosen)
    }
}

#[pymethods]
impl PyDiff {
    /// Whether they differ by more than is allowed.
    #[getter]
    fn differs(&self) -> bool {
        self.0.differs
    }

    /// What is gone, new, moved or renamed, as dicts of plain values.
    #[getter]
    fn structure<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.list(py, "structure")
    }

    /// The attributes that are others, as dicts of plain values.
    #[getter]
    fn attributes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.list(py, "attributes")
    }

    /// The times of all groups of spans, as dicts of plain values, what differs first.
    #[getter]
    fn times<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.list(py, "times")
    }

    /// The times that are longer by more than is allowed, and not by chance.
    #[getter]
    fn slower<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        self.times_with(py, "slower")
    }

    /// The times that are shorter by as much.
    #[getter]
    fn faster<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        self.times_with(py, "faster")
    }

    /// Raises AssertionError with all that differs, if anything does.
    fn expect_same(&self) -> PyResult<()> {
        if !self.0.differs {
            return Ok(());
        }
        Err(PyAssertionError::new_err(format!("the traces differ\n\n{}", self.0.to_string().trim_end())))
    }

    /// All of it as plain values, as `skyspan diff --json` prints it.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        Ok(plain(py, &self.0)?.cast_into::<PyDict>()?)
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        let of = |side: &skyspan_trace::compare::DiffSide| {
            format!("{} span{}", side.spans, if side.spans == 1 { "" } else { "s" })
        };
        let differs = if self.0.differs { "differs" } else { "differs by no more than is allowed" };
        format!("<TraceDiff of {} and {}: {differs}>", of(&self.0.before), of(&self.0.after))
    }
}
