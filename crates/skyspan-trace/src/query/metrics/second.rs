//! What is done with series: `topk`, conditions, and arithmetic between series.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::series::Line;
use crate::query::evaluate::val::ValKey;
use crate::query::syntax::ast::{Arithmetic, Comparison, Second};
use crate::query::syntax::literal::Literal;
use crate::query::syntax::words::RankWord;
use crate::value::Text;

/// Series of which something is done.
pub(super) fn done(lines: Vec<Line>, second: &Second) -> Vec<Line> {
    match second {
        Second::Rank { word, limit, .. } => ranked(lines, *word, usize::try_from(*limit).unwrap_or(usize::MAX)),
        Second::Keep { comparison, against } => kept(lines, *comparison, against),
    }
}

/// At each time only so many of the greatest, or least.
fn ranked(mut lines: Vec<Line>, word: RankWord, limit: usize) -> Vec<Line> {
    if lines.len() <= limit {
        return lines;
    }
    let count = lines.first().map_or(0, |line| line.values.len());
    for at in 0..count {
        let mut places: Vec<usize> = (0..lines.len()).filter(|place| !lines[*place].values[at].is_nan()).collect();
        places.sort_by(|&one, &other| {
            let (one, other) = (&lines[one], &lines[other]);
            let order = one.values[at].total_cmp(&other.values[at]).then_with(|| tie(one, other));
            if word == RankWord::Top { order.reverse() } else { order }
        });
        for place in places.into_iter().skip(limit) {
            lines[place].values[at] = f64::NAN;
        }
    }
    lines.retain(has_number);
    lines
}

fn has_number(line: &Line) -> bool {
    line.values.iter().any(|value| !value.is_nan())
}

/// Which of two series counts as the greater where they are equal, as Tempo has it: the one whose text comes first.
fn tie(one: &Line, other: &Line) -> Ordering {
    let labels = one.labels.len().max(other.labels.len());
    let parts = |line: &Line, at: usize| {
        let label = line.labels.get(at);
        let (text, name) = match label {
            Some(label) => (text_of(&label.key), label.name.to_string()),
            None => (String::new(), String::new()),
        };
        (std::cmp::Reverse((text, name)), label.map(|label| label.key.clone()))
    };
    (0..labels).map(|at| parts(one, at).cmp(&parts(other, at))).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn text_of(key: &ValKey) -> String {
    match key {
        ValKey::Str(text) => text.clone(),
        _ => String::new(),
    }
}

/// Only the numbers that meet a condition; a duration counts in seconds.
fn kept(mut lines: Vec<Line>, comparison: Comparison, against: &Literal) -> Vec<Line> {
    let number = against.number().unwrap_or(f64::NAN);
    let number = if matches!(against, Literal::Duration(_)) { number / 1e9 } else { number };
    for value in lines.iter_mut().flat_map(|line| &mut line.values) {
        let is_met = match comparison {
            Comparison::Equal => *value == number,
            Comparison::NotEqual => *value != number,
            Comparison::Less => *value < number,
            Comparison::LessEqual => *value <= number,
            Comparison::Greater => *value > number,
            Comparison::GreaterEqual => *value >= number,
            Comparison::Matches | Comparison::MatchesNot => false,
        };
        if !is_met {
            *value = f64::NAN;
        }
    }
    lines.retain(has_number);
    lines
}

/// Each number of all series and another.
pub(super) fn scaled(mut lines: Vec<Line>, arithmetic: Arithmetic, by: f64, is_left: bool) -> Vec<Line> {
    for value in lines.iter_mut().flat_map(|line| &mut line.values) {
        *value = if is_left { computed(by, arithmetic, *value) } else { computed(*value, arithmetic, by) };
    }
    lines
}

/// The series that both sides have, by their labels. A series without labels is there for all of the other side.
pub(super) fn both(left: Vec<Line>, arithmetic: Arithmetic, right: Vec<Line>) -> Vec<Line> {
    let alone = |lines: &[Line]| lines.iter().find(|line| line.labels.is_empty()).cloned();
    let (left_alone, right_alone) = (alone(&left), alone(&right));
    let places = |lines: &[Line]| lines.iter().enumerate().map(|(at, line)| (key(line), at)).collect::<HashMap<_, _>>();
    let (left_places, right_places) = (places(&left), places(&right));
    let find = |lines: &[Line], places: &HashMap<_, usize>, alone: &Option<Line>, line: &Line| {
        places.get(&key(line)).map(|at| lines[*at].clone()).or_else(|| alone.clone())
    };
    let targets = if right_alone.is_some() { &left } else { &right };
    let lines = targets.iter().filter_map(|target| {
        let one = find(&left, &left_places, &left_alone, target)?;
        let other = find(&right, &right_places, &right_alone, target)?;
        debug_assert!(one.is_alike(target) || other.is_alike(target), "one side is the target");
        let values = one.values.iter().zip(&other.values);
        let values = values.map(|(one, other)| computed(*one, arithmetic, *other)).collect();
        let name = match (&one.name, &other.name) {
            (Some(one), Some(other)) => Some(format!("({one} {} {other})", arithmetic.sign()).into()),
            _ => None,
        };
        let mut labels = one.labels;
        let more = other.labels.into_iter().filter(|label| labels.iter().all(|own| own.name != label.name));
        labels.extend(more.collect::<Vec<_>>());
        Some(Line { name, labels, values })
    });
    lines.collect()
}

fn key(line: &Line) -> Vec<(Text, ValKey)> {
    line.labels.iter().map(|label| (label.name.clone(), label.key.clone())).collect()
}

fn computed(left: f64, arithmetic: Arithmetic, right: f64) -> f64 {
    match arithmetic {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Divide if right != 0.0 => left / right,
        // Neither can be divided by nothing, nor are there other operators between series.
        Arithmetic::Divide | Arithmetic::Modulo | Arithmetic::Power => f64::NAN,
    }
}
