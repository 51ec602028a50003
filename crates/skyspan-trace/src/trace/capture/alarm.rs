//! [`Alarm`]: wakes a task at a moment of real time, whatever runtime it is on.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use super::real_time::left_until;
use crate::sync::lock;

/// Wakes a task at a moment. It has a thread, which ends with it.
#[derive(Debug, Default)]
pub(super) struct Alarm {
    shared: Option<Arc<AlarmCell>>,
}

#[derive(Debug, Default)]
struct AlarmCell {
    state: Mutex<AlarmSetting>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct AlarmSetting {
    set: Option<(Instant, Waker)>,
    over: bool,
}

impl Alarm {
    /// Has the task be woken at that moment, and not at one that was set before.
    pub(super) fn set(&mut self, at: Instant, waker: &Waker) {
        let Some(shared) = self.shared() else {
            // Without a thread it looks again at once, and again: that is costly, and not wrong.
            return waker.wake_by_ref();
        };
        let before = lock(&shared.state).set.replace((at, waker.clone()));
        shared.changed.notify_one();
        drop(before);
    }

    fn shared(&mut self) -> Option<&AlarmCell> {
        if self.shared.is_none() {
            let shared: Arc<AlarmCell> = Arc::default();
            let of_thread = Arc::clone(&shared);
            let thread = std::thread::Builder::new().name("skyspan alarm".to_owned());
            thread.spawn(move || of_thread.ring_until_over()).ok()?;
            self.shared = Some(shared);
        }
        self.shared.as_deref()
    }
}

impl AlarmCell {
    fn ring_until_over(&self) {
        let mut state = lock(&self.state);
        while !state.over {
            let left = state.set.as_ref().map(|(at, _)| left_until(*at));
            state = match left {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => {
                    let due = state.set.take();
                    drop(state);
                    if let Some((_, waker)) = due {
                        waker.wake();
                    }
                    lock(&self.state)
                }
                Some(left) => self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if let Some(shared) = &self.shared {
            let mut state = lock(&shared.state);
            state.over = true;
            let set = state.set.take();
            drop(state);
            shared.changed.notify_one();
            drop(set);
        }
    }
}
