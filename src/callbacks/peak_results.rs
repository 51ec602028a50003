//! [`PeakResults`]: the peaks that a [`BestEffortCallback`](super::BestEffortCallback) has found.

use std::sync::{Arc, Mutex};

use super::{PeakStats, Stats};
use crate::value::Text;
use skyspan_trace::internal::lock;

/// The peaks of the last run that has ended, by data key (`bluesky.callbacks.best_effort.PeakResults`, 1.15.1). Cloning
/// gives another handle to the same ones.
#[derive(Clone, Debug, Default)]
pub struct PeakResults(Arc<Mutex<Vec<(Text, PeakPosition)>>>);

#[derive(Clone, Debug)]
struct PeakPosition {
    stats: Option<Stats>,
    derivative: Option<Stats>,
}

impl PeakResults {
    /// The data keys that were looked at, in order.
    #[must_use]
    pub fn keys(&self) -> Vec<Text> {
        lock(&self.0).iter().map(|(key, _)| key.clone()).collect()
    }

    /// The peak of a data key; nothing where it was not looked at, or where there was no point with a number.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Stats> {
        lock(&self.0).iter().find(|(k, _)| k == key)?.1.stats.clone()
    }

    /// The peak of the derivative of a data key, where those were asked for.
    #[must_use]
    pub fn derivative(&self, key: &str) -> Option<Stats> {
        lock(&self.0).iter().find(|(k, _)| k == key)?.1.derivative.clone()
    }

    pub(super) fn clear(&self) {
        lock(&self.0).clear();
    }

    pub(super) fn put(&self, key: &Text, peak: &PeakStats) {
        let found = PeakPosition { stats: peak.stats().cloned(), derivative: peak.derivative_stats().cloned() };
        let mut all = lock(&self.0);
        match all.iter_mut().find(|(k, _)| k == key) {
            Some((_, known)) => *known = found,
            None => all.push((key.clone(), found)),
        }
    }
}
