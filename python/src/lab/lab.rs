//! What `skyspan.Lab` is made of: what Python may ask of a lab.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use pyo3::exceptions::{PyKeyError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use skyspan::clock::Timestamp;
use skyspan::document::DocumentName;
use skyspan::engine::{CallOptions, Limits, RunEngineState, Subscriber};
use skyspan::harness::{Decision, Estimate, Harness};
use skyspan::program::DeviceSpec;
use skyspan::value::yaml::Spanned;
use skyspan::value::{Map, Text};

use super::clock::PyLabClock;
use super::documents::subscriber;
use super::generator::plan_of;
use super::handle::PyDeviceHandle;
use super::lab_core::LabCore;
use super::outcome::PyOutcome;
use super::own_code;
use super::own_spans;
use super::schedule::PyScheduled;
use super::seconds::duration;
use super::settings::Settings;
use super::suspenders;
use super::twins::PyEstimate;
use crate::trace::PyTrace;
use crate::value::text;

/// The documents of a name.
fn document_kind(name: &str) -> PyResult<DocumentName> {
    DocumentName::of_name(name)
        .ok_or_else(|| PyValueError::new_err(format!("expected the name of a document or \"all\", found {name:?}")))
}

/// What `skyspan.Lab` is made of.
#[pyclass(frozen, name = "LabCore", module = "skyspan._core")]
pub(crate) struct PyLabCore(pub(crate) Arc<LabCore>);

#[pymethods]
impl PyLabCore {
    #[new]
    #[pyo3(signature = (seed, start_time_ns, real_time, md, record_interruptions, nested_spans, shuffled_moments, limits, chronicled))]
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
        limits: Vec<(String, Option<u64>)>,
        chronicled: bool,
    ) -> PyResult<Self> {
        let start = start_time_ns.map(Timestamp::from_unix_ns);
        let settings = Settings {
            seed,
            start,
            real_time,
            record_interruptions,
            nested_spans,
            shuffled_moments,
            limits: limits.into_iter().try_fold(Limits::default(), |all, (name, limit)| {
                let names = Limits::NAMES.join(", ");
                let wrong = || PyValueError::new_err(format!("expected a limit by its name ({names}), found {name:?}"));
                all.with(&name, limit).ok_or_else(wrong)
            })?,
            chronicled,
        };
        let harness = py.detach(|| settings.builder().build());
        let core = LabCore::of(settings, harness);
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

    /// What Python keeps with it: its loop, and where uuids come from.
    #[getter]
    fn belongings(&self, py: Python<'_>) -> Py<PyDict> {
        self.0.belongings.clone_ref(py)
    }

    /// Its clock, which does not keep it.
    #[getter]
    fn clock(&self) -> PyLabClock {
        PyLabClock::new(self.0.harness.clock().clone(), self.0.bridge.interrupts.clone())
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
        let mut spec = DeviceSpec::new(class_name, name);
        for (key, value) in options.iter() {
            spec.options.push((Spanned::from(text(&key)?.to_string()), core.option(&value)?));
        }
        match py.detach(|| core.make(&spec)) {
            Ok(device) => Ok(PyDeviceHandle::new(Arc::downgrade(core), device)),
            Err(error) => Err(PyValueError::new_err(error.to_string())),
        }
    }

    /// Has a signal, or the image of a camera, compute its value by a callable when it is triggered.
    fn computes(&self, handle: &PyDeviceHandle, func: Py<PyAny>) -> PyResult<()> {
        self.0.computes(handle.device(), func)
    }

    /// Gives such a signal a value meanwhile.
    fn sim_put(&self, handle: &PyDeviceHandle, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.0.sim_put(handle.device(), value)
    }

    /// Has a signal write its values to files by a callable, which gets a path and the value.
    fn saves(&self, handle: &PyDeviceHandle, save: Py<PyAny>) -> PyResult<()> {
        self.0.saves(handle.device(), save)
    }

    /// The object that stands for a device.
    fn object_of<'py>(&self, py: Python<'py>, handle: &PyDeviceHandle) -> PyResult<Bound<'py, PyAny>> {
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

    /// The handle by which an object of a lab leads to its device here: its own, or in a lab like its own that of the device there.
    fn handle_here(
        &self,
        py: Python<'_>,
        object: &Bound<'_, PyAny>,
        own: Py<PyDeviceHandle>,
    ) -> PyResult<Py<PyDeviceHandle>> {
        if own.get().is_of(&self.0) {
            return Ok(own);
        }
        match self.0.bridge.known(object) {
            Some(device) => Py::new(py, PyDeviceHandle::new(Arc::downgrade(&self.0), device)),
            None => Ok(own),
        }
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

    /// How each device would be twice as quick: as it is written, and in words.
    fn quicker(&self) -> Vec<(String, String)> {
        let changes = self.0.quicker();
        changes
            .iter()
            .map(|change| (format!("{}.{}={}", change.device, change.option, change.to), change.to_string()))
            .collect()
    }

    /// A change of an option, as it is written, in words.
    fn change(&self, text: &str) -> PyResult<String> {
        self.0.change(text).map(|change| change.to_string())
    }

    /// A lab like this one, with options of devices changed.
    fn twin(&self, py: Python<'_>, changes: Vec<String>) -> PyResult<Self> {
        self.0.refuse_within_a_call("an estimate")?;
        let changes = changes.iter().map(|text| self.0.change(text)).collect::<PyResult<Vec<_>>>()?;
        py.detach(|| self.0.twin(&changes)).map(Self)
    }

    /// Takes a generator to its end, and tells where the time went.
    fn estimate(
        &self,
        py: Python<'_>,
        generator: Py<PyAny>,
        name: &str,
        md: &Bound<'_, PyDict>,
    ) -> PyResult<PyEstimate> {
        let core = &self.0;
        core.bridge.begin_call();
        let options = CallOptions { md: core.bridge.carried.map(md)?, ..CallOptions::default() };
        let plan = plan_of(Arc::clone(&core.bridge), generator, Text::from(name));
        let mut estimate: Option<Estimate> = None;
        let outcome = core.call(py, "an estimate", |harness| {
            let (outcome, mut made) = harness.estimate_while(|lab| lab.run_with(plan, options));
            made.failure = outcome.exception().cloned();
            estimate = Some(made);
            outcome
        })?;
        let exception = outcome.raised(py).map(Bound::unbind);
        Ok(PyEstimate { estimate: estimate.unwrap_or_default(), exception })
    }

    /// The plan file of what a call has done.
    fn plan_file(&self, py: Python<'_>, run: &PyOutcome) -> PyResult<String> {
        py.detach(|| self.0.plan_file(run.outcome()))
    }

    /// Runs a plan file, and tells what came of its last call.
    fn run_file(&self, py: Python<'_>, path: std::path::PathBuf) -> PyResult<PyOutcome> {
        let core = &self.0;
        core.refuse_within_a_call("lab.run_file()")?;
        core.bridge.begin_call();
        let run = core.within_a_call(py, "lab.run_file()", |harness| harness.run_file(&path))?;
        let run = run.map_err(|error| PyValueError::new_err(error.to_string()))?;
        match run.last_call() {
            Some(outcome) => core.told(py, outcome.clone()),
            None => Err(PyValueError::new_err(format!("{}: expected an item that is a call", path.display()))),
        }
    }

    /// Whether Ctrl-C was heard of in this call.
    #[getter]
    fn is_interrupted(&self) -> bool {
        self.0.bridge.is_interrupted.load(Ordering::Relaxed)
    }

    /// Aborts the plan, as Ctrl-C was pressed; unless the plan has heard of it itself.
    fn interrupt(&self, py: Python<'_>) {
        if !self.0.bridge.is_interrupted.swap(true, Ordering::Relaxed) {
            // One that is ending already is not aborted.
            py.detach(|| {
                drop(self.0.harness.handle().abort("Ctrl-C"));
                // The clean-up need not wait for what the plan has waited for in vain.
                self.0.bridge.wait_no_more();
            });
        }
    }

    /// Ends the call at once, without asking the plan.
    fn kill(&self, py: Python<'_>) {
        py.detach(|| self.0.harness.handle().kill());
    }

    /// A span of the plan's own has started.
    fn span_started(&self, span: &Bound<'_, PyAny>) -> PyResult<()> {
        own_spans::started(&self.0, span)
    }

    /// It has ended.
    fn span_ended(&self, span: &Bound<'_, PyAny>) -> PyResult<()> {
        own_spans::ended(&self.0, span)
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

    /// Gives documents of one name to a callable from now on; gives the number of the subscription.
    fn subscribe(&self, py: Python<'_>, callback: &Bound<'_, PyAny>, name: &str) -> PyResult<u64> {
        self.0.refuse_within_a_call("lab.subscribe()")?;
        let name = document_kind(name)?;
        let bridge = &self.0.bridge;
        let object =
            bridge.carried_as(callback, false, || Ok((&subscriber(Arc::downgrade(bridge), callback)).into()))?;
        let Some(subscriber) = object.downcast_ref::<Subscriber>() else {
            return Err(PyTypeError::new_err(format!("expected a callable, found {}", callback.repr()?)));
        };
        let token = py.detach(|| self.0.harness.with_engine(|engine| engine.add_subscriber(name, subscriber)));
        self.0.tokens.lock().unwrap_or_else(PoisonError::into_inner).push(token);
        Ok(u64::try_from(self.0.tokens.lock().unwrap_or_else(PoisonError::into_inner).len() - 1).unwrap_or_default())
    }

    /// Ends a subscription; one that is not there has ended already.
    fn unsubscribe(&self, py: Python<'_>, number: usize) -> PyResult<()> {
        self.0.refuse_within_a_call("lab.unsubscribe()")?;
        let token = self.0.tokens.lock().unwrap_or_else(PoisonError::into_inner).get(number).copied();
        if let Some(token) = token {
            py.detach(|| self.0.harness.with_engine(|engine| engine.unsubscribe(token)));
        }
        Ok(())
    }

    /// Installs a suspender of bluesky.
    fn install_suspender(&self, py: Python<'_>, given: &Bound<'_, PyAny>) -> PyResult<()> {
        self.0.refuse_within_a_call("lab.install_suspender()")?;
        let suspender = suspenders::suspender(&self.0.bridge, given)?;
        py.detach(|| self.0.harness.with_engine(|engine| engine.install_suspender(&suspender)));
        Ok(())
    }

    /// Removes one.
    fn remove_suspender(&self, py: Python<'_>, given: &Bound<'_, PyAny>) -> PyResult<()> {
        self.0.refuse_within_a_call("lab.remove_suspender()")?;
        let suspender = suspenders::suspender(&self.0.bridge, given)?;
        py.detach(|| self.0.harness.with_engine(|engine| engine.remove_suspender(&suspender)));
        Ok(())
    }

    /// Executes messages of a command by a callable.
    fn register_command(&self, py: Python<'_>, name: String, function: Py<PyAny>) -> PyResult<()> {
        self.0.refuse_within_a_call("lab.register_command()")?;
        py.detach(|| own_code::register_command(&self.0, name.into(), function));
        Ok(())
    }

    /// Forgets a command.
    fn unregister_command(&self, py: Python<'_>, name: &str) -> PyResult<()> {
        self.0.refuse_within_a_call("lab.unregister_command()")?;
        let known = py.detach(|| self.0.harness.with_engine(|engine| engine.unregister_command(name)));
        known.map_err(|_| PyKeyError::new_err(name.to_owned()))
    }

    /// Has `input` answered by a callable.
    fn set_input(&self, py: Python<'_>, function: Py<PyAny>) -> PyResult<()> {
        self.0.refuse_within_a_call("lab.on_input()")?;
        py.detach(|| own_code::set_input(&self.0, function));
        Ok(())
    }

    /// Calls a callable with every message before it is executed; None to call nobody.
    fn set_msg_hook(&self, py: Python<'_>, function: Option<Py<PyAny>>) -> PyResult<()> {
        self.0.refuse_within_a_call("lab.msg_hook")?;
        py.detach(|| own_code::set_msg_hook(&self.0, function));
        Ok(())
    }

    /// Calls a callable with the new state and the one before; None to call nobody.
    fn set_state_hook(&self, py: Python<'_>, function: Option<Py<PyAny>>) -> PyResult<()> {
        self.0.refuse_within_a_call("lab.state_hook")?;
        py.detach(|| own_code::set_state_hook(&self.0, function));
        Ok(())
    }

    /// Says whether a callback that fails keeps the run going.
    fn ignore_callback_exceptions(&self, py: Python<'_>, ignore: bool) -> PyResult<()> {
        self.0.refuse_within_a_call("lab.ignore_callback_exceptions")?;
        py.detach(|| self.0.harness.with_engine(|engine| engine.ignore_callback_errors(ignore)));
        Ok(())
    }

    /// Lets simulated time pass between calls.
    fn sleep(&self, py: Python<'_>, seconds: &Bound<'_, PyAny>) -> PyResult<()> {
        self.0.refuse_within_a_call("lab.sleep()")?;
        let time = duration(seconds, "how long to sleep")?;
        let clock = self.0.harness.clock().clone();
        self.0.bridge.interrupts.wait(py, &clock, clock.sleep(time))
    }
}
