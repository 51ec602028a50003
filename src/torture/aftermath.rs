//! [`Aftermath`]: what came of a case; and [`Tortured`], the same with its trace.

use std::fmt;

use super::excuse::Excuse;
use super::finding::HUNG;
use super::leftover::{Hung, Leftover, Verdict};
use super::message_row::MessageRow;
use super::run_end::Shown;
use super::{CaseId, Trouble};
use crate::engine::ExitStatus;
use crate::harness::Outcome;
use crate::trace::{Drawing, Lull, Trace};
use crate::value::Text;

/// What came of a case.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Aftermath {
    /// What it comes to.
    pub verdict: Verdict,
    /// What is left.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub leftovers: Vec<Leftover>,
    /// What is left, or hangs, and no plan could have helped.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excused: Vec<Excused>,
    /// Why it would never have ended, if it would not. Then what is left is what is left after somebody has ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hung: Option<Hung>,
    /// How the first item ended that ended otherwise than in the undisturbed run; the last one, where none did.
    pub exit_status: ExitStatus,
    /// What came out of that plan, on one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Text>,
}

impl Aftermath {
    /// Why no plan could have helped what is left, each reason once.
    #[must_use]
    pub fn excuses(&self) -> Vec<Excuse> {
        let mut excuses: Vec<Excuse> = self.excused.iter().map(|excused| excused.excuse).collect();
        excuses.sort_unstable();
        excuses.dedup();
        excuses
    }
}

/// Something that is left, or hangs, and no plan could have helped.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Excused {
    /// Why no plan could.
    pub excuse: Excuse,
    /// What is left; nothing where it is that it hangs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leftover: Option<Leftover>,
}

/// A case that was run for its trace. Its `Display` tells what happened, what came of it, and draws the trace.
#[derive(Debug)]
#[non_exhaustive]
pub struct Tortured {
    /// The case.
    pub case: CaseId,
    /// What happened, in words.
    pub happened: String,
    /// What came of it.
    pub aftermath: Aftermath,
    trace: Trace,
    lulls: Vec<Lull>,
    outcomes: Vec<Outcome>,
}

impl Tortured {
    pub(super) fn new(case: CaseId, rows: &[(&MessageRow, Trouble)], aftermath: Aftermath, shown: Shown) -> Self {
        let mut happened: Vec<String> = rows.iter().map(|(row, trouble)| happened(row, *trouble)).collect();
        happened.extend(case.order.map(|order| format!("what is due at one moment comes in the other order {order}")));
        let happened = if happened.is_empty() { "nothing happened".to_owned() } else { happened.join("; ") };
        let (trace, lulls) = (shown.lab.trace(), shown.lab.lulls());
        Self { case, happened, aftermath, trace, lulls, outcomes: shown.outcomes }
    }

    /// Its trace.
    #[must_use]
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// When the engine was paused, suspended or asleep.
    #[cfg(feature = "page")]
    pub(super) fn lulls(&self) -> &[Lull] {
        &self.lulls
    }

    /// What came of each item, with documents and messages.
    #[must_use]
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// The trace as a tree for people, with pauses and suspensions.
    pub fn draw(&self) -> Drawing<'_> {
        self.trace.draw().lulls(self.lulls.iter().cloned())
    }

    /// What happened and what came of it, without the trace.
    #[must_use]
    pub fn told(&self) -> String {
        told(&self.case, &self.happened, &self.aftermath)
    }

    /// Wants nothing to be left, and nothing to hang, that a plan could have helped.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::torture::{CaseId, Torture, Trouble};
    ///
    /// let torture = Torture::plan(|lab| plans::rel_scan(&lab.device("det"), &lab.device("motor"), -1, 1, 3));
    /// torture.case(&CaseId::at(12, Trouble::Abort))?.assert_nothing_left();
    /// # Ok::<(), skyspan::torture::TortureError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If something is: with what, and the trace.
    ///
    /// ```should_panic
    /// use skyspan::prelude::*;
    /// use skyspan::torture::{CaseId, Torture, Trouble};
    ///
    /// let torture = Torture::plan(|lab| plans::rel_scan(&lab.device("det"), &lab.device("motor"), -1, 1, 3)).strict();
    /// torture.case(&CaseId::at(12, Trouble::Halt)).unwrap().assert_nothing_left();
    /// ```
    #[track_caller]
    pub fn assert_nothing_left(&self) {
        assert!(self.aftermath.verdict.is_well(), "{self}");
    }
}

impl fmt::Display for Tortured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.told(), self.draw())
    }
}

/// What happened and what came of it, in lines.
pub(super) fn told(case: &CaseId, happened: &str, aftermath: &Aftermath) -> String {
    let Aftermath { verdict, leftovers, excused, hung, exit_status, error } = aftermath;
    let mut text = format!("case {case}: {happened}\n");
    let error = error.as_ref().map(|error| format!(", {error}")).unwrap_or_default();
    text += &format!("  it ended as {exit_status}{error}\n");
    if let Some(hung) = hung {
        let letter = excused.iter().find(|excused| excused.leftover.is_none()).map(|it| it.excuse.letter());
        text += &format!("  {} {hung}\n", letter.unwrap_or(HUNG));
    }
    for left in leftovers {
        text += &format!("  ▲ {left}\n");
    }
    for Excused { excuse, leftover } in excused {
        text += &leftover.iter().map(|left| format!("  {} {left}\n", excuse.letter())).collect::<String>();
    }
    for excuse in aftermath.excuses() {
        text += &format!("  no plan could help that: {excuse}\n");
    }
    match verdict {
        Verdict::AsBefore => text += "  · as before\n",
        Verdict::AtHome => text += "  ○ everything is where it has to be\n",
        Verdict::Excused | Verdict::Left | Verdict::Hung => {}
    }
    text
}

/// What happens at a message, in words.
pub(super) fn happened(row: &MessageRow, trouble: Trouble) -> String {
    let device = row.device.as_deref().unwrap_or_default();
    let what = match trouble {
        Trouble::Pause => "the engine is paused, and resumed".to_owned(),
        Trouble::Suspend => "the plan is suspended".to_owned(),
        Trouble::Abort => "the plan is aborted".to_owned(),
        Trouble::Stop => "the plan is stopped".to_owned(),
        Trouble::Halt => "the plan is halted".to_owned(),
        Trouble::Fails => format!("{device} fails"),
        Trouble::Hangs => format!("{device} hangs"),
        Trouble::Late => format!("{device} is late"),
        Trouble::Callback => "a subscriber fails".to_owned(),
        Trouble::Lost => format!("{device} is lost"),
    };
    let half = if !trouble.is_of_the_device() && trouble != Trouble::Callback && row.halfway().is_some() {
        "halfway through"
    } else {
        "at"
    };
    format!("{what} {half} message {}, {}", row.number, row.text)
}
