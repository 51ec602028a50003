//! What will be there: brought about by the loop of the lab, awaited by the engine.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyTuple};

use super::bridge::hands;
use super::lab::PyLabCore;
use super::lab_core::LabCore;

/// A task of Python that will be done.
#[derive(Clone, Default)]
pub(crate) struct Promise(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    done: Option<Py<PyAny>>,
    waker: Option<Waker>,
}

impl Promise {
    /// What is there when something that Python can await has come about, on the loop of the lab.
    ///
    /// # Errors
    ///
    /// What Python raises before it goes on on its loop.
    pub(crate) fn of(lab: &Arc<LabCore>, awaitable: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = awaitable.py();
        let promise = Self::default();
        let keep = promise.keeper(py)?;
        let lab = PyLabCore(Arc::clone(lab));
        hands(py)?.call_method1(intern!(py, "when_there"), (lab, awaitable, keep))?;
        Ok(promise)
    }

    /// What Python calls with the task when that is done.
    ///
    /// # Errors
    ///
    /// Where Python has no memory left.
    pub(crate) fn keeper<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCFunction>> {
        let promise = self.clone();
        let keep = move |args: &Bound<'_, PyTuple>, _: Option<&Bound<'_, PyDict>>| -> PyResult<()> {
            promise.keep(args.get_item(0)?.unbind());
            Ok(())
        };
        PyCFunction::new_closure(py, None, None, keep)
    }

    fn keep(&self, done: Py<PyAny>) {
        let waker = {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.done = Some(done);
            kept.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Future for Promise {
    type Output = Py<PyAny>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.done.take() {
            Some(done) => Poll::Ready(done),
            None => {
                kept.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}
