//! How runs and calls end.

use std::collections::HashSet;

use super::documents::refused;
use crate::document::Document;
use crate::engine::{ExitStatus, RunEngineState};
use crate::harness::{Occurrence, Outcome};
use crate::message::Msg;
use crate::property::interruption::REASON;
use crate::property::{Broken, Interrupt, Law, OrFail as _, Trial};
use crate::value::Text;

/// A run that the plan has left open is closed by the engine, with the exit status and the reason of the call.
#[must_use]
pub fn left_runs_end_with_the_call() -> Law {
    Law::of_run("a run that is left open ends as the call does", |run| {
        let Some(chronicle) = run.chronicle() else { return Ok(()) };
        let mut closing = false;
        for happening in chronicle.happenings() {
            match &happening.what {
                Occurrence::Message(msg) => closing = msg.command() == "close_run",
                Occurrence::Document(Document::Stop(stop)) if !closing => {
                    let (exit_status, reason) = (run.exit_status(), &run.result().reason);
                    if stop.exit_status != exit_status || stop.reason != *reason {
                        return Err(Broken::new(format!(
                            "expected exit_status {exit_status} and reason {reason:?}, as of the call, found {} and {:?}",
                            stop.exit_status, stop.reason
                        )));
                    }
                }
                Occurrence::Document(Document::Stop(_)) => closing = false,
                _ => {}
            }
        }
        Ok(())
    })
    .says("Where the plan does not close a run, the engine does, and the stop document says how the call ended, and why.")
    .source("bluesky 1.15.1, RunEngine._run, its finally clause")
}

/// What a plan failed of, or was aborted for, is the reason of the call.
#[must_use]
pub fn reasons_are_kept() -> Law {
    Law::of_trial("reasons are kept", |trial: &Trial<'_>| {
        let run = trial.run();
        let result = run.result();
        if let Some(error) = run.exception() {
            let reason = error.reason();
            return (result.reason == reason)
                .or_fail(format!("the plan failed of {reason:?}, and the reason of the call is {:?}", result.reason));
        }
        if was_aborted(run) && run.exit_status() == ExitStatus::Abort {
            (result.reason == REASON).or_fail(format!(
                "the plan was aborted for {REASON:?}, and the reason of the call is {:?}",
                result.reason
            ))?;
            let aborted = run.documents().iter().find_map(|document| match document {
                Document::Stop(stop) if stop.exit_status == ExitStatus::Abort && stop.reason != REASON => Some(stop),
                _ => None,
            });
            return aborted.map_or(Ok(()), |stop| {
                let why =
                    format!("the plan was aborted for {REASON:?}, and the reason of its run is {:?}", stop.reason);
                Err(Broken::new(why))
            });
        }
        Ok(())
    })
    .only_where(|trial| {
        // Where there is no way back, a pause or a suspension is an abort that nobody has a reason for.
        let no_way_back = |msg: &Msg| matches!(msg.command(), "clear_checkpoint" | "rewindable");
        let reasons = trial
            .scenario()
            .interruptions
            .iter()
            .any(|interruption| matches!(interruption.what, Interrupt::Abort) || interruption.decision().is_some());
        let run = trial.run();
        run.exception().is_some() || reasons && !run.messages().iter().any(no_way_back)
    })
    .says("The reason of a call is the text of what its plan failed of, or what it was aborted for.")
    .source("bluesky 1.15.1, RunEngine._run and abort; here an abort keeps its reason in the stop document")
}

/// Whether somebody aborted the call, and it was that which ended it.
fn was_aborted(run: &Outcome) -> bool {
    run.chronicle().is_some_and(|chronicle| {
        let ends = [RunEngineState::Aborting, RunEngineState::Stopping, RunEngineState::Halting];
        let first = chronicle.transitions().find(|(_, to)| ends.contains(to));
        // A pause from which there is no way back has nobody who gives a reason.
        first.is_some_and(|(from, to)| to == RunEngineState::Aborting && from != RunEngineState::Pausing)
    })
}

/// The runs whose `open_run` failed of a subscriber that did not take the start document: the call does not tell of them.
fn refused_by_subscribers(run: &Outcome) -> Vec<Text> {
    let starts = refused(run).filter_map(|document| match document {
        Document::Start(start) => Some(start.uid.clone()),
        _ => None,
    });
    starts.collect()
}

/// The call tells of each run that was opened, in order, and of no other.
#[must_use]
pub fn uids_of_runs_are_told() -> Law {
    Law::of_run("the call tells which runs were opened", |run| {
        let refused = refused_by_subscribers(run);
        let opened: Vec<Text> = run
            .documents()
            .iter()
            .filter_map(|document| match document {
                Document::Start(start) => Some(start.uid.clone()),
                _ => None,
            })
            .filter(|uid| !refused.contains(uid))
            .collect();
        let told = &run.result().run_start_uids;
        let known: HashSet<&Text> = opened.iter().collect();
        (opened == *told && known.len() == opened.len()).or_fail(format!("opened were {opened:?}, told are {told:?}"))
    })
    .says("run_start_uids has the uid of each run that was opened in the call, in order, but for one whose start a subscriber refused.")
    .source("bluesky 1.15.1, RunEngineResult")
}
