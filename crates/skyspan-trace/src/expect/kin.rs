//! What [`SpanExpectation`] says of relatives that are neither parent nor child, and of those that there must not be.

use std::fmt;

use super::clause::Clause;
use super::span_expectation::SpanExpectation;
use crate::trace::SpanRef;

/// How one span is related to another.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Kin {
    /// It is its parent.
    Parent,
    /// It is its parent, or an ancestor of that.
    Ancestor,
    /// It is its child.
    Child,
    /// It is its child, or a descendant of one.
    Descendant,
    /// It has the same parent; of roots, it is another root.
    Sibling,
    /// It is the sibling right before it, by start and then arrival.
    PreviousSibling,
    /// It is the sibling right behind it, by start and then arrival.
    NextSibling,
    /// It is the child in this place, counted from 1, by start and then arrival.
    NthChild(usize),
    /// It is the span itself.
    Itself,
}

impl Kin {
    /// The relatives of a span.
    pub(super) fn of(self, span: SpanRef<'_>) -> Box<dyn Iterator<Item = SpanRef<'_>> + '_> {
        match self {
            Self::Parent => Box::new(span.parent().into_iter()),
            Self::Ancestor => Box::new(span.ancestors()),
            Self::Child => Box::new(span.children()),
            Self::Descendant => Box::new(span.descendants()),
            Self::Sibling => Box::new(span.siblings()),
            Self::PreviousSibling => Box::new(span.previous_sibling().into_iter()),
            Self::NextSibling => Box::new(span.next_sibling().into_iter()),
            Self::NthChild(nth) => Box::new(nth.checked_sub(1).and_then(|at| span.children().nth(at)).into_iter()),
            Self::Itself => Box::new(std::iter::once(span)),
        }
    }
}

/// Prints the word of the report: `child`, `child 2`.
impl fmt::Display for Kin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Parent => "parent",
            Self::Ancestor => "ancestor",
            Self::Child => "child",
            Self::Descendant => "descendant",
            Self::Sibling => "sibling",
            Self::PreviousSibling => "previous sibling",
            Self::NextSibling => "next sibling",
            Self::NthChild(nth) => return write!(f, "child {nth}"),
            Self::Itself => "itself",
        })
    }
}

impl SpanExpectation {
    /// Such a span is above it, at any height.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).build();
    /// # let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).build();
    /// # let status = Span::builder("status").trace_id(1).span_id(3).parent_id(2).build();
    /// # let trace = Trace::from_spans([plan, set, status]);
    /// trace.assert(span("status").ancestor(span("plan")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).build();
    /// # let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).build();
    /// # let trace = Trace::from_spans([plan, set]);
    /// trace.assert(span("plan").ancestor(span("set")));
    /// ```
    pub fn ancestor(self, ancestor: Self) -> Self {
        self.kin(Kin::Ancestor, ancestor, true)
    }

    /// Such a span has the same parent; of a root, such a span is another root.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).build();
    /// # let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).build();
    /// # let wait = Span::builder("wait").trace_id(1).span_id(3).parent_id(1).build();
    /// # let trace = Trace::from_spans([plan, set, wait]);
    /// trace.assert(span("set").sibling(span("wait")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).build();
    /// # let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).build();
    /// # let trace = Trace::from_spans([plan, set]);
    /// trace.assert(span("set").sibling(span("plan")));
    /// ```
    pub fn sibling(self, sibling: Self) -> Self {
        self.kin(Kin::Sibling, sibling, true)
    }

    /// The span right before it, of those with the same parent, is such a span: by start and then arrival. Of a root it is the
    /// root before it.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{every, span}, trace::{Span, Trace}};
    /// # let at = skyspan_trace::value::Timestamp::from_unix_ns;
    /// # let part = |id: u64, name: &'static str| Span::builder(name).trace_id(1).span_id(id).parent_id(9).start(at(id)).build();
    /// # let trace = Trace::from_spans([part(1, "set"), part(2, "wait"), part(3, "set"), part(4, "wait")]);
    /// trace.assert(every(span("wait")).previous_sibling(span("set")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{every, span}, trace::{Span, Trace}};
    /// # let at = skyspan_trace::value::Timestamp::from_unix_ns;
    /// # let part = |id: u64, name: &'static str| Span::builder(name).trace_id(1).span_id(id).parent_id(9).start(at(id)).build();
    /// # let trace = Trace::from_spans([part(1, "set"), part(2, "wait"), part(3, "set"), part(4, "wait")]);
    /// // The first has none.
    /// trace.assert(every(span("set")).previous_sibling(span("wait")));
    /// ```
    pub fn previous_sibling(self, sibling: Self) -> Self {
        self.kin(Kin::PreviousSibling, sibling, true)
    }

    /// The span right behind it, of those with the same parent, is such a span: by start and then arrival.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{every, span}, trace::{Span, Trace}};
    /// # let at = skyspan_trace::value::Timestamp::from_unix_ns;
    /// # let part = |id: u64, name: &'static str| Span::builder(name).trace_id(1).span_id(id).parent_id(9).start(at(id)).build();
    /// # let trace = Trace::from_spans([part(1, "set"), part(2, "wait"), part(3, "set"), part(4, "wait")]);
    /// trace.assert(every(span("set")).next_sibling(span("wait")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{every, span}, trace::{Span, Trace}};
    /// # let at = skyspan_trace::value::Timestamp::from_unix_ns;
    /// # let part = |id: u64, name: &'static str| Span::builder(name).trace_id(1).span_id(id).parent_id(9).start(at(id)).build();
    /// # let trace = Trace::from_spans([part(1, "set"), part(2, "set"), part(3, "wait")]);
    /// trace.assert(every(span("set")).next_sibling(span("wait")));
    /// ```
    pub fn next_sibling(self, sibling: Self) -> Self {
        self.kin(Kin::NextSibling, sibling, true)
    }

    /// Its child in this place is such a span: counted from 1, by start and then arrival.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).build();
    /// # let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).build();
    /// # let wait = Span::builder("wait").trace_id(1).span_id(3).parent_id(1).build();
    /// # let trace = Trace::from_spans([plan, set, wait]);
    /// trace.assert(span("plan").nth_child(2, span("wait")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).build();
    /// # let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).build();
    /// # let wait = Span::builder("wait").trace_id(1).span_id(3).parent_id(1).build();
    /// # let trace = Trace::from_spans([plan, set, wait]);
    /// trace.assert(span("plan").nth_child(1, span("wait")));
    /// ```
    pub fn nth_child(self, nth: usize, child: Self) -> Self {
        self.kin(Kin::NthChild(nth), child, true)
    }

    /// It is not such a span: `span(any()).is_root().but(span("request"))` is any other root.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{any, none, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("request").build()]);
    /// trace.assert(none(span(any()).is_root().but(span("request"))));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{any, none, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("request").build(), Span::builder("retry").build()]);
    /// trace.assert(none(span(any()).is_root().but(span("request"))));
    /// ```
    pub fn but(self, other: Self) -> Self {
        self.kin(Kin::Itself, other, false)
    }

    /// It has no such child.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).build();
    /// # let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).build();
    /// # let trace = Trace::from_spans([plan, set]);
    /// trace.assert(span("plan").no_child(span("wait")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).build();
    /// # let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).build();
    /// # let trace = Trace::from_spans([plan, set]);
    /// trace.assert(span("plan").no_child(span("set")));
    /// ```
    pub fn no_child(self, child: Self) -> Self {
        self.kin(Kin::Child, child, false)
    }

    /// No such span is below it, at any depth.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).build();
    /// # let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).build();
    /// # let trace = Trace::from_spans([plan, set]);
    /// trace.assert(span("plan").no_descendant(span("wait")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).build();
    /// # let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).build();
    /// # let trace = Trace::from_spans([plan, set]);
    /// trace.assert(span("plan").no_descendant(span("set")));
    /// ```
    pub fn no_descendant(self, descendant: Self) -> Self {
        self.kin(Kin::Descendant, descendant, false)
    }

    /// Its parent, if it has one, is no such span.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).build();
    /// # let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).build();
    /// # let trace = Trace::from_spans([plan, set]);
    /// trace.assert(span("set").no_parent(span("wait")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).build();
    /// # let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).build();
    /// # let trace = Trace::from_spans([plan, set]);
    /// trace.assert(span("set").no_parent(span("plan")));
    /// ```
    pub fn no_parent(self, parent: Self) -> Self {
        self.kin(Kin::Parent, parent, false)
    }

    /// No such span is above it, at any height.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).build();
    /// # let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).build();
    /// # let trace = Trace::from_spans([plan, set]);
    /// trace.assert(span("plan").no_ancestor(span("set")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).build();
    /// # let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).build();
    /// # let trace = Trace::from_spans([plan, set]);
    /// trace.assert(span("set").no_ancestor(span("plan")));
    /// ```
    pub fn no_ancestor(self, ancestor: Self) -> Self {
        self.kin(Kin::Ancestor, ancestor, false)
    }

    /// No such span has the same parent.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).build();
    /// # let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).build();
    /// # let trace = Trace::from_spans([plan, set]);
    /// trace.assert(span("set").no_sibling(span("set")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{any, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("run").build(), Span::builder("plan").build()]);
    /// trace.assert(span("run").no_sibling(span(any())));
    /// ```
    pub fn no_sibling(self, sibling: Self) -> Self {
        self.kin(Kin::Sibling, sibling, false)
    }

    /// The span right before it, of those with the same parent, is no such span; or there is none before it.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{every, span}, trace::{Span, Trace}};
    /// # let at = skyspan_trace::value::Timestamp::from_unix_ns;
    /// # let part = |id: u64, name: &'static str| Span::builder(name).trace_id(1).span_id(id).parent_id(9).start(at(id)).build();
    /// # let trace = Trace::from_spans([part(1, "set"), part(2, "wait"), part(3, "set"), part(4, "wait")]);
    /// trace.assert(every(span("set")).no_previous_sibling(span("set")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{every, span}, trace::{Span, Trace}};
    /// # let at = skyspan_trace::value::Timestamp::from_unix_ns;
    /// # let part = |id: u64, name: &'static str| Span::builder(name).trace_id(1).span_id(id).parent_id(9).start(at(id)).build();
    /// # let trace = Trace::from_spans([part(1, "set"), part(2, "set"), part(3, "wait")]);
    /// trace.assert(every(span("set")).no_previous_sibling(span("set")));
    /// ```
    pub fn no_previous_sibling(self, sibling: Self) -> Self {
        self.kin(Kin::PreviousSibling, sibling, false)
    }

    /// The span right behind it, of those with the same parent, is no such span; or there is none behind it.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{every, span}, trace::{Span, Trace}};
    /// # let at = skyspan_trace::value::Timestamp::from_unix_ns;
    /// # let part = |id: u64, name: &'static str| Span::builder(name).trace_id(1).span_id(id).parent_id(9).start(at(id)).build();
    /// # let trace = Trace::from_spans([part(1, "set"), part(2, "wait")]);
    /// trace.assert(every(span("wait")).no_next_sibling(span("set")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{every, span}, trace::{Span, Trace}};
    /// # let at = skyspan_trace::value::Timestamp::from_unix_ns;
    /// # let part = |id: u64, name: &'static str| Span::builder(name).trace_id(1).span_id(id).parent_id(9).start(at(id)).build();
    /// # let trace = Trace::from_spans([part(1, "set"), part(2, "wait")]);
    /// trace.assert(every(span("set")).no_next_sibling(span("wait")));
    /// ```
    pub fn no_next_sibling(self, sibling: Self) -> Self {
        self.kin(Kin::NextSibling, sibling, false)
    }

    /// Its child in this place, counted from 1 by start and then arrival, is no such span; or it has fewer children.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{any, span}, trace::{Span, Trace}};
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).build();
    /// # let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).build();
    /// # let trace = Trace::from_spans([plan, set]);
    /// trace.assert(span("plan").no_nth_child(1, span("wait")).no_nth_child(2, span(any())));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let plan = Span::builder("plan").trace_id(1).span_id(1).build();
    /// # let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).build();
    /// # let trace = Trace::from_spans([plan, set]);
    /// trace.assert(span("plan").no_nth_child(1, span("set")));
    /// ```
    pub fn no_nth_child(self, nth: usize, child: Self) -> Self {
        self.kin(Kin::NthChild(nth), child, false)
    }

    fn kin(self, kin: Kin, expected: Self, is_there: bool) -> Self {
        self.with(Clause::Kin { kin, expected: Box::new(expected), is_there })
    }
}
