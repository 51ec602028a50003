//! Whole numbers of 128 bits in JSON: as any [`Value`], so that a format without them does not refuse them.

use std::time::Duration;

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

use super::Value;

pub(crate) fn serialize<S: Serializer>(number: &i128, serializer: S) -> Result<S::Ok, S::Error> {
    Value::from(*number).serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i128, D::Error> {
    let number = match Value::deserialize(deserializer)? {
        Value::Int(number) => Some(number.into()),
        Value::BigInt(digits) | Value::Str(digits) => digits.parse().ok(),
        _ => None,
    };
    number.ok_or_else(|| D::Error::custom("expected a whole number"))
}

/// A duration as a whole number of nanoseconds.
pub fn nanoseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    Value::from(time.as_nanos()).serialize(serializer)
}
