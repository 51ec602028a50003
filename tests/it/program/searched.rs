//! What a search makes: whatever programs know, written and run in each of its forms.

use std::collections::BTreeSet;

use skyspan::prelude::*;
use skyspan::program::{Step, Vocabulary};
use skyspan::property::{GeneratedPlan, Op, OpKind, Source as _, every_sequence};
use skyspan::proptest::strategy::ValueTree as _;

/// All steps in a list of them, those within others too.
fn all_steps(steps: &[Step]) -> Vec<&Step> {
    steps.iter().flat_map(|step| std::iter::once(step).chain(step.bodies().into_iter().flat_map(all_steps))).collect()
}

/// The names of the plans and preprocessors that a search makes of these operations, each alone.
fn made(kind: OpKind, make: impl Fn(Op) -> GeneratedPlan) -> BTreeSet<String> {
    let of_number = |which: u8| {
        let steps = make(Op::new(kind, [which, 1, 1, 2])).steps();
        let names = all_steps(&steps).into_iter().filter_map(|step| match step {
            Step::Plan { name, .. } | Step::Wrap { name, .. } => Some(name.value.clone()),
            _ => None,
        });
        names.collect::<Vec<_>>()
    };
    (0..=u8::MAX).flat_map(of_number).collect()
}

#[test]
fn a_search_makes_all_plans_and_stubs() {
    let made = made(OpKind::Plan, |op| GeneratedPlan::verbatim([op]));
    let all = Vocabulary::plans().iter().chain(Vocabulary::stubs());
    let lacking: Vec<&str> = all.map(|it| it.name).filter(|name| !made.contains(*name)).collect();
    assert_eq!(lacking, Vec::<&str>::new());
}

#[test]
fn a_search_makes_all_preprocessors() {
    let mut made = made(OpKind::Wrap, |op| GeneratedPlan::verbatim([op]));
    made.extend(["finalize", "contingency"].map(str::to_owned));
    let lacking: Vec<&str> =
        Vocabulary::wrappers().iter().map(|it| it.name).filter(|name| !made.contains(*name)).collect();
    assert_eq!(lacking, Vec::<&str>::new());
}

#[test]
fn every_plan_that_a_search_makes_has_rust_code_and_a_plan_file() {
    for which in 0..128 {
        for (kind, make) in [
            (OpKind::Plan, GeneratedPlan::verbatim as fn(Vec<Op>) -> GeneratedPlan),
            (OpKind::Wrap, GeneratedPlan::verbatim),
        ] {
            let program = make(vec![Op::new(kind, [which, 1, 1, 3])]);
            let trial = program.try_in(skyspan::property::Scenario::default());
            let code = trial.to_rust();
            assert!(!code.contains("as a plan file"), "{program:?}\n{code}");
            assert!(trial.to_plan_file().is_some());
        }
    }
}

#[test]
fn every_sequence_has_every_plan_and_preprocessor_once() {
    let names = |kind: OpKind| -> BTreeSet<String> {
        let sequences = every_sequence([kind], 1).verbatim();
        let programs = (0..sequences.count().unwrap()).map(|number| sequences.case(0, number).unwrap().current());
        let steps: Vec<Step> = programs.flat_map(|program| program.steps()).collect();
        let name = |step: &Step| match step {
            Step::Plan { name, .. } | Step::Wrap { name, .. } => Some(name.value.clone()),
            _ => None,
        };
        all_steps(&steps).into_iter().filter_map(name).collect()
    };
    let plans = names(OpKind::Plan);
    for plan in Vocabulary::plans().iter().chain(Vocabulary::stubs()) {
        assert!(plans.contains(plan.name), "{}", plan.name);
    }
    let wrappers = names(OpKind::Wrap);
    for wrapper in Vocabulary::wrappers() {
        assert!(wrappers.contains(wrapper.name), "{}", wrapper.name);
    }
    let numbers = every_sequence([OpKind::Wrap], 1).count().unwrap() - 1;
    assert_eq!(numbers, 6 * 4 * wrappers.len() as u64, "each number is another");
}

#[test]
fn a_message_may_come_by_its_plan_stub() {
    let by_stub = |kind: OpKind| {
        let ops = [Op::new(OpKind::OpenRun, []), Op::new(OpKind::ByStub, []), Op::new(kind, [0, 1])];
        GeneratedPlan::verbatim(ops).steps().into_iter().nth(1).unwrap().to_string()
    };
    assert_eq!(by_stub(OpKind::Checkpoint), "checkpoint()\n");
    assert_eq!(by_stub(OpKind::Set), "abs_set(motor, 1, group=None)\n");
    assert_eq!(by_stub(OpKind::Pause), "pause()\n");
    assert_eq!(by_stub(OpKind::CloseRun), "close_run(exit_status=None, reason=None)\n");
}

#[test]
fn every_plan_of_the_table_that_may_be_part_of_a_well_formed_plan_succeeds_there() {
    let made = made(OpKind::Plan, |op| GeneratedPlan::well_formed([Op::new(OpKind::OpenRun, [1]), op]));
    assert!(made.len() > 35, "{made:?}");
    for which in 0..128 {
        for numbers in [[0, 0, 0], [1, 1, 2], [2, 2, 3]] {
            let [b, c, d] = numbers;
            let program = GeneratedPlan::well_formed([Op::new(OpKind::Plan, [which, b, c, d])]);
            let lab = Harness::new();
            lab.run(program.plan(&lab)).assert_success();
        }
    }
}
