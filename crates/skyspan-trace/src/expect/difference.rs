//! [`Difference`]: what about a span is not as expected.

use std::fmt;

use rustc_hash::FxHashMap;

use super::clause::{AttributeExpectation, StatusExpectation};
use super::duration::DurationRange;
use super::expected::{Expected, in_message, sides};
use super::kin::Kin;
use super::pattern::NamePattern;
use super::span_expectation::SpanExpectation;
use crate::trace::{SpanKind, Status, exact_duration};
use crate::value::{Text, Value, to_json};

/// What about a span is not as expected. Its `Display` says so: `device_name: expected "motor1", found "motor2"`.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[expect(missing_docs, reason = "`expected` and `found` are what they say")]
pub enum Difference {
    /// It is called otherwise.
    Name { expected: NamePattern, found: Text },
    /// An attribute has another value, is not there, or should not be there.
    Attribute { key: Text, expected: AttributeExpectation, found: Option<Value> },
    /// It plays another role.
    Kind { expected: SpanKind, found: SpanKind },
    /// The status of the span differs.
    Status { expected: StatusExpectation, found: Status },
    /// It has not ended and should have, or the other way round.
    Ended { expected: bool },
    /// It took longer or shorter, or (`None`) has not ended.
    Duration { expected: DurationRange, found_ns: Option<i128> },
    /// None of its children, of which there are `found`, is as expected.
    /// The nearest of them differs in this, where that is known.
    Child { expected: Box<SpanExpectation>, found: usize, closest: Vec<Self> },
    /// None of its descendants, of which there are `found`, is as expected.
    /// The nearest of them differs in this, where that is known.
    Descendant { expected: Box<SpanExpectation>, found: usize, closest: Vec<Self> },
    /// Its parent is another one (and in which ways), or it has one and should be a root (`expected` is `None`), or the
    /// other way round (`found` is `None`).
    Parent { expected: Option<Box<SpanExpectation>>, found: Option<Text>, differences: Vec<Self> },
    /// Its children are not exactly those expected: these are missing, and those, by their place in
    /// [`Trace::spans`](crate::trace::Trace::spans) and their name, are not expected.
    Children { missing: Vec<SpanExpectation>, unexpected: Vec<(usize, Text)> },
    /// It lies otherwise in time to spans of another kind, such as the nearest of those that it should not lie so to.
    Order { expected: Text, found: Option<Text> },
    /// It has no such relative, of which there are `found`; or it has `found` and should have none.
    /// The nearest of them differs in this, where that is known.
    Kin { kin: Kin, expected: Box<SpanExpectation>, is_there: bool, found: usize, closest: Vec<Self> },
    /// Something else about it is otherwise: its events, where it comes from, when it starts.
    Property { name: Text, expected: Text, found: Text },
    /// A condition does not hold.
    Condition { description: Text },
}

impl Difference {
    /// How far it takes a span from what was expected: a span of another name is not easily the one that was meant, and one
    /// that has the value in another type easily is.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Name { .. } => 16,
            Self::Parent { .. } => 4,
            Self::Children { missing, unexpected } => {
                let names = missing.iter().map(|child| &child.name);
                2 * children_weight(names, unexpected.iter().map(|(_, name)| name.as_str()))
            }
            Self::Attribute {
                expected: AttributeExpectation::Is(Expected::Equal(expected)),
                found: Some(found),
                ..
            } if look_alike(expected, found) => 1,
            _ => 2,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { expected, found } => write!(f, "name: expected {expected}, found {found:?}"),
            Self::Attribute { key, expected: AttributeExpectation::Is(expected), found: Some(found) } => {
                let (expected, found) = sides(expected, found);
                write!(f, "{key}: expected {expected}, found {found}")
            }
            Self::Attribute { key, expected, found } => {
                write!(f, "{key}: expected {expected}, found ")?;
                f.write_str(&found.as_ref().map_or_else(|| "none".to_owned(), in_message))
            }
            Self::Kind { expected, found } => write!(f, "kind: expected {expected:?}, found {found:?}"),
            Self::Status { expected, found } => write!(f, "status: expected {expected}, found {found}"),
            Self::Ended { expected: true } => f.write_str("end: expected one, found it open"),
            Self::Ended { expected: false } => f.write_str("end: expected it open, found one"),
            Self::Duration { expected, found_ns } => {
                write!(f, "duration: expected {expected}, found ")?;
                f.write_str(&found_ns.map_or_else(|| "it open".to_owned(), exact_duration))
            }
            Self::Child { expected, found, closest } => {
                write!(f, "child: expected a {expected}, found {}{}", among(*found), Nearest(closest, *found))
            }
            Self::Descendant { expected, found, closest } => {
                write!(f, "descendant: expected a {expected}, found {}{}", among(*found), Nearest(closest, *found))
            }
            Self::Parent { expected, found, differences } => {
                f.write_str("parent: expected ")?;
                match expected {
                    Some(expected) => write!(f, "a {expected}, found ")?,
                    None => f.write_str("none, found ")?,
                }
                match found {
                    Some(name) => write!(f, "{name:?}")?,
                    None => f.write_str("none")?,
                }
                // That it is called otherwise is plain already.
                let told = differences.iter().filter(|difference| !matches!(difference, Self::Name { .. }));
                told.enumerate()
                    .try_for_each(|(at, difference)| write!(f, "{}{difference}", if at == 0 { " with " } else { "; " }))
            }
            Self::Children { missing, unexpected } => {
                f.write_str("children: ")?;
                let missing = counted(missing.iter().map(|child| child.name.to_string()));
                let unexpected = counted(unexpected.iter().map(|(_, name)| format!("{name:?}")));
                let missing = missing.into_iter().map(|name| format!("{name} missing"));
                let unexpected = unexpected.into_iter().map(|name| format!("{name} not expected"));
                f.write_str(&missing.chain(unexpected).collect::<Vec<_>>().join(", "))
            }
            Self::Order { expected, found: Some(found) } => {
                write!(f, "order: expected that it {expected}, found that {found}")
            }
            Self::Order { expected, found: None } => write!(f, "order: expected that it {expected}"),
            Self::Kin { kin: Kin::Itself, expected, .. } => write!(f, "expected that it is no {expected}"),
            Self::Kin { kin, expected, is_there: true, found, closest } => {
                write!(f, "{kin}: expected a {expected}, found {}{}", among(*found), Nearest(closest, *found))
            }
            Self::Kin { kin, expected, is_there: false, found, .. } => {
                write!(f, "{kin}: expected no {expected}, found {found}")
            }
            Self::Property { name, expected, found } => write!(f, "{name}: expected {expected}, found {found}"),
            Self::Condition { description } => write!(f, "expected that {description}"),
        }
    }
}

/// Whether two values are the same but for their types: `5`, `5.0` and `"5"`.
fn look_alike(one: &Value, other: &Value) -> bool {
    let text = |value: &Value| value.as_str().map_or_else(|| to_json(value), str::to_owned);
    one.as_f64().is_some_and(|number| other.as_f64() == Some(number)) || text(one) == text(other)
}

/// A child that may be meant by one that is missing, as it is called so, is a smaller difference than one that is not
/// there, or one too many.
pub(super) fn children_weight<'a>(
    missing: impl Iterator<Item = &'a NamePattern>,
    unexpected: impl Iterator<Item = &'a str>,
) -> usize {
    let mut names: FxHashMap<&str, usize> = FxHashMap::default();
    unexpected.for_each(|name| *names.entry(name).or_default() += 1);
    let is_meant = |pattern: &NamePattern| {
        let name = match pattern {
            NamePattern::Exact(name) => names.get_mut(name.as_str()).filter(|number| **number > 0),
            pattern => {
                names.iter_mut().find(|(name, number)| **number > 0 && pattern.matches(name)).map(|(_, number)| number)
            }
        };
        name.map(|number| *number -= 1).is_some()
    };
    let missing: usize = missing.map(is_meant).map(|is_meant| if is_meant { 1 } else { 2 }).sum();
    missing + 2 * names.values().sum::<usize>()
}

/// Each name once: `"set" is`, `3 "set" are`.
fn counted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut numbers: Vec<(String, usize)> = Vec::new();
    let mut places: FxHashMap<String, usize> = FxHashMap::default();
    for name in names {
        match places.get(&name) {
            Some(at) => numbers[*at].1 += 1,
            None => {
                places.insert(name.clone(), numbers.len());
                numbers.push((name, 1));
            }
        }
    }
    let words = |(name, number)| if number == 1 { format!("{name} is") } else { format!("{number} {name} are") };
    numbers.into_iter().map(words).collect()
}

/// In what the nearest of several differs; nothing where that is not known.
struct Nearest<'d>(&'d [Difference], usize);

impl fmt::Display for Nearest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = if self.1 == 1 { ", which has " } else { ", of which the closest has " };
        let lead = |at| if at == 0 { first } else { "; " };
        self.0.iter().enumerate().try_for_each(|(at, difference)| write!(f, "{}{difference}", lead(at)))
    }
}

/// How many there were to choose from.
fn among(found: usize) -> String {
    match found {
        0 => "none at all".to_owned(),
        1 => "another one".to_owned(),
        _ => format!("{found} others"),
    }
}
