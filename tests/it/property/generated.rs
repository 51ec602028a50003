//! What is generated: well-formed plans go well, whatever of them is left out; messages may be anything.

use proptest::strategy::ValueTree as _;
use skyspan::prelude::*;
use skyspan::property::{GeneratedPlan, Op, OpKind, Source as _, every_sequence};

/// The program of a case.
fn program(source: &impl skyspan::property::Source<Value = GeneratedPlan>, case: u64) -> GeneratedPlan {
    source.case(0, case).expect("there is a case").current()
}

fn op(kind: OpKind, numbers: impl IntoIterator<Item = u8>) -> Op {
    Op::new(kind, numbers)
}

#[test]
fn a_well_formed_plan_succeeds_where_nothing_goes_wrong() {
    // A plan that fails by itself, or has no way back to a checkpoint, does not.
    let plans = plans().without([OpKind::Raise, OpKind::ClearCheckpoint]);
    for_all(plans).forgetful().cases(400).check(|lab, program| {
        lab.on_pause(std::iter::repeat_n(Decision::resume(), 50));
        lab.run(program.plan(lab)).assert_success();
    });
}

#[test]
fn a_part_of_a_well_formed_plan_is_well_formed() {
    let whole = program(&plans().of(20..=20).without([OpKind::Raise, OpKind::ClearCheckpoint]), 3);
    for left_out in 0..whole.ops().len() {
        let ops = whole.ops().iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, op)| *op);
        let (lab, part) = (Harness::new(), GeneratedPlan::well_formed(ops));
        lab.on_pause(std::iter::repeat_n(Decision::resume(), 50));
        lab.run(part.plan(&lab)).assert_success();
    }
}

#[test]
fn what_does_not_apply_is_left_out() {
    let nothing = [
        op(OpKind::CloseRun, []),
        op(OpKind::Save, []),
        op(OpKind::Unstage, [1]),
        op(OpKind::Event, []),
        op(OpKind::Collect, []),
        op(OpKind::End, []),
    ];
    assert!(GeneratedPlan::well_formed(nothing).is_empty());
    assert_eq!(GeneratedPlan::verbatim(nothing).len(), 7, "an event is create, read and save");
}

#[test]
fn what_was_begun_is_ended() {
    let begun = [
        op(OpKind::OpenRun, [1]),
        op(OpKind::Stage, [0]),
        op(OpKind::Set, [0, 3, 1]),
        op(OpKind::Kickoff, [1, 0, 0]),
        op(OpKind::Create, [1]),
        op(OpKind::Read, [1, 0]),
    ];
    let program = GeneratedPlan::well_formed(begun);
    let end: Vec<String> = program.to_string().lines().skip(begun.len()).map(str::to_owned).collect();
    assert_eq!(
        end,
        [
            "save(run='a')",
            "complete(trivial_flyer, group='g', run='a')",
            "wait(group='g', error_on_timeout=True, timeout=None, watch=[])",
            "wait(group=None, error_on_timeout=True, timeout=None, watch=[])",
            "collect(trivial_flyer, run='a')",
            "close_run(exit_status=None, reason=None, run='a')",
            "unstage(det)",
        ]
    );
    let lab = Harness::new();
    lab.run(program.plan(&lab)).assert_success();
}

#[test]
fn messages_may_be_anything_and_the_engine_is_idle_afterwards() {
    let mut failures = 0;
    for case in 0..200 {
        let (lab, program) = (Harness::new(), program(&messages(), case));
        lab.on_pause(std::iter::repeat_n(Decision::resume(), 50));
        let run = lab.run(program.plan(&lab));
        failures += usize::from(run.exit_status() == Fail);
        assert_eq!(lab.state(), RunEngineState::Idle, "{program}");
    }
    assert!(failures > 50, "only {failures} of 200 sequences of messages have something illegal in them");
}

#[test]
fn the_same_seed_and_number_give_the_same_program() {
    let plans = plans();
    assert_eq!(program(&plans, 17), program(&plans, 17));
    assert_ne!(program(&plans, 17), program(&plans, 18));
}

#[test]
fn a_strategy_is_one_of_proptest() {
    let config = proptest::test_runner::Config { cases: 20, failure_persistence: None, ..Default::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let strategies = (plans().up_to(5), faults(), interruptions(), settings());
    let run = runner.run(&strategies, |(program, faults, interruptions, devices)| {
        assert!(program.ops().len() <= 5 && faults.len() <= 2 && interruptions.len() <= 2 && devices.len() <= 6);
        Ok(())
    });
    run.expect("all that is generated is within its bounds");
}

#[test]
fn only_what_is_wanted_is_generated() {
    let kinds = [OpKind::Null, OpKind::Sleep];
    let some = plans().only(kinds);
    for case in 0..50 {
        assert!(program(&some, case).ops().iter().all(|op| kinds.contains(&op.kind())));
    }
    let none = plans().without(OpKind::ALL.iter().copied());
    assert!(program(&none, 0).is_empty(), "nothing is left to be generated");
}

#[test]
fn every_sequence_comes_once_and_the_short_ones_first() {
    let all = every_sequence([OpKind::Null, OpKind::Checkpoint, OpKind::ClearCheckpoint], 3);
    let count = all.count().expect("there is an end of them");
    assert_eq!(count, 1 + 3 + 9 + 27);
    let programs: Vec<Vec<Op>> = (0..count).map(|case| program(&all, case).ops().to_vec()).collect();
    assert!(programs.is_sorted_by_key(Vec::len));
    let distinct: std::collections::HashSet<&Vec<Op>> = programs.iter().collect();
    assert_eq!(distinct.len(), programs.len());
    assert!(all.case(0, count).is_none());
}

#[test]
fn every_short_sequence_of_pauses_and_checkpoints_obeys_all_laws() {
    let alphabet = [OpKind::Checkpoint, OpKind::ClearCheckpoint, OpKind::Pause, OpKind::Rewindable];
    for_all(every_sequence(alphabet, 3)).forgetful().obey(laws::all());
}
