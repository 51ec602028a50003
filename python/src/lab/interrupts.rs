//! Ctrl-C where a lab waits outside of plans: in `lab.finish`, `status.wait`, `lab.sleep`.

use std::cell::Cell;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use pyo3::exceptions::{PyException, PyKeyboardInterrupt};
use pyo3::intern;
use pyo3::prelude::*;
use skyspan::clock::{Clock, Deadlock};

use super::clock::PyLabClock;

/// What ends a wait, of all clocks of a lab.
#[derive(Clone, Default)]
pub(crate) struct Interrupts(Arc<Mutex<Heard>>);

#[derive(Default)]
struct Heard {
    is_interrupted: bool,
    /// What a callback of the clock raised that is no `Exception`: Ctrl-C, or the end of the program.
    raised: Option<PyErr>,
    waker: Option<Waker>,
}

impl Interrupts {
    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a wait was told to end.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.lock().is_interrupted
    }

    /// Tells the wait that is under way to end.
    pub(crate) fn interrupt(&self) {
        let waker = {
            let mut heard = self.lock();
            heard.is_interrupted = true;
            heard.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Keeps what a callback raised, for whoever has the clock go on; nothing is kept of what is an `Exception`.
    pub(crate) fn keep(&self, py: Python<'_>, error: PyErr) {
        if error.is_instance_of::<PyException>(py) {
            error.write_unraisable(py, None);
            return;
        }
        let before = self.lock().raised.replace(error);
        drop(before);
        self.interrupt();
    }

    /// Raises what was kept.
    ///
    /// # Errors
    ///
    /// What was kept, if there is something.
    pub(crate) fn raise(&self) -> PyResult<()> {
        let heard = std::mem::take(&mut *self.lock());
        heard.raised.map_or(Ok(()), Err)
    }

    /// Lets the clock go on until something is there.
    ///
    /// # Errors
    ///
    /// `Deadlock` where it never will be, and `KeyboardInterrupt` where Ctrl-C is pressed before.
    pub(crate) fn wait<T: Send>(
        &self,
        py: Python<'_>,
        clock: &Clock,
        awaited: impl Future<Output = T> + Send,
    ) -> PyResult<T> {
        let before = std::mem::take(&mut *self.lock());
        drop(before);
        let own = Bound::new(py, PyLabClock::new(clock.clone(), self.clone()))?;
        let heard_of =
            py.import(intern!(py, "skyspan._lab_interrupts"))?.call_method1(intern!(py, "heard_of"), (own,))?;
        heard_of.call_method0(intern!(py, "__enter__"))?;
        let there = py.detach(|| {
            let _waiting = Waiting::begin();
            clock.block_on(Until { awaited: pin!(awaited), interrupts: self })
        });
        heard_of.call_method1(intern!(py, "__exit__"), (py.None(), py.None(), py.None()))?;
        let kept = self.raise();
        py.check_signals()?;
        kept?;
        match there {
            Ok(Some(there)) => Ok(there),
            Ok(None) => Err(PyKeyboardInterrupt::new_err(())),
            Err(stuck) => Err(deadlock(py, &stuck)),
        }
    }
}

thread_local! {
    static WAITING: Cell<usize> = const { Cell::new(0) };
}

/// A wait that is under way on this thread, with the runtime of its clock.
struct Waiting;

impl Waiting {
    fn begin() -> Self {
        WAITING.set(WAITING.get() + 1);
        Self
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        WAITING.set(WAITING.get() - 1);
    }
}

/// Whether a clock is waited for on this thread, so that no other wait can begin here.
pub(crate) fn is_waiting_here() -> bool {
    WAITING.get() > 0
}

/// Something that is awaited until it is there, or the wait is told to end.
struct Until<'a, F> {
    awaited: Pin<&'a mut F>,
    interrupts: &'a Interrupts,
}

impl<F: Future> Future for Until<'_, F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(there) = self.awaited.as_mut().poll(cx) {
            return Poll::Ready(Some(there));
        }
        let mut heard = self.interrupts.lock();
        if heard.is_interrupted {
            return Poll::Ready(None);
        }
        heard.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

/// A deadlock of the clock as Python has it.
fn deadlock(py: Python<'_>, deadlock: &Deadlock) -> PyErr {
    let class = py.import("skyspan._lab_errors").and_then(|errors| errors.getattr("Deadlock"));
    match class.and_then(|class| class.call1((deadlock.to_string(),))) {
        Ok(error) => PyErr::from_value(error),
        Err(error) => error,
    }
}
