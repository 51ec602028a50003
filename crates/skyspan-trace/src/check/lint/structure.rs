//! Rules of how the spans of a trace hang together, and of their times.

use super::report::Found;
use crate::trace::{Trace, exact_duration};

pub(super) fn unended(trace: &Trace) -> Vec<Found> {
    trace.unended().map(|span| Found::at(span, "it is open")).collect()
}

pub(super) fn negative_durations(trace: &Trace) -> Vec<Found> {
    let told = |ns: i128| format!("it ended {} before it started", exact_duration(-ns));
    trace.negative_durations().map(|span| Found::at(span, told(span.signed_duration_ns().unwrap_or(0)))).collect()
}

pub(super) fn unknown_starts(trace: &Trace) -> Vec<Found> {
    trace.unknown_starts().map(|span| Found::at(span, "none")).collect()
}

pub(super) fn duplicate_ids(trace: &Trace) -> Vec<Found> {
    trace.duplicate_ids().map(|span| Found::at(span, "another span before it has the same")).collect()
}

pub(super) fn cycles(trace: &Trace) -> Vec<Found> {
    let told = |names: Vec<String>| format!("{} and back", names.join(" → "));
    let cycles = trace.cycles().filter_map(|cycle| {
        let names = cycle.iter().take(5).map(|span| span.name().to_owned()).collect();
        Some(Found::at(*cycle.first()?, told(names)))
    });
    cycles.collect()
}

pub(super) fn orphans(trace: &Trace) -> Vec<Found> {
    let orphans = trace.orphans().filter_map(|span| {
        let parent_id = span.parent_id()?;
        Some(Found::at(span, format!("none with its id 0x{parent_id}")))
    });
    orphans.collect()
}

/// A child may end after its parent, as OpenTelemetry has it for work that nobody waits for: a status outlasts the `set` that
/// began it. It starts while the parent is under way. Of two resources the clocks may differ, which is another rule.
pub(super) fn outside_parent(trace: &Trace) -> Vec<Found> {
    let wrong = trace.spans().filter_map(|span| {
        let parent = span.parent()?;
        if span.resource() != parent.resource() || !span.start_is_known() || !parent.start_is_known() {
            return None;
        }
        let before = parent.start().signed_ns_since(span.start());
        let after = parent.end().map_or(0, |end| span.start().signed_ns_since(end));
        if before > 0 {
            let told = format!("it starts {} before {:?}", exact_duration(before), parent.name());
            Some(Found::at(span, told))
        } else if after > 0 {
            Some(Found::at(span, format!("it starts {} after the end of {:?}", exact_duration(after), parent.name())))
        } else {
            None
        }
    });
    wrong.collect()
}
