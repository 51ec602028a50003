//! What a check file says of the spans that a query selects.

use std::ops::Bound;

use super::entry::counted;
use super::ranges::{durations, numbers, parts};
use super::selector::{Selector, query};
use super::spans::{Condition, SpanSaid, conditions, span, with_all};
use crate::expect::{
    DurationRange, Every, Expectation, Mismatch, NumberRange, Order, Quantified, SomeOf, SpanExpectation, at_once,
    every, median, percentile, share, some, total, total_self_time,
};
use crate::query::{Query, QueryError};
use crate::trace::{Trace, exact_duration};
use crate::value::Value;
use crate::value::yaml::{Fields, Node, NodeValue, YamlError, listed};

/// The keys that say something of selected spans.
pub(super) const ASK_KEYS: [&str; 16] = [
    "count",
    "each",
    "any",
    "total",
    "share",
    "at_once",
    "median",
    "percentiles",
    "before",
    "starts_before",
    "ends_before",
    "within",
    "overlaps",
    "apart_from",
    "gap",
    "some",
];

/// How spans may lie to others in time, by key.
pub(super) const ORDER_KEYS: [&str; 7] =
    ["before", "starts_before", "ends_before", "within", "overlaps", "apart_from", "gap"];

/// What is said of the spans that a query selects.
pub(super) struct Selected {
    query: Query,
    or_none: bool,
    asks: Vec<Ask>,
}

/// One thing that is said of them.
enum Ask {
    Count(NumberRange),
    Each(SpanSaid),
    Any(Vec<Condition>),
    Total(DurationRange),
    TotalSelf(DurationRange),
    Share { of: Query, part: (Bound<f64>, Bound<f64>) },
    AtOnce(NumberRange),
    Percentile(f64, DurationRange),
    Order { is_every: bool, relation: Relation, other: Query, other_is_every: bool, by: Option<DurationRange> },
}

#[derive(Clone, Copy)]
enum Relation {
    Before,
    StartsBefore,
    EndsBefore,
    Within,
    Overlaps,
    ApartFrom,
}

impl Selected {
    /// Reads an entry that has `spans`.
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, YamlError> {
        let query = query(fields.need("spans")?)?;
        let mut asks = Vec::new();
        for key in ASK_KEYS {
            if let Some(node) = fields.get(key) {
                read_ask(key, node, &mut asks)?;
            }
        }
        if asks.is_empty() {
            return Err(fields.lacks(&format!("what is said of the spans, by one of the keys {}", listed(&ASK_KEYS))));
        }
        Ok(Self { query, or_none: fields.flag("or_none")?, asks })
    }

    /// The query, and the keys of what is said.
    pub(super) fn label(&self) -> String {
        super::selector::on_one_line(self.query.as_str())
    }

    /// What was found, or what is wrong.
    pub(super) fn check(&self, selector: &Selector<'_>) -> Result<Result<String, Mismatch>, QueryError> {
        let of = selector.spans(&self.query)?;
        let (mut found, mut wrong): (Vec<String>, Option<Mismatch>) = (Vec::new(), None);
        for ask in &self.asks {
            match self.check_one(ask, &of, selector)? {
                Ok(text) => found.push(text),
                Err(mismatch) => match &mut wrong {
                    Some(wrong) => wrong.add(mismatch),
                    None => wrong = Some(mismatch),
                },
            }
        }
        // Of a query that selects nothing, why.
        let wrong = match wrong {
            Some(wrong) if selector.number(&self.query)? == 0 => Some(match self.query.emptied_by(selector.trace) {
                Some(by) => wrong.with_clue(format!("the query selects nothing: {by}")),
                None => wrong,
            }),
            wrong => wrong,
        };
        Ok(wrong.map_or_else(|| Ok(found.join("; ")), Err))
    }

    fn check_one(
        &self,
        ask: &Ask,
        of: &SpanExpectation,
        selector: &Selector<'_>,
    ) -> Result<Result<String, Mismatch>, QueryError> {
        let trace = selector.trace;
        let number = selector.number(&self.query)?;
        let spans = || counted(number, "span");
        Ok(match ask {
            Ask::Count(range) => of.clone().times(*range).check(trace).map(|()| spans()),
            Ask::Each(said) => {
                let every = every(of.clone()).must((said.make)(selector)?);
                let every = if self.or_none { every.or_none() } else { every };
                every.check(trace).map(|()| spans())
            }
            Ask::Any(said) => with_all(of.clone(), said, selector)?.check(trace).map(|()| format!("of {}", spans())),
            Ask::Total(range) => {
                let told = || {
                    let each = selector_spans(selector, &self.query);
                    format!("{}, {range}", exact_duration(each.iter().sum()))
                };
                let total = total(of.clone()).within(*range);
                let total = if self.or_none { total.or_none() } else { total };
                total.check(trace).map(|()| told())
            }
            Ask::TotalSelf(range) => self.measure(total_self_time(of.clone()).within(*range), range, trace),
            Ask::Percentile(percent, range) => {
                let of = of.clone();
                let measured = if *percent == 50.0 { median(of) } else { percentile(*percent, of) };
                self.measure(measured.within(*range), range, trace)
            }
            Ask::Share { of: whole, part } => {
                let share = share(of.clone()).of(selector.spans(whole)?).within(*part);
                let share = if self.or_none { share.or_none() } else { share };
                share.check(trace).map(|()| spans())
            }
            Ask::AtOnce(range) => {
                let most = at_once(of.clone()).within(*range);
                most.check(trace).map(|()| format!("{} at once, {range}", most.found(trace)))
            }
            Ask::Order { is_every, relation, other, other_is_every, by } => {
                let other = selector.spans(other)?;
                let other: Quantified = if *other_is_every { every(other).into() } else { some(other).into() };
                let order = match is_every {
                    true => relation.of_every(every(of.clone()), other),
                    false => relation.of_some(some(of.clone()), other),
                };
                let order = by.map_or(order.clone(), |by| order.by(by));
                let order = if self.or_none { order.or_none() } else { order };
                order.check(trace).map(|()| spans())
            }
        })
    }

    fn measure(
        &self,
        measure: crate::expect::Measure,
        range: &DurationRange,
        trace: &Trace,
    ) -> Result<String, Mismatch> {
        let measure = if self.or_none { measure.or_none() } else { measure };
        measure.check(trace).map(|()| match measure.found_ns_in(trace) {
            Some(ns) => format!("{}, {range}", exact_duration(ns)),
            None => "no spans".to_owned(),
        })
    }
}

fn selector_spans(selector: &Selector<'_>, query: &Query) -> Vec<i128> {
    let spans = query.select_over_all(selector.trace).unwrap_or_default();
    spans.into_iter().filter_map(|span| span.signed_duration_ns()).collect()
}

impl Relation {
    fn of_every(self, one: Every, other: Quantified) -> Order {
        match self {
            Self::Before => one.before(other),
            Self::StartsBefore => one.starts_before(other),
            Self::EndsBefore => one.ends_before(other),
            Self::Within => one.within(other),
            Self::Overlaps => one.overlaps(other),
            Self::ApartFrom => one.apart_from(other),
        }
    }

    fn of_some(self, one: SomeOf, other: Quantified) -> Order {
        match self {
            Self::Before => one.before(other),
            Self::StartsBefore => one.starts_before(other),
            Self::EndsBefore => one.ends_before(other),
            Self::Within => one.within(other),
            Self::Overlaps => one.overlaps(other),
            Self::ApartFrom => one.apart_from(other),
        }
    }
}

fn read_ask(key: &str, node: &Node, asks: &mut Vec<Ask>) -> Result<(), YamlError> {
    match key {
        "count" => asks.push(Ask::Count(numbers(node)?)),
        "each" => asks.push(Ask::Each(span(node)?)),
        "any" => asks.push(Ask::Any(conditions(node, "`any`")?)),
        "at_once" => asks.push(Ask::AtOnce(numbers(node)?)),
        "median" => asks.push(Ask::Percentile(50.0, durations(node)?)),
        "percentiles" => {
            let entries = node.expect_map("a map of percentages to durations, such as {95: ..=1 s}")?;
            for (key, said) in entries {
                let percent = match &key.value {
                    NodeValue::Scalar(Value::Str(text)) => text.parse().ok(),
                    NodeValue::Scalar(value) => value.as_f64(),
                    _ => None,
                };
                let percent = percent.filter(|percent: &f64| (0.0..=100.0).contains(percent));
                let percent = percent.ok_or_else(|| key.unexpected("a percentage from 0 to 100"))?;
                asks.push(Ask::Percentile(percent, durations(said)?));
            }
            if entries.is_empty() {
                return Err(node.unexpected("at least one percentage, such as {95: ..=1 s}"));
            }
        }
        "total" => {
            // A total alone is that of durations.
            let NodeValue::Mapping(_) = node.value else {
                asks.push(Ask::Total(durations(node)?));
                return Ok(());
            };
            let fields = Fields::of(node, "`total`", &["duration", "self_time"])?;
            if fields.keys().next().is_none() {
                return Err(fields.lacks("one of the keys `duration`, `self_time`"));
            }
            asks.extend(fields.get("duration").map(durations).transpose()?.map(Ask::Total));
            asks.extend(fields.get("self_time").map(durations).transpose()?.map(Ask::TotalSelf));
        }
        "share" => {
            let fields = Fields::of(node, "`share`", &["of", "is"])?;
            asks.push(Ask::Share { of: query(fields.need("of")?)?, part: parts(fields.need("is")?)? });
        }
        "some" => {
            let fields = Fields::of(node, "`some`", &ORDER_KEYS)?;
            if fields.keys().next().is_none() {
                return Err(fields.lacks(&format!("one of the keys {}", listed(&ORDER_KEYS))));
            }
            for key in ORDER_KEYS {
                if let Some(node) = fields.get(key) {
                    asks.push(order(key, node, false)?);
                }
            }
        }
        order_key => asks.push(order(order_key, node, true)?),
    }
    Ok(())
}

/// `before: QUERY`, or a map that says of every one or of some, and by how much.
fn order(key: &str, node: &Node, is_every: bool) -> Result<Ask, YamlError> {
    let what = format!("`{key}`");
    if key == "gap" {
        let fields = Fields::of(node, &what, &["to", "duration"])?;
        let (other, by) = (query(fields.need("to")?)?, Some(durations(fields.need("duration")?)?));
        return Ok(Ask::Order { is_every, relation: Relation::Before, other, other_is_every: false, by });
    }
    let relation = match key {
        "before" => Relation::Before,
        "starts_before" => Relation::StartsBefore,
        "ends_before" => Relation::EndsBefore,
        "within" => Relation::Within,
        "overlaps" => Relation::Overlaps,
        _ => Relation::ApartFrom,
    };
    let NodeValue::Mapping(_) = node.value else {
        // One that lies within another lies within one of them, and what comes before comes before all.
        let other_is_every = !matches!(relation, Relation::Within | Relation::Overlaps);
        return Ok(Ask::Order { is_every, relation, other: query(node)?, other_is_every, by: None });
    };
    let has_edges = matches!(relation, Relation::Before | Relation::StartsBefore | Relation::EndsBefore);
    let allowed: &[&str] = if has_edges { &["every", "some", "by"] } else { &["every", "some"] };
    let fields = Fields::of(node, &what, allowed)?;
    let (other, other_is_every) = match (fields.get("every"), fields.get("some")) {
        (Some(every), None) => (query(every)?, true),
        (None, Some(some)) => (query(some)?, false),
        _ => return Err(fields.lacks("exactly one of the keys `every`, `some`")),
    };
    let by = fields.get("by").map(durations).transpose()?;
    Ok(Ask::Order { is_every, relation, other, other_is_every, by })
}
