//! [`Total`]: how long spans of a kind take together.

use std::fmt;
use std::ops::RangeBounds;
use std::time::Duration;

use super::difference::Difference;
use super::duration::DurationRange;
use super::expectation::{Expectation, nothing};
use super::matcher::Matcher;
use super::mismatch::{Failure, Mismatch};
use super::span_expectation::SpanExpectation;
use super::words::Spans;
use crate::trace::Trace;

/// The spans whose durations are added up. Made by [`total`]; say how long they may take and it is a [`Total`].
#[derive(Clone, Debug)]
#[must_use = "a total alone expects nothing: say how long it may be"]
pub struct TotalOf(SpanExpectation);

/// How long spans of a kind must take together. Made by the methods of [`TotalOf`].
#[derive(Clone, Debug)]
#[must_use = "an expectation does nothing until a trace is checked against it"]
pub struct Total {
    of: SpanExpectation,
    range: DurationRange,
    or_none: bool,
}

/// The durations of all such spans, added up; what two do at the same time counts twice.
///
/// There must be one at least, unless [`or_none`](Total::or_none) is said, and each must have ended.
///
/// ```
/// use skyspan_trace::value::Timestamp;
/// use skyspan_trace::expect::{ms, span, total};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let wait = || Span::builder("wait").end(Timestamp::from_unix_ns(4_000_000)).build();
/// let trace = Trace::from_spans([wait(), wait()]);
/// trace.assert(total(span("wait")).at_most(ms(8)));
/// trace.assert(total(span("wait")).exactly(ms(8)));
/// trace.assert(total(span("wait")).within(ms(7)..ms(9)));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{value::Timestamp, expect::{ms, span, total}, trace::{Span, Trace}};
/// # let wait = || Span::builder("wait").end(Timestamp::from_unix_ns(4_000_000)).build();
/// # let trace = Trace::from_spans([wait(), wait()]);
/// trace.assert(total(span("wait")).at_most(ms(7)));
/// ```
pub fn total(of: SpanExpectation) -> TotalOf {
    TotalOf(of)
}

impl TotalOf {
    /// They take so long or less. See [`total`].
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{ms, span, total}, trace::{Span, Trace}};
    /// # let wait = Span::builder("wait").end(Timestamp::from_unix_ns(4_000_000)).build();
    /// Trace::from_spans([wait]).assert(total(span("wait")).at_most(ms(4)));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{ms, span, total}, trace::{Span, Trace}};
    /// # let wait = Span::builder("wait").end(Timestamp::from_unix_ns(4_000_000)).build();
    /// Trace::from_spans([wait]).assert(total(span("wait")).at_most(ms(3)));
    /// ```
    pub fn at_most(self, duration: Duration) -> Total {
        self.within(..=duration)
    }

    /// They take so long, to the nanosecond. See [`total`].
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{ms, span, total}, trace::{Span, Trace}};
    /// # let wait = Span::builder("wait").end(Timestamp::from_unix_ns(4_000_000)).build();
    /// Trace::from_spans([wait]).assert(total(span("wait")).exactly(ms(4)));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{ms, span, total}, trace::{Span, Trace}};
    /// # let wait = Span::builder("wait").end(Timestamp::from_unix_ns(4_000_001)).build();
    /// Trace::from_spans([wait]).assert(total(span("wait")).exactly(ms(4)));
    /// ```
    pub fn exactly(self, duration: Duration) -> Total {
        self.within(duration..=duration)
    }

    /// They take a time in this range. See [`total`].
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{ms, span, total}, trace::{Span, Trace}};
    /// # let wait = Span::builder("wait").end(Timestamp::from_unix_ns(4_000_000)).build();
    /// Trace::from_spans([wait]).assert(total(span("wait")).within(ms(4)..));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{ms, span, total}, trace::{Span, Trace}};
    /// # let wait = Span::builder("wait").end(Timestamp::from_unix_ns(4_000_000)).build();
    /// Trace::from_spans([wait]).assert(total(span("wait")).within(ms(5)..));
    /// ```
    pub fn within(self, range: impl RangeBounds<Duration>) -> Total {
        Total { of: self.0, range: DurationRange::new(range), or_none: false }
    }
}

impl Total {
    /// It is all right if there is none of them; they take 0 s then.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{secs, span, total}, trace::Trace};
    /// Trace::default().assert(total(span("wait")).at_most(secs(1.0)).or_none());
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{secs, span, total}, trace::Trace};
    /// Trace::default().assert(total(span("wait")).at_most(secs(1.0)));
    /// ```
    pub fn or_none(self) -> Self {
        Self { or_none: true, ..self }
    }
}

impl Expectation for Total {
    fn check(&self, trace: &Trace) -> Result<(), Mismatch> {
        let matcher = Matcher::new();
        let spans = self.of.select(trace, &matcher);
        if spans.is_empty() && !self.or_none {
            return Err(nothing(&self.of, trace, &matcher));
        }
        let open = spans.iter().filter(|span| span.end().is_none());
        let mut failures: Vec<Failure> = open
            .map(|span| Failure::Differs {
                span: span.index(),
                differences: vec![Difference::Ended { expected: true }],
            })
            .collect();
        let found_ns = spans.iter().filter_map(|span| span.signed_duration_ns()).sum();
        let spans: Vec<usize> = spans.into_iter().map(|span| span.index()).collect();
        if failures.is_empty() && !self.range.contains_ns(found_ns) {
            let of = Box::new(self.of.clone());
            failures.push(Failure::Total { of, expected: self.range, found_ns, spans: spans.clone() });
        }
        Mismatch::unless_none(trace, failures, Vec::new())
    }
}

/// `all spans "wait" take at most 8 s in total`.
impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "all {} take {} in total", Spans(&self.of), self.range)
    }
}
