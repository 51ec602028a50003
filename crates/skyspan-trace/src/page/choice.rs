//! [`Choice`]: which spans a page shows, and in which order.

use std::cmp::Reverse;

use super::several::Parts;
use crate::trace::{SpanRef, Trace, failure_of};

/// So many spans a page shows unless it is told otherwise.
pub const SPANS_MAX: usize = 200_000;

/// The spans of a page by start, outer before inner, and what is left out.
pub(super) struct Choice<'t> {
    pub(super) spans: Vec<SpanRef<'t>>,
    /// For each span of the trace its place in `spans`.
    pub(super) place_of: Vec<Option<usize>>,
    pub(super) left_out: Option<LeftOut>,
}

/// The spans for which a page has no room.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Serialize)]
pub(super) struct LeftOut {
    pub(super) count: usize,
    /// How long the longest of them is.
    pub(super) longest_ns: u64,
}

impl<'t> Choice<'t> {
    pub(super) fn of(trace: &'t Trace, spans_max: usize, parts: Option<&Parts>) -> Self {
        let mut spans: Vec<SpanRef<'t>> = trace.spans().collect();
        let mut left_out = None;
        if spans.len() > spans_max {
            let is_kept = most_telling(trace, spans_max);
            let longest_ns = spans.iter().filter(|span| !is_kept[span.index()]).map(|span| length_ns(*span)).max();
            spans.retain(|span| is_kept[span.index()]);
            left_out = Some(LeftOut { count: trace.len() - spans.len(), longest_ns: longest_ns.unwrap_or_default() });
        }
        let depths = depths(trace);
        // What takes no time comes before what begins there, and so finds room on its row.
        let takes_none = |span: &SpanRef<'_>| span.end().is_some_and(|end| end <= span.start());
        spans.sort_by_key(|span| {
            let is_open = span.end().is_none();
            let later_ns = parts.map_or(0, |parts| parts.later_ns(span.index()));
            (
                i128::from(span.start().unix_ns()) - later_ns,
                !takes_none(span),
                Reverse(is_open),
                Reverse(span.end().map(|end| i128::from(end.unix_ns()) - later_ns)),
                depths[span.index()],
            )
        });
        let mut place_of = vec![None; trace.len()];
        spans.iter().enumerate().for_each(|(place, span)| place_of[span.index()] = Some(place));
        Self { spans, place_of, left_out }
    }
}

/// How many ancestors each span has; a step for each span, also in a long chain.
fn depths(trace: &Trace) -> Vec<u32> {
    let mut depths = vec![0; trace.len()];
    for root in trace.roots() {
        for span in root.descendants() {
            let above = span.parent().map_or(0, |parent| depths[parent.index()]);
            depths[span.index()] = above + 1;
        }
    }
    depths
}

/// The faulty spans, then the longest; each with all that it is part of, as far as there is room.
fn most_telling(trace: &Trace, spans_max: usize) -> Vec<bool> {
    let mut by_worth: Vec<SpanRef<'_>> = trace.spans().collect();
    by_worth.sort_by_cached_key(|span| (failure_of(span.span()).is_none(), Reverse(length_ns(*span)), span.index()));
    let mut is_kept = vec![false; trace.len()];
    let mut room = spans_max;
    for span in by_worth {
        let line: Vec<SpanRef<'_>> =
            std::iter::once(span).chain(span.ancestors()).take_while(|span| !is_kept[span.index()]).collect();
        if line.len() <= room {
            room -= line.len();
            line.iter().for_each(|span| is_kept[span.index()] = true);
        }
        if room == 0 {
            break;
        }
    }
    is_kept
}

/// How long a span is; one that never ended counts as the longest.
fn length_ns(span: SpanRef<'_>) -> u64 {
    match (span.end(), span.duration()) {
        (None, _) => u64::MAX,
        (_, Some(duration)) => u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX),
        (Some(_), None) => 0,
    }
}
