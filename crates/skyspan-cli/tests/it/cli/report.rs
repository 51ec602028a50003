//! `skyspan report`.

use super::{TempFile, skyspan, temp_path};

fn root(path: &str) -> String {
    format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"))
}

fn page(arguments: &[&str]) -> String {
    let file = temp_path().with_extension("html");
    let path = file.display().to_string();
    let mut all = vec!["report"];
    all.extend(arguments);
    all.extend(["-o", &path]);
    let out = skyspan(all);
    assert_eq!((out.code, &*out.stdout), (0, ""), "{}", out.stderr);
    let html = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(file).unwrap();
    html
}

#[test]
fn a_trace_and_a_plan_become_a_page() {
    let html = page(&[&root("fixtures/recordings/grid_scan/spans.json")]);
    assert!(html.contains("<title>spans.json</title>") && html.contains("\"Bluesky RunEngine wait\""));
    let html = page(&["--title", "a grid", &root("fixtures/jobs/02_grid.yaml")]);
    assert!(html.contains("<title>a grid</title>"));
    for part in [
        "\"sx set\"",
        "\"messages\",\"open_run(",
        "\"documents\",\"start grid_scan\"",
        "\"readings\":[{\"title\":\"primary\"",
    ] {
        assert!(html.contains(part), "{part}");
    }
}

#[test]
fn a_page_of_a_plan_says_what_would_make_it_quicker() {
    let grid = root("fixtures/jobs/02_grid.yaml");
    let html = page(&[&grid]);
    assert!(html.contains("What if: each device twice as quick, in turn") && html.contains("[\"as it is\",\""));
    assert!(!page(&["--no-what-if", &grid]).contains("What if: each"));
}

#[test]
fn several_inputs_are_on_one_page_each_from_its_own_beginning() {
    let [scan, grid] = ["scan", "grid_scan"].map(|name| root(&format!("fixtures/recordings/{name}/spans.json")));
    let plan = root("fixtures/jobs/07_shutter.yaml");
    let html = page(&[&scan, &grid, &plan]);
    assert!(html.contains("<title>spans.json and 2 more</title>"));
    assert!(html.contains("\"parts\":[\"spans.json (1)\",\"spans.json (2)\",\"07_shutter.yaml\"]"));
    assert!(html.contains("\"troubles\":[\"07_shutter.yaml: item 1 at 6:5: FailedStatus: "));
    // A folder is all that is in it, but for what is no trace, which is told.
    let out = skyspan(["report", "no-such-*.json"]);
    assert_eq!(out.code, 2, "{}", out.stderr);
}

#[test]
fn a_plan_that_fails_has_its_page_and_says_why() {
    let html = page(&[&root("fixtures/jobs/07_shutter.yaml")]);
    assert!(html.contains("\"troubles\":[\"item 1 at 6:5: FailedStatus: "));
    assert!(html.contains(",\"stalled\"]"));
}

#[test]
fn secrets_go_and_stay_as_is_wanted() {
    let span = r#"{"name": "login", "context": {"trace_id": "0x00000000000000000000000000000001", "span_id": "0x0000000000000002", "trace_state": "[]"}, "kind": "SpanKind.INTERNAL",
        "parent_id": null, "start_time": "2024-06-18T08:40:56.000000Z", "end_time": "2024-06-18T08:40:57.000000Z",
        "status": {"status_code": "UNSET"}, "attributes": {"password": "hunter2", "note": "room 4711"}, "events": [], "links": [],
        "resource": {"attributes": {}, "schema_url": ""}}"#;
    let trace = TempFile::new(span);
    let json = trace.0.with_extension("json");
    std::fs::copy(&trace.0, &json).unwrap();
    let path = json.display().to_string();
    let html = page(&[&path]);
    assert!(!html.contains("hunter2") && html.contains("room 4711"));
    assert!(page(&["--unredacted", &path]).contains("hunter2"));
    assert!(!page(&["--redact-also", "room [0-9]+", &path]).contains("4711"));
    std::fs::remove_file(json).unwrap();
}

#[test]
fn what_cannot_be_read_or_written_is_told() {
    let grid = root("fixtures/jobs/02_grid.yaml");
    for (arguments, told) in [
        (vec!["report", "no-such.json"], "no-such.json"),
        (vec!["report", "no-such.yaml"], "no-such.yaml"),
        (vec!["report", &grid, "-o", "/no/such/folder/page.html"], "cannot write /no/such/folder/page.html"),
        (vec!["report", &grid, "--unredacted", "--redact"], "cannot be used with"),
    ] {
        let out = skyspan(arguments.clone());
        assert_eq!(out.code, 2, "{arguments:?}");
        assert!(out.stderr.contains(told), "{arguments:?}: {}", out.stderr);
    }
}

#[test]
fn standard_output_is_a_place_too() {
    let out = skyspan(["report", &root("fixtures/recordings/scan/spans.json"), "-o", "-"]);
    assert_eq!(out.code, 0, "{}", out.stderr);
    assert!(out.stdout.starts_with("<!doctype html>") && out.stdout.trim_end().ends_with("</html>"));
}
