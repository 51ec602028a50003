//! [`CampaignProgress`]: how far a campaign is, as seen from another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::Coverage;

/// How far a run of a campaign is, and a way to stop it. Cloning gives another handle to the same, for other threads.
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::property::{Campaign, CampaignEnd, CampaignLimits, CampaignProgress};
///
/// let progress = CampaignProgress::new();
/// progress.stop();
/// let result = Campaign::new(7, laws::all()).run_watched(&CampaignLimits::endless(), &progress);
/// assert_eq!((result.end, progress.cases()), (CampaignEnd::Stopped, 0));
/// ```
#[derive(Clone, Debug, Default)]
pub struct CampaignProgress(Arc<Counters>);

/// Told without any order among them: they are for people, and what is stopped may go on for a moment.
#[derive(Debug, Default)]
struct Counters {
    cases: AtomicU64,
    messages: AtomicU64,
    simpler: AtomicU64,
    stopped: AtomicBool,
}

impl CampaignProgress {
    /// Of a run that has not begun.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many cases were examined until now.
    #[must_use]
    pub fn cases(&self) -> u64 {
        self.0.cases.load(Ordering::Relaxed)
    }

    /// How many messages were executed in them until now.
    #[must_use]
    pub fn messages(&self) -> u64 {
        self.0.messages.load(Ordering::Relaxed)
    }

    /// How many cases were tried until now that are simpler than one that fails; 0 where none has failed.
    #[must_use]
    pub fn simpler_cases(&self) -> u64 {
        self.0.simpler.load(Ordering::Relaxed)
    }

    /// Stops it soon: no case is begun any more, and of one that fails nothing simpler is looked for.
    pub fn stop(&self) {
        self.0.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether it was stopped.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.stopped.load(Ordering::Relaxed)
    }

    pub(super) fn examined(&self, coverage: &Coverage) {
        self.0.cases.fetch_add(coverage.cases, Ordering::Relaxed);
        self.0.messages.fetch_add(coverage.messages, Ordering::Relaxed);
    }

    pub(super) fn tried_simpler(&self) {
        self.0.simpler.fetch_add(1, Ordering::Relaxed);
    }
}
