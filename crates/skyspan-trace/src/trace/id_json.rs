//! Ids in JSON: `"0x"` and hexadecimal digits, as the console JSON has them.

use std::fmt;

use opentelemetry::trace::{SpanId, TraceId};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

use crate::value::Text;

/// What is written as hexadecimal digits.
pub(super) trait HexId: fmt::Display + Sized {
    /// What it is, for a message.
    const WHAT: &'static str;
    /// How many digits it has.
    const DIGITS: usize;

    fn of_digits(digits: &str) -> Option<Self>;
}

impl HexId for TraceId {
    const WHAT: &'static str = "a trace id, \"0x\" and 32 hexadecimal digits";
    const DIGITS: usize = 32;

    fn of_digits(digits: &str) -> Option<Self> {
        Self::from_hex(digits).ok()
    }
}

impl HexId for SpanId {
    const WHAT: &'static str = "a span id, \"0x\" and 16 hexadecimal digits";
    const DIGITS: usize = 16;

    fn of_digits(digits: &str) -> Option<Self> {
        Self::from_hex(digits).ok()
    }
}

/// An id to be written, or one that was read; with or without the `"0x"`.
pub(super) struct IdText<I>(pub(super) I);

impl<I: HexId> Serialize for IdText<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(&self.0, serializer)
    }
}

impl<'de, I: HexId> Deserialize<'de> for IdText<I> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer).map(Self)
    }
}

/// Writes an id as text; for `serde(serialize_with)`.
pub(super) fn serialize<I: HexId, S: Serializer>(id: &I, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("0x{id}"))
}

/// Reads an id from text; for `serde(deserialize_with)`.
pub(super) fn deserialize<'de, I: HexId, D: Deserializer<'de>>(deserializer: D) -> Result<I, D::Error> {
    let text = Text::deserialize(deserializer)?;
    let digits = text.strip_prefix("0x").unwrap_or(&text);
    let is_hex = digits.len() == I::DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let id = is_hex.then(|| I::of_digits(digits)).flatten();
    id.ok_or_else(|| D::Error::custom(format_args!("expected {}, found {text:?}", I::WHAT)))
}
