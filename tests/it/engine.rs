//! The engine: what each message does, what documents and spans come of it, and how it cleans up.

use skyspan::engine::CallOptions;
use skyspan::expect::{Expectation, event, json};
use skyspan::message::{CloseRun, Command, GenericMsg, Wait};
use skyspan::prelude::*;
use skyspan::trace::Status;
use skyspan::value::Value;
use skyspan::value::{Text, to_json};

fn names(run: &Outcome) -> Vec<&'static str> {
    run.documents().iter().map(Document::name).collect()
}

/// A plan of bare messages, and the error that comes out of it.
#[track_caller]
fn refused(messages: &[&str], error: &str) {
    let lab = Harness::new();
    let messages: Vec<Msg> = messages.iter().map(|command| message(&lab, command)).collect();
    let run = lab.run(plan(async move |p| {
        for message in messages {
            p.msg(message).await?;
        }
        Ok(())
    }));
    let found = run.exception().map(|error| format!("{}: {error}", error.name()));
    assert_eq!(found.as_deref(), Some(error));
    lab.run(plans::count(&lab.device("det"), 1)).assert_success();
}

/// A message by name, about the detector where it is about a device.
fn message(lab: &Harness, command: &str) -> Msg {
    let (command, device) = command.split_once(' ').unwrap_or((command, ""));
    let obj = (!device.is_empty()).then(|| (&lab.device(device)).into());
    let kwargs = if command == "create" { vec![("name".into(), "primary".into())] } else { Vec::new() };
    GenericMsg { command: command.into(), obj, args: Vec::new(), kwargs }.into_msg(Value::Null)
}

#[test]
fn messages_that_make_no_sense_are_refused_and_the_engine_is_as_good_as_before() {
    refused(
        &["create"],
        "IllegalMessageSequence: Cannot bundle readings without an open run. That is, 'create' must be preceded by \
         'open_run'.",
    );
    refused(
        &["open_run", "open_run"],
        "IllegalMessageSequence: A 'close_run' message was not received before the 'open_run' message",
    );
    refused(
        &["close_run"],
        "IllegalMessageSequence: A 'close_run' message was not received before the 'open_run' message",
    );
    refused(
        &["open_run", "create", "create"],
        "IllegalMessageSequence: A second 'create' message is not allowed until the current event bundle is closed with \
         a 'save' or 'drop' message.",
    );
    refused(
        &["open_run", "create", "save", "save"],
        "IllegalMessageSequence: A 'create' message must be sent, to open an event bundle, before that bundle can be \
         saved with 'save'.",
    );
    refused(
        &["open_run", "drop"],
        "IllegalMessageSequence: A 'create' message must be sent, to open an event bundle, before that bundle can be \
         dropped with 'drop'.",
    );
    refused(
        &["open_run", "create", "checkpoint"],
        "IllegalMessageSequence: Cannot 'checkpoint' after 'create' and before 'save'. Aborting!",
    );
    refused(&["nonsense"], "InvalidCommand: nonsense: no such command is registered; see RunEngine's commands");
    refused(&["monitor"], "IllegalMessageSequence: A 'monitor' message was sent but no run is open.");
    refused(
        &["set det"],
        "AssertionError: SynGauss(prefix='', name='det', read_attrs=['val'], configuration_attrs=['Imax', 'center', \
         'sigma', 'noise', 'noise_multiplier']) does not implement all Movable methods",
    );
    refused(&["open_run", "create", "read det", "read identical_det"], {
        "ValueError: Data keys (field names) from SynGauss(prefix='', name='det', read_attrs=['val'], \
         configuration_attrs=['Imax', 'center', 'sigma', 'noise', 'noise_multiplier']) collide with those from \
         SynGauss(prefix='', name='det', read_attrs=['val'], configuration_attrs=['Imax', 'center', 'sigma', 'noise', \
         'noise_multiplier']). The colliding keys are {'det'}"
    });
    refused(
        &["open_run", "create", "read det", "save", "create", "read motor", "save"],
        "RuntimeError: Mismatched objects read, expected {det}, got {motor}",
    );
}

#[test]
fn an_error_is_thrown_into_the_plan_which_may_catch_it() {
    let lab = Harness::new();
    let run = lab.run(plan(async |p| {
        let error = p.save().await.unwrap_err();
        assert_eq!(error.name(), "IllegalMessageSequence");
        let error = p.msg(Command::Custom(Box::default())).await.unwrap_err();
        assert_eq!(error.name(), "InvalidCommand");
        Ok("went on")
    }));
    run.assert_success();
    assert_eq!(run.plan_result(), Some(&Value::from("went on")));
}

#[test]
fn an_empty_bundle_and_a_dropped_one_leave_no_event() {
    let lab = Harness::new();
    let det = lab.device("det");
    let run = lab.run(preprocessors::run_wrapper(
        plan(async move |p| {
            p.create("primary").await?;
            p.save().await?;
            p.create("primary").await?;
            p.read(&det).await?;
            p.drop().await?;
            p.create("primary").await?;
            p.read(&det).await?;
            p.save().await
        }),
        Map::new(),
    ));
    assert_eq!(names(&run), ["start", "descriptor", "event", "stop"]);
    assert_eq!(run.events().next().unwrap().seq_num, 1);
}

#[test]
fn what_the_call_says_goes_before_the_message_before_the_plan_before_the_engine() {
    let lab = Harness::builder().md([("a", 1), ("b", 1), ("c", 1), ("plan_name", 1)]).build();
    let md = Map::from_iter([("b", 2), ("c", 2)]);
    let options = CallOptions { md: Map::from_iter([("c", 3)]), ..CallOptions::default() };
    let run = lab.run_with(preprocessors::run_wrapper(plan(async |p| p.null().await).named("mine"), md), options);
    let Document::Start(start) = &run.documents()[0] else { panic!("a run begins with its start") };
    let metadata = &start.metadata;
    let found = ["a", "b", "c", "plan_name", "scan_id"].map(|key| metadata.get(key).cloned().unwrap_or_default());
    assert_eq!(found, [1.into(), 2.into(), 3.into(), "mine".into(), 1.into()]);
}

#[test]
fn a_scan_id_goes_up_with_every_run() {
    let lab = Harness::new();
    let scan_id = |run: &Outcome| match &run.documents()[0] {
        Document::Start(start) => start.metadata.get("scan_id").cloned(),
        _ => None,
    };
    for expected in 1..4 {
        assert_eq!(scan_id(&lab.run(plans::count(&lab.device("det"), 1))), Some(Value::from(expected)));
    }
}

#[test]
fn metadata_that_no_document_can_hold_is_refused() {
    for (md, error) in [
        (Map::from_iter([("a.b", 1)]), "ValidationError"),
        (Map::from_iter([("a/b", 1)]), "ValidationError"),
        (Map::from_iter([("sample", 1)]), "ValueError"),
    ] {
        let run = Harness::new().run(preprocessors::run_wrapper(plan(async |p| p.null().await), md));
        assert_eq!(run.exception().unwrap().name(), error);
        assert_eq!((names(&run).len(), run.trace().len()), (0, 0), "a run that was refused leaves nothing");
    }
}

#[test]
fn a_run_that_the_plan_leaves_open_is_closed_with_how_the_plan_ended() {
    let left_open = |error: Option<PlanError>| {
        Harness::new().run(plan(async move |p| {
            p.open_run(Map::new()).await?;
            error.map_or(Ok(()), Err)
        }))
    };
    for (error, exit_status, reason, exception) in [
        (None, Success, "", None),
        (Some(PlanError::RequestStop), Success, "", None),
        (Some(PlanError::RequestAbort), Abort, "", None),
        (Some(plan_error!("dark")), Fail, "dark", Some("RuntimeError")),
    ] {
        let run = left_open(error);
        let Some(Document::Stop(stop)) = run.documents().last() else { panic!("a run ends with its stop") };
        assert_eq!((stop.exit_status, &*stop.reason, run.exit_status()), (exit_status, reason, exit_status));
        assert_eq!(run.exception().map(|error| error.name().to_string()).as_deref(), exception);
        run.assert(one(span("Bluesky RunEngine run").exit_status(exit_status).reason(reason).ended()));
    }
}

/// Two runs at once, and what their spans must be.
pub(crate) fn interleaved_runs() -> (Outcome, impl Expectation) {
    let lab = Harness::new();
    let det = lab.device("det");
    let run = lab.run(plan(async move |p| {
        for key in ["a", "b"] {
            p.msg(Msg::open_run(Map::from_iter([("key", key)])).with_run(key)).await?;
        }
        for key in ["a", "b", "a"] {
            p.msg(Msg::from(Command::Create { name: Text::literal("primary") }).with_run(key)).await?;
            p.msg(Msg::read(&det).with_run(key)).await?;
            p.msg(Msg::from(Command::Save).with_run(key)).await?;
        }
        let close = CloseRun { exit_status: Some("fail".into()), reason: Some("dark".into()) };
        let close = Command::CloseRun(close.into());
        p.msg(Msg::from(close).with_run("a")).await?;
        p.msg(Msg::from(Command::CloseRun(Box::default())).with_run("b")).await.map(drop)
    }));
    let run_of =
        |key: &str| span("Bluesky RunEngine run").attr("msg.kwargs", json().is(Map::from_iter([("key", key)])));
    let expected = forest([
        run_of("a").exit_status(Fail).reason("dark").ended(),
        run_of("b").exit_status(Success).reason("").ended(),
    ]);
    (run, expected)
}

#[test]
fn interleaved_runs_each_have_their_own_documents_and_their_own_end() {
    let (run, expected) = interleaved_runs();
    run.assert_success();
    let numbers: Vec<u64> = run.events().map(|event| event.seq_num).collect();
    assert_eq!(numbers, [1, 1, 2]);
    run.assert(expected);
}

#[test]
fn a_status_that_fails_is_thrown_at_the_plan_whatever_it_does_then() {
    let lab = Harness::new();
    let stalls = lab.add(SynAxis::new("stalls").fault(Fault::on_set(1).fails_after(Duration::from_millis(100), "ice")));
    let run = lab.run(plan(async move |p| {
        p.abs_set(&stalls, 1).await?;
        p.sleep(0.5).await
    }));
    let error = run.exception().unwrap();
    assert_eq!(error.name(), "FailedStatus");
    assert!(error.to_string().ends_with("failed: ice"), "{error}");
    assert_eq!(run.duration(), Duration::from_millis(500), "a sleep is not cut short");
}

#[test]
fn a_wait_is_cut_short_by_a_failure_but_not_by_a_failure_of_a_group_that_it_does_not_watch() {
    let lab = Harness::new();
    let slow = lab.add(SynAxis::new("slow").delay_s(2.0));
    for (watch, duration_s) in [(vec![], 2), (vec![Value::from("b")], 1)] {
        let (slow, bad) = (
            slow.clone(),
            lab.add(SynAxis::new("bad").fault(Fault::on_set(1).fails_after(Duration::from_secs(1), "ice"))),
        );
        let run = lab.run(plan(async move |p| {
            p.abs_set_in(&slow, 1, "a").await?;
            p.abs_set_in(&bad, 1, "b").await?;
            p.wait_with(Wait { group: "a".into(), watch: Some(watch.into()), ..Wait::default() }).await
        }));
        assert_eq!(run.exception().unwrap().name(), "FailedStatus");
        assert_eq!(run.duration(), Duration::from_secs(duration_s));
    }
}

#[test]
fn a_group_whose_time_was_up_can_be_waited_for_again() {
    let lab = Harness::new();
    let slow = lab.add(SynAxis::new("slow").delay_s(1.0));
    let run = lab.run(plan(async move |p| {
        p.abs_set_in(&slow, 1, "g").await?;
        let impatient = Wait { group: "g".into(), timeout_s: Some(Some(0.25)), ..Wait::default() };
        let error = p.wait_with(impatient.clone()).await.unwrap_err();
        assert_eq!(error.name(), "WaitForTimeoutError");
        assert!(!p.wait_with(Wait { error_on_timeout: Some(false), ..impatient.clone() }).await?);
        assert!(p.wait("g").await?);
        assert!(p.wait("g").await?, "a group that is not there is done");
        p.wait("never heard of").await
    }));
    run.assert_success();
    assert_eq!(run.duration(), Duration::from_secs(1));
    let wait = || span("Bluesky RunEngine wait");
    run.assert(one(wait().status_description(glob("WaitForTimeoutError: *"))));
    run.assert(every(wait().status_error()).before(every(wait().status(Status::Unset))));
    run.assert(exactly(5, wait()));
}

#[test]
fn what_was_moved_is_stopped_and_what_was_staged_is_unstaged_in_the_end() {
    let lab = Harness::new();
    let motor = lab.device("motor");
    let staged = motor.clone();
    let run = lab.run(plan(async move |p| {
        p.stage(&staged).await?;
        Err::<(), _>(plan_error!("trouble"))
    }));
    assert_eq!(run.exit_status(), Fail);
    assert_eq!(run.result().cleanup_errors, Vec::<Text>::new());
    lab.run(plan(async move |p| p.stage(&motor).await)).assert_success();
}

/// A set that raises within a span of the plan, and what the two spans must be.
pub(crate) fn set_that_raises() -> (Outcome, impl Expectation) {
    let lab = Harness::new();
    let refuses = lab.add(SynAxis::new("refuses").fault(Fault::on_set(1).raises("out of range")));
    let run = lab.run(plan(async move |p| p.trace("move", async |p| p.mv(&refuses, 1).await).await));
    let raised = event("exception").attr("exception.type", "DeviceFault").attr("exception.message", "out of range");
    let failed =
        |name: &'static str| span(name).status(Status::error("DeviceFault: out of range")).events([raised.clone()]);
    (run, forest([failed("move").children([failed("Bluesky RunEngine set")])]))
}

#[test]
fn a_set_that_raises_marks_its_span_and_records_the_exception() {
    let (run, expected) = set_that_raises();
    run.assert(expected);
}

/// A run in the nested convention, and what its tree must be.
pub(crate) fn nested_run() -> (Outcome, impl Expectation) {
    let lab = Harness::builder().convention(SpanConvention::Nested).build();
    let (det, motor) = (lab.device("det"), lab.device("motor"));
    let run = lab.run(preprocessors::run_wrapper(
        preprocessors::trace_plan(
            "align",
            plan(async move |p| {
                p.mv(&motor, 1).await?;
                p.trigger_and_read(&det, "primary").await?;
                p.sleep(1.0).await
            }),
        ),
        Map::new(),
    ));
    let engine = |command: &str| span(format!("Bluesky RunEngine {command}"));
    let status = |device: &str| span("Ophyd Status").attr("device_name", device);
    let align = span("align").children_in_order([
        engine("set").children([status("motor")]),
        engine("wait"),
        engine("trigger").children([status("det")]),
        engine("wait"),
        engine("read"),
        engine("sleep").lasting(secs(1.0)..=secs(1.0)),
    ]);
    let uid = &*run.result().run_start_uids[0];
    let expected = forest([engine("run").attr("run.scan_id", 1).attr("run.uid", uid).children([align])]);
    (run, expected)
}

#[test]
fn in_the_nested_convention_all_of_a_run_hangs_under_its_span() {
    let (run, expected) = nested_run();
    run.assert_success();
    run.assert(expected);
}

#[test]
fn events_hold_what_was_read_and_descriptors_what_describes_it() {
    let lab = Harness::new();
    let run = lab.run(plans::scan(&lab.device("det"), &lab.device("motor"), 0, 1, 2));
    let values: Vec<_> =
        run.events().map(|event| [event.get("det"), event.get("motor")].map(Option::unwrap).map(to_json)).collect();
    assert_eq!(values, [["1.0", "0.0"], ["0.6065306597126334", "1.0"]]);
    let Document::Descriptor(descriptor) = &run.documents()[1] else { panic!("a stream is described first") };
    assert_eq!(
        to_json(&Value::from(run.documents()[1].to_map().get("data_keys").and_then(Value::as_map).unwrap().clone())),
        r#"{"det": {"source": "SIM:det", "dtype": "number", "shape": [], "precision": 3, "object_name": "det"}, "motor": {"source": "SIM:motor", "dtype": "number", "shape": [], "precision": 3, "object_name": "motor"}, "motor_setpoint": {"source": "SIM:motor_setpoint", "dtype": "number", "shape": [], "precision": 3, "object_name": "motor"}}"#
    );
    assert!(run.events().all(|event| event.descriptor == descriptor.uid));
}

#[test]
fn a_plan_that_awaits_something_foreign_is_told_so() {
    let lab = Harness::new();
    let clock = lab.clock().clone();
    let run = lab.run(plan(async move |p| {
        p.null().await?;
        clock.sleep(Duration::from_secs(1)).await;
        p.null().await
    }));
    assert_eq!(run.exception(), Some(&PlanError::ForeignAwait));
    assert_eq!(run.messages().len(), 1);
}

#[test]
fn a_call_that_is_left_by_a_panic_leaves_nothing_open_for_the_next() {
    let lab = Harness::new();
    let motor = lab.device("motor");
    let staged = motor.clone();
    let panics = preprocessors::stage_wrapper(
        preprocessors::run_wrapper(
            plan(async |p| {
                p.null().await?;
                if p.env().clock.is_simulated() {
                    panic!("a wrong assertion");
                }
                Ok(())
            }),
            Map::new(),
        ),
        &staged,
    );
    let left = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| lab.run(panics)));
    assert!(left.is_err(), "a panic of a plan goes on to the test");
    let run = lab.run(plan(async move |p| p.stage(&motor).await));
    run.assert_success();
    assert_eq!((run.documents().len(), run.trace().len()), (0, 0));
    lab.trace().assert(one(span("Bluesky RunEngine run").exit_status(Fail).ended()));
}

#[test]
fn a_hook_of_the_user_stands_beside_the_recording_of_the_harness() {
    let lab = Harness::new();
    let (send, receive) = std::sync::mpsc::channel();
    lab.with_engine(|engine| engine.set_msg_hook(move |msg| send.send(msg.command().to_owned()).unwrap()));
    let run = lab.run(plan(async |p| p.null().await));
    assert_eq!(receive.try_iter().collect::<Vec<_>>(), ["null"]);
    assert_eq!(run.messages().len(), 1);
}

#[test]
fn a_sleep_without_end_is_a_deadlock() {
    let run = Harness::new().run(plan(async |p| p.sleep(f64::INFINITY).await));
    assert_eq!(run.exception().unwrap().name(), "Deadlock");
    assert_eq!(run.duration(), Duration::ZERO);
}
