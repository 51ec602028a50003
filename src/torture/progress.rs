//! [`TortureProgress`]: how far a torture is, as seen from another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How far a torture is. Cloning gives another handle to the same, for other threads.
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::torture::{Torture, TortureProgress};
///
/// let progress = TortureProgress::new();
/// let torture = Torture::plan(|lab| plans::count(&lab.device("det"), 1));
/// let map = torture.run_watched(&progress)?;
/// let all = map.cases().len() as u64;
/// assert_eq!((progress.done(), progress.runs()), (all, all));
/// # Ok::<(), skyspan::torture::TortureError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TortureProgress(Arc<Counters>);

/// Told without any order among them: they are for people.
#[derive(Debug, Default)]
struct Counters {
    done: AtomicU64,
    runs: AtomicU64,
}

impl TortureProgress {
    /// Of a torture that has not begun.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many runs are over.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.0.done.load(Ordering::Relaxed)
    }

    /// How many runs there are; 0 until the undisturbed run is over, which says how many there are.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.0.runs.load(Ordering::Relaxed)
    }

    pub(super) fn begins(&self, runs: usize) {
        self.0.runs.store(runs as u64, Ordering::Relaxed);
    }

    pub(super) fn is_over(&self) {
        self.0.done.fetch_add(1, Ordering::Relaxed);
    }
}
