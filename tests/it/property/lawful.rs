//! The laws hold for what is right.

use skyspan::prelude::*;
use skyspan::property::{ScenarioPart, callbacks, recorded_interruptions};

/// All that a search may draw besides plans.
fn circumstances() -> impl ScenarioPart + Send + Sync + 'static {
    (settings(), faults(), interruptions(), callbacks(), recorded_interruptions())
}

#[test]
fn all_laws_hold_for_generated_plans_in_all_circumstances() {
    for_all(plans()).with(circumstances()).forgetful().cases(300).obey(laws::all());
}

#[test]
fn all_laws_hold_for_any_messages_in_all_circumstances() {
    for_all(messages()).with(circumstances()).forgetful().cases(200).obey(laws::all());
}

#[test]
fn each_law_has_a_name_of_its_own_says_what_it_says_and_where_that_comes_from() {
    let all = laws::all().parts();
    let names: std::collections::HashSet<_> = all.iter().map(Law::name).collect();
    assert_eq!(names.len(), all.len());
    for law in all {
        assert!(!law.sentence().is_empty() && !law.rule().is_empty(), "{}", law.name());
    }
}

#[test]
fn the_laws_of_a_run_can_be_held_against_one() {
    let lab = Harness::builder().chronicled().build();
    let run = lab.run(plans::scan(&lab.device("det"), &lab.device("motor"), 0, 10, 6));
    assert!(laws::standard(&run).is_ok());
    let bare = Harness::new();
    let run = bare.run(plans::count(&bare.device("det"), 2));
    assert!(laws::standard(&run).is_ok(), "a harness without a chronicle has less to hold them against");
}

#[test]
fn spans_of_the_nested_convention_obey_the_laws_too() {
    for_all(plans())
        .harness(|harness| harness.convention(SpanConvention::Nested))
        .with(circumstances())
        .forgetful()
        .cases(150)
        .obey(laws::all());
}
