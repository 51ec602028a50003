//! Rules of the spans of bluesky.

use super::report::Found;
use crate::trace::{SpanRef, Status, Trace, exact_duration, shown};
use crate::value::Value;

const RUN: &str = "Bluesky RunEngine run";
const SET: &str = "Bluesky RunEngine set";
const STATUS: &str = "Ophyd Status";

pub(super) fn run_without_exit_status(trace: &Trace) -> Vec<Found> {
    let ended = trace.named(RUN).filter(|run| run.end().is_some());
    let wrong = ended.filter_map(|run| match run.attr("exit_status") {
        Some(Value::Str(word)) if matches!(word.as_str(), "success" | "abort" | "aborted" | "fail") => None,
        Some(other) => Some(Found::at(run, shown(other, 40))),
        None => Some(Found::at(run, "none")),
    });
    wrong.collect()
}

/// A `set` that failed at once has begun nothing.
pub(super) fn set_without_status(trace: &Trace) -> Vec<Found> {
    let begun = trace.named(SET).filter(|set| set.end().is_some() && !matches!(set.status(), Status::Error { .. }));
    let alone = begun.filter(|set| !set.children().any(|child| child.name() == STATUS));
    alone.map(|set| Found::at(set, "none")).collect()
}

/// In bluesky's own convention nothing says of which run a status is; where its run is above it, that one is.
pub(super) fn status_outlives_run(trace: &Trace) -> Vec<Found> {
    let run_of = |status: SpanRef<'_>| status.ancestors().find(|span| span.name() == RUN).and_then(|run| run.end());
    let outliving = trace.named(STATUS).filter_map(|status| {
        let ns = status.end()?.signed_ns_since(run_of(status)?);
        (ns > 0).then(|| Found::at(status, format!("it ends {} after it", exact_duration(ns))))
    });
    outliving.collect()
}
