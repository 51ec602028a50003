//! `LabCore`: a harness for plans of Python, and what both sides must find again.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;

use pyo3::exceptions::{PyException, PyKeyError, PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use skyspan::clock::{Deadlock, Timestamp, Tracer};
use skyspan::device::Circumstances;
use skyspan::engine::{CallOptions, Limits, RunEngineState, SpanConvention, Subscriber};
use skyspan::hardware::Beamline;
use skyspan::harness::{Decision, Harness, Outcome};
use skyspan::program::DeviceSpec;
use skyspan::seed::Seed;
use skyspan::value::yaml::{Node, Spanned};
use skyspan::value::{Map, Text};

use super::bridge::Bridge;
use super::documents::subscriber;
use super::generator::plan_of;
use super::handle::PyDeviceHandle;
use super::outcome::PyOutcome;
use super::schedule::PyScheduled;
use super::seconds::duration;
use crate::trace::PyTrace;
use crate::value::text;

/// A harness, and what both sides must find again.
pub(crate) struct LabCore {
    pub(crate) harness: Harness,
    pub(crate) bridge: Arc<Bridge>,
    /// Those of calls of devices from outside of messages, which leave no spans.
    pub(crate) circumstances: Arc<Circumstances>,
    /// The thread that is in a call.
    calling: Mutex<Option<ThreadId>>,
    /// Where the uuids come from that plans make.
    chance: Mutex<Option<Py<PyAny>>>,
}

impl LabCore {
    /// Whether a plan is being executed, on whatever thread.
    pub(crate) fn is_calling(&self) -> bool {
        self.calling().is_some()
    }

    fn calling(&self) -> std::sync::MutexGuard<'_, Option<ThreadId>> {
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

    /// An option of a device that is made. Devices in it get a name of their own among the others.
    fn option(&self, value: &Bound<'_, PyAny>, among: &mut Beamline) -> PyResult<Node> {
        if let Ok(handle) = value.cast::<PyDeviceHandle>() {
            let alias = format!("the option {}", among.names().len());
            among.insert(alias.as_str(), handle.get().device());
            return Ok(Node::from(&*alias));
        }
        if let Ok(list) = value.cast::<PyList>() {
            return Ok(Node::from(list.iter().map(|value| self.option(&value, among)).collect::<PyResult<Vec<_>>>()?));
        }
        Ok(Node::from(self.bridge.carried.value(value)?))
    }

    /// Makes a call of the engine; other threads wait for its end.
    fn call(&self, py: Python<'_>, what: &str, call: impl FnOnce(&Harness) -> Outcome + Send) -> PyResult<PyOutcome> {
        self.refuse_within_a_call(what)?;
        let outcome = py.detach(|| {
            let _calling = Calling::begin(self);
            call(&self.harness)
        });
        let outcome = PyOutcome::new(py, self, outcome)?;
        match outcome.raised(py) {
            // Ctrl-C, SystemExit, and what test frameworks end a test by.
            Some(raised) if !raised.is_instance_of::<PyException>() => Err(PyErr::from_value(raised)),
            _ => Ok(outcome),
        }
    }
}

/// A call that is under way on this thread.
struct Calling<'a>(&'a LabCore);

impl<'a> Calling<'a> {
    fn begin(core: &'a LabCore) -> Self {
        *core.calling() = Some(std::thread::current().id());
        Self(core)
    }
}

impl Drop for Calling<'_> {
    fn drop(&mut self) {
        *self.0.calling() = None;
    }
}

/// A deadlock of the clock as Python has it.
pub(crate) fn deadlock(py: Python<'_>, deadlock: &Deadlock) -> PyErr {
    let class = py.import("skyspan._lab_errors").and_then(|errors| errors.getattr("Deadlock"));
    match class.and_then(|class| class.call1((deadlock.to_string(),))) {
        Ok(error) => PyErr::from_value(error),
        Err(error) => error,
    }
}

/// What `skyspan.Lab` is made of.
#[pyclass(frozen, name = "LabCore", module = "skyspan._core")]
pub(crate) struct PyLabCore(pub(crate) Arc<LabCore>);

#[pymethods]
impl PyLabCore {
    #[new]
    #[pyo3(signature = (seed, start_time_ns, real_time, md, record_interruptions, nested_spans, shuffled_moments, limits))]
    #[expect(clippy::too_many_arguments, reason = "they are what `Lab` takes by keyword")]
    fn new(
        py: Python<'_>,
        seed: u64,
        start_time_ns: Option<u64>,
        real_time: bool,
        md: &Bound<'_, PyDict>,
        record_interruptions: bool,
        nested_spans: bool,
        shuffled_moments: bool,
        limits: bool,
    ) -> PyResult<Self> {
        let mut builder = Harness::builder().seed(seed).record_interruptions(record_interruptions);
        if let Some(start) = start_time_ns {
            builder = builder.start_time(Timestamp::from_unix_ns(start));
        }
        if real_time {
            builder = builder.real_time();
        }
        if nested_spans {
            builder = builder.convention(SpanConvention::Nested);
        }
        if shuffled_moments {
            builder = builder.shuffled_moments();
        }
        if !limits {
            builder = builder.limits(Limits::none());
        }
        let harness = py.detach(|| builder.build());
        let clock = harness.clock().clone();
        let circumstances =
            Arc::new(Circumstances::new(clock, Tracer::off(), Seed::new(seed).stream("calls from outside")));
        let core = Arc::new_cyclic(|lab| {
            let bridge = Arc::new_cyclic(|myself| Bridge::new(lab.clone(), myself.clone()));
            LabCore { harness, bridge, circumstances, calling: Mutex::default(), chance: Mutex::default() }
        });
        let given = core.bridge.carried.map(md)?;
        core.harness.with_engine(|engine| engine.md().extend(given));
        Ok(Self(core))
    }

    /// The seed of all chance.
    #[getter]
    fn seed(&self) -> u64 {
        self.0.harness.seed()
    }

    /// What time it is on the lab's clock, in nanoseconds since 1970.
    #[getter]
    fn now_ns(&self) -> u64 {
        self.0.harness.clock().now().unix_ns()
    }

    /// What the engine is doing: `idle`, `running`, `paused`, ...
    #[getter]
    fn state(&self) -> &'static str {
        self.0.harness.state().as_str()
    }

    /// Whether this thread is in a call of the lab.
    #[getter]
    fn is_calling_here(&self) -> bool {
        *self.0.calling() == Some(std::thread::current().id())
    }

    /// Where the uuids come from that plans make; None until it is set.
    #[getter]
    fn chance(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        let chance = self.0.chance.lock().unwrap_or_else(PoisonError::into_inner);
        chance.as_ref().map(|chance| chance.clone_ref(py))
    }

    #[setter]
    fn set_chance(&self, chance: Py<PyAny>) {
        let before = self.0.chance.lock().unwrap_or_else(PoisonError::into_inner).replace(chance);
        drop(before);
    }

    /// The spans of all calls so far.
    fn trace(&self, py: Python<'_>) -> PyTrace {
        PyTrace(py.detach(|| self.0.harness.trace()))
    }

    /// The names of the devices.
    fn names(&self, py: Python<'_>) -> Vec<String> {
        py.detach(|| self.0.harness.beamline()).names().map(ToString::to_string).collect()
    }

    /// The handle of the device of that name; dots reach its components.
    fn handle(&self, py: Python<'_>, path: &str) -> PyResult<PyDeviceHandle> {
        let beamline = py.detach(|| self.0.harness.beamline());
        match beamline.get(path) {
            Some(device) => Ok(PyDeviceHandle::new(Arc::downgrade(&self.0), device)),
            None => {
                let names: Vec<String> = beamline.names().map(ToString::to_string).collect();
                Err(PyKeyError::new_err(format!("no device is called {path:?}; there are {}", names.join(", "))))
            }
        }
    }

    /// Makes a simulated device and adds it to the beamline. Options that are devices are handed over as handles.
    fn make(
        &self,
        py: Python<'_>,
        class_name: &str,
        name: &str,
        options: &Bound<'_, PyDict>,
    ) -> PyResult<PyDeviceHandle> {
        let core = &self.0;
        let mut among = py.detach(|| core.harness.beamline());
        let mut given = Vec::new();
        for (key, value) in options.iter() {
            let key = text(&key)?;
            let node = core.option(&value, &mut among)?;
            given.push((Spanned::from(key.to_string()), node));
        }
        let spec = DeviceSpec {
            name: Spanned::from(name.to_owned()),
            class: Spanned::from(class_name.to_owned()),
            options: given,
            fault: None,
            faults: Vec::new(),
        };
        let made = py.detach(|| core.harness.make_device(&spec, among));
        match made {
            Ok(device) => Ok(PyDeviceHandle::new(Arc::downgrade(core), device)),
            Err(error) => Err(PyValueError::new_err(error.to_string())),
        }
    }

    /// The object that stands for a device.
    fn object<'py>(&self, py: Python<'py>, handle: &PyDeviceHandle) -> PyResult<Bound<'py, PyAny>> {
        self.0.bridge.object(py, handle.device())
    }

    /// Notes that an object stands for a device.
    fn know(&self, object: &Bound<'_, PyAny>, handle: &PyDeviceHandle) {
        self.0.bridge.know(object, handle.device());
    }

    /// The handle of the device that an object is known to stand for.
    fn known(&self, object: &Bound<'_, PyAny>) -> Option<PyDeviceHandle> {
        let device = self.0.bridge.known(object)?;
        Some(PyDeviceHandle::new(Arc::downgrade(&self.0), device))
    }

    /// The handle of the device of any object: a simulated one, or one that calls it.
    fn handle_of(&self, object: &Bound<'_, PyAny>) -> PyResult<PyDeviceHandle> {
        match self.0.bridge.device(object)? {
            Some(device) => Ok(PyDeviceHandle::new(Arc::downgrade(&self.0), device)),
            None => Err(PyTypeError::new_err(format!("expected a device, found {}", object.repr()?))),
        }
    }

    /// Keeps what keeps an object of others as its stand-in is, while a plan runs: it has `begin()` and `end()`.
    fn mirror(&self, mirror: &Bound<'_, PyAny>) -> PyResult<()> {
        self.0.bridge.add_mirror(mirror.clone().unbind());
        if self.is_calling_here() {
            mirror.call_method0("begin")?;
        }
        Ok(())
    }

    /// All of those.
    fn mirrors(&self, py: Python<'_>) -> Vec<Py<PyAny>> {
        self.0.bridge.mirrors(py)
    }

    /// Takes a generator to its end, or to a pause.
    fn run(
        &self,
        py: Python<'_>,
        generator: Py<PyAny>,
        name: &str,
        md: &Bound<'_, PyDict>,
        subscribers: Vec<(String, Bound<'_, PyAny>)>,
    ) -> PyResult<PyOutcome> {
        let core = &self.0;
        core.refuse_within_a_call("lab(plan)")?;
        let bridge = &core.bridge;
        if core.harness.state() == RunEngineState::Idle {
            bridge.begin_call();
        }
        let subscribers = subscribers.into_iter().map(|(name, callback)| {
            let name = skyspan::document::DocumentName::of_name(&name).ok_or_else(|| {
                PyValueError::new_err(format!("expected the name of a document or \"all\", found {name:?}"))
            })?;
            Ok((name, subscriber(Arc::downgrade(bridge), &callback)))
        });
        let options = CallOptions {
            md: bridge.carried.map(md)?,
            subscribers: subscribers.collect::<PyResult<Vec<(_, Subscriber)>>>()?,
            ..CallOptions::default()
        };
        let plan = plan_of(Arc::clone(bridge), generator, Text::from(name));
        core.call(py, "lab(plan)", |harness| harness.run_with(plan, options))
    }

    /// Goes on from a pause.
    fn resume(&self, py: Python<'_>) -> PyResult<PyOutcome> {
        self.0.call(py, "lab.resume()", Harness::resume)
    }

    /// Ends a paused plan as aborted, after its clean-up.
    fn abort(&self, py: Python<'_>, reason: &str) -> PyResult<PyOutcome> {
        self.0.call(py, "lab.abort()", |harness| harness.abort(reason))
    }

    /// Ends a paused plan as a success, after its clean-up.
    fn stop(&self, py: Python<'_>) -> PyResult<PyOutcome> {
        self.0.call(py, "lab.stop()", Harness::stop)
    }

    /// Ends a paused plan as aborted, without its clean-up.
    fn halt(&self, py: Python<'_>) -> PyResult<PyOutcome> {
        self.0.call(py, "lab.halt()", Harness::halt)
    }

    /// When something happens in the next call: at a time from its beginning.
    fn at(&self, seconds: &Bound<'_, PyAny>) -> PyResult<PyScheduled> {
        Ok(PyScheduled::new(Arc::clone(&self.0), None, Some(duration(seconds, "a time")?)))
    }

    /// The same, at a message, counted from 1.
    fn at_message(&self, number: usize) -> PyResult<PyScheduled> {
        if number == 0 {
            return Err(PyValueError::new_err("messages are counted from 1"));
        }
        Ok(PyScheduled::new(Arc::clone(&self.0), Some(number), None))
    }

    /// What becomes of the pauses of the next call: triples of what, after how many seconds, and why.
    fn on_pause(&self, py: Python<'_>, decisions: Vec<(String, Bound<'_, PyAny>, String)>) -> PyResult<()> {
        let decisions = decisions.into_iter().map(|(what, after, reason)| {
            let decision = match &*what {
                "resume" => Decision::resume(),
                "abort" => Decision::abort(reason),
                "stop" => Decision::stop(),
                "halt" => Decision::halt(),
                other => {
                    let expected = "expected \"resume\", \"abort\", \"stop\" or \"halt\"";
                    return Err(PyValueError::new_err(format!("{expected}, found {other:?}")));
                }
            };
            Ok(decision.after(duration(&after, "how long a pause lasts")?))
        });
        let decisions = decisions.collect::<PyResult<Vec<_>>>()?;
        py.detach(|| self.0.harness.on_pause(decisions));
        Ok(())
    }

    /// The metadata that goes into every start document.
    fn md<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.0.refuse_within_a_call("lab.md")?;
        let md: Map = py.detach(|| self.0.harness.with_engine(|engine| engine.md().clone()));
        self.0.bridge.carried.to_dict(py, &md)
    }

    /// Sets it.
    fn set_md(&self, py: Python<'_>, md: &Bound<'_, PyDict>) -> PyResult<()> {
        self.0.refuse_within_a_call("lab.md")?;
        let md = self.0.bridge.carried.map(md)?;
        py.detach(|| self.0.harness.with_engine(|engine| *engine.md() = md));
        Ok(())
    }

    /// Calls back at a time of the lab's clock, in nanoseconds since 1970.
    fn call_at(&self, py: Python<'_>, time_ns: u64, callback: Py<PyAny>) {
        let clock = self.0.harness.clock().clone();
        py.detach(|| {
            let _ = clock.call_at(Timestamp::from_unix_ns(time_ns), move || {
                Python::attach(|py| {
                    if let Err(error) = callback.call0(py) {
                        error.write_unraisable(py, None);
                    }
                });
            });
        });
    }

    /// Lets simulated time pass between calls.
    fn sleep(&self, py: Python<'_>, seconds: &Bound<'_, PyAny>) -> PyResult<()> {
        self.0.refuse_within_a_call("lab.sleep()")?;
        let time = duration(seconds, "how long to sleep")?;
        let clock = self.0.harness.clock().clone();
        py.detach(|| clock.block_on(clock.sleep(time))).map_err(|stuck| deadlock(py, &stuck))
    }
}
