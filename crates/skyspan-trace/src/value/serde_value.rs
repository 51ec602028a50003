//! Values for serde: [`Value`], [`Map`] and [`Text`] written and read in any of its formats.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::{Map, Text, Value};

/// A list says how long it will be before it has shown anything; no more than this is believed.
const BELIEVED_LENGTH: usize = 1_024;

/// The floats that JSON has no number for, and the strings of protobuf's JSON that stand for them.
const NOT_FINITE: [(&str, f64); 3] = [("NaN", f64::NAN), ("Infinity", f64::INFINITY), ("-Infinity", f64::NEG_INFINITY)];

/// The string that stands for a float which is not finite.
const fn word_for(number: f64) -> &'static str {
    let [(nan, _), (infinity, _), (minus_infinity, _)] = NOT_FINITE;
    if number.is_nan() {
        nan
    } else if number > 0.0 {
        infinity
    } else {
        minus_infinity
    }
}

/// The float that a string stands for.
pub(super) fn float_of_word(word: &str) -> Option<f64> {
    NOT_FINITE.iter().find(|(known, _)| *known == word).map(|(_, number)| *number)
}

/// A string is a string, but for the three that stand for floats.
pub(super) fn value_of_text(text: Text) -> Value {
    float_of_word(&text).map_or(Value::Str(text), Value::Float)
}

/// As JSON has it. A float that is not finite is the string `"NaN"`, `"Infinity"` or `"-Infinity"`, and an integer beyond 64
/// bits the string of its digits; see [`json`](crate::json).
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(truth) => serializer.serialize_bool(*truth),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::BigInt(digits) => match digits.parse() {
                Ok(number) => serializer.serialize_u64(number),
                Err(_) => serializer.serialize_str(digits),
            },
            Self::Float(number) if number.is_finite() => serializer.serialize_f64(*number),
            Self::Float(number) => serializer.serialize_str(word_for(*number)),
            Self::Str(text) => serializer.serialize_str(text),
            Self::Array(elements) => serializer.collect_seq(elements.iter()),
            Self::Map(map) => map.serialize(serializer),
        }
    }
}

/// Its entries in order.
impl Serialize for Map {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entries = serializer.serialize_map(Some(self.len()))?;
        for (key, value) in self {
            entries.serialize_entry(key, value)?;
        }
        entries.end()
    }
}

/// Written as a string.
impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

/// From whatever describes itself, as JSON does. The strings `"NaN"`, `"Infinity"` and `"-Infinity"` are read as the floats
/// for which they stand.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, a truth value, a number, a string, a list or a map")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Deserialize::deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Deserialize::deserialize(deserializer)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(truth.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i128<E>(self, number: i128) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u128<E>(self, number: u128) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(value_of_text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut all = Vec::with_capacity(elements.size_hint().unwrap_or(0).min(BELIEVED_LENGTH));
        while let Some(element) = elements.next_element::<Value>()? {
            all.push(element);
        }
        Ok(all.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Value, A::Error> {
        MapVisitor.visit_map(entries).map(Value::from)
    }
}

/// From a map whose keys are strings, in their order. Of a key that stands twice the last value holds.
impl<'de> Deserialize<'de> for Map {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MapVisitor)
    }
}

struct MapVisitor;

impl<'de> Visitor<'de> for MapVisitor {
    type Value = Map;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map from strings")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Map, A::Error> {
        Ok(all_entries(entries)?.into_iter().collect())
    }
}

/// All entries of a map, in their order.
pub(crate) fn all_entries<'de, A: MapAccess<'de>>(mut entries: A) -> Result<Vec<(Text, Value)>, A::Error> {
    let mut all = Vec::with_capacity(entries.size_hint().unwrap_or(0).min(BELIEVED_LENGTH));
    while let Some(entry) = entries.next_entry::<Text, Value>()? {
        all.push(entry);
    }
    Ok(all)
}

/// Read from a string.
impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
        Ok(text.into())
    }

    /// A [`Value`] hands out a float where the word for it stands that JSON has.
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Text, E> {
        if number.is_finite() {
            return Err(E::invalid_type(Unexpected::Float(number), &self));
        }
        Ok(Text::literal(word_for(number)))
    }
}
