//! [`RunSeen`]: the runs of a night, with their documents.

use std::collections::HashMap;
use std::time::Duration;

use super::night::Night;
use crate::document::{Document, ExitStatus, RunStart, RunStop};
use crate::trace::SpanRef;
use crate::value::{Map, Value};
use skyspan_trace::internal::{RUN, kwargs_of};

/// A run and its start document are made at once, as far as a busy machine knows.
const RUN_TOGETHER: Duration = Duration::from_secs(1);

/// A run.
#[derive(Debug)]
pub(super) struct RunSeen<'n> {
    pub(super) span: SpanRef<'n>,
    pub(super) start: Option<&'n RunStart>,
    pub(super) exit_status: ExitStatus,
    pub(super) reason: String,
    /// Whether another run was open meanwhile.
    pub(super) overlaps: bool,
}

/// The runs of the trace, with their documents.
pub(super) fn runs<'n>(night: &'n Night, untold: &mut Vec<String>) -> Vec<RunSeen<'n>> {
    let mut spans: Vec<SpanRef<'n>> = night.trace.named(RUN).collect();
    spans.sort_by_key(|span| (span.start(), span.index()));
    let mut starts: Vec<&'n RunStart> = night
        .documents
        .iter()
        .filter_map(|document| match document {
            Document::Start(start) => Some(&**start),
            _ => None,
        })
        .collect();
    starts.sort_by_key(|start| start.time);
    let stops: HashMap<&str, &'n RunStop> = night
        .documents
        .iter()
        .filter_map(|document| match document {
            Document::Stop(stop) => Some((stop.run_start.as_str(), &**stop)),
            _ => None,
        })
        .collect();
    let mut without = 0_usize;
    let mut runs: Vec<RunSeen<'n>> = Vec::new();
    for span in spans {
        let away = |start: &RunStart| start.time.signed_ns_since(span.start()).unsigned_abs();
        let behind = starts.partition_point(|start| start.time < span.start());
        let around = behind.saturating_sub(1)..starts.len().min(behind + 1);
        let closest = around.min_by_key(|at| away(starts[*at]));
        let closest = closest.filter(|at| away(starts[*at]) < RUN_TOGETHER.as_nanos());
        let start = closest.map(|at| starts.remove(at));
        let stop = start.and_then(|start| stops.get(start.uid.as_str()));
        without += usize::from(start.is_none());
        let attr = |key: &str| span.span().attr(key).and_then(Value::as_str);
        // bluesky 1.15.1 has "None" for success.
        let of_span = attr("exit_status").and_then(ExitStatus::of_name);
        let exit_status = stop.map(|stop| stop.exit_status).or(of_span).unwrap_or(ExitStatus::Success);
        let reason = stop.map_or_else(|| attr("reason").unwrap_or_default().to_owned(), |stop| stop.reason.to_string());
        runs.push(RunSeen { span, start, exit_status, reason, overlaps: false });
    }
    if without > 0 && !night.documents.is_empty() {
        untold.push(format!("{without} of {} runs have no documents in what is there", runs.len()));
    }
    if !starts.is_empty() {
        untold.push(format!("the documents of {} runs are of none in the trace, and are left out", starts.len()));
    }
    let mut open: Vec<usize> = Vec::new();
    for at in 0..runs.len() {
        let begins = runs[at].span.start();
        open.retain(|run| runs[*run].span.end().is_none_or(|end| begins < end));
        open.iter().for_each(|run| runs[*run].overlaps = true);
        runs[at].overlaps |= !open.is_empty();
        open.push(at);
    }
    runs
}

/// The metadata that a run was opened with.
pub(super) fn metadata_of(run: &RunSeen<'_>) -> Map {
    kwargs_of(run.span.span()).unwrap_or_default()
}
