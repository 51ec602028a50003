//! Shutters, temperature controllers and beams: their times derived by hand.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::sync::{Arc, Mutex};

use skyspan::device::{Args, Cx, Device, Ending, Readings};
use skyspan::engine::Suspender;
use skyspan::hardware::{CannedReadings, SimBeam, SimShutter, SimTemperatureController};
use skyspan::prelude::*;
use skyspan::value::Value;

use crate::rig::{Rig, elapsed_ns, values};

fn position(device: &Device) -> f64 {
    device.position().unwrap().as_f64().unwrap()
}

/// What a device tells of itself, with the milliseconds of it.
fn told(rig: &Rig, device: &Device) -> Arc<Mutex<Vec<(u64, Value)>>> {
    let seen: Arc<Mutex<Vec<(u64, Value)>>> = Arc::default();
    let (told, clock) = (Arc::clone(&seen), rig.clock.clone());
    device.subscribable().unwrap().subscribe(Box::new(move |readings: &Readings| {
        let at_ms = elapsed_ns(clock.now()) / 1_000_000;
        told.lock().unwrap().push((at_ms, readings.iter().next().unwrap().1.value.clone()));
    }));
    seen
}

fn shutter() -> SimShutter {
    SimShutter::new("shutter").opens_in_s(0.2).closes_in_s(0.4)
}

#[test]
fn a_shutter_takes_its_time_and_says_what_it_does_meanwhile() {
    let rig = Rig::new();
    let shutter = rig.add(shutter());
    let (words, open) = (told(&rig, &shutter), told(&rig, &shutter.component("open").unwrap()));
    let status = rig.set(&shutter, "Open").unwrap();
    assert_eq!(values(&rig.read(&shutter)), r#"{"shutter": "Opening", "shutter_setpoint": "Open"}"#);
    rig.advance(ms(50));
    assert_eq!(position(&shutter), 0.25);
    rig.block_on(status.done());
    assert_eq!((rig.elapsed_ns(), position(&shutter)), (200_000_000, 1.0));
    rig.block_on(rig.set(&shutter, 0).unwrap().done());
    assert_eq!((rig.elapsed_ns(), position(&shutter)), (600_000_000, 0.0));
    let words: Vec<(u64, String)> =
        words.lock().unwrap().iter().map(|(at, word)| (*at, word.as_str().unwrap().to_owned())).collect();
    let expected = [(0, "Closed"), (0, "Opening"), (200, "Open"), (200, "Closing"), (600, "Closed")];
    assert_eq!(words, expected.map(|(at, word)| (at, word.to_owned())));
    assert_eq!(*open.lock().unwrap(), [(0, 0), (200, 1), (200, 0)].map(|(at, open)| (at, Value::from(open))));
    let again = rig.set(&shutter, "Closed").unwrap();
    assert!(again.is_success(), "it is closed");
}

#[test]
fn a_shutter_turns_back_where_it_is_told_to() {
    let rig = Rig::new();
    let shutter = rig.add(shutter());
    let opening = rig.set(&shutter, true).unwrap();
    rig.advance(ms(50));
    let closing = rig.set(&shutter, false).unwrap();
    let error = opening.exception().unwrap();
    assert_eq!(error.to_string(), "shutter was told to be Closed before it was Open");
    // It is a quarter open: a quarter of 0.4 s.
    rig.block_on(closing.done());
    assert_eq!((rig.elapsed_ns(), position(&shutter), closing.is_success()), (150_000_000, 0.0, true));
}

#[test]
fn a_shutter_takes_words_and_numbers_for_open_and_closed() {
    let rig = Rig::new();
    let shutter = rig.add(SimShutter::new("shutter").open());
    for (value, expected) in
        [(Value::from("Close"), 0.0), ("Open".into(), 1.0), (0.into(), 0.0), (1.into(), 1.0), (false.into(), 0.0)]
    {
        assert!(rig.set(&shutter, value.clone()).unwrap().is_success());
        assert_eq!(position(&shutter), expected, "{value}");
    }
    for wrong in [Value::from("open?"), 2.into(), 0.5.into(), Value::Null] {
        assert_eq!(rig.set(&shutter, wrong.clone()).unwrap_err().name(), "ValueError");
        assert!(shutter.checkable().unwrap().check_value(&wrong).is_err());
    }
}

#[test]
fn a_shutter_that_never_ends_stays_half_way() {
    let rig = Rig::new();
    let shutter = rig.add(shutter());
    let ending = Ending { never: true, ..Ending::usual() };
    let cx: Cx<'_> = rig.cx(&shutter).ending_so(&ending);
    let status = shutter.movable().unwrap().set(cx, &Args::one("Open")).unwrap();
    rig.advance(secs(10.0));
    assert_eq!((position(&shutter), status.is_done()), (0.5, false));
    rig.block_on(rig.set(&shutter, "Open").unwrap().done());
    assert_eq!((rig.elapsed_ns(), position(&shutter)), (10_100_000_000, 1.0));
}

#[test]
fn a_temperature_is_there_when_it_has_been_within_its_tolerance() {
    let controller = || SimTemperatureController::new("t").value(300.0);
    // 60 s × ln(100 / 0.1) = 60 × 6.907755278982137 s = 414.46531673892822 s.
    check(controller(), 400.0, 414_465_316_739);
    // 10 s × ln(100 / 1) = 46.051701859880913 s, and 5 s to hold.
    check(controller().time_constant_s(10.0).tolerance(1.0).hold_s(5.0), 200.0, 51_051_701_860);
    // A ramp of 2 in a second: (100 - 0.5) / 2 s, and 10 s.
    check(controller().ramp_rate(2.0).tolerance(0.5).hold_s(10.0), 400.0, 59_750_000_000);
    // It is within the tolerance already.
    check(controller().tolerance(0.5).hold_s(3.0), 300.5, 3_000_000_000);
    check(controller().tolerance(0.5), 300.5, 0);

    #[track_caller]
    fn check(controller: SimTemperatureController, target: f64, expected_ns: u64) {
        let rig = Rig::new();
        let controller = rig.add(controller);
        let status = rig.set(&controller, target).unwrap();
        rig.block_on(status.done());
        assert_eq!((rig.elapsed_ns(), status.is_success()), (expected_ns, true));
    }
}

#[test]
fn a_temperature_is_known_at_any_time() {
    let rig = Rig::new();
    let furnace = rig.add(SimTemperatureController::new("t").value(300.0).time_constant_s(10.0));
    assert_eq!(values(&rig.read(&furnace)), r#"{"t": 300.0, "t_setpoint": 300.0}"#);
    rig.set(&furnace, 400).unwrap();
    rig.advance(secs(10.0));
    // 400 - 100 / e.
    assert!((position(&furnace) - 363.212_055_882_855_8).abs() < 1e-9);
    let reading = rig.read(&furnace).get("t").unwrap().clone();
    assert_eq!((reading.value.as_f64(), reading.timestamp), (Some(position(&furnace)), rig.clock.now()));
    // Anew from where it is: the way is 63.2 and towards 300.
    let status = rig.set(&furnace, 300).unwrap();
    rig.advance(secs(10.0));
    assert!((position(&furnace) - (300.0 + 63.212_055_882_855_8 * (-1.0_f64).exp())).abs() < 1e-9);
    // Stopped it stays where it is.
    let held = position(&furnace);
    rig.block_on(furnace.stoppable().unwrap().stop(rig.cx(&furnace), true)).unwrap();
    rig.advance(secs(1000.0));
    assert_eq!((position(&furnace), status.is_success()), (held, true));
}

#[test]
fn those_who_follow_a_temperature_are_told() {
    let rig = Rig::new();
    let furnace = SimTemperatureController::new("t").value(300.0).ramp_rate(1.0).tolerance(0.5).limits(0.0, 500.0);
    let furnace = rig.add(furnace);
    let seen = told(&rig, &furnace);
    let first = rig.set(&furnace, 310).unwrap();
    rig.advance(ms(500));
    let second = rig.set(&furnace, 303).unwrap();
    assert_eq!(first.exception().unwrap().to_string(), "t was set to 303 before it was done");
    rig.block_on(second.done());
    // From 300.5 the way within 0.5 of 303 is 2 s.
    assert_eq!(rig.elapsed_ns(), 2_500_000_000);
    assert_eq!(*seen.lock().unwrap(), [(1500, Value::from(301.5)), (2500, 302.5.into())]);
    assert_eq!(rig.set(&furnace, 501).unwrap_err().to_string(), "t: value 501 outside of range: [0.0, 500.0]");
}

#[test]
fn a_beam_drops_and_returns_and_decays_in_between() {
    let rig = Rig::new();
    let beam = SimBeam::new("beam").current(400.0).drops(10.0, 5.0).drops(100.0, 1.0).lifetime_s(20.0);
    let beam = rig.add(beam.refilled_every_s(30.0));
    let seen = told(&rig, &beam);
    let mut before = 0.0;
    // 400 e^(-t/20), t since the last return or refill.
    for (at_s, since_s) in [(5.0, Some(5.0)), (10.0, None), (14.9, None), (15.0, Some(0.0)), (50.0, Some(5.0))] {
        rig.advance(Duration::from_secs_f64(at_s - before));
        before = at_s;
        let expected = since_s.map_or(0.0, |since: f64| 400.0 * (-since / 20.0).exp());
        let read = rig.value(&beam).as_f64().unwrap();
        assert!((read - expected).abs() < 1e-9, "{read} at {at_s} s, not {expected}");
    }
    rig.advance(secs(100.0));
    let times: Vec<(u64, bool)> =
        seen.lock().unwrap().iter().map(|(at, value)| (*at, value.as_f64() > Some(0.0))).collect();
    assert_eq!(times, [(0, true), (10_000, false), (15_000, true), (100_000, false), (101_000, true)]);
    assert!(beam.movable().is_err(), "it is for reading only");
}

#[test]
fn a_beam_that_drops_suspends_a_scan() {
    let lab = Harness::new();
    let beam = lab.add(SimBeam::new("beam").drops(3.25, 60.0));
    let stage = lab.add(SimMotor::new("stage").velocity(2.0).acceleration_time_s(0.0));
    let camera = lab.add(SimDetector::new("camera").exposure_s(0.5));
    let suspender = Suspender::floor(&beam, 100).build().unwrap();
    lab.with_engine(|engine| engine.install_suspender(&suspender));
    let run = lab.run(plans::scan(&camera, &stage, 0.0, 10.0, 6));
    run.assert_success();
    // Points begin at 0, 0.5, 2, 3.5 s: at 3.25 s it is in the middle of the move to the third, at 5.5 mm. The point is
    // begun again when the beam is back: half a move, its exposure, and three points of 1.5 s less.
    assert!(run.duration() > secs(8.0 + 60.0) && run.duration() < secs(8.0 + 60.0 + 1.5), "{:?}", run.duration());
    assert_eq!(run.events().count(), 6);
}

#[test]
fn canned_readings_come_in_their_order() {
    let rig = Rig::new();
    let canned = CannedReadings::new("probe").key("probe", [1, 2]).key("probe_image", [[[0, 1], [2, 3]]]);
    let probe = rig.add(canned.clone().config("probe_gain", 3.5));
    for expected in [1, 2, 2] {
        assert!(rig.trigger(&probe).is_success());
        assert_eq!(values(&rig.read(&probe)), format!(r#"{{"probe": {expected}, "probe_image": [[0, 1], [2, 3]]}}"#));
    }
    let keys = rig.block_on(probe.readable().unwrap().describe(rig.cx(&probe))).unwrap();
    let shapes: Vec<_> = keys.0.iter().map(|(_, key)| (key.dtype.as_str(), key.shape.clone())).collect();
    assert_eq!(shapes, [("integer", vec![]), ("array", vec![2, 2])]);
    let config = rig.block_on(probe.configurable().unwrap().read_configuration(rig.cx(&probe))).unwrap();
    assert_eq!(values(&config), r#"{"probe_gain": 3.5}"#);
    let strict = rig.add(canned.strict());
    rig.read(&strict);
    let error = rig.block_on(strict.readable().unwrap().read(rig.cx(&strict))).unwrap_err();
    assert_eq!(error.to_string(), "probe has 1 readings of probe_image, and was read once more");
    let lab = Harness::new();
    let probe = lab.add(CannedReadings::new("probe").key("probe", [5, 7]));
    let run = lab.run(plans::count(&probe, 2));
    run.assert_success();
    let read: Vec<_> = run.events().filter_map(|event| event.get("probe")?.as_i64()).collect();
    assert_eq!(read, [5, 7]);
}
