//! [`Outcome`]: what came of a run.

use std::sync::Arc;
use std::time::Duration;

use super::Chronicle;
use crate::clock::Timestamp;
use crate::document::{Document, Event};
use crate::engine::{ExitStatus, LimitReached, RunEngineResult, RunEngineState, TransitionError};
use crate::expect::Expectation;
use crate::message::{Msg, PlanError};
use crate::trace::{Drawing, Lull, Trace};
use crate::value::Value;

/// What came of a plan that a [`Harness`](super::Harness) took to its end.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub(super) result: RunEngineResult,
    pub(super) state: RunEngineState,
    pub(super) refused: Vec<TransitionError>,
    pub(super) unreached: Vec<usize>,
    pub(super) trace: Trace,
    pub(super) lulls: Vec<Lull>,
    pub(super) documents: Arc<Vec<Document>>,
    pub(super) messages: Arc<Vec<Msg>>,
    pub(super) chronicle: Option<Chronicle>,
    pub(super) limit_reached: Option<LimitReached>,
    pub(super) started: Timestamp,
    pub(super) ended: Timestamp,
    pub(super) seed: u64,
}

impl Outcome {
    /// What the engine says of it.
    #[must_use]
    pub const fn result(&self) -> &RunEngineResult {
        &self.result
    }

    /// How the plan ended: its exit status.
    #[must_use]
    pub const fn exit_status(&self) -> ExitStatus {
        self.result.exit_status
    }

    /// Whether the engine is paused, and the plan neither well nor badly ended.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.state == RunEngineState::Paused
    }

    /// The state in which the engine was left.
    #[must_use]
    pub const fn state(&self) -> RunEngineState {
        self.state
    }

    /// Whether the plan was paused, or ended from outside.
    #[must_use]
    pub const fn interrupted(&self) -> bool {
        self.result.interrupted
    }

    /// What was [scheduled](super::Harness::at) and did not go in the state that the engine was in then.
    #[must_use]
    pub fn refused(&self) -> &[TransitionError] {
        &self.refused
    }

    /// The messages for which something was [scheduled](super::Harness::at_message) and that never came in the call, which
    /// is over.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// lab.at_message(300).abort("beam lost");
    /// let run = lab.run(plans::count(&lab.device("det"), 1));
    /// assert_eq!((run.exit_status(), run.unreached()), (Success, &[300][..]));
    /// ```
    #[must_use]
    pub fn unreached(&self) -> &[usize] {
        &self.unreached
    }

    /// What came out of the plan, where that was an error.
    #[must_use]
    pub const fn exception(&self) -> Option<&PlanError> {
        self.result.exception.as_ref()
    }

    /// What the plan returned; nothing if it did not come to its end.
    #[must_use]
    pub const fn plan_result(&self) -> Option<&Value> {
        self.result.plan_result.as_ref()
    }

    /// The spans that ended during it, and those that began during it and are open.
    #[must_use]
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// When it was paused, suspended or asleep; where spans are kept.
    #[must_use]
    pub fn lulls(&self) -> &[Lull] {
        &self.lulls
    }

    /// The trace as a tree for people, with [when it was paused, suspended or asleep](Self::lulls).
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// lab.at(secs(1.0)).pause();
    /// lab.on_pause([skyspan::harness::Decision::resume().after(secs(30.0))]);
    /// let motor = lab.add(SimMotor::new("motor").velocity(1.0));
    /// let run = lab.run(plans::scan(&lab.device("det"), &motor, 0, 10, 2));
    /// assert!(run.draw().to_string().contains("⋯ 30 s paused"), "{}", run.draw());
    /// ```
    pub fn draw(&self) -> Drawing<'_> {
        self.trace.draw().lulls(self.lulls.iter().cloned())
    }

    /// The documents that were emitted, in order.
    #[must_use]
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// The events that were emitted, in order, whatever their stream.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plans::scan(&lab.device("det"), &lab.device("motor"), 0, 2, 3));
    /// let positions: Vec<f64> = run.events().filter_map(|event| event.get("motor")?.as_f64()).collect();
    /// assert_eq!(positions, [0.0, 1.0, 2.0]);
    /// ```
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.documents.iter().filter_map(|document| match document {
            Document::Event(event) => Some(&**event),
            _ => None,
        })
    }

    /// The messages that were executed, in order.
    #[must_use]
    pub fn messages(&self) -> &[Msg] {
        &self.messages
    }

    /// All that happened, in order and with its times; where the harness [keeps it](super::HarnessBuilder::chronicled).
    #[must_use]
    pub const fn chronicle(&self) -> Option<&Chronicle> {
        self.chronicle.as_ref()
    }

    /// The limit at which it was ended, if it was.
    #[must_use]
    pub const fn limit_reached(&self) -> Option<LimitReached> {
        self.limit_reached
    }

    /// How long it took on its clock, from the first message to the end of the clean-up.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.ended - self.started
    }

    /// When it began, on its clock.
    #[must_use]
    pub const fn started(&self) -> Timestamp {
        self.started
    }

    /// The seed of its harness.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The same with these documents: doctored, for a test in which a law is to notice what is wrong.
    ///
    #[cfg_attr(feature = "property", doc = "```")]
    #[cfg_attr(not(feature = "property"), doc = "```ignore")]
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plans::count(&lab.device("det"), 1));
    /// laws::documents_are_in_order().check_run(&run)?;
    /// let without_start = run.documents()[1..].to_vec();
    /// assert!(laws::documents_are_in_order().check_run(&run.with_documents(without_start)).is_err());
    /// # Ok::<(), skyspan::property::Broken>(())
    /// ```
    #[must_use]
    pub fn with_documents(self, documents: Vec<Document>) -> Self {
        Self { documents: Arc::new(documents), ..self }
    }

    /// The same with this trace: doctored, for a test of a law.
    #[must_use]
    pub fn with_trace(self, trace: Trace) -> Self {
        Self { trace, ..self }
    }

    /// The same with this result of the engine: doctored, for a test of a law.
    #[must_use]
    pub fn with_result(self, result: RunEngineResult) -> Self {
        Self { result, ..self }
    }

    /// The same with this chronicle: [doctored](Chronicle::with_happenings), for a test of a law.
    #[must_use]
    pub fn with_chronicle(self, chronicle: Chronicle) -> Self {
        Self { chronicle: Some(chronicle), ..self }
    }

    /// Wants it to have ended with success, and all messages to have come for which something was
    /// [scheduled](super::Harness::at_message).
    ///
    /// # Panics
    ///
    /// If it did not: with what came out of the plan and where, and the trace.
    ///
    /// ```should_panic
    /// use skyspan::prelude::*;
    ///
    /// Harness::new().run(plan(async |_| Err::<(), _>(plan_error!("no light")))).assert_success();
    /// ```
    #[track_caller]
    pub fn assert_success(&self) {
        assert!(
            self.went_well(),
            "the plan did not succeed: {}\n\n{}\nseed {seed}, replay with Harness::seeded({seed})",
            self.why(),
            if self.trace.is_empty() { "(no spans)\n".to_owned() } else { self.draw().to_string() },
            seed = self.seed
        );
    }

    /// Wants the trace to be as expected; like [`Trace::assert`], and the report says how to replay the run.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plans::count(&lab.device("det"), 3));
    /// run.assert(exactly(3, span("Bluesky RunEngine wait")));
    /// ```
    ///
    /// # Panics
    ///
    /// With a report, if it is not.
    ///
    /// ```should_panic
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plans::count(&lab.device("det"), 3));
    /// run.assert(none(span("Bluesky RunEngine wait")));
    /// ```
    #[track_caller]
    pub fn assert(&self, expectation: impl Expectation) {
        let replay = format!("seed {seed}, replay with Harness::seeded({seed})", seed = self.seed);
        self.trace.assert(expectation.because(replay));
    }

    /// Whether it ended with success, and all came for which something was scheduled.
    pub(super) fn went_well(&self) -> bool {
        self.exit_status() == ExitStatus::Success && !self.is_paused() && self.unreached.is_empty()
    }

    pub(super) fn why(&self) -> String {
        if let Some(reached) = self.limit_reached {
            return reached.to_string();
        }
        let place = self.result.failed_at.as_ref().map(|at| format!("\n{at}")).unwrap_or_default();
        match self.exception() {
            Some(error) => format!("{}: {error}{place}", error.name()),
            None if self.is_paused() => "it is paused".to_owned(),
            None if self.exit_status() != ExitStatus::Success => format!("exit status {}", self.exit_status()),
            None => format!(
                "something was scheduled for the messages {:?}, and it had {}",
                self.unreached,
                self.messages.len()
            ),
        }
    }
}
