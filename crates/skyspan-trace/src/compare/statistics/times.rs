//! [`Times`]: how long spans of one kind took.

use std::time::Duration;

use serde::Serialize;

use crate::value::nanoseconds;

/// How long things of one kind took. Of nothing, all are zero.
///
/// `p50` and `p95` are times of the given ones, by the nearest rank, as those of
/// [`percentile`](crate::expect::percentile) are.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Times {
    /// The sum of all durations.
    #[serde(rename = "total_ns", serialize_with = "nanoseconds")]
    pub total: Duration,
    /// The shortest duration.
    #[serde(rename = "min_ns", serialize_with = "nanoseconds")]
    pub min: Duration,
    /// The median: at least half of them took no longer.
    #[serde(rename = "p50_ns", serialize_with = "nanoseconds")]
    pub p50: Duration,
    /// At least 95 of a hundred took no longer.
    #[serde(rename = "p95_ns", serialize_with = "nanoseconds")]
    pub p95: Duration,
    /// The longest duration.
    #[serde(rename = "max_ns", serialize_with = "nanoseconds")]
    pub max: Duration,
}

impl Times {
    /// Those of so many durations, which it puts in order.
    #[must_use]
    pub fn of(durations: &mut [Duration]) -> Self {
        durations.sort_unstable();
        let [min, .., max] = *durations else {
            let only = durations.first().copied().unwrap_or_default();
            return Self { total: only, min: only, p50: only, p95: only, max: only };
        };
        let rank = |percent: usize| durations[(durations.len() * percent).div_ceil(100).max(1) - 1];
        let total = durations.iter().fold(Duration::ZERO, |sum, time| sum.saturating_add(*time));
        Self { total, min, p50: rank(50), p95: rank(95), max }
    }
}
