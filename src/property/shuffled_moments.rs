//! [`shuffled_moments`]: in which order happens what happens at one moment, by chance.

use super::{Scenario, ScenarioPart};
use crate::seed::Seed;

/// How many picks are drawn; after them whoever was set first comes first.
const PICKS: usize = 256;

/// What is due at one moment comes in any order: see [`Moments`](crate::clock::Moments). What finds a plan that is right only by luck
/// is made as simple as it can be: it has as few such picks as do, and is told with them.
///
/// ```should_panic
/// use skyspan::prelude::*;
///
/// // Both motors take a second, and only `y` is waited for.
/// for_all(1..5_i32).with(shuffled_moments()).forgetful().check(|lab, &to| {
///     let (x, y) = (lab.add(SynAxis::new("x").delay_s(1.0)), lab.add(SynAxis::new("y").delay_s(1.0)));
///     let run = lab.run(plan(async move |p| {
///         p.abs_set(&x, to).await?;
///         p.abs_set_in(&y, to, "y").await?;
///         p.wait("y").await?;
///         p.rd(&x).await
///     }));
///     let position = run.plan_result().and_then(|position| position.as_f64());
///     (position == Some(f64::from(to))).or_fail("x is read before it has arrived")
/// });
/// ```
#[must_use]
pub const fn shuffled_moments() -> ShuffledMoments {
    ShuffledMoments(())
}

/// Orders of moments, by chance: made by [`shuffled_moments`].
#[derive(Clone, Copy, Debug)]
pub struct ShuffledMoments(());

impl ScenarioPart for ShuffledMoments {
    fn add_to(&self, scenario: &mut Scenario, chance: &Seed) {
        let chance = chance.stream("moments");
        scenario.moments = (0..PICKS).map(|_| chance.next_u64().to_le_bytes()[0]).collect();
    }
}

/// More are seldom due at once.
const FEW: u8 = 8;

/// Picks that are simpler: fewer of them, and more of them the first.
pub(super) fn simpler_picks(picks: &[u8]) -> Vec<Vec<u8>> {
    let length = picks.len();
    let shorter = [0, length / 2, length - length / 4, length.saturating_sub(1)].into_iter();
    let shorter = shorter.filter(|end| *end < length).map(|end| picks[..end].to_vec());
    let with = |at: usize, pick: u8| {
        let mut picks = picks.to_vec();
        picks[at] = pick;
        picks
    };
    let first = (0..length).filter(|at| picks[*at] != 0).map(|at| with(at, 0));
    // A number counts on from the first of those that are due, of which there are few.
    let smaller = (0..length).flat_map(|at| (1..picks[at].min(FEW)).map(move |pick| (at, pick)));
    let smaller = smaller.map(|(at, pick)| with(at, pick));
    let all = shorter.chain(first).chain(smaller).map(|mut picks| {
        // The picks that are left out at the end are the first ones.
        while picks.last() == Some(&0) {
            picks.pop();
        }
        picks
    });
    all.filter(|simpler| simpler != picks).collect()
}
