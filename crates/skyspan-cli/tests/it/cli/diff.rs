//! `skyspan diff`.

use std::fs;

use serde_json::{Value, json};

use super::{TempFile, skyspan, skyspan_with, temp_path};

const GRID: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/estimates/grid.yaml");
const SCAN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/recordings/scan/spans.json");

/// The grid with a motor that is 10 % slower: 0.5 mm take 0.7 s before, and 0.2 s + 0.5 s / 0.9 after.
fn slower_grid() -> TempFile {
    TempFile::new(&fs::read_to_string(GRID).unwrap().replace("velocity: 1.0", "velocity: 0.9"))
}

#[test]
fn what_does_not_differ_exits_with_0() {
    let out = skyspan(["diff", GRID, GRID]);
    assert_eq!((out.code, out.stderr.as_str()), (0, ""));
    assert_eq!(out.stdout, "39.9 s → 39.9 s\n\n283 pairs of spans, no difference that counts\n");
}

#[test]
fn a_motor_that_is_slower_is_named_and_nothing_else() {
    let slower = slower_grid();
    let out = skyspan(["diff", GRID, slower.path()]);
    assert_eq!((out.code, out.stderr.as_str()), (1, ""));
    assert_eq!(
        out.stdout,
        "\
39.9 s → 41.6 s: sx set +1.67 s

times             spans  before   after    each      all  p
Ophyd Status  sx     66  318 ms  343 ms  +7.9 %  +1.67 s
"
    );
    // As much as that may be allowed.
    for (allowed, code) in [("10%", 0), ("5", 1)] {
        assert_eq!(skyspan(["diff", GRID, slower.path(), "--slower", allowed]).code, code);
    }
    assert_eq!(skyspan(["diff", GRID, slower.path(), "--tolerance", "30ms"]).code, 0);
    assert_eq!(skyspan(["diff", slower.path(), GRID]).code, 0);
    assert_eq!(skyspan(["diff", slower.path(), GRID, "--faster", "5%"]).code, 1);
    assert_eq!(skyspan(["diff", GRID, slower.path(), "--no-times"]).code, 0);
}

#[test]
fn both_are_drawn_and_json_has_it_all() {
    let other = TempFile::new(&fs::read_to_string(GRID).unwrap().replace("sx, 0, 3, 7", "sx, 0, 3, 6"));
    let out = skyspan(["diff", GRID, other.path()]);
    assert_eq!(out.code, 1);
    assert!(out.stdout.contains("\n- ") && out.stdout.contains("target: 0.5 → 0.6"), "{}", out.stdout);
    assert!(out.stdout.lines().all(|line| line.chars().count() <= 80), "{}", out.stdout);
    let out = skyspan(["diff", GRID, other.path(), "--json"]);
    let told: Value = serde_json::from_str(&out.stdout).unwrap();
    assert_eq!((&told["version"], &told["differs"], out.code), (&json!(1), &json!(true), 1));
    assert_eq!(told["structure"][0]["kind"], json!("removed"));
}

#[test]
fn a_prediction_is_held_against_what_came_of_it() {
    // Recorded with a motor that was slower than the plan says.
    let slower = slower_grid();
    let recording = TempFile::new(&skyspan(["run", slower.path()]).stdout);
    let json = recording.path().replace(".yaml", ".json");
    fs::copy(recording.path(), &json).unwrap();
    let out = skyspan(["diff", GRID, &json]);
    fs::remove_file(&json).unwrap();
    assert_eq!(out.code, 1);
    assert!(out.stdout.starts_with("predicted 39.9 s, took 41.6 s: sx set +1.67 s\n"), "{}", out.stdout);
}

#[test]
fn each_side_may_be_several_recordings() {
    let folder = temp_path();
    let slower = slower_grid();
    fs::create_dir_all(folder.join("monday")).unwrap();
    for seed in 0..4 {
        for (name, plan) in [("monday/run", GRID), ("friday-", slower.path())] {
            let trace = skyspan(["run", plan, "--seed", &seed.to_string()]).stdout;
            fs::write(folder.join(format!("{name}{seed}.json")), trace).unwrap();
        }
    }
    let (monday, friday) = (folder.join("monday"), folder.join("friday-*.json"));
    let out = skyspan(["diff", monday.to_str().unwrap(), friday.to_str().unwrap()]);
    assert_eq!((out.code, out.stderr.as_str()), (1, ""));
    assert!(
        out.stdout.starts_with("39.9 s (4 recordings) → 41.6 s (4 recordings): sx set +1.67 s\n"),
        "{}",
        out.stdout
    );
    assert!(out.stdout.contains("0.029"), "{}", out.stdout);
    let out = skyspan(["diff", monday.to_str().unwrap(), folder.join("sunday-*").to_str().unwrap()]);
    assert_eq!(out.code, 2);
    assert!(out.stderr.contains("found no such file"), "{}", out.stderr);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_is_no_trace_or_no_number_is_told() {
    let out = skyspan(["diff", GRID, "nowhere.json"]);
    assert_eq!((out.code, out.stdout.as_str()), (2, ""));
    let out = skyspan(["diff", SCAN, SCAN, "--slower", "much"]);
    assert_eq!(out.code, 2);
    assert!(out.stderr.contains("expected a number of percent such as 5%, found \"much\""), "{}", out.stderr);
    let out = skyspan_with(["diff", SCAN, "-"], &fs::read_to_string(SCAN).unwrap());
    assert_eq!((out.code, out.stderr.as_str()), (0, ""));
    let out = skyspan(["diff", SCAN, GRID, "--ignore", "msg.*"]);
    assert_eq!(out.code, 1);
}

/// `stage` takes 0.22 s in place of 0.2 s; recorded five times each from Python's bluesky, on a busy machine.
#[test]
fn of_real_recordings_a_motor_that_is_slower_is_named_and_nothing_else() {
    let of = |name: &str| format!("{}/../../fixtures/slower/{name}", env!("CARGO_MANIFEST_DIR"));
    let (before, after) = (of("before"), of("after"));
    let out = skyspan(["diff", &before, &after]);
    assert_eq!((out.code, out.stderr.as_str()), (1, ""));
    assert_eq!(
        out.stdout,
        "\
1.65 s (5 recordings) → 1.78 s (5 recordings): stage set +117 ms, between messages +16.4 ms

times                spans  before   after    each      all      p
Ophyd Status  stage     12  104 ms  114 ms  +9.8 %  +122 ms  0.008
"
    );
    // Two that were recorded with the same motor do not differ so.
    for (one, other) in [(1, 2), (3, 4), (5, 1)] {
        let [one, other] = [one, other].map(|number| format!("{before}/{number}.json.gz"));
        let out = skyspan(["diff", &one, &other, "--tolerance", "15ms"]);
        assert_eq!(out.code, 0, "{}", out.stdout);
    }
    // The statuses of the stage held its waits, and took what it was told to.
    let told: Value =
        serde_json::from_str(&skyspan(["stats", &format!("{before}/1.json.gz"), "--json"]).stdout).unwrap();
    let held = &told["statistics"]["held"][0];
    assert_eq!((&held["device"], &held["command"], &held["waits"]), (&json!("stage"), &json!("set"), &json!(6)));
    let took = held["time_ns"].as_f64().unwrap();
    assert!((6.0 * 0.2e9..6.0 * 0.21e9).contains(&took), "{took}");
}

#[test]
fn a_page_has_both_sides_and_what_differs() {
    let slower = slower_grid();
    let page = temp_path().with_extension("html");
    let path = page.display().to_string();
    let out = skyspan(["diff", GRID, slower.path(), "--report", &path]);
    assert_eq!((out.code, out.stderr.as_str()), (1, ""));
    assert!(out.stdout.starts_with("39.9 s → 41.6 s"), "{}", out.stdout);
    let html = fs::read_to_string(&page).unwrap();
    let timeline = html.split_once("id=\"timeline\">").unwrap().1.split_once("</script>").unwrap().0;
    let timeline: Value = serde_json::from_str(timeline).unwrap();
    assert_eq!((&timeline["parts"][0], &timeline["compared"]), (&json!("grid.yaml"), &json!(true)));
    // Both begin at the same time, and neither is behind the other.
    let (parts, starts) =
        (timeline["spans"]["part"].as_array().unwrap(), timeline["spans"]["start"].as_array().unwrap());
    for part in [0, 1] {
        let first = parts.iter().zip(starts).filter(|(of, _)| **of == json!(part)).map(|(_, at)| at.as_u64().unwrap());
        assert_eq!(first.min(), Some(0));
    }
    let table = &timeline["tables"][0];
    assert_eq!(table["title"], "Times before and after");
    assert_eq!(table["rows"][0], json!(["Ophyd Status sx", "66", "318 ms", "343 ms", "+7.9 %", "slower"]));
    assert!(timeline["checks"][0]["headline"].as_str().unwrap().ends_with("differ: 1 slower"));
    fs::remove_file(page).unwrap();
    let out = skyspan(["diff", GRID, GRID, "--report", "/no/such/folder/page.html"]);
    assert!(out.code != 0 && out.stderr.contains("/no/such/folder/page.html"), "{}", out.stderr);
}
