//! Durations in words: [`secs`], [`ms`], [`us`], [`ns`], and [`DurationRange`].

use std::fmt;
use std::ops::{Bound, RangeBounds};
use std::time::Duration;

use crate::trace::exact_duration;

/// So many seconds, to the nearest nanosecond.
///
/// ```
/// use skyspan_trace::expect::{ms, ns, secs, us};
///
/// assert_eq!(secs(0.1), ms(100));
/// assert_eq!(secs(8.000000001), ms(8_000) + ns(1));
/// assert_eq!(ms(1), us(1_000));
/// ```
///
/// # Panics
///
/// If there is no such duration: for a negative number, one that is not finite, or more than 500 billion years.
#[must_use]
#[track_caller]
pub fn secs(seconds: f64) -> Duration {
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) => duration,
        Err(error) => panic!("{seconds} s is no duration: {error}"),
    }
}

/// A number of milliseconds as a duration.
#[must_use]
pub const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A number of microseconds as a duration.
#[must_use]
pub const fn us(microseconds: u64) -> Duration {
    Duration::from_micros(microseconds)
}

/// A number of nanoseconds as a duration.
#[must_use]
pub const fn ns(nanoseconds: u64) -> Duration {
    Duration::from_nanos(nanoseconds)
}

/// From how long to how long something may take. Made of any range of [`Duration`]s.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct DurationRange {
    from: Bound<Duration>,
    to: Bound<Duration>,
}

impl DurationRange {
    /// The same range, as a value.
    #[must_use]
    pub fn new(range: impl RangeBounds<Duration>) -> Self {
        Self { from: range.start_bound().cloned(), to: range.end_bound().cloned() }
    }

    /// The range of this duration alone.
    #[must_use]
    pub const fn exactly(duration: Duration) -> Self {
        Self { from: Bound::Included(duration), to: Bound::Included(duration) }
    }

    /// Whether so many nanoseconds are too few.
    pub(super) fn is_above_ns(&self, ns: i128) -> bool {
        match u128::try_from(ns) {
            Err(_) => true,
            Ok(ns) => match self.from {
                Bound::Included(from) => ns < from.as_nanos(),
                Bound::Excluded(from) => ns <= from.as_nanos(),
                Bound::Unbounded => false,
            },
        }
    }

    /// Whether something may take so many nanoseconds. What ended before it started is in no range.
    #[must_use]
    pub fn contains_ns(&self, ns: i128) -> bool {
        u128::try_from(ns).is_ok_and(|ns| (self.from.map(nanos), self.to.map(nanos)).contains(&ns))
    }
}

impl RangeBounds<Duration> for DurationRange {
    fn start_bound(&self) -> Bound<&Duration> {
        self.from.as_ref()
    }

    fn end_bound(&self) -> Bound<&Duration> {
        self.to.as_ref()
    }
}

fn nanos(duration: Duration) -> u128 {
    duration.as_nanos()
}

/// `at most 1 s`, `exactly 1 s`, `from 1 s to 2 s`.
impl fmt::Display for DurationRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |duration: &Duration| exact_duration(i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX));
        match (&self.from, &self.to) {
            (Bound::Unbounded, Bound::Unbounded) => f.write_str("any time"),
            (Bound::Unbounded, Bound::Included(to)) => write!(f, "at most {}", text(to)),
            (Bound::Unbounded, Bound::Excluded(to)) => write!(f, "less than {}", text(to)),
            (Bound::Included(from), Bound::Unbounded) => write!(f, "at least {}", text(from)),
            (Bound::Excluded(from), Bound::Unbounded) => write!(f, "more than {}", text(from)),
            (Bound::Included(from), Bound::Included(to)) if from == to => write!(f, "exactly {}", text(from)),
            (Bound::Included(from), Bound::Included(to)) => write!(f, "from {} to {}", text(from), text(to)),
            (Bound::Included(from), Bound::Excluded(to)) => write!(f, "from {} to less than {}", text(from), text(to)),
            (Bound::Excluded(from), Bound::Included(to)) => write!(f, "more than {} to {}", text(from), text(to)),
            (Bound::Excluded(from), Bound::Excluded(to)) => {
                write!(f, "more than {} to less than {}", text(from), text(to))
            }
        }
    }
}
