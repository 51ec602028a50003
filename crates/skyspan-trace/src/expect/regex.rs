//! [`Regex`]: a regular expression for names and values.

use std::fmt;
use std::hash::{Hash, Hasher};

use super::value_pattern::ValuePattern;
use crate::value::Value;

/// A regular expression. See [`regex`].
#[derive(Clone, Debug)]
pub struct Regex(regex_lite::Regex);

/// A text in which a regular expression is found, anywhere unless `^` and `$` say where. It can be the name of a
/// [`span`](super::span), and the value of an [`attr`](super::SpanExpectation::attr), where it is met by strings alone. The
/// syntax is that of the crate `regex-lite`.
///
/// ```
/// use skyspan_trace::expect::{regex, span};
/// # use skyspan_trace::trace::{Span, Trace};
/// let trace = Trace::from_spans([Span::builder("wait").attribute("group", "set-3fa9c1").build()]);
/// trace.assert(span(regex("^(wait|set)$")).attr("group", regex("^set-[0-9a-f]{6}$")));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{expect::{regex, span}, trace::{Span, Trace}};
/// # let trace = Trace::from_spans([Span::builder("wait").attribute("group", "set-3fa9c1").build()]);
/// trace.assert(span("wait").attr("group", regex("^[0-9a-f]+$")));
/// ```
///
/// # Panics
///
/// If it is no regular expression.
#[must_use]
#[track_caller]
pub fn regex(pattern: &str) -> Regex {
    match regex_lite::Regex::new(pattern) {
        Ok(regex) => Regex(regex),
        Err(error) => panic!("{pattern:?} is no regular expression: {error}"),
    }
}

impl Regex {
    /// Whether it is found in a text.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// A text with another in place of each part that matches; none if there is no such part.
    pub(super) fn replaced(&self, text: &str, by: &str) -> Option<String> {
        self.0.is_match(text).then(|| self.0.replace_all(text, regex_lite::NoExpand(by)).into_owned())
    }

    /// The same as [`regex`], for a pattern that may be none.
    pub(crate) fn new(pattern: &str) -> Result<Self, regex_lite::Error> {
        regex_lite::Regex::new(pattern).map(Self)
    }

    /// The pattern, as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// A text is no regular expression. Its `Display` says why.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{pattern:?} is no regular expression: {problem}")]
#[non_exhaustive]
pub struct RegexError {
    /// The text of the pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub problem: String,
}

impl std::str::FromStr for Regex {
    type Err = RegexError;

    /// The same as [`regex`], for a pattern that may be none.
    ///
    /// ```
    /// use skyspan_trace::expect::Regex;
    ///
    /// assert!("^set".parse::<Regex>().unwrap().matches("set-3fa9c1"));
    /// assert!("set(".parse::<Regex>().unwrap_err().to_string().starts_with(r#""set(" is no regular expression: "#));
    /// ```
    fn from_str(pattern: &str) -> Result<Self, Self::Err> {
        Self::new(pattern).map_err(|problem| RegexError { pattern: pattern.to_owned(), problem: problem.to_string() })
    }
}

impl ValuePattern for Regex {
    fn matches(&self, value: &Value) -> bool {
        value.as_str().is_some_and(|text| self.matches(text))
    }
}

/// Prints the words of the report: `matching /^a+$/`.
impl fmt::Display for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "matching /{}/", self.as_str())
    }
}

impl PartialEq for Regex {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Regex {}

impl Hash for Regex {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}
