//! Motors that speed up, go on and slow down: every time is derived by hand from velocity, acceleration and distance.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use skyspan::device::{Args, Cx, Device, DeviceError, Ending, Progress, Readings, Status};
use skyspan::hardware::FlyMotorInfo;
use skyspan::prelude::*;
use skyspan::value::Value;

use crate::rig::{Rig, elapsed_ns, values};

fn motor(velocity: f64, acceleration_time_s: f64) -> SimMotor {
    SimMotor::new("stage").velocity(velocity).acceleration_time_s(acceleration_time_s)
}

fn position(device: &Device) -> f64 {
    device.position().unwrap().as_f64().unwrap()
}

fn stop(rig: &Rig, device: &Device, success: bool) {
    rig.block_on(device.stoppable().unwrap().stop(rig.cx(device), success)).unwrap();
}

#[test]
fn a_motor_that_is_nowhere_says_so_and_moves_nowhere() {
    let rig = Rig::new();
    for nowhere in [f64::NAN, f64::INFINITY] {
        let device = rig.add(motor(1.0, 0.5).value(nowhere));
        assert_eq!(rig.set(&device, 5).unwrap_err().name(), "ValueError");
    }
    // What has no acceleration time, for it is infinitely fast, moves in no time.
    let device = rig.add(SimMotor::new("stage").velocity(f64::INFINITY).acceleration(4.0));
    assert!(rig.set(&device, 5).unwrap().is_success());
}

#[test]
fn a_move_takes_what_follows_from_velocity_acceleration_and_distance() {
    // Trapezoid: at 2 mm/s, reached in 0.5 s (0.5 mm to speed up, 0.5 mm to slow down), 10 mm take 10 / 2 + 0.5 = 5.5 s.
    check(motor(2.0, 0.5), 10.0, 5_500_000_000);
    // Backward it takes as long.
    check(motor(2.0, 0.5), -10.0, 5_500_000_000);
    check(motor(2.0, 0.5).value(10.0), 0.0, 5_500_000_000);
    // Triangle: 4 mm/s²; half of 0.25 mm at that acceleration take √(0.25 / 4) s = 0.25 s; there and on 0.5 s.
    check(motor(2.0, 0.5), 0.25, 500_000_000);
    // On the border of both, v t = 1 mm: 1 / 2 + 0.5 s, and 2 √(1 / 4) s.
    check(motor(2.0, 0.5), 1.0, 1_000_000_000);
    // Irrational: 2 √(0.5 / 4) s = 0.707106781186...
    check(motor(2.0, 0.5), 0.5, 707_106_781);
    // No time to speed up.
    check(motor(2.0, 0.0), 2.0, 1_000_000_000);
    check(motor(3.0, 0.0), 1.0, 333_333_333);
    check(motor(3.0, 0.0), 2.0, 666_666_667);
    // No way.
    check(motor(2.0, 0.5).value(7.0), 7.0, 0);
    // By the acceleration in place of its time: 2 mm/s at 4 mm/s² are 0.5 s.
    check(SimMotor::new("stage").velocity(2.0).acceleration(4.0), 10.0, 5_500_000_000);
    // Settling comes behind.
    check(motor(2.0, 0.5).settle_time_s(0.25), 10.0, 5_750_000_000);
    check(motor(2.0, 0.5).settle_time_s(0.25).value(7.0), 7.0, 250_000_000);
    // Infinitely fast.
    check(motor(f64::INFINITY, 0.5), 10.0, 0);
    // Backlash of 0.5 mm: upward as ever; downward 10.5 mm in 5.75 s, then 0.5 mm in 0.707106781 s.
    check(motor(2.0, 0.5).backlash(0.5), 10.0, 5_500_000_000);
    check(motor(2.0, 0.5).backlash(0.5), -10.0, 5_750_000_000 + 707_106_781);
    check(motor(2.0, 0.5).backlash(-0.5), 10.0, 5_750_000_000 + 707_106_781);
    check(motor(2.0, 0.5).backlash(-0.5), -10.0, 5_500_000_000);
    // The defaults: 1 mm/s in 0.5 s.
    check(SimMotor::new("stage"), 3.0, 3_500_000_000);

    #[track_caller]
    fn check(motor: SimMotor, target: f64, expected_ns: u64) {
        let rig = Rig::new();
        let motor = rig.add(motor);
        let status = rig.set(&motor, target).unwrap();
        rig.block_on(status.done());
        assert_eq!(rig.elapsed_ns(), expected_ns);
        assert!(status.is_success());
        assert_eq!(position(&motor).to_bits(), target.to_bits(), "it is exactly where it was told to go");
        assert_eq!(status.kind().class_name(), "MoveStatus");
    }
}

#[test]
fn where_it_is_on_its_way_follows_too() {
    // 4 mm/s² up to 2 mm/s at 0.5 s and 0.5 mm; slowing down from 5 s and 9.5 mm on; 10 mm at 5.5 s.
    let rig = Rig::new();
    let motor = rig.add(motor(2.0, 0.5));
    let status = rig.set(&motor, 10).unwrap();
    let expected =
        [(0, 0.0), (250, 0.125), (500, 0.5), (1000, 1.5), (4750, 9.0), (5000, 9.5), (5250, 9.875), (5499, 9.999_998)];
    let mut before = 0;
    for (at_ms, expected) in expected {
        rig.advance(ms(at_ms - before));
        before = at_ms;
        assert!((position(&motor) - expected).abs() < 1e-12, "{} at {at_ms} ms", position(&motor));
        let reading = rig.read(&motor).get("stage").unwrap().clone();
        assert_eq!((reading.value, reading.timestamp), (position(&motor).into(), rig.clock.now()));
        assert_eq!(rig.value(&motor.component("readback").unwrap()), position(&motor).into());
    }
    assert!(!status.is_done());
    rig.advance(ms(1));
    assert!(status.is_done());
    rig.advance(secs(1.0));
    let arrived = rig.read(&motor).get("stage").unwrap().timestamp;
    assert_eq!(elapsed_ns(arrived), 5_500_000_000, "it has been there since it arrived");
}

#[test]
fn it_never_jumps_nor_goes_back_nor_goes_beyond() {
    for (nth, (velocity, time_s)) in
        [(2.0, 0.5), (0.3, 0.1), (7.0, 0.0), (1e-3, 2.0), (123.4, 0.777)].into_iter().enumerate()
    {
        for (start, target) in [(0.0, 1.0), (0.1, -0.2), (1e6, 1e6 + 0.3), (-5.3, 17.9), (3.0, 3.0 + 1e-9)] {
            let rig = Rig::new();
            let motor = rig.add(motor(velocity, time_s).value(start));
            let status = rig.set(&motor, target).unwrap();
            let took = 1000.0 * (f64::abs(target - start) / velocity + 2.0 * time_s);
            let step = Duration::from_secs_f64(took / 1000.0 / 997.0);
            let (mut last, direction) = (start, f64::signum(target - start));
            while !status.is_done() {
                rig.advance(step);
                let now = position(&motor);
                assert!((now - last) * direction >= 0.0, "{nth}: back from {last} to {now}");
                assert!((target - now) * direction >= 0.0, "{nth}: beyond {target}: {now}");
                let way = (now - last).abs();
                assert!(way <= velocity * step.as_secs_f64() * 1.001 + 1e-9, "{nth}: a jump of {way}");
                last = now;
            }
            assert_eq!(position(&motor).to_bits(), target.to_bits());
        }
    }
}

#[test]
fn a_backlash_goes_beyond_and_comes_back() {
    // From 5 at 1 mm/s without ramps: 3.5 s down to 1.5, and 0.5 s up to 2.
    let rig = Rig::new();
    let motor = rig.add(motor(1.0, 0.0).value(5.0).backlash(0.5));
    rig.set(&motor, 2).unwrap();
    for (after_ms, expected) in [(1000, 4.0), (2500, 1.5), (250, 1.75), (250, 2.0)] {
        rig.advance(ms(after_ms));
        assert!((position(&motor) - expected).abs() < 1e-12);
    }
}

#[test]
fn told_to_stop_it_slows_down_as_it_has_sped_up() {
    // 4 mm/s² up to 2 mm/s. At 0.25 s it is at 0.125 mm with 1 mm/s: 0.25 s and 0.125 mm more.
    check(250, 500, 0.25);
    // At 2 s it is at 3.5 mm with 2 mm/s: 0.5 s and 0.5 mm more.
    check(2000, 2500, 4.0);
    // At 5.25 s it slows down already, and comes to its end.
    check(5250, 5500, 10.0);
    // Nothing has moved yet.
    check(0, 0, 0.0);

    #[track_caller]
    fn check(at_ms: u64, rests_ms: u64, rests_at: f64) {
        for success in [true, false] {
            let rig = Rig::new();
            let motor = rig.add(motor(2.0, 0.5));
            let status = rig.set(&motor, 10).unwrap();
            rig.advance(ms(at_ms));
            stop(&rig, &motor, success);
            assert_eq!(rig.elapsed_ns(), rests_ms * 1_000_000, "who stops it waits until it stands still");
            assert_eq!((position(&motor), status.is_success()), (rests_at, success));
            let error = status.exception();
            assert_eq!(error.map(|error| error.name()), (!success).then(|| "RuntimeError".into()));
            let expected = format!(r#"{{"stage": {rests_at:?}, "stage_setpoint": {rests_at:?}}}"#);
            assert_eq!(values(&rig.read(&motor)), expected, "the setpoint is where it stands");
            stop(&rig, &motor, false);
            assert_eq!((rig.elapsed_ns(), position(&motor)), (rests_ms * 1_000_000, rests_at), "it stands still");
        }
    }
}

#[test]
fn without_an_acceleration_it_stops_at_once() {
    let rig = Rig::new();
    let motor = rig.add(motor(2.0, 0.0));
    let status = rig.set(&motor, 10).unwrap();
    rig.advance(ms(1500));
    stop(&rig, &motor, true);
    assert_eq!((rig.elapsed_ns(), position(&motor), status.is_success()), (1_500_000_000, 3.0, true));
}

#[test]
fn it_stands_still_for_its_latency_before_each_move() {
    let rig = Rig::new();
    let motor = rig.add(motor(2.0, 0.5).latency_s(0.25).backlash(0.5));
    let status = rig.set(&motor, 4).unwrap();
    rig.advance(ms(250));
    assert_eq!(position(&motor), 0.0);
    rig.advance(ms(500));
    assert_eq!(position(&motor), 0.5, "it has sped up by 4 mm/s² to 2 mm/s");
    rig.advance(ms(2000));
    assert_eq!((position(&motor), status.is_success()), (4.0, true));
    // Down it goes beyond its target, and comes back from below: one latency.
    let status = rig.set(&motor, 2).unwrap();
    // 2.5 mm in 1.75 s, and 0.5 mm back in 2 √(0.5 · 0.5 / 2) s.
    rig.advance(ms(250 + 1750 + 707));
    assert!(!status.is_done());
    rig.advance(ms(1));
    assert!(status.is_success());
    // No way takes the latency.
    let status = rig.set(&motor, 2).unwrap();
    rig.advance(ms(249));
    assert!(!status.is_done());
    rig.advance(ms(1));
    assert!(status.is_success());
}

#[test]
fn a_motor_that_is_stopped_before_it_has_begun_stands_where_it_stood() {
    let rig = Rig::new();
    let motor = rig.add(motor(2.0, 0.5).value(1.0).latency_s(0.5));
    let status = rig.set(&motor, 10).unwrap();
    rig.advance(ms(200));
    stop(&rig, &motor, true);
    assert_eq!((rig.elapsed_ns(), position(&motor), status.is_success()), (200_000_000, 1.0, true));
    rig.advance(secs(20.0));
    assert_eq!(position(&motor), 1.0);
}

#[test]
fn set_while_it_moves_it_gives_up_the_earlier_move() {
    // At 2 s it is at 3.5 mm with 2 mm/s, rests at 4 mm at 2.5 s, and goes back 4 mm in 4 / 2 + 0.5 s.
    let rig = Rig::new();
    let motor = rig.add(motor(2.0, 0.5));
    let first = rig.set(&motor, 10).unwrap();
    rig.advance(secs(2.0));
    let second = rig.set(&motor, 0).unwrap();
    let error = first.exception().unwrap();
    assert_eq!(
        (&*error.name(), &*error.to_string()),
        ("RuntimeError", "stage was told to go to 0 before it was at 10")
    );
    rig.advance(ms(500));
    assert_eq!((position(&motor), second.is_done()), (4.0, false));
    rig.block_on(second.done());
    assert_eq!((rig.elapsed_ns(), position(&motor), second.is_success()), (5_000_000_000, 0.0, true));
}

#[test]
fn what_follows_a_move_is_told_at_its_rate_and_at_its_end() {
    let rig = Rig::new();
    let motor = rig.add(motor(2.0, 0.0).update_period_s(0.25));
    let seen: Arc<Mutex<Vec<(u64, f64)>>> = Arc::default();
    let (told, clock) = (Arc::clone(&seen), rig.clock.clone());
    let status = rig.set(&motor, 2).unwrap();
    rig.advance(ms(300));
    // From 0.3 s on somebody wants to know: at 0.5 and 0.75 s, and at the end.
    status.watch(move |progress: &Progress| {
        let Some(current) = &progress.current else { return };
        told.lock().unwrap().push((elapsed_ns(clock.now()) / 1_000_000, current.as_f64().unwrap()));
    });
    rig.block_on(status.done());
    assert_eq!(*seen.lock().unwrap(), [(500, 1.0), (750, 1.5), (1000, 2.0)]);
    assert_eq!(rig.elapsed_ns(), 1_000_000_000);

    let seen: Arc<Mutex<Vec<(u64, f64)>>> = Arc::default();
    let (told, clock) = (Arc::clone(&seen), rig.clock.clone());
    let id = motor.subscribable().unwrap().subscribe(Box::new(move |readings: &Readings| {
        let position = readings.get("stage").unwrap().value.as_f64().unwrap();
        told.lock().unwrap().push((elapsed_ns(clock.now()) / 1_000_000, position));
    }));
    let status = rig.set(&motor, 1).unwrap();
    rig.block_on(status.done());
    assert_eq!(*seen.lock().unwrap(), [(1000, 2.0), (1250, 1.5), (1500, 1.0)], "the first when one subscribes");
    motor.subscribable().unwrap().clear_sub(id);
    rig.block_on(rig.set(&motor, 5).unwrap().done());
    assert_eq!(seen.lock().unwrap().len(), 3);
}

#[test]
fn the_next_move_goes_by_what_its_velocity_is_then() {
    let rig = Rig::new();
    let motor = rig.add(motor(2.0, 0.5));
    let velocity = motor.component("velocity").unwrap();
    let status = rig.set(&motor, 10).unwrap();
    rig.set(&velocity, 4.0).unwrap();
    rig.block_on(status.done());
    assert_eq!(rig.elapsed_ns(), 5_500_000_000, "the move under way goes on as it began");
    // 10 / 4 + 0.5 s.
    rig.block_on(rig.set(&motor, 0).unwrap().done());
    assert_eq!(rig.elapsed_ns(), 8_500_000_000);
    let args = Args::one(Map::from_iter([("velocity", 1.0), ("acceleration", 0.0)]));
    let configured = rig.block_on(motor.configurable().unwrap().configure(rig.cx(&motor), &args)).unwrap();
    assert_eq!(values(&configured.0), r#"{"stage_velocity": 4.0, "stage_acceleration": 0.5}"#);
    assert_eq!(values(&configured.1), r#"{"stage_velocity": 1.0, "stage_acceleration": 0.0}"#);
    rig.block_on(rig.set(&motor, 10).unwrap().done());
    assert_eq!(rig.elapsed_ns(), 18_500_000_000);
    for (wrong, message) in [
        (Value::from(0), "stage_velocity is 0; it moves by a velocity greater than zero only"),
        ("x".into(), "stage_velocity is x; it moves by a velocity greater than zero only"),
    ] {
        rig.set(&velocity, wrong).unwrap();
        let error = rig.set(&motor, 1).unwrap_err();
        assert_eq!((&*error.name(), error.to_string().replace('"', "")), ("ValueError", message.to_owned()));
    }
    assert_eq!(position(&motor), 10.0);
}

#[test]
fn limits_refuse_what_is_beyond_them() {
    let rig = Rig::new();
    let limited = rig.add(motor(2.0, 0.5).limits(-1.0, 10.0));
    let checkable = limited.checkable().unwrap();
    for good in [Value::from(-1), 10.into(), 0.5.into()] {
        assert_eq!(checkable.check_value(&good), Ok(()), "{good}");
    }
    let error = DeviceError::other("LimitError", "stage: value 10.5 outside of range: [-1.0, 10.0]");
    assert_eq!(checkable.check_value(&10.5.into()), Err(error.clone()));
    assert_eq!(rig.set(&limited, 10.5).unwrap_err(), error);
    assert_eq!(rig.set(&limited, f64::NAN).unwrap_err().name(), "ValueError");
    assert_eq!(rig.set(&limited, "up").unwrap_err().name(), "TypeError");
    assert_eq!(position(&limited), 0.0, "it did not move");
    // As in EPICS equal limits are none.
    let free = rig.add(motor(2.0, 0.5).limits(0.0, 0.0));
    assert_eq!(free.checkable().unwrap().check_value(&1e6.into()), Ok(()));
}

#[test]
fn it_describes_itself_as_a_motor_does() {
    let rig = Rig::new();
    let motor = rig.add(motor(2.0, 0.5).limits(-1.0, 10.0).egu("deg").precision(4).labels(["motors"]));
    assert_eq!(
        motor.repr(),
        "SimMotor(prefix='', name='stage', read_attrs=['readback', 'setpoint'], \
         configuration_attrs=['velocity', 'acceleration'])"
    );
    let keys = rig.block_on(motor.readable().unwrap().describe(rig.cx(&motor))).unwrap();
    let described: Map = keys.0.iter().map(|(name, key)| (name.clone(), Value::from(key.to_map()))).collect();
    assert_eq!(
        skyspan::value::to_json(&described.into()),
        r#"{"stage": {"source": "SIM:stage", "dtype": "number", "shape": [], "precision": 4, "units": "deg", "lower_ctrl_limit": -1.0, "upper_ctrl_limit": 10.0}, "stage_setpoint": {"source": "SIM:stage_setpoint", "dtype": "number", "shape": [], "precision": 4, "units": "deg", "lower_ctrl_limit": -1.0, "upper_ctrl_limit": 10.0}}"#
    );
    let first = rig.read(&motor).get("stage").unwrap().clone();
    assert_eq!((first.value, elapsed_ns(first.timestamp)), (0.0.into(), 0));
    assert_eq!(motor.has_hints().unwrap().hints().fields, Some(vec!["stage".into()]));
    rig.set(&motor, 10).unwrap();
    rig.advance(ms(500));
    let location = rig.block_on(motor.locatable().unwrap().locate(rig.cx(&motor))).unwrap();
    assert_eq!((location.setpoint, location.readback), (10.into(), 0.5.into()));
}

#[test]
fn an_encoder_reads_to_its_resolution_with_its_noise_and_the_position_is_free_of_both() {
    let rig = Rig::seeded(3);
    let coarse = rig.add(motor(2.0, 0.0).readback_resolution(0.25));
    rig.set(&coarse, 1.1).unwrap();
    rig.advance(secs(1.0));
    assert_eq!((rig.value(&coarse), position(&coarse)), (1.0.into(), 1.1));
    let noisy = |seed| {
        let rig = Rig::seeded(seed);
        let noisy = rig.add(motor(2.0, 0.0).readback_noise(0.01));
        rig.set(&noisy, 1).unwrap();
        rig.advance(secs(1.0));
        assert_eq!(position(&noisy), 1.0);
        let read: Vec<f64> = (0..50).map(|_| rig.value(&noisy).as_f64().unwrap()).collect();
        assert!(read.iter().all(|x| (0.99..=1.01).contains(x)) && read.iter().any(|x| (x - 1.0).abs() > 0.005));
        read
    };
    assert_eq!(noisy(1), noisy(1));
    assert_ne!(noisy(1), noisy(2));
}

/// Sets a motor with a fault in the way.
fn set_ending(rig: &Rig, device: &Device, target: f64, ending: &Ending) -> Status {
    let cx: Cx<'_> = rig.cx(device).ending_so(ending);
    device.movable().unwrap().set(cx, &Args::one(target)).unwrap()
}

#[test]
fn a_move_that_fails_leaves_it_where_it_is_then() {
    // At 2 s it is at 3.5 mm.
    let rig = Rig::new();
    let failing = rig.add(motor(2.0, 0.5));
    let jammed = DeviceError::other("DeviceFault", "jammed");
    let ending = Ending { fails: Some((secs(2.0), jammed.clone())), ..Ending::usual() };
    let status = set_ending(&rig, &failing, 10.0, &ending);
    rig.block_on(status.done());
    assert_eq!((rig.elapsed_ns(), status.exception()), (2_000_000_000, Some(jammed)));
    assert_eq!(position(&failing), 3.5);
    rig.advance(secs(10.0));
    assert_eq!(position(&failing), 3.5);
    // From there 6.5 mm in 6.5 / 2 + 0.5 s.
    rig.block_on(rig.set(&failing, 10).unwrap().done());
    assert_eq!((rig.elapsed_ns(), position(&failing)), (12_000_000_000 + 3_750_000_000, 10.0));
}

#[test]
fn a_move_that_never_ends_stalls_half_way() {
    let rig = Rig::new();
    let stalling = rig.add(motor(2.0, 0.5));
    let status = set_ending(&rig, &stalling, 10.0, &Ending { never: true, ..Ending::usual() });
    rig.advance(secs(1000.0));
    assert_eq!((position(&stalling), status.is_done()), (5.0, false));
    assert!(rig.clock.block_on(status.done()).is_err(), "nothing can ever end it");
}

#[test]
fn the_scan_takes_eight_seconds() {
    let lab = Harness::new();
    let stage = lab.add(SimMotor::new("stage").velocity(2.0).acceleration_time_s(0.0));
    let run = lab.run(plans::scan(&lab.device("det"), &stage, 0.0, 10.0, 6));
    run.assert_success();
    assert_eq!(run.duration(), secs(5.0));
    run.assert(every(span("Ophyd Status").attr("device_name", "stage")).lasting(..=secs(1.0)));
}

#[test]
fn a_pause_stops_it_and_what_is_done_again_goes_on_from_there() {
    // At 2 s it is at 3.5 mm and slows down to 4 mm, where it is at 2.5 s. From there 6 mm take 6 / 2 + 0.5 s.
    let lab = Harness::new();
    let stage = lab.add(motor(2.0, 0.5));
    lab.at(secs(2.0)).pause();
    let moved = stage.clone();
    let paused = lab.run(plan(async move |p| {
        p.checkpoint().await?;
        p.mv(&moved, 10).await
    }));
    assert!(paused.is_paused());
    assert_eq!((paused.duration(), position(&stage)), (secs(2.5), 4.0));
    let run = lab.resume();
    run.assert_success();
    assert_eq!((run.duration(), position(&stage)), (secs(2.5 + 3.5), 10.0));
    run.assert(exactly(2, span("Ophyd Status").attr("device_name", "stage").attr("target", 10)));
}

#[test]
fn an_abort_stops_it_before_the_run_has_ended() {
    let lab = Harness::new();
    let stage = lab.add(motor(2.0, 0.5));
    lab.at(secs(2.0)).abort("beam lost");
    let moved = stage.clone();
    let run = lab.run(plan(async move |p| p.mv(&moved, 10).await));
    assert_eq!((run.exit_status(), run.duration(), position(&stage)), (Abort, secs(2.5), 4.0));
}

#[test]
fn a_monitored_motor_leaves_events_while_it_moves() {
    let lab = Harness::new();
    let stage = lab.add(motor(2.0, 0.0).update_period_s(0.25));
    let run = lab.run(plan(async move |p| {
        p.open_run(Map::new()).await?;
        p.monitor(&stage, "where").await?;
        p.mv(&stage, 2).await?;
        p.unmonitor(&stage).await?;
        p.close_run().await
    }));
    run.assert_success();
    let positions: Vec<f64> = run.events().map(|event| event.get("stage").unwrap().as_f64().unwrap()).collect();
    assert_eq!(positions, [0.5, 1.0, 1.5, 2.0]);
    assert_eq!(run.duration(), secs(1.0));
}

#[test]
fn a_flight_has_its_velocity_from_its_start_to_its_end() {
    // 2 mm/s in 0.5 s: 0.5 mm to speed up. To -0.5 mm at 10 mm/s in 0.5 s: a triangle of 2 √(0.5 · 0.5 / 10) s.
    let rig = Rig::new();
    let stage = rig.add(motor(10.0, 0.5));
    let preparable = stage.preparable().unwrap();
    let info = FlyMotorInfo { start_position: 0.0, end_position: 8.0, time_for_move_s: 4.0 };
    let flyable = stage.flyable().unwrap();
    assert_eq!(flyable.kickoff(rig.cx(&stage), &Args::none()).unwrap_err().name(), "RuntimeError");
    assert_eq!(flyable.complete(rig.cx(&stage), &Args::none()).unwrap_err().name(), "RuntimeError");
    let ready = preparable.prepare(rig.cx(&stage), &Args::one(info)).unwrap();
    rig.block_on(ready.done());
    assert_eq!((rig.elapsed_ns(), position(&stage)), (316_227_766, -0.5));
    let flies = flyable.kickoff(rig.cx(&stage), &Args::none()).unwrap();
    let complete = flyable.complete(rig.cx(&stage), &Args::none()).unwrap();
    rig.block_on(flies.done());
    assert_eq!((rig.elapsed_ns(), position(&stage)), (816_227_766, 0.0));
    rig.advance(secs(1.0));
    assert!((position(&stage) - 2.0).abs() < 1e-12);
    rig.advance(secs(3.0));
    assert!((position(&stage) - 8.0).abs() < 1e-12);
    rig.block_on(complete.done());
    assert_eq!((rig.elapsed_ns(), position(&stage)), (5_316_227_766, 8.5));
    assert!(flies.is_success() && complete.is_success());
    assert_eq!(flyable.kickoff(rig.cx(&stage), &Args::none()).unwrap_err().name(), "RuntimeError", "once only");

    let again = preparable.prepare(rig.cx(&stage), &Args::one(info)).unwrap();
    rig.block_on(again.done());
    flyable.kickoff(rig.cx(&stage), &Args::none()).unwrap();
    rig.advance(secs(1.0));
    stop(&rig, &stage, true);
    let complete = flyable.complete(rig.cx(&stage), &Args::none()).unwrap();
    assert_eq!(complete.exception().unwrap().name(), "RuntimeError", "it was stopped");
    for wrong in [Value::from(3), Map::new().into()] {
        assert!(preparable.prepare(rig.cx(&stage), &Args::one(wrong)).is_err());
    }
}

#[test]
fn setting_the_setpoint_moves_it() {
    let rig = Rig::new();
    let stage = rig.add(motor(2.0, 0.5));
    let status = rig.set(&stage.component("setpoint").unwrap(), 10).unwrap();
    rig.block_on(status.done());
    assert_eq!((rig.elapsed_ns(), position(&stage)), (5_500_000_000, 10.0));
}
