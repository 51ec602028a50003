//! [`ValuePattern`]: what a value may be, where it need not be one value: a range, a choice, a regular expression, JSON in a
//! string.

use std::fmt;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use super::expected::Expected;
use super::pattern::Glob;
use crate::value::{Text, Value};

/// What a value may be, where it need not be one value. Its `Display` stands after "expected".
///
/// Implement it for a pattern of your own, and hand that in by [`Expected::pattern`].
pub trait ValuePattern: fmt::Display + fmt::Debug + Send + Sync {
    /// Whether a value is as this says.
    fn matches(&self, value: &Value) -> bool;
}

/// A string as the glob says.
impl ValuePattern for Glob {
    fn matches(&self, value: &Value) -> bool {
        value.as_str().is_some_and(|text| self.matches(text))
    }
}

/// A number in a range. See [`between`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Between {
    from: Bound<f64>,
    to: Bound<f64>,
}

/// A number in this range, an integer or a float.
///
/// ```
/// # use skyspan_trace::{expect::{between, span}, trace::{Span, Trace}};
/// let trace = Trace::from_spans([Span::builder("set").attribute("target", 5).build()]);
/// trace.assert(span("set").attr("target", between(4.5..)));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{expect::{between, span}, trace::{Span, Trace}};
/// # let trace = Trace::from_spans([Span::builder("set").attribute("target", 5).build()]);
/// trace.assert(span("set").attr("target", between(0.0..5.0)));
/// ```
pub fn between(range: impl RangeBounds<f64>) -> Between {
    Between { from: range.start_bound().cloned(), to: range.end_bound().cloned() }
}

impl ValuePattern for Between {
    fn matches(&self, value: &Value) -> bool {
        let is_number = matches!(value, Value::Int(_) | Value::BigInt(_) | Value::Float(_));
        is_number && value.as_f64().is_some_and(|number| (self.from, self.to).contains(&number))
    }
}

/// `a number from 0 to 5`, `a number less than 5`.
impl fmt::Display for Between {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.from, self.to) {
            (Bound::Unbounded, Bound::Unbounded) => return f.write_str("any number"),
            _ => "a number",
        })?;
        match self.from {
            Bound::Included(from) => write!(f, " from {from}")?,
            Bound::Excluded(from) => write!(f, " above {from}")?,
            Bound::Unbounded => {}
        }
        match self.to {
            Bound::Included(to) => write!(f, " to {to}"),
            Bound::Excluded(to) => write!(f, " below {to}"),
            Bound::Unbounded => Ok(()),
        }
    }
}

/// One of several. See [`one_of`].
#[derive(Clone, Debug)]
pub struct OneOf(Vec<Expected>);

/// A value as one of these says.
///
/// ```
/// # use skyspan_trace::{expect::{one_of, span}, trace::{Span, Trace}};
/// let trace = Trace::from_spans([Span::builder("run").attribute("exit_status", "abort").build()]);
/// trace.assert(span("run").attr("exit_status", one_of(["abort", "fail"])));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{expect::{one_of, span}, trace::{Span, Trace}};
/// # let trace = Trace::from_spans([Span::builder("run").attribute("exit_status", "success").build()]);
/// trace.assert(span("run").attr("exit_status", one_of(["abort", "fail"])));
/// ```
pub fn one_of<E: Into<Expected>>(choices: impl IntoIterator<Item = E>) -> OneOf {
    OneOf(choices.into_iter().map(Into::into).collect())
}

impl ValuePattern for OneOf {
    fn matches(&self, value: &Value) -> bool {
        self.0.iter().any(|choice| choice.matches(value))
    }
}

/// `one of "abort", "fail"`.
impl fmt::Display for OneOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let choices: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        write!(f, "one of {}", choices.join(", "))
    }
}

/// Anything else. See [`other_than`].
#[derive(Clone, Debug)]
pub struct OtherThan(Box<Expected>);

/// A value that is there and not as this says.
///
/// ```
/// # use skyspan_trace::{expect::{other_than, span}, trace::{Span, Trace}};
/// let trace = Trace::from_spans([Span::builder("run").attribute("reason", "beam lost").build()]);
/// trace.assert(span("run").attr("reason", other_than("")));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{expect::{other_than, span}, trace::{Span, Trace}};
/// # let trace = Trace::from_spans([Span::builder("run").attribute("reason", "").build()]);
/// trace.assert(span("run").attr("reason", other_than("")));
/// ```
pub fn other_than(expected: impl Into<Expected>) -> OtherThan {
    OtherThan(Box::new(expected.into()))
}

impl ValuePattern for OtherThan {
    fn matches(&self, value: &Value) -> bool {
        !self.0.matches(value)
    }
}

/// Prints the words of the report: `other than ""`.
impl fmt::Display for OtherThan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "other than {}", self.0)
    }
}

/// Any condition in Rust. See [`value_that`].
#[derive(Clone)]
pub struct ValueThat {
    description: Text,
    condition: Arc<dyn Fn(&Value) -> bool + Send + Sync>,
}

/// A value of which a condition holds, with words for it: they go on after "a value that".
///
/// ```
/// # use skyspan_trace::{expect::{span, value_that}, trace::{Span, Trace}};
/// let trace = Trace::from_spans([Span::builder("set").attribute("msg.args", [1, 2]).build()]);
/// let two = value_that("has two elements", |value| value.as_array().is_some_and(|array| array.len() == 2));
/// trace.assert(span("set").attr("msg.args", two));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{expect::{span, value_that}, trace::{Span, Trace}};
/// # let trace = Trace::from_spans([Span::builder("set").attribute("msg.args", [1, 2]).build()]);
/// trace.assert(span("set").attr("msg.args", value_that("is a string", |value| value.as_str().is_some())));
/// ```
pub fn value_that(
    description: impl Into<Text>,
    condition: impl Fn(&Value) -> bool + Send + Sync + 'static,
) -> ValueThat {
    ValueThat { description: description.into(), condition: Arc::new(condition) }
}

impl ValuePattern for ValueThat {
    fn matches(&self, value: &Value) -> bool {
        (self.condition)(value)
    }
}

impl fmt::Display for ValueThat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a value that {}", self.description)
    }
}

/// With where the condition is: two may be described in the same words.
impl fmt::Debug for ValueThat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ValueThat({:?}, {:p})", self.description, Arc::as_ptr(&self.condition))
    }
}

macro_rules! patterns {
    ($($pattern:ty),*) => {$(
        impl From<$pattern> for Expected {
            fn from(pattern: $pattern) -> Self {
                Self::pattern(pattern)
            }
        }
    )*};
}

patterns!(Between, Glob, OneOf, OtherThan, ValueThat, super::regex::Regex, super::json::Json);
