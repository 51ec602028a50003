//! Rules of the names of spans.

use std::sync::LazyLock;

use regex_lite::Regex;
use rustc_hash::{FxHashMap, FxHashSet};

use super::report::Found;
use crate::trace::Trace;

/// So many names that differ by numbers alone are too many.
const ALIKE_MAX: usize = 10;

/// What stands for one thing of many: a UUID, a long hexadecimal number, a part of a path that is a number, a date with a time, a
/// number of many digits.
static ID: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let kinds = [
        "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
        r"\b(0x)?[0-9a-fA-F]{16,}\b",
        r"/[0-9]+(/|\?|$)",
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}",
        "[0-9]{6,}",
    ];
    Regex::new(&kinds.join("|")).ok()
});

pub(super) fn empty(trace: &Trace) -> Vec<Found> {
    trace.spans().filter(|span| span.name().trim().is_empty()).map(|span| Found::at(span, "none")).collect()
}

/// Each name is told once, at the first span that has it; names that differ by numbers alone are told together.
pub(super) fn high_cardinality(trace: &Trace) -> Vec<Found> {
    let mut seen: FxHashSet<&str> = FxHashSet::default();
    let mut alike: FxHashMap<String, Vec<usize>> = FxHashMap::default();
    let mut found = Vec::new();
    for span in trace.spans() {
        let name = span.span().name();
        if !seen.insert(name) {
            continue;
        }
        let id = ID.as_ref().and_then(|id| id.find(name));
        if let Some(id) = id {
            found.push(Found::at(span, format!("`{}` in it", id.as_str())));
        } else if name.contains(|c: char| c.is_ascii_digit()) {
            alike.entry(without_numbers(name)).or_default().push(span.index());
        }
    }
    let mut many: Vec<&Vec<usize>> = alike.values().filter(|spans| spans.len() > ALIKE_MAX).collect();
    many.sort_unstable();
    let first = |spans: &Vec<usize>| trace.span_ref(*spans.first()?).map(|span| (span, spans.len()));
    found.extend(many.into_iter().filter_map(first).map(|(span, number)| {
        Found::at(span, format!("{number} names that differ from it by numbers alone, itself among them"))
    }));
    found
}

fn without_numbers(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c.is_ascii_digit() {
            false => out.push(c),
            true if out.ends_with('#') => {}
            true => out.push('#'),
        }
    }
    out
}
