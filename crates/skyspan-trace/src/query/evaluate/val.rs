//! [`Val`]: what a field of a span is, or an expression comes to.

use std::borrow::Cow;

use crate::query::syntax::literal::{Literal, duration_text};
use crate::query::syntax::words::{KindWord, StatusWord};
use crate::value::Value;

/// What a field of a span is, or an expression comes to.
#[derive(Clone, Debug)]
pub(in crate::query) enum Val<'a> {
    /// It is not there.
    Nil,
    /// It is there, and no value of the language: an empty list, one of several types, a map.
    Foreign,
    Int(i64),
    Float(f64),
    Str(Cow<'a, str>),
    Bool(bool),
    /// A duration in nanoseconds.
    Duration(i64),
    Status(StatusWord),
    Kind(KindWord),
    /// Two elements or more, of one type.
    List(&'a [Value]),
}

impl<'a> Val<'a> {
    pub(super) fn text(text: &'a str) -> Self {
        Self::Str(Cow::Borrowed(text))
    }

    /// The value of an attribute. A list of one element is that element, as in Tempo.
    pub(in crate::query) fn of(value: &'a Value) -> Self {
        match value {
            Value::Array(elements) => match &**elements {
                [] => Self::Foreign,
                [element @ (Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_))] => Self::scalar(element),
                [first, rest @ ..] => {
                    let is_scalar = matches!(first, Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_));
                    let is_alike = |other: &Value| std::mem::discriminant(other) == std::mem::discriminant(first);
                    if is_scalar && rest.iter().all(is_alike) { Self::List(elements) } else { Self::Foreign }
                }
            },
            scalar => Self::scalar(scalar),
        }
    }

    pub(super) fn scalar(value: &'a Value) -> Self {
        match value {
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Int(number) => Self::Int(*number),
            Value::Float(number) => Self::Float(*number),
            Value::Str(text) => Self::text(text),
            Value::Null | Value::BigInt(_) | Value::Array(_) | Value::Map(_) => Self::Foreign,
        }
    }

    pub(in crate::query) fn of_literal(literal: &'a Literal) -> Self {
        match literal {
            Literal::Int(number) => Self::Int(*number),
            Literal::Float(number) => Self::Float(*number),
            Literal::Str(text) => Self::text(text),
            Literal::Bool(truth) => Self::Bool(*truth),
            Literal::Duration(ns) => Self::Duration(*ns),
            Literal::Status(status) => Self::Status(*status),
            Literal::Kind(kind) => Self::Kind(*kind),
        }
    }

    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Nil | Self::Foreign)
    }

    /// The number, a duration in nanoseconds.
    #[expect(clippy::cast_precision_loss, reason = "as Tempo compares them")]
    pub(in crate::query) fn number(&self) -> Option<f64> {
        match self {
            Self::Int(number) | Self::Duration(number) => Some(*number as f64),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// As answers have it: durations, statuses and kinds as text, what is not there as `nil`.
    pub(in crate::query) fn to_value(&self) -> Value {
        match self {
            Self::Nil | Self::Foreign => Value::literal("nil"),
            Self::Int(number) => Value::Int(*number),
            Self::Float(number) => Value::Float(*number),
            Self::Str(text) => (&**text).into(),
            Self::Bool(truth) => Value::Bool(*truth),
            Self::Duration(ns) => duration_text(*ns).into(),
            Self::Status(status) => Value::literal(status.text()),
            Self::Kind(kind) => Value::literal(kind.text()),
            Self::List(elements) => Value::Array((*elements).into()),
        }
    }

    /// What makes two values the same for `by()`: type and value.
    pub(in crate::query) fn key(&self) -> ValKey {
        match self {
            Self::Nil | Self::Foreign => ValKey::Nil,
            Self::Int(number) => ValKey::Int(*number),
            Self::Float(number) => ValKey::Float(number.to_bits()),
            Self::Str(text) => ValKey::Str(text.clone().into_owned()),
            Self::Bool(truth) => ValKey::Bool(*truth),
            Self::Duration(ns) => ValKey::Duration(*ns),
            Self::Status(status) => ValKey::Str(status.text().to_owned()),
            Self::Kind(kind) => ValKey::Str(kind.text().to_owned()),
            Self::List(elements) => ValKey::List(elements.iter().map(|element| Self::scalar(element).key()).collect()),
        }
    }

    /// The same value, which needs no span.
    pub(super) fn into_owned(self) -> Option<Val<'static>> {
        Some(match self {
            Self::Nil => Val::Nil,
            Self::Foreign => Val::Foreign,
            Self::Int(number) => Val::Int(number),
            Self::Float(number) => Val::Float(number),
            Self::Str(text) => Val::Str(Cow::Owned(text.into_owned())),
            Self::Bool(truth) => Val::Bool(truth),
            Self::Duration(ns) => Val::Duration(ns),
            Self::Status(status) => Val::Status(status),
            Self::Kind(kind) => Val::Kind(kind),
            Self::List(_) => return None,
        })
    }

    /// The literal that says it, if one does.
    pub(super) fn to_literal(&self) -> Option<Literal> {
        match self {
            Self::Int(number) => Some(Literal::Int(*number)),
            Self::Float(number) => number.is_finite().then_some(Literal::Float(*number)),
            Self::Str(text) => Some(Literal::Str(text.clone().into_owned())),
            Self::Bool(truth) => Some(Literal::Bool(*truth)),
            // The least duration has no text that can be read.
            Self::Duration(ns) => (*ns != i64::MIN).then_some(Literal::Duration(*ns)),
            Self::Status(status) => Some(Literal::Status(*status)),
            Self::Kind(kind) => Some(Literal::Kind(*kind)),
            Self::Nil | Self::Foreign | Self::List(_) => None,
        }
    }
}

/// What makes two values the same for `by()`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(in crate::query) enum ValKey {
    Nil,
    Bool(bool),
    Int(i64),
    /// A float by its bits, so that it can be a key.
    Float(u64),
    Duration(i64),
    Str(String),
    List(Vec<Self>),
}
