//! [`Property`]: something about a span itself that an expectation can demand.

use std::fmt;

use super::clause::Clause;
use super::difference::Difference;
use super::span_expectation::SpanExpectation;
use crate::trace::SpanRef;

/// Something about a span itself: its events, its links, where it comes from, when it starts.
pub(super) trait Property: fmt::Debug + Send + Sync {
    /// What it is: `self time`.
    fn name(&self) -> String;

    /// What it must be; it goes on after "expected".
    fn expected(&self) -> String;

    /// What it is instead; it goes on after "found". Nothing if it is as expected.
    fn found_instead(&self, span: SpanRef<'_>) -> Option<String>;

    /// The same in an expectation's own words: `with self time at most 5 ms`.
    fn words(&self) -> String {
        format!("with {} {}", self.name(), self.expected())
    }

    /// How deep the expectations nest that it holds; 0 if it holds none.
    fn depth(&self) -> usize {
        0
    }

    /// What is different about a span; nothing if it is as expected.
    fn difference(&self, span: SpanRef<'_>) -> Option<Difference> {
        let found = self.found_instead(span)?;
        Some(Difference::Property { name: self.name().into(), expected: self.expected().into(), found: found.into() })
    }
}

impl SpanExpectation {
    pub(super) fn with_property(self, property: impl Property + 'static) -> Self {
        self.with(Clause::Property(std::sync::Arc::new(property)))
    }
}
