//! [`Decision`]: what becomes of a pause.

use std::time::Duration;

use crate::value::Text;

/// What becomes of a pause, and after how long: a value for [`Harness::on_pause`](super::Harness::on_pause).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decision {
    after: Duration,
    verdict: Verdict,
}

/// What is asked of a paused engine.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    Resume,
    Abort(Text),
    Stop,
    Halt,
}

impl Decision {
    /// The plan goes on.
    #[must_use]
    pub const fn resume() -> Self {
        Self::of(Verdict::Resume)
    }

    /// The plan is aborted, for that reason.
    #[must_use]
    pub fn abort(reason: impl Into<Text>) -> Self {
        Self::of(Verdict::Abort(reason.into()))
    }

    /// The plan is stopped, as a success.
    #[must_use]
    pub const fn stop() -> Self {
        Self::of(Verdict::Stop)
    }

    /// The plan is halted.
    #[must_use]
    pub const fn halt() -> Self {
        Self::of(Verdict::Halt)
    }

    const fn of(verdict: Verdict) -> Self {
        Self { after: Duration::ZERO, verdict }
    }

    /// So long after the pause has begun; at once unless one says so.
    #[must_use]
    pub const fn after(mut self, time: Duration) -> Self {
        self.after = time;
        self
    }

    /// How long the pause lasts.
    #[must_use]
    pub const fn pause(&self) -> Duration {
        self.after
    }

    #[cfg(feature = "property")]
    pub(crate) const fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    pub(super) fn into_verdict(self) -> Verdict {
        self.verdict
    }
}
