//! What a plan does when it is run again, in other circumstances or with something around it.

use crate::engine::{ExitStatus, RunEngineState};
use crate::harness::Outcome;
use crate::message::{GenericMsg, PlanError};
use crate::plan::{plan, preprocessors};
use crate::property::{Broken, Law, OrFail as _, Trial};
use crate::value::{Text, Value, to_json};

/// The same seed gives the same bytes.
#[must_use]
pub fn the_same_seed_gives_the_same_bytes() -> Law {
    Law::of_trial("the same seed gives the same bytes", |trial: &Trial<'_>| same(trial.run(), trial.again().run()))
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
    let (one, other) = (bytes(one), bytes(other));
    let differs = |what: &str, at: Option<usize>| match at {
        None => Ok(()),
        Some(at) => Err(Broken::new(format!("the {what} differ, first number {at}"))),
    };
    differs("messages", first_difference(&one.2, &other.2))?;
    differs("documents", first_difference(&one.1, &other.1))?;
    differs("bytes of the console JSON", first_difference(&one.0, &other.0))
}

fn first_difference<T: PartialEq>(one: &[T], other: &[T]) -> Option<usize> {
    let common = one.iter().zip(other).position(|(one, other)| one != other);
    common.or_else(|| (one.len() != other.len()).then(|| one.len().min(other.len())))
}

/// A preprocessor that changes nothing changes nothing.
#[must_use]
pub fn neutral_preprocessors_change_nothing() -> Law {
    Law::of_trial("a preprocessor that changes nothing changes nothing", |trial: &Trial<'_>| {
        let mutated = trial.with_preprocessor(|plan| {
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
        let finalized = trial.with_preprocessor(|inner| {
            let name = inner.name().clone();
            let mark = plan(async |p| {
                let mark = GenericMsg { command: Text::literal(FINAL), ..GenericMsg::default() };
                // The engine does not know it, and says so; that it was asked is what counts.
                let _ = p.msg(mark.into_msg(Value::Null)).await;
                Ok(())
            });
            crate::plan::Plan::from(preprocessors::finalize_wrapper(inner, mark)).named(name)
        });
        let run = finalized.run();
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
        let before = positions(&trial.new_lab());
        let again = trial.with_preprocessor(|plan| preprocessors::reset_positions_wrapper(plan, None));
        if again.run().exit_status() != ExitStatus::Success {
            return Ok(());
        }
        let after = positions(again.lab());
        let moved: Vec<String> = before
            .iter()
            .zip(&after)
            .filter(|(before, after)| !is_near(&before.1, &after.1))
            .map(|(before, after)| format!("{} was at {}, and is at {}", before.0, before.1, after.1))
            .collect();
        moved.is_empty().or_fail(moved.join("; "))
    })
    .only_where(|trial| {
        let scenario = trial.scenario();
        scenario.faults.is_empty()
            && scenario.interruptions.is_empty()
            && !trial.run().messages().iter().any(|msg| matches!(msg.command(), "kickoff" | "stop"))
    })
    .says("A plan that succeeds within reset_positions_wrapper leaves every motor where it was before.")
    .source("bluesky 1.15.1, preprocessors.reset_positions_wrapper")
}

fn positions(lab: &crate::harness::Harness) -> Vec<(Text, f64)> {
    let of = |device: &crate::device::Device| Some((device.name().clone(), device.position()?.as_f64()?));
    lab.beamline().devices().filter_map(of).collect()
}

fn is_near(one: &f64, other: &f64) -> bool {
    (one - other).abs() < 1e-9
}
