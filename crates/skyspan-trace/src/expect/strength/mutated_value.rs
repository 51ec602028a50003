//! Values that are nearly the same.

use crate::value::{Map, Value, float_repr, to_json};

/// Another value of the same type.
pub(super) fn changed(value: &Value) -> Value {
    match value {
        Value::Null => false.into(),
        Value::Bool(truth) => (!truth).into(),
        Value::Int(number) => number.checked_add(1).unwrap_or(0).into(),
        Value::BigInt(digits) => Value::BigInt(format!("{digits}0").into()),
        Value::Float(number) if !number.is_finite() => 0.0.into(),
        // A large one does not change by 1.
        Value::Float(number) if number + 1.0 == *number => (number / 2.0).into(),
        Value::Float(number) => (number + 1.0).into(),
        Value::Str(text) => format!("{text}~").into(),
        Value::Array(elements) => with_first(elements, changed).unwrap_or_else(|| [0].into()),
        Value::Map(map) => {
            let mut entries = map.iter().map(|(key, value)| (key.clone(), value.clone()));
            match entries.next() {
                Some((key, first)) => Map::from_iter(std::iter::once((key, changed(&first))).chain(entries)).into(),
                None => Map::from_iter([("mutant", true)]).into(),
            }
        }
    }
}

/// An exit status that it is not.
pub(super) fn other_exit_status(found: &Value) -> Value {
    Value::literal(if *found == Value::literal("success") { "fail" } else { "success" })
}

/// The same value in other types.
pub(super) fn retyped(value: &Value) -> Vec<Value> {
    match value {
        Value::Int(number) => vec![number.to_string().into(), as_float(*number)],
        Value::Float(number) => {
            let whole = as_whole(*number).map(Value::from);
            std::iter::once(Value::from(float_repr(*number))).chain(whole).collect()
        }
        Value::Str(text) => match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(number), _) => vec![number.into()],
            (_, Ok(number)) => vec![number.into()],
            _ => vec![[text.clone()].into()],
        },
        Value::BigInt(digits) => vec![digits.into()],
        Value::Array(elements) => {
            let first = with_first(elements, |first| retyped(first).pop().unwrap_or_default());
            std::iter::once(Value::from(to_json(value))).chain(first).collect()
        }
        other => vec![to_json(other).into()],
    }
}

fn with_first(elements: &[Value], change: impl FnOnce(&Value) -> Value) -> Option<Value> {
    let (first, rest) = elements.split_first()?;
    Some(std::iter::once(change(first)).chain(rest.iter().cloned()).collect())
}

#[expect(clippy::cast_precision_loss, reason = "it is a mutant")]
fn as_float(number: i64) -> Value {
    (number as f64).into()
}

#[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
fn as_whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 1e15).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::{changed, retyped};
    use crate::value::{Map, Value};

    #[test]
    fn a_mutant_is_another_value() {
        for value in [
            Value::Null,
            true.into(),
            5.into(),
            i64::MAX.into(),
            5.0.into(),
            1e300.into(),
            f64::NAN.into(),
            "5".into(),
            "".into(),
            [5].into(),
            Vec::<Value>::new().into(),
            Map::from_iter([("a", 1)]).into(),
            Map::default().into(),
        ] {
            assert_ne!(changed(&value), value);
            assert!(!retyped(&value).is_empty() && !retyped(&value).contains(&value), "{value}");
        }
        assert_eq!(retyped(&5.into()), ["5".into(), Value::from(5.0)]);
        assert_eq!(retyped(&"5".into()), [Value::from(5)]);
        assert_eq!(retyped(&[5].into()), ["[5]".into(), Value::from([5.0])]);
    }
}
