//! [`Dealing`]: things on their way to those who take them, each to one.
//!
//! Things are dealt out by maximum matching with bounds on both sides. First each taker gets as many as it must have: free
//! things, and where there are none, one that another gives up for a free one, and so on (an augmenting path). Then things that
//! may not be left over go to takers that may have more, along such paths again, which never take from anyone what it must
//! have (Mendelsohn and Dulmage).
//!
//! Takers that say the same are one, so that `n` things of few kinds take as long as there are things. Who found no way once
//! is not asked again, and what was looked at in vain is not looked at again. Where `n` takers all differ and may take each
//! other's things, it is a maximum matching in general, O(n·m·(n + m)) at worst.

use std::cell::Cell as Counter;
use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::cells::Cells;

/// Things on their way to those who take them.
pub(super) struct Dealing<'d, F> {
    fits: F,
    cells: Cells,
    takers: Vec<Taker>,
    /// The place in `takers` of the one that holds each thing.
    taker_of: Vec<Option<usize>>,
    /// Once someone is short the rest is for the report alone, and this many looks are enough for it.
    looks_left: Option<&'d Counter<usize>>,
    is_short: bool,
    /// All before this one have what they may have.
    full_to: usize,
}

/// One who takes things.
#[derive(Default)]
struct Taker {
    at_least: usize,
    at_most: usize,
    number: usize,
    /// The place in its cell from which on something free may be.
    from: usize,
    /// All that it might take, once that was looked for.
    fitting: Option<Vec<usize>>,
    /// What it has, and what it has had.
    has: Vec<usize>,
    /// Where to go on in the two lists above: what led nowhere is asked last.
    turn: [usize; 2],
    /// Whether no way leads to something free any more.
    is_dead: bool,
}

impl<'d, F: Fn(usize, usize) -> bool> Dealing<'d, F> {
    /// Nothing is dealt yet. `takers` says how many each must have, and may.
    pub(super) fn new(fits: F, cells: Cells, takers: impl IntoIterator<Item = (usize, usize)>, things: usize) -> Self {
        let taker = |(at_least, at_most)| Taker { at_least, at_most, ..Taker::default() };
        Self {
            fits,
            cells,
            takers: takers.into_iter().map(taker).collect(),
            taker_of: vec![None; things],
            looks_left: None,
            is_short: false,
            full_to: 0,
        }
    }

    /// The same, where it will be told what is wrong, and what is more than these looks is not.
    pub(super) fn for_report(self, looks_left: &'d Counter<usize>) -> Self {
        Self { looks_left: Some(looks_left), ..self }
    }

    /// Gives, for each thing, the place of the taker that holds it.
    pub(super) fn into_taker_of(self) -> Vec<Option<usize>> {
        self.taker_of
    }

    /// Gives someone a thing that is free.
    pub(super) fn give(&mut self, taker: usize, thing: usize) {
        self.hand_over(taker, thing);
        self.takers[taker].number += 1;
    }

    /// Gives each what it must have, as far as there is any, from things that may be taken now. Tells whether all have; who is
    /// short the last time stays so.
    pub(super) fn fill(&mut self, may_take: impl Fn(usize) -> bool, is_last: bool) -> bool {
        self.full_to = 0;
        for taker in &mut self.takers {
            (taker.is_dead, taker.from) = (false, 0);
        }
        let mut all_have = true;
        for taker in 0..self.takers.len() {
            while self.takers[taker].number < self.takers[taker].at_least {
                if let Some(thing) = self.free_for(taker, &may_take) {
                    self.give(taker, thing);
                } else if self.takers[taker].is_dead || !self.make_room(taker, &may_take) {
                    if is_last && self.looks_left.is_none() {
                        return false;
                    }
                    all_have = false;
                    self.is_short |= is_last;
                    break;
                }
            }
        }
        all_have
    }

    /// Gives a thing to someone who may have more, if it is still free and there is one. Tells whether it is not left over.
    pub(super) fn place(&mut self, thing: usize) -> bool {
        if self.taker_of[thing].is_some() {
            return true;
        }
        while self.takers.get(self.full_to).is_some_and(|taker| !taker.may_have_more()) {
            self.full_to += 1;
        }
        if self.full_to == self.takers.len() {
            return false;
        }
        // Neighbours mostly go to the same one, or to the next.
        let beside = thing.checked_sub(1).and_then(|before| self.taker_of[before]).unwrap_or(0);
        let likely = (beside..self.takers.len().min(beside + 2))
            .find(|taker| self.takers[*taker].may_have_more() && self.looks_right(*taker, thing));
        if let Some(taker) = likely {
            self.give(taker, thing);
            return true;
        }
        // The thing from which each was reached.
        let mut reached_from: FxHashMap<usize, usize> = FxHashMap::default();
        let mut ahead = VecDeque::new();
        if let Some(free) = self.reach(thing, &mut reached_from, &mut ahead) {
            self.move_up(free, &reached_from);
            return true;
        }
        while let Some(taker) = ahead.pop_front() {
            let many = self.takers[taker].has.len();
            for step in 0..many {
                let at = (self.takers[taker].turn[1] + step) % many;
                let had = self.takers[taker].has[at];
                if self.taker_of[had] != Some(taker) {
                    continue;
                }
                if let Some(free) = self.reach(had, &mut reached_from, &mut ahead) {
                    self.takers[taker].turn[1] = at;
                    self.move_up(free, &reached_from);
                    return true;
                }
            }
        }
        for taker in reached_from.into_keys() {
            self.takers[taker].is_dead = true;
        }
        false
    }

    /// Goes from a thing to all who would take it. Gives one who may have more.
    fn reach(
        &self,
        thing: usize,
        reached_from: &mut FxHashMap<usize, usize>,
        ahead: &mut VecDeque<usize>,
    ) -> Option<usize> {
        for taker in self.cells.takers_of(thing) {
            if self.takers[taker].is_dead || reached_from.contains_key(&taker) || !self.looks_right(taker, thing) {
                continue;
            }
            reached_from.insert(taker, thing);
            if self.takers[taker].may_have_more() {
                return Some(taker);
            }
            ahead.push_back(taker);
        }
        None
    }

    /// Gives someone the thing that reached it, the one that had it the thing before, and so on.
    fn move_up(&mut self, free: usize, reached_from: &FxHashMap<usize, usize>) {
        self.takers[free].number += 1;
        let mut next = Some(free);
        while let Some(taker) = next {
            let Some(&thing) = reached_from.get(&taker) else { return };
            next = self.taker_of[thing];
            self.hand_over(taker, thing);
        }
    }

    /// Gets someone a thing of another, who gets one that is free, or one of yet another.
    fn make_room(&mut self, first: usize, may_take: &impl Fn(usize) -> bool) -> bool {
        // For each who was asked: which thing, for whom.
        let mut asked: FxHashMap<usize, (usize, usize)> = FxHashMap::default();
        let mut ahead = VecDeque::from([first]);
        while let Some(taker) = ahead.pop_front() {
            self.look_for_fitting(taker);
            let many = self.takers[taker].fitting.as_ref().map_or(0, Vec::len);
            for step in 0..many {
                let at = (self.takers[taker].turn[0] + step) % many;
                let Some(thing) = self.takers[taker].fitting.as_ref().map(|fitting| fitting[at]) else { break };
                let Some(owner) = self.taker_of[thing] else { continue };
                if owner == first || self.takers[owner].is_dead || asked.contains_key(&owner) || owner == taker {
                    continue;
                }
                asked.insert(owner, (thing, taker));
                if let Some(free) = self.free_for(owner, may_take) {
                    self.takers[taker].turn[0] = at;
                    self.pass_on(first, owner, free, &asked);
                    return true;
                }
                ahead.push_back(owner);
            }
        }
        for taker in asked.into_keys().chain([first]) {
            self.takers[taker].is_dead = true;
        }
        false
    }

    /// The other way: the last who was asked takes what is free, and hands on what it was asked for.
    fn pass_on(&mut self, first: usize, last: usize, free: usize, asked: &FxHashMap<usize, (usize, usize)>) {
        let (mut taker, mut thing) = (last, free);
        while let Some(&(next_thing, next_taker)) = asked.get(&taker) {
            self.hand_over(taker, thing);
            (taker, thing) = (next_taker, next_thing);
        }
        self.hand_over(first, thing);
        self.takers[first].number += 1;
    }

    fn hand_over(&mut self, taker: usize, thing: usize) {
        self.taker_of[thing] = Some(taker);
        self.takers[taker].has.push(thing);
    }

    /// Something free that someone might take: beside what it took last, or the first in its cell.
    fn free_for(&mut self, taker: usize, may_take: &impl Fn(usize) -> bool) -> Option<usize> {
        if let Some(&last) = self.takers[taker].has.last() {
            let is_likely = |thing: &usize| *thing < self.taker_of.len() && self.taker_of[*thing].is_none();
            let beside = [last + 1, last.wrapping_sub(1)].into_iter().filter(is_likely);
            let found = beside.filter(|thing| may_take(*thing)).find(|thing| self.looks_right(taker, *thing));
            if found.is_some() {
                return found;
            }
        }
        let mut from = self.takers[taker].from;
        let mut found = None;
        while let Some((at, thing)) =
            self.cells.of_taker(taker).first_from(from, |thing| self.taker_of[thing].is_some())
        {
            from = at;
            if may_take(thing) && self.looks_right(taker, thing) {
                found = Some(thing);
                break;
            }
            from += 1;
        }
        if found.is_none() {
            from = usize::MAX;
        }
        self.takers[taker].from = from;
        found
    }

    fn look_for_fitting(&mut self, taker: usize) {
        if self.takers[taker].fitting.is_none() {
            let things = self.cells.of_taker(taker).things.iter().map(|thing| *thing as usize);
            let fitting = things.filter(|thing| self.looks_right(taker, *thing)).collect();
            self.takers[taker].fitting = Some(fitting);
        }
    }

    fn looks_right(&self, taker: usize, thing: usize) -> bool {
        if self.is_short
            && let Some(looks_left) = self.looks_left
        {
            let Some(left) = looks_left.get().checked_sub(1) else { return false };
            looks_left.set(left);
        }
        (self.fits)(taker, thing)
    }
}

impl Taker {
    fn may_have_more(&self) -> bool {
        self.number < self.at_most && !self.is_dead
    }
}
