//! [`Rules`]: what a [`Shape`](super::Shape) replaces, besides what is another in each run by nature.

use std::borrow::Cow;

use super::expected::Expected;
use super::pattern::NamePattern;
use super::regex::Regex;
use crate::value::{Text, Value};

/// The type of a value, where a rule of a [`Shape`](super::Shape) or a [pattern](super::of_type) speaks of all values of a type.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "they are what they say")]
#[non_exhaustive]
pub enum ValueType {
    Null,
    Bool,
    Int,
    Float,
    Str,
    List,
    Map,
}

impl ValueType {
    /// The type of a value.
    #[must_use]
    pub const fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Bool,
            Value::Int(_) | Value::BigInt(_) => Self::Int,
            Value::Float(_) => Self::Float,
            Value::Str(_) => Self::Str,
            Value::Array(_) => Self::List,
            Value::Map(_) => Self::Map,
        }
    }

    /// All of them, in their order.
    pub const ALL: [Self; 7] = [Self::Null, Self::Bool, Self::Int, Self::Float, Self::Str, Self::List, Self::Map];

    /// What it is called: `null`, `bool`, `int`, `float`, `str`, `list`, `map`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Float => "float",
            Self::Str => "str",
            Self::List => "list",
            Self::Map => "map",
        }
    }
}

/// The name of the type of a value that was replaced.
pub(super) const fn type_name(value: &Value) -> &'static str {
    ValueType::of(value).name()
}

/// What is replaced, the first rule that speaks of a value first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    pub(super) values: Vec<(Of, Text)>,
    /// Replacements for parts of texts.
    pub(super) matching: Vec<(Regex, Text)>,
    /// Keys that are left out.
    pub(super) omitted: Vec<NamePattern>,
    /// Keys of attributes of which no others are shown; all are, if it is nothing.
    pub(super) only: Option<Vec<NamePattern>>,
    /// Whether what is another in each run by nature stays as it is.
    pub(super) keep_volatile: bool,
    /// Whether it does not matter what a clock has said.
    pub(super) without_times: bool,
}

/// Of which values a rule speaks.
#[derive(Clone, Debug)]
pub(super) enum Of {
    Key(NamePattern),
    Value(Expected),
    Type(ValueType),
}

impl Rules {
    /// What stands in the place of a value.
    pub(super) fn replaced(&self, key: &str, value: &Value) -> Option<&Text> {
        let speaks = |of: &Of| match of {
            Of::Key(pattern) => pattern.matches(key),
            Of::Value(pattern) => pattern.matches(value),
            Of::Type(of_type) => *of_type == ValueType::of(value),
        };
        self.values.iter().find(|(of, _)| speaks(of)).map(|(_, text)| text)
    }

    /// Whether an entry is left out.
    pub(super) fn omit(&self, key: &str) -> bool {
        self.omitted.iter().any(|pattern| pattern.matches(key))
    }

    /// Whether an attribute is shown.
    pub(super) fn shows(&self, key: &str) -> bool {
        let is_wanted = self.only.as_ref().is_none_or(|only| only.iter().any(|pattern| pattern.matches(key)));
        is_wanted && !self.omit(key)
    }

    /// A text in which what matches is replaced.
    pub(super) fn matching_replaced<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.matching.iter().fold(Cow::Borrowed(text), |text, (regex, by)| match regex.replaced(&text, by) {
            Some(replaced) => Cow::Owned(replaced),
            None => text,
        })
    }

    /// Whether any rule speaks of keys.
    pub(super) fn speak_of_keys(&self) -> bool {
        !self.omitted.is_empty() || self.values.iter().any(|(of, _)| matches!(of, Of::Key(_)))
    }

    /// Whether any rule speaks of a key in a value, at any depth.
    pub(super) fn speak_of(&self, value: &Value) -> bool {
        let of_key = |key: &str| {
            self.omit(key) || self.values.iter().any(|(of, _)| matches!(of, Of::Key(pattern) if pattern.matches(key)))
        };
        match value {
            Value::Array(elements) => elements.iter().any(|element| self.speak_of(element)),
            Value::Map(map) => map.iter().any(|(key, value)| of_key(key) || self.speak_of(value)),
            _ => false,
        }
    }
}
