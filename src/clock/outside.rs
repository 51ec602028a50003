//! [`OutsideWork`]: what the simulated clock cannot see.

use std::fmt;
use std::sync::Arc;

use super::simulated::SimulatedTime;

/// Work of which a simulated clock knows nothing is under way, as long as this lives: a thread, a socket, a subprocess.
///
/// While there is any, simulated time stands still and no deadlock is called. It may be sent to the thread that does the
/// work and dropped there, after that has told its result: `let _ = status.set_finished(); drop(work);`.
///
/// The runtime of a simulated clock has no drivers of its own: what needs tokio's sockets or timers runs in another
/// runtime, on a thread.
#[must_use = "the work counts as done when this is dropped"]
pub struct OutsideWork(Option<Arc<SimulatedTime>>);

impl OutsideWork {
    pub(super) fn new(time: Option<Arc<SimulatedTime>>) -> Self {
        if let Some(time) = &time {
            time.begin_outside_work();
        }
        Self(time)
    }
}

impl Drop for OutsideWork {
    fn drop(&mut self) {
        if let Some(time) = &self.0 {
            time.end_outside_work();
        }
    }
}

impl fmt::Debug for OutsideWork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OutsideWork")
    }
}
