//! [`Counterexample`]: a case in which something does not hold, as people want to see it.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::campaign::Variety;
use super::laws::messages_of_plan;
use super::quiet::quietly;
use super::scenario::Scenario;
use super::subject::Subject;
use super::told::{Asked, Case, check_of, plan_file_of, rust_of};
use super::trial::Labs;
use super::{Broken, Trial};
use crate::harness::Harness;
use crate::trace::Trace;
use crate::value::Text;

/// The simplest case that was found in which something does not hold: why, the plan as Rust code and as a plan file, and its trace.
#[derive(Clone, Debug)]
pub struct Counterexample {
    law: Option<Text>,
    why: String,
    plan: String,
    rust: String,
    plan_file: Option<String>,
    /// The seed of the lab.
    lab_seed: u64,
    messages: usize,
    trace: Trace,
    replay: Replay,
}

/// Where a case comes from, and what became of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Replay {
    pub(super) seed: u64,
    pub(super) case: u64,
    /// How many simpler cases were tried.
    pub(super) tried: u32,
    pub(super) search: Search,
}

/// What kind of search has found a case, which says how to try it again.
#[derive(Clone, Copy, Debug)]
pub(super) enum Search {
    ForAll,
    /// A campaign, which may be other than usual.
    Campaign(Variety),
}

impl fmt::Display for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, case, search, .. } = self;
        match search {
            Search::ForAll => write!(f, ".seed({seed}).case({case})"),
            Search::Campaign(Variety { length, shuffled_moments }) => {
                write!(f, "`skyspan fuzz --seed {seed} --case {case}")?;
                if let Some(length) = length {
                    write!(f, " --length {length}")?;
                }
                f.write_str(if *shuffled_moments { " --shuffled-moments`" } else { "`" })
            }
        }
    }
}

impl Counterexample {
    /// Of a plan in a scenario in which it was found to fail: it is run once more, for its trace.
    pub(super) fn of_run(
        broken: Broken,
        subject: &dyn Subject,
        scenario: &Scenario,
        labs: &Labs,
        replay: Replay,
    ) -> Self {
        // What fails may be a panic.
        let again = || Trial::of(subject, scenario.clone(), labs);
        if let Ok(trial) = quietly(|| catch_unwind(AssertUnwindSafe(again))) {
            let messages = messages_of_plan(trial.run());
            let trace = trial.run().trace().clone();
            let of_lab = Self::of_subject(broken, subject, (scenario, labs), (trial.lab(), trial.asked()), replay);
            return Self { messages, trace, ..of_lab };
        }
        let lab = labs.make(scenario, subject);
        // There is no outcome, but a trace up to the panic.
        let _ = quietly(|| catch_unwind(AssertUnwindSafe(|| lab.run(subject.plan(&lab)))));
        Self::of_subject(broken, subject, (scenario, labs), (&lab, Asked::default()), replay)
    }

    fn of_subject(
        broken: Broken,
        subject: &dyn Subject,
        (scenario, labs): (&Scenario, &Labs),
        (lab, asked): (&Harness, Asked),
        replay: Replay,
    ) -> Self {
        Self {
            law: broken.law().cloned(),
            why: broken.why().to_owned(),
            plan: subject.shown(),
            rust: rust_of(subject, scenario, labs),
            plan_file: plan_file_of(subject, scenario, lab, asked),
            lab_seed: scenario.seed,
            messages: 0,
            trace: lab.trace(),
            replay,
        }
    }

    /// Of a check that does what it likes in its lab.
    pub(super) fn of_check(
        broken: Broken,
        case: &Case,
        (scenario, labs): (&Scenario, &Labs),
        lab: &Harness,
        replay: Replay,
    ) -> Self {
        Self {
            law: broken.law().cloned(),
            why: broken.why().to_owned(),
            rust: check_of(case, scenario, labs),
            plan: case.value.clone(),
            lab_seed: scenario.seed,
            plan_file: None,
            messages: 0,
            trace: lab.trace(),
            replay,
        }
    }

    /// The law that does not hold, where it is one with a name.
    #[must_use]
    pub const fn law(&self) -> Option<&Text> {
        self.law.as_ref()
    }

    /// What was expected and what was found.
    #[must_use]
    pub fn why(&self) -> &str {
        &self.why
    }

    /// The plan, a message a line; or the arguments of a check.
    #[must_use]
    pub fn plan(&self) -> &str {
        &self.plan
    }

    /// How many messages the plan has: each counts once, however often it is done again; 0 for a check, which may run any number of
    /// plans, and for a run that panicked.
    #[must_use]
    pub const fn messages(&self) -> usize {
        self.messages
    }

    /// The lab and the plan as Rust code.
    #[must_use]
    pub fn rust(&self) -> &str {
        &self.rust
    }

    /// The same as a plan file, ready for `skyspan run`; nothing where the plan is not a generated one.
    #[must_use]
    pub fn plan_file(&self) -> Option<&str> {
        self.plan_file.as_deref()
    }

    /// The trace that it leaves.
    #[must_use]
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The seed of the search.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.replay.seed
    }

    /// The number of the case.
    #[must_use]
    pub const fn case(&self) -> u64 {
        self.replay.case
    }

    /// How many simpler cases were tried.
    #[must_use]
    pub const fn tried(&self) -> u32 {
        self.replay.tried
    }

    /// The law, and the first line of why it does not hold.
    pub(super) fn headline(&self) -> String {
        let law = self.law.as_deref().unwrap_or("the check fails");
        let first = self.why.lines().next().unwrap_or_default();
        format!("{law}: {first}")
    }
}

fn indented(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    text.trim_end().lines().try_for_each(|line| match line {
        "" => writeln!(f),
        line => writeln!(f, "    {line}"),
    })
}

impl std::error::Error for Counterexample {}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.law {
            Some(law) => writeln!(f, "a law does not hold: {law}")?,
            None => writeln!(f, "the check fails")?,
        }
        writeln!(f, "{}\n", self.why.trim_end())?;
        let Replay { seed, case, tried, .. } = self.replay;
        // What is not generated may be made simpler, and be longer for that.
        let what = if self.plan_file.is_some() { "the shortest plan" } else { "the simplest case" };
        match self.messages {
            0 => writeln!(f, "{what}:")?,
            1 => writeln!(f, "{what}, 1 message:")?,
            count => writeln!(f, "{what}, {count} messages:")?,
        }
        writeln!(f)?;
        indented(f, &self.rust)?;
        if let Some(file) = &self.plan_file {
            writeln!(f, "\nas a plan file, for `skyspan run --seed {}`:\n", self.lab_seed)?;
            indented(f, file)?;
        }
        writeln!(f, "\nits trace:\n")?;
        if self.trace.is_empty() {
            writeln!(f, "    (no spans)")?;
        } else {
            indented(f, &self.trace.draw().width(116).to_string())?;
        }
        let tried = if tried == 1 { "1 simpler one was".to_owned() } else { format!("{tried} simpler ones were") };
        writeln!(f, "\ncase {case} of seed {seed}, of which {tried} tried; again with {}", self.replay)
    }
}
