//! [`Order`]: how spans of one kind lie to spans of another in time.

use std::fmt;
use std::ops::RangeBounds;
use std::time::Duration;

use super::difference::Difference;
use super::duration::DurationRange;
use super::every::Every;
use super::expectation::{Expectation, nothing};
use super::matcher::Matcher;
use super::mismatch::{Failure, Mismatch};
use super::relation::{Edge, Interval, Relation, RelationTo};
use super::span_expectation::SpanExpectation;
use crate::trace::{SpanRef, Trace};

/// So many spans that are out of order are told against which one.
const TOLD_MAX: usize = 40;

/// At least one of the spans of this kind, where an [`Order`] speaks of them.
///
/// ```
/// use skyspan_trace::value::Timestamp;
/// use skyspan_trace::expect::{every, some, span};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let at = Timestamp::from_unix_ns;
/// let trace = Trace::from_spans([
///     Span::builder("open shutter").start(at(0)).end(at(10)).build(),
///     Span::builder("expose").start(at(5)).end(at(20)).build(),
///     Span::builder("open shutter").start(at(30)).end(at(40)).build(),
/// ]);
/// trace.assert(some(span("open shutter")).starts_before(every(span("expose"))));
/// trace.assert(every(span("expose")).before(some(span("open shutter"))));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::value::Timestamp;
/// # use skyspan_trace::expect::{every, some, span};
/// # use skyspan_trace::trace::{Span, Trace};
/// # let at = Timestamp::from_unix_ns;
/// # let trace = Trace::from_spans([
/// #     Span::builder("open shutter").start(at(0)).end(at(10)).build(),
/// #     Span::builder("expose").start(at(5)).end(at(20)).build(),
/// # ]);
/// trace.assert(some(span("open shutter")).before(some(span("expose"))));
/// ```
pub const fn some(of: SpanExpectation) -> SomeOf {
    SomeOf(of)
}

/// At least one of the spans of a kind. Made by [`some`].
#[derive(Clone, Debug)]
#[must_use = "some spans alone expect nothing: say how they lie to others"]
pub struct SomeOf(SpanExpectation);

/// Every span of a kind, or at least one: made of [`every`](super::every) and [`some`].
#[derive(Clone, Debug)]
pub struct Quantified {
    of: SpanExpectation,
    is_every: bool,
    or_none: bool,
    /// What was said of every one of them besides.
    besides: Option<Every>,
}

impl From<Every> for Quantified {
    fn from(every: Every) -> Self {
        let (of, or_none) = (every.of.clone(), every.or_none);
        Self { of, or_none, is_every: true, besides: every.says_more().then_some(every) }
    }
}

impl From<SomeOf> for Quantified {
    fn from(some: SomeOf) -> Self {
        Self { of: some.0, is_every: false, or_none: false, besides: None }
    }
}

/// `every span "set"`, `some span "set"`.
impl fmt::Display for Quantified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", if self.is_every { "every" } else { "some" }, self.of)
    }
}

/// How spans of one kind lie to spans of another in time. Made by [`every`](super::every) and [`some`], with a word such as
/// [`before`](Every::before) between the two.
///
/// Times are compared to the nanosecond. Of an end and a start at the same time, the end is first if its span came first; spans
/// come in the order in which they end. So of two spans that take no time and stand at the same instant, as on the simulated
/// clock, it is known which was before the other. A span is never held against itself.
///
/// There must be spans of both kinds: an order of nothing is an error, unless [`or_none`](Order::or_none) is said.
#[derive(Clone, Debug)]
#[must_use = "an expectation does nothing until a trace is checked against it"]
pub struct Order {
    one: Quantified,
    relation: Relation,
    other: Quantified,
}

const fn edges(of_one: Edge, of_other: Edge) -> Relation {
    Relation::Edges { of_one, of_other, by: None }
}

/// The words between the two kinds, for each of the quantifiers.
macro_rules! relations {
    ($kind:ident) => {
        impl $kind {
            /// It ends before the other starts.
            ///
            /// ```
            /// # use skyspan_trace::{value::Timestamp, expect::{every, ms, span}, trace::{Span, Trace}};
            /// # let at = Timestamp::from_unix_ns;
            /// # let set = Span::builder("set").start(at(0)).end(at(5_000_000)).build();
            /// # let wait = Span::builder("wait").start(at(5_000_000)).end(at(9_000_000)).build();
            /// # let trace = Trace::from_spans([set, wait]);
            /// trace.assert(every(span("set")).before(every(span("wait"))));
            /// trace.assert(every(span("set")).before(every(span("wait"))).by(..=ms(1)));
            /// ```
            ///
            /// ```should_panic
            /// # use skyspan_trace::{value::Timestamp, expect::{every, span}, trace::{Span, Trace}};
            /// # let at = Timestamp::from_unix_ns;
            /// # let set = Span::builder("set").start(at(0)).end(at(5_000_000)).build();
            /// # let wait = Span::builder("wait").start(at(4_000_000)).end(at(9_000_000)).build();
            /// # let trace = Trace::from_spans([set, wait]);
            /// trace.assert(every(span("set")).before(every(span("wait"))));
            /// ```
            pub fn before(self, other: impl Into<Quantified>) -> Order {
                self.related(edges(Edge::End, Edge::Start), other)
            }

            /// It starts before the other, or together with it.
            ///
            /// ```
            /// # use skyspan_trace::{value::Timestamp, expect::{every, span}, trace::{Span, Trace}};
            /// # let at = Timestamp::from_unix_ns;
            /// # let set = Span::builder("set").start(at(0)).end(at(5)).build();
            /// # let wait = Span::builder("wait").start(at(4)).end(at(9)).build();
            /// # let trace = Trace::from_spans([set, wait]);
            /// trace.assert(every(span("set")).starts_before(every(span("wait"))));
            /// ```
            ///
            /// ```should_panic
            /// # use skyspan_trace::{value::Timestamp, expect::{every, span}, trace::{Span, Trace}};
            /// # let at = Timestamp::from_unix_ns;
            /// # let set = Span::builder("set").start(at(0)).end(at(5)).build();
            /// # let wait = Span::builder("wait").start(at(4)).end(at(9)).build();
            /// # let trace = Trace::from_spans([set, wait]);
            /// trace.assert(every(span("wait")).starts_before(every(span("set"))));
            /// ```
            pub fn starts_before(self, other: impl Into<Quantified>) -> Order {
                self.related(edges(Edge::Start, Edge::Start), other)
            }

            /// It ends before the other ends.
            ///
            /// ```
            /// # use skyspan_trace::{value::Timestamp, expect::{every, span}, trace::{Span, Trace}};
            /// # let at = Timestamp::from_unix_ns;
            /// # let set = Span::builder("set").start(at(0)).end(at(5)).build();
            /// # let wait = Span::builder("wait").start(at(0)).end(at(9)).build();
            /// # let trace = Trace::from_spans([set, wait]);
            /// trace.assert(every(span("set")).ends_before(every(span("wait"))));
            /// ```
            ///
            /// ```should_panic
            /// # use skyspan_trace::{value::Timestamp, expect::{every, span}, trace::{Span, Trace}};
            /// # let at = Timestamp::from_unix_ns;
            /// # let set = Span::builder("set").start(at(0)).end(at(5)).build();
            /// # let wait = Span::builder("wait").start(at(0)).end(at(9)).build();
            /// # let trace = Trace::from_spans([set, wait]);
            /// trace.assert(every(span("wait")).ends_before(every(span("set"))));
            /// ```
            pub fn ends_before(self, other: impl Into<Quantified>) -> Order {
                self.related(edges(Edge::End, Edge::End), other)
            }

            /// It starts no earlier than the other and ends no later: the other is under way all the time.
            ///
            /// ```
            /// # use skyspan_trace::{value::Timestamp, expect::{every, some, span}, trace::{Span, Trace}};
            /// # let at = Timestamp::from_unix_ns;
            /// # let exposure = Span::builder("exposure").start(at(2)).end(at(5)).build();
            /// # let beam = Span::builder("beam").start(at(0)).end(at(9)).build();
            /// # let trace = Trace::from_spans([exposure, beam]);
            /// trace.assert(every(span("exposure")).within(some(span("beam"))));
            /// ```
            ///
            /// ```should_panic
            /// # use skyspan_trace::{value::Timestamp, expect::{every, some, span}, trace::{Span, Trace}};
            /// # let at = Timestamp::from_unix_ns;
            /// # let exposure = Span::builder("exposure").start(at(2)).end(at(5)).build();
            /// # let beam = Span::builder("beam").start(at(3)).end(at(9)).build();
            /// # let trace = Trace::from_spans([exposure, beam]);
            /// trace.assert(every(span("exposure")).within(some(span("beam"))));
            /// ```
            pub fn within(self, other: impl Into<Quantified>) -> Order {
                self.related(Relation::Within, other)
            }

            /// Both are under way together for some time. What takes no time overlaps nothing.
            ///
            /// ```
            /// # use skyspan_trace::{value::Timestamp, expect::{every, some, span}, trace::{Span, Trace}};
            /// # let at = Timestamp::from_unix_ns;
            /// # let exposure = Span::builder("exposure").start(at(2)).end(at(5)).build();
            /// # let beam = Span::builder("beam").start(at(4)).end(at(9)).build();
            /// # let trace = Trace::from_spans([exposure, beam]);
            /// trace.assert(every(span("exposure")).overlaps(some(span("beam"))));
            /// ```
            ///
            /// ```should_panic
            /// # use skyspan_trace::{value::Timestamp, expect::{every, some, span}, trace::{Span, Trace}};
            /// # let at = Timestamp::from_unix_ns;
            /// # let exposure = Span::builder("exposure").start(at(2)).end(at(4)).build();
            /// # let beam = Span::builder("beam").start(at(4)).end(at(9)).build();
            /// # let trace = Trace::from_spans([exposure, beam]);
            /// trace.assert(every(span("exposure")).overlaps(some(span("beam"))));
            /// ```
            pub fn overlaps(self, other: impl Into<Quantified>) -> Order {
                self.related(Relation::Overlaps, other)
            }

            /// They are never under way together: they do not [`overlap`](Self::overlaps).
            ///
            /// ```
            /// # use skyspan_trace::{value::Timestamp, expect::{every, span}, trace::{Span, Trace}};
            /// # let at = Timestamp::from_unix_ns;
            /// # let one = Span::builder("move").start(at(0)).end(at(5)).build();
            /// # let other = Span::builder("move").start(at(5)).end(at(9)).build();
            /// # let trace = Trace::from_spans([one, other]);
            /// trace.assert(every(span("move")).apart_from(every(span("move"))));
            /// ```
            ///
            /// ```should_panic
            /// # use skyspan_trace::{value::Timestamp, expect::{every, span}, trace::{Span, Trace}};
            /// # let at = Timestamp::from_unix_ns;
            /// # let one = Span::builder("move").start(at(0)).end(at(5)).build();
            /// # let other = Span::builder("move").start(at(4)).end(at(9)).build();
            /// # let trace = Trace::from_spans([one, other]);
            /// trace.assert(every(span("move")).apart_from(every(span("move"))));
            /// ```
            pub fn apart_from(self, other: impl Into<Quantified>) -> Order {
                self.related(Relation::Apart, other)
            }

            fn related(self, relation: Relation, other: impl Into<Quantified>) -> Order {
                Order { one: self.into(), relation, other: other.into() }
            }
        }
    };
}

relations!(Every);
relations!(SomeOf);

impl Order {
    /// The time between the two edges is in this range: `.before(some(span("wait"))).by(..=ms(5))`. Where it is said of
    /// [`within`](Every::within), [`overlaps`](Every::overlaps) or [`apart_from`](Every::apart_from), it says nothing.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{every, ns, some, span}, trace::{Span, Trace}};
    /// # let at = Timestamp::from_unix_ns;
    /// # let set = Span::builder("set").start(at(0)).end(at(5)).build();
    /// # let wait = Span::builder("wait").start(at(8)).end(at(9)).build();
    /// # let trace = Trace::from_spans([set, wait]);
    /// trace.assert(every(span("set")).before(some(span("wait"))).by(ns(3)..=ns(3)));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{every, ns, some, span}, trace::{Span, Trace}};
    /// # let at = Timestamp::from_unix_ns;
    /// # let set = Span::builder("set").start(at(0)).end(at(5)).build();
    /// # let wait = Span::builder("wait").start(at(8)).end(at(9)).build();
    /// # let trace = Trace::from_spans([set, wait]);
    /// trace.assert(every(span("set")).before(some(span("wait"))).by(..=ns(2)));
    /// ```
    pub fn by(mut self, range: impl RangeBounds<Duration>) -> Self {
        if let Relation::Edges { by, .. } = &mut self.relation {
            *by = Some(DurationRange::new(range));
        }
        self
    }

    /// It is all right if there is no span of the one kind, or of the other.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{every, span}, trace::Trace};
    /// Trace::default().assert(every(span("set")).before(every(span("wait"))).or_none());
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{every, span}, trace::Trace};
    /// Trace::default().assert(every(span("set")).before(every(span("wait"))));
    /// ```
    pub fn or_none(mut self) -> Self {
        self.one.or_none = true;
        self.other.or_none = true;
        self
    }

    /// What of each of the one kind is expected, in words.
    fn expected(&self) -> String {
        RelationTo(&self.relation, &self.other).to_string()
    }

    /// The intervals of spans; those that are open and should have ended are failures.
    fn intervals(spans: &[SpanRef<'_>], needs_end: bool, failures: &mut Vec<Failure>) -> Vec<Interval> {
        let mut interval = |span: &SpanRef<'_>| {
            let interval = Interval::of(*span, needs_end);
            if interval.is_none() {
                let differences = vec![Difference::Ended { expected: true }];
                failures.push(Failure::Differs { span: span.index(), differences });
            }
            interval
        };
        spans.iter().filter_map(&mut interval).collect()
    }
}

impl Expectation for Order {
    fn check(&self, trace: &Trace) -> Result<(), Mismatch> {
        for every in [&self.one, &self.other].into_iter().filter_map(|quantified| quantified.besides.as_ref()) {
            every.check(trace)?;
        }
        let matcher = Matcher::new();
        let (ones, others) = (self.one.of.select(trace, &matcher), self.other.of.select(trace, &matcher));
        for (spans, quantified) in [(&ones, &self.one), (&others, &self.other)] {
            if spans.is_empty() {
                return if quantified.or_none { Ok(()) } else { Err(nothing(&quantified.of, trace, &matcher)) };
            }
        }
        let mut failures = Vec::new();
        let (needs_end, other_needs_end) = self.relation.needs_ends();
        let ones = Self::intervals(&ones, needs_end, &mut failures);
        let others = Self::intervals(&others, other_needs_end, &mut failures);
        if !failures.is_empty() {
            return Err(Mismatch::new(trace, failures, Vec::new()));
        }
        let counts = self.relation.counts(&ones, &others);
        let places: std::collections::HashSet<usize> = others.iter().map(|other| other.place).collect();
        let is_met = |one: &Interval, number: usize| match self.other.is_every {
            true => number == others.len() - usize::from(places.contains(&one.place)),
            false => number > 0,
        };
        let met = ones.iter().zip(&counts).filter(|(one, number)| is_met(one, **number)).count();
        if if self.one.is_every { met == ones.len() } else { met > 0 } {
            return Ok(());
        }
        let wrong = ones.iter().zip(&counts).filter(|(one, number)| !is_met(one, **number)).map(|(one, _)| one);
        for (nth, one) in wrong.enumerate() {
            let found = (nth < TOLD_MAX).then(|| self.told(one, &others)).flatten();
            let differences =
                vec![Difference::Order { expected: self.expected().into(), found: found.map(Into::into) }];
            failures.push(Failure::Differs { span: one.place, differences });
        }
        Err(Mismatch::new(trace, failures, Vec::new()))
    }
}

impl Order {
    /// How one lies instead to the nearest of those to which it should lie so.
    fn told(&self, one: &Interval, others: &[Interval]) -> Option<String> {
        let wrong = others.iter().filter(|other| other.place != one.place && !self.relation.holds(one, other));
        let distance =
            |other: &&Interval| (other.start_ns - one.start_ns).abs().min((other.start_ns - one.end_ns).abs());
        wrong.min_by_key(distance).map(|other| self.relation.found(one, other))
    }
}

/// `every span "set" ends before every span "wait" starts`.
impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.one, self.expected())
    }
}
