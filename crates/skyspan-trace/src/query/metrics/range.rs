//! [`TimeRange`]: over which time series go, and in which steps.

use std::time::Duration;

use crate::trace::Trace;
use crate::value::Timestamp;

/// A series has at most so many samples.
const SAMPLES_MAX: u128 = 11_000;
/// Where nobody says, a series has about so many.
const SAMPLES_WANTED: u128 = 60;
/// Where nobody says, a step is one of these, in nanoseconds, or a multiple of the last.
const STEPS_NS: [u128; 17] = [
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    5_000_000_000,
    15_000_000_000,
    60_000_000_000,
    300_000_000_000,
    900_000_000_000,
    3_600_000_000_000,
    86_400_000_000_000,
];

/// Over which time the series of a metrics query go, and in which steps.
///
/// Start and end are moved outwards to whole steps since 1970, and there is one sample more than there are steps between them,
/// as Tempo has it: the time of a sample is the end of its interval, and an interval holds the spans that start after its
/// beginning, and at its end or before.
///
/// A series has at most 11,000 samples, and all series of a query together at most a million.
///
/// ```
/// use std::time::Duration;
///
/// use skyspan_trace::value::Timestamp;
/// use skyspan_trace::query::{Query, TimeRange};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let at = Timestamp::from_unix_ns;
/// let spans = [5_u64, 15, 17].map(|s| Span::builder("set").trace_id(1).span_id(s).start(at(s * 1_000_000_000)).build());
/// let trace = Trace::from_spans(spans);
/// let query: Query = "{} | count_over_time()".parse()?;
/// let range = TimeRange::new(at(0), at(20_000_000_000), Duration::from_secs(10));
/// let answer = query.answer_over(&trace, range)?;
/// let counts: Vec<f64> = answer.series()[0].samples().iter().map(|sample| sample.value).collect();
/// assert_eq!(counts, [0.0, 1.0, 2.0]);
/// # Ok::<(), skyspan_trace::query::QueryError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TimeRange {
    start: Timestamp,
    end: Timestamp,
    step: Duration,
}

impl TimeRange {
    /// From a time to another, in steps of so long; a step of nothing is one of a second.
    #[must_use]
    pub fn new(start: Timestamp, end: Timestamp, step: Duration) -> Self {
        let step = if step.is_zero() { Duration::from_secs(1) } else { step };
        Self { start, end, step }
    }

    /// The time in which the spans of a trace start, in about sixty steps of a length that people use: a millisecond, five
    /// seconds, a quarter of an hour.
    #[must_use]
    pub fn of(trace: &Trace) -> Self {
        let starts = || {
            trace.spans().map(|span| span.span()).filter(|span| span.start_is_known()).map(crate::trace::Span::start)
        };
        let (start, end) = (starts().min().unwrap_or_default(), starts().max().unwrap_or_default());
        let wanted = end.signed_ns_since(start).unsigned_abs() / SAMPLES_WANTED;
        let last = STEPS_NS[STEPS_NS.len() - 1];
        let step = STEPS_NS.into_iter().find(|step| *step >= wanted).unwrap_or_else(|| wanted.next_multiple_of(last));
        Self::new(start, end, Duration::from_nanos(u64::try_from(step).unwrap_or(u64::MAX)))
    }

    /// When the range begins.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// When the range ends.
    #[must_use]
    pub fn end(&self) -> Timestamp {
        self.end
    }

    /// How long a step is.
    #[must_use]
    pub fn step(&self) -> Duration {
        self.step
    }

    /// The intervals; none if there are too many.
    pub(super) fn intervals(&self) -> Option<Intervals> {
        let step_ns = self.step.as_nanos();
        let (start, end) = (u128::from(self.start.unix_ns()), u128::from(self.end.unix_ns()));
        let first_end = start - start % step_ns;
        let last_end = end.max(start).next_multiple_of(step_ns);
        let count = (last_end - first_end) / step_ns + 1;
        (count <= SAMPLES_MAX).then_some(Intervals { first_end, step_ns, count: count as usize })
    }
}

/// Times that follow one another, each open at its beginning.
#[derive(Clone, Copy, Debug)]
pub(super) struct Intervals {
    first_end: u128,
    step_ns: u128,
    pub(super) count: usize,
}

impl Intervals {
    /// The interval in which a time lies.
    pub(super) fn of(&self, time: Timestamp) -> Option<usize> {
        let time = u128::from(time.unix_ns());
        // From the beginning of the first, which may lie before 1970.
        let since = (time + self.step_ns).checked_sub(self.first_end)?;
        let at = usize::try_from(since.checked_sub(1)? / self.step_ns).ok()?;
        (at < self.count).then_some(at)
    }

    /// When an interval ends.
    pub(super) fn end(&self, at: usize) -> Timestamp {
        Timestamp::from_unix_ns(u64::try_from(self.first_end + at as u128 * self.step_ns).unwrap_or(u64::MAX))
    }

    pub(super) fn step_s(&self) -> f64 {
        Duration::from_nanos(u64::try_from(self.step_ns).unwrap_or(u64::MAX)).as_secs_f64()
    }
}
