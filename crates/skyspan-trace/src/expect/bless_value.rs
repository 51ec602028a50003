//! Values as Rust code.

use super::shape_rules::{Rules, ValueType};
use super::volatile::{Names, is_wall_time_at};
use crate::value::Timestamp;
use crate::value::Value;

/// What is expected at a key, as code: the value, or a pattern where it is another in each run.
pub(super) fn expected(key: &str, value: &Value, rules: &Rules) -> String {
    match value {
        Value::Str(text) => text_or_glob(text, rules),
        scalar if is_wall_time_at(key, scalar) => "between(1e8..)".to_owned(),
        Value::Array(_) | Value::Map(_) if is_volatile(key, value, rules) => "any()".to_owned(),
        value => code(value),
    }
}

/// What is expected at a key by the rules that hold unless others are given.
#[cfg(feature = "page")]
pub(crate) fn attribute_code(key: &str, value: &Value) -> String {
    expected(key, value, &Rules::default())
}

/// A text, or a glob with stars for what is another in each run.
pub(super) fn text_or_glob(text: &str, rules: &Rules) -> String {
    if is_volatile_text(text, rules) {
        format!("glob({:?})", Names::stars(rules).text(text))
    } else {
        format!("{text:?}")
    }
}

/// Whether a part of a text is another in each run.
pub(super) fn is_volatile_text(text: &str, rules: &Rules) -> bool {
    Names::alike(Timestamp::EPOCH, rules).text(text) != text
}

pub(super) fn is_volatile(key: &str, value: &Value, rules: &Rules) -> bool {
    match value {
        Value::Str(text) => is_volatile_text(text, rules),
        Value::Array(elements) => elements.iter().any(|element| is_volatile(key, element, rules)),
        Value::Map(map) => map.iter().any(|(key, value)| is_volatile(key, value, rules)),
        scalar => is_wall_time_at(key, scalar),
    }
}

/// A value, as anything that turns into it.
fn code(value: &Value) -> String {
    match value {
        Value::Null => "Value::Null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) if i32::try_from(*number).is_ok() => number.to_string(),
        Value::Int(number) => format!("{number}_i64"),
        Value::BigInt(digits) => format!("Value::BigInt({digits:?}.into())"),
        Value::Float(number) if number.is_nan() => "f64::NAN".to_owned(),
        Value::Float(number) if number.is_infinite() && *number > 0.0 => "f64::INFINITY".to_owned(),
        Value::Float(number) if number.is_infinite() => "f64::NEG_INFINITY".to_owned(),
        Value::Float(number) => format!("{number:?}"),
        Value::Str(text) => format!("{text:?}"),
        Value::Array(elements) if elements.is_empty() => "Vec::<Value>::new()".to_owned(),
        Value::Array(elements) => {
            let plain = |element: &Value| match element {
                Value::Null | Value::BigInt(_) | Value::Array(_) | Value::Map(_) => None,
                element => Some(ValueType::of(element)),
            };
            let first = elements.first().and_then(plain);
            let are_alike = first.is_some() && elements.iter().all(|element| plain(element) == first);
            let elements: Vec<String> = elements.iter().map(if are_alike { code } else { as_value }).collect();
            format!("[{}]", elements.join(", "))
        }
        Value::Map(map) if map.is_empty() => "Map::default()".to_owned(),
        Value::Map(map) => {
            let entries: Vec<String> =
                map.iter().map(|(key, value)| format!("({key:?}, {})", as_value(value))).collect();
            format!("Map::from_iter([{}])", entries.join(", "))
        }
    }
}

/// A value, as a [`Value`].
fn as_value(value: &Value) -> String {
    match value {
        Value::Null | Value::BigInt(_) => code(value),
        value => format!("Value::from({})", code(value)),
    }
}

/// Whether a value is another with every run: it holds an id, a time, an address.
#[cfg(feature = "check")]
pub(crate) fn is_volatile_value(key: &str, value: &Value) -> bool {
    is_volatile(key, value, &Rules::default())
}

/// A name with stars for what is another with every run; nothing if nothing is.
#[cfg(feature = "check")]
pub(crate) fn name_or_glob(name: &str) -> Option<String> {
    let rules = Rules::default();
    is_volatile_text(name, &rules).then(|| Names::stars(&rules).text(name).to_string())
}
