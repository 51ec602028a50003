//! What the schema of start documents wants of metadata (event-model 1.24.0, `run_start`).

use super::ComposeError;
use crate::value::{Map, Text, Value};

/// What a key of the schema may hold.
type Allows = fn(&Value) -> bool;

/// The keys that have a meaning of their own, with what they may hold. `sample` is looked after by the engine.
const KEYS: [(&str, &str, Allows); 8] = [
    ("data_groups", "a list of strings", |value| is_list_of(value, is_string)),
    ("data_session", "a string", is_string),
    ("group", "a string", is_string),
    ("hints", "a map whose `dimensions` are lists of fields and streams", are_hints),
    ("owner", "a string", is_string),
    ("project", "a string", is_string),
    ("projections", "a list of maps", |value| is_list_of(value, |element| element.as_map().is_some())),
    ("scan_id", "a whole number", is_whole),
];

/// What a run says of itself.
const RESERVED: [&str; 2] = ["uid", "time"];

/// Checks metadata against the schema.
pub(super) fn check(metadata: &Map) -> Result<(), ComposeError> {
    if let Some(key) = RESERVED.into_iter().find(|key| metadata.contains_key(key)) {
        return Err(ComposeError::ReservedKey { key });
    }
    check_keys(metadata)?;
    for (key, expected, allows) in KEYS {
        if let Some(value) = metadata.get(key).filter(|value| !allows(value)) {
            return Err(ComposeError::MetadataValue { key: Text::literal(key), expected, found: value.clone() });
        }
    }
    Ok(())
}

/// Keys are checked in maps within maps; the schema does not look into lists.
fn check_keys(map: &Map) -> Result<(), ComposeError> {
    map.iter().try_for_each(|(key, value)| {
        if key.is_empty() || key.contains(['.', '/']) {
            return Err(ComposeError::MetadataKey { key: key.clone() });
        }
        value.as_map().map_or(Ok(()), check_keys)
    })
}

fn is_string(value: &Value) -> bool {
    value.as_str().is_some()
}

fn is_list_of(value: &Value, is: impl Fn(&Value) -> bool) -> bool {
    value.as_array().is_some_and(|elements| elements.iter().all(is))
}

/// JSON Schema takes 2.0 for a whole number, too.
fn is_whole(value: &Value) -> bool {
    match value {
        Value::Int(_) | Value::BigInt(_) => true,
        Value::Float(number) => number.fract() == 0.0,
        _ => false,
    }
}

fn are_hints(value: &Value) -> bool {
    let is_field = |field: &Value| is_string(field) || is_list_of(field, is_string);
    let is_dimension = |dimension: &Value| is_list_of(dimension, is_field);
    let dimensions = value.as_map().map(|hints| hints.get("dimensions"));
    dimensions.is_some_and(|dimensions| dimensions.is_none_or(|all| is_list_of(all, is_dimension)))
}
