//! [`Matcher`]: what is known of which span goes with which expectation.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::clause::Clause;
use super::difference::Difference;
use super::kin::Kin;
use super::level::Children;
use super::relatives::Relatives;
use super::span_expectation::SpanExpectation;
use crate::trace::SpanRef;

/// So many looks at pairs of an expectation and a span may be taken in a check once it is known that it fails, so that its
/// report comes at once. What is wrong then further down is told less closely.
const REPORT_LOOKS_MAX: usize = 200_000;

/// To tell how near a relative came to what was expected, so many are looked at in a check, and so many around one span.
const RELATIVES_MAX: usize = 20_000;
const RELATIVES_OF_ONE_MAX: usize = 1_000;

/// Of a parent that is not as expected it is told in what, and of its parent, too, so far up.
const PARENTS_TOLD_MAX: usize = 4;

/// Whether children of which nothing is said may be there.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum World {
    /// Other spans may be among the expected ones.
    Open,
    /// They may not: in a forest.
    Closed,
}

/// A class, a span, and its world, in one word.
pub(super) type Question = u64;

/// A kind of relatives, the class of what they must be (nothing if that does not matter), and their world.
type Relation = (Kin, Option<u32>, World);

/// What was found out in one check. Expectations that say the same are one class, so that of a tree of equal ones each
/// span is looked at once a level, not once for each of them.
pub(super) struct Matcher<'e> {
    /// Classes by the address of the expectation, which stands still for `'e`.
    class_of: RefCell<FxHashMap<usize, u32>>,
    class_of_key: RefCell<HashMap<String, u32>>,
    /// By class, span and world.
    known: RefCell<FxHashMap<Question, bool>>,
    /// What spans below one are spoken for, by the same.
    pub(super) spoken_for: RefCell<FxHashMap<Question, Rc<[usize]>>>,
    /// Which spans have relatives of which class.
    relatives: RefCell<HashMap<Relation, Rc<RefCell<Relatives>>>>,
    /// How many parents above each other are being told of.
    parents_told: Cell<usize>,
    /// How many relatives may still be looked at, to tell how near one came.
    relatives_left: Cell<usize>,
    /// How many looks are left for the report.
    pub(super) looks_left: Cell<usize>,
    /// Ties it to the expectations it has seen.
    lifetime: PhantomData<&'e SpanExpectation>,
}

impl<'e> Matcher<'e> {
    pub(super) fn new() -> Self {
        Self {
            class_of: RefCell::default(),
            class_of_key: RefCell::default(),
            known: RefCell::default(),
            spoken_for: RefCell::default(),
            relatives: RefCell::default(),
            parents_told: Cell::new(0),
            relatives_left: Cell::new(RELATIVES_MAX),
            looks_left: Cell::new(REPORT_LOOKS_MAX),
            lifetime: PhantomData,
        }
    }

    /// Whether a span is as expected.
    pub(super) fn matches(&self, expected: &'e SpanExpectation, span: SpanRef<'_>, world: World) -> bool {
        if !expected.name.matches(span.name()) {
            return false;
        }
        if expected.is_simple() {
            // Looking again is quicker than remembering.
            return expected.matches(span, world, self);
        }
        let question = self.question(expected, span, world);
        if let Some(known) = self.known.borrow().get(&question) {
            return *known;
        }
        let matches = expected.matches(span, world, self);
        self.known.borrow_mut().insert(question, matches);
        matches
    }

    pub(super) fn question(&self, expected: &'e SpanExpectation, span: SpanRef<'_>, world: World) -> Question {
        let (class, span) = (u64::from(self.class(expected)), span.index() as u64);
        class << 33 | span << 1 | u64::from(world == World::Closed)
    }

    /// Whether a span has a relative that is as expected.
    pub(super) fn has_some(&self, kin: Kin, expected: &'e SpanExpectation, of: SpanRef<'_>) -> bool {
        let fits = |span: SpanRef<'_>| self.matches(expected, span, World::Open);
        match kin {
            Kin::Parent | Kin::Child | Kin::PreviousSibling | Kin::NextSibling | Kin::NthChild(_) | Kin::Itself => {
                kin.of(of).any(fits)
            }
            Kin::Ancestor | Kin::Descendant | Kin::Sibling => {
                self.relatives(kin, Some(expected), World::Open).borrow_mut().has_some(kin, of, &fits)
            }
        }
    }

    /// Whether a span is as expected, or one below it is. What is found out about one is kept for those above it.
    pub(super) fn is_at_any_depth(&self, expected: &'e SpanExpectation, span: SpanRef<'_>, world: World) -> bool {
        let fits = |span: SpanRef<'_>| self.matches(expected, span, world);
        let kin = Kin::Descendant;
        fits(span) || self.relatives(kin, Some(expected), world).borrow_mut().has_some(kin, span, &fits)
    }

    /// How many relatives a span has that are as expected, if anything is.
    pub(super) fn number(&self, kin: Kin, expected: Option<&'e SpanExpectation>, of: SpanRef<'_>) -> usize {
        let fits = |span: SpanRef<'_>| expected.is_none_or(|expected| self.matches(expected, span, World::Open));
        self.relatives(kin, expected, World::Open).borrow_mut().number(kin, of, &fits)
    }

    /// What is different about a parent, as long as not many below it were told of.
    pub(super) fn differences_of_parent(&self, expected: &'e SpanExpectation, parent: SpanRef<'_>) -> Vec<Difference> {
        let told = self.parents_told.get();
        if told == PARENTS_TOLD_MAX {
            return Vec::new();
        }
        self.parents_told.set(told + 1);
        let differences = expected.differences(parent, World::Open, self);
        self.parents_told.set(told);
        differences
    }

    /// In what the relative differs that comes closest to what was expected, of those that are called so; nothing where there is none,
    /// or where it is only their number that is wrong.
    pub(super) fn closest_relative(&self, kin: Kin, expected: &'e SpanExpectation, of: SpanRef<'_>) -> Vec<Difference> {
        let told = self.parents_told.get();
        if told == PARENTS_TOLD_MAX || expected.times.is_some() {
            return Vec::new();
        }
        self.parents_told.set(told + 1);
        let looked_at = kin.of(of).take(RELATIVES_OF_ONE_MAX.min(self.relatives_left.get()));
        let mut number = 0;
        let called_so = looked_at.inspect(|_| number += 1).filter(|span| expected.name.matches(span.span().name()));
        let closest = called_so
            .map(|span| expected.differences(span, World::Open, self))
            .min_by_key(|differences| differences.iter().map(Difference::weight).sum::<usize>());
        self.relatives_left.set(self.relatives_left.get().saturating_sub(number));
        self.parents_told.set(told);
        closest.unwrap_or_default()
    }

    /// What is known of such relatives. Looking at one never leads back here, for what is expected of its relatives is less.
    fn relatives(&self, kin: Kin, expected: Option<&'e SpanExpectation>, world: World) -> Rc<RefCell<Relatives>> {
        let class = expected.map(|expected| self.class(expected));
        self.relatives.borrow_mut().entry((kin, class, world)).or_default().clone()
    }

    /// What an expectation says, as a number: the same for those that say the same.
    pub(super) fn class(&self, expected: &'e SpanExpectation) -> u32 {
        let address = std::ptr::from_ref(expected).addr();
        if let Some(class) = self.class_of.borrow().get(&address) {
            return *class;
        }
        let mut key = format!("{:?}{:?}{}", expected.name, expected.times, expected.at_any_depth);
        for clause in &expected.clauses {
            // Writing to a String cannot fail.
            let _ = match clause {
                // Two conditions may be described in the same words.
                Clause::That(_, condition) => write!(key, "|{:p}", Arc::as_ptr(condition)),
                // And so may what is said of spans that are linked to.
                Clause::Property(property) if property.depth() > 0 => write!(key, "|{:p}", Arc::as_ptr(property)),
                Clause::Child(relative) => write!(key, "|Child{}", self.class(relative)),
                Clause::Descendant(relative) => write!(key, "|Descendant{}", self.class(relative)),
                Clause::Parent(relative) => write!(key, "|Parent{}", self.class(relative)),
                Clause::Kin { kin, expected, is_there } => write!(key, "|{kin:?}{is_there}{}", self.class(expected)),
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
        self.class_of.borrow_mut().insert(address, class);
        class
    }
}
