//! The span that is most like one that is missing.

use rustc_hash::FxHashSet;

use super::matcher::{Matcher, World};
use super::mismatch::Closest;
use super::pattern::NamePattern;
use super::span_expectation::SpanExpectation;
use crate::trace::{SpanRef, Trace};

/// More spans than this are not looked at.
const CANDIDATES_MAX: usize = 5_000;
/// Each expectation of a child of the missing span makes holding it against another take as much longer.
const CANDIDATES_AND_CHILDREN_MAX: usize = 20_000;
/// More edits than are counted.
const FAR: usize = usize::MAX / 2;

/// The span that differs least from an expectation, of those that nothing else was content with; if there is none, of
/// all. Of several the first. A span of another name is not like it, unless that may be a slip of the pen.
pub(super) fn closest<'e>(
    expected: &'e SpanExpectation,
    trace: &Trace,
    taken: &FxHashSet<usize>,
    matcher: &Matcher<'e>,
) -> Option<Closest> {
    if expected.chosen_words().is_some() {
        // What was chosen by other means cannot be compared part by part.
        return None;
    }
    let candidates = candidates(expected, trace);
    let free: Vec<SpanRef<'_>> = candidates.iter().copied().filter(|span| !taken.contains(&span.index())).collect();
    let children = expected.level(World::Open).map_or(0, |level| level.items.len());
    let most = (CANDIDATES_AND_CHILDREN_MAX / (1 + children)).clamp(1, CANDIDATES_MAX);
    let best = |spans: Vec<SpanRef<'_>>| {
        let spans = spans.into_iter().take(most);
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
    let names: FxHashSet<&str> = trace.spans().map(|span| span.span().name()).collect();
    // Names of one program often share their beginning: more than a slip makes another name.
    let most = 1 + name.chars().count() / 12;
    let slips = names.into_iter().filter_map(|other| Some((edits(name, other, most)?, other)));
    slips.min().map(|(_, name)| trace.named(name).collect()).unwrap_or_default()
}

/// How many characters would have to be put in, left out, or replaced to make one text the other; nothing if more than so
/// many.
fn edits(left: &str, right: &str, most: usize) -> Option<usize> {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    if left.len().abs_diff(right.len()) > most {
        return None;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, l) in left.iter().enumerate() {
        // Further from the diagonal there are more edits than that.
        let (from, to) = (at.saturating_sub(most), right.len().min(at + most + 1));
        let mut diagonal = row[from];
        row[from] = if from == 0 { at + 1 } else { FAR };
        let mut fewest = row[from];
        for place in from..to {
            let replaced = diagonal + usize::from(*l != right[place]);
            diagonal = row[place + 1];
            let above = if place + 1 > at + most { FAR } else { diagonal + 1 };
            row[place + 1] = replaced.min(above).min(row[place] + 1);
            fewest = fewest.min(row[place + 1]);
        }
        if fewest > most {
            return None;
        }
    }
    Some(row[right.len()]).filter(|edits| *edits <= most)
}

#[cfg(test)]
mod tests {
    use super::edits;

    #[test]
    fn edits_are_counted() {
        for (left, right, number) in
            [("", "ab", 2), ("set", "set", 0), ("set", "sets", 1), ("wait", "await", 1), ("kitten", "sitting", 3)]
        {
            for most in 0..6 {
                let told = (number <= most).then_some(number);
                assert_eq!((edits(left, right, most), edits(right, left, most)), (told, told), "{left} {right} {most}");
            }
        }
    }
}
