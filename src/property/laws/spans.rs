//! What the spans of a run are, whatever the plan.

use crate::clock::Timestamp;
use crate::device::Status;
use crate::harness::{Chronicle, Executed, Occurrence, Outcome};
use crate::property::{Broken, Law, OrFail as _};
use crate::trace::{Defect, SpanRef};

const RUN: &str = "Bluesky RunEngine run";
const STATUS: &str = "Ophyd Status";

/// The commands that leave a span in any convention.
const SPANNED: [&str; 4] = ["set", "wait", "complete", "collect"];

/// The name of a span, and when it began.
fn named(span: SpanRef<'_>) -> String {
    format!("`{}` of {}", span.name(), span.start())
}

/// Every span that is started is ended, but for that of a status that nobody has ended.
#[must_use]
pub fn spans_end() -> Law {
    Law::of_run("every span ends", |run| {
        let Some(chronicle) = run.chronicle() else { return Ok(()) };
        let pending = |done: bool| {
            let of = chronicle.happenings().iter().filter_map(move |happening| match &happening.what {
                Occurrence::Status(status) if status.is_done() == done => Some(happening.time),
                _ => None,
            });
            of.collect::<Vec<Timestamp>>()
        };
        let mut unfinished = pending(false);
        let mut given_to_nobody = statuses_given_to_nobody(chronicle);
        for span in run.trace().unended() {
            let known = [&mut unfinished, &mut given_to_nobody].into_iter().find_map(|starts| {
                let at = starts.iter().position(|start| span.name() == STATUS && *start == span.start())?;
                Some(starts.swap_remove(at))
            });
            if known.is_none() {
                return Err(Broken::new(format!("{} never ended", named(span))));
            }
        }
        match unfinished.first() {
            None => Ok(()),
            Some(start) => Err(Broken::new(format!("the span of the status of {start} ended, which has not finished"))),
        }
    })
    .says("Every span that is started is ended; only that of a status that nobody has ended is open, and of each such status.")
    .source("bluesky's page on tracing; ophyd 1.11.2, ophyd.status.StatusBase; here every run span ends, however the run ends")
}

/// The messages that begin something, each of which gives a status unless the device raises.
const BEGINNING: [&str; 5] = ["set", "trigger", "prepare", "kickoff", "complete"];

/// When a device may have begun something whose status nobody got: it raised before it could give it. Only a message that should
/// have given one counts, or a span that is left open would be excused by whatever else happens at the same time.
fn statuses_given_to_nobody(chronicle: &Chronicle) -> Vec<Timestamp> {
    let raised = |done: &Executed<'_>| done.failure.is_some() && BEGINNING.contains(&done.msg.command());
    chronicle.executed().filter(raised).map(|done| done.began).collect()
}

/// Parents exist, no span is its own ancestor, ids are not used twice, and no span ends before it begins.
#[must_use]
pub fn trace_is_sound() -> Law {
    Law::of_run("the trace is sound", |run| {
        let defects = run.trace().defects();
        let wrong = defects.iter().find(|defect| !matches!(defect, Defect::Unended { .. }));
        wrong.map_or(Ok(()), |defect| Err(Broken::new(defect.to_string())))
    })
    .says("Parents exist, there is no cycle, each id is used once, and no span ends before it begins.")
    .source("OpenTelemetry specification 1.49, Trace API")
}

/// A child begins while its parent is under way, and ends with it; only a status and a run may go on.
#[must_use]
pub fn children_within_parents() -> Law {
    Law::of_run("children lie within their parents", |run| {
        for span in run.trace().spans() {
            let Some(parent) = span.parent() else { continue };
            let parent_end = parent.end().unwrap_or(Timestamp::MAX);
            if span.start() < parent.start() || span.start() > parent_end {
                let why = format!("{} began outside of its parent, {}", named(span), named(parent));
                return Err(Broken::new(why));
            }
            let outlives = span.end().is_none_or(|end| end > parent_end);
            if outlives && ![STATUS, RUN].contains(&span.name()) && parent.name() != RUN {
                return Err(Broken::new(format!("{} went on after its parent, {}", named(span), named(parent))));
            }
        }
        Ok(())
    })
    .says("A child begins within its parent, and ends within it unless it is a status or a run, which may outlast what began it.")
    .source("bluesky 1.15.1, bluesky.tracing.trace_plan and RunEngine; ophyd 1.11.2, StatusBase")
}

/// One run span for each run, from its start document to its stop document, with the exit status and the reason of that.
#[must_use]
pub fn run_spans_are_those_of_runs() -> Law {
    Law::of_run("each run has one span, with what its stop document says", |run| {
        let Some(chronicle) = run.chronicle() else { return Ok(()) };
        let mut runs = runs_of(chronicle);
        for span in run.trace().named(RUN) {
            let attr = |key: &str| span.attr(key).and_then(crate::value::Value::as_str).unwrap_or_default().to_owned();
            let ending = Ending { end: span.end(), exit_status: attr("exit_status"), reason: attr("reason") };
            let seen = Run { start: span.start(), kwargs: attr("msg.kwargs"), ending: Some(ending) };
            match runs.iter().position(|run| *run == seen) {
                Some(at) => drop(runs.swap_remove(at)),
                None => {
                    let runs: Vec<String> = runs.iter().map(ToString::to_string).collect();
                    let runs = runs.join("; ");
                    return Err(Broken::new(format!("there is a span of {seen}; there was no such run, but {runs}")));
                }
            }
        }
        runs.first().map_or(Ok(()), |run| Err(Broken::new(format!("no span for {run}"))))
    })
    .says("There is one run span for each run; it begins and ends with the documents, and has their exit_status and reason.")
    .source("bluesky's page on tracing: the attributes of `Bluesky RunEngine run`")
}

/// A run, by its documents or by its span. Runs of the same time are told apart by what their messages say.
#[derive(PartialEq)]
struct Run {
    start: Timestamp,
    /// The arguments of its `open_run`.
    kwargs: String,
    ending: Option<Ending>,
}

#[derive(PartialEq)]
struct Ending {
    end: Option<Timestamp>,
    exit_status: String,
    reason: String,
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a run {} from {}", self.kwargs, self.start)?;
        match &self.ending {
            Some(Ending { end: Some(end), exit_status, reason }) => {
                write!(f, " to {end} with exit_status {exit_status:?} and reason {reason:?}")
            }
            _ => write!(f, " that never ended"),
        }
    }
}

fn runs_of(chronicle: &Chronicle) -> Vec<Run> {
    let mut runs: Vec<(crate::value::Text, Run)> = Vec::new();
    let mut kwargs = String::new();
    for happening in chronicle.happenings() {
        match &happening.what {
            Occurrence::Message(msg) if msg.command() == "open_run" => kwargs = msg.kwargs_json(),
            Occurrence::Document(crate::document::Document::Start(start)) => {
                let run = Run { start: happening.time, kwargs: std::mem::take(&mut kwargs), ending: None };
                runs.push((start.uid.clone(), run));
            }
            Occurrence::Document(crate::document::Document::Stop(stop)) => {
                if let Some((_, run)) = runs.iter_mut().find(|(uid, _)| *uid == stop.run_start) {
                    let (exit_status, reason) = (stop.exit_status.to_string(), stop.reason.to_string());
                    run.ending = Some(Ending { end: Some(happening.time), exit_status, reason });
                }
            }
            _ => {}
        }
    }
    runs.into_iter().map(|(_, run)| run).collect()
}

/// A span for each message that leaves one, and a status span for each status that a message gave.
#[must_use]
pub fn spans_agree_with_messages() -> Law {
    Law::of_run("spans agree with messages", |run| {
        for command in SPANNED {
            let name = format!("Bluesky RunEngine {command}");
            let (spans, messages) =
                (run.trace().named(&name).count(), run.messages().iter().filter(|msg| msg.command() == command).count());
            if spans != messages {
                return Err(Broken::new(format!("{messages} `{command}` messages, but {spans} spans {name:?}")));
            }
        }
        let Some(chronicle) = run.chronicle() else { return Ok(()) };
        // Of those that have not ended another law tells.
        let leaves_span = |status: &&Status| status.is_done() && status.kind().leaves_spans();
        let statuses = chronicle.statuses().filter(leaves_span).count();
        let spans = run.trace().named(STATUS).filter(|span| span.end().is_some()).count();
        (statuses == spans).or_fail(format!("{statuses} statuses of messages have ended, but {spans} status spans"))
    })
    .says("There is one span for each set, wait, complete and collect message that was executed, and one for each status that has ended.")
    .source("bluesky 1.15.1, RunEngine._set, _wait, _complete, _collect; ophyd 1.11.2, StatusBase")
}

/// The status of a message is under the span of that message, where it has one; the span of a message is under that of the plan.
#[must_use]
pub fn parents_are_right() -> Law {
    Law::of_run("spans have the right parents", |run| {
        let Some(chronicle) = run.chronicle() else { return Ok(()) };
        for command in ["set", "complete", "trigger", "kickoff"] {
            let name = format!("Bluesky RunEngine {command}");
            let executed = chronicle.executed().filter(|done| done.msg.command() == command);
            for (done, span) in executed.zip(run.trace().named(&name)) {
                let children = span.children().filter(|child| child.name() == STATUS).count();
                let statuses = done.statuses.iter().filter(|status| status.kind().leaves_spans()).count();
                if children != statuses && statuses > 0 {
                    return Err(Broken::new(format!(
                        "message {}, `{}`, gave {statuses} statuses, but its span has {children} of them as children",
                        done.number, done.msg,
                    )));
                }
            }
        }
        let of_engine = |span: SpanRef<'_>| span.name().starts_with("Bluesky RunEngine ");
        for span in run.trace().spans().filter(|span| span.name() == STATUS || of_engine(*span)) {
            let Some(parent) = span.parent() else { continue };
            // In the nested convention, all spans of a run are under its span.
            let is_allowed = match parent.name() {
                RUN => parent.attr("run.uid").is_some(),
                STATUS | "Bluesky RunEngine wait" => false,
                _ => span.name() == STATUS || !of_engine(parent),
            };
            if !is_allowed {
                return Err(Broken::new(format!("{} is under {}", named(span), named(parent))));
            }
        }
        messages_are_under_plans(run)
    })
    .says("A status is under the span of its message, where that has one, and the spans of messages are under those of the plan.")
    .source("bluesky 1.15.1, bluesky.tracing; bluesky's page on tracing, the example's tree")
}

/// What a plan does within its span is under it. Where the engine does something of its own in between, that need not be.
fn messages_are_under_plans(run: &Outcome) -> Result<(), Broken> {
    let own = ["Bluesky RunEngine ", STATUS];
    let plans: Vec<SpanRef<'_>> =
        run.trace().spans().filter(|span| !own.iter().any(|prefix| span.name().starts_with(prefix))).collect();
    if plans.is_empty() || run.interrupted() || run.messages().iter().any(|msg| msg.command() == "_start_suspender") {
        return Ok(());
    }
    for span in run.trace().spans().filter(|span| span.parent().is_none() && span.name() != RUN) {
        let around = plans.iter().find(|plan| {
            plan.start() < span.start() && plan.end().is_some_and(|end| span.end().is_some_and(|own| own < end))
        });
        if let Some(plan) = around {
            return Err(Broken::new(format!("{} has no parent, though it is within {}", named(span), named(*plan))));
        }
    }
    Ok(())
}

/// What the clock says grows with what happens.
#[must_use]
pub fn clock_never_runs_back() -> Law {
    Law::of_run("the clock never runs back", |run| {
        let ends: Vec<SpanRef<'_>> = run.trace().spans().filter(|span| span.end().is_some()).collect();
        for pair in ends.windows(2) {
            if pair[1].end() < pair[0].end() {
                return Err(Broken::new(format!(
                    "{} ended before {}, and came after it",
                    named(pair[1]),
                    named(pair[0])
                )));
            }
        }
        let Some(chronicle) = run.chronicle() else { return Ok(()) };
        for pair in chronicle.happenings().windows(2) {
            if pair[1].time < pair[0].time {
                return Err(Broken::new(format!("after {} it was {}", pair[0].time, pair[1].time)));
            }
        }
        Ok(())
    })
    .says("Messages, documents and the ends of spans come in the order of their times.")
    .source("skyspan: one clock for all that waits or stamps")
}
