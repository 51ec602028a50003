//! What a call and a plan file leave, held against check files; and lint of all that skyspan itself leaves.

use std::collections::BTreeSet;

use skyspan::check::{CheckFile, Severity, lint};
use skyspan::engine::SpanConvention;
use skyspan::harness::Harness;
use skyspan::prelude::*;
use skyspan::program::{Program, Vocabulary};

const PLAN: &str = r#"
expect:
- exit_status: success
- {spans: '{ name = "Bluesky RunEngine run" }', count: 2}
items:
- item_type: plan
  name: count
  args: [[det], 3]
  expect:
  - {spans: '{ name = "Bluesky RunEngine run" }', count: 1}
  - documents: {start: 1, streams: {primary: {events: 3, keys: [det]}}}
- item_type: plan
  name: scan
  args: [[det], motor, 0, 10, 6]
  expect:
  - {spans: '{ name = "Bluesky RunEngine set" }', count: 6}
"#;

fn run(text: &str) -> skyspan::harness::ProgramOutcome {
    let program = Program::parse(text).unwrap_or_else(|error| panic!("{error}"));
    Harness::new().run_program(&program).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_plan_file_says_what_each_item_and_all_of_them_leave() {
    let outcome = run(PLAN);
    outcome.assert_success();
    let items: Vec<Option<usize>> = outcome.checks().iter().map(|check| check.item).collect();
    assert_eq!(items, [Some(1), Some(2), None]);
}

#[test]
fn what_a_plan_file_says_and_does_not_hold_is_no_success() {
    let outcome = run(&PLAN.replace("events: 3", "events: 4").replace("count: 2", "count: 3"));
    assert!(!outcome.is_success());
    let holds: Vec<bool> = outcome.checks().iter().map(|check| check.report.holds()).collect();
    assert_eq!(holds, [false, true, false]);
    let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| outcome.assert_success()))
        .expect_err("it does not hold");
    let told = told.downcast_ref::<String>().expect("a text");
    assert!(told.starts_with("the program did not leave what it says:\nitem 1:\n✓ { name"), "{told}");
    assert!(told.contains("stream \"primary\": expected exactly 4 events, found 3"), "{told}");
    assert!(told.contains("all items:\n"), "{told}");
}

#[test]
fn an_item_that_was_not_run_has_left_nothing() {
    let text = "fail_fast: true\nitems:\n- {item_type: messages, messages: [{command: no_such}]}\n- {item_type: plan, name: count, args: \
                [[det]], expect: [exit_status: success]}\n";
    let outcome = run(text);
    assert_eq!(outcome.items().len(), 1);
    assert!(!outcome.checks()[0].report.holds());
}

#[test]
fn what_is_wrong_in_it_is_told_with_its_place_before_anything_runs() {
    let error = Program::parse(&PLAN.replace("exit_status: success", "exit_status: sucess")).unwrap_err().to_string();
    assert!(
        error.starts_with("3:16: expected an exit status") && error.ends_with("did you mean `success`?"),
        "{error}"
    );
    let error = Program::parse(&PLAN.replace("streams: {", "strems: {")).unwrap_err().to_string();
    assert!(error.starts_with("11:27: expected") && error.ends_with("did you mean `streams`?"), "{error}");
}

#[test]
fn a_program_with_expectations_is_written_and_read_again() {
    let program = Program::parse(PLAN).expect("it is well formed");
    let written = program.to_yaml();
    let again = Program::parse(&written).unwrap_or_else(|error| panic!("{error}\n{written}"));
    assert_eq!(again.to_yaml(), written);
    assert!(run(&written).checks().iter().all(|check| check.report.holds()), "{written}");
}

#[test]
fn a_call_and_a_harness_are_held_against_a_file() {
    let lab = Harness::new();
    let run = lab.run(plans::scan(&lab.device("det"), &lab.device("motor"), 0, 10, 6));
    let path = "fixtures/checks/scan.check.yaml";
    run.check_file(path).expect("it is a check file").assert();
    lab.check_file(path).expect("it is a check file").assert();
    let once_more = lab.run(plans::scan(&lab.device("det"), &lab.device("motor"), 0, 10, 6));
    once_more.check_file(path).expect("it is a check file").assert();
    assert!(!lab.check_file(path).expect("it is a check file").holds(), "there are two scans by now");
    // A trace alone has no documents.
    let error = CheckFile::read(path).expect("it is a check file").check(run.trace()).unwrap_err().to_string();
    assert!(error.starts_with("fixtures/checks/scan.check.yaml:") && error.contains("documents"), "{error}");
}

#[test]
fn the_schema_of_plan_files_knows_expectations() {
    let schema = skyspan::serde_json::to_value(Vocabulary::schema()).expect("it is JSON");
    assert_eq!(schema["properties"]["expect"]["anyOf"][0]["$ref"], "#/$defs/expectations");
    assert!(schema["$defs"]["conditions"]["properties"]["on_critical_path"].is_object());
}

/// The rules that traces of plan files break, and why those mean to.
const MEANT: [(&str, &[&str], &str); 3] = [
    (
        "unended",
        &["faults", "groups", "outcomes", "signals_unlike", "span_errors"],
        "a status that never ends is what they try",
    ),
    ("empty-name", &["span_errors"], "it names a span so"),
    (
        "status-outlives-run",
        &["ends_outside", "failures", "flights", "pauses_ended", "ramps", "waits"],
        "a run is closed, or ended, while a device still moves",
    ),
];

#[test]
fn no_rule_of_lint_is_broken_by_what_skyspan_leaves_of_the_plan_files_but_where_it_is_meant() {
    let mut broken: BTreeSet<(String, String)> = BTreeSet::new();
    let mut told = Vec::new();
    let files = std::fs::read_dir("fixtures/plans").expect("a folder").map(|entry| entry.expect("a file").path());
    let files: Vec<_> = files.collect();
    assert!(files.len() > 80);
    for path in files {
        let program = Program::read(&path).unwrap_or_else(|error| panic!("{error}"));
        let lab = Harness::builder().convention(SpanConvention::Nested).program(&program).build();
        let outcome = lab.run_program(&program).unwrap_or_else(|error| panic!("{error}"));
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        for finding in lint(outcome.trace()).findings() {
            let rule = finding.rule;
            if rule.severity > Severity::Info {
                broken.insert((rule.name.to_owned(), name.clone()));
                let span = finding.span.as_ref().map(ToString::to_string).unwrap_or_default();
                told.push(format!("{} in {name}: {span}: {}", rule.name, finding.found));
            }
        }
    }
    let meant =
        MEANT.iter().flat_map(|(rule, files, _)| files.iter().map(|file| ((*rule).to_owned(), (*file).to_owned())));
    assert_eq!(broken, meant.collect(), "{}", told.join("\n"));
}
