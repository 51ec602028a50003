//! Devices of ophyd-async: what those who call them get. What they do in whole plans is compared with Python by the tests of the
//! program, over the recordings of `fixtures/ophyd-async`, which also tell what these tests want.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::sync::{Arc, Mutex};

use skyspan::device::{Args, DeviceError, Progress};
use skyspan::engine::Suspender;
use skyspan::expect::any;
use skyspan::hardware::{
    Arrives, AsyncAxis, AsyncDetector, AsyncMotor, AsyncPointDetector, AsyncReadable, AsyncSignal, AsyncStage,
    ReadableFormat, SignalDatatype, SoftSignal, TriggerInfo,
};
use skyspan::prelude::*;
use skyspan::value::{Map, Value, from_json};

use crate::rig::Rig;

/// What is recorded besides spans, messages and documents.
fn extra(recording: &str, key: &str) -> Vec<Value> {
    let file = format!("{}/fixtures/ophyd-async/{recording}/extra.json", env!("CARGO_MANIFEST_DIR"));
    let extra = from_json(&std::fs::read_to_string(file).unwrap()).unwrap();
    extra.as_map().unwrap().get(key).unwrap().as_array().unwrap().to_vec()
}

fn seconds(value: &Value) -> f64 {
    (value.as_f64().unwrap() * 1e6).round() / 1e6
}

/// When a readback changes and to what, as `[seconds, value]`.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<(f64, f64)>>>);

impl Seen {
    fn follow(rig: &Rig, device: &Device) -> Self {
        let (seen, clock, began) = (Self::default(), rig.clock.clone(), rig.clock.now());
        let keeps = seen.clone();
        device.subscribable().unwrap().subscribe(Box::new(move |readings| {
            let value = readings.iter().next().unwrap().1.value.as_f64().unwrap();
            keeps.0.lock().unwrap().push((seconds(&(clock.now() - began).as_secs_f64().into()), value));
        }));
        seen
    }

    fn is_as_recorded(&self, recorded: &[Value]) {
        let recorded: Vec<(f64, f64)> = recorded
            .iter()
            .map(|pair| (seconds(&pair.as_array().unwrap()[0]), pair.as_array().unwrap()[1].as_f64().unwrap()))
            .collect();
        assert_eq!(*self.0.lock().unwrap(), recorded);
    }
}

#[test]
fn a_motor_is_where_it_is_in_python_at_every_update_of_a_move() {
    let moves =
        [(1.0, 0.5, 1.0), (1.0, 0.5, 1.2), (2.0, 0.5, 0.0), (-3.0, -0.2, 3.0), (2.0, 0.05, 2.9), (0.0, 0.5, 1.0)];
    let recorded = extra("positions_in_time", "seen");
    assert_eq!(recorded.len(), moves.len());
    let rig = Rig::new();
    let motor = rig.add(AsyncMotor::new("m").velocity(1.0));
    for ((velocity, acceleration_time, to), recorded) in moves.into_iter().zip(recorded) {
        for (attribute, value) in [("velocity", velocity), ("acceleration_time", acceleration_time)] {
            let set = rig.set(&motor.component(attribute).unwrap(), value).unwrap();
            rig.block_on(set.done());
        }
        let seen = Seen::follow(&rig, &motor);
        let moved = rig.set(&motor, to).unwrap();
        rig.block_on(moved.done());
        // Later moves are not of this one.
        seen.clone().is_as_recorded(recorded.as_array().unwrap());
        let mut left = seen.0.lock().unwrap();
        left.clear();
    }
}

#[test]
fn two_moves_at_once_pull_the_readback_to_and_fro() {
    let rig = Rig::new();
    let motor = rig.add(AsyncMotor::new("m").velocity(1.0));
    let seen = Seen::follow(&rig, &motor);
    let one = rig.set(&motor, 2).unwrap();
    rig.advance(ms(1050));
    let two = rig.set(&motor, -1).unwrap();
    rig.block_on(one.done());
    assert!(one.is_success() && !two.is_done());
    rig.block_on(two.done());
    assert!(two.is_success());
    seen.is_as_recorded(&extra("set_superseded", "seen"));
}

#[test]
fn who_watches_a_move_is_told_what_python_tells() {
    let rig = Rig::new();
    let motor = rig.add(AsyncMotor::new("m").velocity(1.0).units("deg"));
    let told: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let moved = rig.set(&motor, 1).unwrap();
    let tells = Arc::clone(&told);
    moved.watch(move |progress| tells.lock().unwrap().push(progress.clone()));
    rig.block_on(moved.done());
    let tells = Arc::clone(&told);
    moved.watch(move |progress| tells.lock().unwrap().push(progress.clone()));
    let recorded = extra("mv_watched", "updates");
    let told = told.lock().unwrap();
    assert_eq!(told.len(), recorded.len());
    for (progress, recorded) in told.iter().zip(&recorded) {
        let recorded = recorded.as_map().unwrap();
        let value = |key: &str| recorded.get(key).cloned();
        assert_eq!(progress.current, value("current"));
        assert_eq!((progress.initial.clone(), progress.target.clone()), (value("initial"), value("target")));
        assert_eq!(
            (Value::from(&progress.name), progress.unit.clone().map(Value::from)),
            (value("name").unwrap(), value("unit"))
        );
        assert_eq!((progress.precision, progress.fraction), (None, None));
        let elapsed = value("time_elapsed").map_or(1.5, |elapsed| seconds(&elapsed));
        assert_eq!(seconds(&progress.time_elapsed.as_secs_f64().into()), elapsed);
    }
    assert_eq!(
        moved.repr(),
        "<WatchableAsyncStatus, device: m, task: <coroutine object \
        AsyncStatusBase.__init__.<locals>.wait_with_error_message>, done>"
    );
}

#[test]
fn a_put_that_does_not_proceed_ends_by_its_timeout_or_when_it_may() {
    let rig = Rig::new();
    let signal = rig.add(AsyncSignal::new("s", 0.0).mock().puts_wait());
    let soft = signal.downcast_ref::<SoftSignal>().unwrap();
    let set = |args: Args| signal.movable().unwrap().set(rig.cx(&signal), &args).unwrap();
    let late = set(Args::one(1));
    rig.block_on(late.done());
    assert_eq!(rig.elapsed_ns(), 10_000_000_000, "ten seconds are its own");
    assert_eq!(late.exception().map(|error| error.repr()).as_deref(), Some("TimeoutError('mock+soft://s')"));
    let within = |timeout: Value| Args { keyword: Map::from_iter([("timeout", timeout)]), ..Args::one(2) };
    rig.block_on(set(within(0.5.into())).done());
    assert_eq!(rig.elapsed_ns(), 10_500_000_000);
    assert_eq!(soft.value(), 2.0.into(), "it is put all the same");
    let patient = set(within(Value::Null));
    rig.advance(secs(20.0));
    assert!(!patient.is_done());
    soft.set_put_proceeds(true);
    rig.block_on(patient.done());
    assert!(patient.is_success());
    let refused = signal
        .movable()
        .unwrap()
        .set(rig.cx(&signal), &Args { keyword: Map::from_iter([("wait", true)]), ..Args::one(2) });
    assert_eq!(refused.unwrap_err().to_string(), "set() got an unexpected keyword argument 'wait'");
}

#[test]
fn what_is_put_is_made_what_the_signal_holds() {
    let choices = || ["Low", "High"].map(Text::literal).to_vec();
    let int = SignalDatatype::Int;
    for (datatype, put, held) in [
        (int.clone(), Value::from(2.9), Ok(Value::from(2))),
        (int.clone(), "7".into(), Ok(7.into())),
        (int.clone(), Value::literal(""), Ok(0.into())),
        (int, "x".into(), Err("invalid literal for int() with base 10: 'x'")),
        (SignalDatatype::Float, "2.5".into(), Ok(2.5.into())),
        (SignalDatatype::Float, "far".into(), Err("could not convert string to float: 'far'")),
        (SignalDatatype::Bool, 7.into(), Ok(true.into())),
        (SignalDatatype::Str, 5.into(), Ok("5".into())),
        (SignalDatatype::Choice(choices()), "High".into(), Ok("High".into())),
        (SignalDatatype::Choice(choices()), "Middle".into(), Err("'Middle' is none of Low, High")),
        (SignalDatatype::Subset(choices()), "Middle".into(), Ok("Middle".into())),
        (SignalDatatype::Array("<i2".into()), [1.5, 2.0].into(), Ok([1, 2].into())),
        (SignalDatatype::Array("<f8".into()), 5.into(), Err("expected a list, found an integer: 5")),
    ] {
        let converted = datatype.convert(&put);
        assert_eq!(
            converted.as_ref().map_err(DeviceError::to_string),
            held.as_ref().map_err(|text| (*text).to_owned())
        );
        let rig = Rig::new();
        let signal = rig.add(AsyncSignal::of_type("s", datatype));
        let set = rig.set(&signal, put).unwrap();
        rig.block_on(set.done());
        assert_eq!(set.is_success(), held.is_ok(), "the set fails, and not the call");
    }
}

#[test]
fn what_goes_wrong_with_a_move_is_the_failure_of_its_status() {
    let rig = Rig::new();
    let axis = rig.add(AsyncAxis::new("a").limits(-10.0, 10.0).arrives(Arrives::Never));
    let beyond = rig.set(&axis, 11).unwrap();
    rig.block_on(beyond.done());
    assert_eq!(beyond.exception().unwrap().to_string(), "11 is outside of -10.0 to 10.0");
    let timeout = Args { keyword: Map::from_iter([("timeout", 2)]), ..Args::one(3) };
    let late = axis.movable().unwrap().set(rig.cx(&axis), &timeout).unwrap();
    rig.block_on(late.done());
    assert_eq!(late.exception().unwrap().repr(), "TimeoutError(\"a didn't match 3 in 2.0s, last value 0.0\")");
    let motor = rig.add(AsyncMotor::new("m").velocity(1.0));
    let none = rig.set(&motor.component("acceleration_time").unwrap(), 0).unwrap();
    rig.block_on(none.done());
    let nowhere = rig.set(&motor, 1).unwrap();
    rig.block_on(nowhere.done());
    assert!(nowhere.exception().unwrap().to_string().contains("ophyd-async's own ends nowhere"));
}

#[test]
fn a_stopped_motor_stands_where_its_readback_was_last() {
    for (success, said) in [(true, None), (false, Some("RuntimeError('Device m was stopped.')"))] {
        let rig = Rig::new();
        let motor = rig.add(AsyncMotor::new("m").velocity(1.0));
        let moved = rig.set(&motor, 2).unwrap();
        rig.advance(ms(550));
        rig.block_on(motor.stoppable().unwrap().stop(rig.cx(&motor), success)).unwrap();
        rig.block_on(moved.done());
        assert_eq!(rig.elapsed_ns(), 550_000_000);
        assert_eq!(moved.exception().map(|error| error.repr()).as_deref(), said);
        rig.advance(secs(5.0));
        assert_eq!(motor.position(), Some(0.25.into()));
        assert_eq!(rig.value(&motor.component("user_setpoint").unwrap()), 0.25.into());
    }
}

#[test]
fn a_suspender_is_told_that_it_cannot_watch() {
    let lab = Harness::new();
    let beam = lab.add(AsyncSignal::new("beam", true));
    let refused = Suspender::bool_low(&beam).build().unwrap_err();
    assert_eq!(refused.name(), "TypeError");
    assert!(refused.to_string().contains("unexpected keyword argument 'event_type'"), "{refused}");
    let motor = lab.add(AsyncMotor::new("motor"));
    motor.fault(Fault::on_set(100).raises("never"));
    assert!(Suspender::floor(&motor, 1).build().is_err(), "nor with a fault in front of it");
}

#[test]
fn a_fault_ends_a_status_of_theirs_as_any_other() {
    let lab = Harness::new();
    let motor = lab.add(AsyncMotor::new("motor").velocity(1.0));
    motor.fault(Fault::on_set(1).late_by(secs(2.0)));
    motor.fault(Fault::on_set(2).fails_after(secs(0.25), "no such PV"));
    let moved = motor.clone();
    let run = lab.run(plan(async move |p| {
        p.mv(&moved, 1).await?;
        p.mv(&moved, 3).await
    }));
    assert_eq!(run.duration(), secs(1.5 + 2.0 + 0.25));
    let error = run.exception().unwrap().to_string();
    assert!(error.contains("<WatchableAsyncStatus, device: motor, task: "), "{error}");
    assert!(error.contains("errored: DeviceFault('no such PV')>"), "{error}");
}

#[test]
fn none_of_them_leaves_a_span_and_the_laws_hold() {
    let lab = Harness::builder().chronicled().build();
    let stage = lab.add(AsyncStage::new("stage"));
    let camera = lab.add(AsyncDetector::blob("camera").looks_at(&stage));
    let diode = lab.add(AsyncPointDetector::new("diode").looks_at(&stage));
    let x = stage.component("x").unwrap();
    let run = lab.run(plans::scan([camera, diode, stage], &x, 0, 1, 3));
    run.assert_success();
    run.assert(none(span("Ophyd Status")));
    run.assert(none(span("Ophyd Status wait")));
    run.assert(none(span(any()).but(span(any()).is_root())));
    #[cfg(feature = "property")]
    skyspan::property::laws::standard(&run).unwrap();
}

#[test]
fn a_stage_is_seen_while_it_is_staged() {
    let lab = Harness::new();
    let stage = lab.add(AsyncStage::new("stage"));
    let diode = lab.add(AsyncPointDetector::new("diode").channels(1).looks_at(&stage));
    let counts = |run: &Outcome| -> Vec<Value> {
        run.events().filter_map(|event| event.get("diode-channel-1-value").cloned()).collect()
    };
    let x = stage.component("x").unwrap();
    let unseen = counts(&lab.run(plans::list_scan([diode.clone()], &diode.component("acquire_time").unwrap(), [0.1])));
    let seen = counts(&lab.run(plans::scan([diode, stage], &x, 0, 1, 2)));
    assert_eq!(seen[0], unseen[0], "at 0 it is where it was");
    assert!(seen[1] != seen[0], "{seen:?}");
}

#[test]
fn a_detector_is_prepared_once_for_several_triggers_and_begins_anew_when_staged() {
    let lab = Harness::new();
    let camera = lab.add(AsyncDetector::blob("camera"));
    let prepared = camera.clone();
    let run = lab.run(plan(async move |p| {
        let all = [prepared.clone()];
        for _ in 0..2 {
            p.stage_all(&all).await?;
            p.open_run(Map::new()).await?;
            p.prepare_in(&prepared, TriggerInfo::new().livetime_s(0.5), "ready").await?;
            p.wait("ready").await?;
            p.trigger_and_read(&all, "primary").await?;
            p.trigger_and_read(&all, "primary").await?;
            p.close_run().await?;
            p.unstage_all(&all).await?;
        }
        Ok(())
    }));
    run.assert_success();
    assert_eq!(run.duration(), secs(4.0 * 0.5));
    let resources = run.documents().iter().filter(|document| document.name() == "stream_resource").count();
    assert_eq!(resources, 2 * 2, "each stage makes another file");
}

#[test]
fn a_trigger_info_that_means_nothing_is_refused() {
    for (fields, expected) in [
        (r#"{"livetime": -1}"#, "livetime of a TriggerInfo is a time from 0 on, found -1"),
        (r#"{"livetime": Infinity}"#, "livetime of a TriggerInfo is a time from 0 on, found inf"),
        (r#"{"collections_per_event": 0}"#, "collections_per_event of a TriggerInfo is 1 or more, found 0"),
        (r#"{"number_of_events": 1.5}"#, "number_of_events of a TriggerInfo is a whole number, found 1.5"),
        (
            r#"{"trigger": "EDGE"}"#,
            "the trigger of a TriggerInfo is one of INTERNAL, EXTERNAL_EDGE, EXTERNAL_LEVEL, found 'EDGE'",
        ),
        (r#"{"frames": 3}"#, "a TriggerInfo has no field frames"),
        ("3", "expected a TriggerInfo, found an integer: 3"),
    ] {
        let refused = TriggerInfo::of(&from_json(fields).unwrap()).unwrap_err();
        assert_eq!((refused.name().as_str(), refused.to_string().as_str()), ("ValidationError", expected));
    }
}

#[test]
fn children_are_named_after_their_device_and_reached_by_attribute() {
    let lab = Harness::new();
    let head = AsyncReadable::new("head")
        .child_name_separator("_")
        .child("arm", ReadableFormat::Child, AsyncMotor::new("ignored"))
        .child("gain", ReadableFormat::ConfigSignal, AsyncSignal::new("", 1.0));
    let head = lab.add(head);
    let velocity = head.component("arm.velocity").unwrap();
    assert_eq!(velocity.repr(), "SignalRW(name=\"head_arm_velocity\")");
    assert_eq!(velocity.root_ancestor(), head);
    assert_eq!(head.component("arm").unwrap().name(), "head_arm");
    assert!(head.component("arm.speed").is_none());
    let unconfigurable = head.clone();
    let run = lab.run(plan(async move |p| p.configure(&unconfigurable, [("gain", 2.0)]).await.map(drop)));
    assert_eq!(
        run.exception().unwrap().to_string(),
        "'StandardReadable' object has no attribute 'configure'",
        "as none of ophyd-async's"
    );
}

#[test]
fn a_detector_is_not_prepared_for_times_that_are_none() {
    for (info, found) in [
        (TriggerInfo::new().livetime_s(-1.0), "livetime of a TriggerInfo is a time from 0 on, found -1"),
        (TriggerInfo::new().livetime_s(f64::INFINITY), "livetime of a TriggerInfo is a time from 0 on, found inf"),
        (TriggerInfo::new().deadtime_s(f64::NAN), "deadtime of a TriggerInfo is a time from 0 on, found nan"),
    ] {
        let lab = Harness::new();
        let camera = lab.add(AsyncDetector::blob("camera"));
        let run = lab.run(plan(async move |p| {
            p.prepare_in(&camera, info, "ready").await?;
            p.wait("ready").await
        }));
        let error = run.exception().expect("it is refused").to_string();
        assert!(error.contains(found), "{error}");
    }
}
