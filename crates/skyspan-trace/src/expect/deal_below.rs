//! Dealing out spans to items that may stand at any depth.
//!
//! To find the best of all ways to divide the spans between such items and what is said of their siblings' children is
//! NP-hard (it holds the inclusion of unordered trees). So the siblings are dealt out first, those below which there is
//! nothing for these items before all others, and these items take of what nobody below is spoken for. No span is used
//! twice; those among themselves are again a maximum matching. An item with children of its own takes the lowest first.

use std::collections::HashSet;
use std::rc::Rc;

use super::deal::{Dealt, Purpose};
use super::level::Level;
use super::matcher::{Matcher, World};
use super::portion::Portion;
use super::span_expectation::SpanExpectation;
use crate::trace::SpanRef;

impl<'e> Matcher<'e> {
    /// For each span whether it, or something below it, is as an item of any depth says.
    pub(super) fn with_something(&self, level: &'e Level, found: &[SpanRef<'_>], world: World) -> Vec<bool> {
        let deep: Vec<&'e SpanExpectation> = level.items.iter().filter(|item| item.is_deep()).collect();
        found.iter().map(|span| deep.iter().any(|item| self.is_at_any_depth(item, *span, world))).collect()
    }

    /// Whether an item of any depth that must be there is nowhere, neither among these siblings nor below them.
    pub(super) fn lacks_something(&self, level: &'e Level, found: &[SpanRef<'_>], world: World) -> bool {
        let mut must_be = level.items.iter().filter(|item| item.is_deep() && level.range(item).at_least > 0);
        must_be.any(|item| !found.iter().any(|span| self.is_at_any_depth(item, *span, world)))
    }

    /// Deals out what is below to the items of any depth. `covered` becomes what they take, and what leads there.
    pub(super) fn deal_below<'t>(
        &self,
        direct: &Portion<'_, 'e, 't>,
        dealt: &mut Dealt<'t>,
        covered: &mut HashSet<usize>,
    ) {
        let (level, world) = (direct.level, direct.world);
        let mut spoken_for: HashSet<usize> = HashSet::new();
        for (item, span) in direct.taken() {
            spoken_for.insert(span.index());
            spoken_for.extend(self.spoken_for_below(&level.items[item], span, world).iter());
        }
        // What nobody has taken comes first: it may not be left over.
        let siblings = direct.left().map(|at| direct.found[at]).chain(direct.taken().map(|(_, span)| span));
        let below: Vec<SpanRef<'t>> =
            siblings.flat_map(|span| std::iter::once(span).chain(span.descendants())).collect();
        let mut taken: Vec<(usize, SpanRef<'t>)> = Vec::new();
        let mut numbers = vec![0; level.items.len()];
        // First each gets what it must have, so that none takes what another needs; then those more whose number was said.
        for is_first in [true, false] {
            for (at, item) in level.items.iter().enumerate().filter(|(_, item)| item.is_deep() && !item.is_simple()) {
                let range = level.range(item);
                if !is_first && item.times.is_none() {
                    continue;
                }
                let number = &mut numbers[at];
                for span in below.iter().rev() {
                    if is_first && *number >= range.at_least {
                        break;
                    }
                    if spoken_for.contains(&span.index()) || !self.matches(item, *span, world) {
                        continue;
                    }
                    let its = self.spoken_for_below(item, *span, world);
                    if its.iter().any(|below| spoken_for.contains(below)) {
                        continue;
                    }
                    if range.at_most.is_none_or(|most| *number < most) {
                        *number += 1;
                        spoken_for.insert(span.index());
                        spoken_for.extend(its.iter());
                        taken.push((at, *span));
                    } else {
                        dealt.left.push(*span);
                    }
                }
                if is_first && *number < range.at_least {
                    dealt.short.push((at, range.at_least - *number));
                }
            }
        }
        if level.items.iter().any(|item| item.is_deep() && item.is_simple()) {
            let free: Vec<SpanRef<'t>> = below.into_iter().filter(|span| !spoken_for.contains(&span.index())).collect();
            self.deal_simply(direct, &free, dealt, &mut taken);
        }
        for span in taken.iter().map(|(_, span)| span).chain(&dealt.left) {
            if covered.insert(span.index()) {
                let _ = span.ancestors().find(|above| !covered.insert(above.index()));
            }
        }
        dealt.taken.append(&mut taken);
    }

    /// Deals out spans to the items of any depth that say nothing of other spans.
    fn deal_simply<'t>(
        &self,
        direct: &Portion<'_, 'e, 't>,
        free: &[SpanRef<'t>],
        dealt: &mut Dealt<'t>,
        taken: &mut Vec<(usize, SpanRef<'t>)>,
    ) {
        let is_dealt_to = |item: &SpanExpectation| item.is_deep() && item.is_simple();
        let mut portion = Portion::new(self, direct.level, is_dealt_to, free, direct.world, Purpose::Report);
        portion.deal(None::<fn(usize) -> bool>, |_| true);
        let mut simply = Dealt::default();
        portion.finish(&mut simply);
        taken.append(&mut simply.taken);
        dealt.short.append(&mut simply.short);
        // Of those whose number was said there are no others.
        let counted = portion.counted();
        let is_counted = |at: &usize| counted.get(*at).copied().unwrap_or(false);
        dealt.left.extend(portion.left().filter(is_counted).map(|at| free[at]));
    }

    /// The spans below one that are spoken for, if that one is as expected.
    fn spoken_for_below(&self, expected: &'e SpanExpectation, span: SpanRef<'_>, world: World) -> Rc<[usize]> {
        let Some(level) = expected.level(world).filter(|level| !level.items.is_empty()) else { return Rc::default() };
        let key = self.question(expected, span, world);
        if let Some(known) = self.spoken_for.borrow().get(&key) {
            return known.clone();
        }
        let dealt = self.deal(level, &span.children().collect::<Vec<_>>(), world);
        let mut all = Vec::new();
        for (item, span) in dealt.taken {
            all.push(span.index());
            all.extend(self.spoken_for_below(&level.items[item], span, world).iter());
        }
        let all: Rc<[usize]> = all.into();
        self.spoken_for.borrow_mut().insert(key, all.clone());
        all
    }
}

impl<'t> Dealt<'t> {
    /// Tells what is not expected below siblings that lead to items of any depth.
    pub(super) fn left_below(&mut self, siblings: Vec<SpanRef<'t>>, covered: &HashSet<usize>) {
        let taken = self.taken.iter().map(|(_, span)| span);
        let told: HashSet<usize> = taken.chain(&self.left).map(|span| span.index()).collect();
        for sibling in siblings {
            let mut ahead = vec![sibling];
            while let Some(span) = ahead.pop() {
                if told.contains(&span.index()) {
                    continue;
                }
                if covered.contains(&span.index()) {
                    ahead.extend(span.children());
                } else {
                    self.left.push(span);
                }
            }
        }
    }
}
