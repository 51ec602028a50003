//! `LabCore`: a harness for plans of Python, and what both sides must find again.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;

use pyo3::exceptions::{PyException, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use skyspan::clock::Tracer;
use skyspan::device::{CallEnvironment, Device};
use skyspan::engine::SubscriptionToken;
use skyspan::harness::{Harness, Outcome};
use skyspan::program::DeviceSpec;
use skyspan::seed::Seed;
use skyspan::value::yaml::{Node, YamlError};

use super::bridge::Bridge;
use super::computed::Functions;
use super::handle::PyDeviceHandle;
use super::outcome::PyOutcome;
use super::settings::Settings;
use super::twins::{Made, alias, with_aliases};

/// A harness, and what both sides must find again.
pub(crate) struct LabCore {
    pub(crate) harness: Harness,
    pub(crate) bridge: Arc<Bridge>,
    pub(crate) settings: Settings,
    /// The devices that were made, in order.
    pub(crate) made: Mutex<Vec<Made>>,
    /// Those of calls of devices from outside of messages, which leave no spans.
    pub(crate) circumstances: Arc<CallEnvironment>,
    /// The thread that is in a call.
    calling: Mutex<Option<ThreadId>>,
    /// What Python keeps with it.
    pub(crate) belongings: Py<PyDict>,
    /// The subscriptions of the engine, by their numbers in Python.
    pub(crate) tokens: Mutex<Vec<SubscriptionToken>>,
    /// What a hook raised, to be raised to who called.
    failed_hook: Mutex<Option<PyErr>>,
}

impl LabCore {
    /// A lab around a harness.
    pub(crate) fn of(settings: Settings, harness: Harness) -> Arc<Self> {
        let (clock, seed) = (harness.clock().clone(), Seed::new(settings.seed).stream("calls from outside"));
        let circumstances = Arc::new(CallEnvironment::new(clock, Tracer::off(), seed));
        let belongings = Python::attach(|py| PyDict::new(py).unbind());
        Arc::new_cyclic(|lab| {
            let bridge = Arc::new_cyclic(|myself| Bridge::new(lab.clone(), myself.clone()));
            let (calling, tokens, failed_hook, made) = Default::default();
            Self { harness, bridge, settings, made, circumstances, calling, belongings, tokens, failed_hook }
        })
    }

    /// Makes a device, in whose options those made before stand by names of their own, and remembers how.
    pub(crate) fn make(&self, spec: &DeviceSpec) -> Result<Device, YamlError> {
        let among = with_aliases(self.harness.beamline(), &self.made.lock().unwrap_or_else(PoisonError::into_inner));
        let device = self.harness.make_device(spec, among)?;
        let made = Made { device: device.clone(), spec: spec.clone(), functions: Functions::default() };
        self.made.lock().unwrap_or_else(PoisonError::into_inner).push(made);
        Ok(device)
    }

    /// Whether a plan is being executed, on whatever thread.
    pub(crate) fn is_calling(&self) -> bool {
        self.calling().is_some()
    }

    /// The thread that is in a call.
    pub(crate) fn calling(&self) -> std::sync::MutexGuard<'_, Option<ThreadId>> {
        self.calling.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses what would wait for a call that waits for it.
    ///
    /// # Errors
    ///
    /// `RuntimeError` from within a plan, a device or a callback of this lab.
    pub(crate) fn refuse_within_a_call(&self, what: &str) -> PyResult<()> {
        if *self.calling() == Some(std::thread::current().id()) {
            return Err(PyRuntimeError::new_err(format!(
                "{what} from within a plan, a device or a callback of the lab: a plan yields messages for that, and runs another \
                 plan by `yield from`"
            )));
        }
        Ok(())
    }

    /// A hook has raised: the plan is aborted, and the error raised to who called. The first one counts.
    pub(crate) fn hook_failed(&self, error: PyErr) {
        let mut failed = self.failed_hook.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.is_none() {
            *failed = Some(error);
            drop(failed);
            // One that is ending already need not be ended.
            let _ = self.harness.handle().abort("a hook raised");
        }
    }

    /// An option of a device that is made. Devices in it stand by names of their own.
    pub(crate) fn option(&self, value: &Bound<'_, PyAny>) -> PyResult<Node> {
        if let Ok(handle) = value.cast::<PyDeviceHandle>() {
            let device = handle.get().device();
            let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            let number = made.iter().position(|made| made.device == *device);
            return Ok(Node::from(number.map_or_else(|| device.name().to_string(), alias)));
        }
        if let Ok(list) = value.cast::<PyList>() {
            return Ok(Node::from(list.iter().map(|value| self.option(&value)).collect::<PyResult<Vec<_>>>()?));
        }
        Ok(Node::from(self.bridge.carried.value(value)?))
    }

    /// Makes a call of the engine; other threads wait for its end.
    ///
    /// # Errors
    ///
    /// What a hook raised, and what came out of the plan that is no `Exception`.
    pub(crate) fn call(
        &self,
        py: Python<'_>,
        what: &str,
        call: impl FnOnce(&Harness) -> Outcome + Send,
    ) -> PyResult<PyOutcome> {
        let outcome = self.within_a_call(py, what, call)?;
        self.told(py, outcome)
    }

    /// Does something that is a call of the engine, whatever it gives; other threads wait for its end.
    ///
    /// # Errors
    ///
    /// What was raised meanwhile beside the plan: by a handler of signals, a callback of the clock, or a hook.
    pub(crate) fn within_a_call<T: Send>(
        &self,
        py: Python<'_>,
        what: &str,
        call: impl FnOnce(&Harness) -> T + Send,
    ) -> PyResult<T> {
        self.refuse_within_a_call(what)?;
        let given = py.detach(|| {
            let _calling = Calling::begin(self);
            call(&self.harness)
        });
        self.bridge.forget();
        // What was kept is of this call, and not of the next, also where a handler of signals raises something else.
        let kept = self.bridge.interrupts.raise();
        let failed_hook = self.failed_hook.lock().unwrap_or_else(PoisonError::into_inner).take();
        py.check_signals()?;
        kept?;
        failed_hook.map_or(Ok(given), Err)
    }

    /// What came of a call, as Python has it.
    ///
    /// # Errors
    ///
    /// What came out of the plan that is no `Exception`.
    pub(crate) fn told(&self, py: Python<'_>, outcome: Outcome) -> PyResult<PyOutcome> {
        let outcome = PyOutcome::new(py, self, outcome)?;
        match outcome.raised(py) {
            // Ctrl-C, SystemExit, and what test frameworks end a test by.
            Some(raised) if !raised.is_instance_of::<PyException>() => Err(PyErr::from_value(raised)),
            _ => Ok(outcome),
        }
    }
}

/// A call that is under way on this thread.
pub(crate) struct Calling<'a>(&'a LabCore);

impl<'a> Calling<'a> {
    /// Begins one.
    pub(crate) fn begin(core: &'a LabCore) -> Self {
        *core.calling() = Some(std::thread::current().id());
        Self(core)
    }
}

impl Drop for Calling<'_> {
    fn drop(&mut self) {
        *self.0.calling() = None;
    }
}
