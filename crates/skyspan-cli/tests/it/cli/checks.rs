//! `skyspan check`, `bless` and `lint`, and the expectations of plan files.

use skyspan::value::from_json;

use super::{Out, TempFile, skyspan, skyspan_with, temp_path};

const STAGE: &str = "../../fixtures/checks/stage.yaml";
const STAGE_CHECK: &str = "../../fixtures/checks/stage.check.yaml";

/// A folder that is gone when this is dropped.
struct TempFolder(std::path::PathBuf);

impl TempFolder {
    fn new(files: &[(&str, &str)]) -> Self {
        let path = temp_path();
        std::fs::create_dir_all(&path).unwrap();
        for (name, text) in files {
            std::fs::write(path.join(name), text).unwrap();
        }
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The trace of a plan, in a file.
fn trace_of(plan: &str, folder: &TempFolder) -> String {
    let path = folder.file("trace.json");
    std::fs::write(&path, skyspan(["run", plan]).stdout).unwrap();
    path
}

#[test]
fn a_plan_is_held_against_what_it_says_and_against_a_check_file() {
    let Out { code, stdout, stderr } = skyspan(["check", STAGE, "--expect", STAGE_CHECK]);
    assert_eq!(
        stdout,
        "\
../../fixtures/checks/stage.yaml (item 1)
✓ documents  9 documents

../../fixtures/checks/stage.yaml (all items)
✓ { status = error }  0 spans

../../fixtures/checks/stage.yaml, ../../fixtures/checks/stage.check.yaml
✓ exit_status              success
✓ duration                 8 s, exactly 8 s
✓ the stage is never slow  12 spans
✓ all waits together       8 s, exactly 8 s
✓ tree                     37 spans
",
        "{stderr}"
    );
    assert_eq!((code, stderr.as_str()), (0, ""));
}

#[test]
fn what_does_not_hold_is_drawn_and_the_exit_code_is_1() {
    let quick = TempFile::new(
        "- exit_status: success\n- {spans: '{ span.device_name = \"camera\" }', each: {duration: ..=100 ms}}\n",
    );
    let folder = TempFolder::new(&[]);
    let trace = trace_of(STAGE, &folder);
    let Out { code, stdout, stderr } = skyspan(["check", &trace, "--expect", quick.path()]);
    assert_eq!((code, stderr.as_str()), (1, ""));
    assert!(
        stdout.starts_with(
            "✓ exit_status                      success\n✗ { span.device_name = \"camera\" }  6 spans differ\n\n"
        ),
        "{stdout}"
    );
    assert!(stdout.contains("duration: expected at most 100 ms, found 500 ms"), "{stdout}");
    // Nothing is coloured in a pipe.
    assert!(!stdout.contains('\x1b'), "{stdout}");
}

#[test]
fn standard_input_is_a_trace() {
    let spans = skyspan(["run", STAGE]).stdout;
    let check = TempFile::new("- exit_status: success\n");
    let Out { code, stdout, .. } = skyspan_with(["check", "-", "-e", check.path()], &spans);
    assert_eq!((code, stdout.as_str()), (0, "✓ exit_status  success\n"));
}

#[test]
fn several_traces_and_check_files_are_held_each_against_each() {
    let folder = TempFolder::new(&[
        ("one.check.yaml", "- exit_status: success\n"),
        ("two.check.yaml", "- {spans: '{}', count: 37}\n"),
        ("notes.txt", "nothing"),
    ]);
    let traces = TempFolder::new(&[]);
    let first = trace_of(STAGE, &traces);
    std::fs::copy(&first, traces.file("another.json")).unwrap();
    let pattern = format!("{}/*.json", traces.path());
    for (input, expect) in [
        (traces.path(), folder.path()),
        (&*pattern, folder.path()),
        (traces.path(), &*format!("{}/*.check.yaml", folder.path())),
    ] {
        let Out { code, stdout, stderr } = skyspan(["check", input, "--expect", expect, "--format", "json"]);
        assert_eq!((code, stderr.as_str()), (0, ""));
        let json: skyspan::serde_json::Value = skyspan::serde_json::from_str(&stdout).unwrap();
        assert_eq!(json["version"], 1);
        assert_eq!(json["reports"].as_array().unwrap().len(), 4, "{stdout}");
    }
    let nothing = TempFolder::new(&[]);
    let Out { code, stderr, .. } = skyspan(["check", nothing.path(), "--expect", folder.path()]);
    assert_eq!(code, 2);
    assert!(stderr.contains("expected traces or plan files, found no such file in"), "{stderr}");
}

#[test]
fn ci_gets_junit_and_the_commands_of_github() {
    let folder = TempFolder::new(&[(
        "a.check.yaml",
        "- exit_status: success\n- name: none, that fail\n  spans: '{}'\n  count: 0\n",
    )]);
    let trace = trace_of(STAGE, &folder);
    let file = folder.file("a.check.yaml");
    let Out { code, stdout, .. } = skyspan(["check", &trace, "--expect", &file, "--format", "junit"]);
    assert_eq!(code, 1);
    assert!(
        stdout.contains(" tests=\"2\" failures=\"1\">") && stdout.contains("37 spans are not expected"),
        "{stdout}"
    );
    let Out { code, stdout, .. } = skyspan(["check", &trace, "--expect", &file, "--format", "github"]);
    assert_eq!(code, 1);
    assert!(
        stdout.starts_with(&format!(
            "::error file={file},title=none%2C that fail,line=2,col=3::37 spans are not expected%0A"
        )),
        "{stdout}"
    );
    assert_eq!(stdout.lines().count(), 1, "{stdout}");
}

#[test]
fn secrets_are_taken_out_of_what_is_written() {
    let folder = TempFolder::new(&[("a.check.yaml", "- {spans: '{}', each: {attributes: {password: x}}}\n")]);
    let trace = folder.file("trace.json");
    let span = r#"{"name": "login", "context": {"trace_id": "0x00000000000000000000000000000001", "span_id": "0x0000000000000001", "trace_state": "[]"}, "kind": "SpanKind.INTERNAL", "parent_id": null, "start_time": "2026-11-29T19:00:00.000000Z", "end_time": "2026-11-29T19:00:01.000000Z", "status": {"status_code": "UNSET"}, "attributes": {"password": "hunter2"}, "events": [], "links": [], "resource": {"attributes": {"service.name": "app"}, "schema_url": ""}}"#;
    std::fs::write(&trace, span).unwrap();
    for format in ["pretty", "json", "junit", "github"] {
        let Out { code, stdout, .. } =
            skyspan(["check", &trace, "--expect", &folder.file("a.check.yaml"), "--format", format]);
        assert_eq!(code, 1);
        assert!(stdout.contains("password") && !stdout.contains("hunter2"), "{format}: {stdout}");
    }
    let Out { stdout, .. } = skyspan(["bless", &trace]);
    assert!(stdout.contains("password=*") && !stdout.contains("hunter2"), "{stdout}");
}

#[test]
fn shapes_are_written_anew_where_that_is_asked_for() {
    let folder = TempFolder::new(&[("a.check.yaml", "- shape: {file: scan.shape, times: false}\n")]);
    let trace = trace_of(STAGE, &folder);
    let file = folder.file("a.check.yaml");
    let Out { code, stdout, .. } = skyspan(["check", &trace, "--expect", &file]);
    assert_eq!(code, 1);
    assert!(stdout.contains("`skyspan check --update` writes it"), "{stdout}");
    let Out { code, stderr, .. } = skyspan(["check", &trace, "--expect", &file, "--update"]);
    assert_eq!(code, 0);
    assert!(stderr.ends_with("scan.shape is written\n"), "{stderr}");
    let Out { code, stdout, stderr } = skyspan(["check", &trace, "--expect", &file]);
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (0, "✓ shape scan.shape  37 spans\n", ""));
}

#[test]
fn a_file_that_cannot_be_read_as_a_shape_is_not_written_over() {
    let folder = TempFolder::new(&[("a.check.yaml", "- shape: {file: scan.shape, times: false}\n")]);
    let (trace, file, shape) = (trace_of(STAGE, &folder), folder.file("a.check.yaml"), folder.file("scan.shape"));
    let no_text = b"\xff\xfe no text";
    std::fs::write(&shape, no_text).unwrap();
    let Out { code, stderr, .. } = skyspan(["check", &trace, "--expect", &file, "--update"]);
    assert!(code != 0 && stderr.contains("scan.shape"), "{code}: {stderr}");
    assert_eq!(std::fs::read(&shape).unwrap(), no_text);
}

#[test]
fn what_is_wrong_on_the_command_line_and_in_files_is_exit_code_2() {
    let bad = TempFile::new("- exit_status: sucess\n");
    let documents = TempFile::new("- documents: {start: 1}\n");
    let good = TempFile::new("- exit_status: success\n");
    let check_file = TempFolder::new(&[("a.check.yaml", "- exit_status: success\n")]);
    let folder = TempFolder::new(&[]);
    let trace = trace_of(STAGE, &folder);
    let cut = "../../fixtures/formats/collector-file-truncated.jsonl";
    for (arguments, told) in [
        (vec!["check"], "expected a trace, a plan file, or a command behind `--`"),
        (vec!["check", &trace], "nothing says what"),
        (vec!["check", "--", "true"], "nothing says what true must be"),
        (vec!["check", &trace, "--expect", bad.path()], ":1:16: expected an exit status"),
        (
            vec!["check", &trace, "--expect", "no.check.yaml"],
            "no.check.yaml: expected a check file, found no such file",
        ),
        (
            vec!["check", &trace, "--expect", documents.path()],
            ":1:3: expected the documents of a call, found a trace, which has none",
        ),
        (
            vec!["check", &trace, &check_file.file("a.check.yaml"), "-e", good.path()],
            "is a check file: name it by --expect",
        ),
        (vec!["check", "no.json", "--expect", good.path()], "no.json"),
        (vec!["check", cut, "--expect", good.path()], "the file is cut off"),
        (vec!["lint"], "TRACE|PLAN"),
        (vec!["lint", &trace, "--without", "orphans"], "no rule is called \"orphans\"; did you mean \"orphan\"?"),
        (vec!["bless", &trace, "--times", "much"], "expected a number of percent such as 20%"),
    ] {
        let Out { code, stdout, stderr } = skyspan(arguments.iter().copied());
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(told), "{arguments:?}: {stderr}");
    }
}

#[test]
fn run_tells_what_a_plan_file_says_and_does_not_leave() {
    let plan = |count: usize| {
        TempFile::new(&format!(
            "items:\n- {{item_type: plan, name: count, args: [[det], 3], expect: [{{spans: '{{ name = \"Bluesky RunEngine run\" }}', count: \
             {count}}}, {{documents: {{streams: {{primary: 3}}}}}}]}}\n"
        ))
    };
    for spans in ["console", "tree", "none"] {
        let Out { code, stderr, .. } = skyspan(["run", plan(1).path(), "--spans", spans]);
        assert_eq!((code, stderr.as_str()), (0, ""), "{spans}");
        let Out { code, stderr, .. } = skyspan(["run", plan(2).path(), "--spans", spans]);
        assert_eq!(code, 1, "{spans}");
        assert!(stderr.starts_with("skyspan: item 1 has not left what the file says:\n✗ { name = "), "{stderr}");
        assert!(stderr.contains("✓ documents"), "{stderr}");
    }
}

#[test]
fn a_blessed_file_holds_and_how_much_it_would_notice_is_told() {
    let Out { code, stdout, stderr } = skyspan(["bless", STAGE]);
    assert_eq!(code, 0);
    assert!(
        stdout.starts_with("version: 1\nexpect:\n- exit_status: success\n- duration: 8 s ± 20 %\n- documents:\n"),
        "{stdout}"
    );
    assert!(stderr.starts_with("skyspan: what the check file would notice: "), "{stderr}");
    let file = TempFile::new(&stdout);
    let Out { code, stdout, .. } = skyspan(["check", STAGE, "--expect", file.path()]);
    assert_eq!(code, 0, "{stdout}");
    let Out { stdout, .. } = skyspan(["bless", STAGE, "--no-times"]);
    assert!(!stdout.contains("duration"), "{stdout}");
    let Out { stdout, .. } = skyspan(["bless", STAGE, "--times", "0"]);
    assert!(stdout.contains("- duration: 8 s\n"), "{stdout}");
}

#[test]
fn lint_tells_which_rules_are_broken_and_which_there_are() {
    let Out { code, stdout, stderr } = skyspan(["lint", STAGE]);
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (0, "no rule is broken\n", ""));
    let bad = r#"{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "00000000000000000000000000000001", "spanId": "0000000000000001", "name": "GET /order/7314", "startTimeUnixNano": "5", "endTimeUnixNano": "3"}]}]}]}"#;
    let Out { code, stdout, .. } = skyspan_with(["lint", "-"], bad);
    assert_eq!(code, 1);
    assert!(
        stdout.starts_with(
            "1 error, 2 warnings\n\nerror    negative-duration: expected an end that is not before the start\n"
        ),
        "{stdout}"
    );
    let Out { code, .. } = skyspan_with(["lint", "-", "--without", "negative-duration", "--deny", "error"], bad);
    assert_eq!(code, 0);
    let Out { stdout, .. } = skyspan_with(["lint", "-", "--json"], bad);
    assert!(
        from_json(&stdout).is_ok()
            && stdout.starts_with("{\"version\":1,\"findings\":[{\"rule\":{\"name\":\"negative-duration\""),
        "{stdout}"
    );
    let Out { code, stdout, .. } = skyspan(["lint", "--list-rules"]);
    assert_eq!(code, 0);
    assert!(stdout.lines().count() >= 45 && stdout.contains("error    unended: expected an end"), "{stdout}");
}

#[test]
fn editors_get_a_schema_of_check_files() {
    let Out { code, stdout, .. } = skyspan(["schema", "check"]);
    assert_eq!(code, 0);
    assert!(stdout.contains("\"title\": \"a check file of skyspan\""), "{stdout}");
    assert!(skyspan(["schema"]).stdout.contains("\"expectations\""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_is_run_and_what_it_sends_is_held_against_a_check_file() {
    let check = TempFile::new("- {spans: '{}', count: 1..}\n- {spans: '{}', each: {duration: ..=1 h}}\n");
    let sends = super::live::sends_and("exit 0");
    let Out { code, stdout, stderr } = skyspan(["check", "-e", check.path(), "--", "bash", "-c", &sends]);
    assert!(stdout.starts_with("✓ {}  "), "{stdout}{stderr}");
    assert_eq!(code, 0, "{stdout}{stderr}");
    // How it has ended counts, too.
    let fails = super::live::sends_and("exit 3");
    let Out { code, stderr, .. } = skyspan(["check", "-e", check.path(), "--", "bash", "-c", &fails]);
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("the program has ended with exit code 3"), "{stderr}");
    let none = TempFile::new("- {spans: '{}', count: 0}\n");
    let Out { code, stdout, .. } = skyspan(["check", "--allow-empty", "-e", none.path(), "--", "true"]);
    assert_eq!((code, stdout.as_str()), (0, "✓ {}  0 spans\n"));
}
