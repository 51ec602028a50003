//! [`Explanation`]: what is wrong about spans that are not as expected, span by span.

use super::closest::closest;
use super::matcher::{Matcher, World};
use super::mismatch::{Failure, Mismatch};
use super::span_expectation::SpanExpectation;
use crate::trace::{SpanRef, Trace};

/// So many missing spans are told what is closest to them. Looking for it takes as long as the trace is, and nobody
/// reads on.
const CLOSEST_MAX: usize = 20;
/// Of siblings that are left over, so many are held against each other; of more, each against the one in its place.
const COMPARED_MAX: usize = 300;
/// Where they have many children in turn, fewer: so many pairs of children are looked at.
const BELOW_MAX: usize = 4_000_000;

/// What was found wrong so far, and what right.
pub(super) struct Explanation<'e, 'm> {
    matcher: &'m Matcher<'e>,
    world: World,
    failures: Vec<Failure>,
    matched: Vec<usize>,
    missing: Vec<(&'e SpanExpectation, Option<usize>)>,
}

impl<'e, 'm> Explanation<'e, 'm> {
    pub(super) fn new(world: World, matcher: &'m Matcher<'e>) -> Self {
        Self { matcher, world, failures: Vec::new(), matched: Vec::new(), missing: Vec::new() }
    }

    /// Explains one span, and its children where they are expected exactly.
    pub(super) fn span(&mut self, expected: &'e SpanExpectation, span: SpanRef<'_>) {
        let differences = expected.own_differences(span, self.matcher);
        if differences.is_empty() {
            self.matched.push(span.index());
        } else {
            self.failures.push(Failure::Differs { span: span.index(), differences });
        }
        if let Some(children) = expected.exact_children(self.world) {
            self.level(children, span.children().collect(), Some(span.index()));
        }
    }

    /// Explains siblings. Those that are as expected are paired first; of the others, those that are most alike.
    pub(super) fn level(&mut self, expected: &'e [SpanExpectation], found: Vec<SpanRef<'_>>, parent: Option<usize>) {
        let pairs = self.matcher.pair_up(expected, &found, self.world);
        for (expected, span) in expected.iter().zip(&pairs.found_of).filter_map(|(e, at)| Some((e, found[(*at)?]))) {
            self.span(expected, span);
        }
        let mut expected: Vec<Option<&'e SpanExpectation>> =
            pairs.unpaired_expected().map(|at| Some(&expected[at])).collect();
        let mut found: Vec<Option<SpanRef<'_>>> = pairs.unpaired_found().map(|at| Some(found[at])).collect();
        for (to, from) in self.likely_pairs(&expected, &found) {
            if let (Some(Some(_)), Some(Some(_))) = (expected.get(to), found.get(from))
                && let (Some(expected), Some(span)) = (expected[to].take(), found[from].take())
            {
                self.span(expected, span);
            }
        }
        self.missing.extend(expected.into_iter().flatten().map(|expected| (expected, parent)));
        let unexpected = found.into_iter().flatten();
        self.failures.extend(unexpected.map(|span| Failure::Unexpected { span: span.index() }));
    }

    /// Which of those left over may be meant for each other, the likeliest first.
    fn likely_pairs(
        &self,
        expected: &[Option<&'e SpanExpectation>],
        found: &[Option<SpanRef<'_>>],
    ) -> Vec<(usize, usize)> {
        let most_expected =
            expected.iter().flatten().filter_map(|e| e.exact_children(self.world)).map(<[_]>::len).max();
        let most_found = found.iter().flatten().map(|span| span.children().len()).max();
        let below = most_expected.unwrap_or(0).max(1) * most_found.unwrap_or(0).max(1);
        let compared = (BELOW_MAX / below).isqrt().clamp(1, COMPARED_MAX);
        let (to_end, from_end) = (expected.len().min(compared), found.len().min(compared));
        let with_each = (0..to_end).flat_map(|to| (0..from_end).map(move |from| (to, from)));
        let in_place = (compared..expected.len().min(found.len())).map(|at| (at, at));
        let likely = with_each.chain(in_place).filter_map(|(to, from)| {
            let (expected, span) = ((*expected.get(to)?)?, (*found.get(from)?)?);
            Some((self.distance(expected, span)?, to, from))
        });
        let mut likely: Vec<(usize, usize, usize)> = likely.collect();
        likely.sort_unstable();
        likely.into_iter().map(|(_, to, from)| (to, from)).collect()
    }

    /// How far a span is from what is expected; nothing if it cannot have been meant. One that is called otherwise is
    /// meant only if something else was said of it, and all that holds.
    fn distance(&self, expected: &'e SpanExpectation, span: SpanRef<'_>) -> Option<usize> {
        let differences = expected.differences(span, self.world, self.matcher);
        let distance = differences.iter().map(super::Difference::weight).sum();
        let says_more = !expected.clauses.is_empty() || expected.node_count() > 1;
        let renamed = differences.len() == 1 && says_more;
        (expected.name.matches(span.name()) || renamed).then_some(distance)
    }

    /// The end: success if nothing was found wrong.
    pub(super) fn finish(mut self, trace: &Trace) -> Result<(), Mismatch> {
        if self.failures.is_empty() && self.missing.is_empty() {
            return Ok(());
        }
        for (at, (expected, parent)) in self.missing.iter().enumerate() {
            let closest = (at < CLOSEST_MAX).then(|| closest(expected, trace, &self.matched, self.matcher)).flatten();
            let expected = Box::new((*expected).clone());
            self.failures.push(Failure::Missing { expected, parent: *parent, closest });
        }
        Err(Mismatch::new(trace, self.failures, self.matched))
    }
}
