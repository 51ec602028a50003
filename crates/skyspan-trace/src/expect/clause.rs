//! [`Clause`]: one thing that is said of a span. [`AttributeExpectation`] and [`StatusExpectation`]: what some of them
//! hold.

use std::fmt;
use std::sync::Arc;

use super::chosen::Chosen;
use super::difference::Difference;
use super::duration::DurationRange;
use super::expected::Expected;
use super::kin::Kin;
use super::matcher::Matcher;
use super::property::Property;
use super::span_expectation::SpanExpectation;
use crate::trace::{SpanKind, SpanRef, Status};
use crate::value::Text;

/// What must be the case at an attribute's key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AttributeExpectation {
    /// There is such a value.
    Is(Expected),
    /// There is a value.
    Present,
    /// The span has no such attribute.
    Absent,
}

/// `"motor1"`, `a value`, `none`.
impl fmt::Display for AttributeExpectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(expected) => expected.fmt(f),
            Self::Present => f.write_str("a value"),
            Self::Absent => f.write_str("none"),
        }
    }
}

/// What a span's status must be. A [`Status`] turns into it, and means: equal.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum StatusExpectation {
    /// Equal to this, its description included.
    Is(Status),
    /// An error, for whatever reason.
    Error,
}

impl StatusExpectation {
    pub(super) fn matches(&self, status: &Status) -> bool {
        match self {
            Self::Is(expected) => expected == status,
            Self::Error => matches!(status, Status::Error { .. }),
        }
    }
}

impl From<Status> for StatusExpectation {
    fn from(status: Status) -> Self {
        Self::Is(status)
    }
}

impl fmt::Display for StatusExpectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(status) => status.fmt(f),
            Self::Error => f.write_str("ERROR"),
        }
    }
}

/// Any condition in Rust.
pub(super) type Condition = Arc<dyn Fn(SpanRef<'_>) -> bool + Send + Sync>;

/// One thing that is said of a span, besides its name and its exact children.
#[derive(Clone)]
pub(super) enum Clause {
    Attribute(Text, AttributeExpectation),
    Kind(SpanKind),
    Status(StatusExpectation),
    /// Whether it has ended.
    Ended(bool),
    Lasting(DurationRange),
    Child(SpanExpectation),
    Descendant(SpanExpectation),
    Parent(SpanExpectation),
    Root,
    /// There is such a relative, or there is none.
    Kin {
        kin: Kin,
        expected: Box<SpanExpectation>,
        is_there: bool,
    },
    Property(Arc<dyn Property>),
    /// It is one of these.
    Chosen(Chosen),
    That(Text, Condition),
}

impl Clause {
    /// What is different about a span; nothing if it is as this says.
    pub(super) fn difference<'e>(&'e self, span: SpanRef<'_>, matcher: &Matcher<'e>) -> Option<Difference> {
        if self.holds(span, matcher) {
            return None;
        }
        Some(match self {
            Self::Attribute(key, expected) => {
                Difference::Attribute { key: key.clone(), expected: expected.clone(), found: span.attr(key).cloned() }
            }
            Self::Kind(expected) => Difference::Kind { expected: expected.clone(), found: span.kind() },
            Self::Status(expected) => {
                Difference::Status { expected: expected.clone(), found: span.span().status().clone() }
            }
            Self::Ended(expected) => Difference::Ended { expected: *expected },
            Self::Lasting(expected) => {
                Difference::Duration { expected: *expected, found_ns: span.signed_duration_ns() }
            }
            Self::Child(expected) => {
                let closest = matcher.closest_relative(Kin::Child, expected, span);
                Difference::Child { expected: Box::new(expected.clone()), found: span.children().len(), closest }
            }
            Self::Descendant(expected) => {
                let found = matcher.number(Kin::Descendant, None, span);
                let closest = matcher.closest_relative(Kin::Descendant, expected, span);
                Difference::Descendant { expected: Box::new(expected.clone()), found, closest }
            }
            Self::Parent(expected) => Difference::Parent {
                expected: Some(Box::new(expected.clone())),
                found: span.parent().map(|parent| parent.name().into()),
                differences: span
                    .parent()
                    .map_or_else(Vec::new, |parent| matcher.differences_of_parent(expected, parent)),
            },
            Self::Root => Difference::Parent {
                expected: None,
                found: span.parent().map(|parent| parent.name().into()),
                differences: Vec::new(),
            },
            Self::Kin { kin, expected, is_there } => {
                let found = matcher.number(*kin, (!is_there).then_some(&**expected), span);
                let closest = if *is_there { matcher.closest_relative(*kin, expected, span) } else { Vec::new() };
                Difference::Kin { kin: *kin, expected: expected.clone(), is_there: *is_there, found, closest }
            }
            Self::Property(property) => return property.difference(span),
            Self::Chosen(chosen) => Difference::Property {
                name: Text::literal("query"),
                expected: chosen.words.clone(),
                found: Text::literal("it is not selected"),
            },
            Self::That(description, _) => Difference::Condition { description: description.clone() },
        })
    }

    /// Whether a span is as this says.
    pub(super) fn holds<'e>(&'e self, span: SpanRef<'_>, matcher: &Matcher<'e>) -> bool {
        match self {
            Self::Attribute(key, expected) => match (expected, span.attr(key)) {
                (AttributeExpectation::Is(expected), Some(value)) => expected.matches(value),
                (AttributeExpectation::Present, found) => found.is_some(),
                (AttributeExpectation::Absent, found) => found.is_none(),
                (AttributeExpectation::Is(_), None) => false,
            },
            Self::Kind(expected) => span.kind() == *expected,
            Self::Status(expected) => expected.matches(span.span().status()),
            Self::Ended(expected) => span.end().is_some() == *expected,
            Self::Lasting(expected) => span.signed_duration_ns().is_some_and(|ns| expected.contains_ns(ns)),
            Self::Child(expected) => expected.is_met_by(Kin::Child, span, matcher),
            Self::Descendant(expected) => expected.is_met_by(Kin::Descendant, span, matcher),
            Self::Parent(expected) => expected.is_met_by(Kin::Parent, span, matcher),
            Self::Root => span.parent().is_none(),
            Self::Kin { kin, expected, is_there } => expected.is_met_by(*kin, span, matcher) == *is_there,
            Self::Property(property) => property.found_instead(span).is_none(),
            Self::Chosen(chosen) => chosen.contains(span),
            Self::That(_, condition) => condition(span),
        }
    }

    /// Whether it holds the expectation of another span.
    pub(super) fn holds_expectation(&self) -> bool {
        matches!(self, Self::Child(_) | Self::Descendant(_) | Self::Parent(_) | Self::Kin { .. })
    }

    /// Whether it speaks of what is below the span.
    pub(super) fn is_about_children(&self) -> bool {
        matches!(self, Self::Child(_) | Self::Descendant(_) | Self::Kin { kin: Kin::NthChild(_) | Kin::Child, .. })
    }
}

impl fmt::Debug for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(key, expected) => f.debug_tuple("Attribute").field(key).field(expected).finish(),
            Self::Kind(kind) => f.debug_tuple("Kind").field(kind).finish(),
            Self::Status(status) => f.debug_tuple("Status").field(status).finish(),
            Self::Ended(ended) => f.debug_tuple("Ended").field(ended).finish(),
            Self::Lasting(range) => f.debug_tuple("Lasting").field(range).finish(),
            Self::Child(child) => f.debug_tuple("Child").field(child).finish(),
            Self::Descendant(descendant) => f.debug_tuple("Descendant").field(descendant).finish(),
            Self::Parent(parent) => f.debug_tuple("Parent").field(parent).finish(),
            Self::Root => f.write_str("Root"),
            Self::Kin { kin, expected, is_there } => {
                f.debug_tuple("Kin").field(kin).field(expected).field(is_there).finish()
            }
            Self::Property(property) => property.fmt(f),
            Self::Chosen(chosen) => chosen.fmt(f),
            Self::That(description, _) => f.debug_tuple("That").field(description).finish(),
        }
    }
}
