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
    /// Nothing.
    Unsaid,
    /// That they may be whatever they are.
    Any,
    /// This.
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

    /// Whether each item stands for one span right here, in whatever order, and there are no others.
    pub(super) fn is_plain(&self) -> bool {
        let is_plain = |item: &SpanExpectation| item.times.is_none() && !item.at_any_depth;
        !self.in_order && !self.or_more && self.items.iter().all(is_plain)
    }

    /// How many spans an item stands for.
    pub(super) fn range(&self, item: &SpanExpectation) -> NumberRange {
        item.times.unwrap_or(NumberRange { at_least: 1, at_most: (!self.or_more).then_some(1) })
    }

    /// How many spans it takes, if nothing more is there than must be.
    pub(super) fn node_count(&self) -> usize {
        let counts = self.items.iter().map(|item| self.range(item).at_least.saturating_mul(item.node_count()));
        counts.fold(0, usize::saturating_add)
    }
}
