//! What other processes emit: `receive()`.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pyo3::exceptions::{PyOSError, PyRuntimeError, PyTimeoutError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use skyspan_trace::receive::Receiver;
use skyspan_trace::trace::{Capture, Trace};

use crate::asked::asked;
use crate::capture::{now, seconds};
use crate::checking::checking;
use crate::expectation::joined;
use crate::mismatch::assertion_error;
use crate::received_by_test::PyReceivedByTest;
use crate::trace::PyTrace;

/// Spans of other processes, which send them by OTLP over HTTP or gRPC.
#[pyclass(frozen, sequence, name = "Received", module = "skyspan")]
pub(crate) struct PyReceived {
    receiver: Mutex<Option<Receiver>>,
    capture: Capture,
    endpoint: String,
    environment: Vec<(&'static str, String)>,
}

/// Takes OTLP at a port of this machine, a free one unless it is said which.
#[pyfunction]
#[pyo3(signature = (*, port = 0, host = "127.0.0.1"))]
pub(crate) fn receive(py: Python<'_>, port: u16, host: &str) -> PyResult<PyReceived> {
    let address = host.parse().map(|ip| SocketAddr::new(ip, port)).map_err(|_| {
        PyValueError::new_err(format!("expected an address of this machine such as 127.0.0.1, found {host:?}"))
    })?;
    let receiver = checking(py, || Receiver::options().listen(address).start())?
        .map_err(|error| PyOSError::new_err(error.to_string()))?;
    Ok(PyReceived {
        capture: receiver.capture().clone(),
        endpoint: receiver.endpoint(),
        environment: receiver.environment(),
        receiver: Mutex::new(Some(receiver)),
    })
}

asked!(PyReceived);

impl PyReceived {
    fn receiver(&self) -> MutexGuard<'_, Option<Receiver>> {
        self.receiver.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self, py: Python<'_>) -> PyResult<PyTrace> {
        Ok(PyTrace(py.detach(|| self.capture.trace())))
    }
}

#[expect(clippy::disallowed_methods, reason = "a test waits for a real program")]
fn pause() {
    std::thread::sleep(Duration::from_millis(20));
}

/// Waits until what a capture has is as all of these say.
///
/// # Errors
///
/// `AssertionError` with the report where it is not in time, `TypeError` for what is no expectation, and what a callable raises.
pub(crate) fn until(
    py: Python<'_>,
    capture: &Capture,
    expectations: &Bound<'_, PyTuple>,
    timeout: f64,
) -> PyResult<()> {
    let expectation = joined(expectations)?;
    let until = now() + seconds(timeout)?;
    let mut seen = None;
    loop {
        let (by_now, is_last) = (Some(capture.mark()), now() >= until);
        if by_now != seen || is_last {
            let trace = py.detach(|| capture.trace());
            match checking(py, || expectation.check(&trace))? {
                Ok(()) => return Ok(()),
                Err(mismatch) if is_last => {
                    return Err(assertion_error(py, mismatch.with_clue(format!("waited {timeout} s for it"))));
                }
                Err(_) => seen = by_now,
            }
        }
        py.detach(pause);
        py.check_signals()?;
    }
}

/// The variables of an environment.
pub(crate) fn variables<'py>(py: Python<'py>, of: &[(&'static str, String)]) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    of.iter().try_for_each(|(key, value)| dict.set_item(key, value))?;
    Ok(dict)
}

#[pymethods]
impl PyReceived {
    /// Where programs send to: `http://127.0.0.1:PORT`.
    #[getter]
    fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The variables by which the SDKs of OpenTelemetry find it.
    #[getter]
    fn environment<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        variables(py, &self.environment)
    }

    /// The spans of one test, where several share this receiver.
    fn test(&self) -> PyResult<PyReceivedByTest> {
        match self.receiver().as_ref() {
            Some(receiver) => Ok(PyReceivedByTest::of(receiver.test())),
            None => Err(PyRuntimeError::new_err("the receiver is closed: nothing comes any more")),
        }
    }

    /// What was refused, or sent in a way that loses something.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.receiver().as_ref().map(Receiver::warnings).unwrap_or_default()
    }

    /// Waits until all that was sent hangs together and nothing more comes; raises TimeoutError where that is not so in time.
    #[pyo3(signature = (*, timeout = 5.0))]
    fn settled(&self, py: Python<'_>, timeout: f64) -> PyResult<()> {
        let wait = match self.receiver().as_ref() {
            Some(receiver) => receiver.settled().within(seconds(timeout)?),
            None => return Err(PyRuntimeError::new_err("the receiver is closed: nothing comes any more")),
        };
        let settled = checking(py, || wait.blocking().map(|_: Trace| ()).map_err(|error| error.to_string()))?;
        py.check_signals()?;
        settled.map_err(PyTimeoutError::new_err)
    }

    /// Waits until the spans are as all of these say; raises AssertionError with the report where they are not in time.
    #[pyo3(signature = (*expectations, timeout = 5.0))]
    fn wait_until(&self, py: Python<'_>, expectations: &Bound<'_, PyTuple>, timeout: f64) -> PyResult<()> {
        until(py, &self.capture, expectations, timeout)
    }

    /// Forgets all spans so far.
    fn clear(&self) {
        self.capture.clear();
    }

    /// Listens no longer. What has come stays.
    fn close(&self, py: Python<'_>) {
        let receiver = self.receiver().take();
        py.detach(|| drop(receiver));
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_error))]
    fn __exit__(&self, py: Python<'_>, _error: &Bound<'_, PyTuple>) {
        self.close(py);
    }

    fn __len__(&self) -> usize {
        self.capture.len()
    }

    fn __repr__(&self) -> String {
        let number = self.capture.len();
        format!("<Received: {number} span{} at {}>", if number == 1 { "" } else { "s" }, self.endpoint)
    }
}
