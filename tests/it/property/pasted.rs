//! A counterexample of any kind, pasted into a test, compiles and fails as it was told.

use std::panic::{AssertUnwindSafe, catch_unwind};

use skyspan::prelude::*;
use skyspan::property::{InterruptClass, Kit, OpKind};

fn no_set() -> Law {
    Law::of_run("nothing is set", |run: &Outcome| {
        run.messages().iter().all(|msg| msg.command() != "set").or_fail("something was set")
    })
}

#[test]
fn one_of_a_furnished_lab_can_be_pasted() {
    let found = for_all(plans().kit(Kit::empty().motors(["stage"])).only([OpKind::Set]))
        .lab(|lab| {
            lab.add(SynAxis::new("stage").delay_s(0.2));
        })
        .forgetful()
        .try_obey(no_set())
        .expect_err("something is set");
    assert_eq!(format!("{{\n{}(lab, run)\n}}\n", found.rust()), include_str!("pasted_lab.rs"));
    let (_, run): (Harness, Outcome) = include!("pasted_lab.rs");
    assert_eq!(run.duration(), secs(0.2));
    assert!(run.trace().draw().to_string() == found.trace().draw().to_string());
}

#[test]
fn one_of_a_tripped_suspender_can_be_pasted() {
    let trips = |run: &Outcome| run.messages().iter().filter(|msg| msg.command() == "_start_suspender").count();
    let found = for_all(plans().only([OpKind::InstallSuspender, OpKind::Sleep]))
        .with(interruptions().only([InterruptClass::Trip]))
        .forgetful()
        .try_obey(Law::of_run("nothing is suspended", move |run: &Outcome| {
            (trips(run) == 0).or_fail("the suspender tripped")
        }))
        .expect_err("some suspender trips");
    assert_eq!(format!("{{\n{}(lab, run)\n}}\n", found.rust()), include_str!("pasted_trip.rs"));
    let (_, run): (Harness, Outcome) = include!("pasted_trip.rs");
    assert_eq!(trips(&run), 1);
    assert!(run.trace().draw().to_string() == found.trace().draw().to_string());
}

#[test]
fn one_of_plain_arguments_can_be_pasted() {
    let found = for_all((0..10_i64, 1..6_u64))
        .forgetful()
        .try_check(|lab, &(to, points)| {
            let run = lab.run(plans::scan(&lab.device("det"), &lab.device("motor"), 0, to, points));
            (run.events().count() < 3).or_fail(format!("{points} events"))
        })
        .expect_err("some scan has three points");
    assert_eq!(format!("{{\n{}}}\n", found.rust()), include_str!("pasted_check.rs"));
    let fails = catch_unwind(AssertUnwindSafe(|| include!("pasted_check.rs"))).expect_err("the check fails");
    let said = fails.downcast_ref::<String>().expect("a text");
    assert!(said.contains("3 events") && found.why().contains("3 events"), "{said}");
}

#[test]
fn one_of_a_plan_of_ones_own_can_be_pasted() {
    let found = for_all((0..10_i64, 1..6_u64))
        .forgetful()
        .plan(|lab, &(to, points)| plans::scan(&lab.device("det"), &lab.device("motor"), 0, to, points))
        .seed(3)
        .try_obey(Law::of_run("no three events", |run: &Outcome| (run.events().count() < 3).or_fail("three events")))
        .err();
    let found = found.expect("some scan has three points");
    assert_eq!(format!("{{\n{}(lab, run)\n}}\n", found.rust()), include_str!("pasted_own.rs"));
    let (_, run): (Harness, Outcome) = include!("pasted_own.rs");
    assert_eq!(run.events().count(), 3);
}
