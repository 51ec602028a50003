//! Real time, for what waits for threads, which go by no clock of ours. The one file here that asks for it.

use std::time::{Duration, Instant};

/// The present moment on the machine's clock.
#[expect(clippy::disallowed_methods, reason = "this is what waits for threads")]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// The moment so much later. What is too far away for an `Instant` is a century away.
pub(super) fn after(duration: Duration) -> Instant {
    now() + duration.min(Duration::from_secs(100 * 365 * 86_400))
}

/// How long until a moment; nothing if it has been.
pub(super) fn left_until(moment: Instant) -> Duration {
    moment.saturating_duration_since(now())
}
