//! How a call ends, situation by situation: what the engine says of it, the stop document, and the span of the run, which
//! always agrees with that (the outcome table of bluesky 1.15.1, with the reason of an abort kept).

use skyspan::document::RunStop;
use skyspan::message::{GenericMsg, Wait};
use skyspan::prelude::*;
use skyspan::value::Text;
use skyspan::value::Value;

/// What goes wrong, or not, in a run.
#[derive(Clone, Copy, Debug)]
enum Situation {
    Nothing,
    Raises,
    RaisesStop,
    RaisesAbort,
    RaisesHalt,
    FailsWhileWaiting,
    FailsWhileSleeping,
    FailsBeforeTheWait,
    SetRaises,
    RunsOutOfTime,
    UnknownCommand,
    ClearsItsCheckpoint,
}

use Situation::{
    ClearsItsCheckpoint, FailsBeforeTheWait, FailsWhileSleeping, FailsWhileWaiting, Nothing, Raises, RaisesAbort,
    RaisesHalt, RaisesStop, RunsOutOfTime, SetRaises, UnknownCommand,
};

/// Who asks what, from outside.
#[derive(Clone, Copy, Debug)]
enum Request {
    None,
    Paused(Decision),
    Running(Decision),
    Suspend,
}

#[derive(Clone, Copy, Debug)]
enum Decision {
    Resume,
    Abort,
    Stop,
    Halt,
}

use self::Decision::{Abort as ToAbort, Halt as ToHalt, Resume as ToResume, Stop as ToStop};
use Request::{Paused, Running, Suspend};

async fn body(p: &Stubs, situation: Situation, axis: &Device) -> Result<(), PlanError> {
    p.checkpoint().await?;
    match situation {
        Nothing => {}
        Raises => return Err(plan_error!("trouble")),
        RaisesStop => return Err(PlanError::RequestStop),
        RaisesAbort => return Err(PlanError::RequestAbort),
        RaisesHalt => return Err(PlanError::PlanHalt),
        FailsWhileWaiting => p.mv(axis, 1).await?,
        FailsWhileSleeping => {
            p.abs_set_in(axis, 1, "g").await?;
        }
        FailsBeforeTheWait => {
            p.abs_set_in(axis, 1, "g").await?;
            p.sleep(1.0).await?;
            p.wait("g").await?;
        }
        SetRaises => p.mv(axis, 2).await?,
        RunsOutOfTime => {
            p.abs_set_in(axis, 3, "g").await?;
            p.wait_with(Wait { group: "g".into(), timeout_s: Some(Some(0.1)), ..Wait::default() }).await?;
        }
        UnknownCommand => {
            let nonsense = GenericMsg { command: "nonsense".into(), ..GenericMsg::default() };
            p.msg(nonsense.into_msg(Value::Null)).await?;
        }
        ClearsItsCheckpoint => p.clear_checkpoint().await?,
    }
    p.sleep(1.0).await
}

/// What becomes of a run, in a wrapper or raw.
#[derive(Debug, Eq, PartialEq)]
struct Found {
    exception: Option<Text>,
    interrupted: bool,
    exit_status: ExitStatus,
    run: Option<(ExitStatus, Text)>,
}

fn run(situation: Situation, request: Request, is_wrapped: bool) -> Found {
    let lab = Harness::new();
    let fault = match situation {
        SetRaises => Fault::on_set(1).raises("out of range"),
        RunsOutOfTime => Fault::on_set(1).hangs(),
        _ => Fault::on_set(1).fails_after(secs(0.5), "stalled"),
    };
    let axis = lab.add(SynAxis::new("axis").fault(fault));
    match request {
        Request::None => {}
        Paused(_) => lab.at(secs(0.7)).pause(),
        Running(ToAbort) => lab.at(secs(0.7)).abort("beam lost"),
        Running(ToStop) => lab.at(secs(0.7)).stop(),
        Running(ToHalt) => lab.at(secs(0.7)).halt(),
        Running(ToResume) => lab.at(secs(0.7)).resume(),
        Suspend => lab.at(secs(0.7)).suspend_for(secs(1.0)),
    }
    let plan = if is_wrapped {
        plan(async move |p| p.in_run(Map::new(), body(&p, situation, &axis)).await)
    } else {
        plan(async move |p| {
            let uid = p.open_run(Map::new()).await?;
            body(&p, situation, &axis).await?;
            p.close_run().await?;
            Ok(uid)
        })
    };
    let mut run = lab.run(plan);
    if let Paused(decision) = request
        && run.is_paused()
    {
        run = match decision {
            ToResume => lab.resume(),
            ToAbort => lab.abort("beam lost"),
            ToStop => lab.stop(),
            ToHalt => lab.halt(),
        };
    }
    assert_eq!(run.state(), RunEngineState::Idle);
    let stops = stops(&run);
    // Each run span says what its stop document says.
    let run_span = || span("Bluesky RunEngine run");
    let said = stops.iter().map(|stop| run_span().exit_status(stop.exit_status).reason(&*stop.reason));
    run.assert(all((forest(said).or_more(), exactly(stops.len(), run_span()))));
    if !matches!(situation, RunsOutOfTime) {
        run.assert(every(any_span()).ended().or_none());
    }
    Found {
        exception: run.exception().map(PlanError::name),
        interrupted: run.interrupted(),
        exit_status: run.exit_status(),
        run: stops.first().map(|stop| (stop.exit_status, stop.reason.clone())),
    }
}

fn stops(run: &Outcome) -> Vec<&RunStop> {
    let stops = run.documents().iter().filter_map(|document| match document {
        Document::Stop(stop) => Some(&**stop),
        _ => None,
    });
    stops.collect()
}

#[track_caller]
fn ends(
    situation: Situation,
    request: Request,
    (exception, interrupted, exit_status): (Option<&str>, bool, ExitStatus),
    wrapped: (ExitStatus, &str),
    raw: (ExitStatus, &str),
) {
    for (is_wrapped, (of_run, reason)) in [(true, wrapped), (false, raw)] {
        let expected = Found {
            exception: exception.map(Text::from),
            interrupted,
            exit_status,
            run: Some((of_run, reason.into())),
        };
        assert_eq!(run(situation, request, is_wrapped), expected, "{situation:?}, {request:?}, wrapped: {is_wrapped}");
    }
}

/// Behaviour 43 of bluesky's suite: a run that is resumed or stopped is a success, one that is aborted or halted an abort.
#[test]
fn a_run_that_is_resumed_or_stopped_is_a_success_and_one_that_is_aborted_or_halted_an_abort() {
    ends(Nothing, Request::None, (None, false, Success), (Success, ""), (Success, ""));
    ends(Nothing, Paused(ToResume), (None, false, Success), (Success, ""), (Success, ""));
    ends(Nothing, Paused(ToAbort), (None, true, Abort), (Abort, "beam lost"), (Abort, "beam lost"));
    ends(Nothing, Paused(ToStop), (None, true, Success), (Success, ""), (Success, ""));
    ends(Nothing, Paused(ToHalt), (None, true, Abort), (Abort, ""), (Abort, ""));
    ends(Nothing, Running(ToResume), (None, false, Success), (Success, ""), (Success, ""));
    ends(Nothing, Running(ToAbort), (None, true, Abort), (Abort, "beam lost"), (Abort, "beam lost"));
    ends(Nothing, Running(ToStop), (None, true, Success), (Success, ""), (Success, ""));
    ends(Nothing, Running(ToHalt), (None, true, Abort), (Abort, ""), (Abort, ""));
    ends(Nothing, Suspend, (None, false, Success), (Success, ""), (Success, ""));
}

/// Behaviour 44 of bluesky's suite: an exception makes the run fail, for the reason that its text gives.
#[test]
fn what_goes_wrong_in_a_plan_makes_its_run_fail_and_is_the_reason() {
    let fails = |situation, exception, reason| {
        ends(situation, Request::None, (Some(exception), false, Fail), (Fail, reason), (Fail, reason));
    };
    fails(Raises, "RuntimeError", "trouble");
    fails(SetRaises, "DeviceFault", "out of range");
    fails(RunsOutOfTime, "WaitForTimeoutError", "Plan failed to complete in the specified time");
    fails(UnknownCommand, "InvalidCommand", "'nonsense'");
    let status = "MoveStatus(done=True, pos=axis, elapsed=0.5, success=False, settle_time=0.0)";
    fails(FailsWhileWaiting, "FailedStatus", status);
    fails(FailsWhileSleeping, "FailedStatus", status);
    fails(FailsBeforeTheWait, "FailedStatus", status);
}

#[test]
fn a_plan_may_ask_for_its_own_end() {
    ends(RaisesStop, Request::None, (None, false, Success), (Success, ""), (Success, ""));
    ends(RaisesAbort, Request::None, (None, false, Abort), (Abort, ""), (Abort, ""));
    ends(RaisesHalt, Request::None, (None, false, Abort), (Abort, ""), (Abort, ""));
}

/// Behaviour 52 of bluesky's suite: a pause after `clear_checkpoint` ends the call.
#[test]
fn a_plan_without_a_way_back_is_ended_by_a_pause_and_by_a_suspension() {
    for request in [Paused(ToResume), Suspend] {
        ends(ClearsItsCheckpoint, request, (None, true, Abort), (Fail, ""), (Abort, ""));
    }
}

#[test]
fn a_run_is_closed_with_what_the_plan_says_and_one_that_is_left_open_as_a_success() {
    let lab = Harness::new();
    let run = lab.run(plan(async |p| {
        p.open_run(Map::new()).await?;
        p.close_run_as("success", "done").await?;
        p.open_run(Map::new()).await
    }));
    run.assert_success();
    let closed = |reason: &str| span("Bluesky RunEngine run").exit_status(Success).reason(reason);
    run.assert(forest([closed("done"), closed("")]));
    assert_eq!(stops(&run).len(), 2);
}

#[test]
fn a_callback_that_fails_ends_the_run_with_its_error() {
    let rows = [
        (DocumentName::Start, (Fail, "the disk is full")),
        (DocumentName::Descriptor, (Fail, "the disk is full")),
        (DocumentName::Event, (Fail, "the disk is full")),
        (DocumentName::Stop, (Success, "")),
    ];
    for (name, (of_run, reason)) in rows {
        for panics in [false, true] {
            let lab = Harness::new();
            lab.with_engine(|engine| {
                engine.subscribe_to(name, move |_| {
                    assert!(!panics, "the disk is full");
                    Err::<(), _>(plan_error!("the disk is full"))
                })
            });
            let run = lab.run(plans::count(&lab.device("det"), 1));
            assert_eq!(run.exit_status(), Fail, "{name}");
            assert_eq!(run.state(), RunEngineState::Idle);
            let error = run.exception().map(ToString::to_string).unwrap_or_default();
            assert!(error.contains("the disk is full"), "{name}: {error}");
            let stops = stops(&run);
            assert_eq!(stops.len(), 1, "{name}");
            assert_eq!(stops[0].exit_status, of_run, "{name}");
            assert!(stops[0].reason.contains(reason), "{name}: {}", stops[0].reason);
            run.assert(all([exactly(
                1,
                span("Bluesky RunEngine run").attr("exit_status", stops[0].exit_status.as_str()),
            )]));
        }
    }
}

#[test]
fn metadata_that_is_refused_opens_no_run() {
    let lab = Harness::new();
    lab.with_engine(|engine| {
        engine.set_md_validator(|md| match md.get("operator") {
            Some(_) => Ok(()),
            None => Err(plan_error!("who is it?")),
        });
    });
    let run = lab.run(plans::count(&lab.device("det"), 1));
    assert_eq!(run.exception().map(ToString::to_string).as_deref(), Some("who is it?"));
    assert!(run.documents().is_empty());
    run.assert(none(span("Bluesky RunEngine run")));
    let options = CallOptions { md: Map::from_iter([("operator", "me")]), ..CallOptions::default() };
    lab.run_with(plans::count(&lab.device("det"), 1), options).assert_success();
}

#[test]
fn metadata_is_normalized_after_it_was_validated_and_scan_ids_come_from_their_source() {
    let lab = Harness::new();
    lab.with_engine(|engine| {
        engine.set_md_normalizer(|mut md| {
            md.insert("normalized", true);
            Ok(md)
        });
        engine.set_scan_id_source(|md| Ok((md.get("scan_id").and_then(Value::as_i64).unwrap_or(100) + 7).into()));
    });
    for expected in [107, 114] {
        let run = lab.run(plans::count(&lab.device("det"), 1));
        let start = run.documents()[0].to_map();
        assert_eq!((start.get("normalized"), start.get("scan_id")), (Some(&true.into()), Some(&expected.into())));
    }
}
