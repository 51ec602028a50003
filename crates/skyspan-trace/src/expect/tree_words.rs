//! What [`SpanExpectation`] says of the shape of a tree: how often a span is there, where it may stand, and which others may
//! be beside it.

use super::level::Level;
use super::number_range::NumberRange;
use super::span_expectation::SpanExpectation;

impl SpanExpectation {
    /// There are so many such spans among the siblings: `3`, `2..=5`, `1..`, `..=4`, `..` for any number. Unless this is said
    /// it is one; among [`children_at_least`](Self::children_at_least) one or more.
    ///
    /// A number that is said holds there, too: a span like one whose number is said is not one of the others. Outside a
    /// level, it is the number of such spans in the trace, or among the relatives that are spoken of.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{forest, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([
    /// #     Span::builder("plan").trace_id(1).span_id(1).build(),
    /// #     Span::builder("set").trace_id(1).span_id(2).parent_id(1).build(),
    /// #     Span::builder("set").trace_id(1).span_id(3).parent_id(1).build(),
    /// #     Span::builder("wait").trace_id(1).span_id(4).parent_id(1).build(),
    /// # ]);
    /// trace.assert(forest([span("plan").children([span("set").times(2), span("wait").times(..)])]));
    /// trace.assert(forest([span("plan").children([span("set").times(1..=5), span("wait").times(..)])]));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{forest, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([
    /// #     Span::builder("plan").trace_id(1).span_id(1).build(),
    /// #     Span::builder("set").trace_id(1).span_id(2).parent_id(1).build(),
    /// #     Span::builder("set").trace_id(1).span_id(3).parent_id(1).build(),
    /// # ]);
    /// trace.assert(forest([span("plan").children([span("set").times(3)])]));
    /// ```
    ///
    /// # Panics
    ///
    /// If no number is in the range: `3..3`.
    #[track_caller]
    pub fn times(self, number: impl Into<NumberRange>) -> Self {
        let range: NumberRange = number.into();
        let is_empty = range.at_most.is_some_and(|at_most| at_most < range.at_least);
        assert!(!is_empty, "no number is {} or more and at most {}", range.at_least, range.at_most.unwrap_or_default());
        Self { times: Some(range), ..self }
    }

    /// It may be there among the siblings, once: `times(..=1)`.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{forest, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("plan").build()]);
    /// trace.assert(forest([span("plan"), span("retry").optional()]));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{forest, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("plan").build(), Span::builder("retry").build(), Span::builder("retry").build()]);
    /// trace.assert(forest([span("plan"), span("retry").optional()]));
    /// ```
    pub fn optional(self) -> Self {
        self.times(..=1)
    }

    /// It is not there among the siblings, whoever else would take it: `times(0)`. With
    /// [`at_any_depth`](Self::at_any_depth), neither below them. What is not said of its children does not matter, in a
    /// [`forest`](super::forest), too.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{any, forest, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("plan").build()]);
    /// trace.assert(forest([span(any()).times(..), span("retry").forbidden()]));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{any, forest, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("plan").build(), Span::builder("retry").build()]);
    /// trace.assert(forest([span(any()).times(..), span("retry").forbidden()]));
    /// ```
    pub fn forbidden(self) -> Self {
        self.times(0)
    }

    /// It may stand among the siblings, or anywhere below them. Where nothing but what is said may be there, this also
    /// allows the spans that lead to it, and no others beside them.
    ///
    /// It takes a span of its own, one that nobody among the siblings or below them takes: those come first. It has no
    /// place in an order.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{forest, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([
    /// #     Span::builder("plan").trace_id(1).span_id(1).build(),
    /// #     Span::builder("set").trace_id(1).span_id(2).parent_id(1).build(),
    /// #     Span::builder("status").trace_id(1).span_id(3).parent_id(2).build(),
    /// # ]);
    /// trace.assert(forest([span("plan").children([span("status").at_any_depth()])]));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{forest, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([
    /// #     Span::builder("plan").trace_id(1).span_id(1).build(),
    /// #     Span::builder("set").trace_id(1).span_id(2).parent_id(1).build(),
    /// #     Span::builder("status").trace_id(1).span_id(3).parent_id(2).build(),
    /// # ]);
    /// trace.assert(forest([span("plan").children([span("set").children([span("status")]), span("status").at_any_depth()])]));
    /// ```
    pub fn at_any_depth(self) -> Self {
        Self { at_any_depth: true, ..self }
    }

    /// It has exactly these children, in this order: by start, and those that start together by arrival.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::span, trace::{Span, Trace}};
    /// # let at = Timestamp::from_unix_ns;
    /// # let child = |name: &str, id: u64| Span::builder(name).trace_id(1).span_id(id).parent_id(1).start(at(id)).build();
    /// # let trace = Trace::from_spans([Span::builder("plan").trace_id(1).span_id(1).build(), child("set", 2), child("wait", 3)]);
    /// trace.assert(span("plan").children_in_order([span("set"), span("wait")]));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::span, trace::{Span, Trace}};
    /// # let at = Timestamp::from_unix_ns;
    /// # let child = |name: &str, id: u64| Span::builder(name).trace_id(1).span_id(id).parent_id(1).start(at(id)).build();
    /// # let trace = Trace::from_spans([Span::builder("plan").trace_id(1).span_id(1).build(), child("set", 2), child("wait", 3)]);
    /// trace.assert(span("plan").children_in_order([span("wait"), span("set")]));
    /// ```
    pub fn children_in_order(self, children: impl IntoIterator<Item = Self>) -> Self {
        self.with_level(Level { in_order: true, ..Level::exactly(children) })
    }

    /// It has these children, in any order, and perhaps others; each expectation takes a span of its own.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let child = |name: &str, id: u64| Span::builder(name).trace_id(1).span_id(id).parent_id(1).build();
    /// # let trace = Trace::from_spans([Span::builder("plan").trace_id(1).span_id(1).build(), child("set", 2), child("wait", 3)]);
    /// trace.assert(span("plan").children_at_least([span("set")]));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let child = |name: &str, id: u64| Span::builder(name).trace_id(1).span_id(id).parent_id(1).build();
    /// # let trace = Trace::from_spans([Span::builder("plan").trace_id(1).span_id(1).build(), child("set", 2), child("wait", 3)]);
    /// trace.assert(span("plan").children_at_least([span("set"), span("set")]));
    /// ```
    pub fn children_at_least(self, children: impl IntoIterator<Item = Self>) -> Self {
        self.with_level(Level::at_least(children))
    }

    /// It has these children, in this order, and perhaps others before, between and after them.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::span, trace::{Span, Trace}};
    /// # let at = Timestamp::from_unix_ns;
    /// # let child = |name: &str, id: u64| Span::builder(name).trace_id(1).span_id(id).parent_id(1).start(at(id)).build();
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).build();
    /// # let trace = Trace::from_spans([plan, child("set", 2), child("wait", 3), child("read", 4)]);
    /// trace.assert(span("plan").children_at_least_in_order([span("set"), span("read")]));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::span, trace::{Span, Trace}};
    /// # let at = Timestamp::from_unix_ns;
    /// # let child = |name: &str, id: u64| Span::builder(name).trace_id(1).span_id(id).parent_id(1).start(at(id)).build();
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).build();
    /// # let trace = Trace::from_spans([plan, child("set", 2), child("wait", 3), child("read", 4)]);
    /// trace.assert(span("plan").children_at_least_in_order([span("read"), span("set")]));
    /// ```
    pub fn children_at_least_in_order(self, children: impl IntoIterator<Item = Self>) -> Self {
        self.with_level(Level { in_order: true, ..Level::at_least(children) })
    }

    /// Whether it may stand further down.
    pub(super) fn is_deep(&self) -> bool {
        self.at_any_depth && !self.is_forbidden()
    }

    /// Whether there must be none.
    pub(super) fn is_forbidden(&self) -> bool {
        self.times.is_some_and(|range| range.at_most == Some(0))
    }
}
