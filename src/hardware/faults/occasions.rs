//! [`Occasions`]: at which calls something goes wrong.

use std::fmt;
use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeToInclusive};

use crate::seed::Seed;

/// At which calls of a method a fault comes: calls are counted from 1, since the fault was given to the device.
///
/// Made of a number (the nth call), a range (`2..=4`, `3..`, `..` for every call), or a [rate](Self::at_rate). A range in which
/// no call is, as `3..3`, never comes; one that begins below 1, and the 0th call, panic.
///
/// ```
/// use skyspan::hardware::Occasions;
///
/// assert_eq!(Occasions::from(2).to_string(), "2");
/// assert_eq!(Occasions::from(2..=4).to_string(), "2..=4");
/// assert_eq!(Occasions::from(3..).to_string(), "3..");
/// assert_eq!(Occasions::from(..).to_string(), "..");
/// assert_eq!(Occasions::at_rate(0.05).to_string(), "at_rate(0.05)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Occasions(When);

#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    /// From the one to the other, both counted.
    Between(u64, u64),
    /// Each call with this probability.
    AtRate(f64),
}

impl Occasions {
    /// Each call with this probability, drawn from the seed of the engine that calls: the same seed has faults at the same
    /// calls.
    ///
    /// # Panics
    ///
    /// If it is no probability, from 0 to 1.
    #[must_use]
    #[track_caller]
    pub fn at_rate(rate: f64) -> Self {
        assert!((0.0..=1.0).contains(&rate), "a rate is a probability from 0 to 1, found {rate}");
        Self(When::AtRate(rate))
    }

    #[track_caller]
    fn between(first: u64, last: u64) -> Self {
        assert!(first > 0, "calls are counted from 1, found {first}");
        Self(When::Between(first, last))
    }

    /// The first and the last of the calls, or the probability of each.
    pub(crate) const fn calls(self) -> Result<(u64, u64), f64> {
        match self.0 {
            When::Between(first, last) => Ok((first, last)),
            When::AtRate(rate) => Err(rate),
        }
    }

    /// Whether the nth call is one of them. Only a rate draws.
    pub(super) fn include(self, nth: u64, seed: &Seed) -> bool {
        match self.0 {
            When::Between(first, last) => (first..=last).contains(&nth),
            When::AtRate(rate) => seed.uniform() < rate,
        }
    }
}

macro_rules! occasions_of {
    ($($integer:ty),*) => {$(
        /// The nth call.
        ///
        /// # Panics
        ///
        /// If it is not from 1 on.
        impl From<$integer> for Occasions {
            #[track_caller]
            fn from(nth: $integer) -> Self {
                Self::from(nth..=nth)
            }
        }

        impl From<RangeInclusive<$integer>> for Occasions {
            #[track_caller]
            fn from(calls: RangeInclusive<$integer>) -> Self {
                let (first, last) = calls.into_inner();
                // What is below zero is no call either.
                Self::between(u64::try_from(first).unwrap_or(0), u64::try_from(last).unwrap_or(0))
            }
        }

        impl From<Range<$integer>> for Occasions {
            #[track_caller]
            fn from(calls: Range<$integer>) -> Self {
                let last = u64::try_from(calls.end).unwrap_or(0).saturating_sub(1);
                Self::between(u64::try_from(calls.start).unwrap_or(0), last)
            }
        }

        impl From<RangeFrom<$integer>> for Occasions {
            #[track_caller]
            fn from(calls: RangeFrom<$integer>) -> Self {
                Self::between(u64::try_from(calls.start).unwrap_or(0), u64::MAX)
            }
        }

        impl From<RangeToInclusive<$integer>> for Occasions {
            #[track_caller]
            fn from(calls: RangeToInclusive<$integer>) -> Self {
                Self::from(1..=calls.end)
            }
        }
    )*};
}

occasions_of!(i32, u32, u64);

/// `..` is every call.
impl From<RangeFull> for Occasions {
    fn from(_: RangeFull) -> Self {
        Self(When::Between(1, u64::MAX))
    }
}

impl fmt::Display for Occasions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            When::Between(1, u64::MAX) => f.write_str(".."),
            When::Between(first, u64::MAX) => write!(f, "{first}.."),
            When::Between(first, last) if first == last => write!(f, "{first}"),
            When::Between(first, last) => write!(f, "{first}..={last}"),
            When::AtRate(rate) => write!(f, "at_rate({rate})"),
        }
    }
}
