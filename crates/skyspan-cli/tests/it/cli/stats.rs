//! `skyspan stats`.

use serde_json::{Value, json};

use super::{TempFile, skyspan};

const GRID: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/estimates/grid.yaml");
const WAITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/recordings/waits/spans.json");
const SHOP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/traceql/traces/shop.json");

#[test]
fn what_if_says_what_a_quicker_device_would_save() {
    let out = skyspan(["stats", GRID, "--what-if"]);
    assert_eq!((out.code, out.stderr.as_str()), (0, ""));
    assert_eq!(
        out.stdout,
        "\
39.9 s, 283 spans, 70 waits of 39.9 s (100.0 %)

waits held by  waits    time   share  alone  else by
sx set            30    21 s  52.6 %   21 s
fluo trigger      35  17.5 s  43.9 %  3.5 s      cam
sy set             4   1.4 s   3.5 %  1.4 s
cam trigger        0     0 s   0.0 %    0 s

what if                        duration   saved
as it is                         39.9 s
sx.velocity 1 → 2                32.4 s   7.5 s  18.8 %
fluo.exposure_time 0.5 → 0.25    36.4 s   3.5 s   8.8 %  then cam
sy.velocity 2 → 4                39.4 s  500 ms   1.3 %
cam.exposure_time 0.3 → 0.15     39.9 s     0 s   0.0 %
"
    );
}

#[test]
fn what_if_takes_options_and_json_has_it_all() {
    let out = skyspan(["stats", GRID, "--json", "--what-if", "fluo.exposure=0.1,cam.exposure=0.05", "--what-if"]);
    assert_eq!((out.code, out.stderr.as_str()), (0, ""));
    let told: Value = serde_json::from_str(&out.stdout).unwrap();
    assert_eq!((&told["version"], &told["statistics"]["duration_ns"]), (&json!(1), &json!(39_900_000_000_u64)));
    assert_eq!(told["estimate"]["points"], json!(35));
    assert_eq!(told["what_if"]["alternatives"].as_array().unwrap().len(), 5);
    assert_eq!(told["what_if"]["alternatives"][0]["duration_ns"], json!(39_900_000_000_u64 - 35 * 350_000_000));
}

#[test]
fn a_trace_is_told_of_in_eighty_columns() {
    for trace in [WAITS, SHOP] {
        let out = skyspan(["stats", trace]);
        assert_eq!(out.code, 0);
        assert!(out.stdout.lines().all(|line| line.chars().count() <= 80), "{}", out.stdout);
    }
    let out = skyspan(["stats", WAITS]).stdout;
    for row in ["(timed out)                 6   365 ms", "slow set                    4   362 ms"] {
        assert!(out.contains(row), "{out}");
    }
}

#[test]
fn spans_are_summed_up_by_an_attribute() {
    let out = skyspan(["stats", SHOP, "--by", "service.name", "--by", "kind", "--json"]);
    let told: Value = serde_json::from_str(&out.stdout).unwrap();
    let key = &told["statistics"]["groups"][0]["key"];
    assert_eq!((&key[0][0], &key[1][0]), (&json!("service.name"), &json!("kind")));
    assert!(key[0][1].is_string(), "{key}");
}

#[test]
fn a_plan_of_several_items_has_a_row_for_each() {
    let plan = TempFile::new(
        "
devices: [{name: stage, class: SynAxis, delay: 1}]
items:
  - {item_type: plan, name: mv, args: [stage, 1]}
  - {item_type: plan, name: sleep, args: [5]}
",
    );
    let out = skyspan(["stats", plan.path()]);
    assert_eq!((out.code, out.stderr.as_str()), (0, ""));
    for row in [
        "1 success       1 s      1 s   stage set",
        "2 success       5 s      0 s",
        "sleep                            1                 5 s   83.3 %",
    ] {
        assert!(out.stdout.contains(row), "{}", out.stdout);
    }
}

#[test]
fn pauses_suspensions_and_sleeps_have_rows_of_their_own() {
    let plan = TempFile::new(
        "
devices: [{name: stage, class: SynAxis, delay: 1}, {name: beam, class: Signal, value: 100}]
suspenders: [{name: guard, class: SuspendFloor, signal: beam, suspend_thresh: 50}]
items:
  - item_type: messages
    messages:
      - {command: install_suspender, args: [guard]}
      - {command: checkpoint}
      - {plan: {name: mv, args: [stage, 1]}}
      - {plan: {name: sleep, args: [7]}}
    at: [{after_s: 0.5, do: pause}, {after_s: 22.5, set: {beam: 0}}, {after_s: 62.5, set: {beam: 100}}]
    on_pause: [{sleep: 20}, resume]
",
    );
    let out = skyspan(["stats", plan.path()]);
    assert_eq!((out.code, out.stderr.as_str()), (0, ""), "{}", out.stdout);
    for (row, total) in [("paused", "20 s"), ("suspended", "40 s"), ("sleep", " s")] {
        let line =
            out.stdout.lines().find(|line| line.starts_with(row)).unwrap_or_else(|| panic!("{row}: {}", out.stdout));
        assert!(line.contains(total), "{}", out.stdout);
    }
    let told: Value = serde_json::from_str(&skyspan(["stats", plan.path(), "--json"]).stdout).unwrap();
    assert_eq!(
        (&told["lulls"][1]["what"], &told["lulls"][1]["total_ns"]),
        (&json!("paused"), &json!(20_000_000_000_u64))
    );
}

#[test]
fn a_budget_is_kept_or_the_exit_code_is_1() {
    for (budget, code) in [("40s", 0), ("39.9 s", 0), ("39s", 1)] {
        let out = skyspan(["stats", GRID, "--max-duration", budget]);
        assert_eq!(out.code, code, "{budget}");
        assert_eq!(out.stderr.is_empty(), code == 0, "{}", out.stderr);
    }
    let out = skyspan(["stats", WAITS, "--max-duration", "1s"]);
    assert_eq!((out.code, out.stderr.as_str()), (1, "skyspan: it takes 1.87 s, and --max-duration is 1 s\n"));
    let out = skyspan(["stats", GRID, "--max-duration", "soon"]);
    assert_eq!(out.code, 2);
    assert!(out.stderr.contains("expected a time such as 10ms, 1.5s or 2h, found \"soon\""), "{}", out.stderr);
}

#[test]
fn many_seeds_say_how_long_it_takes_and_how_it_ends() {
    let plan = TempFile::new(
        "
devices: [{name: stage, class: SynAxis, delay: 1}]
faults: [{device: stage, kind: late, by: 3, rate: 0.5}]
items: [{item_type: plan, name: mv, args: [stage, 1]}]
",
    );
    let out = skyspan(["stats", plan.path(), "--seeds", "20", "--max-duration", "3s"]);
    assert_eq!((out.code, out.stderr.as_str()), (1, "skyspan: it takes 4 s, and --max-duration is 3 s\n"));
    assert!(out.stdout.starts_with("seeds  succeeded  min"), "{}", out.stdout);
    assert!(out.stdout.contains("\n20            20  1 s"), "{}", out.stdout);
    let out = skyspan(["stats", plan.path(), "--seeds", "20", "--json"]);
    let told: Value = serde_json::from_str(&out.stdout).unwrap();
    assert_eq!((&told["chance"]["seeds"], &told["chance"]["max_ns"]), (&json!(20), &json!(4_000_000_000_u64)));
}

#[test]
fn a_trace_cannot_be_run_again_and_a_plan_that_fails_is_told_of() {
    for option in [&["--what-if"][..], &["--seeds", "3"]] {
        let out = skyspan(["stats", WAITS].into_iter().chain(option.iter().copied()));
        assert_eq!(out.code, 2);
        assert!(out.stderr.contains("a trace cannot be run again"), "{}", out.stderr);
    }
    let plan =
        TempFile::new("items: [{item_type: messages, messages: [{command: sleep, args: [2.5]}, {raise: no light}]}]");
    let out = skyspan(["stats", plan.path()]);
    assert_eq!(out.code, 1);
    assert!(out.stderr.contains("RuntimeError: no light"), "{}", out.stderr);
    assert!(out.stdout.contains("up to where it failed"), "{}", out.stdout);
    let out = skyspan(["stats", GRID, "--what-if", "came.exposure=1"]);
    assert_eq!((out.code, out.stdout.as_str()), (2, ""));
    assert!(out.stderr.contains("did you mean `cam`?"), "{}", out.stderr);
}
