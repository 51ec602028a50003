//! [`Expected`]: what an attribute must be.

use std::fmt;
use std::sync::Arc;

use super::pattern::Any;
use super::value_pattern::ValuePattern;
use crate::trace::shown;
use crate::value::Value;

/// How many characters of a value a message shows.
const WIDTH: usize = 60;

/// What the value of an attribute must be. Anything that turns into a [`Value`] does, and means: equal, of the same type.
///
/// `42` is neither `"42"` nor `42.0`, and `[5]` is a list. A NaN is equal to a NaN here: whoever expects one means that. So is
/// what `json!` gives, and the entries of a map may come in any order, since JSON gives them none.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Expected {
    /// Equal to this, of the same type.
    Equal(Value),
    /// As a pattern says.
    Pattern(Arc<dyn ValuePattern>),
    /// Anything, as long as it is there.
    Any,
}

impl Expected {
    /// A pattern of one's own.
    ///
    /// ```
    /// use std::fmt;
    /// use skyspan_trace::expect::{Expected, ValuePattern, span};
    /// use skyspan_trace::trace::{Span, Trace};
    /// use skyspan_trace::value::Value;
    ///
    /// #[derive(Debug)]
    /// struct Even;
    ///
    /// impl ValuePattern for Even {
    ///     fn matches(&self, value: &Value) -> bool {
    ///         value.as_i64().is_some_and(|number| number % 2 == 0)
    ///     }
    /// }
    ///
    /// impl fmt::Display for Even {
    ///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    ///         f.write_str("an even number")
    ///     }
    /// }
    ///
    /// let trace = Trace::from_spans([Span::builder("set").attribute("target", 4).build()]);
    /// trace.assert(span("set").attr("target", Expected::pattern(Even)));
    /// ```
    pub fn pattern(pattern: impl ValuePattern + 'static) -> Self {
        Self::Pattern(Arc::new(pattern))
    }

    /// Whether a value is as expected.
    #[must_use]
    pub fn matches(&self, value: &Value) -> bool {
        match self {
            Self::Equal(expected) => same(expected, value),
            Self::Pattern(pattern) => pattern.matches(value),
            Self::Any => true,
        }
    }
}

/// Equality with types, in which a NaN is equal to a NaN, and maps are in any order.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Float(a), Value::Float(b)) => a == b || (a.is_nan() && b.is_nan()),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b)),
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => left == right,
    }
}

impl<T: Into<Value>> From<T> for Expected {
    fn from(value: T) -> Self {
        Self::Equal(value.into())
    }
}

impl From<Any> for Expected {
    fn from(_: Any) -> Self {
        Self::Any
    }
}

/// The value as a drawing has it; `like "motor*"` for a pattern.
impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equal(value) => f.write_str(&shown(value, WIDTH)),
            Self::Pattern(pattern) => pattern.fmt(f),
            Self::Any => f.write_str("anything"),
        }
    }
}

/// The two sides of a difference. Long strings are shown from shortly before the place where they part, as what they
/// share would hide it.
pub(super) fn sides(expected: &Expected, found: &Value) -> (String, String) {
    /// How much of what they share stands before the difference.
    const LEAD: usize = 12;
    let plain = (expected.to_string(), shown(found, WIDTH));
    let (Expected::Equal(Value::Str(left)), Value::Str(right)) = (expected, found) else { return plain };
    let shared = left.chars().zip(right.chars()).take_while(|(a, b)| a == b).count();
    if shared + LEAD < WIDTH && !left.chars().take(shared).any(|c| c == '\n' || c == '\r') {
        return plain;
    }
    let from = |text: &str| {
        let tail: String = text.chars().skip(shared.saturating_sub(LEAD)).collect();
        // A line feed would cut it, and it is what may differ.
        format!("…{}", shown(&tail.replace('\r', "\\r").replace('\n', "\\n").into(), WIDTH))
    };
    (from(left), from(right))
}

/// A value on one line, as messages show it.
pub(super) fn in_message(value: &Value) -> String {
    shown(value, WIDTH)
}
