//! What happens to a plan from outside, at a time or at a message.

use std::sync::Arc;
use std::time::Duration;

use pyo3::prelude::*;
use skyspan::harness::Scheduled;

use super::lab_core::LabCore;
use super::seconds::duration;

/// When something happens in the next call; its methods say what.
#[pyclass(frozen, name = "Scheduled", module = "skyspan")]
pub(crate) struct PyScheduled {
    lab: Arc<LabCore>,
    message: Option<usize>,
    after: Option<Duration>,
}

impl PyScheduled {
    pub(crate) const fn new(lab: Arc<LabCore>, message: Option<usize>, after: Option<Duration>) -> Self {
        Self { lab, message, after }
    }

    fn with(&self, py: Python<'_>, act: impl FnOnce(Scheduled<'_>) + Send) {
        py.detach(|| {
            let harness = &self.lab.harness;
            act(match (self.message, self.after) {
                (Some(number), None) => harness.at_message(number),
                (Some(number), Some(after)) => harness.at_message(number).later(after),
                (None, after) => harness.at(after.unwrap_or_default()),
            });
        });
    }
}

#[pymethods]
impl PyScheduled {
    /// So many seconds later: in the middle of a message that takes time.
    fn later(&self, seconds: &Bound<'_, PyAny>) -> PyResult<Self> {
        let later = duration(seconds, "how much later")?;
        let after = Some(self.after.unwrap_or_default().saturating_add(later));
        Ok(Self { lab: Arc::clone(&self.lab), message: self.message, after })
    }

    /// The engine is paused.
    fn pause(&self, py: Python<'_>) {
        self.with(py, |at| at.pause());
    }

    /// The engine is told to pause at the next checkpoint.
    fn deferred_pause(&self, py: Python<'_>) {
        self.with(py, |at| at.deferred_pause());
    }

    /// The paused engine goes on.
    fn resume(&self, py: Python<'_>) {
        self.with(py, |at| at.resume());
    }

    /// The plan is aborted, for that reason.
    #[pyo3(signature = (reason = ""))]
    fn abort(&self, py: Python<'_>, reason: &str) {
        self.with(py, |at| at.abort(reason));
    }

    /// The plan is stopped, as a success.
    fn stop(&self, py: Python<'_>) {
        self.with(py, |at| at.stop());
    }

    /// The plan is halted: it ends without its clean-up.
    fn halt(&self, py: Python<'_>) {
        self.with(py, |at| at.halt());
    }

    /// The plan is suspended for so many seconds.
    fn suspend(&self, py: Python<'_>, seconds: &Bound<'_, PyAny>) -> PyResult<()> {
        let time = duration(seconds, "how long the plan is suspended")?;
        self.with(py, |at| at.suspend_for(time));
        Ok(())
    }

    /// Calls back.
    fn call(&self, py: Python<'_>, callback: Py<PyAny>) {
        self.with(py, move |at| {
            at.call(move || {
                Python::attach(|py| {
                    if let Err(error) = callback.call0(py) {
                        error.write_unraisable(py, Some(callback.bind(py)));
                    }
                });
            });
        });
    }
}
