//! What is read from a device, and what describes it.

use crate::clock::Timestamp;
use crate::value::{Map, Text, Value};

/// A value, and when it was taken: `bluesky.protocols.Reading`.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The value that was read.
    pub value: Value,
    /// When the value was measured.
    pub timestamp: Timestamp,
}

/// Readings by data key, in the device's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Readings(pub Vec<(Text, Reading)>);

impl Readings {
    /// The reading of a data key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Reading> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, reading)| reading)
    }

    /// The readings, in the order in which the device gave them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Text, &Reading)> {
        self.0.iter().map(|(key, reading)| (key, reading))
    }
}

impl FromIterator<(Text, Reading)> for Readings {
    fn from_iter<I: IntoIterator<Item = (Text, Reading)>>(readings: I) -> Self {
        Self(readings.into_iter().collect())
    }
}

/// The type of a value in event-model 1.24.0.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dtype {
    /// A string: event-model's `string`.
    String,
    /// A floating-point number: event-model's `number`.
    Number,
    /// A list or an array of numbers: event-model's `array`.
    Array,
    /// A truth value. ophyd's signals describe theirs as integers.
    Boolean,
    /// A whole number: event-model's `integer`.
    Integer,
}

impl Dtype {
    /// Its name in a document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::Array => "array",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
        }
    }

    /// The type of that name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let all = [Self::String, Self::Number, Self::Array, Self::Boolean, Self::Integer];
        all.into_iter().find(|dtype| dtype.as_str() == name)
    }

    /// The type that ophyd 1.11.2 finds for a value (`ophyd.utils.epics_pvs.data_type`): booleans are integers there.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(_) | Value::Int(_) | Value::BigInt(_) => Some(Self::Integer),
            Value::Float(_) => Some(Self::Number),
            Value::Str(_) => Some(Self::String),
            Value::Array(_) => Some(Self::Array),
            _ => None,
        }
    }
}

/// What describes a data key: event-model's `DataKey`.
#[derive(Clone, Debug, PartialEq)]
pub struct DataKey {
    /// Where the value comes from: `SIM:motor`.
    pub source: Text,
    /// The type of the value, as event-model names it.
    pub dtype: Dtype,
    /// Its extent in each dimension; empty for a scalar.
    pub shape: Vec<u64>,
    /// All else that is known of it: `precision`, `units`, `enum_strs`, `external`, ... in that order.
    pub more: Map,
}

impl DataKey {
    /// As it stands in a document.
    #[must_use]
    pub fn to_map(&self) -> Map {
        let mut map = Map::with_capacity(3 + self.more.len());
        map.insert(Text::literal("source"), &self.source);
        map.insert(Text::literal("dtype"), Value::literal(self.dtype.as_str()));
        map.insert(Text::literal("shape"), self.shape.as_slice());
        map.extend(self.more.clone());
        map
    }
}

/// What describes each data key, in the device's order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DataKeys(pub Vec<(Text, DataKey)>);

/// Where a movable device is, and where it was told to go: `bluesky.protocols.Location`.
#[derive(Clone, Debug, PartialEq)]
pub struct Location {
    /// Where it was told to go.
    pub setpoint: Value,
    /// The position at which the device is.
    pub readback: Value,
}

/// Which of a device's data keys matter most to people: `bluesky.protocols.Hints`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hints {
    /// The data keys to be shown; not even the word `fields` stands in the document where there is none.
    pub fields: Option<Vec<Text>>,
    /// `dimensions`, `gridding` and others.
    pub more: Map,
}

impl Hints {
    /// Hints of nothing but fields.
    #[must_use]
    pub fn fields(fields: Vec<Text>) -> Self {
        Self { fields: Some(fields), more: Map::new() }
    }

    /// As they stand in a document.
    #[must_use]
    pub fn to_map(&self) -> Map {
        let fields = self.fields.iter().map(|fields| (Text::literal("fields"), Value::from(fields.as_slice())));
        let mut map: Map = fields.collect();
        map.extend(self.more.clone());
        map
    }
}
