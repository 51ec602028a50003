//! [`ForestExpectation`]: what a whole trace must be, tree by tree.

use std::fmt;

use super::expectation::Expectation;
use super::explain::Explanation;
use super::level::Level;
use super::matcher::{Matcher, World};
use super::mismatch::Mismatch;
use super::span_expectation::SpanExpectation;
use crate::trace::Trace;

/// What a whole trace must be, tree by tree. Made by [`forest`].
#[derive(Clone, Debug)]
#[must_use = "an expectation does nothing until a trace is checked against it"]
pub struct ForestExpectation(pub(super) Level);

/// The trace is exactly these trees: its roots are these spans, in any order, with these children and no others, and so
/// on. Each expectation takes a span of its own, and they are dealt out so that as many as possible fit.
///
/// Nothing else is in the trace: a span of which [`children`](SpanExpectation::children) are not said has none, unless
/// [`any_children`](SpanExpectation::any_children), [`child`](SpanExpectation::child) or
/// [`descendant`](SpanExpectation::descendant) is said of it. (Outside a forest, what is not said does not matter.)
///
/// ```
/// use skyspan_trace::expect::{forest, span};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace = Trace::from_spans([
///     Span::builder("run").trace_id(1).span_id(1).build(),
///     Span::builder("demo plan").trace_id(1).span_id(2).build(),
///     Span::builder("set").trace_id(1).span_id(3).parent_id(2).attribute("msg.args", [5]).build(),
/// ]);
/// trace.assert(forest([
///     span("demo plan").children([span("set").attr("msg.args", [5])]),
///     span("run"),
/// ]));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{expect::{forest, span}, trace::{Span, Trace}};
/// # let trace = Trace::from_spans([
/// #     Span::builder("run").trace_id(1).span_id(1).build(),
/// #     Span::builder("demo plan").trace_id(1).span_id(2).build(),
/// #     Span::builder("set").trace_id(1).span_id(3).parent_id(2).attribute("msg.args", [5]).build(),
/// # ]);
/// trace.assert(forest([span("demo plan"), span("run")]));
/// ```
pub fn forest(trees: impl IntoIterator<Item = SpanExpectation>) -> ForestExpectation {
    ForestExpectation(Level::exactly(trees))
}

impl Expectation for ForestExpectation {
    fn check(&self, trace: &Trace) -> Result<(), Mismatch> {
        let matcher = Matcher::new();
        let mut explanation = Explanation::new(World::Closed, &matcher);
        explanation.level(&self.0, &trace.roots().collect::<Vec<_>>(), None);
        explanation.finish(trace)
    }
}

impl ForestExpectation {
    /// There may be other trees besides.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{forest, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("run").build(), Span::builder("demo plan").build()]);
    /// trace.assert(forest([span("demo plan")]).or_more());
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{forest, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("run").build(), Span::builder("demo plan").build()]);
    /// trace.assert(forest([span("demo plan"), span("retry")]).or_more());
    /// ```
    pub fn or_more(self) -> Self {
        Self(Level { or_more: true, ..self.0 })
    }

    /// The trees come in this order: by start, and those that start together by arrival.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{forest, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("run").build(), Span::builder("demo plan").build()]);
    /// trace.assert(forest([span("run"), span("demo plan")]).in_order());
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{forest, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("run").build(), Span::builder("demo plan").build()]);
    /// trace.assert(forest([span("demo plan"), span("run")]).in_order());
    /// ```
    pub fn in_order(self) -> Self {
        Self(Level { in_order: true, ..self.0 })
    }
}

impl ForestExpectation {
    /// The one tree that it says, if it says one and no more.
    #[cfg(feature = "check")]
    pub(crate) fn into_only_tree(mut self) -> Option<SpanExpectation> {
        let tree = self.0.items.pop()?;
        (self.0.items.is_empty() && !self.0.or_more).then_some(tree)
    }

    /// How deep the expectations nest that it holds.
    #[cfg(feature = "check")]
    pub(crate) fn depth(&self) -> usize {
        self.0.depth()
    }
}

#[cfg(feature = "check")]
impl SpanExpectation {
    /// Its children are what a forest says of roots.
    pub(crate) fn children_as(self, forest: ForestExpectation) -> Self {
        self.with_level(forest.0)
    }
}

/// `exactly these trees: span "run"; span "demo plan" with the children (span "set")`.
impl fmt::Display for ForestExpectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.or_more { "at least these trees" } else { "exactly these trees" })?;
        f.write_str(if self.0.in_order { " in this order: " } else { ": " })?;
        if self.0.items.is_empty() {
            f.write_str("none")?;
        }
        self.0
            .items
            .iter()
            .enumerate()
            .try_for_each(|(at, tree)| write!(f, "{}{tree}", if at == 0 { "" } else { "; " }))
    }
}
