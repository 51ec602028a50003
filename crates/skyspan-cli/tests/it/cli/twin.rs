//! `skyspan twin`, and `skyspan stats --devices`.

use serde_json::Value;

use super::{TempFile, skyspan};

const NIGHTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/twin");
const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/traceql/traces/shop.json");

fn night(name: &str) -> String {
    format!("{NIGHTS}/{name}")
}

/// Makes the twin of a night, in a file that is gone with what is given.
fn twin_of(nights: &[&str]) -> (TempFile, String) {
    let file = TempFile::new("");
    let nights: Vec<String> = nights.iter().map(|name| night(name)).collect();
    let out = skyspan(["twin"].into_iter().chain(nights.iter().map(String::as_str)).chain(["-o", file.path()]));
    assert_eq!((out.code, out.stderr.as_str()), (0, ""), "{}", out.stdout);
    (file, out.stdout)
}

#[test]
fn a_folder_becomes_a_twin_and_what_is_known_of_it_is_told_in_80_columns() {
    let (file, told) = twin_of(&["grid"]);
    assert!(told.starts_with("the twin of grid: "), "{told}");
    for wanted in ["\nsx ", "velocity", "settle_time", "said by its statuses", "\nnot told\n", "\nheld by ", "\nall "] {
        assert!(told.contains(wanted), "{wanted} is not in\n{told}");
    }
    for line in told.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let text = std::fs::read_to_string(file.path()).unwrap();
    assert!(text.starts_with("# The twin of grid.\n"), "{text}");
    assert!(text.contains("      - {command: save}  # inferred: the documents\n"), "{text}");
}

#[test]
fn a_recording_of_something_else_is_left_out_and_told() {
    let file = TempFile::new("");
    let out = skyspan(["twin", &night("ramp"), SHOP, "-o", file.path()]);
    assert_eq!(out.code, 0, "{}", out.stderr);
    assert!(
        out.stderr.starts_with("skyspan: left out: shop.json: expected spans of bluesky's RunEngine"),
        "{}",
        out.stderr
    );
    let text = std::fs::read_to_string(file.path()).unwrap();
    assert!(text.starts_with("# The twin of ramp.\n# Of 2 recordings, 1 is left out:\n#   shop.json: "), "{text}");
    let out = skyspan(["twin", SHOP, SHOP, "-o", file.path()]);
    assert_eq!(out.code, 2, "{}", out.stderr);
}

#[test]
fn the_guide_shows_what_is_printed() {
    let guide = include_str!("../../../../../src/guide/twin.md");
    let (file, told) = twin_of(&["ramp"]);
    assert!(guide.contains(&told), "{told}");
    let text = std::fs::read_to_string(file.path()).unwrap();
    let devices =
        text.split("resource: {service.name: night}\n").nth(1).and_then(|text| text.split("items:\n").next()).unwrap();
    assert!(guide.contains(devices), "{devices}");
    let (days, _) = twin_of(&["monday", "tuesday", "wednesday"]);
    let seeds = skyspan(["stats", days.path(), "--seeds", "50"]);
    assert!(guide.contains(&seeds.stdout), "{}", seeds.stdout);
}

#[test]
fn the_test_of_a_twin_is_its_difference_from_the_night() {
    for name in ["ramp", "exposures", "axes", "beamtime"] {
        let (file, _) = twin_of(&[name]);
        let spans = format!("{}/spans.json", night(name));
        // A night has moves that were quicker or slower by chance; the twin has none of them.
        let out = skyspan(["diff", &spans, file.path(), "--slower", "25%", "--tolerance", "60ms"]);
        assert_eq!((out.code, out.stderr.as_str()), (0, ""), "{name}\n{}", out.stdout);
        assert!(out.stdout.contains("no difference that counts"), "{}", out.stdout);
    }
}

#[test]
fn a_trace_and_its_documents_are_told_apart_by_what_is_in_them() {
    let file = |name: &str| format!("{}/{name}", night("ramp"));
    let (spans, documents) = (file("spans.json"), file("documents.jsonl"));
    let with = skyspan(["twin", &spans, &documents]);
    assert_eq!((with.code, with.stderr.as_str()), (0, ""));
    assert!(with.stdout.contains("{command: read, obj: camera}"));
    let without = skyspan(["twin", &spans]);
    assert_eq!((without.code, without.stderr.as_str()), (0, ""));
    assert!(!without.stdout.contains("command: read") && without.stdout.contains("# Not told: there are no documents"));
    let first = skyspan(["twin", &documents, &spans]);
    assert_eq!(first.code, 2);
    assert!(
        first.stderr.starts_with("skyspan: expected the trace of a night first, and its documents"),
        "{}",
        first.stderr
    );
}

#[test]
fn what_no_twin_can_be_made_of_is_refused() {
    let out = skyspan(["twin", SHOP]);
    assert_eq!(out.code, 2);
    assert!(out.stderr.contains("shop.json: expected spans of bluesky's RunEngine"), "{}", out.stderr);
    let broken = TempFile::new("[\"start\", {\"uid\": \"a\", \"time\": 1.0}]\n[\"event\", {}]\n");
    let spans = format!("{}/spans.json", night("ramp"));
    let out = skyspan(["twin", &spans, broken.path()]);
    assert_eq!(out.code, 2);
    assert!(out.stderr.contains(":2: expected a document of event-model as JSON"), "{}", out.stderr);
}

#[test]
fn what_is_known_is_told_as_json() {
    let file = TempFile::new("");
    let out = skyspan(["twin", &night("ramp"), "-o", file.path(), "--json"]);
    assert_eq!((out.code, out.stderr.as_str()), (0, ""));
    let told: Value = serde_json::from_str(&out.stdout).unwrap();
    assert_eq!(told["version"], 1);
    let stage = &told["twin"]["devices"][0];
    assert_eq!((&stage["name"], &stage["class"]), (&"stage".into(), &"SimMotor".into()));
    let velocity = &stage["parameters"][0];
    assert_eq!(
        (&velocity["name"], &velocity["unit"], &velocity["source"]),
        (&"velocity".into(), &"mm/s".into(), &"fitted".into())
    );
    assert!((velocity["value"].as_f64().unwrap() - 2.0).abs() < velocity["error"].as_f64().unwrap());
    assert!(told["compared"][0]["total"]["night_ns"].as_u64().unwrap() > 10_000_000_000);
}

#[test]
fn tomorrow_is_estimated_with_the_devices_of_last_night() {
    let (twin, _) = twin_of(&["ramp"]);
    let plan = "items: [{item_type: plan, name: list_scan, args: [[camera], stage, [0, 4, 8]]}]";
    let tomorrow = TempFile::new(plan);
    let alone = skyspan(["stats", tomorrow.path()]);
    assert_eq!(alone.code, 2, "{}", alone.stdout);
    let out = skyspan(["stats", tomorrow.path(), "--devices", twin.path(), "--json"]);
    assert_eq!((out.code, out.stderr.as_str()), (0, ""));
    let told: Value = serde_json::from_str(&out.stdout).unwrap();
    let seconds = told["statistics"]["duration_ns"].as_f64().unwrap() / 1e9;
    // Two moves of 4 mm at 2 mm/s that take 0.3 s to accelerate, and three exposures; a few times a latency.
    assert!((seconds - (2.0 * 2.3 + 3.0 * 0.14 + 3.0 * 0.05)).abs() < 0.4, "{seconds}");
    let out = skyspan(["stats", SHOP, "--devices", twin.path()]);
    assert_eq!(out.code, 2);
    assert!(out.stderr.contains("is a trace, and a trace has no devices"), "{}", out.stderr);
}

#[test]
fn several_nights_have_a_spread() {
    let (twin, told) = twin_of(&["monday", "tuesday", "wednesday"]);
    assert!(told.starts_with("the twin of 3 nights: "), "{told}");
    let out = skyspan(["stats", twin.path(), "--seeds", "20", "--json"]);
    assert_eq!((out.code, out.stderr.as_str()), (0, ""));
    let told: Value = serde_json::from_str(&out.stdout).unwrap();
    let of = |key: &str| told["chance"][key].as_u64().unwrap();
    assert!(of("min_ns") < of("p50_ns") && of("p50_ns") < of("max_ns"), "{}", out.stdout);
}

#[test]
fn a_twin_runs_with_a_fault_that_the_night_did_not_have() {
    let (twin, _) = twin_of(&["ramp"]);
    let text = std::fs::read_to_string(twin.path()).unwrap();
    let faulty = text
        .replace("items:\n", "faults: [{device: stage, nth: 7, kind: fail, message: stalled, after: 0.2}]\nitems:\n");
    let faulty = TempFile::new(&faulty);
    let out = skyspan(["run", faulty.path(), "--spans", "none"]);
    assert_eq!(out.code, 1);
    assert!(out.stderr.contains("FailedStatus"), "{}", out.stderr);
}
