//! [`Json`]: what the JSON in a string must be.

use std::fmt;

use super::expected::Expected;
use super::value_pattern::ValuePattern;
use crate::value::{Text, Value, from_json};

/// What the JSON in a string must be, such as that of `msg.kwargs`. See [`json`].
#[derive(Clone, Debug, Default)]
pub struct Json {
    whole: Option<Value>,
    parts: Vec<(Text, Option<Expected>)>,
}

/// A string that is JSON, of which more may be said: [`is`](Json::is), [`with`](Json::with), [`without`](Json::without).
///
/// ```
/// use skyspan_trace::expect::{glob, json, span};
/// # use skyspan_trace::trace::{Span, Trace};
/// let set = Span::builder("set").attribute("msg.kwargs", r#"{"group": "set-3fa9c1", "wait": false}"#).build();
/// let trace = Trace::from_spans([set]);
/// trace.assert(span("set").attr("msg.kwargs", json().with("group", glob("set-*")).without("timeout")));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::expect::{json, span};
/// # use skyspan_trace::trace::{Span, Trace};
/// # let trace = Trace::from_spans([Span::builder("set").attribute("msg.kwargs", "{'group': None}").build()]);
/// trace.assert(span("set").attr("msg.kwargs", json()));
/// ```
pub fn json() -> Json {
    Json::default()
}

impl Json {
    /// It is this value, of the same type.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{json, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("set").attribute("msg.args", "[1, 2.5]").build()]);
    /// use skyspan_trace::value::Value;
    /// trace.assert(span("set").attr("msg.args", json().is([Value::from(1), Value::from(2.5)])));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{json, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("set").attribute("msg.args", "[1, 2.5]").build()]);
    /// trace.assert(span("set").attr("msg.args", json().is([1.0, 2.5])));
    /// ```
    #[must_use]
    pub fn is(mut self, value: impl Into<Value>) -> Self {
        self.whole = Some(value.into());
        self
    }

    /// It has such a value at a path: keys of maps and places in lists, with dots between them.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{json, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("set").attribute("k", r#"{"a": {"b": [5, 6]}}"#).build()]);
    /// trace.assert(span("set").attr("k", json().with("a.b.1", 6)));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{json, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("set").attribute("k", r#"{"a": {"b": [5, 6]}}"#).build()]);
    /// trace.assert(span("set").attr("k", json().with("a.b.1", 7)));
    /// ```
    #[must_use]
    pub fn with(mut self, path: impl Into<Text>, expected: impl Into<Expected>) -> Self {
        self.parts.push((path.into(), Some(expected.into())));
        self
    }

    /// It has nothing at a path.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{json, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("set").attribute("k", r#"{"a": {"b": 5}}"#).build()]);
    /// trace.assert(span("set").attr("k", json().without("a.c")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{json, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("set").attribute("k", r#"{"a": {"b": 5}}"#).build()]);
    /// trace.assert(span("set").attr("k", json().without("a.b")));
    /// ```
    #[must_use]
    pub fn without(mut self, path: impl Into<Text>) -> Self {
        self.parts.push((path.into(), None));
        self
    }
}

/// What stands at a path. A key that has dots itself is found whole first.
fn at_path<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    if let Some(found) = step(value, path) {
        return Some(found);
    }
    path.match_indices('.').find_map(|(at, _)| at_path(step(value, &path[..at])?, &path[at + 1..]))
}

fn step<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    match value {
        Value::Map(map) => map.get(key),
        Value::Array(elements) => elements.get(key.parse::<usize>().ok()?),
        _ => None,
    }
}

impl ValuePattern for Json {
    fn matches(&self, value: &Value) -> bool {
        let Some(found) = value.as_str().and_then(|text| from_json(text).ok()) else { return false };
        let is_whole = |whole: &Value| Expected::from(whole.clone()).matches(&found);
        self.whole.as_ref().is_none_or(is_whole)
            && self.parts.iter().all(|(path, expected)| match (at_path(&found, path), expected) {
                (Some(value), Some(expected)) => expected.matches(value),
                (found, expected) => found.is_none() && expected.is_none(),
            })
    }
}

/// `JSON with group="a", without timeout`.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")?;
        if let Some(whole) = &self.whole {
            write!(f, " that is {}", Expected::from(whole.clone()))?;
        }
        for (at, (path, expected)) in self.parts.iter().enumerate() {
            let comma = if at > 0 || self.whole.is_some() { "," } else { "" };
            match expected {
                Some(expected) => write!(f, "{comma} with {path}={expected}")?,
                None => write!(f, "{comma} without {path}")?,
            }
        }
        Ok(())
    }
}
