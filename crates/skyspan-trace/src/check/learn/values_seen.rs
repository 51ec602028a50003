//! [`ValuesSeen`]: the values of one key of one kind of spans, and what they have in common.

use std::collections::BTreeMap;

use super::text_shape::TextShape;
use super::tolerance::{TRACES_MIN, lower, upper};
use super::yaml_text::{equal, in_quotes};
use crate::expect::{ValueType, is_volatile_value};
use crate::trace::Redaction;
use crate::value::{Text, Value, to_json};

/// So many different values are kept.
const DISTINCT_MAX: usize = 64;
/// Up to so many values may be all that there are.
const CHOICES_MAX: usize = 8;
/// A value of more types may be anything.
const TYPES_MAX: usize = 3;
/// A longer value is not written.
const LENGTH_MAX: usize = 120;

/// The values of one key of one kind of spans.
#[derive(Clone, Debug, Default)]
pub(super) struct ValuesSeen {
    types: Vec<ValueType>,
    /// By their JSON, in how many traces each was.
    distinct: BTreeMap<String, (Value, usize)>,
    /// Whether there are more.
    has_more: bool,
    /// The least and the most of each trace that has numbers, in order of time.
    numbers: Vec<(f64, f64)>,
    /// What all texts have in common, once there is one.
    shape: Option<Option<TextShape>>,
    /// Whether one of them is another in every run: an id, a time.
    is_volatile: bool,
    is_secret: bool,
    traces: usize,
}

impl ValuesSeen {
    /// Takes what one more trace has.
    pub(super) fn add(&mut self, key: &Text, values: &[&Value], redaction: &Redaction) {
        if values.is_empty() {
            return;
        }
        self.traces += 1;
        let mut here: BTreeMap<String, &Value> = BTreeMap::new();
        let mut numbers: Option<(f64, f64)> = None;
        for value in values {
            let of = ValueType::of(value);
            if !self.types.contains(&of) {
                self.types.push(of);
            }
            if let Some(number) = number(value) {
                let (least, most) = numbers.unwrap_or((number, number));
                numbers = Some((least.min(number), most.max(number)));
            }
            if let Value::Str(text) = value {
                let shape = TextShape::of(text);
                self.shape = Some(match (self.shape.take(), shape) {
                    (None, shape) => shape,
                    (Some(Some(before)), Some(shape)) => before.and(&shape),
                    _ => None,
                });
            }
            self.is_volatile |= is_volatile_value(key, value);
            self.is_secret |= redaction.entry(key, value).is_some();
            if here.len() <= DISTINCT_MAX {
                here.insert(to_json(value), value);
            }
        }
        self.numbers.extend(numbers);
        for (json, value) in here {
            if let Some((_, traces)) = self.distinct.get_mut(&json) {
                *traces += 1;
            } else if self.distinct.len() < DISTINCT_MAX {
                self.distinct.insert(json, (value.clone(), 1));
            } else {
                self.has_more = true;
            }
        }
    }

    /// The one value that it always is.
    fn constant(&self) -> Option<&Value> {
        let mut all = self.distinct.values();
        match (all.next(), all.next(), self.has_more) {
            (Some((value, _)), None, false) => Some(value),
            _ => None,
        }
    }

    /// All values, where it seems that there are no others: few, and none in one trace alone.
    fn choices(&self) -> Option<Vec<&Value>> {
        let are_all = !self.has_more
            && self.distinct.len() <= CHOICES_MAX
            && self.traces >= 3
            && self.distinct.values().all(|(_, traces)| *traces >= 2);
        are_all.then(|| self.distinct.values().map(|(value, _)| value).collect())
    }

    /// Whether numbers rise or fall from trace to trace, as those of orders do: where they were says nothing of where they will be.
    fn drifts(&self) -> bool {
        let rises = |by: fn(&[(f64, f64)]) -> bool| self.numbers.windows(2).all(by);
        self.numbers.len() >= 4
            && (rises(|pair| pair[1].0 > pair[0].0 && pair[1].1 > pair[0].1)
                || rises(|pair| pair[1].0 < pair[0].0 && pair[1].1 < pair[0].1))
    }

    /// Whether it is a number of which a range is said.
    pub(super) fn has_range(&self) -> bool {
        matches!(self.types[..], [ValueType::Int | ValueType::Float])
            && self.constant().is_none()
            && self.choices().is_none()
            && !self.is_volatile
            && !self.is_secret
            && !self.drifts()
            && self.numbers.len() >= TRACES_MIN
    }

    /// What a check file says of it, loosely; a range reaches so far that the next trace lies outside of it by this chance, and
    /// without a chance none is said.
    pub(super) fn loose(&self, chance: Option<f64>) -> Option<String> {
        let [of] = self.types[..] else {
            let types: Vec<String> = self.types.iter().copied().map(typed).collect();
            return (types.len() <= TYPES_MAX).then(|| format!("{{one_of: [{}]}}", types.join(", ")));
        };
        if self.is_secret {
            return Some(typed(of));
        }
        if let Some(value) = self.constant().filter(|value| !self.is_volatile && self.may_be_said(value)) {
            return equal(value);
        }
        let choices = self.choices().filter(|_| !self.is_volatile && of != ValueType::Bool);
        if let Some(said) = choices.and_then(|choices| one_of(&choices)) {
            return Some(said);
        }
        if of == ValueType::Str {
            return Some(self.text_pattern().unwrap_or_else(|| typed(of)));
        }
        if let Some(chance) = chance.filter(|_| self.has_range()) {
            let least: Vec<f64> = self.numbers.iter().map(|(least, _)| *least).collect();
            let most: Vec<f64> = self.numbers.iter().map(|(_, most)| *most).collect();
            if let (Some(from), Some(to)) = (lower(&least, chance), upper(&most, chance)) {
                // What was never negative is none of those numbers that may be.
                let from = if least.iter().all(|number| *number >= 0.0) { from.max(0.0) } else { from };
                return Some(between(of, from, to));
            }
        }
        Some(typed(of))
    }

    /// What a check file says of its type alone.
    pub(super) fn of_type(&self) -> Option<String> {
        match self.types[..] {
            [of] => Some(typed(of)),
            _ => None,
        }
    }

    /// What a check file says of it if all that was seen is all that may be.
    pub(super) fn strict(&self) -> Option<String> {
        let [of] = self.types[..] else { return None };
        if self.is_secret || self.is_volatile {
            return None;
        }
        let all: Vec<&Value> = self.distinct.values().map(|(value, _)| value).collect();
        match (self.constant(), of) {
            (Some(value), _) => equal(value),
            (None, ValueType::Int | ValueType::Float) if !self.numbers.is_empty() => {
                let (least, most) = self.span()?;
                Some(between(of, least, most))
            }
            (None, _) if !self.has_more && all.len() <= CHOICES_MAX => one_of(&all),
            _ => self.text_pattern(),
        }
    }

    /// Whether a value lies within what was seen.
    pub(super) fn contains(&self, value: &Value) -> bool {
        if !self.types.contains(&ValueType::of(value)) {
            return false;
        }
        // Of a secret no value is said.
        if self.is_secret || self.distinct.contains_key(&to_json(value)) {
            return true;
        }
        if !self.is_volatile && (self.constant().is_some() || self.choices().is_some()) {
            return false;
        }
        match value {
            Value::Str(text) => match &self.shape {
                Some(Some(shape)) if shape.says_something() => shape.is_of(text),
                _ => true,
            },
            Value::Int(_) | Value::Float(_) => {
                self.is_volatile
                    || self.drifts()
                    || self
                        .span()
                        .zip(number(value))
                        .is_some_and(|((least, most), number)| (least..=most).contains(&number))
            }
            _ => true,
        }
    }

    fn span(&self) -> Option<(f64, f64)> {
        let least = self.numbers.iter().map(|(least, _)| *least).reduce(f64::min)?;
        Some((least, self.numbers.iter().map(|(_, most)| *most).reduce(f64::max)?))
    }

    /// A number with a fraction that one trace alone has is not said to the last digit.
    fn may_be_said(&self, value: &Value) -> bool {
        to_json(value).len() <= 3 * LENGTH_MAX && (self.traces > 1 || !has_fraction(value))
    }

    fn text_pattern(&self) -> Option<String> {
        let shape = self.shape.as_ref()?.as_ref().filter(|shape| shape.says_something())?;
        let regex = shape.regex();
        (regex.len() <= 2 * LENGTH_MAX).then(|| format!("{{regex: {}}}", in_quotes(&regex)))
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(_) | Value::Float(_) => value.as_f64().filter(|number| number.is_finite()),
        _ => None,
    }
}

fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Float(number) => number.fract() != 0.0,
        Value::Array(elements) => elements.iter().any(has_fraction),
        Value::Map(map) => map.iter().any(|(_, value)| has_fraction(value)),
        _ => false,
    }
}

/// What a check file says of a value of a type, whatever it is.
fn typed(of: ValueType) -> String {
    format!("{{type: {}}}", of.name())
}

fn one_of(values: &[&Value]) -> Option<String> {
    let mut values = values.to_vec();
    // Numbers stand in their order, and not in that of their digits.
    values.sort_by(|a, b| a.as_f64().unwrap_or(0.0).total_cmp(&b.as_f64().unwrap_or(0.0)));
    let all: Vec<String> = values.into_iter().map(equal).collect::<Option<_>>()?;
    let text = format!("{{one_of: [{}]}}", all.join(", "));
    (text.len() <= 3 * LENGTH_MAX).then_some(text)
}

/// A range of numbers of a type: whole ones of integers, three digits of others.
fn between(of: ValueType, from: f64, to: f64) -> String {
    let (from, to) = match of {
        ValueType::Int => (from.floor(), to.ceil()),
        _ => (outward(from, f64::floor), outward(to, f64::ceil)),
    };
    format!("{{type: {}, between: '{from}..={to}'}}", of.name())
}

/// A number with three digits, further out.
fn outward(number: f64, round: fn(f64) -> f64) -> f64 {
    if number == 0.0 {
        return number;
    }
    let unit = 10_f64.powf(number.abs().log10().floor() - 2.0);
    let rounded = round(number / unit) * unit;
    // A product of powers of ten has digits that nobody has asked for.
    format!("{rounded:.12e}")
        .parse::<f64>()
        .map_or(rounded, |short| if round(short - number) == round(rounded - number) { short } else { rounded })
}
