//! [`Asked`]: all that a pipeline asks of each field, together.
//!
//! A Tempo looks up all that a query asks of a field in one go: it reads a value where *any* of the query's conditions on that
//! field takes it, and holds the conditions against what it has read. Mostly that is the same as asking each by itself. It is
//! not where a field is asked several things: `.half >= 2.5 && .half < 4` finds 3.5, although a float is no integer, as the
//! first condition lets it in; of a list only the elements that one condition takes are read; and of several events the first
//! that is taken is the one that all conditions are held against.

use std::sync::Arc;

use super::condition::Condition;
use super::operate;
use super::source::{Source, SpanAt};
use super::test::{Check, Test};
use super::val::Val;
use crate::query::syntax::ast::Comparison;
use crate::query::syntax::words::Intrinsic;
use crate::trace::Event;

/// All that a pipeline asks of each field.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    fields: Vec<AskedField>,
    /// Whether all conditions must be met, each of them by itself.
    is_joint: bool,
}

/// All that is asked of one field.
#[derive(Clone, Debug)]
struct AskedField {
    source: Source,
    checks: Vec<Check>,
    /// The same, for all who share them, once all are known.
    taken: Option<Arc<[Check]>>,
    /// Whether it is read whatever it is: something is computed with it, or it is grouped by.
    is_whole: bool,
}

impl Asked {
    /// Of conditions all of which must be met, or not.
    pub(super) fn of<'a>(conditions: impl IntoIterator<Item = &'a Condition>, is_joint: bool) -> Self {
        let mut asked = Self { fields: Vec::new(), is_joint };
        for condition in conditions {
            asked.is_joint &= !condition.has_any();
            condition.each_mention(&mut |source, check| asked.add(source, check));
        }
        for field in asked.fields.iter_mut().filter(|field| !field.is_whole) {
            field.taken = Some(field.checks.iter().cloned().collect());
        }
        // What may be the span's or the resource's is looked up twice, and so no longer together with the rest.
        asked.is_joint &= !asked.fields.iter().any(|field| matches!(field.source, Source::Either(_)));
        asked
    }

    fn add(&mut self, source: &Source, check: Option<&Check>) {
        let at = match self.fields.iter().position(|field| field.source == *source) {
            Some(at) => at,
            None => {
                self.fields.push(AskedField {
                    source: source.clone(),
                    checks: Vec::new(),
                    taken: None,
                    is_whole: false,
                });
                self.fields.len() - 1
            }
        };
        match check {
            None | Some(Check::Present) => self.fields[at].is_whole = true,
            Some(check) => self.fields[at].checks.push(check.clone()),
        }
    }

    fn field(&self, source: &Source) -> Option<&AskedField> {
        self.fields.iter().find(|field| field.source == *source)
    }

    /// Each condition of the pipeline by itself. A span that meets one of them is read.
    pub(super) fn tests(&self) -> Vec<Test> {
        let test = |source: &Source, check| Test { source: source.clone(), check };
        let of = |field: &AskedField| {
            let whole = field.is_whole.then(|| test(&field.source, Check::Present));
            field.checks.iter().map(|check| test(&field.source, check.clone())).chain(whole).collect::<Vec<_>>()
        };
        self.fields.iter().flat_map(of).collect()
    }

    /// What is picked of the events and of the links of each span.
    pub(super) fn picks(&self) -> Picks {
        let fields = |is_of: fn(&Source) -> bool| {
            let fields: Vec<_> = self.fields.iter().filter(|field| is_of(&field.source)).cloned().collect();
            // One thing that is asked is asked of each event by itself, which is the same and simpler.
            let is_simple = match fields.as_slice() {
                [] => true,
                [field] => field.checks.len() + usize::from(field.is_whole) == 1,
                _ => false,
            };
            if is_simple { Vec::new() } else { fields }
        };
        Picks { events: fields(Source::is_of_events), links: fields(Source::is_of_links), is_joint: self.is_joint }
    }

    /// What a test becomes as the other things that are asked of its field are known.
    pub(super) fn bound(&self, test: Test, picks: &Picks) -> Condition {
        let Some(field) = self.field(&test.source) else { return Condition::Test(test) };
        let is_attribute = !matches!(test.source, Source::Intrinsic(_));
        // Of what every span and event has nothing is left out.
        let taken = || field.taken.clone().filter(|_| is_attribute);
        if let Some(pick) = picks.number(&test.source) {
            return Condition::Picked { pick, taken: taken(), check: test.check };
        }
        let is_alone = field.checks.len() + usize::from(field.is_whole) <= 1;
        let is_of_span = !test.source.is_of_events() && !test.source.is_of_links();
        if is_alone || !is_attribute || !is_of_span || matches!(test.check, Check::Present | Check::Missing) {
            return Condition::Test(test);
        }
        Condition::Seen { taken: taken(), source: test.source, check: test.check }
    }
}

/// What is picked of the events and of the links of each span: for each field the value of the first that has one which is
/// asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Picks {
    events: Vec<AskedField>,
    links: Vec<AskedField>,
    is_joint: bool,
}

/// What was picked of a field: nothing, or a value, which is `Nil` where it is asked for that it is missing.
pub(in crate::query) type Picked<'a> = Option<Val<'a>>;

impl Picks {
    pub(super) fn number(&self, source: &Source) -> Option<usize> {
        self.events.iter().chain(&self.links).position(|field| field.source == *source)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.links.is_empty()
    }

    /// What is picked of a span.
    pub(super) fn of<'a>(&self, at: SpanAt<'a>) -> Vec<Picked<'a>> {
        let start = at.span.start();
        let mut picked = picked(&self.events, self.is_joint, at.span.events(), |field, event: &'a Event| {
            let value = field.source.of_event(event, start);
            field.takes(&value, self.is_joint).then_some(value)
        });
        picked.extend(self::picked(&self.links, self.is_joint, at.span.links(), |field, link| {
            let value = field.source.of_link(link);
            field.takes(&value, self.is_joint).then_some(value)
        }));
        picked
    }
}

fn picked<'a, T>(
    fields: &[AskedField],
    is_joint: bool,
    of: &'a [T],
    value: impl Fn(&AskedField, &'a T) -> Picked<'a>,
) -> Vec<Picked<'a>> {
    let mut picked: Vec<Picked<'a>> = vec![None; fields.len()];
    for one in of {
        let values: Vec<_> = fields.iter().map(|field| value(field, one)).collect();
        if is_joint && values.iter().any(Option::is_none) {
            continue;
        }
        for (picked, value) in picked.iter_mut().zip(values) {
            if picked.is_none() {
                *picked = value;
            }
        }
        if picked.iter().all(Option::is_some) {
            break;
        }
    }
    picked
}

impl AskedField {
    /// Whether what is asked takes a value of an event or a link: one of the things that are asked of an attribute, and, where
    /// all must be met, each of those that are asked of what every event and link has. Tempo's store has times without a sign.
    fn takes(&self, value: &Val<'_>, is_joint: bool) -> bool {
        let is_intrinsic = matches!(self.source, Source::Intrinsic(_));
        let is_unsigned = matches!(self.source, Source::Intrinsic(Intrinsic::EventTimeSinceStart));
        let mut checks = self.checks.iter().map(|check| match value {
            Val::Duration(ns) if is_unsigned => check.takes_unsigned(*ns),
            value => check.takes(value, is_intrinsic),
        });
        if is_intrinsic && is_joint {
            checks.all(|is_taken| is_taken)
        } else {
            self.is_whole && !value.is_missing() || checks.any(|is_taken| is_taken)
        }
    }
}

/// Whether what is read of a value meets a check. All of it is read, or what one of `taken` takes, of a list those elements.
/// Types go together here as between fields.
pub(super) fn meets(value: &Val<'_>, taken: Option<&Arc<[Check]>>, check: &Check) -> bool {
    // What meets the check by itself is taken for that alone, which spares going over all of them.
    let is_taken = |value: &Val<'_>| {
        taken.is_none_or(|taken| check.takes(value, false) || taken.iter().any(|other| other.takes(value, false)))
    };
    let Val::List(elements) = value else { return is_met_by(value, check) && is_taken(value) };
    let mut elements = elements.iter().map(Val::scalar);
    let is_negative = matches!(check, Check::Against(Comparison::NotEqual, _) | Check::MatchesNone(_));
    if !is_negative {
        return elements.any(|element| is_met_by(&element, check) && is_taken(&element));
    }
    // What is to be unlike must be unlike all that is read, and there must be something.
    let mut is_any_taken = false;
    for element in elements {
        if is_met_by(&element, check) {
            is_any_taken = is_any_taken || is_taken(&element);
        } else if is_taken(&element) {
            return false;
        }
    }
    is_any_taken
}

fn is_met_by(value: &Val<'_>, check: &Check) -> bool {
    match check {
        Check::Against(comparison, literals) => {
            literals.iter().all(|literal| operate::holds(value, *comparison, &Val::of_literal(literal)))
        }
        other => other.takes(value, true),
    }
}
