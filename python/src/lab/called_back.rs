//! A device of Python's as the engine sees it: its methods are called where it stands, in time that passes.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use skyspan::clock::OutsideWork;
use skyspan::device::{
    Args, AssetDoc, Collectable, CollectedStreams, Configurable, Cx, DataKeys, Device, DeviceError, EventCollectable,
    EventPageCollectable, Flyable, HasHints, Hints, Locatable, Location, Movable, OphydObject, PartialEvent,
    PartialEventPage, Pausable, Positioner, Preparable, Readable, Readings, Stageable, Staged, Status, StatusKind,
    Stoppable, Subscribable, SyncOrAsync, Triggerable, WritesExternalAssets, WritesStreamAssets,
};
use skyspan::value::{Map, Text, Value};

use super::bridge::{Bridge, gone, hands};
use super::carried::class_name;
use super::given::{asset_doc, data_keys, dict, each, partial_event, partial_page, readings};
use super::lab::PyLabCore;
use super::lab_core::LabCore;
use super::methods::Methods;
use super::promise::Promise;
use super::raised::device_error;
use super::subscriptions::Subscriptions;
use crate::value::{lossy, text};

/// A device of Python's.
pub(crate) struct CalledBack {
    pub(super) object: Py<PyAny>,
    name: Text,
    class: Text,
    has: Methods,
    /// Whether it is one of ophyd-async, whose calls are made on the loop of the lab, and whose statuses leave no spans.
    is_async: bool,
    pub(super) lab: Weak<LabCore>,
    pub(super) subscriptions: Mutex<Subscriptions>,
}

impl CalledBack {
    /// A device that calls this object.
    ///
    /// # Errors
    ///
    /// What the object raises where it is looked at.
    pub(crate) fn of(object: &Bound<'_, PyAny>, lab: Weak<LabCore>) -> PyResult<Self> {
        Ok(Self {
            name: text(&object.getattr(intern!(object.py(), "name"))?)?,
            class: class_name(object),
            has: Methods::of(object),
            is_async: hands(object.py())?.call_method1(intern!(object.py(), "is_async"), (object,))?.is_truthy()?,
            object: object.clone().unbind(),
            lab,
            subscriptions: Mutex::default(),
        })
    }

    /// The object that is called.
    pub(crate) fn object(&self, py: Python<'_>) -> Py<PyAny> {
        self.object.clone_ref(py)
    }

    pub(super) fn lab(&self) -> PyResult<Arc<LabCore>> {
        self.lab.upgrade().ok_or_else(gone)
    }

    fn bridge(&self) -> PyResult<Arc<Bridge>> {
        Ok(Arc::clone(&self.lab()?.bridge))
    }

    /// Calls a method; on the loop of the lab, where the device lives there.
    fn called<'py>(&self, py: Python<'py>, method: &str, args: &Args) -> PyResult<Bound<'py, PyAny>> {
        let lab = self.lab()?;
        let carried = &lab.bridge.carried;
        let positional =
            args.positional.iter().map(|value| carried.to_python(py, value)).collect::<PyResult<Vec<_>>>()?;
        let (positional, keyword) = (PyTuple::new(py, positional)?, carried.to_dict(py, &args.keyword)?);
        if self.is_async {
            let lab = PyLabCore(lab);
            hands(py)?.call_method1(intern!(py, "call_on_loop"), (lab, &self.object, method, positional, keyword))
        } else {
            self.object.bind(py).call_method(method, positional, Some(&keyword))
        }
    }

    /// Calls a method whose result may be there later: a coroutine, which goes on on the loop of the lab.
    fn answer<T: Send + Unpin + 'static>(
        &self,
        method: &str,
        args: &Args,
        give: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T> + Send + 'static,
    ) -> SyncOrAsync<'static, Result<T, DeviceError>> {
        let begun = Python::attach(|py| -> Result<SyncOrAsync<'static, Result<T, DeviceError>>, DeviceError> {
            let failed = |error: PyErr| device_error(py, &error);
            let given = self.called(py, method, args).map_err(failed)?;
            let module = hands(py).map_err(failed)?;
            let is_later = module.call_method1(intern!(py, "is_later"), (&given,)).and_then(|later| later.is_truthy());
            if !is_later.map_err(failed)? {
                return Ok(give(&given).map_err(|error| device_error(py, &error)).into());
            }
            let lab = self.lab().map_err(failed)?;
            let promise = Promise::of(&lab, &given).map_err(failed)?;
            Ok(SyncOrAsync::later(async move {
                let task = promise.await;
                Python::attach(|py| {
                    let result = task.bind(py).call_method0(intern!(py, "result"));
                    result.and_then(|given| give(&given)).map_err(|error| device_error(py, &error))
                })
            }))
        });
        begun.unwrap_or_else(|error| Err(error).into())
    }

    /// Calls a method that gives a status.
    fn begin(&self, cx: Cx<'_>, method: &str, args: &Args) -> Result<Status, DeviceError> {
        // The clock stands still until Python says that it is done.
        let work = (!self.is_async).then(|| cx.clock().outside_work());
        Python::attach(|py| {
            let given = self.called(py, method, args).map_err(|error| device_error(py, &error))?;
            self.status(cx, method, &given, work).map_err(|error| device_error(py, &error))
        })
    }

    /// The status of the engine for one of Python.
    fn status(
        &self,
        cx: Cx<'_>,
        method: &str,
        given: &Bound<'_, PyAny>,
        work: Option<OutsideWork>,
    ) -> PyResult<Status> {
        let py = given.py();
        let bridge = self.bridge()?;
        if given.getattr_opt(intern!(py, "add_callback"))?.is_none() {
            return Err(PyTypeError::new_err(format!(
                "expected a status from {}.{method}(), with done, success and add_callback; found {}",
                self.name,
                given.repr()?
            )));
        }
        let kind = match &*class_name(given) {
            _ if self.is_async => StatusKind::Async { watchable: given.hasattr(intern!(py, "watch"))? },
            "MoveStatus" => StatusKind::to(bridge.carried.value(&given.getattr(intern!(py, "target"))?)?),
            "DeviceStatus" => StatusKind::Device,
            "SubscriptionStatus" => StatusKind::Subscription,
            "Status" => StatusKind::Object,
            "NullStatus" => {
                let status = Status::null(cx);
                bridge.know_status(&status, given);
                return Ok(status);
            }
            _ => StatusKind::Base,
        };
        // ophyd stops the device itself.
        let mut builder = Status::builder(cx, kind).call_stop_on_failure(false);
        // The device may have moved by now.
        if let Some(position) = given.getattr_opt(intern!(py, "start_pos"))?.filter(|position| !position.is_none()) {
            builder = builder.start_position(bridge.carried.value(&position)?);
        }
        let status = builder.build();
        bridge.know_status(&status, given);
        if given.getattr(intern!(py, "done"))?.is_truthy()? {
            finish(&status, given)?;
            return Ok(status);
        }
        let work = work.map(|work| bridge.wait_for(work));
        let ending = Mutex::new(Some((status.clone(), work)));
        let python_status = given.clone().unbind();
        let tell = pyo3::types::PyCFunction::new_closure(
            py,
            None,
            None,
            move |args: &Bound<'_, PyTuple>, _: Option<&Bound<'_, PyDict>>| -> PyResult<()> {
                let ending = ending.lock().unwrap_or_else(PoisonError::into_inner).take();
                let Some((status, work)) = ending else { return Ok(()) };
                let told = finish(&status, python_status.bind(args.py()));
                let ended = work.and_then(|work| work.lock().unwrap_or_else(PoisonError::into_inner).take());
                args.py().detach(|| drop(ended));
                told
            },
        )?;
        // ophyd looks at the parameters of a callback, and this one has none to look at.
        hands(py)?.call_method1(intern!(py, "when_done"), (PyLabCore(self.lab()?), given, tell))?;
        Ok(status)
    }
}

/// Ends a status as one of Python has ended.
fn finish(status: &Status, given: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = given.py();
    let error = if given.getattr(intern!(py, "success"))?.is_truthy()? {
        None
    } else {
        let exception = match given.getattr_opt(intern!(py, "exception"))? {
            Some(exception) => exception.call0()?,
            None => py.None().into_bound(py),
        };
        let error = match exception.is_none() {
            true => PyRuntimeError::new_err(format!("{} failed, and does not say why", given.repr()?)),
            false => PyErr::from_value(exception),
        };
        Some(device_error(py, &error))
    };
    // Those who wait may be on another thread, and wait for the GIL.
    py.detach(|| {
        let _ = match error {
            None => status.set_finished().map_err(|error| DeviceError::InvalidState(error.to_string().into())),
            Some(error) => status.set_exception(error),
        };
    });
    Ok(())
}

macro_rules! supported {
    ($($as_protocol:ident, $protocol:ident, [$($method:literal),*];)*) => {$(
        fn $as_protocol(&self) -> Option<&dyn $protocol> {
            self.has.all(&[$($method),*]).then_some(self as &dyn $protocol)
        }
    )*};
}

impl OphydObject for CalledBack {
    fn name(&self) -> &Text {
        &self.name
    }

    fn class_name(&self) -> Text {
        self.class.clone()
    }

    fn repr(&self) -> Text {
        let repr = Python::try_attach(|py| self.object.bind(py).repr().map(|repr| lossy(&repr)));
        repr.and_then(Result::ok).unwrap_or_else(|| self.name.clone())
    }

    fn parent(&self) -> Option<Device> {
        Python::attach(|py| {
            let parent = self.object.bind(py).getattr_opt(intern!(py, "parent")).ok()??;
            if parent.is_none() { None } else { self.bridge().ok()?.device(&parent).ok()? }
        })
    }

    fn component(&self, attribute: &str) -> Option<Device> {
        Python::attach(|py| {
            let component = self.object.bind(py).getattr_opt(attribute).ok()??;
            self.bridge().ok()?.device(&component).ok()?
        })
    }

    fn is_rewindable(&self) -> bool {
        Python::attach(|py| {
            let rewindable = self.object.bind(py).getattr_opt(intern!(py, "rewindable")).ok().flatten();
            let value = rewindable.and_then(|signal| signal.call_method0(intern!(py, "get")).ok());
            value.is_none_or(|value| value.is_truthy().unwrap_or(true))
        })
    }

    supported! {
        as_readable, Readable, ["read", "describe"];
        as_configurable, Configurable, ["read_configuration", "describe_configuration"];
        as_movable, Movable, ["set"];
        as_locatable, Locatable, ["locate"];
        as_positioner, Positioner, ["position"];
        as_triggerable, Triggerable, ["trigger"];
        as_stageable, Stageable, ["stage", "unstage"];
        as_stoppable, Stoppable, ["stop"];
        as_pausable, Pausable, ["pause", "resume"];
        as_flyable, Flyable, ["kickoff", "complete"];
        as_preparable, Preparable, ["prepare"];
        as_collectable, Collectable, ["describe_collect"];
        as_event_collectable, EventCollectable, ["describe_collect", "collect"];
        as_event_page_collectable, EventPageCollectable, ["describe_collect", "collect_pages"];
        as_subscribable, Subscribable, ["subscribe", "clear_sub"];
        as_has_hints, HasHints, ["hints"];
    }

    fn as_writes_external_assets(&self) -> Option<&dyn WritesExternalAssets> {
        let writes = self.has.all(&["collect_asset_docs"]) && !self.has.all(&["get_index"]);
        writes.then_some(self as &dyn WritesExternalAssets)
    }

    fn as_writes_stream_assets(&self) -> Option<&dyn WritesStreamAssets> {
        self.has.all(&["collect_asset_docs", "get_index"]).then_some(self as &dyn WritesStreamAssets)
    }
}

/// What a device answers, with what both sides must find again.
type Answer<'a, T> = SyncOrAsync<'a, Result<T, DeviceError>>;

impl CalledBack {
    fn told<T: Send + Unpin + 'static>(
        &self,
        method: &str,
        args: &Args,
        give: impl FnOnce(&Bridge, &Bound<'_, PyAny>) -> PyResult<T> + Send + 'static,
    ) -> Answer<'static, T> {
        let lab = self.lab.clone();
        self.answer(method, args, move |given| {
            let lab = lab.upgrade().ok_or_else(gone)?;
            give(&lab.bridge, given)
        })
    }
}

impl Readable for CalledBack {
    fn read<'a>(&'a self, _: Cx<'a>) -> Answer<'a, Readings> {
        self.told("read", &Args::none(), readings)
    }

    fn describe<'a>(&'a self, _: Cx<'a>) -> Answer<'a, DataKeys> {
        self.told("describe", &Args::none(), data_keys)
    }
}

impl Configurable for CalledBack {
    fn read_configuration<'a>(&'a self, _: Cx<'a>) -> Answer<'a, Readings> {
        self.told("read_configuration", &Args::none(), readings)
    }

    fn describe_configuration<'a>(&'a self, _: Cx<'a>) -> Answer<'a, DataKeys> {
        self.told("describe_configuration", &Args::none(), data_keys)
    }

    fn configure<'a>(&'a self, _: Cx<'a>, args: &'a Args) -> Answer<'a, (Readings, Readings)> {
        self.told("configure", args, |bridge, given| {
            Ok((readings(bridge, &given.get_item(0)?)?, readings(bridge, &given.get_item(1)?)?))
        })
    }
}

impl Movable for CalledBack {
    fn set(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        self.begin(cx, "set", args)
    }
}

impl Locatable for CalledBack {
    fn locate<'a>(&'a self, _: Cx<'a>) -> Answer<'a, Location> {
        self.told("locate", &Args::none(), |bridge, given| {
            let part = |key: &str| bridge.carried.argument(&given.get_item(key)?);
            Ok(Location { setpoint: part("setpoint")?, readback: part("readback")? })
        })
    }
}

impl Positioner for CalledBack {
    fn position(&self) -> Value {
        Python::attach(|py| {
            let position = self.object.bind(py).getattr(intern!(py, "position")).ok()?;
            self.bridge().ok()?.carried.value(&position).ok()
        })
        .unwrap_or_default()
    }

    fn egu(&self) -> Option<Text> {
        Python::attach(|py| text(&self.object.bind(py).getattr(intern!(py, "egu")).ok()?).ok())
    }

    fn precision(&self) -> Option<i64> {
        Python::attach(|py| self.object.bind(py).getattr(intern!(py, "precision")).ok()?.extract().ok())
    }
}

impl Triggerable for CalledBack {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        self.begin(cx, "trigger", &Args::none())
    }
}

impl CalledBack {
    fn staged(&self, cx: Cx<'_>, method: &str) -> Result<Staged, DeviceError> {
        let work = (!self.is_async).then(|| cx.clock().outside_work());
        Python::attach(|py| {
            let failed = |error: PyErr| device_error(py, &error);
            let given = self.called(py, method, &Args::none()).map_err(failed)?;
            if given.hasattr(intern!(py, "add_callback")).map_err(failed)? {
                return self.status(cx, method, &given, work).map(Staged::Status).map_err(failed);
            }
            let bridge = self.bridge().map_err(failed)?;
            if given.is_none() {
                return Ok(Staged::Devices(Vec::new()));
            }
            let devices = each(&given, |object| bridge.device(object)).map_err(failed)?;
            Ok(Staged::Devices(devices.into_iter().flatten().collect()))
        })
    }
}

impl Stageable for CalledBack {
    fn stage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        self.staged(cx, "stage")
    }

    fn unstage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        self.staged(cx, "unstage")
    }
}

impl Stoppable for CalledBack {
    fn stop<'a>(&'a self, _: Cx<'a>, success: bool) -> Answer<'a, ()> {
        let args = Args { positional: Vec::new(), keyword: Map::from_iter([("success", success)]) };
        self.told("stop", &args, |_, _| Ok(()))
    }
}

impl Pausable for CalledBack {
    fn pause<'a>(&'a self, _: Cx<'a>) -> Answer<'a, ()> {
        self.told("pause", &Args::none(), |_, _| Ok(()))
    }

    fn resume<'a>(&'a self, _: Cx<'a>) -> Answer<'a, ()> {
        self.told("resume", &Args::none(), |_, _| Ok(()))
    }
}

impl Flyable for CalledBack {
    fn kickoff(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        self.begin(cx, "kickoff", args)
    }

    fn complete(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        self.begin(cx, "complete", args)
    }
}

impl Preparable for CalledBack {
    fn prepare(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        self.begin(cx, "prepare", args)
    }
}

impl Collectable for CalledBack {
    fn describe_collect<'a>(&'a self, _: Cx<'a>) -> Answer<'a, CollectedStreams> {
        self.told("describe_collect", &Args::none(), |bridge, given| {
            let streams = dict(given, "what will be collected")?;
            // A data key has a dtype; what else there is, is a stream.
            let is_one = match streams.values().iter().next() {
                Some(first) => first.contains("dtype")?,
                None => true,
            };
            if is_one {
                return data_keys(bridge, given).map(CollectedStreams::One);
            }
            let named = streams.iter().map(|(name, keys)| Ok((text(&name)?, data_keys(bridge, &keys)?)));
            named.collect::<PyResult<_>>().map(CollectedStreams::Named)
        })
    }
}

impl EventCollectable for CalledBack {
    fn collect<'a>(&'a self, _: Cx<'a>) -> Answer<'a, Vec<PartialEvent>> {
        self.told("collect", &Args::none(), |bridge, given| each(given, |event| partial_event(bridge, event)))
    }
}

impl EventPageCollectable for CalledBack {
    fn collect_pages<'a>(&'a self, _: Cx<'a>) -> Answer<'a, Vec<PartialEventPage>> {
        self.told("collect_pages", &Args::none(), |bridge, given| each(given, |page| partial_page(bridge, page)))
    }
}

impl WritesExternalAssets for CalledBack {
    fn collect_asset_docs<'a>(&'a self, _: Cx<'a>) -> Answer<'a, Vec<AssetDoc>> {
        self.told("collect_asset_docs", &Args::none(), |bridge, given| each(given, |doc| asset_doc(bridge, doc)))
    }
}

impl WritesStreamAssets for CalledBack {
    fn collect_asset_docs<'a>(&'a self, _: Cx<'a>, index: Option<u64>) -> Answer<'a, Vec<AssetDoc>> {
        let args = index.map_or_else(Args::none, Args::one);
        self.told("collect_asset_docs", &args, |bridge, given| each(given, |doc| asset_doc(bridge, doc)))
    }

    fn get_index<'a>(&'a self, _: Cx<'a>) -> Answer<'a, u64> {
        self.told("get_index", &Args::none(), |_, given| given.extract())
    }
}

impl HasHints for CalledBack {
    fn hints(&self) -> Hints {
        let hints = Python::attach(|py| {
            let hints = self.object.bind(py).getattr(intern!(py, "hints")).ok()?;
            self.bridge().ok()?.carried.value(&hints).ok()
        });
        let Some(Value::Map(map)) = hints else { return Hints::default() };
        let mut more = (*map).clone();
        let fields = more.remove("fields").and_then(|fields| {
            Some(fields.as_array()?.iter().filter_map(|field| field.as_str().map(Text::from)).collect())
        });
        Hints { fields, more }
    }
}
