//! How much the assertions of the README and of some of our own tests notice, so that it is known when they get weaker.

use skyspan::expect::{Expectation, Mutants, MutationKind};
use skyspan::harness::Outcome;

use crate::{engine, flying, readme, suspensions};

/// How many mutants an expectation notices of how many: of all, and of those in what these tests are about.
fn strength((run, expectation): (Outcome, impl Expectation)) -> [(usize, usize); 2] {
    let all = Mutants::of(run.trace()).at_most(usize::MAX);
    let about = all.clone().only_keys(["device_name", "exit_status", "reason"]).without(MutationKind::AttributeAdded);
    [all, about].map(|mutants| {
        let score = mutants.check(&expectation).unwrap_or_else(|mismatch| panic!("{mismatch}")).score();
        (score.noticed, score.made)
    })
}

#[test]
fn our_assertions_notice_as_much_as_is_said_of_them() {
    // Of all mutants; and of those of spans, times, statuses, and of the attributes that these tests are about. More mutants may be
    // made, and more of them be noticed.
    let mut weaker = String::new();
    let mut at_least = |what: &str, strength: [(usize, usize); 2], percent: [usize; 2], made: [usize; 2]| {
        let is_as_strong = strength.iter().zip(percent).all(|((noticed, of), percent)| noticed * 100 >= percent * of);
        let are_enough = strength.iter().zip(made).all(|((_, found), made)| *found >= made);
        if !is_as_strong || !are_enough {
            weaker += &format!("{what}: {strength:?}, expected {percent:?} percent of {made:?} at least\n");
        }
    };
    at_least("the first example of the README", strength(readme::of_the_first_example()), [25, 79], [1100, 350]);
    at_least("a nested run", strength(engine::nested_run()), [27, 66], [260, 100]);
    at_least("a set that raises", strength(engine::set_that_raises()), [42, 77], [30, 17]);
    at_least("interleaved runs", strength(engine::interleaved_runs()), [52, 81], [50, 25]);
    at_least("the flight of a mock flyer", strength(flying::mock_flight()), [24, 80], [650, 195]);
    at_least("a move that is suspended", strength(suspensions::suspended_move()), [26, 100], [200, 54]);
    assert!(weaker.is_empty(), "{weaker}");
}
