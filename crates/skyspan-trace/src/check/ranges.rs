//! Durations, numbers and parts as a check file writes them.

use std::ops::Bound;
use std::time::Duration;

use crate::expect::{DurationRange, NumberRange};
use crate::value::Value;
use crate::value::yaml::{Node, NodeValue, YamlError};

const A_DURATION: &str = "a duration with its unit, or a range of them: `8 s`, `..=8 s`, `1 s..=2 s`, `8 s ± 20 %`";

/// `8 s`, `..=8 s`, `1 s..=2 s`, `2 s..`; `8 s ± 20 %` and `8 s ± 0.1 s` besides, with `+-` for `±` where that cannot be typed.
pub(super) fn durations(node: &Node) -> Result<DurationRange, YamlError> {
    let Some(text) = node.as_str() else {
        let error = node.unexpected(A_DURATION);
        return Err(match &node.value {
            NodeValue::Scalar(Value::Int(_) | Value::Float(_)) => error.with_help("say the unit behind the number"),
            _ => error,
        });
    };
    if let Some((middle, around)) = text.split_once('±').or_else(|| text.split_once("+-")) {
        return around_of(node, middle, around);
    }
    text.parse().map_err(|error: crate::expect::TreeError| {
        node.unexpected(A_DURATION).with_help(format!(
            "at character {}: expected {}, found {}",
            error.position.column, error.expected, error.found
        ))
    })
}

fn around_of(node: &Node, middle: &str, around: &str) -> Result<DurationRange, YamlError> {
    let error = |what: &str| {
        YamlError::new(node.position, format!("{what}, as in `8 s ± 20 %` or `8 s ± 100 ms`"), node.describe())
    };
    let middle = exact(middle).ok_or_else(|| error("a duration before the `±`"))?;
    let around = match around.trim().strip_suffix('%') {
        Some(percent) => part_of(percent).and_then(|part| {
            let ns = nanoseconds(middle) * part;
            Duration::try_from_secs_f64(ns / 1e9).ok()
        }),
        None => exact(around),
    };
    let around = around.ok_or_else(|| error("a duration or a number of percent behind the `±`"))?;
    let upper = middle.checked_add(around).ok_or_else(|| error("a duration that is not as long"))?;
    Ok(DurationRange::new(middle.saturating_sub(around)..=upper))
}

fn exact(text: &str) -> Option<Duration> {
    let range: DurationRange = text.trim().parse().ok()?;
    match (std::ops::RangeBounds::start_bound(&range), std::ops::RangeBounds::end_bound(&range)) {
        (Bound::Included(from), Bound::Included(to)) if from == to => Some(*from),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a tolerance is a rounded one")]
fn nanoseconds(duration: Duration) -> f64 {
    duration.as_nanos() as f64
}

/// A percentage as a part of 1, as far as it is one that is not negative.
fn part_of(percent: &str) -> Option<f64> {
    percent.trim().parse::<f64>().ok().map(|percent| percent / 100.0).filter(|part| part.is_finite() && *part >= 0.0)
}

/// `3`, `2..`, `..=4`, `2..=5`.
pub(super) fn numbers(node: &Node) -> Result<NumberRange, YamlError> {
    const WHAT: &str = "a whole number, or a range of them: `3`, `2..`, `..=4`, `2..=5`";
    let found = match (&node.value, node.as_str()) {
        (_, Some(text)) => NumberRange::of_text(text.trim()),
        (NodeValue::Scalar(Value::Int(number)), _) => usize::try_from(*number).ok().map(NumberRange::from),
        _ => None,
    };
    found.ok_or_else(|| node.unexpected(WHAT))
}

/// `..=50 %`, `10 %..=20 %`, `0.5..`, as parts of 1.
pub(super) fn parts(node: &Node) -> Result<(Bound<f64>, Bound<f64>), YamlError> {
    const WHAT: &str = "a part, or a range of them: `50 %`, `..=50 %`, `0.1..=0.2`";
    let part = |text: &str| match text.trim().strip_suffix('%') {
        Some(percent) => part_of(percent),
        None => text.trim().parse::<f64>().ok().filter(|part| part.is_finite() && *part >= 0.0),
    };
    let found = match &node.value {
        NodeValue::Scalar(Value::Str(text)) => range_of(text, part),
        NodeValue::Scalar(value) => value.as_f64().filter(|part| part.is_finite()).map(same),
        _ => None,
    };
    found.ok_or_else(|| node.unexpected(WHAT))
}

/// `0..=5`, `..2.5`, `1..`: numbers of any sign.
pub(super) fn values(node: &Node) -> Result<(Bound<f64>, Bound<f64>), YamlError> {
    const WHAT: &str = "a range of numbers: `0..=5`, `..2.5`, `1..`";
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    let found = match &node.value {
        NodeValue::Scalar(Value::Str(text)) => range_of(text, number),
        NodeValue::Scalar(value) => value.as_f64().map(same),
        _ => None,
    };
    found.ok_or_else(|| node.unexpected(WHAT))
}

fn same(number: f64) -> (Bound<f64>, Bound<f64>) {
    (Bound::Included(number), Bound::Included(number))
}

fn range_of(text: &str, number: impl Fn(&str) -> Option<f64>) -> Option<(Bound<f64>, Bound<f64>)> {
    let Some((from, to)) = text.split_once("..") else { return number(text).map(same) };
    let from = if from.trim().is_empty() { Bound::Unbounded } else { Bound::Included(number(from)?) };
    let to = match to.trim().strip_prefix('=') {
        Some(to) => Bound::Included(number(to)?),
        None if to.trim().is_empty() => Bound::Unbounded,
        None => Bound::Excluded(number(to)?),
    };
    Some((from, to))
}
