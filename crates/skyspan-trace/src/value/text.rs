//! [`Text`]: an immutable string that costs nothing to clone.

use std::borrow::{Borrow, Cow};
use std::cell::Cell;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use smol_str::SmolStr;

/// An immutable string: a literal of the program, one of up to 23 bytes that stands in place, or one that its owners share.
///
/// Cloning never allocates. Device names, data keys and reprs are made once and then stand in thousands of spans and
/// events.
#[derive(Clone)]
pub struct Text(Repr);

#[derive(Clone)]
enum Repr {
    Static(&'static str),
    Owned(SmolStr),
    InOnePlace(Arc<str>),
}

/// A buffer that has grown beyond this is not kept.
const SCRATCH_MAX: usize = 4096;

thread_local! {
    /// Where texts are put together.
    static SCRATCH: Cell<String> = const { Cell::new(String::new()) };
}

impl Text {
    /// A literal, without an allocation.
    #[must_use]
    pub const fn literal(text: &'static str) -> Self {
        Self(Repr::Static(text))
    }

    /// The text as a string slice.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Static(text) => text,
            Repr::Owned(text) => text,
            Repr::InOnePlace(text) => text,
        }
    }

    /// A text whose characters stand in one place in memory, however short it is, and those of its clones in the same: so one that
    /// has gone a long way can be told from another that says the same.
    ///
    /// ```
    /// use skyspan_trace::value::Text;
    ///
    /// let (one, other) = (Text::in_one_place("a"), Text::in_one_place("a"));
    /// assert_eq!(one, other);
    /// assert!(one.place().is_some() && one.place() == one.clone().place() && one.place() != other.place());
    /// assert_eq!(Text::from("a").place(), None);
    /// ```
    #[must_use]
    pub fn in_one_place(text: &str) -> Self {
        Self(Repr::InOnePlace(text.into()))
    }

    /// The address of a text that stands [in one place](Self::in_one_place); nothing for any other.
    #[must_use]
    pub fn place(&self) -> Option<usize> {
        match &self.0 {
            Repr::InOnePlace(text) => Some(text.as_ptr().addr()),
            _ => None,
        }
    }

    /// How many have a text that stands [in one place](Self::in_one_place), this one among them; nothing for any other.
    ///
    /// ```
    /// use skyspan_trace::value::Text;
    ///
    /// let text = Text::in_one_place("a");
    /// let other = text.clone();
    /// assert_eq!((other.owners(), Text::from("a").owners()), (Some(2), None));
    /// ```
    #[must_use]
    pub fn owners(&self) -> Option<usize> {
        match &self.0 {
            Repr::InOnePlace(text) => Some(Arc::strong_count(text)),
            _ => None,
        }
    }

    /// The text that `write` puts together, in a buffer that is used again.
    ///
    /// ```
    /// use skyspan_trace::value::Text;
    ///
    /// let text = Text::written(|text| ["device=", "motor"].into_iter().for_each(|part| text.push_str(part)));
    /// assert_eq!(text, "device=motor");
    /// ```
    pub fn written(write: impl FnOnce(&mut String)) -> Self {
        // It is taken out meanwhile, for what is written may write a text itself.
        let mut buffer = SCRATCH.try_with(Cell::take).unwrap_or_default();
        buffer.clear();
        write(&mut buffer);
        let text = Self::from(buffer.as_str());
        if buffer.capacity() <= SCRATCH_MAX {
            // At the end of a thread there may be none any more.
            let _ = SCRATCH.try_with(|scratch| scratch.set(buffer));
        }
        text
    }

    /// The string for OpenTelemetry, without a copy where it is long.
    pub fn into_otel(self) -> opentelemetry::StringValue {
        self.to_otel()
    }

    /// The same string for OpenTelemetry, again without a copy where it is long.
    pub fn to_otel(&self) -> opentelemetry::StringValue {
        match &self.0 {
            Repr::Static(text) => (*text).into(),
            Repr::Owned(text) => Arc::<str>::from(text.clone()).into(),
            Repr::InOnePlace(text) => Arc::clone(text).into(),
        }
    }

    /// The same string as the name of a span for OpenTelemetry.
    pub fn to_otel_name(&self) -> Cow<'static, str> {
        match &self.0 {
            Repr::Static(text) => Cow::Borrowed(text),
            Repr::Owned(text) => Cow::Owned(text.to_string()),
            Repr::InOnePlace(text) => Cow::Owned(text.to_string()),
        }
    }

    /// The same string as an attribute key for OpenTelemetry, again without a copy where it is long.
    pub fn to_otel_key(&self) -> opentelemetry::Key {
        match &self.0 {
            Repr::Static(text) => opentelemetry::Key::from_static_str(text),
            Repr::Owned(text) => Arc::<str>::from(text.clone()).into(),
            Repr::InOnePlace(text) => Arc::clone(text).into(),
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

    #[inline]
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
        Self(Repr::Owned(text.into()))
    }
}

impl From<&&str> for Text {
    fn from(text: &&str) -> Self {
        (*text).into()
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(Repr::Owned(text.into()))
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<Arc<str>> for Text {
    fn from(text: Arc<str>) -> Self {
        Self(Repr::Owned(text.into()))
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
    #[inline]
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

#[cfg(test)]
mod tests {
    #[test]
    fn a_text_is_no_larger_than_a_string() {
        assert_eq!(size_of::<super::Text>(), 24);
        assert!(size_of::<crate::value::Value>() <= 32);
    }
}
