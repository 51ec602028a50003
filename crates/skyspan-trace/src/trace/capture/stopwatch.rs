//! [`Stopwatch`]: real time, for those who wait for threads.

use std::time::{Duration, Instant};

/// How long something takes in real time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopwatch(Instant);

#[expect(clippy::disallowed_methods, reason = "threads that are waited for live in real time")]
impl Stopwatch {
    /// Starts now.
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    /// How long ago it was started.
    pub(super) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}
