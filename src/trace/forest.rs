//! [`Forest`]: who is whose child, worked out once for a whole trace.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use opentelemetry::trace::{SpanId, TraceId};

use super::Span;

/// No span: the parent of a root.
pub(super) const NONE: u32 = u32::MAX;

/// The spans of a trace as trees, all by their place in the order of arrival.
///
/// Every span is in exactly one tree, whatever its ids say: a span whose parent is missing is a root, and each cycle is
/// cut open before its earliest span. Places take 32 bits: so many spans would need a terabyte.
#[derive(Debug, Default)]
pub(super) struct Forest {
    /// The first span with each id.
    by_id: HashMap<(TraceId, SpanId), u32>,
    /// The parent of each span, or [`NONE`].
    parents: Vec<u32>,
    /// Where the children of each span begin in `children`; one more at the end.
    children_from: Vec<u32>,
    /// The children of the first span, then those of the second, and so on, each by start, then arrival.
    children: Vec<u32>,
    /// By start, then arrival.
    pub(super) roots: Vec<u32>,
    /// Spans whose parent is not there.
    pub(super) orphans: Vec<u32>,
    /// Spans with an id that another had before them.
    pub(super) duplicates: Vec<u32>,
    /// Each from its earliest span, parents before children.
    pub(super) cycles: Vec<Vec<u32>>,
}

impl Forest {
    pub(super) fn of(spans: &[Arc<Span>]) -> Self {
        let mut forest = Self::default();
        forest.by_id.reserve(spans.len());
        for (at, span) in places(spans) {
            match forest.by_id.entry((span.trace_id(), span.span_id())) {
                Entry::Vacant(entry) => _ = entry.insert(at),
                Entry::Occupied(_) => forest.duplicates.push(at),
            }
        }
        forest.parents.reserve_exact(spans.len());
        for (at, span) in places(spans) {
            let parent = match span.parent_id() {
                None => NONE,
                Some(parent) => forest.first(span.trace_id(), parent).unwrap_or_else(|| {
                    forest.orphans.push(at);
                    NONE
                }),
            };
            forest.parents.push(parent);
        }
        forest.cut_cycles(spans);
        forest.sort_children(spans);
        forest
    }

    /// The first span with an id.
    pub(super) fn first(&self, trace_id: TraceId, span_id: SpanId) -> Option<u32> {
        self.by_id.get(&(trace_id, span_id)).copied()
    }

    pub(super) fn parent(&self, at: u32) -> Option<u32> {
        self.parents.get(at as usize).copied().filter(|parent| *parent != NONE)
    }

    pub(super) fn children(&self, at: u32) -> &[u32] {
        let at = at as usize;
        &self.children[self.children_from[at] as usize..self.children_from[at + 1] as usize]
    }

    /// Follows parents from each span until a span that was seen before. If that was on the same walk, it is a cycle.
    fn cut_cycles(&mut self, spans: &[Arc<Span>]) {
        let mut walk_of = vec![NONE; spans.len()];
        for (walk, _) in places(spans) {
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
            let earliest = (0..cycle.len())
                .min_by_key(|&i| (spans[cycle[i] as usize].start(), spans[cycle[i] as usize].started, cycle[i]));
            cycle.rotate_left(earliest.unwrap_or_default());
            self.parents[cycle[0] as usize] = NONE;
            self.cycles.push(cycle);
        }
    }

    /// Puts all spans in order once, and hands them to their parents in it.
    fn sort_children(&mut self, spans: &[Arc<Span>]) {
        let mut order: Vec<u32> = places(spans).map(|(at, _)| at).collect();
        order.sort_by_key(|&at| (spans[at as usize].start(), spans[at as usize].started));

        self.children_from = vec![0; spans.len() + 1];
        for &parent in self.parents.iter().filter(|parent| **parent != NONE) {
            self.children_from[parent as usize + 1] += 1;
        }
        for at in 0..spans.len() {
            self.children_from[at + 1] += self.children_from[at];
        }
        let mut free = self.children_from.clone();
        self.children = vec![NONE; self.children_from[spans.len()] as usize];
        for at in order {
            match self.parents[at as usize] {
                NONE => self.roots.push(at),
                parent => {
                    let place = &mut free[parent as usize];
                    self.children[*place as usize] = at;
                    *place += 1;
                }
            }
        }
    }
}

/// Each span and its place.
pub(super) fn places(spans: &[Arc<Span>]) -> impl Iterator<Item = (u32, &Span)> {
    (0..NONE).zip(spans.iter().map(AsRef::as_ref))
}
