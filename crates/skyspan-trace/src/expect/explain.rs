//! [`Explanation`]: what is wrong about spans that are not as expected, span by span.

use std::collections::HashMap;

use rustc_hash::FxHashSet;

use super::cells::Cells;
use super::closest::closest;
use super::difference::Difference;
use super::level::{Children, Level};
use super::matcher::{Matcher, World};
use super::mismatch::{Failure, Mismatch};
use super::moved::take_moved;
use super::number_range::NumberRange;
use super::span_expectation::SpanExpectation;
use crate::trace::{SpanRef, Trace};

/// So many missing spans are told what is closest to them. Looking for it takes as long as the trace is, and nobody
/// reads on.
const CLOSEST_MAX: usize = 20;
/// Of siblings that are left over, so many are held against each other; of more, each against the one in its place.
const COMPARED_MAX: usize = 100;
/// In one report so much is spent on it: pairs of siblings, each with the pairs of its children. Later ones are held against
/// the one in their place, too.
const COMPARED_IN_ALL_MAX: usize = 4_000_000;
/// A pair without children takes as long as so many pairs of children.
const PAIR_WEIGHT: usize = 20;

/// What was found wrong so far, and what right.
pub(super) struct Explanation<'e, 'm> {
    matcher: &'m Matcher<'e>,
    world: World,
    failures: Vec<Failure>,
    matched: Vec<usize>,
    missing: Vec<(&'e SpanExpectation, Option<usize>)>,
    times_short: Vec<(&'e SpanExpectation, Option<usize>, NumberRange, Vec<usize>)>,
    /// How much may still be spent on comparing siblings.
    compared_left: usize,
}

impl<'e, 'm> Explanation<'e, 'm> {
    pub(super) fn new(world: World, matcher: &'m Matcher<'e>) -> Self {
        Self {
            matcher,
            world,
            failures: Vec::new(),
            matched: Vec::new(),
            missing: Vec::new(),
            times_short: Vec::new(),
            compared_left: COMPARED_IN_ALL_MAX,
        }
    }

    /// Explains one span, and its children where all of them matter.
    pub(super) fn span(&mut self, expected: &'e SpanExpectation, span: SpanRef<'_>) {
        self.span_in(expected, span, None);
    }

    /// The same for one that may stand in the wrong place.
    fn span_in(&mut self, expected: &'e SpanExpectation, span: SpanRef<'_>, out_of_order: Option<Difference>) {
        let mut differences = expected.own_differences(span, self.matcher);
        differences.extend(out_of_order);
        if differences.is_empty() {
            self.matched.push(span.index());
        } else {
            self.failures.push(Failure::Differs { span: span.index(), differences });
        }
        if let Some(level) = expected.level(self.world) {
            self.level(level, &span.children().collect::<Vec<_>>(), Some(span.index()));
        }
    }

    /// Explains siblings. Those that are as expected are paired first; of the others, those that are most alike.
    pub(super) fn level(&mut self, level: &'e Level, found: &[SpanRef<'_>], parent: Option<usize>) {
        let dealt = self.matcher.deal(level, found, self.world);
        let out_of_order: HashMap<usize, Difference> = dealt
            .out_of_order
            .iter()
            .map(|(span, beside, after)| (span.index(), order_beside(&level.items[*beside], *after)))
            .collect();
        let mut found_of: Vec<Vec<usize>> = vec![Vec::new(); level.items.len()];
        for (item, span) in &dealt.taken {
            self.span_in(&level.items[*item], *span, out_of_order.get(&span.index()).cloned());
            found_of[*item].push(span.index());
        }
        for (item, span) in &dealt.forbidden {
            let of = Box::new(level.items[*item].clone());
            self.failures.push(Failure::Forbidden { of, span: span.index() });
        }
        let mut left: Vec<Option<SpanRef<'_>>> = dealt.left.iter().copied().map(Some).collect();
        let mut short: Vec<Option<usize>> = Vec::new();
        let mut missing: Vec<usize> = vec![0; level.items.len()];
        for (item, number) in &dealt.short {
            // More than these are not compared.
            let room = left.len().max(COMPARED_MAX) - short.len();
            let compared = if level.items[*item].at_any_depth { 0 } else { (*number).min(left.len()).min(room) };
            short.extend(std::iter::repeat_n(Some(*item), compared));
            missing[*item] = number - compared;
        }
        let expected: Vec<&'e SpanExpectation> = short.iter().flatten().map(|item| &level.items[*item]).collect();
        for (to, from) in self.likely_pairs(&expected, &dealt.left) {
            if let (Some(Some(_)), Some(Some(_))) = (short.get(to), left.get(from))
                && let (Some(item), Some(span)) = (short[to].take(), left[from].take())
            {
                self.span(&level.items[item], span);
                found_of[item].push(span.index());
            }
        }
        short.into_iter().flatten().for_each(|item| missing[item] += 1);
        self.miss(level, &missing, &mut found_of, parent);
        self.leave(level, &left, &mut found_of, parent);
    }

    /// Tells what is missing among siblings.
    fn miss(&mut self, level: &'e Level, missing: &[usize], found_of: &mut [Vec<usize>], parent: Option<usize>) {
        for (at, item) in level.items.iter().enumerate().filter(|(at, _)| missing[*at] > 0) {
            if item.times.is_none() {
                self.missing.extend(std::iter::repeat_n((item, parent), missing[at]));
            } else {
                self.times_short.push((item, parent, level.range(item), std::mem::take(&mut found_of[at])));
            }
        }
    }

    /// Tells what is left over among siblings: too many of those whose number was said, and those that nobody expects.
    fn leave(
        &mut self,
        level: &'e Level,
        left: &[Option<SpanRef<'_>>],
        found_of: &mut [Vec<usize>],
        parent: Option<usize>,
    ) {
        let left: Vec<SpanRef<'_>> = left.iter().copied().flatten().collect();
        if left.is_empty() {
            return;
        }
        let mut too_many: Vec<usize> = Vec::new();
        let is_counted = |at: &usize| level.items[*at].times.is_some() && !level.items[*at].is_forbidden();
        let counted: Vec<usize> = (0..level.items.len()).filter(is_counted).collect();
        let cells = Cells::of(&counted.iter().map(|at| &level.items[*at]).collect::<Vec<_>>(), &left);
        for (at, span) in left.iter().enumerate() {
            let is_it = |item: &usize| self.matcher.matches(&level.items[*item], *span, self.world);
            let mut likely: Vec<usize> = cells.takers_of(at).map(|taker| counted[taker]).collect();
            likely.sort_unstable();
            match likely.into_iter().find(is_it) {
                Some(item) => {
                    found_of[item].push(span.index());
                    too_many.push(item);
                }
                None => self.failures.push(Failure::Unexpected { span: span.index() }),
            }
        }
        too_many.sort_unstable();
        too_many.dedup();
        for item in too_many {
            let (of, found) = (Box::new(level.items[item].clone()), std::mem::take(&mut found_of[item]));
            let expected = level.range(&of);
            self.failures.push(Failure::Times { of, parent, expected, found, closest: None });
        }
    }

    /// Which of those left over may be meant for each other, the likeliest first.
    fn likely_pairs(&mut self, expected: &[&'e SpanExpectation], found: &[SpanRef<'_>]) -> Vec<(usize, usize)> {
        let most_expected = expected.iter().filter_map(|e| e.level(self.world)).map(|level| level.items.len()).max();
        let most_found = found.iter().map(|span| span.children().len()).max();
        let below = most_expected.unwrap_or(0).max(1).saturating_mul(most_found.unwrap_or(0).max(1));
        let each = below.saturating_add(PAIR_WEIGHT);
        let compared = (self.compared_left / 2 / each).isqrt().clamp(1, COMPARED_MAX);
        let (to_end, from_end) = (expected.len().min(compared), found.len().min(compared));
        self.compared_left = self.compared_left.saturating_sub((to_end * from_end).saturating_mul(each));
        let with_each = (0..to_end).flat_map(|to| (0..from_end).map(move |from| (to, from)));
        let in_place = (compared..expected.len().min(found.len())).map(|at| (at, at));
        let likely = with_each
            .chain(in_place)
            .filter_map(|(to, from)| Some((self.distance(expected.get(to)?, *found.get(from)?)?, to, from)));
        let mut likely: Vec<((bool, usize), usize, usize)> = likely.collect();
        likely.sort_unstable();
        likely.into_iter().map(|(_, to, from)| (to, from)).collect()
    }

    /// How far a span is from what is expected; nothing if it cannot have been meant. One that is called otherwise is
    /// meant only if something else was said of it, and all that holds. One that only has other children is meant rather
    /// than one that is something else itself: what is below may have moved.
    fn distance(&self, expected: &'e SpanExpectation, span: SpanRef<'_>) -> Option<(bool, usize)> {
        let own = expected.own_differences(span, self.matcher);
        let is_renamed = !expected.name.matches(span.name());
        let says_more = !expected.clauses.is_empty() || expected.node_count() > 1;
        if is_renamed && (own.len() > 1 || !says_more) {
            return None;
        }
        let below = expected
            .level(self.world)
            .map(|level| (level, self.matcher.deal(level, &span.children().collect::<Vec<_>>(), self.world)));
        if is_renamed && below.as_ref().is_some_and(|(_, dealt)| !dealt.is_perfect()) {
            return None;
        }
        let most = span.trace().len() + 1;
        let weight = own.iter().map(Difference::weight).sum::<usize>();
        let weight_below = below.as_ref().map_or(0, |(level, dealt)| dealt.weight(level, most));
        let is_other = !own.is_empty() || below.is_some_and(|(_, dealt)| !dealt.out_of_order.is_empty());
        Some((is_other, weight + weight_below))
    }

    /// The end: success if nothing was found wrong.
    pub(super) fn finish(mut self, trace: &Trace) -> Result<(), Mismatch> {
        if self.failures.is_empty() && self.missing.is_empty() && self.times_short.is_empty() {
            return Ok(());
        }
        let missing = std::mem::take(&mut self.missing);
        let missing = take_moved(missing, &mut self.failures, trace, self.world, self.matcher);
        let taken: FxHashSet<usize> = self.matched.iter().copied().collect();
        let mut told = 0;
        let mut closest = |expected: &'e SpanExpectation| {
            told += 1;
            (told <= CLOSEST_MAX).then(|| closest(expected, trace, &taken, self.matcher)).flatten()
        };
        for (expected, parent) in missing {
            let closest = closest(expected);
            self.failures.push(Failure::Missing { expected: Box::new(expected.clone()), parent, closest });
        }
        for (of, parent, expected, found) in std::mem::take(&mut self.times_short) {
            let closest = closest(of).filter(|closest| !found.contains(&closest.span));
            self.failures.push(Failure::Times { of: Box::new(of.clone()), parent, expected, found, closest });
        }
        Err(Mismatch::new(trace, self.failures, self.matched))
    }
}

/// That a span should come after or before one that is as such an item says.
fn order_beside(item: &SpanExpectation, after: bool) -> Difference {
    let alone = SpanExpectation { children: Children::Any, times: None, at_any_depth: false, ..item.clone() };
    let to = if after { "comes after" } else { "comes before" };
    Difference::Order { expected: format!("{to} the {alone}").into(), found: None }
}
