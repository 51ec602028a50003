//! [`BetweenSpans`]: time in which no span says what was done.

use std::time::Duration;

use serde::Serialize;

use super::span_group::share;
use super::{HeldWait, Times, WaitEnd};
use crate::trace::bluesky::{RUN, command_of};
use crate::trace::{SpanRef, Trace};
use crate::value::{Timestamp, nanoseconds};

/// Times of one kind in which no span says what was done.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BetweenSpans {
    /// Between what the time passes.
    pub kind: BetweenKind,
    /// How many there are.
    pub count: u64,
    /// How long they are.
    #[serde(flatten)]
    pub times: Times,
    /// When the longest begins, from the start of the trace.
    #[serde(rename = "longest_at_ns", serialize_with = "nanoseconds")]
    pub longest_at: Duration,
    /// Their total as a part of the time of the whole trace.
    pub share: f64,
}

/// Kinds of time in which no span says what was done.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BetweenKind {
    /// In a run, between the spans of two messages: what the plan, the engine and the messages without a span take. Those are, in
    /// bluesky's own convention, all but `set`, `wait`, `complete` and `collect`: a sleep is in here.
    Messages,
    /// Behind a wait that was interrupted, until the next message: a pause, or a suspension.
    Interruption,
    /// Between two runs, or outside of all runs.
    Runs,
    /// Of a trace that is not of a RunEngine: in no span at all.
    Spans,
}

impl BetweenKind {
    /// For people: `between messages`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Messages => "between messages",
            Self::Interruption => "paused or suspended",
            Self::Runs => "outside of runs",
            Self::Spans => "without a span",
        }
    }
}

impl std::fmt::Display for BetweenKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// Times that do not overlap, in order.
pub(super) struct Covered(Vec<(Timestamp, Timestamp)>);

impl Covered {
    /// The time of spans; open ones last to the end.
    pub(super) fn of<'a>(spans: impl Iterator<Item = SpanRef<'a>>, end: Timestamp) -> Self {
        let mut times: Vec<(Timestamp, Timestamp)> = spans
            .filter(|span| span.start_is_known())
            .map(|span| (span.start(), span.end().unwrap_or(end)))
            .filter(|(start, end)| start <= end)
            .collect();
        times.sort_unstable();
        times.dedup_by(|later, earlier| {
            let joins = later.0 <= earlier.1;
            if joins {
                earlier.1 = earlier.1.max(later.1);
            }
            joins
        });
        Self(times)
    }

    /// The times within some time that are not covered.
    pub(super) fn gaps(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let first = self.0.partition_point(|(_, end)| *end < from);
        let within = self.0[first..].iter().take_while(move |(start, _)| *start <= to);
        let starts = std::iter::once(from).chain(within.clone().map(|(_, end)| *end));
        let ends = within.map(|(start, _)| *start).chain([to]);
        starts.zip(ends).filter(|(start, end)| start < end)
    }

    /// How much of some time is covered.
    pub(super) fn within(&self, from: Timestamp, to: Timestamp) -> Duration {
        let gaps: Duration = self.gaps(from, to).map(|(start, end)| end.since(start)).sum();
        to.since(from).saturating_sub(gaps)
    }
}

/// What there is between the spans of a trace, of its RunEngine's messages if there are any. The tree is that of runs.
pub(super) fn between(tree: &Trace, waits: &[HeldWait], from: Timestamp, to: Timestamp) -> Vec<BetweenSpans> {
    let messages = || tree.spans().filter(|span| command_of(span.span()).is_some());
    let mut kinds: [(BetweenKind, Vec<(Duration, Timestamp)>); 4] =
        [BetweenKind::Messages, BetweenKind::Interruption, BetweenKind::Runs, BetweenKind::Spans]
            .map(|it| (it, Vec::new()));
    let mut note = |kind: usize, (start, end): (Timestamp, Timestamp)| kinds[kind].1.push((end.since(start), start));
    if tree.named(RUN).next().is_some() || messages().next().is_some() {
        let covered = Covered::of(messages(), to);
        let runs = Covered::of(tree.named(RUN), to);
        let interrupted = |wait: &&HeldWait| matches!(wait.end, WaitEnd::Interrupted { .. });
        let mut left: Vec<Timestamp> = waits.iter().filter(interrupted).map(|it| from + it.at + it.duration).collect();
        left.sort_unstable();
        for gap @ (start, end) in covered.gaps(from, to) {
            if left.binary_search(&start).is_ok() {
                note(1, gap);
                continue;
            }
            // A run may begin or end in it.
            let mut inside_from = start;
            for outside in runs.gaps(start, end) {
                if inside_from < outside.0 {
                    note(0, (inside_from, outside.0));
                }
                note(2, outside);
                inside_from = outside.1;
            }
            if inside_from < end {
                note(0, (inside_from, end));
            }
        }
    } else {
        Covered::of(tree.spans(), to).gaps(from, to).for_each(|gap| note(3, gap));
    }
    let whole = to.since(from);
    let summed = kinds.into_iter().filter(|(_, gaps)| !gaps.is_empty()).map(|(kind, gaps)| {
        let longest = gaps.iter().max_by_key(|(time, start)| (*time, std::cmp::Reverse(*start)));
        let longest_at = longest.map_or(Duration::ZERO, |(_, start)| start.since(from));
        let times = Times::of(&mut gaps.iter().map(|(time, _)| *time).collect::<Vec<_>>());
        BetweenSpans { kind, count: gaps.len() as u64, times, longest_at, share: share(times.total, whole) }
    });
    summed.collect()
}
