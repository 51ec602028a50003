//! Faults: each leaves its trace, and an engine that is idle and clean.

use skyspan::device::Args;
use skyspan::engine::ExitStatus;
use skyspan::expect::SpanExpectation;
use skyspan::hardware::{FrameFlyer, Method, Occasions};
use skyspan::prelude::*;
use skyspan::value::Value;

const STATUS: &str = "Ophyd Status";

/// What is to be seen of a fault.
struct Row {
    /// The device of the beamline that gets it.
    device: &'static str,
    fault: Fault,
    /// How the call ends, and the error that it ends with.
    ends: (ExitStatus, Option<&'static str>),
    /// How long it takes.
    takes: Duration,
    /// The span that tells of it.
    leaves: SpanExpectation,
}

fn lab() -> Harness {
    let lab = Harness::new();
    // One second a move, and half of one an exposure.
    lab.add(SynAxis::new("axis").delay_s(1.0));
    lab.add(SynSignal::new("camera").func(|| 5).exposure_time_s(0.5));
    lab
}

/// Three moves and three exposures: 4.5 s.
fn scan_of(lab: &Harness) -> Plan {
    plans::scan(&lab.device("camera"), &lab.device("axis"), 1, 3, 3).into()
}

fn scan_span() -> SpanExpectation {
    span("Bluesky RunEngine run")
}

#[track_caller]
fn shows(row: Row) {
    let lab = lab();
    let device = lab.device(row.device);
    device.fault(row.fault.clone());
    let run = lab.run(scan_of(&lab));

    let name = run.exception().map(PlanError::name);
    assert_eq!((run.exit_status(), name.as_deref()), row.ends, "{}: {:?}", row.fault, run.exception());
    assert_eq!(run.duration(), row.takes, "{}", row.fault);
    run.assert(at_least(1, row.leaves));
    run.assert(one(scan_span().exit_status(if row.ends.0 == Success { "success" } else { "fail" })));

    // The engine is idle, what was staged is unstaged, and the next plan is as if nothing had been.
    assert_eq!(lab.state(), RunEngineState::Idle);
    device.mend();
    let again = lab.run(scan_of(&lab));
    again.assert_success();
    assert_eq!(again.duration(), secs(4.5), "after {}", row.fault);
    again.assert(none(span("*").open()));
}

/// It ends well, only later.
fn well(device: &'static str, fault: Fault, takes: Duration, leaves: SpanExpectation) {
    shows(Row { device, fault, ends: (Success, None), takes, leaves });
}

#[track_caller]
fn badly(device: &'static str, fault: Fault, error: &'static str, takes: Duration, leaves: SpanExpectation) {
    shows(Row { device, fault, ends: (Fail, Some(error)), takes, leaves });
}

fn status(device: &'static str) -> SpanExpectation {
    span(STATUS).attr("device_name", device)
}

#[test]
fn a_call_that_raises_fails_the_plan_at_once() {
    let failed = || scan_span().reason("jammed");
    badly("axis", Fault::on_set(2).raises("jammed"), "DeviceFault", secs(1.5), failed());
    badly("camera", Fault::on_trigger(2).raises("jammed"), "DeviceFault", secs(2.5), failed());
    badly("camera", Fault::on_read(3).raises("jammed"), "DeviceFault", secs(4.5), failed());
    badly("camera", Fault::on(Method::Describe, 1).raises("jammed"), "DeviceFault", secs(1.5), failed());
    badly("axis", Fault::on(Method::ReadConfiguration, 1).raises("jammed"), "DeviceFault", secs(1.5), failed());
}

#[test]
fn a_move_that_fails_leaves_the_error_on_its_status() {
    let stalled = status("axis").attr("target", 2.0).has_attr("exception").lasting(secs(0.3)..=secs(0.3));
    badly("axis", Fault::on_set(2).fails_after(ms(300), "stalled"), "FailedStatus", secs(1.8), stalled);
    let dark = status("camera").has_attr("exception").lasting(secs(0.1)..=secs(0.1));
    badly("camera", Fault::on_trigger(1).fails_after(ms(100), "dark"), "FailedStatus", secs(1.1), dark);
}

#[test]
fn a_late_call_is_late_to_the_nanosecond() {
    let late = |by: Duration| status("axis").lasting(secs(1.0) + by..=secs(1.0) + by);
    well("axis", Fault::on_set(2).late_by(ns(123)), secs(4.5) + ns(123), late(ns(123)));
    well("axis", Fault::on_set(..).late_by(secs(2.0)), secs(10.5), late(secs(2.0)));
    well("camera", Fault::on_read(2).late_by(ms(250)), secs(4.75), scan_span().lasting(secs(4.75)..=secs(4.75)));
    well("axis", Fault::on_stage(1).late_by(ms(250)), secs(4.75), status("axis").lasting(ms(250)..=ms(250)));
    well("camera", Fault::on_unstage(1).late_by(secs(1.0)), secs(4.5), scan_span());
}

#[test]
fn a_slow_call_takes_so_many_times_as_long() {
    let slow = |times: f64| status("axis").lasting(secs(times)..=secs(times));
    well("axis", Fault::on_set(2).slow_by(3.0), secs(6.5), slow(3.0));
    well("axis", Fault::on_set(2..).slow_by(1.5), secs(5.5), slow(1.5));
    well("axis", Fault::on_set(1).slow_by(0.5), secs(4.5), slow(1.0));
}

#[test]
fn a_call_that_never_ends_is_told_as_a_deadlock_with_what_is_open() {
    for (device, fault) in [
        ("axis", Fault::on_set(2).hangs()),
        ("camera", Fault::on_trigger(2).hangs()),
        ("camera", Fault::on_read(2).hangs()),
    ] {
        let lab = lab();
        lab.device(device).fault(fault.clone());
        let run = lab.run(scan_of(&lab));
        assert_eq!(run.exit_status(), Fail, "{fault}");
        let error = run.exception().map(ToString::to_string).unwrap_or_default();
        assert!(error.contains("deadlock") || error.contains("nothing"), "{fault}: {error}");
        assert_eq!(lab.state(), RunEngineState::Idle, "{fault}");
        lab.device(device).mend();
        lab.run(scan_of(&lab)).assert_success();
    }
}

#[test]
fn a_status_that_hangs_is_left_open_in_the_trace() {
    let lab = lab();
    let axis = lab.device("axis");
    axis.fault(Fault::on_set(1).hangs());
    let run = lab.run(plan(async move |p| {
        p.abs_set_in(&axis, 1, "g").await?;
        p.sleep(1.0).await
    }));
    run.assert_success();
    let set = span("Bluesky RunEngine set").attr("msg.obj", glob("SynAxis(*name='axis'*"));
    run.assert(one(set.child(span(STATUS).open())));
}

#[test]
fn readings_are_replaced_by_any_value() {
    let read = |fault: Fault| {
        let lab = lab();
        lab.device("axis").fault(fault);
        let run = lab.run(scan_of(&lab));
        run.assert_success();
        let event = |event: &skyspan::document::Event| {
            ["axis", "axis_setpoint"].map(|key| event.get(key).map(Value::to_string).unwrap_or_default()).join(" ")
        };
        run.events().map(event).collect::<Vec<_>>()
    };
    assert_eq!(read(Fault::on_read(2).reads_nan()), ["1.0 1.0", "NaN NaN", "3.0 3.0"]);
    assert_eq!(read(Fault::on_read(2..).reads_as("axis", "off")), ["1.0 1.0", "\"off\" 2.0", "\"off\" 3.0"]);
    assert_eq!(read(Fault::on_read(..=1).reads(true)), ["true true", "2.0 2.0", "3.0 3.0"]);
}

#[test]
fn a_device_that_is_not_connected_raises_at_every_call_until_it_is_back() {
    let lost = scan_span().reason(glob("camera is not connected*"));
    badly("camera", Fault::on_trigger(2).disconnects_for(secs(5.0)), "DisconnectedError", secs(2.5), lost);

    let lab = lab();
    let axis = lab.device("axis");
    axis.fault(Fault::on_set(1).disconnects_for(secs(10.0)));
    let patient = plan(async move |p| {
        let mut times = Vec::new();
        for _ in 0..4 {
            times.push(p.read(&axis).await.map_or_else(|error| error.name(), |_| "read".into()));
            times.push(p.mv(&axis, 1).await.map_or_else(|error| error.name(), |()| "moved".into()));
            p.sleep(4.0).await?;
        }
        Ok(Value::from(times))
    });
    let run = lab.run(patient);
    let lost = "DisconnectedError";
    let said = Value::from(["read", lost, lost, lost, lost, lost, "read", "moved"].map(Value::from));
    assert_eq!(run.plan_result(), Some(&said), "it is back after 10 s");
}

#[test]
fn faults_of_one_device_come_together() {
    let lab = lab();
    let axis = lab.device("axis");
    axis.fault(Fault::on_set(..).slow_by(2.0)).fault(Fault::on_set(2).late_by(secs(0.25)));
    axis.fault(Fault::on_set(3).fails_after(secs(7.0), "late")).fault(Fault::on_set(3).fails_after(secs(3.0), "early"));
    let run = lab.run(scan_of(&lab));
    assert_eq!(run.duration(), secs(2.0 + 0.5 + 2.25 + 0.5 + 3.0));
    run.assert(one(status("axis").has_attr("exception").lasting(secs(3.0)..=secs(3.0))));
    run.assert(one(status("axis").attr("exception", "early")));
}

#[test]
fn a_rate_of_faults_is_drawn_from_the_seed() {
    let failed_calls = |seed: u64, rate: f64| {
        let lab = Harness::seeded(seed);
        let axis = lab.add(SynAxis::new("axis"));
        axis.fault(Fault::on_set(Occasions::at_rate(rate)).raises("glitch"));
        let run = lab.run(plan(async move |p| {
            let mut failed = Vec::new();
            for nth in 0..1000 {
                if p.mv(&axis, nth).await.is_err() {
                    failed.push(nth);
                }
            }
            Ok(Value::from(failed))
        }));
        run.plan_result().and_then(Value::as_array).map(<[Value]>::to_vec).unwrap_or_default()
    };
    let some = failed_calls(7, 0.1);
    assert!((60..140).contains(&some.len()), "{} of 1000", some.len());
    assert_eq!(some, failed_calls(7, 0.1), "the same seed, the same faults");
    assert_ne!(some, failed_calls(8, 0.1));
    assert_eq!((failed_calls(7, 0.0).len(), failed_calls(7, 1.0).len()), (0, 1000));
}

#[test]
fn flyers_have_faults_too() {
    let fly = |fault: Fault| {
        let lab = Harness::new();
        let flyer = lab.add(FrameFlyer::nested("flyer"));
        flyer.fault(fault);
        let run = lab.run(plans::fly(&flyer));
        let name = run.exception().map(PlanError::name).unwrap_or_default();
        assert_eq!(lab.state(), RunEngineState::Idle);
        flyer.mend();
        lab.run(plans::fly(&flyer)).assert_success();
        let pages = run.documents().iter().filter(|document| document.name() == "event_page").count();
        (name.to_string(), run.duration(), pages)
    };
    let no_time = Duration::ZERO;
    assert_eq!(fly(Fault::on_kickoff(1).raises("no trigger")), ("DeviceFault".into(), no_time, 0));
    assert_eq!(fly(Fault::on_kickoff(1).late_by(secs(1.0))), (String::new(), secs(1.0), 2));
    // The engine collects what a flyer has left when its run fails.
    assert_eq!(fly(Fault::on_complete(1).fails_after(secs(2.0), "lost")), ("FailedStatus".into(), secs(2.0), 2));
    assert_eq!(fly(Fault::on_collect(1).raises("no data")), ("DeviceFault".into(), no_time, 0));
    assert_eq!(fly(Fault::on_collect(1).late_by(secs(3.0))), (String::new(), secs(3.0), 2));
    assert_eq!(fly(Fault::on(Method::DescribeCollect, 1).raises("no idea")), ("DeviceFault".into(), no_time, 0));
}

#[test]
fn a_device_that_cannot_be_staged_or_unstaged_fails_its_plan() {
    let scan = |fault: Fault| {
        let lab = lab();
        let camera = lab.device("camera");
        camera.fault(fault);
        let run = lab.run(scan_of(&lab));
        (run.exit_status(), run.exception().map(PlanError::name).unwrap_or_default().to_string(), lab.state())
    };
    // A signal is not staged; its fault never comes.
    assert_eq!(scan(Fault::on_stage(1).raises("in use")), (Success, String::new(), RunEngineState::Idle));

    let lab = lab();
    let axis = lab.device("axis");
    axis.fault(Fault::on_stage(1).raises("in use"));
    assert_eq!(lab.run(scan_of(&lab)).exception().map(ToString::to_string).as_deref(), Some("in use"));
    axis.mend().fault(Fault::on_unstage(1).raises("stuck"));
    let run = lab.run(scan_of(&lab));
    assert_eq!(run.exception().map(ToString::to_string).as_deref(), Some("stuck"));
    run.assert(one(scan_span().exit_status(Success)));
    axis.mend();
    lab.run(scan_of(&lab)).assert_success();
}

#[test]
fn a_device_that_cannot_be_stopped_is_told_of_and_the_engine_is_clean() {
    let lab = lab();
    let axis = lab.device("axis");
    axis.fault(Fault::on_stop(1).raises("brake is hot"));
    lab.at(secs(0.5)).abort("beam lost");
    let run = lab.run(scan_of(&lab));
    assert_eq!(run.exit_status(), Abort);
    let said: Vec<String> = run.result().cleanup_errors.iter().map(ToString::to_string).collect();
    assert!(said.iter().any(|said| said.contains("brake is hot")), "{said:?}");
    assert_eq!(lab.state(), RunEngineState::Idle);
    lab.run(scan_of(&lab)).assert_success();
}

#[test]
fn faults_are_shown_in_the_repr_and_leave_the_device_as_it_is() {
    let lab = lab();
    let axis = lab.device("axis");
    let plain = axis.repr();
    axis.fault(Fault::on_set(2).fails_after(ms(500), "it's stuck")).fault(Fault::on_read(3..=4).reads_nan());
    let shown = format!(
        "{}, faults=[on_set(2).fails_after(500ms, \"it's stuck\"), on_read(3..=4).reads_nan()])",
        plain.strip_suffix(')').unwrap_or_default()
    );
    assert_eq!(axis.repr(), *shown);
    assert_eq!((axis.name().as_ref(), axis.class_name().as_ref()), ("axis", "SynAxis"));
    assert_eq!(axis.faults().len(), 2);
    assert_eq!(axis.component("readback").and_then(|part| part.parent()), Some(axis.clone()));
    let same = lab.device("axis");
    assert_eq!((same.faults().len(), same.repr()), (2, axis.repr()), "it is the same device under any handle");
    assert_eq!(axis.mend().repr(), plain);
    for (fault, said) in [
        (Fault::on_trigger(..).hangs(), "on_trigger(..).hangs()"),
        (Fault::on_stage(1).raises("no"), "on_stage(1).raises('no')"),
        (Fault::on_kickoff(2..).slow_by(2.5), "on_kickoff(2..).slow_by(2.5)"),
        (Fault::on_collect(1).late_by(us(3)), "on_collect(1).late_by(3µs)"),
        (Fault::on(Method::Locate, 1).reads("x"), "on_locate(1).reads('x')"),
        (Fault::on_read(1).reads_as("k", 1), "on_read(1).reads_as('k', 1)"),
        (Fault::on_set(Occasions::at_rate(0.5)).disconnects_for(secs(1.0)), "on_set(at_rate(0.5)).disconnects_for(1s)"),
    ] {
        assert_eq!(fault.to_string(), said);
    }
}

#[test]
fn a_range_in_which_no_call_is_never_comes() {
    for nothing in [Occasions::from(3..3), Occasions::from(..=0), Occasions::at_rate(0.0)] {
        let lab = lab();
        lab.device("axis").fault(Fault::on_set(nothing).raises("never"));
        lab.run(scan_of(&lab)).assert_success();
    }
}

#[test]
fn all_calls_are_recorded_with_their_arguments_and_times() {
    let lab = lab();
    let axis = lab.device("axis");
    axis.fault(Fault::on_set(2).raises("jammed"));
    let calls = axis.record_calls();
    let run = lab.run(scan_of(&lab));
    let set = calls.of(Method::Set);
    let at = |call: &skyspan::hardware::Call| call.time - run.started();
    assert_eq!(set.iter().map(at).collect::<Vec<_>>(), [Duration::ZERO, secs(1.5)], "the one that raised, too");
    assert_eq!(set[1].args, Args::one(2.0));
    let stopped: Vec<Value> =
        calls.of(Method::Stop).iter().filter_map(|call| call.args.keyword.get("success").cloned()).collect();
    assert!(stopped.len() <= 1, "{stopped:?}");
    assert_eq!(axis.record_calls().all(), calls.all(), "there is one record");
    calls.clear();
    assert_eq!(calls.count(Method::Set), 0);
}

#[test]
fn what_never_ends_does_not_fail_either() {
    let lab = lab();
    let axis = lab.device("axis");
    axis.fault(Fault::on_set(1).fails_after(secs(1.0), "late")).fault(Fault::on_set(1).hangs());
    let run = lab.run(plan(async move |p| {
        p.abs_set_in(&axis, 1, "g").await?;
        p.sleep(5.0).await
    }));
    run.assert(one(span(STATUS).open()));
}

#[test]
fn what_is_slower_and_not_at_all_slow_is_slower() {
    let both = |one: f64, other: f64| {
        let lab = lab();
        lab.device("axis").fault(Fault::on_set(1).slow_by(one)).fault(Fault::on_set(1).slow_by(other));
        lab.run(scan_of(&lab)).duration()
    };
    assert_eq!((both(0.5, 4.0), both(2.0, 2.0)), (secs(7.5), secs(7.5)));
}

#[test]
fn a_device_may_be_lost_for_a_single_call() {
    let lab = lab();
    lab.device("camera").fault(Fault::on_trigger(2).disconnects_for(Duration::ZERO));
    let run = lab.run(scan_of(&lab));
    assert_eq!(run.exception().map(PlanError::name).as_deref(), Some("DisconnectedError"));
}

#[test]
fn a_move_that_was_given_up_does_not_stop_the_next_one() {
    for fault in [Fault::on_set(1).late_by(secs(2.0)), Fault::on_set(1).fails_after(secs(3.0), "late")] {
        let lab = Harness::new();
        let stage = lab.add(SimMotor::new("stage").velocity(1.0).acceleration_time_s(0.0));
        stage.fault(fault.clone());
        let moved = stage.clone();
        let run = lab.run(plan(async move |p| {
            p.abs_set_in(&moved, 4, "first").await?;
            p.sleep(1.0).await?;
            // The plan is told that the first one has failed, in place of the answer.
            let answer = p.abs_set_in(&moved, 10, "second").await.map(drop).map_err(|error| error.name());
            assert_eq!(answer, Err("FailedStatus".into()));
            p.wait("second").await
        }));
        assert_eq!(stage.position(), Some(10.0.into()), "{fault}: {:?}", run.exception());
        run.assert(one(status("stage").attr("target", 4).has_attr("exception").lasting(secs(1.0)..=secs(1.0))));
        run.assert(one(status("stage").attr("target", 10).no_attr("exception")));
    }
}
