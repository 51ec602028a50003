//! `Run`: what came of a call.

use std::sync::Arc;

use pyo3::exceptions::PyAssertionError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList, PyTuple};
use skyspan::document::Document;
use skyspan::engine::{ExitStatus, LimitReached};
use skyspan::harness::Outcome;
use skyspan::property::laws;
use skyspan_trace::trace::Trace;

use super::bridge::Bridge;
use super::documents::to_dict;
use super::lab_core::LabCore;
use super::message::from_msg;
use super::raised::of_plan_error;
use crate::checking::checking;
use crate::mismatch::PyMismatch;
use crate::trace::PyTrace;

/// What came of a plan that a lab took to its end, or to a pause.
#[pyclass(frozen, name = "Run", module = "skyspan")]
pub(crate) struct PyOutcome {
    outcome: Outcome,
    bridge: Arc<Bridge>,
    trace: Py<PyTrace>,
    exception: Option<Py<PyAny>>,
    result: Option<Py<PyAny>>,
    documents: PyOnceLock<Py<PyList>>,
    messages: PyOnceLock<Py<PyList>>,
}

impl PyOutcome {
    pub(crate) fn new(py: Python<'_>, core: &LabCore, outcome: Outcome) -> PyResult<Self> {
        let bridge = Arc::clone(&core.bridge);
        let exception = match outcome.exception() {
            None => None,
            Some(error) => Some(match bridge.thrown.exception_for(py, error) {
                Some(thrown) => thrown.unbind(),
                None => of_plan_error(py, error, |repr, cause| bridge.failed_status(py, repr, cause))?.unbind(),
            }),
        };
        let trace = Py::new(py, PyTrace(outcome.trace().clone()))?;
        let result = bridge.take_returned();
        let (documents, messages) = (PyOnceLock::new(), PyOnceLock::new());
        Ok(Self { outcome, bridge, trace, exception, result, documents, messages })
    }

    /// What the harness says of it.
    pub(crate) const fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// What came out of the plan, where that was an exception.
    pub(crate) fn raised<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        self.exception.as_ref().map(|exception| exception.bind(py).clone())
    }

    fn trace(&self) -> &Trace {
        self.outcome.trace()
    }

    fn went_well(&self) -> bool {
        let is_success = self.outcome.exit_status() == ExitStatus::Success && !self.outcome.is_paused();
        is_success && self.outcome.unreached().is_empty()
    }

    fn why(&self) -> String {
        if let Some(reached) = self.outcome.limit_reached() {
            return at_limit(reached);
        }
        let result = self.outcome.result();
        let place = result.failed_at.as_ref().map(|at| format!("\n{at}")).unwrap_or_default();
        match self.outcome.exception() {
            Some(error) => format!("{}: {error}{place}", error.name()),
            None if self.outcome.is_paused() => "it is paused".to_owned(),
            None if self.outcome.exit_status() != ExitStatus::Success => {
                let reason = if result.reason.is_empty() { String::new() } else { format!(": {}", result.reason) };
                format!("exit status {}{reason}", self.outcome.exit_status())
            }
            None => format!(
                "something was scheduled for the messages {:?}, and it had {}",
                self.outcome.unreached(),
                self.outcome.messages().len()
            ),
        }
    }
}

/// That a limit is reached, and what to do.
fn at_limit(reached: LimitReached) -> String {
    let LimitReached { name, limit, .. } = reached;
    let advice = match name {
        "messages" => {
            "a plan that asks again and again without waiting comes to no end, as no time passes: yield a sleep, or wait for the status; "
        }
        "simulated_seconds" => "a plan that waits again and again comes to no end; ",
        _ => "a lab keeps what all its calls have left, so make one for each test; ",
    };
    format!(
        "the limit of {name}, {limit}, is reached: {advice}Lab(limits={{{name:?}: N}}) is another limit, and Lab(limits=False) none"
    )
}

#[pymethods]
impl PyOutcome {
    /// Its spans.
    #[getter]
    fn get_trace(&self, py: Python<'_>) -> Py<PyTrace> {
        self.trace.clone_ref(py)
    }

    /// How long it took on the lab's clock, in seconds.
    #[getter]
    fn duration(&self) -> f64 {
        self.outcome.duration().as_secs_f64()
    }

    /// The same, in nanoseconds.
    #[getter]
    fn duration_ns(&self) -> u128 {
        self.outcome.duration().as_nanos()
    }

    /// When it began on the lab's clock, in seconds since 1970.
    #[getter]
    fn started(&self) -> f64 {
        self.outcome.started().unix_s()
    }

    /// How it ended: `success`, `abort` or `fail`.
    #[getter]
    fn exit_status(&self) -> &'static str {
        self.outcome.exit_status().as_str()
    }

    /// Why; empty where there is nothing to say.
    #[getter]
    fn reason(&self) -> String {
        // That of the engine speaks to those who write Rust, or plan files.
        let reason = &self.outcome.result().reason;
        let reached = self.outcome.limit_reached().filter(|reached| reached.to_string() == **reason);
        reached.map_or_else(|| reason.to_string(), at_limit)
    }

    /// Whether it was paused, or ended from outside.
    #[getter]
    fn interrupted(&self) -> bool {
        self.outcome.interrupted()
    }

    /// Whether it is paused.
    #[getter]
    fn paused(&self) -> bool {
        self.outcome.is_paused()
    }

    /// What came out of the plan, where that was an exception: the one that was raised.
    #[getter]
    fn exception(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.exception.as_ref().map(|exception| exception.clone_ref(py))
    }

    /// What the plan returned.
    #[getter]
    fn result(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.result.as_ref().map(|result| result.clone_ref(py))
    }

    /// The uids of its runs, in order.
    #[getter]
    fn run_start_uids(&self) -> Vec<String> {
        self.outcome.result().run_start_uids.iter().map(ToString::to_string).collect()
    }

    /// The documents that were emitted, in order: pairs of a name and a dict.
    #[getter]
    fn documents<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let made = self.documents.get_or_try_init(py, || -> PyResult<Py<PyList>> {
            let all = PyList::empty(py);
            for document in self.outcome.documents() {
                all.append((document.name(), to_dict(py, &self.bridge, document)?))?;
            }
            Ok(all.unbind())
        })?;
        Ok(made.bind(py).clone())
    }

    /// The events that were emitted, in order, whatever their stream.
    #[getter]
    fn events<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let events = self.outcome.documents().iter().filter(|document| matches!(document, Document::Event(_)));
        events.map(|event| to_dict(py, &self.bridge, event)).collect()
    }

    /// The messages that were executed, in order; those again that were executed again.
    #[getter]
    fn messages<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let made = self.messages.get_or_try_init(py, || -> PyResult<Py<PyList>> {
            let all = PyList::empty(py);
            for msg in self.outcome.messages() {
                all.append(from_msg(py, &self.bridge, msg)?)?;
            }
            Ok(all.unbind())
        })?;
        Ok(made.bind(py).clone())
    }

    /// What was scheduled and did not go in the state that the engine was in then.
    #[getter]
    fn refused(&self) -> Vec<String> {
        self.outcome.refused().iter().map(ToString::to_string).collect()
    }

    /// The messages for which something was scheduled and that never came.
    #[getter]
    fn unreached(&self) -> Vec<usize> {
        self.outcome.unreached().to_vec()
    }

    /// What went well, and may not be meant.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.outcome.result().warnings.iter().map(ToString::to_string).collect()
    }

    /// What went wrong while the engine cleaned up.
    #[getter]
    fn cleanup_errors(&self) -> Vec<String> {
        self.outcome.result().cleanup_errors.iter().map(ToString::to_string).collect()
    }

    /// Raises AssertionError unless it ended with success, and all came for which something was scheduled. What came out of the
    /// plan is its cause.
    fn assert_success(&self, py: Python<'_>) -> PyResult<()> {
        if self.went_well() {
            return Ok(());
        }
        let drawn = if self.trace().is_empty() { "(no spans)\n".to_owned() } else { self.outcome.draw().to_string() };
        let seed = self.outcome.seed();
        let text =
            format!("the plan did not succeed: {}\n\n{drawn}\nseed {seed}, replay with Lab(seed={seed})", self.why());
        let error = PyAssertionError::new_err(text);
        if let Some(exception) = &self.exception {
            error.value(py).setattr("__cause__", exception)?;
        }
        Err(error)
    }

    /// Raises AssertionError with the first of skyspan's laws that this run breaks, and why. Some of them say nothing unless the lab
    /// is `chronicled`.
    fn assert_lawful(&self, py: Python<'_>) -> PyResult<()> {
        let broken = checking(py, || laws::standard(&self.outcome).err().map(|broken| broken.to_string()))?;
        let Some(broken) = broken else { return Ok(()) };
        let seed = self.outcome.seed();
        let drawn = self.outcome.draw().to_string();
        Err(PyAssertionError::new_err(format!(
            "a law is broken: {broken}\n\n{drawn}\nseed {seed}, replay with Lab(seed={seed})"
        )))
    }

    /// Raises AssertionError with the report unless the trace is as all of these say.
    #[pyo3(signature = (*expectations))]
    fn expect(&self, py: Python<'_>, expectations: &Bound<'_, PyTuple>) -> PyResult<()> {
        self.trace.get().must_be(py, expectations)
    }

    /// Raises AssertionError with the report unless the trace is exactly the trees of a text.
    fn expect_tree(&self, py: Python<'_>, text: &str) -> PyResult<()> {
        self.trace.get().must_be_tree(py, text)
    }

    /// Why the trace is not as all of these say; None if it is.
    #[pyo3(signature = (*expectations))]
    fn check(&self, py: Python<'_>, expectations: &Bound<'_, PyTuple>) -> PyResult<Option<PyMismatch>> {
        self.trace.get().why_not(py, expectations)
    }

    /// The trace as a tree for people, with when it was paused, suspended or asleep.
    fn __str__(&self) -> String {
        self.outcome.draw().to_string()
    }

    fn __repr__(&self) -> String {
        let (status, seconds) = (self.outcome.exit_status(), self.outcome.duration().as_secs_f64());
        let state = if self.outcome.is_paused() { "paused".to_owned() } else { status.to_string() };
        format!("<Run: {state}, {seconds} s, {} spans>", self.trace().len())
    }
}
