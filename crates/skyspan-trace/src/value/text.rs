//! [`Text`]: an immutable string that costs nothing to clone.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// An immutable string: a literal of the program, or one that its owners share.
///
/// Cloning never copies the characters. Device names, data keys and reprs are made once and then stand in thousands of
/// spans and events.
#[derive(Clone)]
pub struct Text(Repr);

#[derive(Clone)]
enum Repr {
    Static(&'static str),
    Shared(Arc<str>),
}

impl Text {
    /// A literal, without an allocation.
    #[must_use]
    pub const fn literal(text: &'static str) -> Self {
        Self(Repr::Static(text))
    }

    /// The text as a string slice.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Static(text) => text,
            Repr::Shared(text) => text,
        }
    }

    /// The string for OpenTelemetry, without a copy.
    pub fn into_otel(self) -> opentelemetry::StringValue {
        match self.0 {
            Repr::Static(text) => text.into(),
            Repr::Shared(text) => text.into(),
        }
    }

    /// The same string for OpenTelemetry, again without a copy.
    pub fn to_otel(&self) -> opentelemetry::StringValue {
        match &self.0 {
            Repr::Static(text) => (*text).into(),
            Repr::Shared(text) => Arc::clone(text).into(),
        }
    }

    /// The same string as the name of a span for OpenTelemetry.
    pub fn to_otel_name(&self) -> Cow<'static, str> {
        match &self.0 {
            Repr::Static(text) => Cow::Borrowed(text),
            Repr::Shared(text) => Cow::Owned((**text).to_owned()),
        }
    }

    /// The same string as an attribute key for OpenTelemetry, again without a copy.
    pub fn to_otel_key(&self) -> opentelemetry::Key {
        match &self.0 {
            Repr::Static(text) => opentelemetry::Key::from_static_str(text),
            Repr::Shared(text) => Arc::clone(text).into(),
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::literal("")
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

/// Copies the characters; [`Text::literal`] does not.
impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(Repr::Shared(text.into()))
    }
}

impl From<&&str> for Text {
    fn from(text: &&str) -> Self {
        (*text).into()
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Repr::Shared(text.into()))
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<Arc<str>> for Text {
    fn from(text: Arc<str>) -> Self {
        Self(Repr::Shared(text))
    }
}

impl From<&Self> for Text {
    fn from(text: &Self) -> Self {
        text.clone()
    }
}

impl From<Cow<'static, str>> for Text {
    fn from(text: Cow<'static, str>) -> Self {
        match text {
            Cow::Borrowed(text) => Self::literal(text),
            Cow::Owned(text) => text.into(),
        }
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}
