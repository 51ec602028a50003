//! Which groups of spans always come before which.

use std::collections::BTreeSet;

use super::seen::Seen;

/// For each group those that always come after it: all of them start when the last of it has ended. Groups that never are in one
/// trace are in no order. Those that follow from others are left out.
pub(super) fn orders(seen: &Seen) -> Vec<(usize, usize)> {
    let number = seen.groups.len();
    let mut is_before = vec![false; number * number];
    for (a, b) in (0..number).flat_map(|a| (0..number).map(move |b| (a, b))).filter(|(a, b)| a != b) {
        // Of spans that stand elsewhere, those above them tell.
        if !stand_together(seen, a, b) {
            continue;
        }
        let mut both = seen.by_trace.iter().map(|trace| (&trace.groups[a], &trace.groups[b]));
        let mut traces = 0;
        let holds = both.all(|(a, b)| {
            if a.count == 0 || b.count == 0 {
                return true;
            }
            traces += 1;
            a.last_end.zip(b.first_start).is_some_and(|(end, start)| end <= start)
        });
        is_before[a * number + b] = holds && traces > 0;
    }
    // Of two that both hold, as for spans that take no time, neither says anything.
    let is_strict = |a: usize, b: usize| is_before[a * number + b] && !is_before[b * number + a];
    let pairs = (0..number).flat_map(|a| (0..number).map(move |b| (a, b)));
    let follows = |a: usize, b: usize| {
        let is_between = |c: usize| is_strict(a, c) && is_strict(c, b);
        // Only what is in every trace stands for what follows from it.
        (0..number).any(|c| is_between(c) && seen.of_group(c).count() == seen.traces)
    };
    pairs.filter(|(a, b)| is_strict(*a, *b) && !follows(*a, *b)).collect()
}

/// Whether the spans of two groups stand below the same.
fn stand_together(seen: &Seen, a: usize, b: usize) -> bool {
    let places = |group| seen.of_group(group).flat_map(|seen| seen.places.iter().copied()).collect::<BTreeSet<_>>();
    places(a) == places(b)
}
