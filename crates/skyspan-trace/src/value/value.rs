//! [`Value`]: what an attribute, an argument, a reading or a document's field holds.

use std::sync::Arc;

use super::{Map, Text};

/// What an attribute, an argument, a reading or a document's field holds.
///
/// Integers and floats stay apart, as in Python: `5` is not `5.0`. Equality is that of Rust's types, so a NaN is not
/// equal to itself.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Python's `None`, JSON's `null`.
    #[default]
    Null,
    /// A truth value: Python's `bool`.
    Bool(bool),
    /// A whole number that fits into 64 bits.
    Int(i64),
    /// A whole number beyond 64 bits, by its decimal digits; Python's integers have no bound.
    BigInt(Text),
    /// A floating-point number, also NaN and the infinities.
    Float(f64),
    /// A string: Python's `str`.
    Str(Text),
    /// A list; its elements may be of different types.
    Array(Arc<[Self]>),
    /// A map from strings, in order.
    Map(Arc<Map>),
}

impl Value {
    /// A string literal, without an allocation.
    #[must_use]
    pub const fn literal(text: &'static str) -> Self {
        Self::Str(Text::literal(text))
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is a whole one of 64 bits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The number, whole or not, as a float.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "as Python's float() of an int")]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(number) => Some(*number as f64),
            Self::BigInt(digits) => digits.parse().ok(),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// The truth value, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The elements, if it is a list.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The entries, if it is a map.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether Python holds it for true: not null, false, zero, nor empty.
    #[must_use]
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(truth) => *truth,
            Self::Int(number) => *number != 0,
            Self::BigInt(_) => true,
            Self::Float(number) => *number != 0.0,
            Self::Str(text) => !text.is_empty(),
            Self::Array(elements) => !elements.is_empty(),
            Self::Map(map) => !map.is_empty(),
        }
    }

    /// What kind of value it is, for messages to people: `"an integer"`, `"a string"`, ...
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) | Self::BigInt(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Str(_) => "a string",
            Self::Array(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

/// As Python's `json.dumps` writes it.
impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&super::to_json(self))
    }
}

/// What a plan without a result gives.
impl From<()> for Value {
    fn from((): ()) -> Self {
        Self::Null
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

macro_rules! from_integers {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Value {
            fn from(number: $integer) -> Self {
                match i64::try_from(number) {
                    Ok(number) => Self::Int(number),
                    Err(_) => Self::BigInt(number.to_string().into()),
                }
            }
        }
    )*};
}

from_integers!(i8, i16, i32, i64, i128, u8, u16, u32, u64, u128, usize, isize);

impl From<f32> for Value {
    fn from(number: f32) -> Self {
        Self::Float(number.into())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Str(text.into())
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::Str(text)
    }
}

impl From<&Text> for Value {
    fn from(text: &Text) -> Self {
        Self::Str(text.clone())
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(map.into())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(elements: Vec<T>) -> Self {
        elements.into_iter().collect()
    }
}

impl<T: Into<Self>, const N: usize> From<[T; N]> for Value {
    fn from(elements: [T; N]) -> Self {
        elements.into_iter().collect()
    }
}

impl<T: Clone + Into<Self>> From<&[T]> for Value {
    fn from(elements: &[T]) -> Self {
        // The empty list is one for all.
        if elements.is_empty() { Self::Array(Arc::default()) } else { elements.iter().cloned().collect() }
    }
}

impl<T: Into<Self>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Self::Array(elements.into_iter().map(Into::into).collect())
    }
}
