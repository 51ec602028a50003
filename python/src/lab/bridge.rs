//! Which object of Python is which device, and what else both sides must find again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyModule, PyType};
use skyspan::clock::OutsideWork;
use skyspan::device::{Device, DeviceError, Status};
use skyspan::message::Object;
use skyspan::value::Text;

use super::called_back::CalledBack;
use super::carried::Carried;
use super::handle::PyDeviceHandle;
use super::interrupts::Interrupts;
use super::lab::PyLabCore;
use super::lab_core::LabCore;
use super::raised::Thrown;

/// What both sides must find again.
pub(crate) struct Bridge {
    lab: Weak<LabCore>,
    myself: Weak<Self>,
    known: Mutex<Known>,
    statuses: Mutex<Vec<(Status, Py<PyAny>)>>,
    /// What messages carry besides: callbacks, awaitables, suspenders.
    others: Mutex<Vec<Other>>,
    /// What keeps the objects of others as their stand-ins are, while a plan runs.
    mirrors: Mutex<Vec<Py<PyAny>>>,
    pub(crate) carried: Carried,
    pub(crate) thrown: Thrown,
    returned: Mutex<Option<Py<PyAny>>>,
    /// How many spans of the plan's own are open.
    pub(crate) open_spans: AtomicUsize,
    /// Whether Ctrl-C was heard of in this call.
    pub(crate) is_interrupted: AtomicBool,
    /// What ended the plan of this call that is no `Exception`: what a handler of signals raised, or what came out of it.
    ended_by: Mutex<Option<PyErr>>,
    /// What ends a wait outside of plans.
    pub(crate) interrupts: Interrupts,
    /// What the clock waits for: devices of Python that are under way.
    works: Mutex<Vec<Weak<Work>>>,
}

/// What messages carry for an object of Python.
struct Other {
    object: Py<PyAny>,
    carried: Object,
    /// Whether it is the same for the object as long as the lab is: a suspender, which is removed by it.
    stays: bool,
}

/// So few of those are not worth a look.
const OTHERS_BETWEEN_SWEEPS: usize = 64;

/// Work of a device of Python's, until it has ended or is waited for no more.
pub(crate) type Work = Mutex<Option<OutsideWork>>;

#[derive(Default)]
struct Known {
    /// By the place of the object in memory. The object is kept, or another might be in its place.
    devices: HashMap<usize, (Py<PyAny>, Device)>,
    objects: HashMap<Device, Py<PyAny>>,
}

/// After so many statuses those are forgotten that have ended well.
const STATUSES_BETWEEN_SWEEPS: usize = 32;

impl Bridge {
    pub(crate) fn new(lab: Weak<LabCore>, myself: Weak<Self>) -> Self {
        Self {
            lab,
            myself,
            known: Mutex::default(),
            statuses: Mutex::default(),
            others: Mutex::default(),
            mirrors: Mutex::default(),
            carried: Carried::default(),
            thrown: Thrown::default(),
            returned: Mutex::default(),
            open_spans: AtomicUsize::default(),
            is_interrupted: AtomicBool::default(),
            ended_by: Mutex::default(),
            interrupts: Interrupts::default(),
            works: Mutex::default(),
        }
    }

    /// A new call begins.
    pub(crate) fn begin_call(&self) {
        self.thrown.forget();
        self.is_interrupted.store(false, Ordering::Relaxed);
        let statuses = std::mem::take(&mut *lock(&self.statuses));
        drop(statuses);
        drop(self.take_ended_by());
        let _ = self.take_returned();
    }

    /// Notes that an object stands for a device.
    pub(crate) fn know(&self, object: &Bound<'_, PyAny>, device: &Device) {
        let before = {
            let mut known = lock(&self.known);
            let place = object.as_ptr() as usize;
            let before = known.devices.insert(place, (object.clone().unbind(), device.clone()));
            let object = object.clone().unbind();
            (before, known.objects.insert(device.clone(), object))
        };
        drop(before);
    }

    /// Has the objects here stand for devices there, those that `other_of` gives for the devices here.
    pub(crate) fn hand_on(&self, there: &Self, other_of: impl Fn(&Device) -> Option<Device>) {
        Python::attach(|py| {
            let all: Vec<(Py<PyAny>, Device)> = {
                let known = lock(&self.known);
                known.devices.values().map(|(object, device)| (object.clone_ref(py), device.clone())).collect()
            };
            for (object, device) in all {
                // Where the user's own stands for it, it does so there.
                let own = device.downcast_ref::<CalledBack>().map(|called| called.object(py));
                let own = own.filter(|own| !own.is(&object));
                let other = match own {
                    Some(own) => there.device(own.bind(py)).ok().flatten(),
                    None => other_of(&device),
                };
                if let Some(other) = other {
                    there.know(object.bind(py), &other);
                }
            }
        });
    }

    /// The device that an object is already known to stand for.
    pub(crate) fn known(&self, object: &Bound<'_, PyAny>) -> Option<Device> {
        let known = lock(&self.known);
        known.devices.get(&(object.as_ptr() as usize)).map(|(_, device)| device.clone())
    }

    /// The object that stands for a device: the user's own, or a new one that handles it.
    ///
    /// # Errors
    ///
    /// What Python raises where the object is made.
    pub(crate) fn object<'py>(&self, py: Python<'py>, device: &Device) -> PyResult<Bound<'py, PyAny>> {
        if let Some(object) = lock(&self.known).objects.get(device) {
            return Ok(object.bind(py).clone());
        }
        let handle = PyDeviceHandle::new(self.lab.clone(), device.clone());
        let object = hands(py)?.call_method1(intern!(py, "device_object"), (handle,))?;
        self.know(&object, device);
        Ok(object)
    }

    /// The device of an object: the simulated one that stands for it, or one that calls the object; nothing for what is no device.
    ///
    /// # Errors
    ///
    /// For a device of another lab, and what the object raises where it is looked at.
    pub(crate) fn device(&self, object: &Bound<'_, PyAny>) -> PyResult<Option<Device>> {
        if let Some(device) = self.known(object) {
            return Ok(Some(device));
        }
        let py = object.py();
        if object.is_instance_of::<PyType>() {
            return Ok(None);
        }
        if let Some(handle) = object.getattr_opt(intern!(py, "_skyspan_handle"))?
            && let Ok(handle) = handle.cast::<PyDeviceHandle>()
        {
            let name = handle.get().device().name().clone();
            return Err(PyValueError::new_err(format!(
                "the device {name:?} belongs to another lab: a plan and its devices are of one lab"
            )));
        }
        let lab = self.lab.upgrade().ok_or_else(gone)?;
        let stand_in = hands(py)?.call_method1(intern!(py, "stand_in"), (PyLabCore(lab), object))?;
        let device = if let Ok(handle) = stand_in.cast::<PyDeviceHandle>() {
            handle.get().device().clone()
        } else if stand_in.is_truthy()? {
            Device::new(CalledBack::of(object, self.lab.clone())?)
        } else {
            return Ok(None);
        };
        self.know(object, &device);
        Ok(Some(device))
    }

    /// Keeps the object that Python has for a status.
    pub(crate) fn know_status(&self, status: &Status, object: &Bound<'_, PyAny>) {
        let mut forgotten = Vec::new();
        let mut all = lock(&self.statuses);
        if all.len() % STATUSES_BETWEEN_SWEEPS == STATUSES_BETWEEN_SWEEPS - 1 {
            forgotten = all.extract_if(.., |(status, _)| status.is_success()).collect();
        }
        all.push((status.clone(), object.clone().unbind()));
        drop(all);
        drop(forgotten);
    }

    /// The object that Python has for a status, if it has one.
    pub(crate) fn status_object<'py>(&self, py: Python<'py>, status: &Status) -> Option<Bound<'py, PyAny>> {
        let all = lock(&self.statuses);
        all.iter().rev().find(|(known, _)| known == status).map(|(_, object)| object.bind(py).clone())
    }

    /// The status that failed, by what is known of it.
    pub(crate) fn failed_status<'py>(
        &self,
        py: Python<'py>,
        repr: &Text,
        cause: &DeviceError,
    ) -> Option<Bound<'py, PyAny>> {
        let failed: Vec<(Status, Py<PyAny>)> = {
            let all = lock(&self.statuses);
            let failed = all.iter().rev().filter(|(status, _)| status.exception().as_ref() == Some(cause));
            failed.map(|(status, object)| (status.clone(), object.clone_ref(py))).collect()
        };
        let of_repr = failed.iter().find(|(status, _)| status.to_string() == **repr || status.repr() == *repr);
        of_repr.or(failed.first()).map(|(_, object)| object.bind(py).clone())
    }

    /// What a message carries for an object: the same each time, made when it is first needed. Unless it `stays`, it is forgotten when
    /// no message has it any more.
    ///
    /// # Errors
    ///
    /// What `make` does.
    pub(crate) fn carried_as(
        &self,
        object: &Bound<'_, PyAny>,
        stays: bool,
        make: impl FnOnce() -> PyResult<Object>,
    ) -> PyResult<Object> {
        // A bound method is another object each time, and equal to itself.
        let all: Vec<(Bound<'_, PyAny>, Object)> = {
            let all = lock(&self.others);
            all.iter().map(|other| (other.object.bind(object.py()).clone(), other.carried.clone())).collect()
        };
        for (known, other) in &all {
            if known.is(object) || (object.is_callable() && known.eq(object).unwrap_or(false)) {
                return Ok(other.clone());
            }
        }
        let made = make()?;
        if all.len() % OTHERS_BETWEEN_SWEEPS == OTHERS_BETWEEN_SWEEPS - 1 {
            drop(all);
            self.forget_others();
        }
        lock(&self.others).push(Other { object: object.clone().unbind(), carried: made.clone(), stays });
        Ok(made)
    }

    /// Forgets the objects that were on their way in earlier calls, of which nobody has what came of them any more.
    pub(crate) fn forget(&self) {
        self.forget_others();
        self.carried.forget();
    }

    fn forget_others(&self) {
        let forgotten: Vec<Other> =
            lock(&self.others).extract_if(.., |other| !other.stays && other.carried.handles() == 1).collect();
        // What is forgotten may call Python.
        drop(forgotten);
    }

    /// The object for which a message carries something.
    pub(crate) fn carried_for<'py>(&self, py: Python<'py>, other: &Object) -> Option<Bound<'py, PyAny>> {
        let all = lock(&self.others);
        all.iter().find(|known| known.carried == *other).map(|known| known.object.bind(py).clone())
    }

    /// Notes that the clock waits for a device of Python's.
    pub(crate) fn wait_for(&self, work: OutsideWork) -> Arc<Work> {
        let work = Arc::new(Mutex::new(Some(work)));
        let mut works = lock(&self.works);
        works.retain(|work| work.strong_count() > 0);
        works.push(Arc::downgrade(&work));
        work
    }

    /// The clock waits for devices of Python's no more.
    pub(crate) fn wait_no_more(&self) {
        let works = std::mem::take(&mut *lock(&self.works));
        let ended: Vec<Option<OutsideWork>> =
            works.iter().filter_map(Weak::upgrade).map(|work| lock(&work).take()).collect();
        drop(ended);
    }

    /// Keeps what keeps an object as its stand-in is.
    pub(crate) fn add_mirror(&self, mirror: Py<PyAny>) {
        lock(&self.mirrors).push(mirror);
    }

    /// All of those.
    pub(crate) fn mirrors(&self, py: Python<'_>) -> Vec<Py<PyAny>> {
        lock(&self.mirrors).iter().map(|mirror| mirror.clone_ref(py)).collect()
    }

    /// Keeps what ended a plan, for whoever made a run of its own of it. The first one counts.
    pub(crate) fn keep_ended_by(&self, error: PyErr) {
        let mut kept = lock(&self.ended_by);
        if kept.is_none() {
            *kept = Some(error);
        } else {
            drop(kept);
            drop(error);
        }
    }

    /// What ended the plan that is no `Exception`.
    pub(crate) fn take_ended_by(&self) -> Option<PyErr> {
        lock(&self.ended_by).take()
    }

    /// Keeps what a plan returned.
    pub(crate) fn set_returned(&self, returned: Py<PyAny>) {
        let before = lock(&self.returned).replace(returned);
        drop(before);
    }

    /// What the plan of the call returned.
    pub(crate) fn take_returned(&self) -> Option<Py<PyAny>> {
        lock(&self.returned).take()
    }

    /// The way back to the lab.
    pub(crate) fn weak_lab(&self) -> Weak<LabCore> {
        self.lab.clone()
    }

    /// The way back to itself.
    pub(crate) fn myself(&self) -> Weak<Self> {
        self.myself.clone()
    }
}

/// The error of what outlives its lab.
pub(crate) fn gone() -> PyErr {
    PyRuntimeError::new_err("the lab is gone")
}

/// What of the bridge is written in Python.
pub(crate) fn hands(py: Python<'_>) -> PyResult<Bound<'_, PyModule>> {
    py.import(intern!(py, "skyspan._lab_devices"))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
