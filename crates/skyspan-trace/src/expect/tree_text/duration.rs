//! Durations in a text: `12 ms`, `1 min 30.5 s`, `..=5 ms`, `open`.

use std::ops::Bound;
use std::str::FromStr;
use std::time::Duration;

use super::cursor::Cursor;
use super::error::TreeError;
use crate::expect::{DurationRange, SpanExpectation};
use crate::trace::exact_duration;

const UNITS: [(&str, u64); 8] = [
    ("h", 3_600_000_000_000),
    ("min", 60_000_000_000),
    ("ms", 1_000_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("us", 1_000),
    ("ns", 1),
    ("s", 1_000_000_000),
];

/// Says how long a span lasts, if that stands here.
pub(super) fn duration(cursor: &mut Cursor<'_>, span: SpanExpectation) -> Result<SpanExpectation, TreeError> {
    if cursor.take_word("open") {
        return Ok(span.open());
    }
    let rest = cursor.rest();
    let begins = rest.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit()) || rest.starts_with("..");
    if !begins {
        return Ok(span);
    }
    if cursor.take("-") {
        let ns = -i128::from(nanoseconds(cursor)?);
        let description = format!("it lasts {}", exact_duration(ns));
        return Ok(span.that(description, move |span| span.signed_duration_ns() == Some(ns)));
    }
    Ok(span.lasting(range(cursor)?))
}

/// A duration, or a range of them.
fn range(cursor: &mut Cursor<'_>) -> Result<DurationRange, TreeError> {
    let from = match cursor.rest().starts_with("..") {
        true => Bound::Unbounded,
        false => Bound::Included(Duration::from_nanos(nanoseconds(cursor)?)),
    };
    let to = if !cursor.take("..") {
        from
    } else if cursor.take("=") {
        Bound::Included(Duration::from_nanos(nanoseconds(cursor)?))
    } else if cursor.is_at_gap() {
        Bound::Unbounded
    } else {
        Bound::Excluded(Duration::from_nanos(nanoseconds(cursor)?))
    };
    Ok(DurationRange::new((from, to)))
}

/// As a tree has it: `8 s`, `1 min 30.5 s`, `..=5 ms`, `1 s..2 s`, `2 s..`. A duration alone means exactly so long.
///
/// ```
/// use skyspan_trace::expect::{DurationRange, secs};
///
/// assert_eq!("..=1 min 30 s".parse(), Ok(DurationRange::new(..=secs(90.0))));
/// assert_eq!("8 s".parse(), Ok(DurationRange::exactly(secs(8.0))));
/// assert!("8".parse::<DurationRange>().unwrap_err().to_string().contains("a unit"));
/// ```
impl FromStr for DurationRange {
    type Err = TreeError;

    fn from_str(text: &str) -> Result<Self, TreeError> {
        let mut cursor = Cursor { line: text.trim_matches(' '), number: 1, at: 0 };
        let range = range(&mut cursor)?;
        if cursor.is_at_end() { Ok(range) } else { Err(cursor.error("the end of a range of durations")) }
    }
}

/// One or more numbers with units, added up.
fn nanoseconds(cursor: &mut Cursor<'_>) -> Result<u64, TreeError> {
    let mut sum: u64 = 0;
    loop {
        let start = *cursor;
        let number = cursor.take_while(|c| c.is_ascii_digit());
        let mut fraction = "";
        let mut point = *cursor;
        if point.take(".") && point.rest().starts_with(|c: char| c.is_ascii_digit()) {
            fraction = point.take_while(|c| c.is_ascii_digit());
            *cursor = point;
        }
        if number.is_empty() {
            return Err(cursor.error("a duration such as `12 ms`"));
        }
        cursor.skip_spaces();
        let Some((_, size)) = UNITS.iter().find(|(unit, _)| cursor.take(unit)) else {
            return Err(cursor.error("a unit: h, min, s, ms, µs or ns"));
        };
        let ns = || number.parse::<u64>().ok()?.checked_mul(*size)?.checked_add(part(fraction, *size)?);
        let Some(total) = ns().and_then(|ns| ns.checked_add(sum)) else {
            return Err(start.error("a whole number of nanoseconds, at most 584 years of them"));
        };
        sum = total;
        let mut next = *cursor;
        next.skip_spaces();
        if !next.rest().starts_with(|c: char| c.is_ascii_digit()) {
            break;
        }
        *cursor = next;
    }
    if cursor.is_at_gap() || cursor.rest().starts_with("..") {
        Ok(sum)
    } else {
        Err(cursor.error("a space after a duration"))
    }
}

/// The nanoseconds of a fraction of a unit, if they are whole.
fn part(fraction: &str, size: u64) -> Option<u64> {
    let digits = fraction.trim_end_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    let of = 10_u128.checked_pow(u32::try_from(digits.len()).ok()?)?;
    let ns = digits.parse::<u128>().ok()?.checked_mul(size.into())?;
    if ns.is_multiple_of(of) { u64::try_from(ns / of).ok() } else { None }
}
