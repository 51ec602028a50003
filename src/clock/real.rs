//! The real clock: the one file that asks the operating system for the time.

use std::time::{Duration, Instant, SystemTime};

use crate::value::Timestamp;

/// Real time that never runs back: the wall clock when it was made, and the monotonic one since.
#[derive(Clone, Copy, Debug)]
pub(super) struct RealTime {
    wall: Timestamp,
    monotonic: Instant,
}

impl RealTime {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock")]
    pub(super) fn new() -> Self {
        Self { wall: SystemTime::now().into(), monotonic: Instant::now() }
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
}
