//! Values as the OpenTelemetry SDK for Rust takes them.

use opentelemetry::{Array, StringValue};

use crate::value::{Value, to_json};

/// The value as OpenTelemetry's SDK for Rust takes it; nothing for null.
pub fn otel_value(value: Value) -> Option<opentelemetry::Value> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(truth) => truth.into(),
        Value::Int(number) => number.into(),
        Value::Float(number) => number.into(),
        Value::Str(text) => text.into_otel().into(),
        Value::Array(elements) => opentelemetry::Value::Array(otel_array(&elements)),
        Value::BigInt(_) | Value::Map(_) => to_json(&value).into(),
    })
}

/// The value as it comes back out of OpenTelemetry's SDK for Rust, without the way through it; nothing for null.
pub(super) fn recorded_value(value: Value) -> Option<Value> {
    Some(match value {
        Value::Null => return None,
        Value::Array(elements) if is_of_one_type(&elements) => Value::Array(elements),
        Value::Array(elements) => opentelemetry::Value::Array(otel_array(&elements)).into(),
        Value::BigInt(_) | Value::Map(_) => to_json(&value).into(),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) => value,
    })
}

/// Whether a list needs no change to be an array of OpenTelemetry.
fn is_of_one_type(elements: &[Value]) -> bool {
    let Some(first) = elements.first() else { return true };
    let is_scalar = matches!(first, Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::Str(_));
    is_scalar && elements.iter().all(|element| std::mem::discriminant(element) == std::mem::discriminant(first))
}

/// A list as an array of one type; of their JSON texts where the elements share none.
pub fn otel_array(elements: &[Value]) -> Array {
    fn all<T>(elements: &[Value], take: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
        elements.iter().map(take).collect()
    }
    if let Some(numbers) = all(elements, Value::as_i64) {
        Array::I64(numbers)
    } else if let Some(numbers) = all(elements, Value::as_f64) {
        Array::F64(numbers)
    } else if let Some(truths) = all(elements, Value::as_bool) {
        Array::Bool(truths)
    } else if let Some(texts) = all(elements, |element| match element {
        Value::Str(text) => Some(text.to_otel()),
        _ => None,
    }) {
        Array::String(texts)
    } else {
        Array::String(elements.iter().map(|element| StringValue::from(to_json(element))).collect())
    }
}
