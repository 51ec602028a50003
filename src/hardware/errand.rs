//! [`run_errand`]: what a device does on its own, as ophyd's devices do it in a thread.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use crate::clock::Clock;
use skyspan_trace::internal::lock;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Some work that goes on by the timers of a clock alone, whether the runtime of the clock is entered or not.
struct Errand {
    clock: Clock,
    work: Mutex<Option<Work>>,
}

/// Begins some work, which goes on whenever what it awaits is there.
pub(super) fn run_errand(clock: &Clock, work: impl Future<Output = ()> + Send + 'static) {
    let errand = Errand { clock: clock.clone(), work: Mutex::new(Some(Box::pin(work))) };
    Arc::new(errand).go_on();
}

impl Errand {
    fn go_on(self: Arc<Self>) {
        // The work is taken out meanwhile: it may wake itself.
        let Some(mut work) = lock(&self.work).take() else { return };
        let waker = Waker::from(Arc::clone(&self));
        if work.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            *lock(&self.work) = Some(work);
        }
    }
}

impl Wake for Errand {
    fn wake(self: Arc<Self>) {
        let clock = self.clock.clone();
        // Not at once: who wakes it is in the middle of something.
        let _ = clock.call_after(Duration::ZERO, move || self.go_on());
    }
}
