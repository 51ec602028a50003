//! [`TortureMap`]: what came of all cases.

use std::time::Duration;

use super::finding::Finding;
use super::home::{KnownHome, NoHome};
use super::leftover::{Leftover, Verdict};
use super::message_row::MessageRow;
use super::undisturbed::{Undisturbed, said};
use super::{Aftermath, CaseId, Trouble};
use crate::engine::ExitStatus;

/// What came of all cases: a row for each message of the undisturbed run, a column for each trouble. Its `Display` is what
/// `skyspan torture` prints.
#[derive(Clone, Debug)]
pub struct TortureMap {
    pub(super) troubles: Vec<Trouble>,
    pub(super) rows: Vec<MessageRow>,
    pub(super) homes: Vec<KnownHome>,
    pub(super) no_homes: Vec<NoHome>,
    pub(super) undisturbed: UndisturbedEnd,
    /// All cases, those of the map first, in the order of their messages.
    pub(super) cases: Vec<(CaseId, Aftermath)>,
    pub(super) findings: Vec<Finding>,
    pub(super) excused: Vec<Finding>,
}

/// How the run ended in which nothing happened.
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct UndisturbedEnd {
    /// How the last of its items ended.
    pub exit_status: ExitStatus,
    /// What came out of it, on one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How many messages it executed.
    pub messages: u64,
    /// How many documents it emitted.
    pub documents: u64,
    /// How long it took.
    #[serde(rename = "duration_ns", serialize_with = "skyspan_trace::internal::nanoseconds")]
    pub duration: Duration,
    /// The devices that it leaves elsewhere than they have to be.
    pub leftovers: Vec<Leftover>,
}

impl TortureMap {
    pub(super) fn new(undisturbed: Undisturbed, troubles: Vec<Trouble>, cases: Vec<(CaseId, Aftermath)>) -> Self {
        let leftovers = undisturbed.leaves();
        let Undisturbed { rows, homes, no_homes, end, .. } = undisturbed;
        let last = end.exits.last();
        let undisturbed = UndisturbedEnd {
            exit_status: last.map_or(ExitStatus::Success, |exit| exit.status),
            error: last.and_then(|exit| exit.error.as_ref()).map(said),
            messages: end.messages,
            documents: end.documents,
            duration: end.duration,
            leftovers,
        };
        let (findings, excused) = Finding::of(&cases);
        Self { troubles, rows, homes, no_homes, undisturbed, cases, findings, excused }
    }

    /// The messages of the undisturbed run.
    #[must_use]
    pub fn rows(&self) -> &[MessageRow] {
        &self.rows
    }

    /// What can happen, in the order of the columns.
    #[must_use]
    pub fn troubles(&self) -> &[Trouble] {
        &self.troubles
    }

    /// Where devices have to be in the end.
    #[must_use]
    pub fn homes(&self) -> &[KnownHome] {
        &self.homes
    }

    /// Devices that the undisturbed run leaves elsewhere than they were, and of which nobody says where they have to be.
    #[must_use]
    pub fn no_homes(&self) -> &[NoHome] {
        &self.no_homes
    }

    /// How the run ended in which nothing happened.
    #[must_use]
    pub const fn undisturbed(&self) -> &UndisturbedEnd {
        &self.undisturbed
    }

    /// What came of a trouble at the message of that number, counted from 1; nothing where it cannot happen there.
    #[must_use]
    pub fn aftermath(&self, message: u64, trouble: Trouble) -> Option<&Aftermath> {
        let wanted = CaseId::at(message, trouble);
        // The cells stand first, in this order.
        let key = |case: &CaseId| case.troubles.first().copied();
        let cells = &self.cases[..self.cells()];
        let found = cells.binary_search_by_key(&wanted.troubles.first().copied(), |(case, _)| key(case)).ok()?;
        Some(&cells[found].1)
    }

    /// How many cases are cells of the map.
    pub(super) fn cells(&self) -> usize {
        self.cases.iter().take_while(|(case, _)| case.troubles.len() == 1 && case.order.is_none()).count()
    }

    /// All cases and what came of each: those of the map, then pairs, then other orders.
    #[must_use]
    pub fn cases(&self) -> &[(CaseId, Aftermath)] {
        &self.cases
    }

    /// What is left and what hangs, all cases of one together: those first that come most often.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What is left and what hangs, and no plan could help: all cases of one [`Excuse`](super::Excuse) together.
    #[must_use]
    pub fn excused(&self) -> &[Finding] {
        &self.excused
    }

    /// How many cases come to that.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.cases.iter().filter(|(_, aftermath)| aftermath.verdict == verdict).count()
    }

    /// Whether nothing is left in any case, and nothing hangs, that a plan could help.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.cases.iter().all(|(_, aftermath)| aftermath.verdict.is_well()) && self.undisturbed.leftovers.is_empty()
    }

    /// Wants nothing to be left in any case, and nothing to hang, that a plan could help.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::torture::Torture;
    ///
    /// let torture = Torture::plan(|lab| plans::rel_scan(&lab.device("det"), &lab.device("motor"), -1, 1, 3));
    /// torture.run()?.assert_nothing_left();
    /// # Ok::<(), skyspan::torture::TortureError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If something is: with the map.
    ///
    /// ```should_panic
    /// use skyspan::prelude::*;
    /// use skyspan::torture::{Torture, Trouble};
    ///
    /// let torture = Torture::plan(|lab| {
    ///     let motor = lab.device("motor");
    ///     plan(async move |p| {
    ///         p.mv(&motor, 1).await?;
    ///         p.mv(&motor, 0).await
    ///     })
    /// });
    /// torture.only([Trouble::Abort]).run().unwrap().assert_nothing_left();
    /// ```
    #[track_caller]
    pub fn assert_nothing_left(&self) {
        assert!(self.is_well(), "something is left:\n\n{self}");
    }
}
