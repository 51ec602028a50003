//! [`Measure`]: what spans of a kind take, each or together.

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
use crate::trace::{SpanRef, Trace, exact_duration};

/// The spans that are measured. Made by [`percentile`], [`median`] and [`total_self_time`]; say how long it may be and it is
/// a [`Measure`].
#[derive(Clone, Debug)]
#[must_use = "this alone expects nothing: say how long it may be"]
pub struct MeasureOf {
    of: SpanExpectation,
    what: MeasureKind,
}

/// How long spans of a kind must take by a measure. Made by the methods of [`MeasureOf`].
#[derive(Clone, Debug)]
#[must_use = "an expectation does nothing until a trace is checked against it"]
pub struct Measure {
    of: MeasureOf,
    range: DurationRange,
    or_none: bool,
}

#[derive(Clone, Copy, Debug)]
enum MeasureKind {
    Percentile(f64),
    TotalSelf,
}

/// The duration that so many percent of such spans do not exceed: of those sorted by duration the one in the place
/// `percent / 100 * number`, rounded up (the nearest rank). It always is the duration of a span, to the nanosecond.
///
/// There must be one span at least, unless [`or_none`](Measure::or_none) is said, and each must have ended.
///
/// ```
/// use skyspan_trace::value::Timestamp;
/// use skyspan_trace::expect::{ns, percentile, span};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace: Trace = (1..=20)
///     .map(|ns| Span::builder("move").end(Timestamp::from_unix_ns(if ns == 20 { 500 } else { ns })).build())
///     .collect();
/// trace.assert(percentile(95, span("move")).at_most(ns(19)));
/// trace.assert(percentile(100, span("move")).exactly(ns(500)));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{value::Timestamp, expect::{ns, percentile, span}, trace::{Span, Trace}};
/// # let trace: Trace = (1..=20).map(|ns| Span::builder("move").end(Timestamp::from_unix_ns(ns)).build()).collect();
/// trace.assert(percentile(95, span("move")).at_most(ns(18)));
/// ```
///
/// # Panics
///
/// If `percent` is not from 0 to 100.
#[track_caller]
pub fn percentile(percent: impl Into<f64>, of: SpanExpectation) -> MeasureOf {
    let percent = percent.into();
    assert!((0.0..=100.0).contains(&percent), "a percentile is from 0 to 100, and this is {percent}");
    MeasureOf { of, what: MeasureKind::Percentile(percent) }
}

/// The duration that half of such spans do not exceed: [`percentile`] 50.
///
/// ```
/// # use skyspan_trace::{value::Timestamp, expect::{median, ns, span}, trace::{Span, Trace}};
/// # let trace: Trace = [1, 2, 500].map(|ns| Span::builder("move").end(Timestamp::from_unix_ns(ns)).build()).into_iter().collect();
/// trace.assert(median(span("move")).exactly(ns(2)));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{value::Timestamp, expect::{median, ns, span}, trace::{Span, Trace}};
/// # let trace: Trace = [1, 2, 500].map(|ns| Span::builder("move").end(Timestamp::from_unix_ns(ns)).build()).into_iter().collect();
/// trace.assert(median(span("move")).at_most(ns(1)));
/// ```
pub fn median(of: SpanExpectation) -> MeasureOf {
    MeasureOf { of, what: MeasureKind::Percentile(50.0) }
}

/// The time that such spans spend in none of their children, added up ([`SpanRef::self_time_ns`]).
///
/// There must be one span at least, unless [`or_none`](Measure::or_none) is said, and each must have ended.
///
/// ```
/// use skyspan_trace::value::Timestamp;
/// use skyspan_trace::expect::{ns, span, total_self_time};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let at = Timestamp::from_unix_ns;
/// let plan = Span::builder("plan").trace_id(1).span_id(1).start(at(0)).end(at(10)).build();
/// let wait = Span::builder("wait").trace_id(1).span_id(2).parent_id(1).start(at(2)).end(at(9)).build();
/// let trace = Trace::from_spans([plan, wait]);
/// trace.assert(total_self_time(span("plan")).exactly(ns(3)));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{value::Timestamp, expect::{ns, span, total_self_time}, trace::{Span, Trace}};
/// # let at = Timestamp::from_unix_ns;
/// # let plan = Span::builder("plan").trace_id(1).span_id(1).start(at(0)).end(at(10)).build();
/// # let wait = Span::builder("wait").trace_id(1).span_id(2).parent_id(1).start(at(2)).end(at(9)).build();
/// # let trace = Trace::from_spans([plan, wait]);
/// trace.assert(total_self_time(span("plan")).at_most(ns(2)));
/// ```
pub fn total_self_time(of: SpanExpectation) -> MeasureOf {
    MeasureOf { of, what: MeasureKind::TotalSelf }
}

impl MeasureOf {
    /// It is so long or less.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{ms, percentile, span}, trace::{Span, Trace}};
    /// # let wait = Span::builder("wait").end(Timestamp::from_unix_ns(4_000_000)).build();
    /// Trace::from_spans([wait]).assert(percentile(99.9, span("wait")).at_most(ms(4)));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{ms, percentile, span}, trace::{Span, Trace}};
    /// # let wait = Span::builder("wait").end(Timestamp::from_unix_ns(4_000_000)).build();
    /// Trace::from_spans([wait]).assert(percentile(99.9, span("wait")).at_most(ms(3)));
    /// ```
    pub fn at_most(self, duration: Duration) -> Measure {
        self.within(..=duration)
    }

    /// It is so long, to the nanosecond.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{ms, span, total_self_time}, trace::{Span, Trace}};
    /// # let wait = Span::builder("wait").end(Timestamp::from_unix_ns(4_000_000)).build();
    /// Trace::from_spans([wait]).assert(total_self_time(span("wait")).exactly(ms(4)));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{ms, span, total_self_time}, trace::{Span, Trace}};
    /// # let wait = Span::builder("wait").end(Timestamp::from_unix_ns(4_000_001)).build();
    /// Trace::from_spans([wait]).assert(total_self_time(span("wait")).exactly(ms(4)));
    /// ```
    pub fn exactly(self, duration: Duration) -> Measure {
        self.within(duration..=duration)
    }

    /// It is in this range.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{median, ms, span}, trace::{Span, Trace}};
    /// # let wait = Span::builder("wait").end(Timestamp::from_unix_ns(4_000_000)).build();
    /// Trace::from_spans([wait]).assert(median(span("wait")).within(ms(4)..));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{median, ms, span}, trace::{Span, Trace}};
    /// # let wait = Span::builder("wait").end(Timestamp::from_unix_ns(4_000_000)).build();
    /// Trace::from_spans([wait]).assert(median(span("wait")).within(ms(5)..));
    /// ```
    pub fn within(self, range: impl RangeBounds<Duration>) -> Measure {
        Measure { of: self, range: DurationRange::new(range), or_none: false }
    }

    /// What is measured, in words.
    fn words(&self) -> String {
        let spans = Spans(&self.of);
        match self.what {
            MeasureKind::Percentile(50.0) => format!("the median of {spans}"),
            MeasureKind::Percentile(percent) => format!("the {percent} % percentile of {spans}"),
            MeasureKind::TotalSelf => format!("the self time of all {spans}"),
        }
    }

    /// The measure; none if any span is open or has a negative duration, or there is none.
    fn found_ns(&self, spans: &[SpanRef<'_>]) -> Option<i128> {
        match self.what {
            MeasureKind::TotalSelf => spans.iter().map(|span| span.self_time_ns()).sum(),
            MeasureKind::Percentile(percent) => {
                let mut all = spans.iter().map(|span| span.signed_duration_ns()).collect::<Option<Vec<i128>>>()?;
                all.sort_unstable();
                all.get(rank(percent, all.len()).saturating_sub(1)).copied()
            }
        }
    }
}

/// The nearest rank, counted from 1.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "it is at most the number, and `as` saturates"
)]
fn rank(percent: f64, number: usize) -> usize {
    // Multiplied first: 95 % of 20 is 19, and 0.95 * 20 would be a little more than that.
    ((percent * number as f64 / 100.0).ceil() as usize).clamp(1, number.max(1))
}

impl Measure {
    /// It is all right if there is none of them.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{ms, percentile, span}, trace::Trace};
    /// Trace::default().assert(percentile(95, span("wait")).at_most(ms(5)).or_none());
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{ms, percentile, span}, trace::Trace};
    /// Trace::default().assert(percentile(95, span("wait")).at_most(ms(5)));
    /// ```
    pub fn or_none(self) -> Self {
        Self { or_none: true, ..self }
    }
}

#[cfg(feature = "check")]
impl Measure {
    /// What is found in a trace; nothing if there are no such spans, or one has not ended.
    pub(crate) fn found_ns_in(&self, trace: &Trace) -> Option<i128> {
        let spans = self.of.of.select(trace, &Matcher::new());
        if spans.is_empty() { None } else { self.of.found_ns(&spans) }
    }
}

impl Expectation for Measure {
    fn check(&self, trace: &Trace) -> Result<(), Mismatch> {
        let matcher = Matcher::new();
        let spans = self.of.of.select(trace, &matcher);
        if spans.is_empty() {
            return if self.or_none { Ok(()) } else { Err(nothing(&self.of.of, trace, &matcher)) };
        }
        let failures = match self.of.found_ns(&spans) {
            Some(found_ns) if self.range.contains_ns(found_ns) => Vec::new(),
            Some(found_ns) => vec![Failure::Measured {
                what: self.of.words().into(),
                expected: self.range.to_string().into(),
                found: exact_duration(found_ns).into(),
                spans: spans.iter().map(|span| span.index()).collect(),
            }],
            None => spans.iter().filter_map(without_duration).collect(),
        };
        Mismatch::unless_none(trace, failures, Vec::new())
    }
}

/// What is wrong about a span that has not ended, or ended before it started.
fn without_duration(span: &SpanRef<'_>) -> Option<Failure> {
    let difference = match span.signed_duration_ns() {
        None => Difference::Ended { expected: true },
        Some(ns) if ns < 0 => {
            Difference::Duration { expected: DurationRange::new(Duration::ZERO..), found_ns: Some(ns) }
        }
        Some(_) => return None,
    };
    Some(Failure::Differs { span: span.index(), differences: vec![difference] })
}

/// `the 95 % percentile of spans "move" is at most 5 ms`.
impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}", self.of.words(), self.range)
    }
}

#[cfg(test)]
mod tests {
    use super::rank;

    #[test]
    fn ranks_are_exact() {
        for (percent, number, expected) in
            [(95.0, 20, 19), (95.0, 21, 20), (50.0, 3, 2), (50.0, 4, 2), (0.0, 9, 1), (100.0, 9, 9), (99.9, 1000, 999)]
        {
            assert_eq!(rank(percent, number), expected, "{percent} % of {number}");
        }
    }
}
