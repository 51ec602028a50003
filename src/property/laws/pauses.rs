//! What becomes of a plan that is paused or suspended and goes on.

use std::collections::HashMap;

use crate::clock::Timestamp;
use crate::device::Device;
use crate::document::{Document, Event};
use crate::engine::RunEngineState::{Idle, Paused, Pausing, Running, Suspending};
use crate::engine::{EngineWarning, ExitStatus, RunEngineState};
use crate::harness::{Chronicle, Occurrence, Outcome};
use crate::message::{Command, Msg, PlanError};
use crate::program::CallbackSpec;
use crate::property::{Broken, Law, Trial};
use crate::value::{Text, Value, to_json};

/// With pauses after which the plan goes on, it comes to the same as without.
#[must_use]
pub fn pauses_change_nothing() -> Law {
    Law::of_trial("what is paused and resumed comes to the same", |trial: &Trial<'_>| {
        let calm = trial.data_in_scenario(trial.scenario().undisturbed());
        let (paused, calm) = (trial.run(), calm.run());
        if !is_good(calm) || !is_good(paused) || gets_data_of_another_run(paused) {
            return Ok(());
        }
        // One that counts documents fails at another where there are more of them, as a fault does that counts calls.
        let callbacks = &trial.scenario().callbacks;
        if may_refuse_a_document(callbacks, calm) || may_refuse_a_document(callbacks, paused) {
            return Ok(());
        }
        let (expected, found) = (data_of(calm), data_of(paused));
        if is_repeatable(calm) && expected != found {
            return Err(Broken::new(format!("without a pause the data are {expected:?}, with it {found:?}")));
        }
        paused.chronicle().map_or(Ok(()), |chronicle| same_messages(told_again(chronicle), calm))
    })
    .only_where(|trial| {
        let scenario = trial.scenario();
        let pauses = !scenario.interruptions.is_empty() && scenario.interruptions.iter().all(|it| it.goes_on());
        let counted = scenario.faults.iter().all(|spec| spec.fault.only_delays());
        // What moves by itself, or depends on when it is looked at, is another when it is looked at later.
        pauses && counted && !is_led_by_rewindable(trial.run()) && !trial.run().messages().iter().any(depends_on_time)
    })
    .says(
        "A plan that is paused, or suspended, and goes on, yields the same messages besides those that are done again, and leaves \
         the same data, where without a checkpoint it moves nothing after it has read something, triggers nothing after it has read \
         it, and closes no run and opens another, and where no subscriber fails at its nth document.",
    )
    .source("bluesky 1.15.1, RunEngine.pause and resume; RunBundler.rewind")
}

/// Whether what was read in one run was read again in another, for there was no checkpoint between them: the outcome warns
/// of that.
fn gets_data_of_another_run(run: &Outcome) -> bool {
    run.result().warnings.iter().any(|warning| matches!(warning, EngineWarning::ReplayedIntoAnotherRun { .. }))
}

/// Whether there are so many documents that one of the callbacks fails at its nth: each gets all of a call, and those once more to
/// which the plan itself subscribes it.
fn may_refuse_a_document(callbacks: &[CallbackSpec], run: &Outcome) -> bool {
    let subscriptions = 1 + run.messages().iter().filter(|msg| msg.command() == "subscribe").count();
    let most = (run.documents().len() * subscriptions) as u64;
    callbacks.iter().filter_map(|callback| callback.fault.as_ref()).any(|fault| fault.nth <= most)
}

/// Whether what comes between two checkpoints reads the same when it is done again: nothing is read that is on its way, and
/// nothing is moved after something was read, nor triggered after it was read itself.
fn is_repeatable(run: &Outcome) -> bool {
    let Some(chronicle) = run.chronicle() else { return false };
    let mut arrives: Option<Timestamp> = None;
    let mut was_read = false;
    let mut were_read: Vec<&Device> = Vec::new();
    for done in chronicle.executed() {
        match done.msg.command() {
            "read" | "trigger" if arrives.is_some_and(|arrives| arrives > done.began) => return false,
            "trigger" if done.msg.command.device().is_some_and(|device| were_read.contains(&device)) => return false,
            "read" | "trigger" => {
                was_read = true;
                were_read.extend(done.msg.command.device().filter(|_| done.msg.command() == "read"));
            }
            "set" if was_read => return false,
            _ if empties_the_cache(done.msg) => {
                was_read = false;
                were_read.clear();
            }
            _ => {}
        }
        for status in done.statuses {
            let end = if status.is_done() { done.began + status.elapsed() } else { Timestamp::MAX };
            arrives = arrives.max(Some(end));
        }
    }
    true
}

/// Besides what is done again, the plan yields what it would without a pause: a replay that has a message too many would add one.
fn same_messages(told: Told<'_>, calm: &Outcome) -> Result<(), Broken> {
    if !told.is_plain || told.wrong.is_some() {
        return Ok(());
    }
    let mut expected = calm.messages().iter();
    for found in told.fresh {
        let next = expected.next();
        if next.is_none_or(|next| !is_same(next, found)) {
            let next = next.map_or_else(|| "the end".to_owned(), |next| format!("`{next}`"));
            return Err(Broken::new(format!("without a pause there comes {next} where with it there is `{found}`")));
        }
    }
    match expected.next() {
        None => Ok(()),
        Some(next) => {
            Err(Broken::new(format!("without a pause there comes `{next}` in the end, with it there does not")))
        }
    }
}

/// Whether two messages are the same, whenever they came: what is in the metadata of a run may have the time in it.
fn is_same(one: &Msg, other: &Msg) -> bool {
    one.command() == other.command() && (one.command() == "open_run" || one.to_recorded() == other.to_recorded())
}

/// Whether the plan says what may be done again. A suspension does so twice, on its own account.
fn is_led_by_rewindable(run: &Outcome) -> bool {
    let count = |command: &str| run.messages().iter().filter(|msg| msg.command() == command).count();
    count("rewindable") != 2 * count(START_SUSPENDER)
}

fn is_good(run: &Outcome) -> bool {
    run.exit_status() == ExitStatus::Success && run.exception().is_none()
}

/// Whether what the message does depends on the time, or on how often it is executed.
fn depends_on_time(msg: &Msg) -> bool {
    match &msg.command {
        Command::Monitor(_) | Command::Kickoff(_) | Command::Complete(_) | Command::Collect(_) => true,
        Command::Wait(wait) => wait.timeout_s.flatten().is_some(),
        _ => matches!(msg.command(), "pause" | "stop" | "clear_checkpoint"),
    }
}

/// The data of each run in the end, with its exit status: of an event that came twice, the later.
type Data = Vec<(Text, Vec<(Text, u64, Readings)>)>;
type Readings = Vec<(Text, String)>;
/// Events by stream and number.
type Events = HashMap<(Text, u64), Readings>;

fn data_of(run: &Outcome) -> Data {
    let mut streams: HashMap<Text, (usize, Text)> = HashMap::new();
    let mut runs: Vec<(Text, Events)> = Vec::new();
    let mut at: HashMap<Text, usize> = HashMap::new();
    for document in run.documents() {
        match document {
            Document::Start(start) => {
                at.insert(start.uid.clone(), runs.len());
                runs.push((Text::default(), HashMap::new()));
            }
            Document::Descriptor(descriptor) => {
                let run = at.get(&descriptor.run_start).copied().unwrap_or_default();
                streams.insert(descriptor.uid.clone(), (run, descriptor.name.clone()));
            }
            Document::Event(event) => {
                // That there was a pause is no reading.
                let stream = streams.get(&event.descriptor).filter(|(_, name)| name != "interruptions");
                if let Some((run, stream)) = stream {
                    runs[*run].1.insert((stream.clone(), event.seq_num), values(event));
                }
            }
            Document::Stop(stop) => {
                if let Some(run) = at.get(&stop.run_start) {
                    runs[*run].0 = stop.exit_status.to_string().into();
                }
            }
            _ => {}
        }
    }
    let sorted = |events: Events| {
        let mut events: Vec<_> =
            events.into_iter().map(|((stream, number), values)| (stream, number, values)).collect();
        events.sort_by(|one, other| (&one.0, one.1).cmp(&(&other.0, other.1)));
        events
    };
    runs.into_iter().map(|(exit_status, events)| (exit_status, sorted(events))).collect()
}

fn values(event: &Event) -> Readings {
    event.readings.iter().map(|(key, reading)| (key.clone(), to_json(&reading.value))).collect()
}

/// After a pause exactly those messages are executed again that came since the last checkpoint.
#[must_use]
pub fn replays_are_exact() -> Law {
    Law::of_run("what is done again is what came since the checkpoint", |run| {
        let Some(Told { is_plain: true, wrong: Some(wrong), .. }) = run.chronicle().map(told_again) else { return Ok(()) };
        Err(wrong)
    })
    .says(
        "When a paused or suspended plan goes on, the messages since the last checkpoint are executed once more, in order, and \
         nothing else; an event that is taken again has its old number.",
    )
    .source("bluesky 1.15.1, RunEngine.resume and _UNCACHEABLE_COMMANDS")
    .only_where(|trial| {
        // What changes whether there is a way back, or fails in the middle of it, is another matter.
        let plain = |msg: &Msg| !matches!(msg.command(), "clear_checkpoint" | "monitor" | "unmonitor");
        let chronicle = trial.chronicle();
        let goes_on = |to| matches!(to, Running | Pausing | Paused | Suspending | Idle);
        let left_alone = chronicle.transitions().all(|(_, to)| goes_on(to));
        let nothing_failed = chronicle.statuses().all(|status| status.exception().is_none());
        trial.run().messages().iter().all(plain)
            && !is_led_by_rewindable(trial.run())
            && left_alone
            && nothing_failed
            && is_good(trial.run())
    })
}

/// The message with which a suspension begins, and those that it has in it before what is done again.
const START_SUSPENDER: &str = "_start_suspender";
const OF_SUSPENSION: [&str; 4] = ["rewindable", "wait_for", "_resume_from_suspender", "rewindable"];

/// What a chronicle says of what was done again.
struct Told<'a> {
    /// The messages that the plan itself has yielded, each once.
    fresh: Vec<&'a Msg>,
    /// Whether all that was to be done again could be: not if a run was closed since the checkpoint, or what began a bundle came
    /// before it. That is refused, and the plan gets to know, as it does of whatever else fails when it is done again.
    is_plain: bool,
    /// The first thing that was not done again as it should have been.
    wrong: Option<Broken>,
}

/// A message that was executed, and the numbers of the events that it gave.
#[derive(Clone)]
struct Done<'a> {
    msg: &'a Msg,
    numbers: Vec<u64>,
}

/// What has to come next.
enum Next<'a> {
    /// A message of the engine's own.
    Own(&'static str),
    /// One that is done again.
    Again(Done<'a>),
}

/// How many messages a plan has: what is done again is not counted again, nor what the engine adds for a suspension.
pub(in crate::property) fn messages_of_plan(run: &Outcome) -> usize {
    run.chronicle().map_or(run.messages().len(), |chronicle| told_again(chronicle).fresh.len())
}

/// Follows the messages of a call: each of those since the last checkpoint has to come again after a pause or a suspension.
fn told_again(chronicle: &Chronicle) -> Told<'_> {
    let mut told = Told { fresh: Vec::new(), is_plain: true, wrong: None };
    let mut since: Vec<Done<'_>> = Vec::new();
    // What comes next is last. What was interrupted while it was done again is done again itself, and then what was left of it.
    let mut expected: Vec<Next<'_>> = Vec::new();
    let mut numbers_before: std::vec::IntoIter<u64> = Vec::new().into_iter();
    let (mut paused, mut is_again, mut closed, mut split) = (false, false, false, false);
    let mut bundles: Vec<&Value> = Vec::new();
    // Their events are of the engine, and come beside those of any message.
    let mut of_interruptions: Vec<&Text> = Vec::new();
    for happening in chronicle.happenings() {
        match &happening.what {
            Occurrence::State { from: RunEngineState::Pausing, to: RunEngineState::Paused } => paused = true,
            Occurrence::State { from: RunEngineState::Paused, to: RunEngineState::Running } if paused => {
                paused = false;
                told.is_plain &= !closed && !split;
                expected.extend(since.drain(..).rev().map(Next::Again));
            }
            Occurrence::State {
                to: RunEngineState::Aborting | RunEngineState::Stopping | RunEngineState::Halting,
                ..
            } => {
                // The plan is ended, and what was left to be done again is given up.
                expected.clear();
                paused = false;
            }
            // It goes to the plan, and what was left to be done again is given up.
            Occurrence::Failure(error) if is_again && !matches!(error, PlanError::Cancelled) => {
                told.is_plain = false;
                expected.clear();
            }
            Occurrence::Message(msg) if msg.command() == START_SUSPENDER => {
                told.is_plain &= !closed && !split;
                expected.extend(since.drain(..).rev().map(Next::Again));
                expected.extend(OF_SUSPENSION.into_iter().rev().map(Next::Own));
            }
            Occurrence::Message(msg) => {
                numbers_before = Vec::new().into_iter();
                is_again = !expected.is_empty();
                match expected.pop() {
                    None => told.fresh.push(msg),
                    // Nothing is kept for a replay while the plan is suspended.
                    Some(Next::Own(command)) if command == msg.command() => continue,
                    Some(Next::Again(before)) if before.msg.to_recorded() == msg.to_recorded() => {
                        numbers_before = before.numbers.into_iter();
                    }
                    Some(other) => {
                        told.wrong.get_or_insert_with(|| match &other {
                            Next::Own(command) => {
                                Broken::new(format!("expected `{command}` of a suspension, found `{msg}`"))
                            }
                            Next::Again(Done { msg: before, .. }) => {
                                Broken::new(format!("expected `{before}` to be done again, found `{msg}`"))
                            }
                        });
                        if since.last().is_some_and(|last| last.msg.to_recorded() == msg.to_recorded()) {
                            // It was done once too often; what comes next is still to come.
                            expected.push(other);
                        } else {
                            expected.clear();
                            told.fresh.push(msg);
                        }
                    }
                }
                closed |= msg.command() == "close_run";
                match msg.command() {
                    "create" => bundles.push(&msg.run),
                    "save" | "drop" | "close_run" => bundles.retain(|run| **run != msg.run),
                    _ => {}
                }
                if msg.is_cacheable() {
                    since.push(Done { msg, numbers: Vec::new() });
                }
                if empties_the_cache(msg) {
                    since.clear();
                    // To stage something is allowed within a bundle, where a checkpoint is not.
                    (closed, split) = (false, !bundles.is_empty());
                }
            }
            Occurrence::Document(Document::Descriptor(stream)) if stream.name == "interruptions" => {
                of_interruptions.push(&stream.uid);
            }
            Occurrence::Document(Document::Event(event)) if of_interruptions.contains(&&event.descriptor) => {}
            Occurrence::Document(Document::Event(event)) => {
                if let Some(before) = numbers_before.next().filter(|before| *before != event.seq_num) {
                    let why = format!("event {before} was taken again, and is number {}", event.seq_num);
                    told.wrong.get_or_insert_with(|| Broken::new(why));
                }
                if let Some(done) = since.last_mut().filter(|done| done.msg.command() == "save") {
                    done.numbers.push(event.seq_num);
                }
            }
            _ => {}
        }
    }
    told
}

/// Whether nothing that came before the message is executed again.
fn empties_the_cache(msg: &Msg) -> bool {
    match &msg.command {
        Command::Stage { obj, .. } | Command::Unstage { obj, .. } => obj.as_stageable().is_some(),
        _ => matches!(msg.command(), "checkpoint" | "subscribe" | "unsubscribe"),
    }
}
