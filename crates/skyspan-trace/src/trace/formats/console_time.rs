//! Times as the console JSON has them.

use crate::value::Timestamp;

const SECOND_US: i64 = 1_000_000;

/// A time as Python's SDK prints it: `2024-06-18T08:40:56.377673Z` (opentelemetry-sdk 1.45.2, `ns_to_iso_str`).
///
/// Python divides the nanoseconds by 1e9, which leaves some 240 ns of precision, and makes a `datetime` of the float.
/// The result is often not the nearest microsecond; doing the same gives the same.
pub(super) fn to_console(time: Timestamp) -> String {
    let seconds = time.unix_s();
    // CPython 3.11, `datetime.fromtimestamp` and `_PyTime_ObjectToTimeval` with ROUND_HALF_EVEN: the fraction is taken
    // off first, and then rounded.
    #[expect(clippy::cast_possible_truncation, reason = "both are whole numbers that fit")]
    let micros = seconds.trunc() as i64 * SECOND_US + (seconds.fract() * 1e6).round_ties_even() as i64;
    match jiff::Timestamp::from_microsecond(micros) {
        Ok(moment) => {
            let utc = jiff::tz::Offset::UTC.to_datetime(moment);
            let (year, month, day) = (utc.year(), utc.month(), utc.day());
            let (hour, minute, second) = (utc.hour(), utc.minute(), utc.second());
            let fraction = micros % SECOND_US;
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:06}Z")
        }
        // Out of reach: 64 bits of nanoseconds end in the year 2554, jiff's calendar in 9999.
        Err(_) => time.to_string(),
    }
}

/// A start or an end as the SDK prints it. The text of the epoch stands for a time of 1 to 499 ns after it, as for the epoch itself
/// the SDK prints `null`; so it is read as the first of these, which is printed as the same text again.
pub(super) fn from_console(text: &str) -> Option<Timestamp> {
    let time: Timestamp = text.parse().ok()?;
    Some(if time == Timestamp::EPOCH { Timestamp::from_unix_ns(1) } else { time })
}

/// A time that the SDK prints as `null` where it is zero (`ReadableSpan.to_json`: `if self._start_time`).
pub(super) fn to_console_or_null(time: Option<Timestamp>) -> Option<String> {
    time.filter(|time| *time != Timestamp::EPOCH).map(to_console)
}
