//! What [`SpanExpectation`] says of a span's relatives.

use super::clause::Clause;
use super::level::{Children, Level};
use super::pattern::any;
use super::span_expectation::{SpanExpectation, span};

impl SpanExpectation {
    /// It has at least this child. Said twice, one span may be both.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// let trace = Trace::from_spans([
    ///     Span::builder("set").trace_id(1).span_id(1).build(),
    ///     Span::builder("status").trace_id(1).span_id(2).parent_id(1).build(),
    /// ]);
    /// trace.assert(span("set").child(span("status")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("set").build()]);
    /// trace.assert(span("set").child(span("status")));
    /// ```
    pub fn child(self, child: Self) -> Self {
        self.with(Clause::Child(child))
    }

    /// It has exactly these children, in any order; each expectation takes a span of its own.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let status = |id: u64, device: &str| {
    /// #     Span::builder("status").trace_id(1).span_id(id).parent_id(1).attribute("device", device).build()
    /// # };
    /// let set = Span::builder("set").trace_id(1).span_id(1).build();
    /// let trace = Trace::from_spans([set, status(2, "x"), status(3, "y")]);
    /// trace.assert(span("set").children([span("status").attr("device", "y"), span("status")]));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let status = |id: u64, device: &str| {
    /// #     Span::builder("status").trace_id(1).span_id(id).parent_id(1).attribute("device", device).build()
    /// # };
    /// # let set = Span::builder("set").trace_id(1).span_id(1).build();
    /// # let trace = Trace::from_spans([set, status(2, "x"), status(3, "y")]);
    /// trace.assert(span("set").children([span("status")]));
    /// ```
    pub fn children(self, children: impl IntoIterator<Item = Self>) -> Self {
        self.with_level(Level::exactly(children))
    }

    /// Its children may be whatever they are. That goes without saying, except in a [`forest`](super::forest).
    ///
    /// ```
    /// # use skyspan_trace::{expect::{forest, span}, trace::{Span, Trace}};
    /// # let set = Span::builder("set").trace_id(1).span_id(1).build();
    /// # let status = Span::builder("status").trace_id(1).span_id(2).parent_id(1).build();
    /// # let trace = Trace::from_spans([set, status]);
    /// trace.assert(forest([span("set").any_children()]));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{forest, span}, trace::{Span, Trace}};
    /// # let set = Span::builder("set").trace_id(1).span_id(1).build();
    /// # let status = Span::builder("status").trace_id(1).span_id(2).parent_id(1).build();
    /// # let trace = Trace::from_spans([set, status]);
    /// trace.assert(forest([span("set")]));
    /// ```
    pub fn any_children(self) -> Self {
        Self { children: Children::Any, ..self }
    }

    /// It is a child of such a span.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let set = Span::builder("set").trace_id(1).span_id(1).build();
    /// # let status = Span::builder("status").trace_id(1).span_id(2).parent_id(1).build();
    /// # let trace = Trace::from_spans([set, status]);
    /// trace.assert(span("status").parent(span("set")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let set = Span::builder("set").trace_id(1).span_id(1).build();
    /// # let status = Span::builder("status").trace_id(1).span_id(2).parent_id(1).build();
    /// # let trace = Trace::from_spans([set, status]);
    /// trace.assert(span("status").parent(span("trigger")));
    /// ```
    pub fn parent(self, parent: Self) -> Self {
        self.with(Clause::Parent(parent))
    }

    /// It has no parent in the trace ([`Trace::roots`](crate::trace::Trace::roots)): it names none, or one that is not there,
    /// because it [belongs to another process](Self::is_remote_child), or is missing
    /// ([`Trace::orphans`](crate::trace::Trace::orphans)).
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let set = Span::builder("set").trace_id(1).span_id(1).build();
    /// # let status = Span::builder("status").trace_id(1).span_id(2).parent_id(1).build();
    /// # let trace = Trace::from_spans([set, status]);
    /// trace.assert(span("set").is_root());
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let set = Span::builder("set").trace_id(1).span_id(1).build();
    /// # let status = Span::builder("status").trace_id(1).span_id(2).parent_id(1).build();
    /// # let trace = Trace::from_spans([set, status]);
    /// trace.assert(span("status").is_root());
    /// ```
    pub fn is_root(self) -> Self {
        self.with(Clause::Root)
    }

    /// It has a parent in the trace, whichever: it [is no root](Self::is_root).
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let set = Span::builder("set").trace_id(1).span_id(1).build();
    /// # let status = Span::builder("status").trace_id(1).span_id(2).parent_id(1).build();
    /// # let trace = Trace::from_spans([set, status]);
    /// trace.assert(span("status").has_parent());
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let set = Span::builder("set").trace_id(1).span_id(1).build();
    /// # let status = Span::builder("status").trace_id(1).span_id(2).parent_id(1).build();
    /// # let trace = Trace::from_spans([set, status]);
    /// trace.assert(span("set").has_parent());
    /// ```
    pub fn has_parent(self) -> Self {
        self.parent(span(any()))
    }

    /// Such a span is below it, at any depth.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).build();
    /// # let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).build();
    /// # let status = Span::builder("status").trace_id(1).span_id(3).parent_id(2).build();
    /// # let trace = Trace::from_spans([plan, set, status]);
    /// trace.assert(span("plan").descendant(span("status")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).build();
    /// # let trace = Trace::from_spans([plan]);
    /// trace.assert(span("plan").descendant(span("status")));
    /// ```
    pub fn descendant(self, descendant: Self) -> Self {
        self.with(Clause::Descendant(descendant))
    }
}
