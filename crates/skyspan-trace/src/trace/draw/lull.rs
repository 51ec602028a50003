//! [`Lull`]: a time in which nothing seems to happen.

use crate::trace::bluesky::{PAUSED, RELEASED, RESUMED, SUSPENDED};
use crate::trace::{SpanRef, Trace};
use crate::value::{Text, Timestamp, Value};

/// What the span of a run of bluesky is called: in bluesky's convention nothing is below it, and it says nothing of what goes on.
pub(super) use crate::trace::bluesky::RUN;

/// A time that is always worth a line, where nobody has a span.
const ALWAYS_NS: i128 = 1_000_000_000;
/// A shorter time is none, however short the whole is.
const NEVER_NS: i128 = 1_000_000;

/// A time in which nothing seems to happen, and what it is: a pause, a suspension, a sleep. Drawn as `⋯ 30 s paused`.
///
/// Those of which nobody knows what they are, a [`Drawing`](super::Drawing) finds by itself, and draws as
/// `⋯ 30 s without a span`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Lull {
    /// When the lull begins.
    pub start: Timestamp,
    /// When the lull ends.
    pub end: Timestamp,
    /// What it is, behind its duration: `paused`, `suspended: beam`, `sleep`.
    pub what: Text,
}

impl Lull {
    /// A time and what it is.
    pub fn new(start: Timestamp, end: Timestamp, what: impl Into<Text>) -> Self {
        Self { start, end, what: what.into() }
    }

    pub(super) fn duration_ns(&self) -> i128 {
        self.end.signed_ns_since(self.start)
    }
}

/// The lulls of a trace by start: those that are known and touch a time without a span, and what is left of such times where it
/// is a second, or a tenth of the whole.
pub(super) fn lulls_of(trace: &Trace, known: &[Lull]) -> Vec<Lull> {
    let quiet = quiet_times(trace);
    let Some((first, last)) = trace.extent() else { return known.to_vec() };
    let threshold_ns = (last.signed_ns_since(first) / 10).clamp(NEVER_NS, ALWAYS_NS);
    let told = told_lulls(trace, known);
    let mut known: Vec<&Lull> = known.iter().chain(&told).filter(|lull| lull.start < lull.end).collect();
    known.sort_by_key(|lull| lull.start);
    let mut lulls = Vec::new();
    let mut ahead = known.into_iter().peekable();
    let unexplained = |start: Timestamp, end: Timestamp, lulls: &mut Vec<Lull>| {
        if end.signed_ns_since(start) >= threshold_ns {
            lulls.push(Lull { start, end, what: Text::literal("without a span") });
        }
    };
    let mut explained_to = Timestamp::EPOCH;
    for (start, end) in quiet {
        // What is over before this quiet time lay where something else went on.
        while ahead.next_if(|lull| lull.end <= start).is_some() {}
        let mut from = start.max(explained_to);
        while let Some(lull) = ahead.next_if(|lull| lull.start < end) {
            unexplained(from, lull.start.min(end), &mut lulls);
            from = from.max(lull.end);
            explained_to = from;
            lulls.push(lull.clone());
        }
        unexplained(from, end, &mut lulls);
    }
    // Before the first span and after the last one there is no quiet time between spans.
    lulls.extend(ahead.filter(|lull| lull.start >= last).cloned());
    lulls
}

/// The lulls of which the spans of runs tell by events, but for those that are known besides.
pub(crate) fn told_lulls(trace: &Trace, known: &[Lull]) -> Vec<Lull> {
    let mut told: Vec<Lull> = Vec::new();
    for run in trace.named(RUN) {
        let run = run.span();
        for (begin, over) in [(PAUSED, RESUMED), (SUSPENDED, RELEASED)] {
            let mut begun: Option<(Timestamp, Text)> = None;
            for event in run.events() {
                if &*event.name == begin {
                    let why = event.attributes.get("reason").and_then(Value::as_str);
                    let what = why.map_or_else(|| Text::literal(begin), |why| format!("{begin}: {why}").into());
                    begun.get_or_insert((event.timestamp, what));
                } else if &*event.name == over
                    && let Some((start, what)) = begun.take()
                {
                    told.push(Lull { start, end: event.timestamp, what });
                }
            }
            if let (Some((start, what)), Some(end)) = (begun, run.end()) {
                told.push(Lull { start, end, what });
            }
        }
    }
    // All runs that were open tell of one and the same.
    told.sort_by(|a, b| (a.start, a.end, &*a.what).cmp(&(b.start, b.end, &*b.what)));
    told.dedup();
    let is_known = |lull: &Lull| {
        let word = |text: &str| text.split([' ', ':']).next().map(str::to_owned);
        known
            .iter()
            .any(|other| word(&other.what) == word(&lull.what) && other.start < lull.end && other.end > lull.start)
    };
    told.retain(|lull| !is_known(lull));
    told
}

/// The times between the first start and the last end in which no span is under way that has none below it. One that lasts from within
/// a tree to after its end, or the other way round, is two.
fn quiet_times(trace: &Trace) -> Vec<(Timestamp, Timestamp)> {
    let Some((first, last)) = trace.extent() else { return Vec::new() };
    let says_something = |name: &str| name != RUN;
    let mut busy: Vec<(Timestamp, Timestamp)> = trace
        .spans()
        .filter(|span| span.span().start_is_known() && !has_child_within(*span) && says_something(span.span().name()))
        .map(|span| (span.span().start(), span.span().end().unwrap_or(last)))
        .collect();
    if busy.is_empty() {
        return Vec::new();
    }
    busy.sort_unstable();
    let mut quiet = Vec::new();
    let mut busy_to = first;
    for (start, end) in busy {
        if start > busy_to {
            quiet.push((busy_to, start));
        }
        busy_to = busy_to.max(end);
    }
    if last > busy_to {
        quiet.push((busy_to, last));
    }
    let edges = edges_of_trees(trace, last);
    quiet.into_iter().flat_map(|(start, end)| cut_at(&edges, start, end)).collect()
}

/// Whether a span has a child that starts while it is under way: then its children say what goes on.
fn has_child_within(span: SpanRef<'_>) -> bool {
    let end = span.span().end();
    span.children()
        .next()
        .is_some_and(|child| end.is_none_or(|end| child.span().start() < end || end == span.span().start()))
}

/// When trees begin and end, those that overlap being one.
fn edges_of_trees(trace: &Trace, last: Timestamp) -> Vec<Timestamp> {
    let mut edges: Vec<Timestamp> = Vec::new();
    for root in trace.roots().filter(|root| root.children().len() > 0) {
        let (start, end) = (root.span().start(), root.span().end().unwrap_or(last));
        match edges.last_mut() {
            Some(to) if *to >= start => *to = (*to).max(end),
            _ => edges.extend([start, end]),
        }
    }
    edges
}

/// A time as the parts that lie between edges.
fn cut_at(edges: &[Timestamp], start: Timestamp, end: Timestamp) -> Vec<(Timestamp, Timestamp)> {
    let within = &edges[edges.partition_point(|edge| *edge <= start)..edges.partition_point(|edge| *edge < end)];
    let mut parts = Vec::with_capacity(1 + within.len());
    let mut from = start;
    for edge in within {
        parts.push((from, *edge));
        from = *edge;
    }
    parts.push((from, end));
    parts
}
