//! The search finds what does not hold, and hands back the shortest plan.

use skyspan::prelude::*;
use skyspan::property::{Counterexample, FaultClass, InterruptClass, OpKind, every_sequence};

/// A law that forbids a sequence of commands, others between them or not.
fn never(commands: &'static [&'static str]) -> Law {
    Law::of_run("never this", |run: &Outcome| {
        let mut left = commands.iter();
        let mut next = left.next();
        for msg in run.messages() {
            if next.is_some_and(|next| msg.command() == *next) {
                next = left.next();
            }
        }
        next.is_some().or_fail("it came")
    })
}

fn found_in(law: Law, seed: u64) -> Box<Counterexample> {
    for_all(plans()).forgetful().seed(seed).cases(2000).try_obey(law).expect_err("such a plan is found")
}

#[track_caller]
fn shrinks_to(commands: &'static [&'static str], messages: usize) {
    for seed in 0..10 {
        let found = found_in(never(commands), seed);
        assert!(found.messages() <= messages, "seed {seed}: {} messages\n{found}", found.messages());
    }
}

#[test]
fn what_it_finds_is_as_short_as_can_be_whatever_the_seed() {
    shrinks_to(&["set"], 2);
    shrinks_to(&["save"], 5);
    shrinks_to(&["stage", "trigger"], 4);
    shrinks_to(&["open_run", "open_run"], 4);
    shrinks_to(&["kickoff", "collect"], 7);
    shrinks_to(&["checkpoint", "pause", "set"], 5);
}

#[test]
fn a_plan_that_is_the_shortest_of_all_sequences_is_found_by_chance_too() {
    let law = || never(&["checkpoint", "sleep", "checkpoint"]);
    let all = for_all(every_sequence([OpKind::Checkpoint, OpKind::Sleep], 4)).forgetful().try_obey(law()).err();
    let by_chance = found_in(law(), 3);
    assert_eq!(all.expect("it is among them").plan(), by_chance.plan());
    assert_eq!(by_chance.plan(), "checkpoint()\nsleep(0.0)\ncheckpoint()\n");
}

#[test]
fn circumstances_that_have_nothing_to_do_with_it_are_left_out() {
    let found = for_all(plans())
        .with((settings(), faults(), interruptions()))
        .forgetful()
        .try_obey(never(&["open_run"]))
        .expect_err("some plan opens a run");
    assert_eq!(found.rust(), format!("{}\n", LAB_WITH_A_RUN.trim()));
}

const LAB_WITH_A_RUN: &str = r#"
let lab = Harness::new();
let run = lab.run(plan(async move |p| {
    p.open_run(Map::new()).await?;
    p.close_run().await?;
    Ok(())
}).named("messages"));
"#;

#[test]
fn circumstances_that_have_to_do_with_it_are_kept() {
    let aborted = Law::of_run("nothing is aborted", |run: &Outcome| (run.exit_status() != Abort).or_fail("it was"));
    let found = for_all(plans().without([OpKind::ClearCheckpoint]))
        .with(interruptions().only([InterruptClass::Abort]))
        .with(faults())
        .forgetful()
        .try_obey(aborted)
        .expect_err("some plan is aborted");
    assert!(found.rust().contains("lab.at_message(1).abort(\"beam lost\");"), "{found}");
    assert!(found.messages() == 1 && !found.rust().contains("fault"), "{found}");
}

#[test]
fn a_fault_is_found_with_the_device_and_the_call_that_it_takes() {
    let failed = Law::of_run("no status fails", |run: &Outcome| {
        let exception = run.exception().map(PlanError::name);
        (exception.as_deref() != Some("FailedStatus")).or_fail("one did")
    });
    let found =
        for_all(plans()).with(faults().only([FaultClass::Fails])).forgetful().try_obey(failed).expect_err("one fails");
    assert!(found.messages() <= 2, "{found}");
    assert_eq!(found.rust().matches("fails_after").count(), 1, "{found}");
}

#[test]
fn arguments_of_ones_own_plan_are_made_as_simple_as_can_be() {
    let found = for_all((0..50_i64, 1..40_u64))
        .forgetful()
        .plan(|lab, &(to, points)| plans::scan(&lab.device("det"), &lab.device("motor"), 0, to, points))
        .try_obey(Law::of_run("less than five events", |run: &Outcome| {
            (run.events().count() < 5).or_fail("five or more")
        }))
        .expect_err("some scan has more");
    assert_eq!(found.plan(), "(\n    0,\n    5,\n)");
}

#[test]
fn a_check_may_panic_and_is_told_with_its_message() {
    let found =
        for_all(0..100_u64).forgetful().try_check(|_, number| assert!(*number < 40, "{number} is too large")).err();
    let found = found.expect("there are larger ones");
    assert_eq!((found.plan(), found.why()), ("40", "40 is too large"));
}

#[test]
fn a_plan_that_panics_is_told_as_a_case() {
    let found = for_all(0..100_u64)
        .forgetful()
        .plan(|_, number| {
            let number = *number;
            plan(async move |p| {
                p.null().await?;
                assert!(number < 40, "{number} is too large");
                Ok(())
            })
        })
        .try_obey(laws::engine_is_idle())
        .expect_err("there are larger ones");
    assert_eq!((found.plan(), found.why(), found.law()), ("40", "40 is too large", None));
}

#[test]
fn a_check_gets_a_lab_of_its_own_with_the_circumstances_in_it() {
    for_all(1..4_u64)
        .with(interruptions().only([InterruptClass::Abort]).within_messages(1).at_most(1))
        .lab(|lab| drop(lab.add(SynAxis::new("stage").delay_s(1.0))))
        .forgetful()
        .cases(40)
        .check(|lab, points| {
            let run = lab.run(plans::scan(&lab.device("det"), &lab.device("stage"), 0, 1, *points));
            let events = u64::try_from(run.events().count())?;
            (events == *points || run.exit_status() == Abort).or_fail("neither complete nor aborted")
        });
}

#[test]
fn one_case_can_be_looked_at_again() {
    let search = || for_all(plans()).with(faults()).forgetful();
    let found = search().try_obey(never(&["set", "wait"])).expect_err("some plan does");
    let again =
        search().seed(found.seed()).case(found.case()).try_obey(never(&["set", "wait"])).expect_err("it is the same");
    assert_eq!(found.to_string(), again.to_string());
}

#[test]
fn a_law_that_does_not_apply_says_nothing() {
    let never = Law::of_run("never", |_: &Outcome| false.or_fail("always wrong"));
    let nowhere = never.clone().only_where(|_| false);
    for_all(plans()).forgetful().cases(20).obey(nowhere);
    assert!(for_all(plans()).forgetful().cases(20).try_obey(never).is_err());
}

#[test]
fn laws_and_expectations_go_together() {
    let waits =
        Law::of_trace("waits are short", every(span("Bluesky RunEngine wait")).lasting(..=secs(60.0)).or_none());
    for_all(plans()).with(settings()).forgetful().cases(50).obey([laws::all(), waits]);
}
