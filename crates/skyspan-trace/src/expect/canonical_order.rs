//! [`Order`]: spans in an order that does not depend on their arrival.

use std::cmp::Ordering;

use super::volatile_classes::{Seen, classes};
use crate::trace::{SpanRef, Trace};

/// By what siblings stand in order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Siblings {
    /// By start, and at one instant as they started: the trace knows.
    AsStarted,
    /// By start, and at one instant by looks.
    ByStart,
    /// By looks.
    ByLook,
}

/// The spans in an order that does not depend on their arrival.
pub(super) struct Order<'t> {
    siblings: Siblings,
    pub(super) spans: Vec<SpanRef<'t>>,
    pub(super) roots: Vec<usize>,
    pub(super) children: Vec<Vec<usize>>,
    /// What each looks like if all uids look alike; by where else its uids stand; and as it is.
    looks: Vec<Looks>,
}

type Looks = (String, Vec<usize>, String);

/// What a span looks like by itself.
pub(super) struct Look {
    /// With all uids alike.
    pub(super) text: String,
    /// The uids, as they come.
    pub(super) volatile: Vec<String>,
}

impl<'t> Order<'t> {
    pub(super) fn of(trace: &'t Trace, siblings: Siblings, look: impl FnMut(SpanRef<'t>) -> Look) -> Self {
        let spans: Vec<SpanRef<'t>> = trace.spans().collect();
        let children = spans.iter().map(|span| span.children().map(SpanRef::index).collect()).collect();
        let roots = trace.roots().map(SpanRef::index).collect();
        if siblings == Siblings::AsStarted {
            return Self { siblings, spans, roots, children, looks: Vec::new() };
        }
        let alike: Vec<Look> = spans.iter().copied().map(look).collect();
        let seen: Vec<Seen<'_>> = spans
            .iter()
            .zip(&alike)
            .map(|(span, look)| Seen {
                start_ns: (siblings == Siblings::ByStart).then(|| span.start().unix_ns()),
                look: &look.text,
                parent: span.parent().map(SpanRef::index),
                volatile: &look.volatile,
            })
            .collect();
        let classes = classes(&seen);
        let as_it_is = spans.iter().map(|span| format!("{:?}", span.span().attributes()));
        let looks = alike.into_iter().map(|look| look.text).zip(classes).zip(as_it_is);
        let looks = looks.map(|((text, classes), as_it_is)| (text, classes, as_it_is)).collect();
        let mut order = Self { siblings, spans, roots, children, looks };
        // Children before parents, as what is below a span tells it from others.
        let mut parents_first = Vec::with_capacity(order.spans.len());
        order.preorder(&order.roots, |span, _, _| {
            parents_first.push(span);
            None
        });
        for span in parents_first.into_iter().rev() {
            let mut siblings = std::mem::take(&mut order.children[span]);
            siblings.sort_by(|a, b| order.compare(*a, *b));
            order.children[span] = siblings;
        }
        let mut roots = std::mem::take(&mut order.roots);
        roots.sort_by(|a, b| order.compare(*a, *b));
        order.roots = roots;
        order
    }

    /// Visits spans and their descendants, parents first, until there is an answer: each with its depth, and whether a
    /// sibling follows.
    pub(super) fn preorder(
        &self,
        from: &[usize],
        mut visit: impl FnMut(usize, usize, bool) -> Option<Ordering>,
    ) -> Option<Ordering> {
        let mut ahead: Vec<(usize, usize, bool)> = from.iter().rev().map(|span| (*span, 0, false)).collect();
        while let Some((span, depth, more_follow)) = ahead.pop() {
            let answer = visit(span, depth, more_follow);
            if answer.is_some() {
                return answer;
            }
            let children = &self.children[span];
            let last = children.len().saturating_sub(1);
            ahead.extend(children.iter().enumerate().rev().map(|(at, child)| (*child, depth + 1, at < last)));
        }
        None
    }

    /// By start; then by looks, from the span itself downwards; uids count only where all else is equal, and first by where
    /// else they stand.
    fn compare(&self, left: usize, right: usize) -> Ordering {
        let by = |look: fn(&Looks, &Looks) -> Ordering| {
            let mut others = Vec::new();
            self.preorder(&[right], |span, depth, _| {
                others.push((span, depth));
                None
            });
            let mut others = others.into_iter();
            let first = self.preorder(&[left], |span, depth, _| {
                let Some((other, other_depth)) = others.next() else { return Some(Ordering::Greater) };
                // A span that goes deeper stands before one that goes on beside it.
                let order = self
                    .by_start(span, other)
                    .then_with(|| other_depth.cmp(&depth))
                    .then_with(|| look(&self.looks[span], &self.looks[other]));
                (order != Ordering::Equal).then_some(order)
            });
            first.unwrap_or(if others.next().is_some() { Ordering::Less } else { Ordering::Equal })
        };
        let ids = |span: usize| (self.spans[span].trace_id().to_bytes(), self.spans[span].span_id().to_bytes());
        self.by_start(left, right)
            .then_with(|| self.looks[left].0.cmp(&self.looks[right].0))
            .then_with(|| by(|one, other| one.0.cmp(&other.0)))
            .then_with(|| by(|one, other| one.1.cmp(&other.1)))
            .then_with(|| by(|one, other| one.2.cmp(&other.2)))
            // Only a link could tell which of the two it points to.
            .then_with(|| ids(left).cmp(&ids(right)))
    }

    fn by_start(&self, left: usize, right: usize) -> Ordering {
        match self.siblings {
            Siblings::ByLook => Ordering::Equal,
            Siblings::ByStart | Siblings::AsStarted => self.spans[left].start().cmp(&self.spans[right].start()),
        }
    }
}
