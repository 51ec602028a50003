//! [`PartAttributes`]: what the attributes of an event or a link must be.

use std::fmt;

use super::expected::{Expected, in_message, sides};
use super::pattern::NamePattern;
use crate::trace::Attributes;
use crate::value::Text;

/// What the attributes of an event or a link must be.
#[derive(Clone, Debug, Default)]
pub(super) struct PartAttributes {
    said: Vec<(Text, Expected)>,
    /// Whether there are no others.
    exactly: bool,
    /// Keys that may be there or not.
    free: Vec<NamePattern>,
}

impl PartAttributes {
    /// Nothing is said, and nothing will be at these keys.
    pub(super) fn free_at(keys: &[NamePattern]) -> Self {
        Self { free: keys.to_vec(), ..Self::default() }
    }

    /// There is such an attribute.
    pub(super) fn has(&mut self, key: Text, expected: Expected) {
        self.said.push((key, expected));
    }

    /// There are these, and no others.
    pub(super) fn are(&mut self, attributes: impl IntoIterator<Item = (Text, Expected)>) {
        self.said.extend(attributes);
        self.exactly = true;
    }

    /// Whether a report shows an attribute.
    pub(super) fn is_asked(&self, key: &Text) -> bool {
        self.exactly || self.said.iter().any(|(other, _)| other == key)
    }

    /// Whether there are no others.
    pub(super) fn is_exact(&self) -> bool {
        self.exactly
    }

    /// Whether it says nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.said.is_empty() && !self.exactly
    }

    pub(super) fn matches(&self, found: &Attributes) -> bool {
        let has = |(key, expected): &(Text, Expected)| found.get(key).is_some_and(|value| expected.matches(value));
        self.said.iter().all(has) && (!self.exactly || found.keys().all(|key| self.may_be(key)))
    }

    /// In what others differ from these, field by field: `number: 1 in place of 2`.
    pub(super) fn differences(&self, found: &Attributes) -> Vec<String> {
        let of_key = |(key, expected): &(Text, Expected)| match found.get(key) {
            Some(value) if expected.matches(value) => None,
            Some(value) => {
                let (expected, found) = sides(expected, value);
                Some(format!("{key}: {found} in place of {expected}"))
            }
            None => Some(format!("{key}: none in place of {expected}")),
        };
        let others = found.iter().filter(|(key, _)| self.exactly && !self.may_be(key));
        let others = others.map(|(key, value)| format!("{key}: {} in place of none", in_message(value)));
        self.said.iter().filter_map(of_key).chain(others).collect()
    }

    fn may_be(&self, key: &Text) -> bool {
        self.said.iter().any(|(other, _)| other == key) || self.free.iter().any(|pattern| pattern.matches(key))
    }
}

/// ` with number=2 why="it failed"`, ` with number=2 and no other attributes`.
impl fmt::Display for PartAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (key, expected)) in self.said.iter().enumerate() {
            write!(f, "{} {key}={expected}", if at == 0 { " with" } else { "" })?;
        }
        match (self.exactly, self.said.is_empty()) {
            (true, true) => f.write_str(" without attributes"),
            (true, false) => f.write_str(" and no other attributes"),
            (false, _) => Ok(()),
        }
    }
}
