//! How a case is printed: as Rust code that compiles, and as a plan file; both do what the case does.

use skyspan::prelude::*;
use skyspan::program::{DeviceSpec, FaultSpec};
use skyspan::property::{GeneratedPlan, Interrupt, Interruption, Moment, Op, OpKind, Scenario};
#[cfg(feature = "plan-files")]
use skyspan::property::{callbacks, recorded_interruptions};
use skyspan::value::Value;

/// Whether two runs left the same messages, documents and spans.
pub(super) fn same(one: &Outcome, other: &Outcome) -> Result<(), skyspan::property::Broken> {
    let messages =
        |run: &Outcome| run.messages().iter().map(|msg| Value::from(msg.to_recorded()).to_string()).collect::<Vec<_>>();
    let documents = |run: &Outcome| run.documents().iter().map(|it| it.to_recorded().to_string()).collect::<Vec<_>>();
    (messages(one) == messages(other)).or_fail(format!("{:#?}\n{:#?}", messages(one), messages(other)))?;
    (documents(one) == documents(other)).or_fail(format!("{:#?}\n{:#?}", documents(one), documents(other)))?;
    let trees = [one, other].map(|run| run.trace().draw().to_string());
    (trees[0] == trees[1]).or_fail(format!("{}\n{}", trees[0], trees[1]))
}

#[cfg(feature = "plan-files")]
#[test]
fn the_plan_file_of_a_case_does_what_the_case_does() {
    use skyspan::program::Program;
    use skyspan::property::Trial;

    let as_a_plan_file = Law::of_trial("its plan file does the same", |trial: &Trial<'_>| {
        let text = trial.to_plan_file().expect("it is a generated plan");
        // A chronicle takes the token of a subscription.
        let lab = Harness::builder().seed(trial.scenario().seed).chronicled().build();
        let file = Program::parse(&text).map_err(|error| skyspan::property::Broken::new(format!("{error}\n{text}")))?;
        let ran = lab.run_program(&file).map_err(|error| skyspan::property::Broken::new(format!("{error}\n{text}")))?;
        let run = ran.last_call().expect("it is a call");
        (run.exit_status() == trial.run().exit_status()).or_fail(format!("it ended with {}", run.exit_status()))?;
        same(trial.run(), run)
    });
    let circumstances = || (settings(), faults(), interruptions(), callbacks(), recorded_interruptions());
    for_all(plans()).with(circumstances()).forgetful().cases(200).obey(as_a_plan_file.clone());
    for_all(messages()).with(circumstances()).forgetful().cases(100).obey(as_a_plan_file);
}

/// A case that has a little of everything, printed.
fn printed() -> (String, Outcome) {
    fn op<const N: usize>(kind: OpKind, numbers: [u8; N]) -> Op {
        Op::new(kind, numbers)
    }
    let program = GeneratedPlan::well_formed([
        op(OpKind::Staged, [0, 1]),
        op(OpKind::Run, []),
        op(OpKind::Span, [0]),
        op(OpKind::Checkpoint, []),
        op(OpKind::Set, [0, 3, 1]),
        op(OpKind::WaitAtMost, [1, 4]),
        op(OpKind::Wait, [1]),
        op(OpKind::Monitor, [0, 2]),
        op(OpKind::Event, [0, 0, 0]),
        op(OpKind::OpenRun, [1]),
        op(OpKind::FailRun, [1]),
        op(OpKind::Kickoff, [0, 1, 2]),
        op(OpKind::End, []),
        op(OpKind::Finalize, [1]),
        op(OpKind::Catch, []),
        op(OpKind::MoveBy, [1, 2]),
        op(OpKind::End, []),
        op(OpKind::End, []),
        op(OpKind::End, []),
        op(OpKind::End, []),
        op(OpKind::Repeat, [0]),
        op(OpKind::Scan, [0, 0, 2, 1]),
    ]);
    let scenario = Scenario {
        seed: 7,
        devices: vec![DeviceSpec::new("SynAxis", "motor").with("delay", 0.5)],
        faults: vec![FaultSpec::new("motor1", Fault::on_set(1).fails_after(secs(0.1), "injected fault"))],
        interruptions: vec![Interruption {
            when: Moment::Message(6, secs(0.05)),
            what: Interrupt::Pause(skyspan::harness::Decision::resume().after(secs(1.0))),
        }],
        ..Scenario::default()
    };
    let trial = program.try_in(scenario);
    (trial.to_rust(), trial.run().clone())
}

#[test]
fn the_rust_code_of_a_case_compiles_and_does_what_the_case_does() {
    let (code, of_case) = printed();
    assert_eq!(format!("{{\n{code}(lab, run)\n}}\n"), include_str!("printed_plan.rs"));
    let (_, of_code): (Harness, Outcome) = include!("printed_plan.rs");
    assert!(same(&of_case, &of_code).is_ok(), "{:?}", same(&of_case, &of_code));
}

#[test]
fn a_report_has_all_that_one_needs() {
    let never = Law::of_run("nothing fails", |run: &Outcome| {
        (run.exit_status() != Fail).or_fail(format!("it failed: {}", run.result().reason))
    });
    let found = for_all(plans().only([OpKind::OpenRun, OpKind::Set]))
        .with(faults().on(["motor"]).only([skyspan::property::FaultClass::Raises]))
        .forgetful()
        .try_obey(never)
        .expect_err("some set raises");
    assert_eq!(found.to_string(), REPORT.trim_start());
}

const REPORT: &str = r#"
a law does not hold: nothing fails
it failed: injected fault

the shortest plan, 1 message:

    use skyspan::value::Value;
    let lab = Harness::new();
    lab.device("motor").fault(Fault::on_set(1).raises("injected fault"));
    let motor = lab.device("motor");
    let run = lab.run(plan(async move |p| {
        p.abs_set(&motor, 0).await?;
        p.wait(Value::Null).await?;
        Ok(())
    }).named("messages"));

as a plan file, for `skyspan run --seed 0`:

    faults:
      - {device: motor, kind: raise, message: injected fault}
    items:
      - item_type: messages
        messages:
          - {command: set, obj: motor, args: [0], kwargs: {group: null}}
          - {command: wait, kwargs: {group: null, error_on_timeout: true, timeout: null, watch: []}}

its trace:

    1 span, 0 s, 1 failed, from 2024-06-18 08:40:56 UTC
    ✗ 0 s  Bluesky RunEngine set  0 s  DeviceFault: injected fault  msg.obj=motor msg.args=[0]

case 35 of seed 0, of which 19 simpler ones were tried; again with .seed(0).case(35)
"#;
