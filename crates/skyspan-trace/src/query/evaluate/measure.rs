//! Numbers of a set of spans: `count()`, `avg(...)` and the like.

use std::cmp::Ordering;

use super::asked::{Asked, Picks};
use super::condition::Condition;
use super::operate;
use super::source::Scene;
use super::val::Val;
use crate::query::error::Fault;
use crate::query::syntax::ast::{Comparison, Measure};
use crate::query::syntax::literal::Literal;
use crate::query::syntax::words::AggregateWord;

/// A number of a set of spans, and what it is held against, made ready.
#[derive(Clone, Debug)]
pub(super) struct Gauge {
    word: AggregateWord,
    of: Option<Condition>,
    comparison: Comparison,
    against: Literal,
    /// What answers call it: `avg(duration)`.
    pub(super) label: String,
}

impl Gauge {
    pub(super) fn new(measure: &Measure) -> Result<Self, Fault> {
        Ok(Self {
            word: measure.aggregate.word,
            of: measure.aggregate.of.as_ref().map(Condition::value_of).transpose()?,
            comparison: measure.comparison,
            against: measure.against.clone(),
            label: measure.aggregate.to_string(),
        })
    }

    /// The value of each span that goes into the number.
    pub(super) fn condition(&self) -> Option<&Condition> {
        self.of.as_ref()
    }

    pub(super) fn bind(&mut self, asked: &Asked, picks: &Picks) {
        self.of = self.of.take().map(|of| of.bound(asked, picks));
    }

    /// The number; none where no span has a value. A span that has none counts for nothing.
    pub(super) fn value(&self, scene: &Scene<'_>, spans: &[u32], picks: &Picks) -> Result<Option<Val<'static>>, Fault> {
        let Some(of) = &self.of else {
            return Ok(Some(Val::Int(i64::try_from(spans.len()).unwrap_or(i64::MAX))));
        };
        let mut sum: Option<Val<'static>> = None;
        let mut count = 0_i64;
        for at in spans.iter().filter_map(|place| scene.at(*place)) {
            // Lists are no numbers, and need not be kept.
            let value = at.picking(picks, |at| Ok(of.value(at)?.into_owned()))?.unwrap_or(Val::Nil);
            if value.is_missing() {
                continue;
            }
            count += 1;
            sum = Some(match sum {
                None => value,
                Some(sum) => match self.word {
                    AggregateWord::Max if rank(&value, &sum) == Ordering::Greater => value,
                    AggregateWord::Min if rank(&value, &sum) == Ordering::Less => value,
                    AggregateWord::Sum | AggregateWord::Average => added(sum, &value),
                    _ => sum,
                },
            });
        }
        Ok(sum.map(|sum| if self.word == AggregateWord::Average { divided(sum, count) } else { sum }))
    }

    /// Whether a number is as it is wanted.
    pub(super) fn is_met(&self, value: &Val<'_>) -> bool {
        operate::holds(value, self.comparison, &Val::of_literal(&self.against))
    }
}

/// What counts is of the type of the first; what is of another is passed over, as in Tempo.
fn added<'a>(sum: Val<'a>, value: &Val<'_>) -> Val<'a> {
    match (sum, value) {
        (Val::Int(sum), Val::Int(value)) => Val::Int(sum.wrapping_add(*value)),
        (Val::Duration(sum), Val::Duration(value)) => Val::Duration(sum.saturating_add(*value)),
        (Val::Float(sum), Val::Float(value)) => Val::Float(sum + value),
        (sum, _) => sum,
    }
}

#[expect(clippy::cast_precision_loss, reason = "an average is a float")]
fn divided(sum: Val<'_>, count: i64) -> Val<'_> {
    match sum {
        Val::Int(sum) => Val::Float(sum as f64 / count as f64),
        Val::Float(sum) => Val::Float(sum / count as f64),
        // Cut to whole nanoseconds.
        Val::Duration(sum) => Val::Duration(sum / count),
        sum => sum,
    }
}

/// The order of values of any types: numbers by size, all else behind them, in the order of Tempo's types.
fn rank(one: &Val<'_>, other: &Val<'_>) -> Ordering {
    let class = |value: &Val<'_>| match value {
        Val::Int(_) | Val::Float(_) | Val::Duration(_) | Val::Nil | Val::Foreign => 0,
        Val::Str(_) => 1,
        Val::Bool(_) => 2,
        Val::List(_) => 3,
        Val::Status(_) => 4,
        Val::Kind(_) => 5,
    };
    class(one).cmp(&class(other)).then_with(|| match (one, other) {
        (Val::Int(one), Val::Int(other)) | (Val::Duration(one), Val::Duration(other)) => one.cmp(other),
        (Val::Str(one), Val::Str(other)) => one.cmp(other),
        (Val::Bool(one), Val::Bool(other)) => one.cmp(other),
        _ => match (one.number(), other.number()) {
            (Some(one), Some(other)) => one.partial_cmp(&other).unwrap_or(Ordering::Equal),
            _ => Ordering::Equal,
        },
    })
}
