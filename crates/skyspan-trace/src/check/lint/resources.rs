//! Rules of where spans come from: resources, clocks, and what was dropped on the way.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::report::Found;
use crate::trace::{Resource, SpanRef, Trace, exact_duration};
use crate::value::Value;

/// The name of the service of a resource.
fn name_of(resource: &Resource) -> &str {
    resource.attributes.get("service.name").and_then(Value::as_str).unwrap_or("")
}

/// Each resource is told once, at its first span.
pub(super) fn service_name(trace: &Trace) -> Vec<Found> {
    let mut seen: Vec<&Resource> = Vec::new();
    let mut found = Vec::new();
    for span in trace.spans() {
        let resource = span.span().resource();
        if seen.last() == Some(&resource) || seen.contains(&resource) {
            continue;
        }
        seen.push(resource);
        match name_of(resource) {
            "" => found.push(Found::at(span, "none")),
            name if name.starts_with("unknown_service") => found.push(Found::at(span, format!("{name:?}"))),
            _ => {}
        }
    }
    found
}

pub(super) fn dropped(trace: &Trace) -> Vec<Found> {
    let dropped = trace.spans().filter_map(|span| {
        let counts = [
            (span.dropped_attributes(), "attributes"),
            (span.dropped_events(), "events"),
            (span.dropped_links(), "links"),
        ];
        let told: Vec<String> = counts
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!("{number} {what} dropped"))
            .collect();
        (!told.is_empty()).then(|| Found::at(span, told.join(", ")))
    });
    dropped.collect()
}

/// Each pair of services is told once, at the span that lies furthest outside its parent of another resource.
pub(super) fn clock_skew(trace: &Trace) -> Vec<Found> {
    let mut worst: BTreeMap<(&str, &str), (i128, usize)> = BTreeMap::new();
    let mut seen: FxHashSet<usize> = FxHashSet::default();
    for span in trace.spans() {
        let Some((parent, ns)) = outside(span) else { continue };
        seen.insert(span.index());
        let pair = (name_of(parent.span().resource()), name_of(span.span().resource()));
        let entry = worst.entry(pair).or_insert((ns, span.index()));
        *entry = (*entry).max((ns, span.index()));
    }
    let told = worst.into_iter().filter_map(|((parent, child), (ns, place))| {
        let span = trace.span_ref(place)?;
        Some(Found::at(span, format!("{child:?} is {} outside its parent in {parent:?}", exact_duration(ns))))
    });
    told.collect()
}

/// By how much a span starts before its parent of another resource.
fn outside(span: SpanRef<'_>) -> Option<(SpanRef<'_>, i128)> {
    let parent = span.parent()?;
    if span.resource() == parent.resource() || !span.start_is_known() || !parent.start_is_known() {
        return None;
    }
    let before = parent.start().signed_ns_since(span.start());
    let after = parent.end().map_or(0, |end| span.start().signed_ns_since(end));
    Some((parent, before.max(after))).filter(|(_, ns)| *ns > 0)
}
