//! [`AtOnce`]: how many spans of a kind are under way together.

use std::fmt;

use super::expectation::Expectation;
use super::matcher::Matcher;
use super::mismatch::{Failure, Mismatch};
use super::number::AtMost;
use super::number_range::NumberRange;
use super::span_expectation::SpanExpectation;
use super::words::Spans;
use crate::trace::{SpanRef, Trace};
use crate::value::Timestamp;

/// The spans that are counted while they are under way. Made by [`at_once`]; say how many they may be and it is an
/// [`AtOnce`].
#[derive(Clone, Debug)]
#[must_use = "this alone expects nothing: say how many they may be"]
pub struct AtOnceOf(SpanExpectation);

/// How many spans of a kind are under way together at most: at the moment when most of them are. Made by [`at_once`], and by
/// [`AtMost::at_once`].
///
/// A span is under way from its start until before its end; one that takes no time never is, and one that is open is to the
/// end of the trace.
#[derive(Clone, Debug)]
#[must_use = "an expectation does nothing until a trace is checked against it"]
pub struct AtOnce {
    of: SpanExpectation,
    range: NumberRange,
}

/// How many such spans are under way together, at the moment when most of them are.
///
/// ```
/// use skyspan_trace::value::Timestamp;
/// use skyspan_trace::expect::{at_most, at_once, span};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let at = Timestamp::from_unix_ns;
/// let made = |start, end| Span::builder("move").start(at(start)).end(at(end)).build();
/// let trace = Trace::from_spans([made(0, 10), made(5, 15), made(10, 20)]);
/// trace.assert(at_once(span("move")).exactly(2));
/// trace.assert(at_most(2).at_once(span("move")));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{value::Timestamp, expect::{at_once, span}, trace::{Span, Trace}};
/// # let at = Timestamp::from_unix_ns;
/// # let made = |start, end| Span::builder("move").start(at(start)).end(at(end)).build();
/// # let trace = Trace::from_spans([made(0, 10), made(10, 20)]);
/// trace.assert(at_once(span("move")).at_least(2));
/// ```
pub const fn at_once(of: SpanExpectation) -> AtOnceOf {
    AtOnceOf(of)
}

impl AtOnceOf {
    /// So many, no more and no less.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{at_once, span}, trace::{Span, Trace}};
    /// # let made = |end| Span::builder("move").end(Timestamp::from_unix_ns(end)).build();
    /// Trace::from_spans([made(10), made(20)]).assert(at_once(span("move")).exactly(2));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{at_once, span}, trace::{Span, Trace}};
    /// # let made = |end| Span::builder("move").end(Timestamp::from_unix_ns(end)).build();
    /// Trace::from_spans([made(10), made(20)]).assert(at_once(span("move")).exactly(1));
    /// ```
    pub fn exactly(self, number: usize) -> AtOnce {
        AtOnce { of: self.0, range: NumberRange { at_least: number, at_most: Some(number) } }
    }

    /// So many or more.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{at_once, span}, trace::{Span, Trace}};
    /// # let made = |end| Span::builder("move").end(Timestamp::from_unix_ns(end)).build();
    /// Trace::from_spans([made(10), made(20)]).assert(at_once(span("move")).at_least(2));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{at_once, span}, trace::{Span, Trace}};
    /// # let made = |end| Span::builder("move").end(Timestamp::from_unix_ns(end)).build();
    /// Trace::from_spans([made(10), made(20)]).assert(at_once(span("move")).at_least(3));
    /// ```
    pub fn at_least(self, number: usize) -> AtOnce {
        AtOnce { of: self.0, range: NumberRange { at_least: number, at_most: None } }
    }

    /// So many or less, perhaps none.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{at_once, span}, trace::{Span, Trace}};
    /// # let made = |end| Span::builder("move").end(Timestamp::from_unix_ns(end)).build();
    /// Trace::from_spans([made(10), made(20)]).assert(at_once(span("move")).at_most(2));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{at_once, span}, trace::{Span, Trace}};
    /// # let made = |end| Span::builder("move").end(Timestamp::from_unix_ns(end)).build();
    /// Trace::from_spans([made(10), made(20)]).assert(at_once(span("move")).at_most(1));
    /// ```
    pub fn at_most(self, number: usize) -> AtOnce {
        AtOnce { of: self.0, range: NumberRange { at_least: 0, at_most: Some(number) } }
    }

    /// As many as this range has: `2..=4`, `3..`, `2`.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{at_once, span}, trace::{Span, Trace}};
    /// # let made = |end| Span::builder("move").end(Timestamp::from_unix_ns(end)).build();
    /// Trace::from_spans([made(10), made(20)]).assert(at_once(span("move")).within(1..=2));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{at_once, span}, trace::{Span, Trace}};
    /// # let made = |end| Span::builder("move").end(Timestamp::from_unix_ns(end)).build();
    /// Trace::from_spans([made(10), made(20)]).assert(at_once(span("move")).within(3..));
    /// ```
    pub fn within(self, number: impl Into<NumberRange>) -> AtOnce {
        AtOnce { of: self.0, range: number.into() }
    }
}

impl AtMost {
    /// So many such spans or less are under way together: [`at_once`], the other way round.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{at_most, span}, trace::{Span, Trace}};
    /// # let made = |end| Span::builder("move").end(Timestamp::from_unix_ns(end)).build();
    /// Trace::from_spans([made(10), made(20)]).assert(at_most(2).at_once(span("move")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{at_most, span}, trace::{Span, Trace}};
    /// # let made = |end| Span::builder("move").end(Timestamp::from_unix_ns(end)).build();
    /// Trace::from_spans([made(10), made(20)]).assert(at_most(1).at_once(span("move")));
    /// ```
    pub fn at_once(self, of: SpanExpectation) -> AtOnce {
        at_once(of).at_most(self.number())
    }
}

/// The places of the spans that are under way when most of them are; of several such moments at the first.
fn most_at_once(spans: &[SpanRef<'_>]) -> Vec<usize> {
    // Ends come first: who ends when another begins is not under way with it.
    let mut edges: Vec<(Timestamp, bool, usize)> = Vec::with_capacity(2 * spans.len());
    for (at, span) in spans.iter().enumerate() {
        let end = span.end().unwrap_or(Timestamp::MAX);
        if span.start() < end {
            edges.extend([(span.start(), true, at), (end, false, at)]);
        }
    }
    edges.sort_unstable();
    let (mut number, mut most, mut when) = (0_usize, 0, None);
    for (time, begins, _) in &edges {
        number = if *begins { number + 1 } else { number - 1 };
        if number > most {
            (most, when) = (number, Some(*time));
        }
    }
    let Some(when) = when else { return Vec::new() };
    let is_under_way = |span: &&SpanRef<'_>| span.start() <= when && span.end().is_none_or(|end| when < end);
    spans.iter().filter(is_under_way).map(|span| span.index()).collect()
}

#[cfg(feature = "check")]
impl AtOnce {
    /// How many are under way together when most of them are.
    pub(crate) fn found(&self, trace: &Trace) -> usize {
        most_at_once(&self.of.select(trace, &Matcher::new())).len()
    }
}

impl Expectation for AtOnce {
    fn check(&self, trace: &Trace) -> Result<(), Mismatch> {
        let matcher = Matcher::new();
        let spans = self.of.select(trace, &matcher);
        let together = most_at_once(&spans);
        if self.range.contains(together.len()) {
            return Ok(());
        }
        let failure = Failure::AtOnce { of: Box::new(self.of.clone()), expected: self.range, found: together };
        Err(Mismatch::new(trace, vec![failure], Vec::new()))
    }
}

/// `at most 2 spans "move" at once`.
impl fmt::Display for AtOnce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.range.is_singular() {
            write!(f, "{} {} at once", self.range, self.of)
        } else {
            write!(f, "{} {} at once", self.range, Spans(&self.of))
        }
    }
}
