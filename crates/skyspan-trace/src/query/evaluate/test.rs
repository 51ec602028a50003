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
use crate::trace::{Event, Link};

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
    /// `.v =~ "a.*"`
    Matches(Regex),
    /// `.v !~ "a.*" && .v !~ "b.*"`: an element must match none.
    MatchesNone(Vec<Regex>),
    /// `.v != nil`
    Present,
    /// `.v = nil`
    Missing,
}

/// A regular expression for whole values, where a dot is any character, as in Tempo.
pub(super) fn anchored(pattern: &str) -> Result<Regex, regex_lite::Error> {
    // By itself first, or a bracket could end what stands around it.
    Regex::new(pattern)?;
    Regex::new(&format!(r"\A(?s:{pattern})\z"))
}

impl Test {
    pub(super) fn new(source: Source, comparison: Comparison, literal: &Literal) -> Result<Self, regex_lite::Error> {
        let check = match (comparison, literal) {
            (Comparison::Matches, Literal::Str(pattern)) => Check::Matches(anchored(pattern)?),
            (Comparison::MatchesNot, Literal::Str(pattern)) => Check::MatchesNone(vec![anchored(pattern)?]),
            _ => Check::Against(comparison, vec![literal.clone()]),
        };
        let mut test = Self { source, check };
        test.trim_zeros();
        Ok(test)
    }

    /// Trace ids are compared without the zeros that they begin with.
    fn trim_zeros(&mut self) {
        if !self.is_of_trace_ids() {
            return;
        }
        if let Check::Against(_, literals) = &mut self.check {
            for literal in literals {
                if let Literal::Str(id) = literal {
                    *id = id.trim_start_matches('0').to_owned();
                }
            }
        }
    }

    fn is_of_trace_ids(&self) -> bool {
        matches!(self.source, Source::Intrinsic(Intrinsic::TraceId | Intrinsic::LinkTraceId))
    }

    /// Takes in another test of the same field, so that both are asked of each element together. Gives it back if that is
    /// not so.
    pub(super) fn join(&mut self, other: Self) -> Result<(), Self> {
        if self.source != other.source || self.source.is_of_events() || self.source.is_of_links() {
            return Err(other);
        }
        match (&mut self.check, other.check) {
            (Check::Against(Comparison::NotEqual, all), Check::Against(Comparison::NotEqual, more))
                if all.first().map(std::mem::discriminant) == more.first().map(std::mem::discriminant) =>
            {
                all.extend(more);
                Ok(())
            }
            (Check::MatchesNone(all), Check::MatchesNone(more)) => {
                all.extend(more);
                Ok(())
            }
            (_, check) => Err(Self { source: other.source, check }),
        }
    }

    /// Whether a span meets it; of events and links one must.
    pub(super) fn is_met(&self, at: SpanAt<'_>) -> bool {
        let span = at.span;
        match (&self.source, &self.check) {
            (Source::Intrinsic(Intrinsic::EventTimeSinceStart), Check::Against(..)) => self.is_met_by_times(at),
            (source, _) if source.is_of_events() => span.events().iter().any(|event| self.is_met_by_event(event, at)),
            (source, _) if source.is_of_links() => span.links().iter().any(|link| self.is_met_by_link(link)),
            // Nothing is unlike a parent that is not there.
            (Source::Intrinsic(Intrinsic::ParentId), Check::Against(Comparison::NotEqual, literals))
                if literals.contains(&Literal::Str(String::new())) && span.parent_id().is_none() =>
            {
                false
            }
            (source, _) => self.takes(&source.value(at)),
        }
    }

    pub(super) fn is_met_by_event(&self, event: &Event, at: SpanAt<'_>) -> bool {
        let value = self.source.of_event(event, at.span.start());
        match (&value, &self.check) {
            (Val::Duration(ns), Check::Against(comparison, literals)) => {
                literals.iter().all(|literal| holds_unsigned(*ns, *comparison, literal)) && self.takes(&value)
            }
            _ => self.takes(&value),
        }
    }

    pub(super) fn is_met_by_link(&self, link: &Link) -> bool {
        self.takes(&self.source.of_link(link))
    }

    /// An event before its span has a time without sign in Tempo's store, which is very great, and one with a sign where the
    /// condition is held against it: it hides the events that meet the condition later.
    fn is_met_by_times(&self, at: SpanAt<'_>) -> bool {
        let Check::Against(comparison, literals) = &self.check else { return false };
        let times = at.span.events().iter().map(|event| self.source.of_event(event, at.span.start()));
        let mut kept = times.filter(|time| match time {
            Val::Duration(ns) => literals.iter().all(|literal| holds_unsigned(*ns, *comparison, literal)),
            _ => false,
        });
        kept.next().is_some_and(|time| self.takes(&time))
    }

    fn takes(&self, value: &Val<'_>) -> bool {
        match &self.check {
            Check::Present => !value.is_missing(),
            Check::Missing => matches!(value, Val::Nil),
            _ => match value {
                Val::List(elements) => elements.iter().any(|element| self.takes_scalar(&Val::scalar(element))),
                scalar => self.takes_scalar(scalar),
            },
        }
    }

    fn takes_scalar(&self, value: &Val<'_>) -> bool {
        match (&self.check, value) {
            (Check::Against(comparison, literals), value) => {
                let holds = |literal: &Literal| match value {
                    Val::Str(id) if self.is_of_trace_ids() => {
                        holds(&Val::text(id.trim_start_matches('0')), *comparison, &Val::of_literal(literal))
                    }
                    value => self.types_agree(value, literal) && holds(value, *comparison, &Val::of_literal(literal)),
                };
                literals.iter().all(holds)
            }
            (Check::Matches(regex), Val::Str(text)) => regex.is_match(text),
            (Check::MatchesNone(regexes), Val::Str(text)) => !regexes.iter().any(|regex| regex.is_match(text)),
            _ => false,
        }
    }

    /// What is known to be a number is held against any number; an attribute only against its own type.
    fn types_agree(&self, value: &Val<'_>, literal: &Literal) -> bool {
        matches!(self.source, Source::Intrinsic(_))
            || matches!(
                (value, literal),
                (Val::Int(_), Literal::Int(_))
                    | (Val::Float(_), Literal::Float(_))
                    | (Val::Str(_), Literal::Str(_))
                    | (Val::Bool(_), Literal::Bool(_))
            )
    }
}

/// Whether a comparison holds of a time as Tempo's store has it.
#[expect(clippy::cast_precision_loss, reason = "as Tempo compares them")]
fn holds_unsigned(ns: i64, comparison: Comparison, literal: &Literal) -> bool {
    match literal {
        Literal::Int(against) | Literal::Duration(against) if ns < 0 => match comparison {
            Comparison::Greater | Comparison::GreaterEqual | Comparison::NotEqual => true,
            Comparison::Equal => ns == *against,
            _ => false,
        },
        Literal::Float(_) if ns < 0 => holds(&Val::Float(ns.cast_unsigned() as f64), comparison, &Val::of_literal(literal)),
        literal => holds(&Val::Duration(ns), comparison, &Val::of_literal(literal)),
    }
}
