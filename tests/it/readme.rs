//! What the README shows is what happens.

use skyspan::prelude::*;

const README: &str = include_str!("../../README.md");

fn scan(lab: &Harness, points: u64) -> Outcome {
    let stage = lab.add(SimMotor::new("stage").velocity(2.0).acceleration_time_s(0.0));
    let camera = lab.add(SimDetector::new("camera").exposure_s(0.5));
    lab.run(plans::scan(&camera, &stage, 0, 10, points))
}

#[test]
fn the_scan_takes_eight_seconds() {
    let run = scan(&Harness::new(), 6);

    run.assert_success();
    assert_eq!(run.duration(), secs(8.0));
    run.assert(one(span("Bluesky RunEngine run").exit_status(Success)));
    run.assert(exactly(6, span("Bluesky RunEngine set").child(span("Ophyd Status").attr("device_name", "stage"))));
    run.assert(every(span("Ophyd Status").attr("device_name", "stage")).lasting(..=secs(1.0)));
    run.assert(total(span("Bluesky RunEngine wait")).at_most(secs(8.0)));
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
#[cfg(feature = "cli")]
fn the_command_line_prints_what_the_readme_says() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_skyspan"))
        .args(["run", concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/plans/scan.yaml"), "--spans", "tree"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let beginning: String = text.split_inclusive('\n').take(4).collect();
    assert!(README.contains(&beginning), "{beginning}");
}
