//! [`Frames`]: the collections of a detector that come one after another, each at its time.

use std::sync::{Mutex, Weak};
use std::time::Duration;

use tokio::sync::watch;

use crate::clock::Clock;
use crate::device::DeviceTask;
use skyspan_trace::internal::lock;

/// The collections that a detector writes. One acquisition does not end another.
#[derive(Debug)]
pub(super) struct Frames {
    /// How many there are in the file.
    pub(super) written: watch::Sender<u64>,
    /// Which acquisition has ended last.
    ended: watch::Sender<u64>,
    state: Mutex<Acquisition>,
}

#[derive(Debug)]
struct Acquisition {
    period: Duration,
    is_open: bool,
    /// Which acquisition was begun last, counted from 1.
    begun: u64,
    last: Weak<DeviceTask>,
}

impl Frames {
    pub(super) fn new(period: Duration) -> Self {
        let state = Mutex::new(Acquisition { period, is_open: false, begun: 0, last: Weak::new() });
        Self { written: watch::Sender::new(0), ended: watch::Sender::new(0), state }
    }

    /// How many there are.
    pub(super) fn written(&self) -> u64 {
        *self.written.borrow()
    }

    /// From the next collection on, each takes so long; as long as before where that is no time.
    pub(super) fn set_period(&self, period: Duration) {
        if !period.is_zero() {
            lock(&self.state).period = period;
        }
    }

    /// Begins another file of frames.
    pub(super) fn open(&self) {
        lock(&self.state).is_open = true;
        self.written.send_replace(0);
    }

    /// Nothing comes into the file any more.
    pub(super) fn close(&self) {
        lock(&self.state).is_open = false;
    }

    /// The acquisition that was begun last does not go on.
    pub(super) fn stop(&self) {
        let (last, begun) = {
            let state = lock(&self.state);
            (state.last.upgrade(), state.begun)
        };
        if let Some(last) = last {
            last.abandon();
        }
        self.ended.send_replace(begun);
    }

    /// Begins an acquisition: gives the work that it is.
    pub(super) fn acquire(
        self: &std::sync::Arc<Self>,
        clock: &Clock,
        collections: u64,
        exposures: u64,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (frames, clock) = (std::sync::Arc::clone(self), clock.clone());
        let number = {
            let mut state = lock(&self.state);
            state.begun += 1;
            state.begun
        };
        async move {
            let mut due = clock.now();
            for _ in 0..collections {
                let period = lock(&frames.state).period;
                due = due + period.saturating_mul(u32::try_from(exposures).unwrap_or(u32::MAX));
                clock.sleep_until(due).await;
                if !lock(&frames.state).is_open {
                    break;
                }
                frames.written.send_modify(|written| *written += 1);
            }
            frames.ended.send_if_modified(|ended| {
                let is_later = number > *ended;
                *ended = number.max(*ended);
                is_later
            });
        }
    }

    /// What leads to the acquisition that was begun last.
    pub(super) fn began(&self, task: Weak<DeviceTask>) {
        lock(&self.state).last = task;
    }

    /// Done when the acquisition that was begun last is.
    pub(super) async fn idle(&self) {
        let begun = lock(&self.state).begun;
        let mut ended = self.ended.subscribe();
        // The sender lives as long as this.
        let _ = ended.wait_for(|ended| *ended >= begun).await;
    }
}
