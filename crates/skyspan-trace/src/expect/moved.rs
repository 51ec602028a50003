//! Spans that are as expected, and stand elsewhere.

use std::collections::HashSet;

use super::matcher::{Matcher, World};
use super::mismatch::Failure;
use super::span_expectation::SpanExpectation;
use crate::trace::{SpanRef, Trace};

/// So many times a missing span is held against one that is not expected.
const COMPARED_MAX: usize = 4_000_000;

/// Turns each missing span whose like stands among those that are not expected into one that has moved, and gives back
/// the others.
pub(super) fn take_moved<'e>(
    missing: Vec<(&'e SpanExpectation, Option<usize>)>,
    failures: &mut Vec<Failure>,
    trace: &Trace,
    world: World,
    matcher: &Matcher<'e>,
) -> Vec<(&'e SpanExpectation, Option<usize>)> {
    let unexpected = failures.iter().filter_map(|failure| match failure {
        Failure::Unexpected { span } => trace.span_ref(*span),
        _ => None,
    });
    let mut free: Vec<SpanRef<'_>> =
        unexpected.flat_map(|span| std::iter::once(span).chain(span.descendants())).collect();
    let mut left = COMPARED_MAX;
    let mut others = Vec::new();
    for (expected, parent) in missing {
        let is_it = |span: &SpanRef<'_>| matcher.matches(expected, *span, world);
        let found = if left == 0 { None } else { free.iter().position(is_it) };
        left = left.saturating_sub(free.len());
        let Some(span) = found.map(|at| free[at]) else {
            others.push((expected, parent));
            continue;
        };
        let gone: HashSet<usize> = std::iter::once(span).chain(span.descendants()).map(|span| span.index()).collect();
        free.retain(|span| !gone.contains(&span.index()));
        failures.retain(|failure| !matches!(failure, Failure::Unexpected { span: other } if *other == span.index()));
        failures.push(Failure::Moved { expected: Box::new(expected.clone()), span: span.index(), parent });
    }
    others
}
