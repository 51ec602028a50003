//! `Status`: what the engine answers to what takes time, as plans see it.

use std::sync::Weak;

use pyo3::exceptions::PyTimeoutError;
use pyo3::prelude::*;
use skyspan::device::Status;

use super::bridge::{Bridge, gone};
use super::lab_core::LabCore;
use super::raised::of_device_error;
use super::seconds;

/// Something that takes time, and how it ends: `bluesky.protocols.Status`.
#[pyclass(frozen, name = "Status", module = "skyspan")]
pub(crate) struct PyStatus {
    status: Status,
    lab: Weak<LabCore>,
}

/// The object that Python has for a status: a device's own, where a device of Python's made it.
///
/// # Errors
///
/// Where Python has no memory left.
pub(crate) fn object<'py>(py: Python<'py>, bridge: &Bridge, status: &Status) -> PyResult<Bound<'py, PyAny>> {
    if let Some(object) = bridge.status_object(py, status) {
        return Ok(object);
    }
    let lab = bridge.weak_lab();
    let object = Bound::new(py, PyStatus { status: status.clone(), lab })?.into_any();
    bridge.know_status(status, &object);
    Ok(object)
}

#[pymethods]
impl PyStatus {
    /// Whether it has ended, one way or the other.
    #[getter]
    fn done(&self) -> bool {
        self.status.is_done()
    }

    /// Whether it has ended well.
    #[getter]
    fn success(&self) -> bool {
        self.status.is_success()
    }

    /// The name of its device.
    #[getter]
    fn device_name(&self) -> &str {
        self.status.device().name()
    }

    /// How long it took until now, or until it was done, in seconds.
    #[getter]
    fn elapsed(&self) -> f64 {
        self.status.elapsed().as_secs_f64()
    }

    /// Why it failed; None if it ended well.
    #[pyo3(signature = (timeout = None))]
    fn exception<'py>(
        &self,
        py: Python<'py>,
        timeout: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.wait_until_done(py, timeout)?;
        self.status.exception().map(|error| of_device_error(py, &error)).transpose()
    }

    /// Takes the clock on to its end, and raises why it failed; from outside of plans.
    #[pyo3(signature = (timeout = None))]
    fn wait(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        self.wait_until_done(py, timeout)?;
        match self.status.exception() {
            Some(error) => Err(PyErr::from_value(of_device_error(py, &error)?)),
            None => Ok(()),
        }
    }

    /// Calls back with it when it is done; at once, if it is.
    fn add_callback(slf: &Bound<'_, Self>, callback: Py<PyAny>) {
        let object = slf.clone().unbind();
        let status = slf.get().status.clone();
        let py = slf.py();
        py.detach(|| {
            status.add_callback(move |_| {
                Python::attach(|py| {
                    if let Err(error) = callback.call1(py, (object,)) {
                        error.write_unraisable(py, None);
                    }
                });
            });
        });
    }

    fn __repr__(&self) -> String {
        self.status.to_string()
    }
}

impl PyStatus {
    fn wait_until_done(&self, py: Python<'_>, timeout: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        if self.status.is_done() {
            return Ok(());
        }
        let timeout = seconds::optional(timeout, "a timeout")?;
        let lab = self.lab.upgrade().ok_or_else(gone)?;
        lab.refuse_within_a_call("a status is waited for")?;
        let (clock, status) = (lab.harness.clock().clone(), self.status.clone());
        let is_done = lab.bridge.interrupts.wait(py, &clock.clone(), async {
            match timeout {
                Some(timeout) => clock.timeout(timeout, status.done()).await.is_ok(),
                None => {
                    status.done().await;
                    true
                }
            }
        })?;
        if is_done { Ok(()) } else { Err(PyTimeoutError::new_err(format!("{} has not completed yet", self.status))) }
    }
}
