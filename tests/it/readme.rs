//! What the README shows is what happens.

use skyspan::expect::Expectation;
use skyspan::prelude::*;

const README: &str = include_str!("../../README.md");

fn scan(lab: &Harness, points: u64) -> Outcome {
    let stage = lab.add(SimMotor::new("stage").velocity(2.0).acceleration_time_s(0.0));
    let camera = lab.add(SimDetector::new("camera").exposure_s(0.5));
    lab.run(plans::scan(&camera, &stage, 0, 10, points))
}

/// What the first example says of the trace, as values.
pub(crate) fn of_the_first_example() -> (Outcome, impl Expectation) {
    let run = scan(&Harness::new(), 6);
    let status_of = |device: &str| span("Ophyd Status").attr("device_name", device);
    let status = || status_of("stage").lasting(..=secs(1.0));
    let tree = forest([
        span("Bluesky RunEngine run").lasting(secs(8.0)..=secs(8.0)).exit_status(Success),
        span("Bluesky RunEngine set").lasting(..=ms(0)).children([status()]).times(6),
        status_of("stage").lasting(..=ms(0)).times(6),
        status_of("camera").lasting(ms(500)..=ms(500)).times(6),
        span("Bluesky RunEngine wait").times(12),
    ]);
    let moves = every(status_of("stage")).lasting(..=secs(1.0));
    (run, all((moves, total(span("Bluesky RunEngine wait")).exactly(secs(8.0)), tree)))
}

#[test]
fn the_scan_takes_eight_seconds() {
    let run = scan(&Harness::new(), 6);

    run.assert_success();
    assert_eq!(run.duration(), secs(8.0));
    run.assert(every(span("Ophyd Status").attr("device_name", "stage")).lasting(..=secs(1.0)));
    run.assert(total(span("Bluesky RunEngine wait")).exactly(secs(8.0)));
    assert_tree!(
        run.trace(),
        r#"
        Bluesky RunEngine run       8 s     exit_status="success"
        Bluesky RunEngine set {6}   0 s
          Ophyd Status              ..=1 s  device_name="stage"
        Ophyd Status {6}            0 s     device_name="stage"
        Ophyd Status {6}            500 ms  device_name="camera"
        Bluesky RunEngine wait {12}
    "#
    );
}

#[test]
fn the_failure_prints_what_the_readme_says() {
    let run = scan(&Harness::new(), 2);
    let expectation = every(span("Ophyd Status").attr("device_name", "stage")).lasting(..=ms(500));
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run.assert(expectation))).unwrap_err();
    let report = panic.downcast_ref::<String>().unwrap();
    assert!(README.contains(report.trim_end()), "{report}");
}

#[test]
#[cfg(feature = "property")]
fn a_relative_scan_comes_home() {
    for_all((-5..5, 1..6_u64)).with((faults(), interruptions())).forgetful().check(|lab, &(to, points)| {
        let motor = lab.device("motor");
        let position = || motor.position().and_then(|position| position.as_f64());
        let before = position();
        let run = lab.run(plans::rel_scan(&lab.device("det"), &motor, 0, to, points));
        laws::standard(&run)?;
        (position() == before || run.exit_status() != Success).or_fail("the motor is not where it was")
    });
}
