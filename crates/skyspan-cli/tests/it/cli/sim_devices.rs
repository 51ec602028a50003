//! Devices that ophyd.sim does not have, in plan files.

use skyspan::prelude::*;
use skyspan::program::Program;

use super::refusals::device_refused;

/// Runs the items of a plan file; gives how long they took, and how many they were.
#[track_caller]
fn run(yaml: &str) -> (Duration, usize) {
    let lab = Harness::new();
    let file = Program::parse(yaml).unwrap();
    let program = lab.prepare(&file).unwrap();
    let began = lab.clock().now();
    for item in program.items() {
        let outcome = item.run(&lab);
        assert!(outcome.is_success(), "{outcome:?}");
    }
    (lab.clock().now() - began, program.items().len())
}

#[test]
fn every_class_is_made_of_its_options() {
    let yaml = "
devices:
  - {name: stage, class: SimMotor, value: 1, velocity: 2, acceleration_time: 0.5, settle_time: 0.25, limits: [-5, 20], \
      backlash: 0.1, readback_noise: 0.001, readback_resolution: 0.01, update_period: 0.5, precision: 4, egu: deg, labels: [motors]}
  - {name: quick, class: SimMotor, velocity: 2, acceleration: 4, limits: null}
  - {name: diode, class: SimDetector, exposure_time: 0.5, readout_time: 0.02, dead_time: 0.001, frames: 3, rate: 10000, \
      dark_rate: 2, saturates_at: 60000, noise: none, motor: stage, center: 4, sigma: 0.5, labels: [detectors]}
  - {name: frames, class: SimCamera, exposure_time: 0.5, readout_time: 0.02, dead_time: 0.001, frames: 3, shape: [4, 6], \
      root: /data, assets: stream}
  - {name: images, class: SimCamera, assets: datum}
  - {name: shutter, class: SimShutter, opens_in: 0.1, closes_in: 0.2, open: true}
  - {name: oven, class: SimTemperatureController, value: 300, time_constant: 60, tolerance: 0.5, hold_time: 10, \
      limits: [0, 500], update_period: 5, egu: C}
  - {name: ramped, class: SimTemperatureController, value: 300, ramp_rate: 2, tolerance: 1}
  - {name: beam, class: SimBeam, current: 400, lifetime: 36000, refilled_every: 600, drops: [[100, 5], [200, 1]]}
  - {name: probe, class: CannedReadings, keys: {probe: [1, 2], probe_y: [0.5]}, config: {gain: 3}, strict: false}
  - {name: movie, class: FrameDetector, data_keys: {movie_image: [4, 6], movie_sum: []}, period: 0.1, root: /data}
  - {name: rows, class: PagingFlyer, columns: [a, b], rows: 3, period: 0.1}
items:
  - {item_type: plan, name: mv, args: [stage, 11]}
  - {item_type: plan, name: mv, args: [quick, 10]}
  - {item_type: plan, name: count, args: [[diode, frames, images, probe, beam, movie], 2]}
  - {item_type: plan, name: mv, args: [shutter, {str: Closed}]}
  - {item_type: plan, name: mv, args: [ramped, 401]}
";
    // 10 / 2 + 0.5 + 0.25 s; 10 / 2 + 0.5 s; 2 × 1.522 s; 0.2 s; (101 - 1) / 2 s.
    assert_eq!(run(yaml), (secs(5.75 + 5.5 + 3.044 + 0.2 + 50.0), 5));
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let motor = |options: &str| format!("{{name: m, class: SimMotor, {options}}}");
    device_refused(&motor("velocity: 0"), "2:40: expected a number greater than zero, found the integer 0");
    device_refused(&motor("limits: [1]"), "2:38: expected a low and a high limit, found a list");
    device_refused(
        &motor("acceleration_time: 1, acceleration: 1"),
        "2:66: expected no acceleration beside its time, found the integer 1",
    );
    device_refused(
        "{name: d, class: SimDetector, sigma: 1}",
        "2:40: expected the motor along which the peak is, as the option `motor`, found the integer 1",
    );
    device_refused(
        "{name: d, class: SimDetector, noise: uniform}",
        "2:40: expected `none` or `poisson`, found the string \"uniform\"",
    );
    device_refused(
        "{name: c, class: SimCamera, assets: file}",
        "2:39: expected `stream` or `datum`, found the string \"file\"",
    );
    device_refused(
        "{name: m, class: SimMoter}",
        "2:20: expected the class of a device, found the string \"SimMoter\"; did you mean `SimMotor`?",
    );
}

#[test]
fn the_example_of_eight_hours_takes_eight_hours() {
    let yaml = include_str!("../../../../../examples/plans/eight_hours.yaml");
    // A step: 2 √(0.05 · 0.2 / 0.5) s = 0.282842712 s, and 0.1 s to settle. The camera takes 3 × 0.499 + 2 × 0.001 + 0.05 s.
    let (step, camera) = (ns(282_842_712) + ms(100), ms(1549));
    // Back over 3 mm: 3 / 0.5 + 0.2 + 0.1 s; the first line begins where the motor is, which settles all the same.
    let (back, first) = (ms(6300), ms(100));
    // The step of a line: 2 √(0.05 · 0.2 / 1) s.
    let line = ms(200) + camera * 61 + step * 60;
    let lines = line * 204 + back * 203 + first;
    // 120 s × ln(d / 0.5) to be near enough, by then from where it was to be before, and 300 s to hold.
    let furnace: Duration =
        [55.0_f64, 50.0, 50.0, 155.0].map(|way| secs(120.0 * (way / 0.5).ln() + 300.0)).iter().sum();
    let shutter = ms(50);
    let (took, _) = run(yaml);
    assert_eq!(took, furnace + shutter + lines);
    assert!(took > secs(7.9 * 3600.0) && took < secs(8.1 * 3600.0), "{took:?}");
}
