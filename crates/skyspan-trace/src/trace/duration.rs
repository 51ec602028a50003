//! Durations for people: exact, and rounded. There is this one rounding, in drawings, tables, statistics and pages alike.

use std::fmt::Write as _;

const SECOND_NS: u64 = 1_000_000_000;
const MINUTE_NS: u64 = 60 * SECOND_NS;
const HOUR_NS: u64 = 60 * MINUTE_NS;
const DAY_NS: u64 = 24 * HOUR_NS;
/// Most rounded durations have no more characters.
const DIGITS_AND_UNIT: usize = 12;
/// From the smallest to the largest.
const UNITS: [(u64, &str); 4] = [(1, "ns"), (1_000, "µs"), (1_000_000, "ms"), (SECOND_NS, "s")];

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
    let whole = ns.unsigned_abs();
    let minutes = whole / u128::from(MINUTE_NS);
    // What is left of a minute fits.
    let rest = u64::try_from(whole % u128::from(MINUTE_NS)).unwrap_or_default();
    if minutes > 0 {
        for (number, unit) in [(minutes / 60, "h "), (minutes % 60, "min ")] {
            if number > 0 {
                // Writing to a String cannot fail.
                let _ = write!(out, "{number} {unit}");
            }
        }
        if rest == 0 {
            out.truncate(out.trim_end().len());
        } else {
            write_decimal(&mut out, rest, (SECOND_NS, "s"));
        }
        return out;
    }
    let unit = UNITS.into_iter().rfind(|(size, _)| rest >= *size).unwrap_or((SECOND_NS, "s"));
    write_decimal(&mut out, rest, unit);
    out
}

/// A number of nanoseconds as people read durations: three significant digits below a minute, and the two largest units from a
/// minute on. Zeros at the end of a fraction are left out. Half a digit is rounded up, away from zero.
///
/// [`exact_duration`] has all digits. The two agree wherever three digits are all there are.
///
/// ```
/// use skyspan_trace::trace::rounded_duration;
///
/// assert_eq!(rounded_duration(0), "0 s");
/// assert_eq!(rounded_duration(26_512_345_678), "26.5 s");
/// assert_eq!(rounded_duration(8_000_000_001), "8 s");
/// assert_eq!(rounded_duration(999_999), "1 ms");
/// assert_eq!(rounded_duration(70_400_000_000), "1 min 10 s");
/// assert_eq!(rounded_duration(3_725_000_000_000), "1 h 2 min");
/// assert_eq!(rounded_duration(90_000_000_000_000), "1 d 1 h");
/// assert_eq!(rounded_duration(-1_234_567), "-1.23 ms");
/// ```
#[must_use]
pub fn rounded_duration(ns: i128) -> String {
    let mut out = String::with_capacity(DIGITS_AND_UNIT);
    if ns < 0 {
        out.push('-');
    }
    let whole = ns.unsigned_abs();
    // A drawing tells millions of them, and 64 bits are divided many times as fast. Longer ones are centuries.
    match u64::try_from(whole).ok().filter(|whole| *whole <= u64::MAX / 2) {
        Some(whole) => write_rounded(&mut out, whole),
        None => {
            let hours = (whole + u128::from(HOUR_NS / 2)) / u128::from(HOUR_NS);
            // Writing to a String cannot fail.
            let _ = write!(out, "{} d", hours / 24);
            if !hours.is_multiple_of(24) {
                let _ = write!(out, " {} h", hours % 24);
            }
        }
    }
    out
}

/// Writes a number of nanoseconds, rounded as [`rounded_duration`] says.
fn write_rounded(out: &mut String, whole: u64) {
    if whole == 0 {
        return out.push_str("0 s");
    }
    // What is rounded up may belong to the next unit.
    for (size, unit) in UNITS {
        let digits_before = (whole / size).checked_ilog10().map_or(1, |power| power + 1);
        let step = if digits_before > 3 { size } else { (size / 10_u64.pow(3 - digits_before)).max(1) };
        let rounded = (whole + step / 2) / step * step;
        if rounded < if size == SECOND_NS { MINUTE_NS } else { size * 1_000 } {
            return write_decimal(out, rounded, (size, unit));
        }
    }
    for ((larger, larger_unit), (smaller, smaller_unit)) in
        [((MINUTE_NS, "min"), (SECOND_NS, "s")), ((HOUR_NS, "h"), (MINUTE_NS, "min")), ((DAY_NS, "d"), (HOUR_NS, "h"))]
    {
        let rounded = (whole + smaller / 2) / smaller;
        let per_larger = larger / smaller;
        let is_largest = larger == DAY_NS;
        let fits = rounded < per_larger * if larger == HOUR_NS { 24 } else { 60 };
        if fits || is_largest {
            // Writing to a String cannot fail.
            let _ = write!(out, "{} {larger_unit}", rounded / per_larger);
            if !rounded.is_multiple_of(per_larger) {
                let _ = write!(out, " {} {smaller_unit}", rounded % per_larger);
            }
            return;
        }
    }
}

/// Writes a number of nanoseconds in a unit, without zeros at the end of its fraction.
fn write_decimal(out: &mut String, ns: u64, (size, unit): (u64, &str)) {
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
