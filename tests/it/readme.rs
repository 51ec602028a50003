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
    let (run, all_of_it) = of_the_first_example();
    assert_eq!(run.duration(), secs(8.0));
    run.assert(all_of_it);
}

#[test]
fn the_failure_prints_what_the_readme_shows() {
    let run = scan(&Harness::new(), 2);
    let expectation = every(span("Ophyd Status").attr("device_name", "stage")).lasting(..=ms(500));
    let mismatch = run.trace().check(expectation.because("seed 0, replay with Harness::seeded(0)")).unwrap_err();
    let picture = anstyle_svg::Term::new().render_svg(&mismatch.colored().to_string());
    // Dark on white, which is read on a page of either theme.
    let picture = picture.replace("fill: #000000", "fill: #FFFFFF").replace("fill: #AAAAAA", "fill: #333333");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_binary_snapshot!("report.svg", picture.into_bytes()));
    assert!(README.contains("(snapshots/report.snap.svg)"), "the README has no such picture");
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
