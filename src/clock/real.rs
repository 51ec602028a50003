//! The real clock: the one file that asks the operating system for the time.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use skyspan_trace::internal::lock;
use tokio::sync::Notify;

use crate::value::Timestamp;

/// Real time that never runs back: the wall clock when it was made, and the monotonic one since.
#[derive(Clone, Debug)]
pub(super) struct RealTime {
    wall: Timestamp,
    monotonic: Instant,
    panics: Arc<Panics>,
}

/// Panics of callbacks, to be resumed where the clock was started. tokio keeps those of its tasks to itself.
#[derive(Debug, Default)]
struct Panics {
    first: Mutex<Option<Box<dyn Any + Send>>>,
    changed: Notify,
}

impl RealTime {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock")]
    pub(super) fn new() -> Self {
        Self { wall: SystemTime::now().into(), monotonic: Instant::now(), panics: Arc::default() }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.wall + self.monotonic.elapsed()
    }

    /// Sleeps until a moment of this clock. Needs tokio's time driver, which [`Clock::block_on`](super::Clock::block_on)
    /// has for a real clock.
    #[expect(clippy::disallowed_methods, reason = "this is the Clock")]
    pub(super) fn sleep_until(&self, deadline: Timestamp) -> tokio::time::Sleep {
        // Further than a century is for ever; an Instant beyond its end would panic.
        let ahead = deadline.since(self.wall).min(Duration::from_secs(100 * 365 * 86_400));
        tokio::time::sleep_until((self.monotonic + ahead).into())
    }

    /// Calls back, and keeps a panic.
    pub(super) fn call(&self, callback: impl FnOnce()) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(callback)) {
            lock(&self.panics.first).get_or_insert(panic);
            self.panics.changed.notify_waiters();
        }
    }

    /// The panic of a callback, once there is one.
    pub(super) async fn panic(&self) -> Box<dyn Any + Send> {
        loop {
            let mut changed = pin!(self.panics.changed.notified());
            // Before the look, so that none is missed.
            changed.as_mut().enable();
            if let Some(panic) = lock(&self.panics.first).take() {
                return panic;
            }
            changed.await;
        }
    }
}
