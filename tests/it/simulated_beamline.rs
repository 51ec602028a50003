//! The devices of the simulated beamline are made when they are first asked for, and nobody can tell when that was.

use skyspan::hardware::Beamline;
use skyspan::prelude::*;
use skyspan::seed::Seed;

/// What each device is, and what reading it gives, before anyone triggers it.
fn portraits(lab: &Harness) -> Vec<String> {
    let portrait = |device: &Device| {
        let read = device.clone();
        let run = lab.run(plan(async move |p| Ok(format!("{:?}", p.read(&read).await?))));
        let exception = run.exception().map(ToString::to_string);
        format!("{} {:?} {exception:?}", device.repr(), run.plan_result())
    };
    lab.beamline().devices().map(portrait).collect()
}

/// Moves what others look at, so that their first values would be others if they were taken now.
fn move_axes(lab: &Harness) -> Outcome {
    let axes = ["motor", "motor1", "motor2", "motor3", "jittery_motor1", "jittery_motor2"].map(|name| lab.device(name));
    lab.run(plan(async move |p| {
        for axis in &axes {
            p.mv(axis, 3).await?;
        }
        p.sleep(1.0).await
    }))
}

#[test]
fn when_a_device_is_first_asked_for_cannot_be_seen() {
    let (early, late) = (Harness::seeded(5), Harness::seeded(5));
    assert_eq!(early.beamline().devices().len(), 38, "all of them are there before the run");
    move_axes(&early).assert_success();
    move_axes(&late).assert_success();
    for (early, late) in portraits(&early).iter().zip(&portraits(&late)) {
        assert_eq!(early, late);
    }
}

#[test]
fn a_detector_that_is_asked_for_late_has_not_read_its_axis() {
    let lab = Harness::builder().chronicled().build();
    let motor = lab.device("motor");
    motor.fault(Fault::on(Method::Read, 1).raises("the first reading fails"));
    let read = motor.clone();
    let run = lab.run(plan(async move |p| p.read(&read).await.map(drop)));
    assert_eq!(run.exception().map(ToString::to_string).as_deref(), Some("the first reading fails"));
    let calls = motor.record_calls();
    assert_eq!(calls.count(Method::Read), 1);
    let _ = lab.device("det");
    assert_eq!(calls.count(Method::Read), 1, "to make what looks at it is no call");
}

#[test]
fn a_detector_goes_on_looking_at_the_axis_that_was_there_first() {
    let lab = Harness::new();
    let other = lab.add(SynAxis::new("motor").value(7));
    let (det, first) = (lab.device("det"), lab.beamline());
    let run = lab.run(plans::count(&det, 1));
    let seen = run.events().next().and_then(|event| event.get("det")?.as_f64());
    assert_eq!(seen, Some(1.0), "the axis in whose place another was put stands at 0, where the peak is");
    assert_eq!(first.get("motor"), Some(other));
}

#[test]
fn a_chronicle_tells_of_devices_that_nobody_has_asked_for() {
    let lab = Harness::builder().chronicled().build();
    let run = lab.run(plans::count(&lab.device("det"), 1));
    let chronicle = run.chronicle().expect("it is kept");
    let called: Vec<&str> = chronicle
        .devices()
        .iter()
        .filter(|(_, calls)| !calls.all().is_empty())
        .map(|(device, _)| &**device.name())
        .collect();
    assert_eq!(chronicle.devices().len(), 38);
    assert_eq!(called, ["motor", "det"], "the detector looks at its axis");
}

#[test]
fn a_beamline_knows_its_names_without_making_anything() {
    let mut beamline = Beamline::simulated(&Seed::new(0));
    assert!(beamline.contains("det5") && !beamline.contains("det6") && !beamline.contains("det.Imax"));
    beamline.add(SynAxis::new("slit"));
    assert!(beamline.contains("slit"));
    assert!(format!("{beamline:?}").contains("simulated: Some([])"), "{beamline:?}");
    assert!(!Beamline::empty().contains("motor"));
}
