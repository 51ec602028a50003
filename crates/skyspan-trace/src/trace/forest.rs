//! [`Forest`]: who is whose child, worked out once for a whole trace.

use std::sync::Arc;

use opentelemetry::trace::{SpanId, TraceId};

use super::Span;
use super::id_index::IdIndex;
use crate::value::Timestamp;

/// No span: the parent of a root.
pub(super) const NONE: u32 = u32::MAX;

/// The spans of a trace as trees, all by their place in the order of arrival.
///
/// Every span is in exactly one tree, whatever its ids say: a span whose parent is missing is a root, and each cycle is
/// cut open before its earliest span. Places take 32 bits: so many spans would need a terabyte.
#[derive(Debug, Default)]
pub(super) struct Forest {
    /// The first span with each id.
    by_id: IdIndex,
    /// The parent of each span, or [`NONE`].
    parents: Vec<u32>,
    /// Where the children of each span begin in `children`; one more at the end.
    children_from: Vec<u32>,
    /// The children of the first span, then those of the second, and so on, each by start, then arrival.
    children: Vec<u32>,
    /// By start, then arrival.
    pub(super) roots: Vec<u32>,
    /// Spans whose parent is not there, and should be.
    pub(super) orphans: Vec<u32>,
    /// Spans whose parent is not there, as it belongs to another process.
    pub(super) remote: Vec<u32>,
    /// Spans with an id that another had before them.
    pub(super) duplicates: Vec<u32>,
    /// Each from its earliest span, parents before children.
    pub(super) cycles: Vec<Vec<u32>>,
}

/// What a span says of its place among the others.
struct Seen {
    parent: Option<SpanId>,
    parent_is_remote: bool,
    start: Timestamp,
    started: u64,
}

impl Forest {
    pub(super) fn of(spans: &[Arc<Span>]) -> Self {
        let mut forest = Self { by_id: IdIndex::with_capacity(spans.len()), ..Self::default() };
        // What is wanted of the spans is read once, and kept close together.
        let mut seen = Vec::with_capacity(spans.len());
        for (at, span) in places(spans) {
            let is_first = forest.by_id.push((span.trace_id(), span.span_id()));
            // The invalid id is none, which two spans may lack.
            if !is_first && span.span_id() != SpanId::INVALID {
                forest.duplicates.push(at);
            }
            seen.push(Seen {
                parent: span.parent_id(),
                parent_is_remote: span.is_remote_child(),
                start: span.start(),
                started: span.started,
            });
        }
        forest.parents.reserve_exact(spans.len());
        for (at, span) in (0..NONE).zip(&seen) {
            let parent = match span.parent {
                None => NONE,
                Some(parent) => forest.likely_first(at, parent).unwrap_or_else(|| {
                    let missing = if span.parent_is_remote { &mut forest.remote } else { &mut forest.orphans };
                    missing.push(at);
                    NONE
                }),
            };
            forest.parents.push(parent);
        }
        forest.cut_cycles(&seen);
        forest.sort_children(&seen);
        forest
    }

    /// The first span with an id.
    pub(super) fn first(&self, trace_id: TraceId, span_id: SpanId) -> Option<u32> {
        self.by_id.first((trace_id, span_id))
    }

    /// The same for the parent of a span, looked for first where it mostly is: right behind, as it ended next, or where the
    /// parent of one of the two spans before is.
    fn likely_first(&self, at: u32, parent: SpanId) -> Option<u32> {
        let id = (self.by_id.trace_id(at), parent);
        let before = |back: usize| (at as usize).checked_sub(back).map_or(NONE, |before| self.parents[before]);
        let likely = [at + 1, before(1), before(2)].into_iter().find(|&place| self.by_id.is_at(place, id));
        // Of several with one id the first is meant.
        likely.filter(|_| self.duplicates.is_empty()).or_else(|| self.by_id.first(id))
    }

    pub(super) fn parent(&self, at: u32) -> Option<u32> {
        self.parents.get(at as usize).copied().filter(|parent| *parent != NONE)
    }

    pub(super) fn children(&self, at: u32) -> &[u32] {
        let at = at as usize;
        &self.children[self.children_from[at] as usize..self.children_from[at + 1] as usize]
    }

    /// Follows parents from each span until a span that was seen before. If that was on the same walk, it is a cycle.
    fn cut_cycles(&mut self, seen: &[Seen]) {
        let mut walk_of = vec![NONE; seen.len()];
        for walk in (0..NONE).take(seen.len()) {
            let mut at = walk;
            while at != NONE && walk_of[at as usize] == NONE {
                walk_of[at as usize] = walk;
                at = self.parents[at as usize];
            }
            if at == NONE || walk_of[at as usize] != walk {
                continue;
            }
            let mut cycle = vec![at];
            let mut next = self.parents[at as usize];
            while next != at {
                cycle.push(next);
                next = self.parents[next as usize];
            }
            // The walk went from child to parent.
            cycle.reverse();
            let earliest = (0..cycle.len()).min_by_key(|&i| key(seen, cycle[i]));
            cycle.rotate_left(earliest.unwrap_or_default());
            self.parents[cycle[0] as usize] = NONE;
            self.cycles.push(cycle);
        }
    }

    /// Hands all spans to their parents, and puts in order what did not come so.
    fn sort_children(&mut self, seen: &[Seen]) {
        self.children_from = vec![0; seen.len() + 1];
        for &parent in self.parents.iter().filter(|parent| **parent != NONE) {
            self.children_from[parent as usize + 1] += 1;
        }
        for at in 0..seen.len() {
            self.children_from[at + 1] += self.children_from[at];
        }
        let mut free = self.children_from.clone();
        self.children = vec![NONE; self.children_from[seen.len()] as usize];
        for at in (0..NONE).take(seen.len()) {
            match self.parents[at as usize] {
                NONE => self.roots.push(at),
                parent => {
                    let place = &mut free[parent as usize];
                    self.children[*place as usize] = at;
                    *place += 1;
                }
            }
        }
        let sort = |siblings: &mut [u32]| {
            if !siblings.is_sorted_by_key(|&at| key(seen, at)) {
                siblings.sort_unstable_by_key(|&at| key(seen, at));
            }
        };
        sort(&mut self.roots);
        for at in 0..seen.len() {
            let siblings = self.children_from[at] as usize..self.children_from[at + 1] as usize;
            if siblings.len() > 1 {
                sort(&mut self.children[siblings]);
            }
        }
    }
}

/// By what spans stand in order: start, then arrival.
fn key(seen: &[Seen], at: u32) -> (Timestamp, u64, u32) {
    (seen[at as usize].start, seen[at as usize].started, at)
}

/// Each span and its place.
pub(super) fn places(spans: &[Arc<Span>]) -> impl Iterator<Item = (u32, &Span)> {
    (0..NONE).zip(spans.iter().map(AsRef::as_ref))
}
