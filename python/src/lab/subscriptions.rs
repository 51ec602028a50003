//! What the engine subscribes to at devices of Python.

use std::sync::{Mutex, PoisonError};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use skyspan::device::{Callback, Subscribable, SubscriptionId};

use super::bridge::hands;
use super::called_back::CalledBack;
use super::given::readings;
use super::lab::PyLabCore;

/// The subscriptions of the engine, by their numbers, as Python knows them.
#[derive(Default)]
pub(super) struct Subscriptions {
    next: u64,
    callbacks: Vec<(u64, Py<PyAny>)>,
}

impl Subscribable for CalledBack {
    fn subscribe(&self, callback: Callback) -> SubscriptionId {
        let (callback, lab) = (Mutex::new(callback), self.lab.clone());
        let subscribed = Python::attach(|py| -> PyResult<SubscriptionId> {
            let tell = pyo3::types::PyCFunction::new_closure(
                py,
                None,
                None,
                move |args: &Bound<'_, PyTuple>, _: Option<&Bound<'_, PyDict>>| -> PyResult<()> {
                    let Some(lab) = lab.upgrade() else { return Ok(()) };
                    let changed = readings(&lab.bridge, &args.get_item(0)?)?;
                    args.py().detach(|| callback.lock().unwrap_or_else(PoisonError::into_inner)(&changed));
                    Ok(())
                },
            )?;
            let lab = PyLabCore(self.lab()?);
            let subscribed = hands(py)?.call_method1(intern!(py, "subscribe"), (lab, &self.object, tell))?;
            let mut all = self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner);
            all.next += 1;
            let number = all.next;
            all.callbacks.push((number, subscribed.unbind()));
            Ok(SubscriptionId(number))
        });
        subscribed.unwrap_or_else(|error| {
            Python::attach(|py| error.write_unraisable(py, Some(self.object.bind(py))));
            SubscriptionId(0)
        })
    }

    fn clear_sub(&self, id: SubscriptionId) {
        let ended = {
            let mut all = self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner);
            let at = all.callbacks.iter().position(|(number, _)| *number == id.0);
            at.map(|at| all.callbacks.remove(at).1)
        };
        let Some(ended) = ended else { return };
        Python::attach(|py| {
            let lab = self.lab().map(PyLabCore);
            let cleared = lab.and_then(|lab| {
                hands(py)?.call_method1(intern!(py, "clear_sub"), (lab, &self.object, ended)).map(drop)
            });
            if let Err(error) = cleared {
                error.write_unraisable(py, Some(self.object.bind(py)));
            }
        });
    }
}
