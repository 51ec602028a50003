//! What came of a check file: for people, for machines, for CI.

use skyspan_trace::check::CheckFile;
use skyspan_trace::trace::{Redaction, Span, Trace};

use super::{at, check, scan};

#[test]
fn a_report_has_a_line_for_each_and_the_drawing_of_what_does_not_hold() {
    let report = check(
        r#"
- exit_status: success
- duration: 2 s ± 10 %
- name: the stage is never slow
  because: the operator waits for it
  spans: '{ name = "Ophyd Status" && span.device_name = "stage" }'
  each: {duration: ..=500 ms}
- spans: '{ status = error }'
  count: 0
"#,
        &scan(),
    );
    assert_eq!(
        report.to_string(),
        r#"✓ exit_status              success
✓ duration                 2 s, from 1.8 s to 2.2 s
✗ the stage is never slow  1 span differs

  the operator waits for it

  "Ophyd Status" under "Bluesky RunEngine set" at 500 ms: duration: expected at most 500 ms, found 1 s

      Bluesky RunEngine run       2 s   exit_status="success" reason=""
      ├ Bluesky RunEngine set    10 ms  msg.args=[0.0]
    ✓ │ └ Ophyd Status          400 ms  device_name="stage" target=0.0
      ├ Bluesky RunEngine set    10 ms  msg.args=[1.0]
    ✗ │ └ Ophyd Status            1 s   device_name="stage" target=1.0
                                        duration: expected at most 500 ms, found 1 s
      ├ Bluesky RunEngine wait  990 ms  group="set-1"
      └ retry                   100 ms  body="{\"number\": 5, \"kind\": \"a\"}" @status=error @description="no light at 3…

✗ { status = error }       1 span is not expected

  expected no spans { status = error }, found 1
  found: "retry" under "Bluesky RunEngine run" (no light at 3 s)

      Bluesky RunEngine run       2 s   exit_status="success" reason=""
      ├ Bluesky RunEngine set    10 ms  msg.args=[0.0]
      │ └ Ophyd Status          400 ms  device_name="stage" target=0.0
      ├ Bluesky RunEngine set    10 ms  msg.args=[1.0]
      │ └ Ophyd Status            1 s   device_name="stage" target=1.0
      ├ Bluesky RunEngine wait  990 ms  group="set-1"
    - └ retry                   100 ms  body="{\"number\": 5, \"kind\": \"a\"}" @status=error @description="no light at 3…
"#
    );
}

#[test]
fn a_file_is_an_expectation_and_its_names_are_clues() {
    let file = CheckFile::parse("- name: no retries\n  spans: '{ name = \"retry\" }'\n  count: 0\n- exit_status: fail")
        .expect("it is well formed");
    let told = file.check(&scan()).map(|report| report.holds());
    assert_eq!(told, Ok(false));
    let mismatch = scan().check(&file).expect_err("there is one");
    assert!(mismatch.to_string().contains("no retries"), "{mismatch}");
    assert_eq!(mismatch.failures().len(), 2, "{mismatch}");
    assert_eq!(file.to_string(), "no retries, and exit_status");
}

#[test]
fn machines_get_the_same_as_json() {
    let report = check("- exit_status: success\n- spans: '{ status = error }'\n  count: 0", &scan());
    let json = serde_json::to_value(&report).expect("it is written");
    assert_eq!(json["version"], 1);
    assert_eq!(json["holds"], false);
    assert_eq!(json["checks"][0]["found"], "success");
    assert_eq!(json["checks"][1]["line"], 2);
    assert_eq!(json["checks"][1]["mismatch"]["failures"][0]["kind"], "number");
}

#[test]
fn secrets_are_not_written() {
    let trace = Trace::from_spans([Span::builder("login")
        .start(at(0))
        .end(at(1))
        .attribute("password", "hunter2")
        .attribute("header", "Bearer abcdefghijklmnopqrstuvwxyz0123456789")
        .build()]);
    let report = check(
        "- spans: '{ name = \"login\" }'\n  each: {attributes: {password: a, header: b}}\n- tree: log in\n- lint: standard",
        &trace,
    );
    let redacted = report.redacted(&Redaction::new());
    let written =
        [redacted.to_string(), redacted.to_github(), serde_json::to_string(&redacted).expect("it is written")];
    assert!(report.to_string().contains("hunter2"));
    for text in written {
        assert!(!text.contains("hunter2") && !text.contains("abcdefghijklmnop"), "{text}");
    }
}

#[test]
fn a_query_without_an_answer_does_not_hold() {
    let report = check("- spans: '{} | avg(span.device_name) > 1'\n  count: 1..", &scan());
    assert!(!report.holds());
}

#[test]
fn the_strength_of_a_file_is_that_of_its_expectations() {
    let strength = |text: &str| {
        CheckFile::parse(text).expect("it is well formed").strength(&scan()).expect("it accepts the scan").share()
    };
    let loose = strength("- exit_status: success");
    let tree = strength("- exit_status: success\n- tree: |\n    Bluesky RunEngine run\n      ...");
    let each = strength(
        "- exit_status: success\n- {spans: '{ name = \"Ophyd Status\" }', count: 2, each: {duration: 300 ms..=1100 ms, parent: \
         Bluesky RunEngine set}}",
    );
    assert!(loose < tree || loose < each, "{loose} {tree} {each}");
    assert!(each > loose, "{loose} {each}");
    // What is about documents is left out, as mutants are of spans.
    assert!((strength("- exit_status: success\n- documents: {start: 7}") - loose).abs() < 1e-9);
}

#[test]
fn a_shape_is_compared_and_written_anew() {
    let folder = std::env::temp_dir().join(format!("skyspan-shapes-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("scan.check.yaml");
    std::fs::write(&path, "- shape: {file: shapes/scan.txt, times: false, ordered: true}\n").expect("it is written");
    let file = CheckFile::read(&path).expect("it is well formed");
    let report = file.check(&scan()).expect("no documents");
    assert!(report.to_string().contains("--update"), "{report}");
    assert_eq!(file.update_shapes(&scan()).expect("it is written").len(), 1);
    assert!(file.check(&scan()).expect("no documents").holds());
    assert_eq!(file.update_shapes(&scan()).expect("nothing to do").len(), 0);
    let fewer: Trace = scan().spans().filter(|span| span.name() != "retry").map(|span| span.span().clone()).collect();
    let report = file.check(&fewer).expect("no documents");
    let told = report.to_string();
    assert!(told.contains("the shape is another"), "{told}");
    assert!(told.contains("    -   retry"), "{told}");
    std::fs::remove_dir_all(&folder).expect("it is gone");
}

#[test]
fn a_query_that_selects_nothing_says_which_condition_leaves_nothing() {
    for (query, told) in [
        (
            r#"{ name = "Ophyd Status" && span.device_name = "stag" }"#,
            "the query selects nothing: no span meets span.device_name = `stag`",
        ),
        (
            r#"{ name = "retry" && span.device_name = "stage" }"#,
            "the query selects nothing: 1 span meets name = `retry`, and none of them span.device_name = `stage`, which 2 other spans meet",
        ),
        (r#"{ name = "rtry" }"#, "the query selects nothing: no span meets name = `rtry`"),
        (r#"{ name = "retry" } >> { name = "nothing" }"#, "the query selects nothing: no span meets name = `nothing`"),
    ] {
        for said in ["each: {ended: true}", "count: 1", "total: ..=1 s", "any: {ended: true}"] {
            let report = check(&format!("- spans: '{query}'\n  {said}"), &scan()).to_string();
            assert!(report.contains(told), "{report}");
        }
    }
    // Where each selects something and nothing hangs together so, no condition is the cause; nor where nothing is wrong.
    let report = check(r#"- {spans: '{ name = "retry" } > { name = "Ophyd Status" }', count: 1}"#, &scan()).to_string();
    assert!(!report.contains("the query selects nothing"), "{report}");
    assert!(check("- {spans: '{ name = \"rtry\" }', count: 0}", &scan()).holds());
}
