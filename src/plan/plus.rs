//! [`plus`]: Python's `+`.

use crate::value::Value;

/// The sum of two values, as Python has it: numbers are added, strings and lists are put together.
///
/// # Errors
///
/// The text of Python's `TypeError` for values that do not go together, and another one for whole numbers of more than
/// 127 bits.
pub(super) fn plus(left: &Value, right: &Value) -> Result<Value, String> {
    match (left, right) {
        (Value::Str(left), Value::Str(right)) => Ok(format!("{left}{right}").into()),
        (Value::Array(left), Value::Array(right)) => Ok(left.iter().chain(right.iter()).cloned().collect()),
        (Value::Str(_), _) => Err(format!("can only concatenate str (not \"{}\") to str", class(right))),
        (Value::Array(_), _) => Err(format!("can only concatenate list (not \"{}\") to list", class(right))),
        _ => numbers(left, right).unwrap_or_else(|| {
            Err(format!("unsupported operand type(s) for +: '{}' and '{}'", class(left), class(right)))
        }),
    }
}

/// The sum of two numbers; nothing where one of them is none.
fn numbers(left: &Value, right: &Value) -> Option<Result<Value, String>> {
    let (float_left, float_right) = (float(left)?, float(right)?);
    if matches!(left, Value::Float(_)) || matches!(right, Value::Float(_)) {
        return Some(Ok((float_left + float_right).into()));
    }
    let sum = whole(left).zip(whole(right)).and_then(|(left, right)| left.checked_add(right));
    Some(sum.map(Value::from).ok_or_else(|| "whole numbers of more than 127 bits are not added".to_owned()))
}

fn float(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_bool().map(f64::from))
}

fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::Bool(truth) => Some(i128::from(*truth)),
        Value::Int(number) => Some(i128::from(*number)),
        Value::BigInt(digits) => digits.parse().ok(),
        _ => None,
    }
}

/// The name of its class in Python.
const fn class(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Int(_) | Value::BigInt(_) => "int",
        Value::Float(_) => "float",
        Value::Str(_) => "str",
        Value::Array(_) => "list",
        Value::Map(_) => "dict",
        _ => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::plus;
    use crate::value::{from_json, to_json};

    #[test]
    fn values_are_added_as_python_adds_them() {
        for (left, right, sum) in [
            ("1", "2", "3"),
            ("1", "2.5", "3.5"),
            ("true", "1", "2"),
            ("9223372036854775807", "1", "9223372036854775808"),
            ("0.1", "0.2", "0.30000000000000004"),
            ("\"a\"", "\"b\"", "\"ab\""),
            ("[1]", "[2.0]", "[1, 2.0]"),
            ("1", "\"a\"", "unsupported operand type(s) for +: 'int' and 'str'"),
            ("null", "{}", "unsupported operand type(s) for +: 'NoneType' and 'dict'"),
            ("\"a\"", "1", "can only concatenate str (not \"int\") to str"),
            ("[]", "false", "can only concatenate list (not \"bool\") to list"),
        ] {
            let of = |json: &str| from_json(json).unwrap();
            let added = plus(&of(left), &of(right)).map_or_else(|refusal| refusal, |sum| to_json(&sum));
            assert_eq!(added, sum, "{left} + {right}");
        }
    }
}
