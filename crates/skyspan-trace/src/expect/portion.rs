//! [`Portion`]: siblings, and the items of a level that they are dealt to.

use rustc_hash::FxHashMap;

use super::cells::Cells;
use super::deal::{Dealt, Purpose};
use super::dealing::Dealing;
use super::in_order::{Reading, Run};
use super::level::Level;
use super::matcher::{Matcher, World};
use super::out_of_order::out_of_order;
use super::span_expectation::SpanExpectation;
use crate::trace::SpanRef;

/// Siblings, and the items of a level that they are dealt to.
pub(super) struct Portion<'m, 'e, 't> {
    matcher: &'m Matcher<'e>,
    pub(super) level: &'e Level,
    pub(super) world: World,
    purpose: Purpose,
    /// The items that are dealt to, by their places in the level.
    items: Vec<usize>,
    pub(super) found: &'m [SpanRef<'t>],
    /// For each span the item that has it, by its place in `items`.
    item_of: Vec<Option<usize>>,
}

/// Items that say the same, by their places, as one.
struct Alike {
    items: Vec<usize>,
    at_least: usize,
    at_most: usize,
}

impl<'m, 'e, 't> Portion<'m, 'e, 't> {
    pub(super) fn new(
        matcher: &'m Matcher<'e>,
        level: &'e Level,
        is_dealt_to: impl Fn(&SpanExpectation) -> bool,
        found: &'m [SpanRef<'t>],
        world: World,
        purpose: Purpose,
    ) -> Self {
        let items = (0..level.items.len()).filter(|at| is_dealt_to(&level.items[*at])).collect();
        Self { matcher, level, world, purpose, items, found, item_of: vec![None; found.len()] }
    }

    /// Which item has which span.
    pub(super) fn taken(&self) -> impl Iterator<Item = (usize, SpanRef<'t>)> {
        self.item_of.iter().zip(self.found).filter_map(|(item, span)| Some((self.items[(*item)?], *span)))
    }

    /// The places of those that nobody has.
    pub(super) fn left(&self) -> impl Iterator<Item = usize> {
        (0..self.found.len()).filter(|at| self.item_of[*at].is_none())
    }

    fn item(&self, at: usize) -> &'e SpanExpectation {
        &self.level.items[self.items[at]]
    }

    fn matches(&self, item: usize, span: usize) -> bool {
        self.matcher.matches(self.item(item), self.found[span], self.world)
    }

    fn run(&self, item: usize) -> Run {
        let range = self.level.range(self.item(item));
        Run { at_least: range.at_least, at_most: range.at_most.unwrap_or(usize::MAX) }
    }

    /// Which spans are like one of which it was said how many there are at most; they are not among the others then.
    pub(super) fn counted(&self) -> Vec<bool> {
        let is_bounded = |item: &&'e SpanExpectation| item.times.is_some_and(|range| range.at_most.is_some());
        let bounded: Vec<&'e SpanExpectation> =
            (0..self.items.len()).map(|at| self.item(at)).filter(is_bounded).collect();
        if bounded.is_empty() {
            return Vec::new();
        }
        let cells = Cells::of(&bounded, self.found);
        let is_like_one = |span: usize| {
            cells.takers_of(span).any(|taker| self.matcher.matches(bounded[taker], self.found[span], self.world))
        };
        (0..self.found.len()).map(is_like_one).collect()
    }

    /// Deals out all in the order of the items, if that is possible.
    pub(super) fn deal_in_order(&mut self, may_be_left: impl Fn(usize) -> bool) -> bool {
        let runs: Vec<Run> = (0..self.items.len()).map(|item| self.run(item)).collect();
        let fits = |item: usize, span: usize| self.matches(item, span);
        let Some(item_of) = Reading::new(fits, &runs, self.found.len(), may_be_left).item_of() else { return false };
        self.item_of = item_of;
        true
    }

    /// Deals out in any order: to each item what it must have, of those that come first before all others; then what may not be
    /// left over. If all is for an answer it may end early, and tells so, when the answer is no.
    pub(super) fn deal(&mut self, first: Option<impl Fn(usize) -> bool>, is_obliged: impl Fn(usize) -> bool) -> bool {
        if first.is_none() && self.deal_greedily() && !self.left().any(&is_obliged) {
            return true;
        }
        let (alike, fits) = self.alike();
        let mut dealing = self.dealing(&alike, fits);
        if let Some(is_first) = first {
            dealing.fill(is_first, false);
        }
        if !dealing.fill(|_| true, true) && self.purpose == Purpose::Answer {
            return false;
        }
        for span in (0..self.found.len()).filter(|span| is_obliged(*span)) {
            if !dealing.place(span) && self.purpose == Purpose::Answer {
                return false;
            }
        }
        let taker_of = dealing.into_taker_of();
        self.hand_out(&alike, &taker_of);
        true
    }

    /// Gives to items that may have more of these spans.
    pub(super) fn place_more(&mut self, is_meant: impl Fn(usize) -> bool) {
        let meant: Vec<usize> = self.left().filter(|span| is_meant(*span)).collect();
        if meant.is_empty() {
            return;
        }
        let (alike, fits) = self.alike();
        let mut dealing = self.dealing(&alike, fits);
        for span in meant {
            dealing.place(span);
        }
        let taker_of = dealing.into_taker_of();
        self.hand_out(&alike, &taker_of);
    }

    /// Gives each item the spans in its place, or beside what the one before it has. Tells whether each has what it must have.
    fn deal_greedily(&mut self) -> bool {
        let mut last = 0;
        let mut all_have = true;
        for item in 0..self.items.len() {
            for nth in 0..self.run(item).at_least {
                let in_place = if nth == 0 { item } else { last + 1 };
                let likely = [in_place, last + 1, last.wrapping_sub(1)]
                    .into_iter()
                    .find(|span| self.item_of.get(*span).is_some_and(Option::is_none) && self.matches(item, *span));
                let Some(span) = likely else {
                    all_have = false;
                    break;
                };
                self.item_of[span] = Some(item);
                last = span;
            }
        }
        all_have
    }

    /// The items, those that say the same as one, and the one that each is among.
    fn alike(&self) -> (Vec<Alike>, Vec<usize>) {
        let mut of_class: FxHashMap<u32, usize> = FxHashMap::default();
        let mut alike: Vec<Alike> = Vec::new();
        let mut taker_of_item = Vec::with_capacity(self.items.len());
        for item in 0..self.items.len() {
            let run = self.run(item);
            let taker = *of_class.entry(self.matcher.class(self.item(item))).or_insert(alike.len());
            match alike.get_mut(taker) {
                Some(same) => {
                    same.items.push(item);
                    same.at_least = same.at_least.saturating_add(run.at_least);
                    same.at_most = same.at_most.saturating_add(run.at_most);
                }
                None => alike.push(Alike { items: vec![item], at_least: run.at_least, at_most: run.at_most }),
            }
            taker_of_item.push(taker);
        }
        (alike, taker_of_item)
    }

    /// A dealing that goes on from what is dealt already.
    fn dealing<'d>(
        &'d self,
        alike: &'d [Alike],
        taker_of_item: Vec<usize>,
    ) -> Dealing<'d, impl Fn(usize, usize) -> bool + use<'d, 'm, 'e, 't>> {
        let expected: Vec<&'e SpanExpectation> = alike.iter().map(|same| self.item(same.items[0])).collect();
        let fits = |taker: usize, span: usize| self.matches(alike[taker].items[0], span);
        let takers = alike.iter().map(|same| (same.at_least, same.at_most));
        let cells = Cells::of(&expected, self.found);
        let mut dealing = Dealing::new(fits, cells, takers, self.found.len());
        if self.purpose == Purpose::Report {
            dealing = dealing.for_report(&self.matcher.looks_left);
        }
        for (span, item) in self.item_of.iter().enumerate() {
            if let Some(item) = item {
                dealing.give(taker_of_item[*item], span);
            }
        }
        dealing
    }

    /// Hands on to the single items what those that say the same have together, in order: first what each must have.
    fn hand_out(&mut self, alike: &[Alike], taker_of: &[Option<usize>]) {
        let mut of_taker: Vec<Vec<usize>> = vec![Vec::new(); alike.len()];
        for (span, taker) in taker_of.iter().enumerate() {
            if let Some(taker) = taker {
                of_taker[*taker].push(span);
            }
        }
        self.item_of.fill(None);
        for (same, spans) in alike.iter().zip(of_taker) {
            let runs: Vec<Run> = same.items.iter().map(|item| self.run(*item)).collect();
            let mut more = spans.len();
            let mut numbers: Vec<usize> = Vec::with_capacity(runs.len());
            for run in &runs {
                numbers.push(run.at_least.min(more));
                more -= numbers[numbers.len() - 1];
            }
            let mut spans = spans.into_iter();
            for ((item, run), number) in same.items.iter().zip(&runs).zip(numbers) {
                let further = (run.at_most - number).min(more);
                more -= further;
                for span in spans.by_ref().take(number + further) {
                    self.item_of[span] = Some(*item);
                }
            }
        }
    }

    /// The fewest spans that would have to stand elsewhere, each with the item of one that stands right, and whether it
    /// should come after that.
    pub(super) fn out_of_order(&self) -> Vec<(SpanRef<'t>, usize, bool)> {
        let (items, spans): (Vec<usize>, Vec<SpanRef<'t>>) = self.taken().unzip();
        out_of_order(&items).into_iter().map(|wrong| (spans[wrong.at], wrong.beside, wrong.after)).collect()
    }

    /// Tells who took what, and who is short.
    pub(super) fn finish(&self, dealt: &mut Dealt<'t>) {
        dealt.taken.extend(self.taken());
        let mut numbers = vec![0; self.items.len()];
        self.item_of.iter().flatten().for_each(|item| numbers[*item] += 1);
        for (item, number) in numbers.into_iter().enumerate() {
            let short = self.run(item).at_least.saturating_sub(number);
            if short > 0 {
                dealt.short.push((self.items[item], short));
            }
        }
    }
}
