//! [`Trial`]: a plan that was run in a scenario.

use std::fmt;

use super::scenario::Scenario;
use super::source_text::Written;
use super::subject::Subject;
use super::told::{Asked, plan_file_of, rust_of};
use crate::engine::RunEngineState;
use crate::harness::{Chronicle, Harness, HarnessBuilder, Outcome};
use crate::plan::Plan;

/// A plan that was run in a scenario: what a [`Law`](super::Law) is held against.
pub struct Trial<'a> {
    subject: &'a dyn Subject,
    scenario: Scenario,
    labs: &'a Labs,
    lab: Harness,
    run: Outcome,
}

/// How the labs are made in which plans are run.
pub(super) struct Labs {
    pub(super) builder: Box<dyn Fn(HarnessBuilder) -> HarnessBuilder + Send + Sync>,
    pub(super) furnish: Box<dyn Fn(&Harness) + Send + Sync>,
    /// Where the test says how they are built, if it does.
    pub(super) built_at: Option<Written>,
    /// Where it says how they are furnished.
    pub(super) furnished_at: Option<Written>,
}

impl Default for Labs {
    fn default() -> Self {
        let (built_at, furnished_at) = (None, None);
        Self { builder: Box::new(|builder| builder), furnish: Box::new(|_| {}), built_at, furnished_at }
    }
}

impl Labs {
    /// A lab that is what the scenario says, for one call.
    pub(super) fn make(&self, scenario: &Scenario, subject: &dyn Subject) -> Harness {
        let mut builder = (self.builder)(Harness::builder()).seed(scenario.seed).chronicled();
        if !scenario.moments.is_empty() {
            builder = builder.picked_moments(scenario.moments.iter().copied());
        }
        let lab = builder.build();
        (self.furnish)(&lab);
        scenario.prepare(&lab, subject.kit());
        lab
    }
}

impl<'a> Trial<'a> {
    /// Runs the subject's plan in a lab of its own.
    pub(super) fn of(subject: &'a dyn Subject, scenario: Scenario, labs: &'a Labs) -> Self {
        Self::around(subject, scenario, labs, |plan| plan)
    }

    fn around(
        subject: &'a dyn Subject,
        scenario: Scenario,
        labs: &'a Labs,
        preprocess: impl FnOnce(Plan) -> Plan,
    ) -> Self {
        let lab = labs.make(&scenario, subject);
        let run = lab.run(preprocess(subject.plan(&lab)));
        Self { subject, scenario, labs, lab, run }
    }

    /// The trial as if this had come of it: doctored, for a test in which a law is to notice what is wrong. What is run
    /// [again](Self::again) is the plan as it is.
    #[must_use]
    pub fn with_run(self, run: Outcome) -> Self {
        Self { run, ..self }
    }

    /// What came of it.
    #[must_use]
    pub const fn run(&self) -> &Outcome {
        &self.run
    }

    /// The lab, as the run has left it.
    #[must_use]
    pub const fn lab(&self) -> &Harness {
        &self.lab
    }

    /// What happened, in order.
    #[must_use]
    pub fn chronicle(&self) -> Chronicle {
        self.run.chronicle().cloned().unwrap_or_default()
    }

    /// In which circumstances it was run.
    #[must_use]
    pub const fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The same plan in the same circumstances, in a new lab.
    #[must_use]
    pub fn again(&self) -> Self {
        Self::of(self.subject, self.scenario.clone(), self.labs)
    }

    /// The same plan in other circumstances, in a new lab.
    #[must_use]
    pub fn in_scenario(&self, scenario: Scenario) -> Self {
        Self::of(self.subject, scenario, self.labs)
    }

    /// The same plan with a preprocessor around it, in the same circumstances and a new lab.
    #[must_use]
    pub fn with_preprocessor(&self, preprocess: impl FnOnce(Plan) -> Plan) -> Self {
        Self::around(self.subject, self.scenario.clone(), self.labs, preprocess)
    }

    /// A new lab in these circumstances, in which nothing was run.
    #[must_use]
    pub fn new_lab(&self) -> Harness {
        self.labs.make(&self.scenario, self.subject)
    }

    /// The plan, for a lab.
    #[must_use]
    pub fn plan(&self, lab: &Harness) -> Plan {
        self.subject.plan(lab)
    }

    /// The lab, the circumstances and the plan as Rust code; of a plan of one's own, its arguments and what the test makes of them.
    #[must_use]
    pub fn to_rust(&self) -> String {
        rust_of(self.subject, &self.scenario, self.labs)
    }

    /// The same as a plan file, ready for `skyspan run` with the [seed](Scenario::seed) of the scenario; nothing of a plan of one's
    /// own.
    #[must_use]
    pub fn to_plan_file(&self) -> Option<String> {
        plan_file_of(self.subject, &self.scenario, &self.lab, self.asked())
    }

    /// How often the run waited for somebody.
    pub(super) fn asked(&self) -> Asked {
        let transitions = self.run.chronicle().into_iter().flat_map(Chronicle::transitions);
        let pauses = transitions.filter(|(_, to)| *to == RunEngineState::Paused).count();
        Asked { pauses, lines: self.run.messages().iter().filter(|msg| msg.command() == "input").count() }
    }
}

impl fmt::Debug for Trial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trial").field("scenario", &self.scenario).field("run", &self.run).finish_non_exhaustive()
    }
}
