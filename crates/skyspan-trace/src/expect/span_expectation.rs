//! [`SpanExpectation`]: what a span must be.

use std::ops::RangeBounds;
use std::sync::Arc;
use std::time::Duration;

use super::clause::{AttributeExpectation, Clause};
use super::difference::Difference;
use super::duration::DurationRange;
use super::expected::Expected;
use super::kin::Kin;
use super::level::{Children, Level, NOBODY};
use super::matcher::{Matcher, World};
use super::number_range::NumberRange;
use super::pattern::{NamePattern, any};
use crate::trace::{SpanKind, SpanRef, Trace};
use crate::value::Text;

/// What a span must be: a value that is made by [`span`], told more, kept, cloned, and given to whatever selects or
/// demands spans. Its `Display` says it in words.
///
/// As an [`Expectation`](super::Expectation) of a trace it means that there is at least one such span.
///
/// What is not said does not matter. Expectations hold others, as of children and of relatives, up to 200 deep; the method that
/// would go deeper panics. Only [`children`](Self::children) and
/// [`children_in_order`](Self::children_in_order) are exact, and so is all that stands in a [`forest`](super::forest).
#[derive(Clone, Debug)]
#[must_use = "an expectation does nothing until a trace is checked against it"]
pub struct SpanExpectation {
    pub(super) name: NamePattern,
    pub(super) clauses: Vec<Clause>,
    pub(super) children: Children,
    /// How often it is there among its siblings, if that was said.
    pub(super) times: Option<NumberRange>,
    /// Whether it may stand further down than its siblings.
    pub(super) at_any_depth: bool,
    /// How deep the expectations nest that it holds; 0 if it holds none.
    pub(super) depth: usize,
}

/// Expectations may hold each other so deep. Beyond it, checking and printing one might end the stack of a thread.
pub(super) const DEPTH_MAX: usize = 200;

/// A span with this name: to the letter, or as a [`glob`](super::glob) says, or [`any`](super::any).
///
/// ```
/// use skyspan_trace::expect::{glob, span};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace = Trace::from_spans([Span::builder("Bluesky RunEngine set").build()]);
/// trace.assert(span("Bluesky RunEngine set"));
/// trace.assert(span(glob("Bluesky *")));
/// assert_eq!(span("wait").attr("group", "a").to_string(), r#"span "wait" with group="a""#);
/// ```
///
/// ```should_panic
/// # use skyspan_trace::expect::span;
/// # use skyspan_trace::trace::{Span, Trace};
/// # let trace = Trace::from_spans([Span::builder("Bluesky RunEngine set").build()]);
/// trace.assert(span("Bluesky *"));
/// ```
pub fn span(name: impl Into<NamePattern>) -> SpanExpectation {
    SpanExpectation {
        name: name.into(),
        clauses: Vec::new(),
        children: Children::Unsaid,
        times: None,
        at_any_depth: false,
        depth: 0,
    }
}

/// A span, whatever its name: [`span`] of [`any`](super::any).
///
/// ```
/// use skyspan_trace::expect::{any_span, every, none};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace = Trace::from_spans([Span::builder("request").build()]);
/// trace.assert(none(any_span().status_error()));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::expect::{any_span, every};
/// # use skyspan_trace::trace::{Span, Trace};
/// # let trace = Trace::from_spans([Span::builder("request").build()]);
/// trace.assert(every(any_span()).ended());
/// ```
pub fn any_span() -> SpanExpectation {
    span(any())
}

impl SpanExpectation {
    /// It has such an attribute. A plain value means equal, of the same type: `5` is neither `"5"` nor `5.0`.
    ///
    /// ```
    /// use skyspan_trace::expect::{glob, span};
    /// use skyspan_trace::trace::{Span, Trace};
    ///
    /// let set = Span::builder("set").attribute("msg.args", [5]).attribute("device", "motor1").build();
    /// Trace::from_spans([set]).assert(span("set").attr("msg.args", [5]).attr("device", glob("motor*")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::expect::span;
    /// # use skyspan_trace::trace::{Span, Trace};
    /// let set = Span::builder("set").attribute("msg.args", [5]).build();
    /// Trace::from_spans([set]).assert(span("set").attr("msg.args", [5.0]));
    /// ```
    pub fn attr(self, key: impl Into<Text>, expected: impl Into<Expected>) -> Self {
        self.with(Clause::Attribute(key.into(), AttributeExpectation::Is(expected.into())))
    }

    /// It has an attribute with this key, whatever its value.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// let set = Span::builder("set").attribute("group", "a").build();
    /// Trace::from_spans([set]).assert(span("set").has_attr("group"));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let set = Span::builder("set").attribute("group", "a").build();
    /// Trace::from_spans([set]).assert(span("set").has_attr("exception"));
    /// ```
    pub fn has_attr(self, key: impl Into<Text>) -> Self {
        self.with(Clause::Attribute(key.into(), AttributeExpectation::Present))
    }

    /// It has no attribute with this key.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// let set = Span::builder("set").attribute("group", "a").build();
    /// Trace::from_spans([set]).assert(span("set").no_attr("exception"));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let set = Span::builder("set").attribute("group", "a").build();
    /// Trace::from_spans([set]).assert(span("set").no_attr("group"));
    /// ```
    pub fn no_attr(self, key: impl Into<Text>) -> Self {
        self.with(Clause::Attribute(key.into(), AttributeExpectation::Absent))
    }

    /// It plays this role in a conversation between processes.
    ///
    /// ```
    /// use skyspan_trace::trace::SpanKind;
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// let request = Span::builder("request").kind(SpanKind::Server).build();
    /// Trace::from_spans([request]).assert(span("request").kind(SpanKind::Server));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, SpanKind, Trace}};
    /// # let request = Span::builder("request").kind(SpanKind::Server).build();
    /// Trace::from_spans([request]).assert(span("request").kind(SpanKind::Client));
    /// ```
    pub fn kind(self, kind: SpanKind) -> Self {
        self.with(Clause::Kind(kind))
    }

    /// It has ended.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::span, trace::{Span, Trace}};
    /// Trace::from_spans([Span::builder("request").end(Timestamp::EPOCH).build()]).assert(span("request").ended());
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// Trace::from_spans([Span::builder("request").build()]).assert(span("request").ended());
    /// ```
    pub fn ended(self) -> Self {
        self.with(Clause::Ended(true))
    }

    /// It has not ended.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// Trace::from_spans([Span::builder("request").build()]).assert(span("request").open());
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::span, trace::{Span, Trace}};
    /// Trace::from_spans([Span::builder("request").end(Timestamp::EPOCH).build()]).assert(span("request").open());
    /// ```
    pub fn open(self) -> Self {
        self.with(Clause::Ended(false))
    }

    /// It lasts so long, to the nanosecond: any range of [`Duration`]s. A span that is open, or ended before it started,
    /// lasts for no time that can be said.
    ///
    /// ```
    /// use skyspan_trace::value::Timestamp;
    /// use skyspan_trace::expect::{ms, secs, span};
    /// use skyspan_trace::trace::{Span, Trace};
    ///
    /// let trace = Trace::from_spans([Span::builder("move").end(Timestamp::from_unix_ns(1_000_000_000)).build()]);
    /// trace.assert(span("move").lasting(..=secs(1.0)));
    /// trace.assert(span("move").lasting(secs(1.0)..=secs(1.0)));
    /// trace.assert(span("move").lasting(ms(999)..));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{secs, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("move").end(Timestamp::from_unix_ns(1_000_000_000)).build()]);
    /// trace.assert(span("move").lasting(..secs(1.0)));
    /// ```
    pub fn lasting(self, range: impl RangeBounds<Duration>) -> Self {
        self.with(Clause::Lasting(DurationRange::new(range)))
    }

    /// Any condition, with words for what it demands: they go on after "that".
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// let trace = Trace::from_spans([Span::builder("set").attribute("target", 5).build()]);
    /// let positive = |target: i64| target > 0;
    /// trace.assert(span("set").that("the target is positive", move |span| {
    ///     span.attr("target").and_then(|target| target.as_i64()).is_some_and(positive)
    /// }));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("set").attribute("target", 5).build()]);
    /// trace.assert(span("set").that("there are events", |span| !span.events().is_empty()));
    /// ```
    pub fn that(
        self,
        description: impl Into<Text>,
        condition: impl Fn(SpanRef<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with(Clause::That(description.into(), Arc::new(condition)))
    }

    /// The same with another name.
    #[cfg(feature = "check")]
    pub(crate) fn renamed(self, name: NamePattern) -> Self {
        Self { name, ..self }
    }

    #[track_caller]
    pub(super) fn with(mut self, clause: Clause) -> Self {
        let depth = match &clause {
            Clause::Child(inner) | Clause::Descendant(inner) | Clause::Parent(inner) => inner.depth + 1,
            Clause::Kin { expected, .. } => expected.depth + 1,
            Clause::Property(property) => property.depth(),
            _ => 0,
        };
        self.clauses.push(clause);
        self.holding(depth)
    }

    /// Holds others that nest so deep.
    #[track_caller]
    fn holding(self, depth: usize) -> Self {
        assert!(
            depth <= DEPTH_MAX,
            "expectations of spans nest {depth} deep here, and may nest {DEPTH_MAX} deep; say what is further down in an \
             expectation of its own"
        );
        Self { depth: self.depth.max(depth), ..self }
    }

    /// The same with these expectations of its children.
    #[track_caller]
    pub(super) fn with_level(self, level: Level) -> Self {
        let depth = level.depth();
        Self { children: Children::Said(level), ..self }.holding(depth)
    }

    /// Whether a span is as this says.
    pub(super) fn matches<'e>(&'e self, span: SpanRef<'_>, world: World, matcher: &Matcher<'e>) -> bool {
        self.name.matches(span.name())
            && self.clauses.iter().all(|clause| clause.holds(span, matcher))
            && self.level(world).is_none_or(|level| match level.items.as_slice() {
                [] => level.or_more || span.children().len() == 0,
                _ => matcher.is_as_said(level, &span.children().collect::<Vec<_>>(), world),
            })
    }

    /// Whether of the relatives of a span as many are as this says as it wants; one, unless a number was said.
    pub(super) fn is_met_by<'e>(&'e self, kin: Kin, span: SpanRef<'_>, matcher: &Matcher<'e>) -> bool {
        match self.times {
            None => matcher.has_some(kin, self, span),
            Some(range) => range.contains(matcher.number(kin, Some(self), span)),
        }
    }

    /// What is different about a span, its exact children aside.
    pub(super) fn own_differences<'e>(&'e self, span: SpanRef<'_>, matcher: &Matcher<'e>) -> Vec<Difference> {
        let name = (!self.name.matches(span.name()))
            .then(|| Difference::Name { expected: self.name.clone(), found: span.name().into() });
        name.into_iter().chain(self.clauses.iter().filter_map(|clause| clause.difference(span, matcher))).collect()
    }

    /// What is different about a span.
    pub(super) fn differences<'e>(&'e self, span: SpanRef<'_>, world: World, matcher: &Matcher<'e>) -> Vec<Difference> {
        let mut all = self.own_differences(span, matcher);
        if let Some(level) = self.level(world) {
            let dealt = matcher.deal(level, &span.children().collect::<Vec<_>>(), world);
            let missing: Vec<Self> = dealt.missing(level, span.trace().len() + 1).cloned().collect();
            let unexpected: Vec<(usize, Text)> =
                dealt.unexpected().map(|span| (span.index(), span.name().into())).collect();
            if !missing.is_empty() || !unexpected.is_empty() {
                all.push(Difference::Children { missing, unexpected });
            }
            if !dealt.out_of_order.is_empty() {
                all.push(Difference::Order { expected: Text::literal("has its children in this order"), found: None });
            }
        }
        all
    }

    /// What its children must be, if all of them matter. In a closed world what was not said is not there.
    pub(super) fn level(&self, world: World) -> Option<&Level> {
        match &self.children {
            Children::Said(level) => Some(level),
            Children::Any => None,
            Children::Unsaid => {
                let closed = world == World::Closed && !self.clauses.iter().any(Clause::is_about_children);
                closed.then_some(&NOBODY)
            }
        }
    }

    /// Whether it says nothing of other spans that would have to be looked for.
    pub(super) fn is_simple(&self) -> bool {
        let no_children = !matches!(&self.children, Children::Said(level) if !level.items.is_empty());
        no_children && !self.clauses.iter().any(Clause::holds_expectation)
    }

    /// Itself and all that must be below it.
    pub(super) fn node_count(&self) -> usize {
        1 + self.level(World::Closed).map_or(0, Level::node_count)
    }

    /// The spans of a trace that are as this says, in order of arrival.
    pub(super) fn select<'e, 't>(&'e self, trace: &'t Trace, matcher: &Matcher<'e>) -> Vec<SpanRef<'t>> {
        let matches = |span: &SpanRef<'t>| self.matches(*span, World::Open, matcher);
        match &self.name {
            NamePattern::Exact(name) => trace.named(name).filter(matches).collect(),
            _ => trace.spans().filter(matches).collect(),
        }
    }
}
