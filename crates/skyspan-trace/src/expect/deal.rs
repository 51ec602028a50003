//! [`Dealt`]: which of some siblings each expectation of a level takes.
//!
//! Siblings that come in the order of the items, as they mostly do, are dealt out in one go. Others go to [`Dealing`]. Each span
//! is held against each expectation once: what came of it is kept.

use std::borrow::Cow;
use std::collections::HashSet;

use super::difference::children_weight;
use super::level::Level;
use super::matcher::{Matcher, World};
use super::portion::Portion;
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

/// What a deal is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Purpose {
    /// To know whether all is as the level says.
    Answer,
    /// To tell what is not.
    Report,
}

impl<'t> Dealt<'t> {
    /// Whether all is as the level says.
    pub(super) fn is_perfect(&self) -> bool {
        self.short.is_empty() && self.left.is_empty() && self.forbidden.is_empty() && self.out_of_order.is_empty()
    }

    /// The expectations that are missing, each as often as it is; at most so often.
    pub(super) fn missing<'e>(&self, level: &'e Level, most: usize) -> impl Iterator<Item = &'e SpanExpectation> {
        let times =
            move |(item, number): &(usize, usize)| std::iter::repeat_n(&level.items[*item], (*number).min(most));
        self.short.iter().flat_map(times)
    }

    /// The spans that should not be there.
    pub(super) fn unexpected(&self) -> impl Iterator<Item = SpanRef<'t>> {
        self.left.iter().copied().chain(self.forbidden.iter().map(|(_, span)| *span))
    }

    /// How far all this takes a span with these children from what was expected. A number that is missing counts at most so
    /// much.
    pub(super) fn weight(&self, level: &Level, most: usize) -> usize {
        let missing = self.missing(level, most).map(|item| &item.name);
        let children = children_weight(missing, self.unexpected().map(|span| span.span().name()));
        2 * (children + usize::from(!self.out_of_order.is_empty()))
    }
}

impl<'e> Matcher<'e> {
    /// Deals out siblings to the items of a level; to those of any depth also what is below the siblings.
    pub(super) fn deal<'t>(&self, level: &'e Level, found: &[SpanRef<'t>], world: World) -> Dealt<'t> {
        self.deal_for(level, found, world, Purpose::Report).unwrap_or_default()
    }

    /// Whether siblings, and what is below them, are as a level says.
    pub(super) fn is_as_said(&self, level: &'e Level, found: &[SpanRef<'_>], world: World) -> bool {
        self.deal_for(level, found, world, Purpose::Answer).is_some_and(|dealt| dealt.is_perfect())
    }

    /// The same, and nothing as soon as the answer is no.
    fn deal_for<'t>(
        &self,
        level: &'e Level,
        found: &[SpanRef<'t>],
        world: World,
        purpose: Purpose,
    ) -> Option<Dealt<'t>> {
        let mut dealt = Dealt::default();
        let allowed = self.without_forbidden(level, found, &mut dealt);
        let is_deep = level.items.iter().any(SpanExpectation::is_deep);
        let is_answered = !dealt.forbidden.is_empty() || !(is_deep || level.may_be(allowed.len()));
        if purpose == Purpose::Answer && (is_answered || (is_deep && self.lacks_something(level, &allowed, world))) {
            return None;
        }
        // Those that may be of use to items of any depth are given to others last.
        let useful_below = if is_deep { self.with_something(level, &allowed, world) } else { Vec::new() };
        let is_useful = |at: usize| useful_below.get(at).copied().unwrap_or(false);
        let here = |item: &SpanExpectation| !item.at_any_depth && !item.is_forbidden();
        let mut portion = Portion::new(self, level, here, &allowed, world, purpose);
        let counted = if level.or_more { portion.counted() } else { Vec::new() };
        let is_counted = |at: usize| counted.get(at).copied().unwrap_or(false);
        let may_be_left = |at: usize| is_useful(at) || (level.or_more && !is_counted(at));
        let is_in_order = level.in_order && portion.deal_in_order(may_be_left);
        if level.in_order && !is_in_order && purpose == Purpose::Answer {
            return None;
        }
        if !is_in_order {
            let first = is_deep.then_some(|at: usize| !is_useful(at));
            if !portion.deal(first, |at| !may_be_left(at)) {
                return None;
            }
            if level.in_order {
                dealt.out_of_order = portion.out_of_order();
            }
        }
        let mut covered = HashSet::new();
        if is_deep {
            self.deal_below(&portion, &mut dealt, &mut covered);
            if !level.in_order {
                // What is of no use further down after all may go to an item that takes more.
                portion.place_more(|at| is_useful(at) && !covered.contains(&allowed[at].index()));
            }
        }
        portion.finish(&mut dealt);
        let mut ways_down = Vec::new();
        for at in portion.left() {
            if covered.contains(&allowed[at].index()) {
                ways_down.push(allowed[at]);
            } else if !level.or_more || is_counted(at) {
                dealt.left.push(allowed[at]);
            }
        }
        if !ways_down.is_empty() && !level.or_more {
            dealt.left_below(ways_down, &covered);
        }
        Some(dealt)
    }

    /// The siblings that no item forbids. Those that one does, further down, too, are told.
    fn without_forbidden<'f, 't>(
        &self,
        level: &'e Level,
        found: &'f [SpanRef<'t>],
        dealt: &mut Dealt<'t>,
    ) -> Cow<'f, [SpanRef<'t>]> {
        let forbidden: Vec<(usize, &'e SpanExpectation)> =
            level.items.iter().enumerate().filter(|(_, item)| item.is_forbidden()).collect();
        if forbidden.is_empty() {
            return Cow::Borrowed(found);
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
        Cow::Owned(allowed)
    }
}
