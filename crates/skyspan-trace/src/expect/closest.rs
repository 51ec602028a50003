//! The span that is most like one that is missing.

use std::collections::HashSet;

use super::matcher::{Matcher, World};
use super::mismatch::Closest;
use super::pattern::NamePattern;
use super::span_expectation::SpanExpectation;
use crate::trace::{SpanRef, Trace};

/// More spans than this are not looked at.
const CANDIDATES_MAX: usize = 5_000;

/// The span that differs least from an expectation, of those that nothing else was content with; if there is none, of
/// all. Of several the first. A span of another name is not like it, unless that may be a slip of the pen.
pub(super) fn closest<'e>(
    expected: &'e SpanExpectation,
    trace: &Trace,
    taken: &[usize],
    matcher: &Matcher<'e>,
) -> Option<Closest> {
    let candidates = candidates(expected, trace);
    let taken: HashSet<usize> = taken.iter().copied().collect();
    let free: Vec<SpanRef<'_>> = candidates.iter().copied().filter(|span| !taken.contains(&span.index())).collect();
    let best = |spans: Vec<SpanRef<'_>>| {
        let spans = spans.into_iter().take(CANDIDATES_MAX);
        let all = spans.map(|span| (span.index(), expected.differences(span, World::Open, matcher)));
        all.min_by_key(|(_, differences)| differences.iter().map(super::Difference::weight).sum::<usize>())
    };
    let (span, differences) = best(free).or_else(|| best(candidates))?;
    Some(Closest { span, differences })
}

fn candidates<'t>(expected: &SpanExpectation, trace: &'t Trace) -> Vec<SpanRef<'t>> {
    let NamePattern::Exact(name) = &expected.name else {
        return trace.spans().filter(|span| expected.name.matches(span.name())).collect();
    };
    if trace.named(name).len() > 0 {
        return trace.named(name).collect();
    }
    let names: HashSet<&str> = trace.spans().map(|span| span.span().name()).collect();
    let slips = names.into_iter().map(|other| (edits(name, other), other));
    // Names of one program often share their beginning: more than a slip makes another name.
    let nearest = slips.filter(|(edits, _)| *edits <= 1 + name.chars().count() / 12).min();
    nearest.map(|(_, name)| trace.named(name).collect()).unwrap_or_default()
}

/// How many characters must be put in, left out or replaced to make one text of the other (Levenshtein).
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, l) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (to, r) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(l != *r);
            diagonal = row[to + 1];
            row[to + 1] = replaced.min(diagonal + 1).min(row[to] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::edits;

    #[test]
    fn edits_are_counted() {
        for (left, right, number) in
            [("", "ab", 2), ("set", "set", 0), ("set", "sets", 1), ("wait", "await", 1), ("kitten", "sitting", 3)]
        {
            assert_eq!((edits(left, right), edits(right, left)), (number, number), "{left} {right}");
        }
    }
}
