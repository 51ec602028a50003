//! The search for the case in which something does not hold, and for the shortest one.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::strategy::ValueTree;

use super::quiet::quietly;
use super::scenario::Scenario;
use super::shrink::ShrinkTree;
use super::{Broken, ScenarioPart, Source};
use crate::seed::Seed;

/// How many simpler cases are tried before the simplest so far has to do.
const TRIED_AT_MOST: u32 = 10_000;

/// A case that was found, in which something does not hold.
pub(super) struct Found<T> {
    pub(super) value: T,
    pub(super) scenario: Scenario,
    pub(super) broken: Broken,
    /// How many simpler cases were tried.
    pub(super) tried: u32,
}

/// The circumstances of the case of that number.
pub(super) fn scenario_of(parts: &[Box<dyn ScenarioPart + Send + Sync>], seed: u64, number: u64) -> Scenario {
    let chance = Seed::new(seed).stream("scenarios").stream(&number.to_string());
    let mut scenario = Scenario { seed: chance.next_u64() % 1000, ..Scenario::default() };
    parts.iter().for_each(|part| part.add_to(&mut scenario, &chance));
    scenario
}

/// Holds the check against the case of that number, and where it fails against simpler ones, until nothing simpler fails in the same
/// way.
pub(super) fn examine<S: Source>(
    source: &S,
    parts: &[Box<dyn ScenarioPart + Send + Sync>],
    (seed, number): (u64, u64),
    check: impl Fn(&S::Value, &Scenario) -> Result<(), Broken>,
) -> Option<Found<S::Value>> {
    let tried = Cell::new(0);
    let fails = |value: &S::Value, scenario: &Scenario| {
        tried.set(tried.get() + 1);
        fails(&check, value, scenario)
    };
    let mut tree = source.case(seed, number)?;
    let scenario = scenario_of(parts, seed, number);
    let broken = fails(&tree.current(), &scenario)?;
    tried.set(0);
    let mut found = Found { value: tree.current(), scenario, broken, tried: 0 };
    loop {
        let before = tried.get();
        // What happens from outside is left out first: without it there is less that can be in the way.
        let mut scenario = ShrinkTree::new(found.scenario.clone());
        let circumstances = shrink(
            &mut found,
            &mut scenario,
            &tried,
            |candidate, found| {
                let broken = fails(&found.value, candidate).filter(|broken| broken.law() == found.broken.law())?;
                Some((broken, ()))
            },
            |found, scenario, ()| found.scenario = scenario,
        );
        let plan = shrink(
            &mut found,
            &mut tree,
            &tried,
            |candidate, found| {
                // With a message less, what happened at a message after it has to happen sooner.
                let sooner = std::iter::once(found.scenario.clone()).chain(found.scenario.sooner());
                sooner.into_iter().find_map(|scenario| {
                    let broken = fails(candidate, &scenario).filter(|broken| broken.law() == found.broken.law())?;
                    Some((broken, scenario))
                })
            },
            |found, value, scenario| (found.value, found.scenario) = (value, scenario),
        );
        found.tried = tried.get();
        let none_in_this_round = !circumstances && !plan;
        if none_in_this_round || found.tried >= TRIED_AT_MOST || before == found.tried {
            return Some(found);
        }
    }
}

/// Goes through what is simpler; gives whether something was found.
fn shrink<T, V: ValueTree, C>(
    found: &mut Found<T>,
    tree: &mut V,
    tried: &Cell<u32>,
    fails: impl Fn(&V::Value, &Found<T>) -> Option<(Broken, C)>,
    keep: impl Fn(&mut Found<T>, V::Value, C),
) -> bool {
    let mut any = false;
    let mut more = tree.simplify();
    while more && tried.get() < TRIED_AT_MOST {
        let candidate = tree.current();
        match fails(&candidate, found) {
            Some((broken, circumstances)) => {
                any = true;
                found.broken = broken;
                keep(found, candidate, circumstances);
                more = tree.simplify();
            }
            None => more = tree.complicate(),
        }
    }
    any
}

/// Why the check fails, a panic included.
fn fails<T>(check: &impl Fn(&T, &Scenario) -> Result<(), Broken>, value: &T, scenario: &Scenario) -> Option<Broken> {
    let checked = quietly(|| catch_unwind(AssertUnwindSafe(|| check(value, scenario))));
    match checked {
        Ok(checked) => checked.err(),
        Err(panic) => {
            let said = panic.downcast_ref::<String>().map(String::as_str);
            let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
            Some(Broken::new(said.unwrap_or("the check panicked")))
        }
    }
}
