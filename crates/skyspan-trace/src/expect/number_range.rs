//! [`NumberRange`]: how many.

use std::fmt;
use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

/// How many: at least, and at most unless there is no bound. Made of a number, or of any range of numbers.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "they are what they say")]
pub struct NumberRange {
    pub at_least: usize,
    pub at_most: Option<usize>,
}

impl NumberRange {
    /// Whether a number is in the range.
    #[must_use]
    pub fn contains(self, number: usize) -> bool {
        number >= self.at_least && self.at_most.is_none_or(|at_most| number <= at_most)
    }

    /// Whether the noun behind it is singular.
    pub(super) fn is_singular(self) -> bool {
        self.at_most.unwrap_or(self.at_least) == 1
    }
}

/// `no`, `exactly 1`, `at least 2`, `at most 3`, `2 to 3`, `any number of`.
impl fmt::Display for NumberRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.at_least, self.at_most) {
            (_, Some(0)) => f.write_str("no"),
            (at_least, Some(at_most)) if at_least == at_most => write!(f, "exactly {at_least}"),
            (0, Some(at_most)) => write!(f, "at most {at_most}"),
            (at_least, Some(at_most)) => write!(f, "{at_least} to {at_most}"),
            (0, None) => f.write_str("any number of"),
            (at_least, None) => write!(f, "at least {at_least}"),
        }
    }
}

impl From<usize> for NumberRange {
    fn from(number: usize) -> Self {
        Self { at_least: number, at_most: Some(number) }
    }
}

macro_rules! ranges {
    ($($range:ty, $of:ident => $at_least:expr, $at_most:expr;)*) => {$(
        impl From<$range> for NumberRange {
            fn from($of: $range) -> Self {
                Self { at_least: $at_least, at_most: $at_most }
            }
        }
    )*};
}

ranges! {
    RangeInclusive<usize>, range => *range.start(), Some(*range.end());
    // A range that ends before 1 holds no number, and neither does one from 1 to 0.
    Range<usize>, range => range.start.max(usize::from(range.end == 0)), Some(range.end.saturating_sub(1));
    RangeFrom<usize>, range => range.start, None;
    RangeToInclusive<usize>, range => 0, Some(range.end);
    RangeTo<usize>, range => usize::from(range.end == 0), Some(range.end.saturating_sub(1));
    RangeFull, _all => 0, None;
}
