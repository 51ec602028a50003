//! Durations for people, exact.

use std::fmt::Write as _;

const MINUTE_NS: u128 = 60_000_000_000;
const UNITS: [(u128, &str); 4] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs"), (1, "ns")];

/// A number of nanoseconds as people write durations, with every digit it has: in the unit that leaves one to three
/// digits before the point, and from a minute on in hours, minutes and seconds.
///
/// ```
/// use skyspan_trace::trace::exact_duration;
///
/// assert_eq!(exact_duration(0), "0 s");
/// assert_eq!(exact_duration(333), "333 ns");
/// assert_eq!(exact_duration(1_500), "1.5 µs");
/// assert_eq!(exact_duration(8_000_000_001), "8.000000001 s");
/// assert_eq!(exact_duration(7_980_000_000_000), "2 h 13 min");
/// assert_eq!(exact_duration(-5_000_000), "-5 ms");
/// ```
#[must_use]
pub fn exact_duration(ns: i128) -> String {
    let mut out = String::new();
    if ns < 0 {
        out.push('-');
    }
    let mut rest = ns.unsigned_abs();
    if rest >= MINUTE_NS {
        let minutes = rest / MINUTE_NS;
        rest %= MINUTE_NS;
        for (number, unit) in [(minutes / 60, "h "), (minutes % 60, "min ")] {
            if number > 0 {
                // Writing to a String cannot fail.
                let _ = write!(out, "{number} {unit}");
            }
        }
        if rest == 0 {
            out.truncate(out.trim_end().len());
        } else {
            write_decimal(&mut out, rest, UNITS[0]);
        }
        return out;
    }
    let unit = UNITS.into_iter().find(|(size, _)| rest >= *size).unwrap_or(UNITS[0]);
    write_decimal(&mut out, rest, unit);
    out
}

/// A number of nanoseconds in a unit, without zeros at the end of its fraction.
fn write_decimal(out: &mut String, ns: u128, (size, unit): (u128, &str)) {
    let _ = write!(out, "{}", ns / size);
    let mut digits = size.ilog10();
    let mut fraction = ns % size;
    if fraction > 0 {
        while fraction.is_multiple_of(10) {
            (fraction, digits) = (fraction / 10, digits - 1);
        }
        let _ = write!(out, ".{fraction:0width$}", width = digits as usize);
    }
    out.push(' ');
    out.push_str(unit);
}
