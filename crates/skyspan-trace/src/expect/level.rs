//! [`Level`]: what siblings must be. [`Children`]: what was said of those of a span.

use super::number_range::NumberRange;
use super::span_expectation::SpanExpectation;

/// What siblings must be: the children of a span, or the roots of a trace.
#[derive(Clone, Debug, Default)]
pub(super) struct Level {
    pub(super) items: Vec<SpanExpectation>,
    /// Whether they come in the order of the items.
    pub(super) in_order: bool,
    /// Whether others may be among them.
    pub(super) or_more: bool,
}

/// What was said of all the children of a span.
#[derive(Clone, Debug)]
pub(super) enum Children {
    /// The expectation says nothing of children.
    Unsaid,
    /// That they may be whatever they are.
    Any,
    /// The children must be those of this level.
    Said(Level),
}

/// No siblings at all.
pub(super) static NOBODY: Level = Level { items: Vec::new(), in_order: false, or_more: false };

impl Level {
    pub(super) fn exactly(items: impl IntoIterator<Item = SpanExpectation>) -> Self {
        Self { items: items.into_iter().collect(), ..Self::default() }
    }

    pub(super) fn at_least(items: impl IntoIterator<Item = SpanExpectation>) -> Self {
        Self { or_more: true, ..Self::exactly(items) }
    }

    /// Whether so many siblings can be what it says, as far as their number goes.
    pub(super) fn may_be(&self, number: usize) -> bool {
        let (mut at_least, mut at_most) = (0_usize, 0_usize);
        for item in &self.items {
            let range = self.range(item);
            at_least = at_least.saturating_add(range.at_least);
            at_most = at_most.saturating_add(range.at_most.unwrap_or(usize::MAX));
        }
        at_least <= number && (self.or_more || number <= at_most)
    }

    /// How many spans an item stands for.
    pub(super) fn range(&self, item: &SpanExpectation) -> NumberRange {
        item.times.unwrap_or(NumberRange { at_least: 1, at_most: (!self.or_more).then_some(1) })
    }

    /// How deep the expectations nest that it holds; 0 if it holds none.
    pub(super) fn depth(&self) -> usize {
        self.items.iter().map(|item| item.depth + 1).max().unwrap_or(0)
    }

    /// How many spans it takes, if nothing more is there than must be.
    pub(super) fn node_count(&self) -> usize {
        let counts = self.items.iter().map(|item| self.range(item).at_least.saturating_mul(item.node_count()));
        counts.fold(0, usize::saturating_add)
    }
}
