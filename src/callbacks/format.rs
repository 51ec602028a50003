//! Cells of tables, as Python's `format` fills them (CPython 3.11).

use crate::clock::Timestamp;
use crate::value::{Value, float_repr, repr};

/// Python's `str` of a value.
pub(super) fn str_of(value: &Value) -> String {
    match value {
        Value::Str(text) => text.to_string(),
        other => repr(other),
    }
}

/// `format(value, ">width.precision f")`; nothing where Python raises.
pub(super) fn fixed(value: &Value, precision: i64) -> Option<String> {
    let precision = u16::try_from(precision).ok()?;
    let number = value.as_f64()?;
    Some(match value {
        // Python's `OverflowError`: the integer is too large for a float.
        Value::BigInt(_) if number.is_infinite() => return None,
        _ if number.is_nan() => "nan".to_owned(),
        _ => format!("{number:.*}", usize::from(precision)),
    })
}

/// `format(value, "d")`; nothing where Python raises.
pub(super) fn integer(value: &Value) -> Option<String> {
    match value {
        Value::Int(number) => Some(number.to_string()),
        Value::BigInt(digits) => Some(digits.to_string()),
        _ => None,
    }
}

/// `format(value, "<30")` without the blanks; nothing where Python raises. A truth value is the number that it is.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Bool(truth) => Some(u8::from(*truth).to_string()),
        Value::Float(number) => Some(float_repr(*number)),
        Value::Str(text) => Some(text.to_string()),
        Value::Null | Value::Array(_) | Value::Map(_) => None,
        number => integer(number),
    }
}

/// The time of day in UTC, as `str(datetime.time)` writes it: with six digits of fraction, or with none at all.
pub(super) fn time_of_day(time: Timestamp) -> String {
    let micros = rounded_us(time) % 86_400_000_000;
    let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
    let whole = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if fraction == 0 { whole } else { format!("{whole}.{fraction:06}") }
}

/// The date and the time in UTC: `2024-06-18 08:40:56`.
pub(super) fn date_and_time(time: Timestamp) -> String {
    let text = Timestamp::from_unix_ns(rounded_us(time).saturating_mul(1000)).to_string();
    text.chars().take(19).map(|c| if c == 'T' { ' ' } else { c }).collect()
}

/// Microseconds since the epoch, from seconds as a float, as `datetime.fromtimestamp` rounds them.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, as is wanted")]
fn rounded_us(time: Timestamp) -> u64 {
    let seconds = time.unix_s();
    let whole = seconds.trunc();
    (whole as u64).saturating_mul(1_000_000).saturating_add(((seconds - whole) * 1e6).round_ties_even() as u64)
}
