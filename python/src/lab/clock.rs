//! `LabClock`: the clock of a lab for its loop of asyncio, which must not keep the lab.

use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use skyspan::clock::{Clock, OutsideWork, Timestamp};

use super::interrupts::Interrupts;
use super::promise::Promise;

/// The clock of a lab.
#[pyclass(frozen, name = "LabClock", module = "skyspan._core")]
pub(crate) struct PyLabClock {
    clock: Clock,
    interrupts: Interrupts,
}

impl PyLabClock {
    pub(crate) const fn new(clock: Clock, interrupts: Interrupts) -> Self {
        Self { clock, interrupts }
    }
}

/// Work of which the clock knows nothing: it stands still until this has ended.
#[pyclass(frozen, name = "OutsideWork", module = "skyspan._core")]
pub(crate) struct PyOutsideWork(Mutex<Option<OutsideWork>>);

#[pymethods]
impl PyLabClock {
    /// What time it is, in nanoseconds since 1970.
    #[getter]
    fn now_ns(&self) -> u64 {
        self.clock.now().unix_ns()
    }

    /// Calls back at a time, in nanoseconds since 1970.
    fn call_at(&self, py: Python<'_>, time_ns: u64, callback: Py<PyAny>) {
        let interrupts = self.interrupts.clone();
        py.detach(|| {
            let _ = self.clock.call_at(Timestamp::from_unix_ns(time_ns), move || {
                Python::attach(|py| {
                    if let Err(error) = callback.call0(py) {
                        interrupts.keep(py, error);
                    }
                });
            });
        });
    }

    /// The clock stands still until what comes back has ended.
    fn outside_work(&self, py: Python<'_>) -> PyOutsideWork {
        PyOutsideWork(Mutex::new(Some(py.detach(|| self.clock.outside_work()))))
    }

    /// Lets the clock go on until what is begun has told.
    fn run_until_told<'py>(&self, py: Python<'py>, begin: &Bound<'py, PyAny>) -> PyResult<Py<PyAny>> {
        let promise = Promise::default();
        begin.call1((promise.keeper(py)?,))?;
        self.interrupts.wait(py, &self.clock, promise)
    }

    /// Whether a wait was told to end.
    #[getter]
    fn is_interrupted(&self) -> bool {
        self.interrupts.is_interrupted()
    }

    /// Tells the wait that is under way to end, as Ctrl-C was pressed.
    fn interrupt(&self) {
        self.interrupts.interrupt();
    }

    /// The same.
    fn kill(&self) {
        self.interrupts.interrupt();
    }
}

#[pymethods]
impl PyOutsideWork {
    /// It has ended.
    fn end(&self, py: Python<'_>) {
        let work = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        py.detach(|| drop(work));
    }
}
