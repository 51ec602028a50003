//! [`DeviceTask`]: what a device does on its own, as ophyd's devices do it in a thread and those of ophyd-async in a task.

use std::pin::Pin;
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use crate::clock::Clock;
use skyspan_trace::internal::lock;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Some work that goes on by the timers of a clock alone, whether the runtime of the clock is entered or not.
pub(crate) struct DeviceTask {
    clock: Clock,
    work: Mutex<Ongoing>,
}

#[derive(Default)]
struct Ongoing {
    /// Nothing while it goes on, and when it is done.
    work: Option<Work>,
    is_abandoned: bool,
}

impl DeviceTask {
    fn new(clock: &Clock, work: impl Future<Output = ()> + Send + 'static) -> Arc<Self> {
        let work = Mutex::new(Ongoing { work: Some(Box::pin(work)), is_abandoned: false });
        Arc::new(Self { clock: clock.clone(), work })
    }

    /// Begins some work, which goes on whenever what it awaits is there.
    /// What leads back to it does not keep it.
    pub(crate) fn run(clock: &Clock, work: impl Future<Output = ()> + Send + 'static) -> Weak<Self> {
        let task = Self::new(clock, work);
        let weak = Arc::downgrade(&task);
        task.go_on();
        weak
    }

    /// The same, which begins once all else has been done that is due now.
    pub(super) fn run_soon(clock: &Clock, work: impl Future<Output = ()> + Send + 'static) -> Weak<Self> {
        let task = Self::new(clock, work);
        let weak = Arc::downgrade(&task);
        let _ = clock.call_after(Duration::ZERO, move || task.go_on());
        weak
    }

    /// The work does not go on; what it holds is dropped.
    pub(crate) fn abandon(&self) {
        let mut ongoing = lock(&self.work);
        ongoing.is_abandoned = true;
        let work = ongoing.work.take();
        drop(ongoing);
        drop(work);
    }

    fn go_on(self: Arc<Self>) {
        // The work is taken out meanwhile: it may wake itself.
        let Some(mut work) = lock(&self.work).work.take() else { return };
        let waker = Waker::from(Arc::clone(&self));
        if work.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            let mut ongoing = lock(&self.work);
            if !ongoing.is_abandoned {
                ongoing.work = Some(work);
            }
        }
    }
}

impl Wake for DeviceTask {
    fn wake(self: Arc<Self>) {
        let clock = self.clock.clone();
        // Not at once: who wakes it is in the middle of something.
        let _ = clock.call_after(Duration::ZERO, move || self.go_on());
    }
}

impl std::fmt::Debug for DeviceTask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceTask")
    }
}
