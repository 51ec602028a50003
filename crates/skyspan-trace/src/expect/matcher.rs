//! [`Matcher`]: which span goes with which expectation, each used once.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt::Write as _;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use super::candidates::Candidates;
use super::clause::Clause;
use super::level::Children;
use super::span_expectation::SpanExpectation;
use crate::trace::SpanRef;

/// Whether children of which nothing is said may be there.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum World {
    /// They may.
    Open,
    /// They may not: in a forest.
    Closed,
}

/// A class, a span, and its world.
type Question = (u32, usize, World);

/// What was found out in one check. Expectations that say the same are one class, so that of a tree of equal ones each
/// span is looked at once a level, not once for each of them.
#[derive(Default)]
pub(super) struct Matcher<'e> {
    /// Classes by the address of the expectation, which stands still for `'e`.
    class_of: RefCell<HashMap<*const SpanExpectation, u32>>,
    class_of_key: RefCell<HashMap<String, u32>>,
    /// By class, span and world.
    known: RefCell<HashMap<Question, bool>>,
    /// What spans below one are spoken for, by the same.
    pub(super) spoken_for: RefCell<HashMap<Question, Rc<[usize]>>>,
    /// Ties it to the expectations it has seen.
    lifetime: PhantomData<&'e SpanExpectation>,
}

impl<'e> Matcher<'e> {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// A maximum matching of expectations and spans.
    ///
    /// Expectations come one after another; one that finds no free span makes others move on, along the shortest way
    /// (augmenting paths).
    pub(super) fn pair_up(&self, expected: &[&'e SpanExpectation], found: &[SpanRef<'_>], world: World) -> Pairs {
        let mut pairs = Pairs { found_of: vec![None; expected.len()], expected_of: vec![None; found.len()] };
        let mut candidates = None;
        let mut last = 0;
        for (at, &expectation) in expected.iter().enumerate() {
            // Expectations mostly come in the order of the spans, or in the opposite one.
            let likely = [at, last + 1, last.wrapping_sub(1)].into_iter().find(|to| {
                found
                    .get(*to)
                    .is_some_and(|span| pairs.expected_of[*to].is_none() && self.matches(expectation, *span, world))
            });
            match likely {
                Some(to) => pairs.join(at, to),
                None => {
                    let candidates = candidates.get_or_insert_with(|| Candidates::among(found));
                    self.augment(&mut pairs, at, expected, found, candidates, world);
                }
            }
            last = pairs.found_of[at].unwrap_or(last);
        }
        pairs
    }

    fn augment(
        &self,
        pairs: &mut Pairs,
        first: usize,
        expected: &[&'e SpanExpectation],
        found: &[SpanRef<'_>],
        candidates: &mut Candidates,
        world: World,
    ) {
        // The expectation from which each span was reached.
        let mut reached_from: HashMap<usize, usize> = HashMap::new();
        let mut seen_classes = HashSet::new();
        let mut ahead = VecDeque::from([first]);
        while let Some(at) = ahead.pop_front() {
            if !seen_classes.insert(self.class(expected[at])) {
                // One that says the same has reached all that this one can reach.
                continue;
            }
            for &to in candidates.of(expected[at], found) {
                if reached_from.contains_key(&to) || !self.matches(expected[at], found[to], world) {
                    continue;
                }
                reached_from.insert(to, at);
                match pairs.expected_of[to] {
                    Some(next) => ahead.push_back(next),
                    None => return pairs.shift(to, &reached_from),
                }
            }
        }
    }

    /// Whether a span is as expected, looked at once.
    pub(super) fn matches(&self, expected: &'e SpanExpectation, span: SpanRef<'_>, world: World) -> bool {
        if !expected.name.matches(span.name()) {
            return false;
        }
        if expected.is_simple() {
            // Looking again is quicker than remembering.
            return expected.matches(span, world, self);
        }
        let key = (self.class(expected), span.index(), world);
        if let Some(known) = self.known.borrow().get(&key) {
            return *known;
        }
        let matches = expected.matches(span, world, self);
        self.known.borrow_mut().insert(key, matches);
        matches
    }

    /// The class of an expectation: children by their classes, so that no text grows with the depth of the tree.
    pub(super) fn class(&self, expected: &'e SpanExpectation) -> u32 {
        if let Some(class) = self.class_of.borrow().get(&std::ptr::from_ref(expected)) {
            return *class;
        }
        let mut key = format!("{:?}{:?}{}", expected.name, expected.times, expected.at_any_depth);
        for clause in &expected.clauses {
            // Writing to a String cannot fail.
            let _ = match clause {
                // Two conditions may be described in the same words.
                Clause::That(_, condition) => write!(key, "|{:p}", Arc::as_ptr(condition)),
                // What stands in a relative's expectation may hold a condition, too.
                clause if clause.holds_expectation() => write!(key, "|{clause:p}"),
                clause => write!(key, "|{clause:?}"),
            };
        }
        match &expected.children {
            Children::Said(level) => {
                let classes: Vec<u32> = level.items.iter().map(|child| self.class(child)).collect();
                let _ = write!(key, "{classes:?}{}{}", level.in_order, level.or_more);
            }
            other => _ = write!(key, "{other:?}"),
        }
        let mut keys = self.class_of_key.borrow_mut();
        let new = u32::try_from(keys.len()).unwrap_or(u32::MAX);
        let class = *keys.entry(key).or_insert(new);
        self.class_of.borrow_mut().insert(expected, class);
        class
    }
}

/// Who goes with whom, by their places.
pub(super) struct Pairs {
    pub(super) found_of: Vec<Option<usize>>,
    pub(super) expected_of: Vec<Option<usize>>,
}

impl Pairs {
    pub(super) fn unpaired_expected(&self) -> impl Iterator<Item = usize> {
        (0..self.found_of.len()).filter(|at| self.found_of[*at].is_none())
    }

    pub(super) fn unpaired_found(&self) -> impl Iterator<Item = usize> {
        (0..self.expected_of.len()).filter(|at| self.expected_of[*at].is_none())
    }

    fn join(&mut self, expected: usize, found: usize) {
        self.found_of[expected] = Some(found);
        self.expected_of[found] = Some(expected);
    }

    /// Gives a free span to the expectation that reached it, what that one had to the one before, and so on.
    fn shift(&mut self, free: usize, reached_from: &HashMap<usize, usize>) {
        let mut next = Some(free);
        while let Some(to) = next {
            let Some(&from) = reached_from.get(&to) else { return };
            next = self.found_of[from];
            self.join(from, to);
        }
    }
}
