//! [`Several`]: what must be the case of all the events of a span, or of all its links.

use std::fmt;

use super::cells::Cells;
use super::dealing::Dealing;
use super::number_range::NumberRange;

/// So many of what was found are shown.
const SHOWN_MAX: usize = 12;

/// What must be the case of several things of a span, whatever they are.
#[derive(Debug)]
pub(super) enum Several<E> {
    /// There is one like this.
    Some(E),
    /// There is none like this.
    None(E),
    /// There are so many like this.
    Number(NumberRange, E),
    /// These are there, each expectation with a thing of its own.
    These {
        expected: Vec<E>,
        /// Whether they come in this order.
        in_order: bool,
        /// Whether others may be among them.
        or_more: bool,
    },
}

impl<E: fmt::Display> Several<E> {
    pub(super) fn these(expected: impl IntoIterator<Item = E>, in_order: bool, or_more: bool) -> Self {
        Self::These { expected: expected.into_iter().collect(), in_order, or_more }
    }

    /// All that is expected, or forbidden.
    pub(super) fn all(&self) -> &[E] {
        match self {
            Self::Some(one) | Self::None(one) | Self::Number(_, one) => std::slice::from_ref(one),
            Self::These { expected, .. } => expected,
        }
    }

    /// Whether it is the case of what was found.
    pub(super) fn holds<F>(&self, found: &[F], matches: impl Fn(&E, &F) -> bool) -> bool {
        match self {
            Self::Some(one) => found.iter().any(|thing| matches(one, thing)),
            Self::None(one) => !found.iter().any(|thing| matches(one, thing)),
            Self::Number(number, one) => number.contains(found.iter().filter(|thing| matches(one, thing)).count()),
            Self::These { expected, or_more: false, .. } if expected.len() != found.len() => false,
            Self::These { expected, in_order: true, .. } => {
                // Who takes the first that will do leaves the most to those that come after. With nothing left over, that
                // is one after another.
                let mut ahead = found.iter();
                expected.iter().all(|one| ahead.any(|thing| matches(one, thing)))
            }
            Self::These { expected, in_order: false, .. } => {
                let fits = |one: usize, at: usize| matches(&expected[one], &found[at]);
                let cells = Cells::one(expected.len(), found.len());
                Dealing::new(fits, cells, expected.iter().map(|_| (1, 1)), found.len()).fill(|_| true, true)
            }
        }
    }

    /// What is expected, with the article of one: `an event "retry"`, `in any order event "a", event "b"`.
    pub(super) fn list(&self, article: &str) -> String {
        let list = |these: &[E]| match these {
            [] => "none".to_owned(),
            these => these.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        };
        match self {
            Self::Some(one) => format!("{article} {one}"),
            Self::None(one) => format!("no {one}"),
            Self::Number(number, one) => format!("{number} {one}"),
            Self::These { expected, in_order, or_more } => {
                let how = match (or_more, in_order) {
                    (false, true) => "",
                    (false, false) => "in any order ",
                    (true, true) => "at least, in this order, ",
                    (true, false) => "at least ",
                };
                format!("{how}{}", list(expected))
            }
        }
    }

    /// What was found instead: all of it, and where one is nearly as expected, in what it differs.
    pub(super) fn instead<F>(
        &self,
        found: &[F],
        shown: impl Fn(&F) -> String,
        differences: impl Fn(&E, &F) -> Option<Vec<String>>,
    ) -> String {
        let mut told = match found {
            [] => "none".to_owned(),
            found => {
                let words: Vec<String> = found.iter().take(SHOWN_MAX).map(shown).collect();
                words.join(", ")
            }
        };
        if found.len() > SHOWN_MAX {
            told += &format!(" and {} more", found.len() - SHOWN_MAX);
        }
        if matches!(self, Self::None(_) | Self::Number(..)) {
            return told;
        }
        // That of the expectations which nothing meets, as far as each is taken for itself.
        let closest = self.all().iter().find_map(|expected| {
            let all: Vec<Vec<String>> = found.iter().filter_map(|thing| differences(expected, thing)).collect();
            let is_met = all.iter().any(Vec::is_empty);
            all.into_iter().filter(|_| !is_met).min_by_key(Vec::len)
        });
        // What is nearest comes first, as a line may be cut.
        closest.map_or(told.clone(), |closest| format!("one with {}, among {told}", closest.join("; ")))
    }
}
