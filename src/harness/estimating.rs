//! Estimates: what is run is noted in numbers, and nothing else of it is kept.

use std::sync::{Arc, Mutex};

use super::ledger::Ledger;
use super::recording::{Recording, record_documents};
use super::{Estimate, Harness};
use crate::device::Status;
use crate::plan::Plan;
use skyspan_trace::internal::lock;

impl Harness {
    /// Takes a plan to its end, and tells how long that took on the clock and where the time went, how many points it
    /// measured, and how much it would write.
    ///
    /// The plan is run as by [`run`](Self::run), so the devices are where it left them afterwards. Nothing of it is kept
    /// but the numbers, and an [untraced](super::HarnessBuilder::untraced) harness makes no spans either: eight hours take well
    /// under a second.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::builder().untraced().build();
    /// let stage = lab.add(SynAxis::new("stage").delay_s(0.5));
    /// let estimate = lab.estimate(plans::scan(&lab.device("det"), &stage, 0, 10, 7200));
    /// assert_eq!(estimate.duration, secs(3600.0));
    /// assert_eq!((estimate.runs, estimate.points), (1, 7200));
    /// assert_eq!(estimate.device("stage").map(|stage| stage.busy), Some(secs(3600.0)));
    /// assert_eq!(estimate.command("wait").map(|wait| wait.time), Some(secs(3600.0)));
    /// ```
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run), and as [`estimate_while`](Self::estimate_while).
    pub fn estimate(&self, plan: impl Into<Plan>) -> Estimate {
        let (outcome, estimate) = self.estimate_while(|lab| lab.run(plan));
        Estimate { failure: outcome.exception().cloned(), ..estimate }
    }

    /// An estimate of all that is run while `work` is done: several calls, pauses, time between calls.
    ///
    /// The outcomes of those calls have neither documents nor messages.
    ///
    /// # Panics
    ///
    /// From within a plan, a device or a callback.
    pub fn estimate_while<T>(&self, work: impl FnOnce(&Self) -> T) -> (T, Estimate) {
        let (recording, clock) = (Arc::clone(&self.recording), self.clock.clone());
        self.with_engine(|engine| {
            let hook = move |status: &Status| {
                if let Some(ledger) = &mut lock(&recording).ledger {
                    ledger.status_begins(status, clock.now());
                }
                let (recording, clock) = (Arc::clone(&recording), clock.clone());
                status.add_callback(move |status| {
                    if let Some(ledger) = &mut lock(&recording).ledger {
                        ledger.status_ends(status, clock.now());
                    }
                });
            };
            engine.record_statuses(Some(Box::new(hook)));
            record_documents(engine, &self.recording, &self.clock);
        });
        lock(&self.recording).ledger = Some(Ledger::begin(self.clock.now()));
        let noting = Noting(&self.recording);
        let given = work(self);
        let ledger = lock(&self.recording).ledger.take();
        drop(noting);
        self.with_engine(|engine| engine.record_statuses(self.status_recorder()));
        (given, ledger.map(|ledger| ledger.finish(self.clock.now())).unwrap_or_default())
    }
}

/// An estimate that is being made; after a panic the harness keeps documents and messages again.
struct Noting<'a>(&'a Mutex<Recording>);

impl Drop for Noting<'_> {
    fn drop(&mut self) {
        lock(self.0).ledger = None;
    }
}
