//! [`Dealt`]: which of some siblings each expectation of a level takes.
//!
//! Spans are dealt out by maximum matching with bounds on both sides. First each item gets as many spans as it must have,
//! along augmenting paths; then spans that may not be left over go to items that may have more, along augmenting paths
//! again, which never take from an item what it must have (Mendelsohn and Dulmage). With `n` spans and `m` items that is
//! O(n·m·(n + m)) at worst, and O(n + m) where they come in each other's order. Each span is held against each
//! expectation once: what came of it is kept.

use std::collections::{HashMap, HashSet, VecDeque};

use super::level::Level;
use super::matcher::{Matcher, World};
use super::span_expectation::SpanExpectation;
use crate::trace::SpanRef;

/// What came of dealing out siblings, and what is below them, to the items of a level.
#[derive(Debug, Default)]
pub(super) struct Dealt<'t> {
    /// Which item took which span.
    pub(super) taken: Vec<(usize, SpanRef<'t>)>,
    /// Items that should have so many more.
    pub(super) short: Vec<(usize, usize)>,
    /// Spans that nobody takes, and that should not be there; with all that is below them.
    pub(super) left: Vec<SpanRef<'t>>,
    /// Spans that an item forbids.
    pub(super) forbidden: Vec<(usize, SpanRef<'t>)>,
    /// The item of each span that stands in the wrong place, beside the item of one that stands right, and whether the
    /// wrong one should come after that one.
    pub(super) out_of_order: Vec<(SpanRef<'t>, usize, bool)>,
}

impl Dealt<'_> {
    /// Whether all is as the level says.
    pub(super) fn is_perfect(&self) -> bool {
        self.short.is_empty() && self.left.is_empty() && self.forbidden.is_empty() && self.out_of_order.is_empty()
    }
}

impl<'e> Matcher<'e> {
    /// Deals out siblings to the items of a level; to those of any depth also what is below the siblings.
    pub(super) fn deal<'t>(&self, level: &'e Level, found: &[SpanRef<'t>], world: World) -> Dealt<'t> {
        let mut dealt = Dealt::default();
        if level.is_plain() {
            let items: Vec<&'e SpanExpectation> = level.items.iter().collect();
            let pairs = self.pair_up(&items, found, world);
            dealt.taken.extend(pairs.found_of.iter().enumerate().filter_map(|(at, to)| Some((at, found[(*to)?]))));
            dealt.short.extend(pairs.unpaired_expected().map(|at| (at, 1)));
            dealt.left.extend(pairs.unpaired_found().map(|at| found[at]));
            return dealt;
        }
        let allowed = self.without_forbidden(level, found, &mut dealt);
        let here = |item: &SpanExpectation| !item.at_any_depth && !item.is_forbidden();
        let below = |item: &SpanExpectation| item.at_any_depth && !item.is_forbidden();
        let mut dealing = Dealing::new(self, level, here, &allowed, world);
        let is_deep = level.items.iter().any(below);
        // Those that may be of use to items of any depth are given to others last.
        let useful_below: Vec<bool> = match is_deep {
            true => self.with_something(level, &allowed, world),
            false => vec![false; allowed.len()],
        };
        let may_be_left =
            |at: usize, dealing: &Dealing<'_, 'e, 't>| useful_below[at] || (level.or_more && !dealing.is_counted(at));
        let in_order = level.in_order.then(|| dealing.in_order(|at| may_be_left(at, &dealing))).flatten();
        match in_order {
            Some(item_of) => dealing.set(item_of),
            None => {
                if is_deep {
                    dealing.fill_with((0..allowed.len()).filter(|at| !useful_below[*at]));
                }
                dealing.fill();
                let obliged: Vec<usize> = (0..allowed.len()).filter(|at| !may_be_left(*at, &dealing)).collect();
                obliged.into_iter().for_each(|at| dealing.place(at));
                if level.in_order {
                    dealt.out_of_order = dealing.out_of_order();
                }
            }
        }
        let mut covered = HashSet::new();
        if is_deep {
            self.deal_below(level, &dealing, &mut dealt, &mut covered, world);
            if !level.in_order {
                // What is of no use further down after all may go to an item that takes more.
                let uncovered: Vec<usize> = (0..allowed.len())
                    .filter(|at| useful_below[*at] && !covered.contains(&allowed[*at].index()))
                    .collect();
                uncovered.into_iter().for_each(|at| dealing.place(at));
            }
        }
        dealing.finish(&mut dealt);
        for at in (0..allowed.len()).filter(|at| dealing.item_of[*at].is_none()) {
            if covered.contains(&allowed[at].index()) {
                dealt.left_below(level, allowed[at], &covered);
            } else if !level.or_more || dealing.is_counted(at) {
                dealt.left.push(allowed[at]);
            }
        }
        dealt
    }

    /// The siblings that no item forbids. Those that one does, further down, too, are told.
    fn without_forbidden<'t>(
        &self,
        level: &'e Level,
        found: &[SpanRef<'t>],
        dealt: &mut Dealt<'t>,
    ) -> Vec<SpanRef<'t>> {
        let forbidden: Vec<(usize, &'e SpanExpectation)> =
            level.items.iter().enumerate().filter(|(_, item)| item.is_forbidden()).collect();
        if forbidden.is_empty() {
            return found.to_vec();
        }
        let deep = forbidden.iter().filter(|(_, item)| item.at_any_depth);
        for (at, item) in deep {
            let below = found.iter().flat_map(|span| span.descendants());
            let like_it = below.filter(|span| self.matches(item, *span, World::Open));
            dealt.forbidden.extend(like_it.map(|span| (*at, span)));
        }
        let mut allowed = Vec::with_capacity(found.len());
        for span in found {
            match forbidden.iter().find(|(_, item)| self.matches(item, *span, World::Open)) {
                Some((at, _)) => dealt.forbidden.push((*at, *span)),
                None => allowed.push(*span),
            }
        }
        allowed
    }
}

/// Spans on their way to items.
pub(super) struct Dealing<'m, 'e, 't> {
    pub(super) matcher: &'m Matcher<'e>,
    pub(super) level: &'e Level,
    /// The items that are dealt to, by their places in the level.
    pub(super) items: Vec<usize>,
    pub(super) found: &'m [SpanRef<'t>],
    pub(super) world: World,
    /// For each span the item that has it, by its place in `items`.
    pub(super) item_of: Vec<Option<usize>>,
    /// How many each item has.
    number: Vec<usize>,
    /// Items from which no way leads to one that takes more, and none ever will.
    dead: HashSet<usize>,
}

impl<'m, 'e, 't> Dealing<'m, 'e, 't> {
    pub(super) fn new(
        matcher: &'m Matcher<'e>,
        level: &'e Level,
        is_dealt_to: impl Fn(&SpanExpectation) -> bool,
        found: &'m [SpanRef<'t>],
        world: World,
    ) -> Self {
        let items: Vec<usize> = (0..level.items.len()).filter(|at| is_dealt_to(&level.items[*at])).collect();
        let number = vec![0; items.len()];
        Self { matcher, level, items, found, world, item_of: vec![None; found.len()], number, dead: HashSet::new() }
    }

    pub(super) fn item(&self, at: usize) -> &'e SpanExpectation {
        &self.level.items[self.items[at]]
    }

    pub(super) fn matches(&self, item: usize, span: usize) -> bool {
        self.matcher.matches(self.item(item), self.found[span], self.world)
    }

    pub(super) fn at_least(&self, item: usize) -> usize {
        self.level.range(self.item(item)).at_least
    }

    /// Whether a span is like one of which it was said how many there are at most; it is not one of the others then.
    pub(super) fn is_counted(&self, span: usize) -> bool {
        let bounded = |item: &usize| self.item(*item).times.is_some_and(|range| range.at_most.is_some());
        (0..self.items.len()).filter(bounded).any(|item| self.matches(item, span))
    }

    fn set(&mut self, item_of: Vec<Option<usize>>) {
        item_of.iter().flatten().for_each(|item| self.number[*item] += 1);
        self.item_of = item_of;
    }

    /// Gives each item what it must have, from some of the spans.
    fn fill_with(&mut self, spans: impl Iterator<Item = usize>) {
        let caps: Vec<usize> = (0..self.items.len()).map(|item| self.at_least(item)).collect();
        self.dead.clear();
        spans.for_each(|span| self.give(span, &caps));
        self.dead.clear();
    }

    /// Gives each item what it must have, as far as there is any.
    pub(super) fn fill(&mut self) {
        let mut of_slot = Vec::new();
        for item in 0..self.items.len() {
            of_slot.extend(std::iter::repeat_n(item, self.at_least(item).min(self.found.len())));
        }
        if self.item_of.iter().all(Option::is_none) {
            let slots: Vec<&'e SpanExpectation> = of_slot.iter().map(|item| self.item(*item)).collect();
            let pairs = self.matcher.pair_up(&slots, self.found, self.world);
            return self.set(pairs.expected_of.iter().map(|slot| slot.map(|slot| of_slot[slot])).collect());
        }
        let free: Vec<usize> = (0..self.found.len()).filter(|span| self.item_of[*span].is_none()).collect();
        self.fill_with(free.into_iter());
    }

    /// Gives a span to an item that may have more, if it is still free and there is one.
    pub(super) fn place(&mut self, span: usize) {
        if self.item_of[span].is_none() {
            let most = |item| self.level.range(self.item(item)).at_most.unwrap_or(usize::MAX);
            let caps: Vec<usize> = (0..self.items.len()).map(most).collect();
            self.give(span, &caps);
        }
    }

    /// Gives a span to an item that has less than it may; others move on for it, along the shortest way.
    fn give(&mut self, span: usize, caps: &[usize]) {
        let is_free = |item: usize| self.number[item] < caps[item];
        // Neighbours mostly go to the same item, or to the next.
        let beside = span.checked_sub(1).and_then(|before| self.item_of[before]).unwrap_or(0);
        let likely =
            (beside..self.items.len().min(beside + 2)).find(|item| is_free(*item) && self.matches(*item, span));
        if let Some(item) = likely {
            self.item_of[span] = Some(item);
            self.number[item] += 1;
            return;
        }
        if !(0..self.items.len()).any(is_free) {
            return;
        }
        // The span from which each item was reached.
        let mut reached_from: HashMap<usize, usize> = HashMap::new();
        let mut ahead = VecDeque::from([span]);
        while let Some(from) = ahead.pop_front() {
            for (item, cap) in caps.iter().enumerate() {
                if self.dead.contains(&item) || reached_from.contains_key(&item) || !self.matches(item, from) {
                    continue;
                }
                reached_from.insert(item, from);
                if self.number[item] < *cap {
                    return self.shift(item, &reached_from);
                }
                ahead.extend((0..self.found.len()).filter(|span| self.item_of[*span] == Some(item)));
            }
        }
        self.dead.extend(reached_from.keys());
    }

    /// Gives an item the span that reached it, the one that had that the span before, and so on.
    fn shift(&mut self, free: usize, reached_from: &HashMap<usize, usize>) {
        self.number[free] += 1;
        let mut next = Some(free);
        while let Some(item) = next {
            let Some(&span) = reached_from.get(&item) else { return };
            next = self.item_of[span].replace(item);
        }
    }

    /// Tells who took what, and who is short.
    pub(super) fn finish(&self, dealt: &mut Dealt<'t>) {
        let taken = self.item_of.iter().zip(self.found);
        dealt.taken.extend(taken.filter_map(|(item, span)| Some((self.items[(*item)?], *span))));
        for (at, number) in self.number.iter().enumerate() {
            let short = self.at_least(at).saturating_sub(*number);
            if short > 0 {
                dealt.short.push((self.items[at], short));
            }
        }
    }
}
