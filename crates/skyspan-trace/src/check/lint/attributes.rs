//! Rules of attributes, and of what is said of exceptions.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::report::Found;
use crate::trace::{Redaction, SpanRef, Status, Trace};
use crate::value::{Text, Value};

/// The key under which ophyd writes where a move began, with a blank at its end. Who reads the trace cannot mend it.
const START_POS: &str = "start_pos ";

/// The keys of bluesky's spans whose values are whatever the plan was given, and so of any type: a position is a number of one
/// motor and a word of a shutter, and a run is opened under any key.
const AS_GIVEN: [&str; 9] =
    ["msg.args", "msg.obj", "group", "run.key", "target", "initial", START_POS, "finish_pos", "kwargs"];

/// A span with several exceptions says what it came to by its status, whichever of them it was.
pub(super) fn exceptions(trace: &Trace) -> Vec<Found> {
    let recorded = trace.spans().filter(|span| span.events().iter().any(|event| event.name == "exception"));
    let wrong = recorded.filter_map(|span| match span.status() {
        Status::Error { description } if description.trim().is_empty() => Some(Found::at(span, "no description")),
        Status::Error { .. } => None,
        status => Some(Found::at(span, format!("the status {status}"))),
    });
    wrong.collect()
}

/// Each key is told once, at the first span that has it.
pub(super) fn keys(trace: &Trace) -> Vec<Found> {
    let mut seen: FxHashSet<&Text> = FxHashSet::default();
    let mut found = Vec::new();
    for span in trace.spans() {
        for (key, _) in span.span().attributes().iter() {
            if seen.insert(key) && !is_well_formed(key) {
                found.push(Found::at(span, format!("`{}`", key.escape_debug())));
            }
        }
    }
    found
}

fn is_well_formed(key: &str) -> bool {
    if key == START_POS {
        return true;
    }
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'))
    };
    // Behind the first word there may be numbers, and names that others gave: `http.request.header.content-type`.
    let mut words = key.split('.');
    words.next().is_some_and(is_word)
        && words.all(|word| {
            !word.is_empty()
                && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'))
        })
}

/// Whole numbers and others are one type here: Python writes 5 where it means 5.0.
pub(super) fn types(trace: &Trace) -> Vec<Found> {
    let mut first: FxHashMap<(&str, &Text), &'static str> = FxHashMap::default();
    let mut told: FxHashSet<(&str, &Text)> = FxHashSet::default();
    let mut found = Vec::new();
    for span in trace.spans() {
        let name = span.span().name();
        for (key, value) in span.span().attributes().iter() {
            let (Some(kind), false) = (kind(value), AS_GIVEN.contains(&key.as_str())) else { continue };
            let before = *first.entry((name, key)).or_insert(kind);
            if before != kind && told.insert((name, key)) {
                found.push(Found::at(span, format!("{key} is {kind}, and {before} in a span before")));
            }
        }
    }
    found
}

fn kind(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => None,
        Value::Bool(_) => Some("true or false"),
        Value::Int(_) | Value::BigInt(_) | Value::Float(_) => Some("a number"),
        Value::Str(_) => Some("a string"),
        Value::Array(_) => Some("a list"),
        Value::Map(_) => Some("a map"),
    }
}

/// By the patterns by which [`Trace::redacted`] takes out what looks like a secret; what it found is not told.
pub(super) fn secrets(trace: &Trace) -> Vec<Found> {
    let redaction = Redaction::new();
    let mut resources: BTreeMap<String, SpanRef<'_>> = BTreeMap::new();
    let mut found = Vec::new();
    for span in trace.spans() {
        let mut keys: Vec<String> = Vec::new();
        let mut look = |of: &str, attributes: &crate::trace::Attributes| {
            let secret = attributes.iter().filter(|(key, value)| is_secret(&redaction, key, value));
            keys.extend(secret.map(|(key, _)| format!("{of}{}", key.escape_debug())));
        };
        look("", span.span().attributes());
        for event in span.events() {
            look(&format!("event {:?}: ", event.name.as_str()), &event.attributes);
        }
        if let Status::Error { description } = span.status()
            && redaction.words(description) != *description
        {
            keys.push("the description of its status".to_owned());
        }
        if !keys.is_empty() {
            found.push(Found::at(span, format!("what looks like one in {}", keys.join(", "))));
        }
        for (key, value) in span.span().resource().attributes.iter() {
            if is_secret(&redaction, key, value) {
                resources.entry(key.to_string()).or_insert(span);
            }
        }
    }
    found.extend(
        resources
            .into_iter()
            .map(|(key, span)| Found::at(span, format!("what looks like one in {key} of its resource"))),
    );
    found
}

fn is_secret(redaction: &Redaction, key: &str, value: &Value) -> bool {
    // What was taken out already is none.
    redaction.entry(key, value).is_some_and(|redacted| redacted != *value)
}
