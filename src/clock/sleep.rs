//! [`Sleep`]: a future that is done at a moment of its clock.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::simulated::{Action, SimulatedTime, TimerKey, Turn};
use crate::value::Timestamp;

/// Done at a moment of its clock; made by [`Clock::sleep`](super::Clock::sleep) and
/// [`Clock::sleep_until`](super::Clock::sleep_until). Dropped earlier, it leaves no timer behind.
#[must_use = "a sleep does nothing until it is awaited"]
pub struct Sleep {
    deadline: Timestamp,
    kind: SleepTimer,
}

pub(super) enum SleepTimer {
    Simulated { time: Arc<SimulatedTime>, turn: Turn, key: Option<TimerKey> },
    Real(Pin<Box<tokio::time::Sleep>>),
}

impl Sleep {
    pub(super) fn new(deadline: Timestamp, kind: SleepTimer) -> Self {
        Self { deadline, kind }
    }

    /// When it is done.
    #[must_use]
    pub fn deadline(&self) -> Timestamp {
        self.deadline
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = self.deadline;
        match &mut self.kind {
            SleepTimer::Real(sleep) => sleep.as_mut().poll(cx),
            SleepTimer::Simulated { time, turn, key } => {
                let due = time.now() >= deadline;
                match key {
                    // Its turn has come when the timer has gone off, not when someone else is woken at that time.
                    Some(key) if time.is_set(*key, cx.waker()) || !due => Poll::Pending,
                    None if !due || *turn == Turn::Last => {
                        *key = Some(time.set_timer(deadline, *turn, Action::Wake(cx.waker().clone())));
                        Poll::Pending
                    }
                    _ => {
                        // The timer is no more, so there is nothing left to be cancelled.
                        *key = None;
                        Poll::Ready(())
                    }
                }
            }
        }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let SleepTimer::Simulated { time, key: Some(key), .. } = &self.kind {
            time.cancel_timer(*key);
        }
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

/// The time was up before the work was done; see [`Clock::timeout`](super::Clock::timeout).
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not done by {deadline}")]
#[non_exhaustive]
pub struct Elapsed {
    /// When the time was up.
    pub deadline: Timestamp,
}
