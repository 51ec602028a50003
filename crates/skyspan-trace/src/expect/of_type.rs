//! [`OfType`]: a value of a type, whatever it is.

use std::fmt;

use super::expected::Expected;
use super::shape_rules::ValueType;
use super::value_pattern::ValuePattern;
use crate::value::Value;

/// A value of a type. See [`of_type`].
#[derive(Clone, Debug)]
pub struct OfType {
    of: ValueType,
    and: Option<Expected>,
}

/// Any value of this type: what is another with each run, and still no text where it was a number.
///
/// ```
/// # use skyspan_trace::{expect::{of_type, span, ValueType}, trace::{Span, Trace}};
/// let trace = Trace::from_spans([Span::builder("charge").attribute("cents", 5).build()]);
/// trace.assert(span("charge").attr("cents", of_type(ValueType::Int)));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{expect::{of_type, span, ValueType}, trace::{Span, Trace}};
/// # let trace = Trace::from_spans([Span::builder("charge").attribute("cents", 5).build()]);
/// trace.assert(span("charge").attr("cents", of_type(ValueType::Float)));
/// ```
pub fn of_type(of: ValueType) -> OfType {
    OfType { of, and: None }
}

impl OfType {
    /// It is besides as this says: [`between`](super::between) alone takes integers and floats.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{between, of_type, span, ValueType}, trace::{Span, Trace}};
    /// let trace = Trace::from_spans([Span::builder("charge").attribute("cents", 5).build()]);
    /// trace.assert(span("charge").attr("cents", of_type(ValueType::Int).and(between(0.0..=10.0))));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{between, of_type, span, ValueType}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("charge").attribute("cents", 5).build()]);
    /// trace.assert(span("charge").attr("cents", of_type(ValueType::Int).and(between(0.0..=4.0))));
    /// ```
    #[must_use]
    pub fn and(self, expected: impl Into<Expected>) -> Self {
        Self { and: Some(expected.into()), ..self }
    }
}

impl ValuePattern for OfType {
    fn matches(&self, value: &Value) -> bool {
        ValueType::of(value) == self.of && self.and.as_ref().is_none_or(|and| and.matches(value))
    }
}

/// `any int`, `of type int, and a number from 0 to 5`.
impl fmt::Display for OfType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.and {
            None => write!(f, "any {}", self.of.name()),
            Some(and) => write!(f, "of type {}, and {and}", self.of.name()),
        }
    }
}

impl From<OfType> for Expected {
    fn from(pattern: OfType) -> Self {
        Self::pattern(pattern)
    }
}
