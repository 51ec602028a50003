//! What a name or a value may be: [`Glob`], [`Any`], and [`NamePattern`], which is one of them or exact.

use std::fmt;

use super::regex::Regex;
use crate::value::Text;

/// A text in which `*` stands for any characters, also none. See [`glob`].
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Glob(Text);

/// A text in which each `*` stands for any characters, also none; every other character stands for itself.
///
/// It can be the name of a [`span`](super::span) and the value of an [`attr`](super::SpanExpectation::attr), where it
/// is met by strings alone.
///
/// ```
/// use skyspan_trace::expect::{glob, none, span};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace = Trace::from_spans([Span::builder("wait").attribute("group", "set-1").build()]);
/// trace.assert(span(glob("w*t")).attr("group", glob("set-*")));
/// trace.assert(none(span(glob("w*x"))));
/// ```
pub fn glob(pattern: impl Into<Text>) -> Glob {
    Glob(pattern.into())
}

impl Glob {
    /// Whether the whole text is as the pattern says.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let mut pieces = self.0.split('*');
        let Some(first) = pieces.next() else { return text.is_empty() };
        let Some(mut rest) = text.strip_prefix(first) else { return false };
        let Some(last) = pieces.next_back() else { return rest.is_empty() };
        // Taking the first place for each piece between leaves most for those after it.
        for piece in pieces {
            let Some((_, after)) = rest.split_once(piece) else { return false };
            rest = after;
        }
        rest.ends_with(last)
    }
}

/// Prints the words of the report: `like "motor*"`.
impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "like {:?}", self.0)
    }
}

/// Whatever there is. See [`any`].
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Any;

/// Any name of a [`span`](super::span), or any value of an [`attr`](super::SpanExpectation::attr) that is there.
///
/// ```
/// use skyspan_trace::expect::{any, every, span};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace = Trace::from_spans([Span::builder("wait").attribute("group", "set-1").build()]);
/// trace.assert(every(span(any())).attr("group", any()));
/// ```
#[must_use]
pub const fn any() -> Any {
    Any
}

/// What a span may be called: anything that turns into it will do, a string among them.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum NamePattern {
    /// So, to the letter.
    Exact(Text),
    /// As a pattern says.
    Glob(Glob),
    /// As a regular expression says.
    Regex(Regex),
    /// Any name.
    Any,
}

impl NamePattern {
    /// Whether a span may be called so.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exact(text) => text == name,
            Self::Glob(glob) => glob.matches(name),
            Self::Regex(regex) => regex.matches(name),
            Self::Any => true,
        }
    }

    /// The name as a drawing shows it.
    pub(super) fn label(&self) -> &str {
        match self {
            Self::Exact(text) | Self::Glob(Glob(text)) => text,
            Self::Regex(regex) => regex.as_str(),
            Self::Any => "*",
        }
    }
}

/// In quotes, with `like` before a pattern: `"wait"`, `like "w*"`, `of any name`.
impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(text) => write!(f, "{text:?}"),
            Self::Glob(glob) => glob.fmt(f),
            Self::Regex(regex) => regex.fmt(f),
            Self::Any => f.write_str("of any name"),
        }
    }
}

impl From<&str> for NamePattern {
    fn from(name: &str) -> Self {
        Self::Exact(name.into())
    }
}

impl From<String> for NamePattern {
    fn from(name: String) -> Self {
        Self::Exact(name.into())
    }
}

impl From<&String> for NamePattern {
    fn from(name: &String) -> Self {
        Self::Exact(name.into())
    }
}

impl From<Text> for NamePattern {
    fn from(name: Text) -> Self {
        Self::Exact(name)
    }
}

impl From<Glob> for NamePattern {
    fn from(glob: Glob) -> Self {
        Self::Glob(glob)
    }
}

impl From<Regex> for NamePattern {
    fn from(regex: Regex) -> Self {
        Self::Regex(regex)
    }
}

impl From<Any> for NamePattern {
    fn from(_: Any) -> Self {
        Self::Any
    }
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text, matches) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("a", "a", true),
            ("a*", "a", true),
            ("*a", "ba", true),
            ("a*a", "a", false),
            ("a*b*c", "axbxbxc", true),
            ("a*b*b", "ab", false),
            ("**", "x", true),
            ("a?", "ab", false),
            ("*ab*ab", "abab", true),
            ("*ab*ab", "aab", false),
        ] {
            assert_eq!(glob(pattern).matches(text), matches, "{pattern} {text}");
        }
    }
}
