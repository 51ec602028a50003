//! `skyspan run --estimate`.

use super::{skyspan, skyspan_with};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/estimates/eight_hours.yaml");

#[test]
fn eight_hours_are_printed_as_a_table_in_place_of_the_spans() {
    let out = skyspan(["run", "--estimate", FILE]);
    assert_eq!((out.code, out.stderr.as_str()), (0, ""));
    assert_eq!(out.stdout, include_str!("../../../../../fixtures/estimates/eight_hours.txt"));
}

#[test]
fn a_plan_that_fails_is_estimated_and_told() {
    let file = "items: [{item_type: messages, messages: [{command: sleep, args: [2.5]}, {raise: no light}]}]";
    let out = skyspan_with(["run", "--estimate", "-"], file);
    assert_eq!(
        (out.code, out.stderr.as_str()),
        (1, "skyspan: item 1: RuntimeError: no light (after message 1; -:1:9)\n")
    );
    assert!(out.stdout.starts_with("duration                   0:00:02               2.5 s\n"), "{}", out.stdout);
    assert!(
        out.stdout.contains("\nsleep                            1               2.5 s  100.0 %\n"),
        "{}",
        out.stdout
    );
}

#[test]
fn an_estimate_goes_with_neither_real_time_nor_a_recording() {
    for other in [&["--real-time"][..], &["--out", "x"], &["--spans", "tree"]] {
        let out = skyspan(["run", "--estimate", FILE].into_iter().chain(other.iter().copied()));
        assert_eq!(out.code, 2, "{other:?}");
        assert!(out.stderr.contains("cannot be used with"), "{}", out.stderr);
    }
}
