//! Dealing out spans to items that may stand at any depth.
//!
//! To find the best of all ways to divide the spans between such items and what is said of their siblings' children is
//! NP-hard (it holds the inclusion of unordered trees). So the siblings are dealt out first, those below which there is
//! nothing for these items before all others, and these items take of what nobody below is spoken for. No span is used
//! twice; those among themselves are again a maximum matching. An item with children of its own takes the lowest first.

use std::collections::HashSet;
use std::rc::Rc;

use super::deal::{Dealing, Dealt};
use super::level::Level;
use super::matcher::{Matcher, World};
use super::span_expectation::SpanExpectation;
use crate::trace::SpanRef;

impl<'e> Matcher<'e> {
    /// For each span whether it, or something below it, is as an item of any depth says.
    pub(super) fn with_something(&self, level: &'e Level, found: &[SpanRef<'_>], world: World) -> Vec<bool> {
        let deep: Vec<&'e SpanExpectation> =
            level.items.iter().filter(|item| item.at_any_depth && !item.is_forbidden()).collect();
        let is_something = |span: SpanRef<'_>| deep.iter().any(|item| self.matches(item, span, world));
        found.iter().map(|span| is_something(*span) || span.descendants().any(is_something)).collect()
    }

    /// Deals out what is below to the items of any depth. `covered` becomes what they take, and what leads there.
    pub(super) fn deal_below<'t>(
        &self,
        level: &'e Level,
        direct: &Dealing<'_, 'e, 't>,
        dealt: &mut Dealt<'t>,
        covered: &mut HashSet<usize>,
        world: World,
    ) {
        let mut spoken_for: HashSet<usize> = HashSet::new();
        for (item, span) in direct.item_of.iter().zip(direct.found).filter_map(|(item, span)| Some(((*item)?, *span))) {
            spoken_for.insert(span.index());
            spoken_for.extend(self.spoken_for_below(direct.item(item), span, world).iter());
        }
        // What nobody has taken comes first: it may not be left over.
        let siblings = [false, true].into_iter().flat_map(|is_taken| {
            let those = direct.item_of.iter().zip(direct.found).filter(move |(item, _)| item.is_some() == is_taken);
            those.map(|(_, span)| *span)
        });
        let below: Vec<SpanRef<'t>> =
            siblings.flat_map(|span| std::iter::once(span).chain(span.descendants())).collect();
        let mut taken: Vec<(usize, SpanRef<'t>)> = Vec::new();
        for (at, item) in level.items.iter().enumerate().filter(|(_, item)| is_deep(item) && !item.is_simple()) {
            let range = level.range(item);
            let mut number = 0;
            for span in below.iter().rev().filter(|span| self.matches(item, **span, world)) {
                let its = self.spoken_for_below(item, *span, world);
                let is_free =
                    !spoken_for.contains(&span.index()) && !its.iter().any(|below| spoken_for.contains(below));
                if is_free && range.at_most.is_none_or(|most| number < most) {
                    number += 1;
                    spoken_for.insert(span.index());
                    spoken_for.extend(its.iter());
                    taken.push((at, *span));
                } else if is_free && item.times.is_some() {
                    dealt.left.push(*span);
                }
            }
            if number < range.at_least {
                dealt.short.push((at, range.at_least - number));
            }
        }
        let free: Vec<SpanRef<'t>> = below.into_iter().filter(|span| !spoken_for.contains(&span.index())).collect();
        let mut dealing = Dealing::new(self, level, |item| is_deep(item) && item.is_simple(), &free, world);
        dealing.fill();
        (0..free.len()).for_each(|at| dealing.place(at));
        let mut simply = Dealt::default();
        dealing.finish(&mut simply);
        taken.append(&mut simply.taken);
        dealt.short.append(&mut simply.short);
        // Of those whose number was said there are no others.
        let too_many = (0..free.len()).filter(|at| dealing.item_of[*at].is_none() && dealing.is_counted(*at));
        dealt.left.extend(too_many.map(|at| free[at]));
        for span in taken.iter().map(|(_, span)| span).chain(&dealt.left) {
            if covered.insert(span.index()) {
                let _ = span.ancestors().find(|above| !covered.insert(above.index()));
            }
        }
        dealt.taken.append(&mut taken);
    }

    /// The spans below one that are spoken for, if that one is as expected.
    fn spoken_for_below(&self, expected: &'e SpanExpectation, span: SpanRef<'_>, world: World) -> Rc<[usize]> {
        let Some(level) = expected.level(world).filter(|level| !level.items.is_empty()) else { return Rc::default() };
        let key = (self.class(expected), span.index(), world);
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

fn is_deep(item: &SpanExpectation) -> bool {
    item.at_any_depth && !item.is_forbidden()
}

impl<'t> Dealt<'t> {
    /// Tells what is not expected below a sibling that leads to items of any depth.
    pub(super) fn left_below(&mut self, level: &Level, sibling: SpanRef<'t>, covered: &HashSet<usize>) {
        if level.or_more {
            return;
        }
        let taken = self.taken.iter().map(|(_, span)| span);
        let told: HashSet<usize> = taken.chain(&self.left).map(|span| span.index()).collect();
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
