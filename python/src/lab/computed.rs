//! Simulated signals whose values functions of Python compute, as `ophyd.sim` has them.

use std::sync::{Arc, PoisonError};

use pyo3::prelude::*;
use skyspan::device::{Device, DeviceError};
use skyspan::hardware::{SynSignal, SynSignalWithRegistry};
use skyspan::value::Value;

use super::bridge::gone;
use super::carried::class_name;
use super::lab_core::LabCore;
use super::raised::device_error;

/// The functions of Python that a device was given.
#[derive(Default)]
pub(crate) struct Functions {
    /// What a trigger computes.
    func: Option<Py<PyAny>>,
    /// What writes a value to a file of a path.
    save_func: Option<Py<PyAny>>,
}

impl Functions {
    /// Whether there are none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.func.is_none() && self.save_func.is_none()
    }

    pub(crate) fn clone_ref(&self, py: Python<'_>) -> Self {
        Self {
            func: self.func.as_ref().map(|func| func.clone_ref(py)),
            save_func: self.save_func.as_ref().map(|save| save.clone_ref(py)),
        }
    }
}

impl LabCore {
    /// Has a signal, or the image of a camera, compute its value by a function of Python when it is triggered.
    ///
    /// # Errors
    ///
    /// `TypeError` for a device that computes nothing.
    pub(crate) fn computes(self: &Arc<Self>, device: &Device, func: Py<PyAny>) -> PyResult<()> {
        let kept = Python::attach(|py| func.clone_ref(py));
        let (lab, signal) = (Arc::downgrade(self), signal_of(device));
        let own = signal.downgrade();
        let compute = move || -> Result<Value, DeviceError> {
            Python::attach(|py| {
                let value = func.call0(py).and_then(|value| {
                    let lab = lab.upgrade().ok_or_else(gone)?;
                    let value = value.bind(py);
                    if let Some(signal) = own.upgrade() {
                        SynSignal::sim_set_ndarray(&signal, is_ndarray(value)).map_err(wrong)?;
                    }
                    lab.bridge.carried.argument(value)
                });
                value.map_err(|error| device_error(py, &error))
            })
        };
        SynSignal::sim_set_func(&signal, compute).map_err(wrong)?;
        self.note(device, |functions| functions.func.replace(kept));
        Ok(())
    }

    /// Gives such a signal a value meanwhile.
    ///
    /// # Errors
    ///
    /// What Python raises where the value cannot be carried, and where the device is no such signal.
    pub(crate) fn sim_put(&self, device: &Device, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let (signal, is_ndarray) = (signal_of(device), is_ndarray(value));
        let (now, carried) = (self.harness.clock().now(), self.bridge.carried.argument(value)?);
        value
            .py()
            .detach(|| {
                SynSignal::sim_set_ndarray(&signal, is_ndarray)?;
                SynSignal::sim_put(&signal, carried, now)
            })
            .map_err(wrong)
    }

    /// Has a signal write its values to files by a function of Python.
    ///
    /// # Errors
    ///
    /// `TypeError` for a device that writes none.
    pub(crate) fn saves(self: &Arc<Self>, device: &Device, save: Py<PyAny>) -> PyResult<()> {
        let kept = Python::attach(|py| save.clone_ref(py));
        let lab = Arc::downgrade(self);
        let write = move |path: &str, value: &Value| {
            Python::attach(|py| {
                let lab = lab.upgrade().ok_or_else(|| device_error(py, &gone()))?;
                let value = lab.bridge.carried.to_python(py, value);
                let saved = value.and_then(|value| save.call1(py, (path, value)));
                saved.map(drop).map_err(|error| device_error(py, &error))
            })
        };
        SynSignalWithRegistry::set_save_func(device, write).map_err(wrong)?;
        self.note(device, |functions| functions.save_func.replace(kept));
        Ok(())
    }

    /// Gives a device the functions of another one.
    ///
    /// # Errors
    ///
    /// What Python raises where a function cannot be handed to the device.
    pub(crate) fn hand_functions(self: &Arc<Self>, device: &Device, of: Functions) -> PyResult<()> {
        let Functions { func, save_func } = of;
        if let Some(func) = func {
            self.computes(device, func)?;
        }
        save_func.map_or(Ok(()), |save| self.saves(device, save))
    }

    /// Whether functions of Python make its values.
    pub(crate) fn has_functions(&self, device: &Device) -> bool {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.iter().any(|made| made.device == *device && !made.functions.is_empty())
    }

    /// Notes a function of a device; `note` gives the one before.
    fn note(&self, device: &Device, note: impl FnOnce(&mut Functions) -> Option<Py<PyAny>>) {
        let before = {
            let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
            let known = made.iter_mut().find(|made| made.device == *device);
            known.and_then(|made| note(&mut made.functions))
        };
        // Where that goes, Python may be called, which may ask for the devices that were made.
        drop(before);
    }
}

/// The signal that computes: of a camera its image.
fn signal_of(device: &Device) -> Device {
    device.component("img").unwrap_or_else(|| device.clone())
}

fn is_ndarray(value: &Bound<'_, PyAny>) -> bool {
    &*class_name(value) == "ndarray"
}

fn wrong(error: DeviceError) -> PyErr {
    pyo3::exceptions::PyTypeError::new_err(error.to_string())
}
