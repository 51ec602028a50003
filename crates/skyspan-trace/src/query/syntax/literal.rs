//! Values that stand in a query.

use std::fmt;

use super::words::{KindWord, StatusWord};

/// A value that stands in a query.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::query) enum Literal {
    Int(i64),
    /// A finite floating-point number.
    Float(f64),
    Str(String),
    Bool(bool),
    /// A duration in nanoseconds.
    Duration(i64),
    Status(StatusWord),
    Kind(KindWord),
}

impl Literal {
    /// The number, a duration in nanoseconds; none for what is no number.
    #[expect(clippy::cast_precision_loss, reason = "as Tempo compares them")]
    pub(in crate::query) fn number(&self) -> Option<f64> {
        match self {
            Self::Int(number) | Self::Duration(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }
}

/// As the language has it, so that it is read as the same value.
impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Its digits alone would be one too many.
            Self::Int(i64::MIN) => f.write_str("minInt"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Float(number) => f.write_str(&float_text(*number)),
            Self::Str(text) if text.contains(['`', '\r']) => f.write_str(&quoted(text)),
            Self::Str(text) => write!(f, "`{text}`"),
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Duration(ns) => f.write_str(&duration_text(*ns)),
            Self::Status(status) => f.write_str(status.text()),
            Self::Kind(kind) => f.write_str(kind.text()),
        }
    }
}

/// A string in double quotes, in which nothing needs to be as it is.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// A float that is not read as an integer: `5.0`, `1e+300`.
pub(in crate::query) fn float_text(number: f64) -> String {
    let magnitude = number.abs();
    if magnitude != 0.0 && !(1e-4..1e6).contains(&magnitude) {
        let text = format!("{number:e}");
        // Go writes a sign, and two digits at least.
        return match text.split_once('e') {
            Some((mantissa, exponent)) => {
                let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
                format!("{mantissa}e{sign}{digits:0>2}")
            }
            None => text,
        };
    }
    let text = number.to_string();
    if text.contains('.') { text } else { text + ".0" }
}

const HOUR_NS: u64 = 3_600_000_000_000;
const MINUTE_NS: u64 = 60_000_000_000;
const SECOND_NS: u64 = 1_000_000_000;

/// A number of nanoseconds as Tempo writes durations: `2h0m0s`, `1.5s`, `210ms`, `0s`.
pub(in crate::query) fn duration_text(ns: i64) -> String {
    let sign = if ns < 0 { "-" } else { "" };
    let magnitude = ns.unsigned_abs();
    let decimal = |size: u64| {
        let fraction = magnitude % size;
        let whole = magnitude / size;
        if fraction == 0 {
            return whole.to_string();
        }
        let digits = format!("{fraction:0width$}", width = size.ilog10() as usize);
        format!("{whole}.{}", digits.trim_end_matches('0'))
    };
    match magnitude {
        0 => "0s".to_owned(),
        1..1_000 => format!("{sign}{magnitude}ns"),
        1_000..1_000_000 => format!("{sign}{}µs", decimal(1_000)),
        1_000_000..SECOND_NS => format!("{sign}{}ms", decimal(1_000_000)),
        _ => {
            let (hours, minutes) = (magnitude / HOUR_NS, magnitude % HOUR_NS / MINUTE_NS);
            let below_a_minute = magnitude % MINUTE_NS;
            let fraction = below_a_minute % SECOND_NS;
            let mut seconds = (below_a_minute / SECOND_NS).to_string();
            if fraction > 0 {
                seconds += &format!(".{}", format!("{fraction:09}").trim_end_matches('0'));
            }
            match (hours, minutes) {
                (0, 0) => format!("{sign}{seconds}s"),
                (0, minutes) => format!("{sign}{minutes}m{seconds}s"),
                (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}s"),
            }
        }
    }
}

/// The nanoseconds of a duration: `1h30m`, `1d`, `0.5s`, `100µs`. Nothing if it is none, or longer than 292 years.
///
/// Days, weeks and years stand in Prometheus' form, whole numbers from the greatest unit to the least; hours and below also
/// in Go's, with fractions and in any order.
pub(super) fn parse_duration(text: &str) -> Option<i64> {
    whole_units(text).or_else(|| decimal_units(text))
}

fn whole_units(text: &str) -> Option<i64> {
    const DAY: i64 = 86_400_000_000_000;
    const UNITS: [(&str, i64); 7] = [
        ("y", 365 * DAY),
        ("w", 7 * DAY),
        ("d", DAY),
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
    ];
    let (mut rest, mut next, mut sum) = (text, 0, 0_i64);
    while !rest.is_empty() {
        let (digits, after) = split_digits(rest);
        let unit_end = after.find(|letter: char| letter.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let at = UNITS[next..].iter().position(|(name, _)| *name == unit)? + next;
        let count: i64 = digits.parse().ok()?;
        sum = sum.checked_add(count.checked_mul(UNITS[at].1)?)?;
        (rest, next) = (after, at + 1);
    }
    (!text.is_empty()).then_some(sum)
}

fn decimal_units(text: &str) -> Option<i64> {
    const UNITS: [(&str, u128); 7] = [
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    let (mut rest, mut sum) = (text, 0_u128);
    while !rest.is_empty() {
        let (whole, after) = split_digits(rest);
        let (fraction, after) = after.strip_prefix('.').map_or(("", after), split_digits);
        let unit_end = after.find(|letter: char| letter.is_ascii_digit() || letter == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let (_, size) = UNITS.iter().find(|(name, _)| *name == unit)?;
        if whole.is_empty() && fraction.is_empty() || whole.len() > 19 {
            return None;
        }
        let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        // What is below a nanosecond counts for nothing, and so do digits beyond.
        let fraction = &fraction[..fraction.len().min(18)];
        let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
        let fraction: u128 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
        sum = sum.checked_add(whole.checked_mul(*size)? + fraction * size / scale)?;
        rest = after;
    }
    if text.is_empty() { None } else { i64::try_from(sum).ok() }
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len()))
}
