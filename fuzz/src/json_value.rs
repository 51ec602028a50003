//! JSON as Python reads and writes it.

use skyspan::value::{JsonReader, Value, from_json, repr, to_json, to_json_indented};

use crate::lines::assert_within;

/// What is read and written is read again as the same value and written as the same text, in each of the layouts. What
/// `serde_json` takes for JSON is taken here, for the same value. An error is within the text.
///
/// # Panics
///
/// If one of these does not hold.
pub fn json_value(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for value in JsonReader::new(text) {
        match value {
            Ok(value) => is_written_as_read(&value),
            Err(error) => {
                assert_within(error.position, text);
                assert!(!error.to_string().is_empty());
            }
        }
    }
    let read = from_json(text);
    if let Err(error) = &read {
        assert_within(error.position, text);
    }
    if let Ok(other) = serde_json::from_str::<serde_json::Value>(text) {
        match read {
            Ok(value) => assert!(is_same(&value, &other), "{value:?} is read by others as {other:?}"),
            Err(error) => panic!("this is JSON: {error}"),
        }
    }
}

fn is_written_as_read(value: &Value) {
    let json = to_json(value);
    for text in [&json, &to_json_indented(value, 0), &to_json_indented(value, 4)] {
        let again = from_json(text).unwrap_or_else(|error| panic!("{text:?} was written, and is no JSON: {error}"));
        // A NaN is not equal to itself, but looks so.
        assert_eq!(format!("{again:?}"), format!("{value:?}"));
        assert_eq!(to_json(&again), json);
    }
    assert!(json.is_ascii() && !json.contains('\n'));
    assert!(!repr(value).is_empty());
    let is_false = [Value::Null, Value::Bool(false), Value::Int(0), Value::literal("")].contains(value)
        || value.as_f64() == Some(0.0)
        || value.as_array().is_some_and(<[Value]>::is_empty)
        || value.as_map().is_some_and(|map| map.is_empty());
    assert_eq!(value.is_truthy(), !is_false, "{value:?}");
}

/// Whether two readers have read the same.
fn is_same(value: &Value, other: &serde_json::Value) -> bool {
    use serde_json::Value as Other;
    match (value, other) {
        (Value::Null, Other::Null) => true,
        (Value::Bool(truth), Other::Bool(other)) => truth == other,
        (Value::Str(text), Other::String(other)) => text.as_str() == other,
        (Value::Int(number), Other::Number(other)) => {
            // For others it is a float.
            other.as_i64().map_or(*number == 0 && other.as_f64() == Some(0.0), |other| *number == other)
        }
        (Value::BigInt(digits), Other::Number(other)) => {
            other.as_u64().map_or(other.as_f64() == value.as_f64(), |other| other.to_string() == digits.as_str())
        }
        (Value::Float(number), Other::Number(other)) => other.as_f64() == Some(*number),
        (Value::Array(elements), Other::Array(others)) => {
            elements.len() == others.len() && elements.iter().zip(others).all(|(value, other)| is_same(value, other))
        }
        (Value::Map(map), Other::Object(others)) => {
            map.len() == others.len()
                && map.iter().all(|(key, value)| others.get(key.as_str()).is_some_and(|other| is_same(value, other)))
        }
        _ => false,
    }
}
