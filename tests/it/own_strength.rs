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
    // All mutants; and those of spans, times, statuses, and of the attributes that these tests are about.
    assert_eq!(strength(readme::of_the_first_example()), [(302, 1195), (302, 378)]);
    assert_eq!(strength(engine::nested_run()), [(78, 283), (71, 107)]);
    assert_eq!(strength(engine::set_that_raises()), [(14, 33), (14, 18)]);
    assert_eq!(strength(engine::interleaved_runs()), [(28, 53), (22, 27)]);
    assert_eq!(strength(flying::mock_flight()), [(168, 695), (168, 208)]);
    assert_eq!(strength(suspensions::suspended_move()), [(57, 213), (57, 57)]);
}
