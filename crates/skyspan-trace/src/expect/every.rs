//! [`Every`]: what every span of a kind must be.

use std::fmt;
use std::ops::RangeBounds;
use std::time::Duration;

use super::events::EventExpectation;
use super::expectation::{Expectation, nothing};
use super::expected::Expected;
use super::explain::Explanation;
use super::level::Children;
use super::links::LinkExpectation;
use super::matcher::{Matcher, World};
use super::mismatch::Mismatch;
use super::number_range::NumberRange;
use super::pattern::{NamePattern, any};
use super::span_expectation::{SpanExpectation, span};
use super::words::Conditions;
use crate::trace::{SpanRef, Trace};
use crate::value::Text;

/// What every span of a kind must be. Made by [`every`].
#[derive(Clone, Debug)]
#[must_use = "an expectation does nothing until a trace is checked against it"]
pub struct Every {
    pub(super) of: SpanExpectation,
    must: SpanExpectation,
    pub(super) or_none: bool,
}

/// Every span of this kind is as is said after it; and there is at least one, unless [`or_none`](Every::or_none) is said.
///
/// ```
/// use skyspan_trace::value::Timestamp;
/// use skyspan_trace::expect::{every, secs, span};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace = Trace::from_spans([Span::builder("move").end(Timestamp::from_unix_ns(1_000_000_000)).build()]);
/// trace.assert(every(span("move")).lasting(..=secs(1.0)));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{expect::{every, secs, span}, trace::{Span, Trace}};
/// # let trace = Trace::from_spans([Span::builder("move").build()]);
/// trace.assert(every(span("wait")).lasting(..=secs(1.0)));
/// ```
pub fn every(of: SpanExpectation) -> Every {
    Every { of, must: span(any()), or_none: false }
}

/// A condition of [`SpanExpectation`], said of every span.
macro_rules! conditions {
    ($($name:ident($($argument:ident: $kind:ty),*);)*) => {$(
        #[doc = concat!("[`", stringify!($name), "`](SpanExpectation::", stringify!($name), ") holds for each of them.")]
        pub fn $name(self, $($argument: $kind),*) -> Self {
            Self { must: self.must.$name($($argument),*), ..self }
        }
    )*};
}

impl Every {
    /// Each of them is as this says, its name included, in place of what was said before.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{every, glob, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("set").attribute("group", "set-1").build()]);
    /// trace.assert(every(span("set")).must(span(glob("s*")).attr("group", glob("set-*"))));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{every, glob, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("set").attribute("group", "set-1").build()]);
    /// trace.assert(every(span(glob("s*"))).must(span("stage")));
    /// ```
    pub fn must(self, be: SpanExpectation) -> Self {
        Self { must: be, ..self }
    }

    /// It is all right if there is none of them.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{every, span}, trace::Trace};
    /// Trace::default().assert(every(span("set")).ended().or_none());
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{every, span}, trace::Trace};
    /// Trace::default().assert(every(span("set")).ended());
    /// ```
    pub fn or_none(self) -> Self {
        Self { or_none: true, ..self }
    }

    /// Whether anything was said of each of them.
    pub(super) fn says_more(&self) -> bool {
        let nothing = matches!(self.must, SpanExpectation { name: NamePattern::Any, children: Children::Unsaid, .. });
        !(nothing && self.must.clauses.is_empty())
    }

    conditions! {
        attr(key: impl Into<Text>, expected: impl Into<Expected>);
        has_attr(key: impl Into<Text>);
        no_attr(key: impl Into<Text>);
        attr_if_any(key: impl Into<Text>, expected: impl Into<Expected>);
        attrs_exactly(attributes: impl IntoIterator<Item = (impl Into<Text>, impl Into<Expected>)>);
        only_attrs(keys: impl IntoIterator<Item = impl Into<Text>>);
        exit_status(expected: impl Into<Expected>);
        reason(expected: impl Into<Expected>);
        bluesky_exit_status(expected: impl Into<Expected>);
        bluesky_reason(expected: impl Into<Expected>);
        kind(kind: crate::trace::SpanKind);
        status(expected: impl Into<super::StatusExpectation>);
        status_error();
        status_description(expected: impl Into<Expected>);
        ended();
        open();
        lasting(range: impl RangeBounds<Duration>);
        child(child: SpanExpectation);
        children(children: impl IntoIterator<Item = SpanExpectation>);
        children_in_order(children: impl IntoIterator<Item = SpanExpectation>);
        children_at_least(children: impl IntoIterator<Item = SpanExpectation>);
        children_at_least_in_order(children: impl IntoIterator<Item = SpanExpectation>);
        parent(parent: SpanExpectation);
        is_root();
        has_parent();
        descendant(descendant: SpanExpectation);
        ancestor(ancestor: SpanExpectation);
        sibling(sibling: SpanExpectation);
        previous_sibling(sibling: SpanExpectation);
        next_sibling(sibling: SpanExpectation);
        nth_child(nth: usize, child: SpanExpectation);
        but(other: SpanExpectation);
        no_child(child: SpanExpectation);
        no_descendant(descendant: SpanExpectation);
        no_parent(parent: SpanExpectation);
        no_ancestor(ancestor: SpanExpectation);
        no_sibling(sibling: SpanExpectation);
        no_previous_sibling(sibling: SpanExpectation);
        no_next_sibling(sibling: SpanExpectation);
        no_nth_child(nth: usize, child: SpanExpectation);
        starting(after: impl RangeBounds<Duration>);
        ending(after: impl RangeBounds<Duration>);
        starting_at(at: crate::value::Timestamp);
        ending_at(at: crate::value::Timestamp);
        self_time(range: impl RangeBounds<Duration>);
        on_critical_path();
        event(event: EventExpectation);
        no_event(event: EventExpectation);
        events(events: impl IntoIterator<Item = EventExpectation>);
        events_in_any_order(events: impl IntoIterator<Item = EventExpectation>);
        events_at_least(events: impl IntoIterator<Item = EventExpectation>);
        events_at_least_in_order(events: impl IntoIterator<Item = EventExpectation>);
        event_count(number: impl Into<NumberRange>, of: EventExpectation);
        exception(of_type: impl Into<Expected>, message: impl Into<Expected>);
        link(link: LinkExpectation);
        no_link(link: LinkExpectation);
        links(links: impl IntoIterator<Item = LinkExpectation>);
        links_in_any_order(links: impl IntoIterator<Item = LinkExpectation>);
        links_at_least(links: impl IntoIterator<Item = LinkExpectation>);
        links_at_least_in_order(links: impl IntoIterator<Item = LinkExpectation>);
        link_count(number: impl Into<NumberRange>, of: LinkExpectation);
        resource(key: impl Into<Text>, expected: impl Into<Expected>);
        scope(name: impl Into<NamePattern>);
        scope_version(expected: impl Into<Expected>);
        trace_state(expected: impl Into<Expected>);
        nothing_dropped();
        that(description: impl Into<Text>, condition: impl Fn(SpanRef<'_>) -> bool + Send + Sync + 'static);
    }
}

impl Expectation for Every {
    fn check(&self, trace: &Trace) -> Result<(), Mismatch> {
        let matcher = Matcher::new();
        let spans = self.of.select(trace, &matcher);
        if spans.is_empty() {
            return if self.or_none { Ok(()) } else { Err(nothing(&self.of, trace, &matcher)) };
        }
        let wrong = spans.iter().any(|span| !self.must.matches(*span, World::Open, &matcher));
        if !wrong {
            return Ok(());
        }
        let mut explanation = Explanation::new(World::Open, &matcher);
        spans.into_iter().for_each(|span| explanation.span(&self.must, span));
        explanation.finish(trace)
    }
}

/// `every span "move" is one lasting at most 1 s`.
impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.must.name {
            NamePattern::Any => write!(f, "every {} is one{}", self.of, Conditions(&self.must)),
            _ => write!(f, "every {} is a {}", self.of, self.must),
        }
    }
}
