//! A device as Python sees it: what its object is, and what it does where it is called from outside of messages.

use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};

use pyo3::exceptions::{PyAttributeError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use skyspan::device::{
    Args, Callback, Cx, DataKeys, Device, DeviceError, OphydObject, Positioner, Staged, Status, SubscriptionId,
    SyncOrAsync,
};
use skyspan::hardware::SynSignal;
use skyspan::opentelemetry::Context as SpanContext;
use skyspan::program::Put;
use skyspan::value::{Map, Text, Value};

use super::bridge::Bridge;
use super::called_back::CalledBack;
use super::interrupts::is_waiting_here;
use super::lab_core::LabCore;
use super::raised::of_device_error;
use super::{answer, faults, status};
use crate::value::to_python;

/// The way to a device of a lab; the objects of `skyspan.Device` have one.
#[pyclass(frozen, name = "DeviceHandle", module = "skyspan._core")]
pub(crate) struct PyDeviceHandle {
    lab: Weak<LabCore>,
    device: Device,
}

impl PyDeviceHandle {
    pub(crate) const fn new(lab: Weak<LabCore>, device: Device) -> Self {
        Self { lab, device }
    }

    /// Whether its device is of this lab.
    pub(crate) fn is_of(&self, lab: &Arc<LabCore>) -> bool {
        std::ptr::eq(self.lab.as_ptr(), Arc::as_ptr(lab))
    }

    pub(crate) const fn device(&self) -> &Device {
        &self.device
    }

    fn lab(&self) -> PyResult<Arc<LabCore>> {
        let gone = || PyRuntimeError::new_err(format!("the lab of the device {:?} is gone", &**self.device.name()));
        self.lab.upgrade().ok_or_else(gone)
    }
}

/// Whether a device is simulated, and not one of Python's that is called where it stands.
pub(crate) fn is_simulated(device: &Device) -> bool {
    device.downcast_ref::<CalledBack>().is_none()
}

/// The arguments of a call.
fn args_of(bridge: &Bridge, args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>) -> PyResult<Args> {
    let positional = args.iter().map(|value| bridge.carried.argument(&value)).collect::<PyResult<Vec<_>>>()?;
    let keyword = match kwargs {
        Some(kwargs) => bridge.carried.map(kwargs)?,
        None => Map::new(),
    };
    Ok(Args { positional, keyword })
}

fn raised(py: Python<'_>, error: &DeviceError) -> PyErr {
    of_device_error(py, error).map_or_else(|error| error, PyErr::from_value)
}

/// What a device gives at once, or once the clock has gone on, where nothing else is under way.
fn given<T: Send + Unpin>(
    py: Python<'_>,
    core: &LabCore,
    mut giving: SyncOrAsync<'_, Result<T, DeviceError>>,
) -> PyResult<T> {
    let is_within = core.is_calling() || is_waiting_here();
    // A real clock sleeps within its runtime alone.
    let polled = if is_within || !core.settings.real_time {
        std::pin::Pin::new(&mut giving).poll(&mut Context::from_waker(Waker::noop()))
    } else {
        Poll::Pending
    };
    let outcome = match polled {
        Poll::Ready(outcome) => outcome,
        Poll::Pending if is_within => {
            return Err(PyRuntimeError::new_err(
                "the device takes time for that: a plan yields a message for it, such as Msg('read', device)",
            ));
        }
        Poll::Pending => core.bridge.interrupts.wait(py, core.harness.clock(), giving)?,
    };
    outcome.map_err(|error| raised(py, &error))
}

fn described<'py>(
    py: Python<'py>,
    core: &LabCore,
    giving: SyncOrAsync<'_, Result<DataKeys, DeviceError>>,
) -> PyResult<Bound<'py, PyAny>> {
    let keys = given(py, core, giving)?;
    let map: Map = keys.0.iter().map(|(key, described)| (key.clone(), Value::from(described.to_map()))).collect();
    to_python(py, &map.into())
}

fn staged<'py>(py: Python<'py>, core: &LabCore, staged: Result<Staged, DeviceError>) -> PyResult<Bound<'py, PyAny>> {
    match staged.map_err(|error| raised(py, &error))? {
        Staged::Devices(devices) => {
            let objects = devices.iter().map(|device| core.bridge.object(py, device)).collect::<PyResult<Vec<_>>>()?;
            Ok(PyList::new(py, objects)?.into_any())
        }
        Staged::Status(status) => status::object(py, &core.bridge, &status),
        Staged::Later(_) => {
            Err(PyRuntimeError::new_err("that takes time: a plan yields a message for it, as `bps.stage` does"))
        }
    }
}

#[pymethods]
impl PyDeviceHandle {
    #[getter]
    fn name(&self) -> &str {
        self.device.name()
    }

    #[getter]
    fn class_name(&self) -> String {
        self.device.class_name().to_string()
    }

    /// The methods that its object has, by the protocols that it supports.
    fn methods(&self) -> Vec<&'static str> {
        let object = self.device.object();
        let mut all: Vec<&'static str> = Vec::new();
        let mut add = |supports: bool, methods: &[&'static str]| {
            for method in methods {
                if supports && !all.contains(method) {
                    all.push(method);
                }
            }
        };
        add(object.as_readable().is_some(), &["read", "describe"]);
        add(object.as_configurable().is_some(), &["read_configuration", "describe_configuration", "configure"]);
        add(object.as_movable().is_some(), &["set"]);
        add(object.as_checkable().is_some(), &["check_value"]);
        add(object.as_locatable().is_some(), &["locate"]);
        add(object.as_positioner().is_some(), &["position"]);
        add(object.as_triggerable().is_some(), &["trigger"]);
        add(object.as_stageable().is_some(), &["stage", "unstage"]);
        add(object.as_stoppable().is_some(), &["stop"]);
        add(object.as_pausable().is_some(), &["pause", "resume"]);
        add(object.as_flyable().is_some(), &["kickoff", "complete"]);
        add(object.as_preparable().is_some(), &["prepare"]);
        add(object.as_collectable().is_some(), &["describe_collect"]);
        add(object.as_event_collectable().is_some(), &["collect"]);
        add(object.as_event_page_collectable().is_some(), &["collect_pages"]);
        add(object.as_writes_external_assets().is_some(), &["collect_asset_docs"]);
        add(object.as_writes_stream_assets().is_some(), &["collect_asset_docs", "get_index"]);
        add(object.as_subscribable().is_some(), &["subscribe", "clear_sub"]);
        add(object.as_has_hints().is_some(), &["hints"]);
        all
    }

    /// Where it is; None for what has no position.
    #[getter]
    fn position<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let device = &self.device;
        match py.detach(|| device.position()) {
            Some(position) => self.lab()?.bridge.carried.to_python(py, &position),
            None => Ok(py.None().into_bound(py)),
        }
    }

    /// The value of a signal that computes it when triggered, without a call of the device; None for any other.
    #[getter]
    fn value<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let lab = self.lab()?;
        let none = SpanContext::new();
        let signal = self.device.downcast_ref::<SynSignal>().and_then(OphydObject::as_readable);
        let Some(signal) = signal else { return Ok(py.None().into_bound(py)) };
        let readings = given(py, &lab, signal.read(Cx::new(&lab.circumstances, &self.device, &none)))?;
        let value = answer::readings(py, &lab.bridge, &readings)?.get_item(self.device.name().as_str())?;
        value.map_or_else(|| Ok(py.None().into_bound(py)), |reading| reading.get_item("value"))
    }

    #[getter]
    fn hints<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self.device.object().as_has_hints() {
            Some(hinting) => to_python(py, &hinting.hints().to_map().into()),
            None => Ok(PyDict::new(py).into_any()),
        }
    }

    /// From where to where it goes; None for what goes anywhere, or nowhere.
    #[getter]
    fn limits<'py>(&self, py: Python<'py>) -> PyResult<Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)>> {
        let Some((low, high)) = self.device.object().as_positioner().and_then(Positioner::limits) else {
            return Ok(None);
        };
        Ok(Some((to_python(py, &low)?, to_python(py, &high)?)))
    }

    /// The unit of its position.
    #[getter]
    fn egu(&self) -> Option<String> {
        Some(self.device.object().as_positioner()?.egu()?.to_string())
    }

    /// How many digits behind the point of its position matter.
    #[getter]
    fn precision(&self) -> Option<i64> {
        self.device.object().as_positioner()?.precision()
    }

    /// The object of Python that is called where it stands; None for a simulated device.
    #[getter]
    fn called_back(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.device.downcast_ref::<CalledBack>().map(|called| called.object(py))
    }

    #[getter]
    fn labels(&self) -> Vec<String> {
        self.device.object().labels().iter().map(ToString::to_string).collect()
    }

    #[getter]
    fn read_attrs(&self) -> Option<Vec<String>> {
        let attributes = self.device.object().read_attrs()?;
        Some(attributes.iter().map(ToString::to_string).collect())
    }

    #[getter]
    fn is_rewindable(&self) -> bool {
        self.device.object().is_rewindable()
    }

    /// The attributes of the axes that it moves together: of those that are set, and of those that move.
    #[getter]
    fn coupled_axes(&self) -> Option<(Vec<String>, Vec<String>)> {
        let axes = self.device.object().coupled_axes()?;
        let names = |names: &[Text]| names.iter().map(ToString::to_string).collect();
        Some((names(&axes.pseudo), names(&axes.real)))
    }

    /// The object of the device that it is a component of.
    #[getter]
    fn parent<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let lab = self.lab()?;
        self.device.parent().map(|parent| lab.bridge.object(py, &parent)).transpose()
    }

    /// The object of one of its components.
    fn component<'py>(&self, py: Python<'py>, attribute: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(component) = self.device.component(attribute) else { return Ok(None) };
        self.lab()?.bridge.object(py, &component).map(Some)
    }

    /// The handle of one of its components.
    fn component_handle(&self, attribute: &str) -> Option<Self> {
        Some(Self::new(self.lab.clone(), self.device.component(attribute)?))
    }

    /// Calls one of its methods, from outside of messages.
    #[pyo3(signature = (method, args, kwargs = None))]
    fn call<'py>(
        &self,
        py: Python<'py>,
        method: &str,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let lab = self.lab()?;
        let bridge = &lab.bridge;
        let given_args = args_of(bridge, args, kwargs)?;
        let none = SpanContext::new();
        let cx = Cx::new(&lab.circumstances, &self.device, &none);
        let object = self.device.object();
        if matches!(
            method,
            "read" | "describe" | "read_configuration" | "describe_configuration" | "locate" | "trigger"
        ) {
            given_args.nothing().map_err(|error| raised(py, &error))?;
        }
        let readings = |giving| -> PyResult<Bound<'py, PyAny>> {
            Ok(answer::readings(py, bridge, &given(py, &lab, giving)?)?.into_any())
        };
        // What begins may tell others at once, and those may be on other threads.
        let begun = |begin: &(dyn Fn() -> Result<Status, DeviceError> + Sync)| -> PyResult<Bound<'py, PyAny>> {
            let status = py.detach(begin).map_err(|error| raised(py, &error))?;
            status::object(py, bridge, &status)
        };
        let has = |supports: bool| -> PyResult<()> {
            if supports {
                return Ok(());
            }
            Err(PyAttributeError::new_err(format!("{} has no method `{method}`", self.device.repr())))
        };
        let no_method = || has(false).map(|()| py.None().into_bound(py));
        match method {
            "read" => object.as_readable().map_or_else(no_method, |it| readings(it.read(cx))),
            "describe" => object.as_readable().map_or_else(no_method, |it| described(py, &lab, it.describe(cx))),
            "read_configuration" => {
                object.as_configurable().map_or_else(no_method, |it| readings(it.read_configuration(cx)))
            }
            "describe_configuration" => {
                object.as_configurable().map_or_else(no_method, |it| described(py, &lab, it.describe_configuration(cx)))
            }
            "configure" => object.as_configurable().map_or_else(no_method, |it| {
                let (old, new) = given(py, &lab, it.configure(cx, &given_args))?;
                let both = [answer::readings(py, bridge, &old)?, answer::readings(py, bridge, &new)?];
                Ok(PyTuple::new(py, both)?.into_any())
            }),
            "locate" => object.as_locatable().map_or_else(no_method, |it| {
                Ok(answer::location(py, bridge, &given(py, &lab, it.locate(cx))?)?.into_any())
            }),
            "set" => object.as_movable().map_or_else(no_method, |it| begun(&|| it.set(cx, &given_args))),
            "trigger" => object.as_triggerable().map_or_else(no_method, |it| begun(&|| it.trigger(cx))),
            "kickoff" => object.as_flyable().map_or_else(no_method, |it| begun(&|| it.kickoff(cx, &given_args))),
            "complete" => object.as_flyable().map_or_else(no_method, |it| begun(&|| it.complete(cx, &given_args))),
            "prepare" => object.as_preparable().map_or_else(no_method, |it| begun(&|| it.prepare(cx, &given_args))),
            "stage" => object.as_stageable().map_or_else(no_method, |it| staged(py, &lab, it.stage(cx))),
            "unstage" => object.as_stageable().map_or_else(no_method, |it| staged(py, &lab, it.unstage(cx))),
            "stop" => object.as_stoppable().map_or_else(no_method, |it| {
                let success = given_args.keyword.get("success").or(given_args.positional.first());
                given(py, &lab, it.stop(cx, success.is_none_or(|success| success.is_truthy())))?;
                Ok(py.None().into_bound(py))
            }),
            "check_value" => object.as_checkable().map_or_else(no_method, |it| {
                let value = given_args.single().map_err(|error| raised(py, &error))?;
                it.check_value(value).map_err(|error| raised(py, &error))?;
                Ok(py.None().into_bound(py))
            }),
            _ => Err(PyRuntimeError::new_err(format!(
                "`{method}` of a simulated device is called by the engine: a plan yields the message for it"
            ))),
        }
    }

    /// Calls back with its readings whenever they change; gives the number of the subscription.
    fn subscribe(&self, py: Python<'_>, callback: Py<PyAny>) -> PyResult<u64> {
        let weak = Arc::downgrade(&self.lab()?.bridge);
        let subscribable = self.device.subscribable().map_err(|error| PyAttributeError::new_err(error.to_string()))?;
        let callback: Callback = Box::new(move |changed| {
            let Some(bridge) = weak.upgrade() else { return };
            Python::attach(|py| {
                let called = answer::readings(py, &bridge, changed).and_then(|dict| callback.call1(py, (dict,)));
                if let Err(error) = called {
                    error.write_unraisable(py, None);
                }
            });
        });
        Ok(py.detach(|| subscribable.subscribe(callback)).0)
    }

    /// Ends a subscription.
    fn clear_sub(&self, py: Python<'_>, number: u64) {
        if let Ok(subscribable) = self.device.subscribable() {
            py.detach(|| subscribable.clear_sub(SubscriptionId(number)));
        }
    }

    /// Gives a signal its value, as the world does it.
    fn put(&self, py: Python<'_>, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let lab = self.lab()?;
        let put = Put::new(&self.device, lab.bridge.carried.argument(value)?).map_err(|error| raised(py, &error))?;
        py.detach(|| put.put(lab.harness.clock()));
        Ok(())
    }

    /// Whether it is simulated, and not one of Python's that is called where it stands.
    #[getter]
    fn is_simulated(&self) -> bool {
        is_simulated(&self.device)
    }

    /// Gives it a fault.
    #[pyo3(signature = (method, **given))]
    fn fault(&self, py: Python<'_>, method: &str, given: Option<&Bound<'_, PyDict>>) -> PyResult<String> {
        let fault = faults::fault(py, &self.lab()?.bridge.carried, method, given)?;
        if !fault.can_come_to(&self.device) {
            let repr = self.device.repr();
            return Err(PyValueError::new_err(format!(
                "{repr} has no method `{method}`, so that nothing of it can go wrong"
            )));
        }
        let shown = fault.to_string();
        self.device.fault(fault);
        Ok(shown)
    }

    /// Takes all its faults away.
    fn mend(&self) {
        self.device.mend();
    }

    /// Its faults, as they are written in Rust.
    #[getter]
    fn faults(&self) -> Vec<String> {
        self.device.faults().iter().map(ToString::to_string).collect()
    }

    fn __repr__(&self) -> String {
        self.device.repr().to_string()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().device == self.device)
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.device.hash(&mut hasher);
        hasher.finish()
    }
}
