//! [`Trial`]: a plan that was run in a scenario.

use std::cell::OnceCell;
use std::fmt;

use super::scenario::Scenario;
use super::source_text::Written;
use super::subject::Subject;
use super::told::{Asked, plan_file_of, rust_of};
use crate::device::Device;
use crate::engine::RunEngineState;
use crate::harness::{Chronicle, Harness, HarnessBuilder, Kept, Outcome};
use crate::plan::Plan;
use crate::value::Text;

/// A plan that was run in a scenario: what a [`Law`](super::Law) is held against.
pub struct Trial<'a> {
    subject: &'a dyn Subject,
    scenario: Scenario,
    labs: &'a Labs,
    lab: Harness,
    run: Outcome,
    once_more: OnceCell<Box<Self>>,
    wrapped: OnceCell<Box<Wrapped<'a>>>,
}

/// A plan that was run with something around it.
pub(super) struct Wrapped<'a> {
    pub(super) trial: Trial<'a>,
    /// Where the devices were before it began, by their names on the beamline.
    pub(super) positions_before: Vec<(Text, f64)>,
}

/// What is kept of a run for the laws that look at it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Keeps {
    /// All of it.
    All,
    /// What it leaves: spans, documents, messages.
    Traces,
    /// Its data: the chronicle, documents and messages.
    Data,
    /// How it goes: messages, and the states of the engine.
    States,
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
        self.make_for(scenario, subject, Keeps::All)
    }

    /// The same, which keeps no more than is looked at.
    fn make_for(&self, scenario: &Scenario, subject: &dyn Subject, keeps: Keeps) -> Harness {
        let builder = (self.builder)(Harness::builder()).seed(scenario.seed);
        let mut builder = match keeps {
            Keeps::All => builder.chronicled(),
            Keeps::Traces => builder,
            Keeps::Data => builder.chronicled().without(Kept::Spans),
            Keeps::States => builder.chronicled_states().without(Kept::Spans).without(Kept::Documents),
        };
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
        Self::around((subject, labs), scenario, Keeps::All, |_, plan| plan)
    }

    fn around(
        (subject, labs): (&'a dyn Subject, &'a Labs),
        scenario: Scenario,
        keeps: Keeps,
        preprocess: impl FnOnce(&Harness, Plan) -> Plan,
    ) -> Self {
        let lab = labs.make_for(&scenario, subject, keeps);
        let run = lab.run(preprocess(&lab, subject.plan(&lab)));
        let (once_more, wrapped) = (OnceCell::new(), OnceCell::new());
        Self { subject, scenario, labs, lab, run, once_more, wrapped }
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
        self.preprocessed(Keeps::All, |_, plan| preprocess(plan))
    }

    fn preprocessed(&self, keeps: Keeps, preprocess: impl FnOnce(&Harness, Plan) -> Plan) -> Self {
        Self::around((self.subject, self.labs), self.scenario.clone(), keeps, preprocess)
    }

    /// The same plan in the same circumstances, run once for all laws that ask for it here: what it leaves is kept, and no chronicle. One
    /// of the laws may go on in its lab.
    pub(super) fn once_more(&self) -> &Self {
        self.once_more.get_or_init(|| Box::new(self.preprocessed(Keeps::Traces, |_, plan| plan)))
    }

    /// The same plan with a preprocessor around it, for a law that looks at nothing but what it leaves.
    pub(super) fn traced_with_preprocessor(&self, preprocess: impl FnOnce(Plan) -> Plan) -> Self {
        self.preprocessed(Keeps::Traces, |_, plan| preprocess(plan))
    }

    /// The same plan in other circumstances, for a law that looks at its data alone.
    pub(super) fn data_in_scenario(&self, scenario: Scenario) -> Self {
        Self::around((self.subject, self.labs), scenario, Keeps::Data, |_, plan| plan)
    }

    /// The same plan with something around it, run once for all laws that ask for it: `wrap` is the same whoever asks. Kept are its
    /// messages, the states of the engine, and where its devices are.
    pub(super) fn wrapped(&self, wrap: fn(&Self, Plan) -> Plan) -> &Wrapped<'a> {
        self.wrapped.get_or_init(|| {
            let mut positions_before = Vec::new();
            let trial = self.preprocessed(Keeps::States, |lab, plan| {
                positions_before = positions(lab);
                wrap(self, plan)
            });
            Box::new(Wrapped { trial, positions_before })
        })
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

impl Wrapped<'_> {
    /// Where each device was before, and where it is now, by its name on the beamline.
    pub(super) fn positions(&self) -> Vec<(Text, f64, f64)> {
        let mut untouched = None;
        let mut before = |name: &Text| {
            let known = self.positions_before.iter().find(|(known, _)| known == name).map(|(_, position)| *position);
            // One that nobody had asked for yet is where it is in a lab in which nothing was run.
            known.or_else(|| {
                let beamline = untouched.get_or_insert_with(|| self.trial.new_lab()).beamline();
                position_of(&beamline.get(name)?)
            })
        };
        let now = positions(&self.trial.lab).into_iter();
        now.filter_map(|(name, now)| Some((before(&name)?, name, now)))
            .map(|(before, name, now)| (name, before, now))
            .collect()
    }
}

/// Where the devices are that anyone has asked for.
fn positions(lab: &Harness) -> Vec<(Text, f64)> {
    let beamline = lab.beamline();
    beamline.known().filter_map(|(name, device)| Some((name.clone(), position_of(device)?))).collect()
}

fn position_of(device: &Device) -> Option<f64> {
    device.position()?.as_f64()
}

impl fmt::Debug for Trial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trial").field("scenario", &self.scenario).field("run", &self.run).finish_non_exhaustive()
    }
}
