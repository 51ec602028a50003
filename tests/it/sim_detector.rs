//! Detectors that expose: their times derived by hand, their counts by their statistics.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use skyspan::device::{Args, Device};
use skyspan::hardware::{SimCamera, gaussian_peak};
use skyspan::prelude::*;
use skyspan::value::Value;

use crate::rig::{Rig, values};

fn names(run: &Outcome) -> Vec<&str> {
    run.documents().iter().map(Document::name).collect()
}

#[test]
fn a_trigger_takes_its_frames_the_gaps_between_them_and_the_readout() {
    check(SimDetector::new("d"), 100_000_000);
    check(SimDetector::new("d").exposure_s(0.5), 500_000_000);
    check(SimDetector::new("d").exposure_s(0.5).readout_s(0.02).dead_time_s(0.001), 520_000_000);
    // 3 × 0.5 + 2 × 0.001 + 0.02.
    check(SimDetector::new("d").exposure_s(0.5).readout_s(0.02).dead_time_s(0.001).frames(3), 1_522_000_000);
    check(SimDetector::new("d").exposure_s(0.0), 0);
    check(SimDetector::new("d").frames(0).readout_s(0.5), 500_000_000);
    check(SimDetector::new("d").exposure_s(1.0 / 3.0).frames(2), 666_666_666);

    #[track_caller]
    fn check(detector: SimDetector, expected_ns: u64) {
        let rig = Rig::new();
        let detector = rig.add(detector);
        let status = rig.trigger(&detector);
        rig.block_on(status.done());
        assert_eq!((rig.elapsed_ns(), status.is_success()), (expected_ns, true));
    }
}

#[test]
fn the_scan_of_the_readme_takes_eight_seconds() {
    let lab = Harness::new();
    let stage = lab.add(SimMotor::new("stage").velocity(2.0).acceleration_time_s(0.0));
    let camera = lab.add(SimDetector::new("camera").exposure_s(0.5));

    let run = lab.run(plans::scan(&camera, &stage, 0.0, 10.0, 6));

    run.assert_success();
    assert_eq!(run.duration(), secs(8.0));
    run.trace().assert(total(span("Bluesky RunEngine wait")).at_most(secs(8.0)));
    run.trace().assert(every(span("Ophyd Status").attr("device_name", "stage")).lasting(..=secs(1.0)));
}

/// What is counted, time after time.
fn counts(seed: u64, detector: SimDetector, times: usize) -> Vec<f64> {
    let rig = Rig::seeded(seed);
    let detector = rig.add(detector);
    let count = |_| {
        rig.block_on(rig.trigger(&detector).done());
        rig.value(&detector).as_f64().unwrap()
    };
    (0..times).map(count).collect()
}

#[test]
fn counts_are_those_of_the_rates_and_the_times_drawn_from_a_poisson_distribution() {
    // (200 + 50) × 0.4 × 2 = 200.
    let detector = || SimDetector::new("d").rate(200.0).dark_rate(50.0).exposure_s(0.4).frames(2);
    let (n, mean) = (2000_u32, 200.0);
    let drawn = counts(5, detector(), n as usize);
    let average = drawn.iter().sum::<f64>() / f64::from(n);
    let variance = drawn.iter().map(|x| (x - average).powi(2)).sum::<f64>() / f64::from(n - 1);
    // Five standard errors of each.
    assert!((average - mean).abs() < 5.0 * (mean / f64::from(n)).sqrt(), "{average}");
    assert!((variance - mean).abs() < 5.0 * (2.0 * mean * mean / f64::from(n)).sqrt(), "{variance}");
    assert_eq!(counts(5, detector(), 20), counts(5, detector(), 20));
    assert_ne!(counts(5, detector(), 20), counts(6, detector(), 20));
    assert_eq!(counts(5, detector().without_noise(), 3), [200.0; 3]);
    // Each of the two frames has 100.
    assert_eq!(counts(5, detector().without_noise().saturates_at(60), 1), [120.0]);
}

#[test]
fn what_it_sees_depends_on_where_its_axes_are_when_the_exposure_is_over() {
    let rig = Rig::new();
    let axis = rig.add(SimMotor::new("axis").velocity(10.0).acceleration_time_s(0.0));
    let filter = rig.add(Signal::new("filter", 0.5));
    let detector = SimDetector::new("d").rate(1e6).exposure_s(0.1).without_noise();
    let detector = rig.add(detector.looks_at(&axis, gaussian_peak(2.0, 1.0)).looks_at(&filter, |part| part));
    let count = || {
        rig.block_on(rig.trigger(&detector).done());
        rig.value(&detector).as_i64().unwrap()
    };
    // 1e6 × 0.1 × e^-2 × 0.5 = 6766.76.
    assert_eq!(count(), 6767);
    // It is at 1 when the exposure is over: e^-0.5 is 0.60653.
    rig.set(&axis, 100).unwrap();
    assert_eq!(count(), 30327);
    let blind = rig.add(SimDetector::new("blind").looks_at(&rig.add(Signal::new("s", "text")), |x| x));
    let status = rig.trigger(&blind);
    rig.block_on(status.done());
    let error = status.exception().unwrap();
    assert_eq!(error.name(), "TypeError");
    assert!(error.to_string().starts_with("expected a number as the position of s, found "), "{error}");
}

#[test]
fn the_next_trigger_goes_by_its_configuration() {
    let rig = Rig::new();
    let detector = rig.add(SimDetector::new("d"));
    let configurable = detector.configurable().unwrap();
    let args = Args::one(Map::from_iter([("exposure_time", Value::from(0.25)), ("frames", 2.into())]));
    let (old, new) = rig.block_on(configurable.configure(rig.cx(&detector), &args)).unwrap();
    let shown = |exposure: &str, frames: u32| {
        format!(
            "{{\"d_exposure_time\": {exposure}, \"d_readout_time\": 0.0, \"d_dead_time\": 0.0, \"d_frames\": {frames}}}"
        )
    };
    assert_eq!((values(&old), values(&new)), (shown("0.1", 1), shown("0.25", 2)));
    rig.block_on(rig.trigger(&detector).done());
    assert_eq!(rig.elapsed_ns(), 500_000_000);
    // count_time is the same signal.
    let count_time = detector.component("count_time").unwrap();
    rig.set(&count_time, 1.0).unwrap();
    assert_eq!(detector.component("exposure_time"), Some(count_time));
    rig.block_on(rig.trigger(&detector).done());
    assert_eq!(rig.elapsed_ns(), 2_500_000_000);
    for (attribute, wrong) in [("exposure_time", Value::from(-1)), ("frames", 0.5.into())] {
        let signal = detector.component(attribute).unwrap();
        rig.set(&signal, wrong).unwrap();
        let error = detector.triggerable().unwrap().trigger(rig.cx(&detector)).unwrap_err();
        assert_eq!(error.name(), "ValueError");
        rig.set(&signal, 1).unwrap();
    }
}

#[test]
fn a_camera_tells_of_its_frames_by_datums() {
    let lab = Harness::new();
    let camera = lab.add(SimCamera::new("camera").with_datums().exposure_s(0.5).frames(3).shape([4, 6]));
    let run = lab.run(plans::count(&camera, 2));
    run.assert_success();
    assert_eq!(run.duration(), secs(2.0 * 1.5));
    assert_eq!(names(&run), ["start", "descriptor", "resource", "datum", "event", "datum", "event", "stop"]);
    let documents: Vec<Map> = run.documents().iter().map(Document::to_map).collect();
    let resource = documents[2].get("uid").unwrap().as_str().unwrap().to_owned();
    let id = |nth| Value::from(format!("{resource}/{nth}"));
    let read: Vec<Value> = run.events().map(|event| event.get("camera").unwrap().clone()).collect();
    assert_eq!(read, [id(0), id(1)]);
    assert_eq!(documents[3].get("datum_id"), Some(&id(0)));
    let keys = documents[1].get("data_keys").unwrap();
    assert_eq!(
        skyspan::value::to_json(keys),
        r#"{"camera": {"source": "SIM:camera", "dtype": "array", "shape": [3, 4, 6], "external": "FILESTORE:", "dtype_numpy": "<u2", "object_name": "camera"}}"#
    );
    assert!(camera.flyable().is_err() && camera.writes_stream_assets().is_err());
}

#[test]
fn a_camera_tells_of_its_frames_by_streams() {
    let lab = Harness::new();
    let camera = lab.add(SimCamera::new("camera").exposure_s(0.5));
    let run = lab.run(plans::count(&camera, 2));
    run.assert_success();
    assert_eq!(run.duration(), secs(1.0));
    let expected = ["start", "descriptor", "stream_resource", "stream_datum", "event", "stream_datum", "event", "stop"];
    assert_eq!(names(&run), expected);
    assert!(camera.writes_external_assets().is_err());
}

/// How many entries a camera has written.
fn index(rig: &Rig, camera: &Device) -> u64 {
    rig.block_on(camera.writes_stream_assets().unwrap().get_index(rig.cx(camera))).unwrap()
}

#[test]
fn in_a_flight_the_frames_are_there_at_an_exact_rate() {
    // Two frames of 0.09 s and a gap of 0.01 s: an entry every 0.2 s, the first after 0.19 s, all 0.05 s later read out.
    let rig = Rig::new();
    let camera = SimCamera::new("camera").exposure_s(0.09).dead_time_s(0.01).readout_s(0.05).frames(2);
    let camera = rig.add(camera);
    let flyable = camera.flyable().unwrap();
    assert_eq!(flyable.kickoff(rig.cx(&camera), &Args::none()).unwrap_err().name(), "RuntimeError", "it is not staged");
    camera.stageable().unwrap().stage(rig.cx(&camera)).unwrap();
    camera.preparable().unwrap().prepare(rig.cx(&camera), &Args::one(3)).unwrap();
    assert!(flyable.kickoff(rig.cx(&camera), &Args::none()).unwrap().is_success());
    let complete = flyable.complete(rig.cx(&camera), &Args::none()).unwrap();
    let mut before = 0;
    for (at_ns, expected) in [
        (239_999_999, 0),
        (240_000_000, 1),
        (439_999_999, 1),
        (440_000_000, 2),
        (639_999_999, 2),
        (640_000_000, 3),
        (9_000_000_000, 3),
    ] {
        assert!(!complete.is_done() || at_ns > 640_000_000);
        rig.advance(ns(at_ns - before));
        before = at_ns;
        assert_eq!(index(&rig, &camera), expected, "at {at_ns} ns");
    }
    assert!(complete.is_success());
}
