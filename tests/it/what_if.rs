//! How long a program would take with other devices, and with other seeds.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::time::Duration;

use skyspan::harness::{Chance, WhatIf};
use skyspan::program::Program;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn grid() -> Program {
    Program::read("fixtures/estimates/grid.yaml").unwrap()
}

/// Each change as it is printed, and what it saves in milliseconds.
fn saved(what_if: &WhatIf) -> Vec<(String, f64)> {
    let rows = what_if.alternatives.iter().map(|it| {
        let changes: Vec<String> = it.changes.iter().map(ToString::to_string).collect();
        (changes.join(", "), (it.saved_s(what_if.duration) * 1e6).round() / 1e3)
    });
    rows.collect()
}

/// By hand: 30 moves of `sx` by 0.5 at a velocity of 1 take 0.5 s and 0.2 s to accelerate; 4 of `sy` by 0.5 at 2 take 0.25 s and
/// 0.1 s; 35 exposures of 0.5 s are waited for, beside which the camera takes 0.4 s.
#[test]
fn what_a_quicker_device_saves_is_what_nothing_else_takes() {
    let what_if = WhatIf::quicker(&grid(), 0).unwrap();
    assert_eq!(what_if.duration, ms(30 * 700 + 4 * 350 + 35 * 500));
    assert_eq!(
        saved(&what_if),
        [
            ("sx.velocity 1 → 2".to_owned(), 30.0 * 250.0),
            ("fluo.exposure_time 0.5 → 0.25".to_owned(), 35.0 * 100.0),
            ("sy.velocity 2 → 4".to_owned(), 4.0 * 125.0),
            ("cam.exposure_time 0.3 → 0.15".to_owned(), 0.0),
        ]
    );
    let then: Vec<_> = what_if.alternatives.iter().map(|it| it.then.as_deref()).collect();
    assert_eq!(then, [None, Some("cam"), None, None]);
    assert!(what_if.is_success && what_if.alternatives.iter().all(|it| it.is_success));
}

#[test]
fn options_are_changed_as_said_and_together() {
    let program = grid();
    let change = |text: &str| program.option_change(text).unwrap();
    let together = vec![change("fluo.exposure=0.1"), change("cam.exposure_time=0.05")];
    let slower = vec![change("sx.acceleration_time=0.4")];
    let longer = vec![change("cam.readout_time=0.3")];
    let what_if = WhatIf::of(&program, 0, vec![slower, together, longer]).unwrap();
    let rows = saved(&what_if);
    assert_eq!(rows[0], ("fluo.exposure_time 0.5 → 0.1, cam.exposure_time 0.3 → 0.05".to_owned(), 35.0 * 350.0));
    assert_eq!(rows[1], ("cam.readout_time 0.1 → 0.3".to_owned(), -35.0 * 100.0));
    assert_eq!(rows[2], ("sx.acceleration_time 0.2 → 0.4".to_owned(), -30.0 * 200.0));
    // The program is as it was.
    assert_eq!(program, grid());
}

#[test]
fn every_kind_of_device_that_takes_time_can_be_quicker() {
    let program = Program::parse(
        "
devices:
  - {name: axis, class: SynAxis, delay: 4}
  - {name: still, class: SynAxis}
  - {name: usual, class: SimMotor}
  - {name: light, class: SimShutter, opens_in: 1, closes_in: 2}
  - {name: oven, class: SimTemperatureController, ramp_rate: 3}
  - {name: slow_oven, class: SimTemperatureController}
  - {name: diode, class: SynSignal, exposure_time: 2}
  - {name: light_level, class: SynPeriodicSignal, period: 5}
  - {name: frames, class: FrameDetector, data_keys: {a: [1]}, period: 0.5}
items: []
",
    )
    .unwrap();
    let quicker: Vec<String> = program.quicker_devices().iter().map(ToString::to_string).collect();
    assert_eq!(
        quicker,
        [
            "axis.delay 4 → 2",
            "usual.velocity 1 → 2",
            "light.opens_in 1 → 0.5",
            "light.closes_in 2 → 1",
            "oven.ramp_rate 3 → 6",
            "slow_oven.time_constant 60 → 30",
            "diode.exposure_time 2 → 1",
            "frames.period 0.5 → 0.25",
        ]
    );
    // Each can be made so.
    let what_if = WhatIf::quicker(&program, 0).unwrap();
    assert_eq!(what_if.alternatives.len(), quicker.len());
}

#[test]
fn what_cannot_be_changed_is_told() {
    let program = grid();
    for (text, expected, found) in [
        ("sx", "expected DEVICE.OPTION=NUMBER", "\"sx\""),
        ("sx.velocity=fast", "expected DEVICE.OPTION=NUMBER", "\"sx.velocity=fast\""),
        ("sz.velocity=1", "expected a device of the file: sx, sy, fluo, cam", "did you mean `sx`?"),
        ("sx.velocty=1", "expected an option of SimMotor", "did you mean `velocity`?"),
        ("sx.=1", "expected an option of SimMotor", "\"\""),
        // More than one begins so.
        ("sx.read=1", "expected an option of SimMotor", "did you mean `readback_noise`?"),
    ] {
        let error = program.option_change(text).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains(found), "{text}: {error}");
    }
    for (text, expected) in [("sx.velocity=-1", "a number greater than zero"), ("fluo.frames=0.5", "whole number")] {
        let change = program.option_change(text).unwrap();
        let error = WhatIf::of(&program, 0, vec![vec![change.clone()]]).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains(&change.to_string()), "{text}: {error}");
    }
}

#[test]
fn a_plan_that_fails_otherwise_is_told() {
    let program = Program::parse(
        "
devices: [{name: stage, class: SimMotor, velocity: 1, acceleration_time: 0}]
items: [{item_type: messages, messages: [
  {command: set, obj: stage, args: [3], kwargs: {group: a}}, {command: wait, kwargs: {group: a, timeout: 2}}]}]
",
    )
    .unwrap();
    let what_if = WhatIf::quicker(&program, 0).unwrap();
    assert_eq!((what_if.is_success, what_if.alternatives[0].is_success), (false, true));
    assert_eq!((what_if.duration, what_if.alternatives[0].duration), (ms(2_000), ms(1_500)));
    let text = what_if.to_string();
    assert!(text.lines().any(|line| line.starts_with("as it is") && line.ends_with("(fails)")), "{text}");
}

#[test]
fn what_a_plan_says_that_it_leaves_is_no_failure_of_its_items() {
    let program = Program::parse(
        "
devices: [{name: stage, class: SynAxis, delay: 1}]
items: [{item_type: plan, name: rel_scan, args: [[det], stage, 0, 1, 2]}]
expect: [{duration: 2 s}, {documents: {start: 1}}, {spans: '{ status = error }', count: 0}]
",
    )
    .unwrap();
    let what_if = WhatIf::quicker(&program, 0).unwrap();
    assert!(what_if.is_success && what_if.alternatives.iter().all(|it| it.is_success), "{what_if}");
    assert_eq!(Chance::of(&program, 0..3).unwrap().succeeded, 3);
}

#[test]
fn many_seeds_tell_what_faults_at_a_rate_make_of_a_plan() {
    let program = Program::parse(
        "
devices: [{name: stage, class: SynAxis, delay: 1}]
faults: [{device: stage, kind: fail, message: stalled, after: 0.5, rate: 0.2}]
items: [{item_type: plan, name: mv, args: [stage, 1]}, {item_type: plan, name: mv, args: [stage, 2]}]
",
    )
    .unwrap();
    let chance = Chance::of(&program, 100..300).unwrap();
    assert_eq!((chance.seeds, chance.endings.iter().map(|ending| ending.seeds).sum::<u64>()), (200, 200));
    // 0.8 * 0.8 of them.
    assert!((100..=156).contains(&chance.succeeded), "{chance}");
    assert_eq!((chance.times.min, chance.times.max), (ms(1_000), ms(2_000)));
    let failed = chance.endings.iter().find(|ending| ending.error.is_some()).unwrap();
    assert!(failed.error.as_ref().unwrap().contains("FailedStatus"), "{failed:?}");
    // The seed shows it again.
    let again = Chance::of(&program, failed.first_seed..failed.first_seed + 1).unwrap();
    assert_eq!((again.succeeded, &again.endings[0].error), (0, &failed.error));
    assert_eq!(Chance::of(&program, 100..300).unwrap(), chance);
}

#[test]
fn programs_get_it_as_json() {
    let what_if = serde_json::to_value(WhatIf::quicker(&grid(), 0).unwrap()).unwrap();
    assert_eq!((&what_if["version"], &what_if["duration_ns"]), (&1.into(), &39_900_000_000_u64.into()));
    assert_eq!(
        what_if["alternatives"][0]["changes"][0],
        serde_json::json!({"device": "sx", "option": "velocity", "from": 1.0, "to": 2.0})
    );
    let chance = serde_json::to_value(Chance::of(&grid(), 0..2).unwrap()).unwrap();
    assert_eq!((&chance["seeds"], &chance["p95_ns"]), (&2.into(), &39_900_000_000_u64.into()));
}
