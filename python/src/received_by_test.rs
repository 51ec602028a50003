//! `ReceivedByTest`: what other processes emit because of one test, where several share a receiver.

use pyo3::exceptions::PyTimeoutError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use skyspan_trace::receive::TestSpans;
use skyspan_trace::trace::Trace;

use crate::asked::asked;
use crate::capture::seconds;
use crate::checking::checking;
use crate::receive::{until, variables};
use crate::trace::PyTrace;

/// The spans of one test: those of its trace, and of programs that were started with its environment.
#[pyclass(frozen, sequence, name = "ReceivedByTest", module = "skyspan")]
pub(crate) struct PyReceivedByTest(TestSpans);

asked!(PyReceivedByTest);

impl PyReceivedByTest {
    pub(crate) fn of(spans: TestSpans) -> Self {
        Self(spans)
    }

    #[expect(clippy::unnecessary_wraps, reason = "others that are asked can fail")]
    fn now(&self, py: Python<'_>) -> PyResult<PyTrace> {
        Ok(PyTrace(py.detach(|| self.0.trace())))
    }
}

#[pymethods]
impl PyReceivedByTest {
    /// The trace of the test, as the header `traceparent` of W3C Trace Context has it.
    #[getter]
    fn traceparent(&self) -> String {
        self.0.traceparent()
    }

    /// The id of the test's trace, as 32 hexadecimal digits.
    #[getter]
    fn trace_id(&self) -> String {
        self.0.trace_id().to_string()
    }

    /// What a request carries that belongs to the test.
    #[getter]
    fn headers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        variables(py, &[("traceparent", self.0.traceparent())])
    }

    /// The variables by which a program that the test starts sends its spans to it.
    #[getter]
    fn environment<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        variables(py, &self.0.environment())
    }

    /// Waits until all that was sent hangs together and nothing more comes; raises TimeoutError where that is not so in time.
    #[pyo3(signature = (*, timeout = 5.0))]
    fn settled(&self, py: Python<'_>, timeout: f64) -> PyResult<()> {
        let wait = self.0.settled().within(seconds(timeout)?);
        let settled = checking(py, || wait.blocking().map(|_: Trace| ()).map_err(|error| error.to_string()))?;
        py.check_signals()?;
        settled.map_err(PyTimeoutError::new_err)
    }

    /// Waits until the spans are as all of these say; raises AssertionError with the report where they are not in time.
    #[pyo3(signature = (*expectations, timeout = 5.0))]
    fn wait_until(&self, py: Python<'_>, expectations: &Bound<'_, PyTuple>, timeout: f64) -> PyResult<()> {
        until(py, self.0.capture(), expectations, timeout)
    }

    /// Forgets all spans so far.
    fn clear(&self) {
        self.0.capture().clear();
    }

    fn __len__(&self) -> usize {
        self.0.capture().len()
    }

    fn __repr__(&self) -> String {
        let number = self.0.capture().len();
        format!("<ReceivedByTest: {number} span{}>", if number == 1 { "" } else { "s" })
    }
}
