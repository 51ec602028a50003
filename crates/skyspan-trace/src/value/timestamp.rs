//! [`Timestamp`]: a moment, to the nanosecond.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::{Duration, SystemTime};

/// A moment: nanoseconds since the Unix epoch.
///
/// Reaches to the year 2554; arithmetic stops at the ends instead of wrapping.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The beginning of Unix time: 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);
    /// The last moment there is.
    pub const MAX: Self = Self(u64::MAX);

    /// The moment so many nanoseconds after the epoch.
    #[must_use]
    pub const fn from_unix_ns(ns: u64) -> Self {
        Self(ns)
    }

    /// The nanoseconds since the epoch.
    #[must_use]
    pub const fn unix_ns(self) -> u64 {
        self.0
    }

    /// The moment so many seconds after the epoch, to the nearest nanosecond; the epoch for what is not a number or
    /// before it.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, as is wanted")]
    pub fn from_unix_s(seconds: f64) -> Self {
        let seconds = seconds.max(0.0);
        let whole = seconds.floor();
        let ns = ((seconds - whole) * 1e9).round() as u64;
        Self((whole as u64).saturating_mul(1_000_000_000).saturating_add(ns))
    }

    /// Seconds since the epoch as Python's `time.time()` gives them: a float, so to some 240 ns only.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "the loss that Python's float has too")]
    pub fn unix_s(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// How long after `earlier` this is; zero if it is before.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// How many nanoseconds after `other` this is; negative if it is before.
    #[must_use]
    pub fn signed_ns_since(self, other: Self) -> i128 {
        i128::from(self.0) - i128::from(other.0)
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.as_nanos().try_into().unwrap_or(u64::MAX)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(duration.as_nanos().try_into().unwrap_or(u64::MAX)))
    }
}

impl Sub for Timestamp {
    type Output = Duration;

    /// The duration [`since`](Self::since) an earlier time.
    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

impl From<Timestamp> for SystemTime {
    fn from(timestamp: Timestamp) -> Self {
        Self::UNIX_EPOCH + Duration::from_nanos(timestamp.0)
    }
}

impl From<SystemTime> for Timestamp {
    /// Times before the epoch become the epoch.
    fn from(time: SystemTime) -> Self {
        Self::EPOCH + time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
    }
}

/// RFC 3339 with nine digits of fraction: `2024-06-18T08:40:56.377673000Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_nanosecond(self.0.into()) {
            Ok(time) => write!(f, "{time:.9}"),
            Err(_) => write!(f, "{} ns after the epoch", self.0),
        }
    }
}

/// A time that is not written as RFC 3339 has it.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected a time since 1970 such as 2024-06-18T08:40:56.377673Z, found {found:?}")]
#[non_exhaustive]
pub struct TimestampError {
    /// What is there instead.
    pub found: String,
}

impl std::str::FromStr for Timestamp {
    type Err = TimestampError;

    /// Reads RFC 3339, with any number of digits of fraction up to nine and any offset from UTC.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let time: Option<jiff::Timestamp> = text.parse().ok();
        time.and_then(|time| u64::try_from(time.as_nanosecond()).ok())
            .map(Self)
            .ok_or_else(|| TimestampError { found: text.to_owned() })
    }
}

/// As its text, to the nanosecond: times are sorted as their texts are.
impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// From RFC 3339, as [`FromStr`](std::str::FromStr) reads it.
impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::Text::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
