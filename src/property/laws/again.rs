//! What a plan does when it is run again, in other circumstances or with something around it.

use crate::engine::{ExitStatus, RunEngineState};
use crate::harness::Outcome;
use crate::message::{GenericMsg, Msg, PlanError};
use crate::plan::{Plan, plan, preprocessors};
use crate::property::{Broken, Law, OrFail as _, Trial};
use crate::trace::{Attributes, Span, SpanRef};
use crate::value::{Text, Value, to_json};

/// The same seed gives the same bytes.
#[must_use]
pub fn the_same_seed_gives_the_same_bytes() -> Law {
    Law::of_trial("the same seed gives the same bytes", |trial: &Trial<'_>| same(trial.run(), trial.once_more().run()))
        .says(
            "Run again with the same seed, a plan leaves the same console JSON, documents and messages, byte for byte.",
        )
        .source("skyspan: all chance comes from the seed")
}

/// The bytes of all that a run leaves. As text, for NaN is not the same as NaN.
fn bytes(run: &Outcome) -> (Vec<u8>, Vec<String>, Vec<String>) {
    let mut console = Vec::new();
    // A vector takes all that is written.
    let _ = run.trace().ended().write_console(&mut console);
    let documents = run.documents().iter().map(|document| to_json(&document.to_recorded())).collect();
    let messages = run.messages().iter().map(|msg| to_json(&msg.to_recorded().into())).collect();
    (console, documents, messages)
}

fn same(one: &Outcome, other: &Outcome) -> Result<(), Broken> {
    if is_same_to_the_bit(one, other) {
        return Ok(());
    }
    let (one, other) = (bytes(one), bytes(other));
    let differs = |what: &str, at: Option<usize>| match at {
        None => Ok(()),
        Some(at) => Err(Broken::new(format!("the {what} differ, first number {at}"))),
    };
    differs("messages", first_difference(&one.2, &other.2))?;
    differs("documents", first_difference(&one.1, &other.1))?;
    differs("bytes of the console JSON", first_difference(&one.0, &other.0))
}

/// Whether all that two runs leave is the same, so that it need not be written to be seen to be the same.
fn is_same_to_the_bit(one: &Outcome, other: &Outcome) -> bool {
    let (spans, others) = (ended(one), ended(other));
    let (messages, documents) = (one.messages(), one.documents());
    let recorded = |msg: &Msg| Value::from(msg.to_recorded());
    messages.len() == other.messages().len()
        && documents.len() == other.documents().len()
        && spans.len() == others.len()
        && messages.iter().zip(other.messages()).all(|(one, other)| same_bits(&recorded(one), &recorded(other)))
        && documents
            .iter()
            .zip(other.documents())
            .all(|(one, other)| same_bits(&one.to_recorded(), &other.to_recorded()))
        && spans.iter().zip(others).all(|(one, other)| is_same_span(one, other))
}

fn ended(run: &Outcome) -> Vec<&Span> {
    run.trace().spans().filter(|span| span.end().is_some()).map(SpanRef::span).collect()
}

fn is_same_span(one: &Span, other: &Span) -> bool {
    // What is equal and looks otherwise is a number, and those are in attributes.
    let same =
        |one: &Attributes, other: &Attributes| one.iter().zip(other.iter()).all(|((_, a), (_, b))| same_bits(a, b));
    one == other
        && same(one.attributes(), other.attributes())
        && same(&one.resource().attributes, &other.resource().attributes)
        && one.events().iter().zip(other.events()).all(|(one, other)| same(&one.attributes, &other.attributes))
        && one.links().iter().zip(other.links()).all(|(one, other)| same(&one.attributes, &other.attributes))
}

/// Whether two values are written alike: NaN is the same as NaN, and 0.0 is not the same as -0.0.
fn same_bits(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Float(one), Value::Float(other)) => one.to_bits() == other.to_bits(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(&**other).all(|(one, other)| same_bits(one, other))
        }
        (Value::Map(one), Value::Map(other)) => {
            let same_entry = |((key, one), (other_key, other)): ((&Text, &Value), (&Text, &Value))| {
                key == other_key && same_bits(one, other)
            };
            one.len() == other.len() && one.iter().zip(other.iter()).all(same_entry)
        }
        (one, other) => one == other,
    }
}

fn first_difference<T: PartialEq>(one: &[T], other: &[T]) -> Option<usize> {
    let common = one.iter().zip(other).position(|(one, other)| one != other);
    common.or_else(|| (one.len() != other.len()).then(|| one.len().min(other.len())))
}

/// A preprocessor that changes nothing changes nothing.
#[must_use]
pub fn neutral_preprocessors_change_nothing() -> Law {
    Law::of_trial("a preprocessor that changes nothing changes nothing", |trial: &Trial<'_>| {
        let mutated = trial.traced_with_preprocessor(|plan| {
            let name = plan.name().clone();
            let mutated = preprocessors::plan_mutator(preprocessors::msg_mutator(plan, Some), |_| (None, None));
            mutated.named(name)
        });
        same(trial.run(), mutated.run())
    })
    .says("With a msg_mutator that gives each message back and a plan_mutator that adds none, a plan leaves the same bytes.")
    .source("bluesky 1.15.1, preprocessors.msg_mutator and plan_mutator")
}

/// The command that marks that a finalizer was run.
const FINAL: &str = "finally";

/// A finalizer is run once, however the plan ends; only a halt leaves it out.
#[must_use]
pub fn finalizers_always_run() -> Law {
    Law::of_trial("a finalizer always runs", |trial: &Trial<'_>| {
        let run = trial.wrapped(marked_and_brought_home).trial.run();
        let marks = run.messages().iter().filter(|msg| msg.command() == FINAL).count();
        if was_halted(run) {
            return Ok(());
        }
        (marks >= 1).or_fail("it was not run")
    })
    .says("The plan of a finalize_wrapper is run in the end, after success, failure, stop and abort; after a halt it is not.")
    .source("bluesky 1.15.1, preprocessors.finalize_wrapper")
}

fn was_halted(run: &Outcome) -> bool {
    let closes_plans = |(from, to): (RunEngineState, RunEngineState)| {
        // A device that fails while all is put to rest leaves no plan to be told of it.
        to == RunEngineState::Halting || (from, to) == (RunEngineState::Pausing, RunEngineState::Idle)
    };
    let halting = run.chronicle().is_some_and(|it| it.transitions().any(closes_plans));
    halting || matches!(run.exception(), Some(PlanError::Deadlock(_) | PlanError::Killed))
}

/// With `reset_positions_wrapper` around it, a plan leaves all motors where they were.
#[must_use]
pub fn reset_positions_come_home() -> Law {
    Law::of_trial("reset positions come home", |trial: &Trial<'_>| {
        let again = trial.wrapped(marked_and_brought_home);
        if again.trial.run().exit_status() != ExitStatus::Success {
            return Ok(());
        }
        let positions = again.positions().into_iter();
        let moved: Vec<String> = positions
            .filter(|(_, before, after)| !is_near(before, after))
            .map(|(name, before, after)| format!("{name} was at {before}, and is at {after}"))
            .collect();
        moved.is_empty().or_fail(moved.join("; "))
    })
    .only_where(can_come_home)
    .says("A plan that succeeds within reset_positions_wrapper leaves every motor where it was before.")
    .source("bluesky 1.15.1, preprocessors.reset_positions_wrapper")
}

/// Whether nothing keeps the motors from where they are to be brought.
fn can_come_home(trial: &Trial<'_>) -> bool {
    let scenario = trial.scenario();
    scenario.faults.is_empty()
        && scenario.interruptions.is_empty()
        && !trial.run().messages().iter().any(|msg| matches!(msg.command(), "kickoff" | "stop"))
}

/// A plan with both wrappers around it, for two laws that share a run: it brings the motors home, where that is to be, and marks its end.
fn marked_and_brought_home(trial: &Trial<'_>, inner: Plan) -> Plan {
    let name = inner.name().clone();
    let inner = if can_come_home(trial) { preprocessors::reset_positions_wrapper(inner, None) } else { inner };
    let mark = plan(async |p| {
        let mark = GenericMsg { command: Text::literal(FINAL), ..GenericMsg::default() };
        // The engine does not know it, and says so; that it was asked is what counts.
        let _ = p.msg(mark.into_msg(Value::Null)).await;
        Ok(())
    });
    Plan::from(preprocessors::finalize_wrapper(inner, mark)).named(name)
}

fn is_near(one: &f64, other: &f64) -> bool {
    (one - other).abs() < 1e-9
}
