//! Expectations of a span, in words.

use std::fmt;

use super::clause::{AttributeExpectation, Clause};
use super::kin::Kin;
use super::level::{Children, Level};
use super::pattern::NamePattern;
use super::span_expectation::SpanExpectation;

/// `span "wait" with group="a", lasting at most 1 s`; `exactly 3 spans "wait"`.
impl fmt::Display for SpanExpectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(range) = self.times {
            return match range.is_singular() {
                true => write!(f, "{range} span {}{}", Subject(self), Conditions(self)),
                false => write!(f, "{range} {}", Spans(self)),
            };
        }
        write!(f, "span {}{}", Subject(self), Conditions(self))
    }
}

/// How a span is called: by its name, or by the words by which it was chosen.
struct Subject<'e>(&'e SpanExpectation);

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0.chosen_words(), &self.0.name) {
            (Some(words), NamePattern::Any) => f.write_str(words),
            (Some(words), name) => write!(f, "{name} of {words}"),
            (None, name) => name.fmt(f),
        }
    }
}

/// The same of several: `spans "wait" with group="a"`.
pub(super) struct Spans<'e>(pub(super) &'e SpanExpectation);

impl fmt::Display for Spans<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.name {
            // Of spans of which more is said their name need not be spoken of.
            NamePattern::Any if self.0.chosen_words().is_none() && !self.0.clauses.is_empty() => {
                write!(f, "spans{}", Conditions(self.0))
            }
            _ => write!(f, "spans {}{}", Subject(self.0), Conditions(self.0)),
        }
    }
}

/// All but the name, beginning with a space; nothing if nothing more was said.
pub(super) struct Conditions<'e>(pub(super) &'e SpanExpectation);

impl fmt::Display for Conditions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut attributes: Vec<String> = Vec::new();
        let mut others: Vec<String> = Vec::new();
        for clause in &self.0.clauses {
            match clause {
                Clause::Attribute(key, AttributeExpectation::Is(expected)) => {
                    attributes.push(format!("{key}={expected}"));
                }
                Clause::Attribute(key, AttributeExpectation::Present) => attributes.push(key.to_string()),
                Clause::Attribute(key, AttributeExpectation::Absent) => others.push(format!("without {key}")),
                Clause::Kind(kind) => others.push(format!("of kind {kind:?}")),
                Clause::Status(status) => others.push(format!("with status {status}")),
                Clause::Ended(true) => others.push("that has ended".to_owned()),
                Clause::Ended(false) => others.push("that is open".to_owned()),
                Clause::Lasting(range) => others.push(format!("lasting {range}")),
                Clause::Child(child) => others.push(format!("with a child ({child})")),
                Clause::Descendant(descendant) => others.push(format!("with a descendant ({descendant})")),
                Clause::Parent(parent) => others.push(format!("under a {parent}")),
                Clause::Root => others.push("at the root".to_owned()),
                Clause::Kin { kin: Kin::Itself, expected, .. } => others.push(format!("other than {expected}")),
                Clause::Kin { kin, expected, is_there: true } => others.push(format!("with {kin} ({expected})")),
                Clause::Kin { kin, expected, is_there: false } => others.push(format!("without a {kin} ({expected})")),
                Clause::Property(property) => others.extend(Some(property.words()).filter(|words| !words.is_empty())),
                // They are the spans of which the rest is said.
                Clause::Chosen(_) => {}
                Clause::That(description, _) => others.push(format!("such that {description}")),
            }
        }
        if self.0.at_any_depth {
            others.push("at any depth".to_owned());
        }
        match &self.0.children {
            Children::Unsaid | Children::Any => {}
            Children::Said(level) if level.items.is_empty() && !level.or_more => {
                others.push("without children".to_owned());
            }
            Children::Said(level) if level.items.is_empty() => {}
            Children::Said(level) => others.push(format!("with {}the children{}", level.how(), level.what())),
        }
        if !attributes.is_empty() {
            others.insert(0, format!("with {}", attributes.join(" ")));
        }
        if !others.is_empty() {
            write!(f, " {}", others.join(", "))?;
        }
        Ok(())
    }
}

impl Level {
    /// `at least ` where others may be there, too.
    pub(super) fn how(&self) -> &'static str {
        if self.or_more { "at least " } else { "" }
    }

    fn what(&self) -> String {
        let items: Vec<String> = self.items.iter().map(ToString::to_string).collect();
        format!("{} ({})", if self.in_order { " in this order" } else { "" }, items.join("; "))
    }
}
