//! The laws hold for what is right, and do not for what is wrong.

use std::sync::atomic::{AtomicU64, Ordering};

use skyspan::prelude::*;
use skyspan::property::Counterexample;

/// What comes of holding a law against a plan that breaks it.
#[track_caller]
fn broken(law: Law, plan: impl Fn(&Harness) -> Plan) -> Box<Counterexample> {
    let found = for_all(proptest::strategy::Just(()))
        .forgetful()
        .plan(move |lab, ()| plan(lab))
        .cases(1)
        .try_obey(law.clone())
        .err();
    let found = found.unwrap_or_else(|| panic!("{} holds", law.name()));
    assert_eq!(found.law(), Some(&law.name()));
    found
}

#[test]
fn all_laws_hold_for_generated_plans_in_all_circumstances() {
    for_all(plans()).with((settings(), faults(), interruptions())).forgetful().cases(300).obey(laws::all());
}

#[test]
fn all_laws_hold_for_any_messages_in_all_circumstances() {
    for_all(messages()).with((settings(), faults(), interruptions())).forgetful().cases(200).obey(laws::all());
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
fn a_span_that_a_plan_never_ends_is_found() {
    let found = broken(laws::spans_end(), |_| {
        plan(async |p| {
            let env = p.env();
            std::mem::forget(env.tracer.start("forgotten", &opentelemetry::Context::new()));
            p.null().await
        })
    });
    assert!(found.why().contains("`forgotten`"), "{found}");
}

#[test]
fn a_plan_that_is_another_each_time_is_found() {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    broken(laws::the_same_seed_gives_the_same_bytes(), |_| {
        let calls = u32::try_from(CALLS.fetch_add(1, Ordering::Relaxed)).unwrap_or(u32::MAX);
        plan(async move |p| p.sleep(f64::from(calls)).await)
    });
}

#[test]
fn a_device_that_takes_time_to_be_read_is_found() {
    let slow = Fault::on_read(1).late_by(secs(1.0));
    broken(laws::only_waiting_takes_time(), move |lab| {
        lab.device("det").fault(slow.clone());
        let det = lab.device("det");
        plan(async move |p| {
            p.read(&det).await?;
            p.null().await
        })
    });
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
        .with((settings(), faults(), interruptions()))
        .forgetful()
        .cases(150)
        .obey(laws::all());
}
