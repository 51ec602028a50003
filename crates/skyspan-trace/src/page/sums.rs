//! [`Sums`]: the statistics of a trace, as the page takes them.

use std::time::Duration;

use serde::Serialize;

use super::choice::Choice;
use crate::compare::{Holder, Statistics, WaitEnd};
use crate::trace::Trace;

/// Where the time goes, of all spans of the trace. Names are those that [`Statistics`] prints.
#[derive(Serialize)]
pub(super) struct Sums {
    duration_ns: u64,
    held: Vec<Held>,
    between: Vec<Between>,
    groups: Vec<Group>,
    /// The place of the span of each wait, the number of the device that held it, what held it, and whether it was interrupted.
    waits: Vec<(usize, i64, String, bool)>,
}

#[derive(Serialize)]
struct Held {
    name: String,
    device: i64,
    waits: u64,
    time_ns: u64,
    share: f64,
    alone_ns: u64,
    then: Option<String>,
}

#[derive(Serialize)]
struct Between {
    name: &'static str,
    count: u64,
    time_ns: u64,
    share: f64,
    longest_at_ns: u64,
    longest_ns: u64,
}

#[derive(Serialize)]
struct Group {
    name: String,
    device: String,
    count: u64,
    failed: u64,
    total_ns: u64,
    self_ns: u64,
    p50_ns: u64,
    p95_ns: u64,
    max_ns: u64,
    share: f64,
}

fn ns(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl Sums {
    /// The statistics of a trace; `tree` is the same trace with a tree for each run, and `number_of` gives the number of a device.
    pub(super) fn of(
        statistics: &Statistics,
        tree: &Trace,
        choice: &Choice<'_>,
        number_of: impl Fn(&str) -> Option<usize>,
    ) -> Self {
        let number = |by: &Holder| match by {
            Holder::Status { device, .. } => number_of(device).and_then(|at| i64::try_from(at).ok()).unwrap_or(-1),
            _ => -1,
        };
        let held = statistics.held.iter().map(|held| Held {
            name: held.by.to_string(),
            device: number(&held.by),
            waits: held.waits,
            time_ns: ns(held.time),
            share: held.share,
            alone_ns: ns(held.alone),
            then: held.then.as_ref().map(ToString::to_string),
        });
        let between = statistics.between.iter().map(|between| Between {
            name: between.kind.as_str(),
            count: between.count,
            time_ns: ns(between.times.total),
            share: between.share,
            longest_at_ns: ns(between.longest_at),
            longest_ns: ns(between.times.max),
        });
        let groups = statistics.groups.iter().map(|group| Group {
            name: group.name().unwrap_or_default().to_owned(),
            device: group.device().unwrap_or_default().to_owned(),
            count: group.count,
            failed: group.failed,
            total_ns: ns(group.times.total),
            self_ns: ns(group.self_time),
            p50_ns: ns(group.times.p50),
            p95_ns: ns(group.times.p95),
            max_ns: ns(group.times.max),
            share: group.share,
        });
        let waits = statistics.waits.iter().filter_map(|wait| {
            let span = tree.get_in(wait.span.trace_id, wait.span.span_id)?;
            let by = Holder::from(&wait.end);
            let is_interrupted = matches!(wait.end, WaitEnd::Interrupted { .. });
            Some((choice.place_of[span.index()]?, number(&by), by.to_string(), is_interrupted))
        });
        Self {
            duration_ns: ns(statistics.duration),
            held: held.collect(),
            between: between.collect(),
            groups: groups.collect(),
            waits: waits.collect(),
        }
    }
}
