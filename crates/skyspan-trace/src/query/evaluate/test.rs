//! [`Test`]: a field held against what stands in the query.
//!
//! Here types are strict, unlike between two fields: `.v = 5` is met by the integer 5 and not by 5.0, and of a list it is
//! enough that one element meets it, also where it is to be unlike. Both are Tempo's.

use regex_lite::Regex;

use super::operate::holds;
use super::source::{Source, SpanAt};
use super::val::Val;
use crate::query::syntax::ast::Comparison;
use crate::query::syntax::literal::Literal;
use crate::query::syntax::words::Intrinsic;

/// A field held against what stands in the query.
#[derive(Clone, Debug)]
pub(in crate::query) struct Test {
    pub(super) source: Source,
    pub(super) check: Check,
}

/// What a value must be.
#[derive(Clone, Debug)]
pub(in crate::query) enum Check {
    /// `.v > 5`; of several that are to be unlike, an element must be none.
    Against(Comparison, Vec<Literal>),
    /// A text that a pattern matches: `.v =~ "a.*"`.
    Matches(Regex),
    /// `.v !~ "a.*" && .v !~ "b.*"`: an element must match none.
    MatchesNone(Vec<Regex>),
    /// A field that has a value: `.v != nil`.
    Present,
    /// A field that has none: `.v = nil`.
    Missing,
}

/// A regular expression for whole values, where a dot is any character, as in Tempo.
pub(super) fn anchored(pattern: &str) -> Result<Regex, regex_lite::Error> {
    // By itself first, or a bracket could end what stands around it.
    Regex::new(pattern)?;
    Regex::new(&format!(r"\A(?s:{pattern})\z"))
}

impl Check {
    fn new(comparison: Comparison, literal: &Literal) -> Result<Self, regex_lite::Error> {
        Ok(match (comparison, literal) {
            (Comparison::Matches, Literal::Str(pattern)) => Self::Matches(anchored(pattern)?),
            (Comparison::MatchesNot, Literal::Str(pattern)) => Self::MatchesNone(vec![anchored(pattern)?]),
            _ => Self::Against(comparison, vec![literal.clone()]),
        })
    }

    /// Takes in another, so that both are asked of each element together. Gives it back if that is not so.
    fn join(&mut self, other: Self) -> Result<(), Self> {
        match (self, other) {
            (Self::Against(Comparison::NotEqual, all), Self::Against(Comparison::NotEqual, more))
                if all.first().map(std::mem::discriminant) == more.first().map(std::mem::discriminant) =>
            {
                all.extend(more);
                Ok(())
            }
            (Self::MatchesNone(all), Self::MatchesNone(more)) => {
                all.extend(more);
                Ok(())
            }
            (_, other) => Err(other),
        }
    }

    /// Whether a value meets it. What is known to be a number is held against any number, an attribute only against a literal
    /// of its own type.
    pub(super) fn takes(&self, value: &Val<'_>, is_intrinsic: bool) -> bool {
        match (self, value) {
            (Self::Present, value) => !value.is_missing(),
            (Self::Missing, value) => matches!(value, Val::Nil),
            (check, Val::List(elements)) => {
                elements.iter().any(|element| check.takes_scalar(&Val::scalar(element), is_intrinsic))
            }
            (check, scalar) => check.takes_scalar(scalar, is_intrinsic),
        }
    }

    fn takes_scalar(&self, value: &Val<'_>, is_intrinsic: bool) -> bool {
        match (self, value) {
            (Self::Against(comparison, literals), value) => literals.iter().all(|literal| {
                (is_intrinsic || types_agree(value, literal)) && holds(value, *comparison, &Val::of_literal(literal))
            }),
            (Self::Matches(regex), Val::Str(text)) => regex.is_match(text),
            (Self::MatchesNone(regexes), Val::Str(text)) => !regexes.iter().any(|regex| regex.is_match(text)),
            _ => false,
        }
    }

    /// Whether it holds of a time as Tempo's store has it, without a sign: what lies before the span is very great.
    #[expect(clippy::cast_precision_loss, reason = "as Tempo compares them")]
    pub(super) fn takes_unsigned(&self, ns: i64) -> bool {
        let Self::Against(comparison, literals) = self else { return self.takes(&Val::Duration(ns), true) };
        literals.iter().all(|literal| match literal {
            Literal::Int(against) | Literal::Duration(against) if ns < 0 => match comparison {
                Comparison::Greater | Comparison::GreaterEqual | Comparison::NotEqual => true,
                Comparison::Equal => ns == *against,
                _ => false,
            },
            Literal::Float(_) if ns < 0 => {
                holds(&Val::Float(ns.cast_unsigned() as f64), *comparison, &Val::of_literal(literal))
            }
            literal => holds(&Val::Duration(ns), *comparison, &Val::of_literal(literal)),
        })
    }
}

fn types_agree(value: &Val<'_>, literal: &Literal) -> bool {
    matches!(
        (value, literal),
        (Val::Int(_), Literal::Int(_))
            | (Val::Float(_), Literal::Float(_))
            | (Val::Str(_), Literal::Str(_))
            | (Val::Bool(_), Literal::Bool(_))
    )
}

impl Test {
    pub(super) fn new(source: Source, comparison: Comparison, literal: &Literal) -> Result<Self, regex_lite::Error> {
        let mut check = Check::new(comparison, literal)?;
        // Trace ids are compared without the zeros that they begin with.
        if let (Source::Intrinsic(Intrinsic::TraceId | Intrinsic::LinkTraceId), Check::Against(_, literals)) =
            (&source, &mut check)
        {
            for literal in literals {
                if let Literal::Str(id) = literal {
                    *id = id.trim_start_matches('0').to_owned();
                }
            }
        }
        Ok(Self { source, check })
    }

    /// Takes in another test of the same field, so that both are asked of each element together. Gives it back if that is
    /// not so.
    pub(super) fn join(&mut self, other: Self) -> Result<(), Self> {
        if self.source != other.source {
            return Err(other);
        }
        self.check.join(other.check).map_err(|check| Self { source: other.source, check })
    }

    /// Whether a span meets it; of events and links one must.
    pub(super) fn is_met(&self, at: SpanAt<'_>) -> bool {
        let span = at.span;
        match (&self.source, &self.check) {
            // A time before the span is let in by what it is without a sign, and then held against the condition with it: it
            // hides the events behind it.
            (Source::Intrinsic(Intrinsic::EventTimeSinceStart), check @ Check::Against(..)) => {
                let times = span.events().iter().map(|event| self.source.of_event(event, span.start()));
                let mut taken = times.filter(|time| matches!(time, Val::Duration(ns) if check.takes_unsigned(*ns)));
                taken.next().is_some_and(|time| check.takes(&time, true))
            }
            (source, check) if source.is_of_events() => {
                let mut values = span.events().iter().map(|event| source.of_event(event, span.start()));
                values.any(|value| check.takes(&value, matches!(source, Source::Intrinsic(_))))
            }
            (source, check) if source.is_of_links() => {
                let is_trace_id = matches!(source, Source::Intrinsic(Intrinsic::LinkTraceId));
                let mut values = span.links().iter().map(|link| source.of_link(link));
                values.any(|value| {
                    check.takes(
                        &trimmed(value, is_trace_id && matches!(check, Check::Against(..))),
                        matches!(source, Source::Intrinsic(_)),
                    )
                })
            }
            // Nothing is unlike a parent that is not there.
            (Source::Intrinsic(Intrinsic::ParentId), Check::Against(Comparison::NotEqual, literals))
                if literals.contains(&Literal::Str(String::new())) && span.parent_id().is_none() =>
            {
                false
            }
            (Source::Intrinsic(Intrinsic::TraceId), check @ Check::Against(..)) => {
                check.takes(&trimmed(self.source.value(at), true), true)
            }
            (source, check) => check.takes(&source.value(at), matches!(source, Source::Intrinsic(_))),
        }
    }
}

/// An id without the zeros that it begins with.
fn trimmed(value: Val<'_>, is_wanted: bool) -> Val<'_> {
    match value {
        Val::Str(id) if is_wanted => Val::Str(id.trim_start_matches('0').to_owned().into()),
        value => value,
    }
}
