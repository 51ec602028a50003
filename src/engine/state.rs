//! [`RunEngineState`]: what an engine is doing, and which change leads where.

use std::fmt;

use crate::message::PlanError;

/// What an engine is doing (`bluesky.run_engine.RunEngineStateMachine`, 1.15.1).
///
/// There is no state for a suspension: an engine is `Suspending` for an instant, and runs while it waits.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum RunEngineState {
    /// Nothing; it can be called.
    #[default]
    Idle,
    /// It executes a plan.
    Running,
    /// It puts everything to rest.
    Pausing,
    /// It rests, and can be resumed.
    Paused,
    /// It ends the plan without its clean-up.
    Halting,
    /// It ends the plan as a success.
    Stopping,
    /// It ends the plan as an abort.
    Aborting,
    /// It is about to wait for what a suspender waits for.
    Suspending,
    /// It does not answer any more. There is no way back.
    Panicked,
}

use RunEngineState::{Aborting, Halting, Idle, Panicked, Paused, Pausing, Running, Stopping, Suspending};

/// Which states lead to which.
const TRANSITIONS: [(RunEngineState, &[RunEngineState]); 9] = [
    (Idle, &[Running, Panicked]),
    (Running, &[Idle, Pausing, Halting, Stopping, Aborting, Suspending, Panicked]),
    (Pausing, &[Paused, Idle, Halting, Aborting, Panicked]),
    (Paused, &[Idle, Running, Halting, Stopping, Aborting, Panicked]),
    (Halting, &[Idle, Panicked]),
    (Stopping, &[Idle, Panicked]),
    (Aborting, &[Idle, Panicked]),
    (Suspending, &[Running, Halting, Aborting, Panicked]),
    (Panicked, &[]),
];

impl RunEngineState {
    /// All states, in bluesky's order.
    pub const ALL: [Self; 9] = [Idle, Running, Pausing, Paused, Halting, Stopping, Aborting, Suspending, Panicked];

    /// Its name in bluesky.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Idle => "idle",
            Running => "running",
            Pausing => "pausing",
            Paused => "paused",
            Halting => "halting",
            Stopping => "stopping",
            Aborting => "aborting",
            Suspending => "suspending",
            Panicked => "panicked",
        }
    }

    /// The states that it leads to.
    #[must_use]
    pub fn leads_to(self) -> &'static [Self] {
        TRANSITIONS.iter().find(|(from, _)| *from == self).map_or(&[], |(_, to)| to)
    }

    /// Whether an engine in this state can be told to pause.
    #[must_use]
    pub fn can_pause(self) -> bool {
        self.leads_to().contains(&Pausing)
    }

    /// Whether the plan is being ended.
    pub(super) const fn is_ending(self) -> bool {
        matches!(self, Aborting | Stopping | Halting)
    }

    /// The whole state machine as a graph in the language of Graphviz.
    ///
    /// ```
    /// use skyspan::engine::RunEngineState;
    ///
    /// assert!(RunEngineState::graph().contains("  paused -> running\n"));
    /// ```
    #[must_use]
    pub fn graph() -> String {
        let edges = TRANSITIONS.iter().flat_map(|(from, to)| to.iter().map(move |to| format!("  {from} -> {to}\n")));
        format!("digraph RunEngine {{\n{}}}\n", edges.collect::<String>())
    }
}

impl fmt::Display for RunEngineState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What is asked of an engine does not go in the state that it is in (`bluesky.utils.TransitionError`, 1.15.1; a
/// `RuntimeError` where the engine has panicked, or is called while it is not idle).
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct TransitionError {
    /// The state that the engine is in.
    pub state: RunEngineState,
    /// What was asked, and what can be done.
    message: String,
    is_call: bool,
}

impl TransitionError {
    fn of(state: RunEngineState, message: impl Into<String>) -> Self {
        if state == Panicked {
            return Self::panicked();
        }
        Self { state, message: message.into(), is_call: false }
    }

    fn panicked() -> Self {
        let message = "The RunEngine is panicked and cannot be recovered. Make a new one.".to_owned();
        Self { state: Panicked, message, is_call: true }
    }

    pub(super) fn cannot_pause(state: RunEngineState) -> Self {
        Self::of(state, format!("the RunEngine is {state} and cannot be paused; only a running one can"))
    }

    pub(super) fn cannot_resume(state: RunEngineState) -> Self {
        Self::of(state, format!("the RunEngine is {state} and cannot be resumed; only a paused one can"))
    }

    pub(super) fn cannot_end(state: RunEngineState, how: &str) -> Self {
        let why = match state {
            Idle => "the RunEngine is already idle".to_owned(),
            _ => format!("the RunEngine is {state}"),
        };
        Self::of(state, format!("{why}; there is nothing to {how}"))
    }

    pub(super) fn cannot_change(from: RunEngineState, to: RunEngineState) -> Self {
        Self::of(from, format!("no way leads from {from} to {to}"))
    }

    pub(super) fn cannot_call(state: RunEngineState) -> Self {
        if state == Panicked {
            return Self::panicked();
        }
        let help = if state == Paused {
            "; resume it, or abort, stop or halt what is paused, before the next call"
        } else {
            ""
        };
        Self { state, message: format!("The RunEngine is in a {state} state{help}"), is_call: true }
    }

    /// Of a call from within a call, that would wait for itself for ever.
    pub(crate) fn nested_call(state: RunEngineState) -> Self {
        let message = format!(
            "The RunEngine is in a {state} state: it cannot be called by what it calls itself, a plan, a device or a \
             callback; yield the plan's messages instead"
        );
        Self { state, message, is_call: true }
    }

    /// The class of the exception that bluesky raises for it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        if self.is_call { "RuntimeError" } else { "TransitionError" }
    }
}

impl From<TransitionError> for PlanError {
    fn from(error: TransitionError) -> Self {
        Self::Transition { name: error.name(), message: error.message.into() }
    }
}
