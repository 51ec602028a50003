//! [`Nesting`]: who is below whom, as numbers of nested sets.

use super::groups::Groups;
use crate::trace::{SpanRef, Trace};

/// Each span's place among those of its trace id, as nested sets have it: a span's numbers lie between those of its parent.
///
/// Spans whose parents do not lead to a span without one (orphans, cycles and all below them) have no numbers, as in Tempo,
/// and stand in no relation.
#[derive(Debug)]
pub(in crate::query) struct Nesting {
    left: Vec<u32>,
    right: Vec<u32>,
    children: Vec<u32>,
    /// The spans that have numbers, by group, parents before their children.
    order: Vec<u32>,
    from: Vec<u32>,
}

impl Nesting {
    pub(in crate::query) fn of(trace: &Trace, groups: &Groups) -> Self {
        let len = trace.len();
        let mut nesting = Self {
            left: vec![0; len],
            right: vec![0; len],
            children: vec![0; len],
            order: Vec::with_capacity(len),
            from: vec![0],
        };
        for span in trace.spans() {
            let parent_id = span.parent_id();
            // A cycle is cut in the tree; its spans have one another for children all the same.
            let parent = span.parent().or_else(|| trace.get_in(span.trace_id(), parent_id?));
            if let Some(parent) = parent {
                nesting.children[parent.index()] += 1;
            }
        }
        for group in 0..groups.len() {
            nesting.number(trace, groups.members(group));
        }
        nesting
    }

    fn number(&mut self, trace: &Trace, members: &[u32]) {
        let mut next = 1;
        // What is to be entered, and, after all that is below it, left.
        let mut ahead: Vec<(u32, bool)> = Vec::new();
        for &root in members {
            if span(trace, root).is_none_or(|span| span.parent_id().is_some()) {
                continue;
            }
            ahead.push((root, false));
            while let Some((place, is_left)) = ahead.pop() {
                if is_left {
                    self.right[place as usize] = next;
                } else {
                    self.left[place as usize] = next;
                    self.order.push(place);
                    ahead.push((place, true));
                    let first = ahead.len();
                    let children = span(trace, place).into_iter().flat_map(SpanRef::children);
                    ahead.extend(children.map(|child| (child.index() as u32, false)));
                    // Tempo numbers by arrival, and the tree stands by start; what comes first is popped last.
                    let children = &mut ahead[first..];
                    if !children.is_sorted_by(|one, other| one.0 >= other.0) {
                        children.sort_unstable_by_key(|child| std::cmp::Reverse(child.0));
                    }
                }
                next += 1;
            }
        }
        self.from.push(self.order.len() as u32);
    }

    /// The numbers of a span; 0 for one that has none.
    pub(super) fn left(&self, place: u32) -> u32 {
        self.left[place as usize]
    }

    pub(super) fn right(&self, place: u32) -> u32 {
        self.right[place as usize]
    }

    pub(super) fn is_connected(&self, place: u32) -> bool {
        self.left[place as usize] > 0
    }

    /// How many spans name it as their parent.
    pub(super) fn child_count(&self, place: u32) -> u32 {
        self.children[place as usize]
    }

    /// The left number of its parent; -1 for a root, 0 for a span that has no numbers.
    pub(super) fn parent_left(&self, trace: &Trace, place: u32) -> i64 {
        if !self.is_connected(place) {
            return 0;
        }
        parent(trace, place).map_or(-1, |parent| i64::from(self.left(parent)))
    }

    /// The spans of a group that have numbers, parents before their children.
    pub(super) fn order(&self, group: usize) -> &[u32] {
        &self.order[self.from[group] as usize..self.from[group + 1] as usize]
    }
}

fn span(trace: &Trace, place: u32) -> Option<SpanRef<'_>> {
    trace.span_ref(place as usize)
}

pub(super) fn parent(trace: &Trace, place: u32) -> Option<u32> {
    Some(span(trace, place)?.parent()?.index() as u32)
}
