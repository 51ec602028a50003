//! [`Node`]: a piece of YAML that knows where it stands.

use std::time::Duration;

use super::YamlError;
use crate::value::{Map, Position, Text, Value, to_json};

/// How much of a string an error shows.
const SHOWN_CHARS: usize = 40;

/// A piece of YAML and where it stands.
///
/// A node that an alias brought in has the position of the anchor's node: there it is written, and there a mistake in it
/// is put right.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value that stands there.
    pub value: NodeValue,
    /// Where the value begins in the file.
    pub position: Position,
}

/// What a [`Node`] is.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeValue {
    /// A string, a number, a boolean or null; never a list or a map.
    Scalar(Value),
    /// A list of nodes.
    Sequence(Vec<Node>),
    /// A map, in the order of a Python dict; its keys are scalars, and no key stands twice.
    Mapping(Vec<(Node, Node)>),
}

impl Node {
    /// Reads a YAML text of one document; an empty text is null, as for Python.
    ///
    /// Anchors, aliases and merge keys (`<<`) are resolved, and plain scalars are what YAML 1.1 calls them: `on` is true,
    /// `1:30` is 90, `1e5` is a string. Where this is stricter than `PyYAML`, the text would be a mistake: a key that
    /// stands twice in a map, a plain date (which JSON has no type for; put it in quotes), an alias within its own anchor.
    ///
    /// # Errors
    ///
    /// [`YamlError`] where the text is not YAML, or has a tag other than `!!str`, `!!int`, `!!float`, `!!bool`,
    /// `!!null`, `!!seq` and `!!map`, nests more than 200 deep, or copies more than 100,000 nodes by its anchors and aliases.
    #[cfg(feature = "yaml")]
    pub fn parse(text: &str) -> Result<Self, YamlError> {
        super::composer::read(text)
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            NodeValue::Scalar(value) => value.as_str(),
            _ => None,
        }
    }

    /// Whether it is null, written or left empty.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.value, NodeValue::Scalar(Value::Null))
    }

    /// What it is, for messages to people: `the string "motr"`, `the integer 5`, `null`, `a list`.
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.value {
            NodeValue::Scalar(Value::Null) => "null".to_owned(),
            NodeValue::Scalar(value) => {
                let kind = value.kind();
                let kind = kind.split_once(' ').map_or(kind, |(_article, kind)| kind);
                let shown = match value {
                    Value::Str(text) => format!("{:?}", shorten(text)),
                    number => shorten(&to_json(number)),
                };
                format!("the {kind} {shown}")
            }
            NodeValue::Sequence(_) => "a list".to_owned(),
            NodeValue::Mapping(_) => "a map".to_owned(),
        }
    }

    /// The error that `expected` should stand here.
    #[must_use]
    pub fn unexpected(&self, expected: impl Into<String>) -> YamlError {
        YamlError::new(self.position, expected, self.describe())
    }

    /// The node as a plain value.
    ///
    /// # Errors
    ///
    /// [`YamlError`] at a key that is not a string. Python would let it be, but the names of arguments and of
    /// metadata are strings, and JSON, `str()` and a Python dict each make something else of `1` or `true` as a key.
    pub fn to_value(&self) -> Result<Value, YamlError> {
        match &self.value {
            NodeValue::Scalar(value) => Ok(value.clone()),
            NodeValue::Sequence(nodes) => {
                Ok(Value::from(nodes.iter().map(Self::to_value).collect::<Result<Vec<_>, _>>()?))
            }
            NodeValue::Mapping(entries) => Ok(Value::from(entries_to_map(entries)?)),
        }
    }

    /// The node as a map of plain values; `what` says what should stand here.
    ///
    /// # Errors
    ///
    /// [`YamlError`] when it is no map, or where a key is not a string.
    pub fn to_map(&self, what: &str) -> Result<Map, YamlError> {
        entries_to_map(self.expect_map(what)?)
    }

    /// The string; `what` says what should stand here, such as `the name of a device`.
    ///
    /// # Errors
    ///
    /// [`YamlError`] when it is no string.
    pub fn expect_str(&self, what: &str) -> Result<&str, YamlError> {
        self.as_str().ok_or_else(|| {
            let error = self.unexpected(what);
            match self.value {
                // A plain `null`, `on` or `5` may well have been meant as a name.
                NodeValue::Scalar(_) => error.with_help("put it in quotes to make it a string"),
                _ => error,
            }
        })
    }

    /// The elements of the list; `what` says what should stand here.
    ///
    /// # Errors
    ///
    /// [`YamlError`] when it is no list.
    pub fn expect_list(&self, what: &str) -> Result<&[Self], YamlError> {
        match &self.value {
            NodeValue::Sequence(nodes) => Ok(nodes),
            _ => Err(self.unexpected(what)),
        }
    }

    /// The entries of the map; `what` says what should stand here.
    ///
    /// # Errors
    ///
    /// [`YamlError`] when it is no map.
    pub fn expect_map(&self, what: &str) -> Result<&[(Self, Self)], YamlError> {
        match &self.value {
            NodeValue::Mapping(entries) => Ok(entries),
            _ => Err(self.unexpected(what)),
        }
    }

    /// The number, whole or not; `what` says what should stand here.
    ///
    /// # Errors
    ///
    /// [`YamlError`] when it is no number.
    pub fn expect_number(&self, what: &str) -> Result<f64, YamlError> {
        let number = match &self.value {
            NodeValue::Scalar(value) => value.as_f64(),
            _ => None,
        };
        number.ok_or_else(|| {
            let error = self.unexpected(what);
            if self.as_str().is_some_and(|text| text.contains(['e', 'E']) && text.parse::<f64>().is_ok()) {
                error.with_help("a number with an exponent needs a point and a sign, as in 1.0e+5")
            } else {
                error
            }
        })
    }

    /// The number of seconds, none of them negative; `what` says what should stand here.
    ///
    /// # Errors
    ///
    /// [`YamlError`] when it is no such number, or more than a [`Duration`] holds.
    pub fn expect_seconds(&self, what: &str) -> Result<Duration, YamlError> {
        Duration::try_from_secs_f64(self.expect_number(what)?).map_err(|_| self.unexpected(what))
    }

    /// The whole number that is not negative; `what` says what should stand here.
    ///
    /// # Errors
    ///
    /// [`YamlError`] when it is no such number, or beyond 64 bits.
    pub fn expect_count(&self, what: &str) -> Result<u64, YamlError> {
        match &self.value {
            NodeValue::Scalar(Value::Int(number)) => u64::try_from(*number).ok(),
            NodeValue::Scalar(Value::BigInt(digits)) => digits.parse().ok(),
            _ => None,
        }
        .ok_or_else(|| self.unexpected(what))
    }

    /// The truth value; `what` says what should stand here.
    ///
    /// # Errors
    ///
    /// [`YamlError`] when it is no boolean.
    pub fn expect_bool(&self, what: &str) -> Result<bool, YamlError> {
        match self.value {
            NodeValue::Scalar(Value::Bool(truth)) => Ok(truth),
            _ => Err(self.unexpected(what)),
        }
    }
}

/// A node that stands in no text.
impl From<NodeValue> for Node {
    fn from(value: NodeValue) -> Self {
        Self { value, position: Position::NOWHERE }
    }
}

/// A node that stands in no text, of what [`Node::to_value`] gives.
impl From<Value> for Node {
    fn from(value: Value) -> Self {
        match value {
            Value::Array(values) => NodeValue::Sequence(values.iter().cloned().map(Self::from).collect()),
            Value::Map(map) => {
                let entry = |(key, value): (&Text, &Value)| (Value::from(key).into(), Self::from(value.clone()));
                NodeValue::Mapping(map.iter().map(entry).collect())
            }
            scalar => NodeValue::Scalar(scalar),
        }
        .into()
    }
}

macro_rules! node_of_scalars {
    ($($scalar:ty),*) => {$(
        /// A scalar that stands in no text.
        impl From<$scalar> for Node {
            fn from(value: $scalar) -> Self {
                NodeValue::Scalar(Value::from(value)).into()
            }
        }
    )*};
}

node_of_scalars!(&str, String, Text, &Text, bool, i32, u32, i64, u64, f64);

/// A list that stands in no text.
impl<T: Into<Self>, const N: usize> From<[T; N]> for Node {
    fn from(nodes: [T; N]) -> Self {
        NodeValue::Sequence(nodes.into_iter().map(Into::into).collect()).into()
    }
}

/// A list that stands in no text.
impl<T: Into<Self>> From<Vec<T>> for Node {
    fn from(nodes: Vec<T>) -> Self {
        NodeValue::Sequence(nodes.into_iter().map(Into::into).collect()).into()
    }
}

/// A map that stands in no text.
impl From<Map> for Node {
    fn from(map: Map) -> Self {
        Value::from(map).into()
    }
}

fn entries_to_map(entries: &[(Node, Node)]) -> Result<Map, YamlError> {
    let mut pairs = Vec::with_capacity(entries.len());
    for (key, node) in entries {
        pairs.push((key.expect_str("a string as the key")?, node.to_value()?));
    }
    Ok(Map::from_iter(pairs))
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}...", &text[..end]),
    }
}
