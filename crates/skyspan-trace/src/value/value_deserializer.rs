//! A value as what serde reads of: `MyType::deserialize(value)`.

use std::sync::Arc;

use serde::de::value::{Error, MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::{Map, Text, Value};

/// Any type that serde reads can be made of a value.
///
/// ```
/// use serde::Deserialize;
/// use skyspan_trace::value::{Map, Value};
///
/// #[derive(Deserialize, PartialEq, Debug)]
/// struct Sample {
///     name: String,
///     temperature: f64,
/// }
///
/// let value = Value::from(Map::from_iter([("name", Value::from("A")), ("temperature", f64::INFINITY.into())]));
/// assert_eq!(Sample::deserialize(value)?, Sample { name: "A".into(), temperature: f64::INFINITY });
/// # Ok::<(), serde::de::value::Error>(())
/// ```
impl<'de> Deserializer<'de> for Value {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Bool(truth) => visitor.visit_bool(truth),
            Self::Int(number) => visitor.visit_i64(number),
            Self::BigInt(digits) => match digits.parse() {
                Ok(number) => visitor.visit_u64(number),
                Err(_) => visitor.visit_str(&digits),
            },
            Self::Float(number) => visitor.visit_f64(number),
            Self::Str(text) => visitor.visit_str(&text),
            Self::Array(elements) => {
                let mut elements = SeqDeserializer::new(elements.iter().cloned());
                let read = visitor.visit_seq(&mut elements)?;
                elements.end()?;
                Ok(read)
            }
            Self::Map(map) => {
                let mut entries = entries_of(map);
                let read = visitor.visit_map(&mut entries)?;
                entries.end()?;
                Ok(read)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    /// As serde's derive writes enums: a string, or a map of one entry.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self {
            Self::Str(variant) => visitor.visit_enum(variant.as_str().into_deserializer()),
            Self::Map(map) => visitor.visit_enum(MapAccessDeserializer::new(entries_of(map))),
            other => Err(Error::custom(format_args!(
                "expected one of {name}'s variants ({}), found {}",
                variants.join(", "),
                other.kind()
            ))),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

fn entries_of<'de>(map: Arc<Map>) -> MapDeserializer<'de, <Map as IntoIterator>::IntoIter, Error> {
    MapDeserializer::new(Arc::unwrap_or_clone(map).into_iter())
}

impl IntoDeserializer<'_> for Value {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl IntoDeserializer<'_> for Text {
    type Deserializer = Value;

    fn into_deserializer(self) -> Value {
        Value::Str(self)
    }
}
