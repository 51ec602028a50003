//! Exceptions that go through the engine: those of Python come back as the same object, those of the engine as bluesky's.

use std::error::Error;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyType;
use skyspan::device::{DeviceError, ForeignError};
use skyspan::message::PlanError;
use skyspan::value::Text;

use super::carried::class_name;
use crate::value::lossy;

/// An exception of Python on its way through the engine.
#[derive(Debug)]
pub(crate) struct Raised {
    exception: Py<PyAny>,
    said: String,
}

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said)
    }
}

impl Error for Raised {}

impl Raised {
    /// As an error of another library, under the name of its class.
    pub(crate) fn foreign(exception: &Bound<'_, PyAny>) -> ForeignError {
        let said = exception.str().map(|said| lossy(&said).to_string()).unwrap_or_default();
        let name = class_name(exception);
        ForeignError::new(Self { exception: exception.clone().unbind(), said }).named(name)
    }

    /// The exception.
    pub(crate) fn exception<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        self.exception.bind(py).clone()
    }
}

/// What a device of Python's raised.
pub(crate) fn device_error(py: Python<'_>, error: &PyErr) -> DeviceError {
    DeviceError::Foreign(Raised::foreign(error.value(py)))
}

/// So many exceptions are known that were thrown into the plan: a plan that tries again and again raises anew.
const THROWN_MAX: usize = 64;

/// The exceptions that were thrown into plans, and what the engine knows them as.
#[derive(Default)]
pub(crate) struct Thrown(Mutex<Vec<(Py<PyAny>, PlanError)>>);

impl Thrown {
    /// Notes that this was thrown for that.
    pub(crate) fn note(&self, exception: &Bound<'_, PyAny>, error: &PlanError) {
        let mut forgotten = None;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() == THROWN_MAX {
            forgotten = Some(all.remove(0));
        }
        all.push((exception.clone().unbind(), error.clone()));
        drop(all);
        drop(forgotten);
    }

    /// What an exception was thrown for.
    fn error_of(&self, exception: &Bound<'_, PyAny>) -> Option<PlanError> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().rev().find(|(known, _)| known.is(exception)).map(|(_, error)| error.clone())
    }

    /// The exception that was thrown last for an error.
    pub(crate) fn exception_for<'py>(&self, py: Python<'py>, error: &PlanError) -> Option<Bound<'py, PyAny>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().rev().find(|(_, known)| known == error).map(|(exception, _)| exception.bind(py).clone())
    }

    /// A new call has begun.
    pub(crate) fn forget(&self) {
        let forgotten = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        drop(forgotten);
    }

    /// What comes out of a plan, as the engine knows it.
    pub(crate) fn plan_error(&self, py: Python<'_>, error: &PyErr) -> PlanError {
        let exception = error.value(py);
        if let Some(known) = self.error_of(exception) {
            return known;
        }
        type Asks = fn() -> PlanError;
        let asks: [(&str, Asks); 4] = [
            ("RequestAbort", || PlanError::RequestAbort),
            ("RequestStop", || PlanError::RequestStop),
            ("PlanHalt", || PlanError::PlanHalt),
            ("FailedPause", || PlanError::FailedPause),
        ];
        for (name, asks) in asks {
            if bluesky_class(py, name).is_some_and(|class| exception.is_instance(&class).unwrap_or(false)) {
                return asks();
            }
        }
        PlanError::Foreign(Raised::foreign(exception))
    }
}

/// A class of `bluesky.utils`, if that is loaded: no plan raises one where it is not.
fn bluesky_class<'py>(py: Python<'py>, name: &str) -> Option<Bound<'py, PyType>> {
    let modules = py.import("sys").ok()?.getattr("modules").ok()?;
    let utils = modules.get_item("bluesky.utils").ok()?;
    utils.getattr(name).ok()?.cast_into().ok()
}

/// The class of an exception by the name that the engine has for it.
fn class<'py>(py: Python<'py>, name: &str) -> Bound<'py, PyAny> {
    ["bluesky.utils", "ophyd.utils.errors", "builtins", "asyncio", "skyspan._lab_errors"]
        .iter()
        .filter_map(|module| py.import(*module).ok()?.getattr(name).ok())
        .find(|class| class.is_instance_of::<PyType>())
        .unwrap_or_else(|| py.get_type::<PyRuntimeError>().into_any())
}

/// What a `KeyError` says is the `repr` of its key.
fn key_of(said: &str) -> &str {
    let inner = |quote: char| said.strip_prefix(quote)?.strip_suffix(quote);
    inner('\'').or_else(|| inner('"')).unwrap_or(said)
}

/// The exception for an error of a device.
pub(crate) fn of_device_error<'py>(py: Python<'py>, error: &DeviceError) -> PyResult<Bound<'py, PyAny>> {
    match error.downcast_ref::<Raised>() {
        Some(raised) => Ok(raised.exception(py)),
        None => named(py, &error.name(), &error.to_string()),
    }
}

fn named<'py>(py: Python<'py>, name: &Text, said: &str) -> PyResult<Bound<'py, PyAny>> {
    let said = if &**name == "KeyError" { key_of(said) } else { said };
    class(py, name).call1((said,))
}

/// The exception for what is thrown into a plan; `status_of` gives the status that failed, if it is known.
pub(crate) fn of_plan_error<'py>(
    py: Python<'py>,
    error: &PlanError,
    status_of: impl FnOnce(&Text, &DeviceError) -> Option<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    match error {
        PlanError::FailedStatus { status, cause } => {
            let failed = class(py, "FailedStatus");
            let exception = match status_of(status, cause) {
                Some(status) => failed.call1((status,))?,
                None => failed.call1((status.as_str(),))?,
            };
            exception.setattr("__cause__", of_device_error(py, cause)?)?;
            Ok(exception)
        }
        PlanError::Device(error) => of_device_error(py, error),
        PlanError::Foreign(_) => match error.downcast_ref::<Raised>() {
            Some(raised) => Ok(raised.exception(py)),
            None => named(py, &error.name(), &error.to_string()),
        },
        PlanError::InvalidCommand { command } => class(py, "InvalidCommand").call1((command.as_str(),)),
        PlanError::RequestAbort
        | PlanError::RequestStop
        | PlanError::PlanHalt
        | PlanError::FailedPause
        | PlanError::Cancelled
        | PlanError::Killed => class(py, &error.name()).call0(),
        PlanError::WaitForTimeout(_) => class(py, &error.name()).call1((error.to_string(),)),
        other => named(py, &other.name(), &other.to_string()),
    }
}
