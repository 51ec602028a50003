//! What the schema of descriptors wants of data keys (event-model 1.24.0, `event_descriptor`).

use super::{ComposeError, Descriptor};
use crate::value::{Map, Text, Value};

/// What a field of a data key may hold.
type Allows = fn(&Value) -> bool;

/// The fields that have a meaning of their own, with what they may hold.
const FIELDS: [(&str, &str, Allows); 7] = [
    ("choices", "a list of strings", are_strings),
    ("dims", "a list of strings", are_strings),
    ("dtype_numpy", "a type of numpy, or a list of pairs of a name and one", is_dtype_numpy),
    ("external", "a string that begins with capital letters", is_external),
    ("limits", "a map", |value| value.as_map().is_some()),
    ("precision", "a whole number or null", is_precision),
    ("units", "a string or null", |value| value.is_null() || is_string(value)),
];

/// Checks a descriptor against the schema.
pub(super) fn check(descriptor: &Descriptor) -> Result<(), ComposeError> {
    check_keys(descriptor, &descriptor.to_map())?;
    let of_configuration = descriptor.configuration.iter().flat_map(|(_, config)| &config.data_keys.0);
    let of_configuration = of_configuration.map(|(key, described)| (key, &described.more));
    let all = descriptor.data_keys.iter().map(|(key, described)| (key, described)).chain(of_configuration);
    for (key, described) in all {
        for (field, expected, allows) in FIELDS {
            if let Some(found) = described.get(field).filter(|value| !allows(value)) {
                return Err(ComposeError::DataKeyValue { key: key.clone(), field, expected, found: found.clone() });
            }
        }
    }
    Ok(())
}

/// Keys are checked in maps within maps; the schema does not look into lists.
fn check_keys(descriptor: &Descriptor, map: &Map) -> Result<(), ComposeError> {
    map.iter().try_for_each(|(key, value)| {
        if key.is_empty() || key.contains(['.', '/']) {
            return Err(ComposeError::DescriptorKey { stream: descriptor.name.clone(), key: Text::clone(key) });
        }
        value.as_map().map_or(Ok(()), |map| check_keys(descriptor, map))
    })
}

fn is_string(value: &Value) -> bool {
    value.as_str().is_some()
}

fn are_strings(value: &Value) -> bool {
    value.as_array().is_some_and(|elements| elements.iter().all(is_string))
}

fn is_external(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.starts_with(|first: char| first.is_ascii_uppercase()))
}

/// JSON Schema takes 2.0 for a whole number, too.
fn is_precision(value: &Value) -> bool {
    match value {
        Value::Null | Value::Int(_) | Value::BigInt(_) => true,
        Value::Float(number) => number.fract() == 0.0,
        _ => false,
    }
}

fn is_dtype_numpy(value: &Value) -> bool {
    let is_field = |field: &Value| match field.as_array() {
        Some([name, dtype]) => is_string(name) && is_simple_dtype(dtype),
        _ => false,
    };
    is_simple_dtype(value) || value.as_array().is_some_and(|fields| fields.iter().all(is_field))
}

/// `<f8`: the order of bytes, the kind and the size, anywhere in the string.
fn is_simple_dtype(value: &Value) -> bool {
    let is_one =
        |bytes: &[u8]| b"|<>".contains(&bytes[0]) && b"tbiufcmMOSUV".contains(&bytes[1]) && bytes[2].is_ascii_digit();
    value.as_str().is_some_and(|text| text.as_bytes().windows(3).any(is_one))
}
