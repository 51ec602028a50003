//! Where the time of a run goes.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::device::Status;
use crate::engine::RunEngineState;
use crate::harness::{Chronicle, Executed, Occurrence};
use crate::message::Command;
use crate::property::{Broken, Law, OrFail as _};
use crate::value::Value;

/// The commands that may take time: those that wait, and those that bring devices to rest.
const WAITING: [&str; 9] =
    ["sleep", "wait", "wait_for", "input", "stop", "pause", "checkpoint", "_start_suspender", "_resume_from_suspender"];

/// A run takes as long as its waits, one after another, and the pauses and clean-up besides: nothing else takes time.
#[must_use]
pub fn only_waiting_takes_time() -> Law {
    Law::of_run("only waiting takes time", |run| {
        let Some(chronicle) = run.chronicle() else { return Ok(()) };
        for done in chronicle.executed() {
            let takes_none = !WAITING.contains(&done.msg.command()) && !done.was_disturbed;
            if takes_none && !done.duration().is_zero() {
                let why = format!("message {}, `{}`, took {:?}", done.number, done.msg, done.duration());
                return Err(Broken::new(why));
            }
        }
        let waits: Vec<Duration> = chronicle.executed().map(|done| done.duration()).collect();
        let (longest, sum) = (waits.iter().max().copied().unwrap_or_default(), waits.iter().sum::<Duration>());
        let between = between_messages(chronicle);
        let took = run.duration();
        (took >= longest && took <= sum + between).or_fail(format!(
            "it took {took:?}: its longest wait is {longest:?}, all of them together are {sum:?}, and the pauses {between:?}"
        ))
    })
    .says("A run takes no less than its longest wait, and no more than all of them and the pauses one after another.")
    .source("skyspan: a clock that goes on only where something waits")
}

/// The time in which no message is executed: pauses, and what the engine does on its own.
fn between_messages(chronicle: &Chronicle) -> Duration {
    let mut left_off: Option<Timestamp> = None;
    let mut sum = Duration::ZERO;
    for happening in chronicle.happenings() {
        match &happening.what {
            Occurrence::State { .. } => {
                if let Some(since) = left_off.replace(happening.time) {
                    sum += happening.time - since;
                }
            }
            Occurrence::Message(_) => sum += left_off.take().map_or(Duration::ZERO, |since| happening.time - since),
            _ => {}
        }
    }
    sum
}

/// A sleep takes as long as it says.
#[must_use]
pub fn sleeps_are_exact() -> Law {
    Law::of_run("a sleep takes as long as it says", |run| {
        let Some(chronicle) = run.chronicle() else { return Ok(()) };
        if !no_failure(chronicle) || found_no_way_back(chronicle) {
            return Ok(());
        }
        for done in chronicle.executed().filter(|done| done.msg.command() == "sleep") {
            let said = done.msg.args().first().and_then(|arg| arg.as_value()?.as_f64()).unwrap_or_default();
            let said = Duration::try_from_secs_f64(said.max(0.0)).unwrap_or_default();
            if !done.was_disturbed && done.duration() != said {
                let why = format!("message {}, `{}`, took {:?}", done.number, done.msg, done.duration());
                return Err(Broken::new(why));
            }
        }
        Ok(())
    })
    .says("A sleep that is not interrupted takes exactly its time.")
    .source("bluesky 1.15.1, RunEngine._sleep; skyspan: the simulated clock is exact")
}

/// Whether the call was paused where there was no way back: then the plan gets two errors, and the message between them, of its
/// clean-up, is cut short.
fn found_no_way_back(chronicle: &Chronicle) -> bool {
    chronicle.transitions().any(|change| change == (RunEngineState::Pausing, RunEngineState::Aborting))
}

/// Whether no status failed, so that nothing was thrown at the plan from the side.
fn no_failure(chronicle: &Chronicle) -> bool {
    chronicle.statuses().all(|status| !status.is_done() || status.is_success())
}

/// A wait ends when the last status of its group does, or its time is up: no sooner and no later.
#[must_use]
pub fn waits_are_exact() -> Law {
    Law::of_run("a wait ends with the last status of its group", |run| {
        let Some(chronicle) = run.chronicle() else { return Ok(()) };
        if !no_failure(chronicle) || found_no_way_back(chronicle) {
            return Ok(());
        }
        let mut groups: Vec<(Value, Vec<&Status>)> = Vec::new();
        let started = starts(chronicle);
        for done in chronicle.executed() {
            let group = group_of(&done);
            if done.msg.command() != "wait" {
                for status in done.statuses {
                    match groups.iter_mut().find(|(known, _)| *known == group) {
                        Some((_, statuses)) => statuses.push(status),
                        None => groups.push((group.clone(), vec![status])),
                    }
                }
                continue;
            }
            let at = groups.iter().position(|(known, _)| *known == group);
            let statuses = at.map(|at| groups.swap_remove(at).1).unwrap_or_default();
            if done.was_disturbed {
                // It may have been cut short, and then the group is forgotten.
                continue;
            }
            let ends = |status: &Status| ended(status, &started);
            // Where one never ends, there is no last.
            let last = statuses.iter().map(|status| ends(status)).collect::<Option<Vec<Timestamp>>>();
            let last = last.map(|ends| ends.into_iter().max().unwrap_or(done.began));
            let up = timeout(&done).map(|time| done.began + time);
            let due = match (last, up) {
                (None, Some(up)) => up,
                (Some(last), Some(up)) => last.max(done.began).min(up),
                (Some(last), None) => last.max(done.began),
                // That nobody ends it any more is a deadlock, which the wait fails of.
                (None, None) if done.failure.is_some() => continue,
                (None, None) => {
                    let why = "ended, though one of its statuses was not done when the call was over";
                    return Err(Broken::new(format!("message {}, `{}`, {why}", done.number, done.msg)));
                }
            };
            let unfinished = statuses.iter().any(|status| ends(status).is_none_or(|end| end > done.ended));
            if unfinished {
                // Its time was up, and it may be waited for again.
                groups.push((group.clone(), statuses));
            }
            if done.ended != due {
                return Err(Broken::new(format!(
                    "message {}, `{}`, ended at {}; its statuses are done, or its time is up, at {due}",
                    done.number, done.msg, done.ended
                )));
            }
        }
        Ok(())
    })
    .says("A wait ends when the last status of its group is done or its time is up; what it leaves can be waited for again.")
    .source("bluesky 1.15.1, RunEngine._wait")
}

fn group_of(done: &Executed<'_>) -> Value {
    // The group of a wait may stand by position.
    if let Command::Wait(wait) = &done.msg.command {
        return wait.group.clone();
    }
    let kwargs = done.msg.kwargs();
    let group = kwargs.iter().find(|(key, _)| key == "group").and_then(|(_, arg)| arg.as_value().cloned());
    group.unwrap_or_default()
}

fn timeout(done: &Executed<'_>) -> Option<Duration> {
    let kwargs = done.msg.kwargs();
    let (_, arg) = kwargs.iter().find(|(key, _)| key == "timeout")?;
    Duration::try_from_secs_f64(arg.as_value()?.as_f64()?.max(0.0)).ok()
}

/// When each status began.
fn starts(chronicle: &Chronicle) -> Vec<(&Status, Timestamp)> {
    let of = |happening: &'_ crate::harness::Happening| match &happening.what {
        Occurrence::Status(_) => Some(happening.time),
        _ => None,
    };
    chronicle.statuses().zip(chronicle.happenings().iter().filter_map(of)).collect()
}

/// When a status ended, if it has.
fn ended(status: &Status, started: &[(&Status, Timestamp)]) -> Option<Timestamp> {
    if !status.is_done() {
        return None;
    }
    let (_, start) = started.iter().find(|(known, _)| std::ptr::eq(*known, status))?;
    Some(*start + status.elapsed())
}
