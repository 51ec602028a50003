//! How the cases of a campaign are gone through, by several threads.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use super::campaign_limits::Which;
use super::{Campaign, CampaignEnd, CampaignLimits, CampaignProgress, CampaignResult, Counterexample, Coverage};
use crate::clock::{Clock, Timestamp};
use skyspan_trace::internal::lock;

/// No case has failed.
const NONE: u64 = u64::MAX;

/// A run of a campaign, as its threads share it.
///
/// What comes of it must not depend on which thread is first. Cases are handed out in order; when one fails, no higher one is handed
/// out, those lower that are under way are examined to their end, and what higher ones have come by is not counted.
pub(super) struct CampaignRun<'a> {
    campaign: &'a Campaign,
    which: Which,
    progress: &'a CampaignProgress,
    deadline: Option<Deadline>,
    /// The place of the case that is handed out next, counted from 0.
    next: AtomicU64,
    /// The lowest number of a case that is known to fail.
    lowest_failing: AtomicU64,
    was_late: AtomicBool,
    was_stopped: AtomicBool,
    examined: Mutex<Examined>,
}

/// When the time is up, in real time: a campaign is not part of what it simulates.
struct Deadline {
    clock: Clock,
    start: Timestamp,
    time: Duration,
}

/// What has come of the cases until now.
#[derive(Default)]
struct Examined {
    /// What was come by in the cases before `next`.
    coverage: Coverage,
    /// The place of the first case of which nothing is known yet.
    next: u64,
    /// What was come by in cases after that one, by their place.
    ahead: BTreeMap<u64, Coverage>,
    /// The failing case of the lowest place.
    found: Option<(u64, Counterexample)>,
}

impl<'a> CampaignRun<'a> {
    pub(super) fn new(campaign: &'a Campaign, limits: &CampaignLimits, progress: &'a CampaignProgress) -> Self {
        let deadline = limits.time.map(|time| {
            let clock = Clock::real();
            Deadline { start: clock.now(), clock, time }
        });
        Self {
            campaign,
            which: limits.which,
            progress,
            deadline,
            next: AtomicU64::new(0),
            lowest_failing: AtomicU64::new(NONE),
            was_late: AtomicBool::new(false),
            was_stopped: AtomicBool::new(false),
            examined: Mutex::default(),
        }
    }

    /// Goes through the cases, on so many threads, of which the one that calls is one.
    pub(super) fn on_threads(self, jobs: usize) -> CampaignResult {
        thread::scope(|scope| {
            for _ in 1..jobs {
                scope.spawn(|| self.work());
            }
            self.work();
        });
        self.result()
    }

    fn work(&self) {
        while let Some((place, number)) = self.hand_out() {
            let mut coverage = Coverage::default();
            let goes_on = || {
                // Something simpler is looked for, so it fails: that need not wait until the simplest is known.
                self.lowest_failing.fetch_min(number, Ordering::Relaxed);
                self.progress.tried_simpler();
                self.is_wanted(number) && !self.progress.is_stopped()
            };
            let found = self.campaign.examine_while(number, &mut coverage, &goes_on);
            if found.is_some() {
                self.lowest_failing.fetch_min(number, Ordering::Relaxed);
            }
            self.progress.examined(&coverage);
            lock(&self.examined).add(place, coverage, found);
        }
    }

    /// The place and the number of the next case; nothing where there is none to be examined.
    fn hand_out(&self) -> Option<(u64, u64)> {
        let place = self.next.fetch_add(1, Ordering::Relaxed);
        let number = self.which.number(place)?;
        if !self.is_wanted(number) {
            return None;
        }
        if self.progress.is_stopped() {
            self.was_stopped.store(true, Ordering::Relaxed);
            return None;
        }
        if self.deadline.as_ref().is_some_and(Deadline::is_over) {
            self.was_late.store(true, Ordering::Relaxed);
            return None;
        }
        Some((place, number))
    }

    /// Whether no case of a lower number is known to fail.
    fn is_wanted(&self, number: u64) -> bool {
        number <= self.lowest_failing.load(Ordering::Relaxed)
    }

    fn result(self) -> CampaignResult {
        let examined = self.examined.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (coverage, counterexample) = examined.finish();
        let end = if counterexample.is_some() {
            CampaignEnd::Found
        } else if self.was_stopped.into_inner() {
            CampaignEnd::Stopped
        } else if self.was_late.into_inner() {
            CampaignEnd::TimeIsUp
        } else {
            CampaignEnd::Complete
        };
        CampaignResult { seed: self.campaign.seed(), coverage, counterexample, end, which: self.which }
    }
}

impl Deadline {
    fn is_over(&self) -> bool {
        self.clock.now() - self.start >= self.time
    }
}

impl Examined {
    fn add(&mut self, place: u64, coverage: Coverage, found: Option<Counterexample>) {
        self.ahead.insert(place, coverage);
        if let Some(found) = found
            && self.counts(place)
        {
            self.found = Some((place, found));
        }
        while self.counts(self.next)
            && let Some(coverage) = self.ahead.remove(&self.next)
        {
            self.coverage.merge(&coverage);
            self.next += 1;
        }
    }

    /// Whether what the case of that place has come by is counted: no lower one has failed.
    fn counts(&self, place: u64) -> bool {
        self.found.as_ref().is_none_or(|(failing, _)| place <= *failing)
    }

    /// All that counts, also where something before it was never examined since the time was up.
    fn finish(mut self) -> (Coverage, Option<Counterexample>) {
        for (place, coverage) in std::mem::take(&mut self.ahead) {
            if self.counts(place) {
                self.coverage.merge(&coverage);
            }
        }
        (self.coverage, self.found.map(|(_, found)| found))
    }
}
