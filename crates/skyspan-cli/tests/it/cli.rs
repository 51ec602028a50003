//! The command line: what the real binary prints, writes and answers.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

mod calls;
mod checks;
mod diff;
mod drawings;
mod estimates;
mod fuzz;
#[cfg(unix)]
mod interrupts;
mod learn;
mod limits;
mod live;
mod mutations;
mod query;
mod refusals;
mod report;
mod sim_devices;
mod stats;
mod stores;
mod table;
#[cfg(target_os = "linux")]
mod terminal;
mod torture;
mod trace_files;
mod twin;
mod words;

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use skyspan::assert_tree;
use skyspan::expect::{any, forest, ms, none, one, shape, span, value_that};
use skyspan::trace::Trace;
use skyspan::value::{JsonReader, Value, from_json, to_json};

/// What came of a call of the binary.
struct Out {
    code: i32,
    stdout: String,
    stderr: String,
}

/// Calls the binary, with `input` as its standard input.
fn skyspan_with<'a>(arguments: impl IntoIterator<Item = &'a str>, input: &str) -> Out {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skyspan"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // What never reads its input may be gone before it is written.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Out {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn skyspan<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Out {
    skyspan_with(arguments, "")
}

/// A place for a file or a folder that no other test has.
fn temp_path() -> PathBuf {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("cli-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// A file that is gone when this is dropped.
struct TempFile(PathBuf);

impl TempFile {
    fn new(text: &str) -> Self {
        let path = temp_path().with_extension("yaml");
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        // One that stays behind harms nobody.
        let _ = std::fs::remove_file(&self.0);
    }
}

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/plans/tracing_demo.yaml");
const SCAN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/plans/scan.yaml");
const FAULTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/plans/faults.yaml");

/// The lines of a text without blanks at their ends: the tree is padded for people.
fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim_end).collect()
}

#[test]
fn the_example_of_the_documentation_prints_its_four_spans() {
    let out = skyspan(["run", DEMO]);
    assert_eq!((out.code, &*out.stderr), (0, ""));
    let spans: Vec<Value> = JsonReader::new(&out.stdout).collect::<Result<_, _>>().unwrap();
    let field = |span: usize, key: &str| spans[span].as_map().unwrap().get(key).cloned().unwrap_or_default();
    assert_eq!(spans.len(), 4);
    let names = ["Ophyd Status", "Bluesky RunEngine set", "demo plan", "Bluesky RunEngine run"];
    assert_eq!([0, 1, 2, 3].map(|span| field(span, "name")), names.map(Value::from));
    let axis = "SynAxis(prefix='', name='motor1', read_attrs=['readback', 'setpoint'], \
     configuration_attrs=['velocity', 'acceleration'])";
    let status = format!(
        r#"{{
            "status_type": "MoveStatus", "settle_time": 0, "no_timeout_given": true,
            "object_repr": "MoveStatus(done=False, pos=motor1, elapsed=0.0, success=False, settle_time=0.0)",
            "device_name": "motor1", "device_type": "SynAxis", "kwargs": "{{}}", "target": 5,
            "start_time": 1718700056.0, "start_pos ": 0, "unit": "mm", "positioner_name": "motor1",
            "positioner": "{axis}", "finish_time": 1718700056.0, "finish_pos": 5.0
        }}"#
    );
    let set = format!(
        r#"{{"msg.command": "set", "msg.args": [5], "msg.kwargs": "{{\"group\": null}}", "msg.obj": "{axis}"}}"#
    );
    let run = r#"{
        "msg.command": "open_run", "msg.args": [], "msg.kwargs": "{}", "msg.no_obj_given": true,
        "exit_status": "success", "reason": ""
    }"#;
    let expected = [&*status, &*set, "{}", run];
    for (span, expected) in expected.iter().enumerate() {
        assert_eq!(field(span, "attributes"), from_json(expected).unwrap(), "{}", names[span]);
    }
    let keys: Vec<&str> = spans[0].as_map().unwrap().keys().map(|key| &**key).collect();
    let expected = [
        "name",
        "context",
        "kind",
        "parent_id",
        "start_time",
        "end_time",
        "status",
        "attributes",
        "events",
        "links",
        "resource",
    ];
    assert_eq!(keys, expected);
    assert!(
        out.stdout.starts_with("{\n    \"name\": \"Ophyd Status\",\n    \"context\": {\n        \"trace_id\": \"0x")
    );
    assert!(out.stdout.ends_with("\"schema_url\": \"\"\n    }\n}\n"));

    let trace = Trace::from_console_json(&out.stdout).unwrap();
    assert_eq!(trace.defects(), []);
    // The run span is a sibling of the plan's, not its parent.
    assert_tree!(
        trace,
        r#"
        Bluesky RunEngine run
        demo plan
          Bluesky RunEngine set
            Ophyd Status
    "#
    );
    assert_eq!(trace.to_console_json(), out.stdout);
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_other_ids() {
    let first = skyspan(["run", SCAN]);
    assert_eq!(first.stdout, skyspan(["run", SCAN]).stdout);
    assert_eq!(first.stdout, skyspan(["run", SCAN, "--seed", "0"]).stdout);
    let other = skyspan(["run", SCAN, "--seed", "1"]);
    assert_ne!(first.stdout, other.stdout);
    assert_eq!(other.stdout, skyspan(["run", SCAN, "--seed=1"]).stdout);
    let [ours, others] = [&first, &other].map(|out| Trace::from_console_json(&out.stdout).unwrap());
    assert_eq!(shape(&ours), shape(&others));
    assert!(others.spans().all(|span| ours.get(span.span().span_id()).is_none()));
}

#[test]
fn spans_can_be_printed_as_a_tree_or_not_at_all() {
    let tree = skyspan(["run", DEMO, "--spans", "tree"]);
    assert_eq!((tree.code, &*tree.stderr), (0, ""));
    let expected = [
        "4 spans, 0 s, from 2024-06-18 08:40:56 UTC",
        "0 s  Bluesky RunEngine run    0 s  exit_status=success",
        "0 s  demo plan                0 s",
        "0 s  └ Bluesky RunEngine set  0 s  msg.obj=motor1 msg.args=[5]",
        "0 s    └ Ophyd Status         0 s  device_name=motor1 target=5 finish_pos=5.0",
    ];
    assert_eq!(lines(&tree.stdout), expected);
    let none = skyspan(["run", DEMO, "--spans", "none"]);
    assert_eq!((none.code, &*none.stdout, &*none.stderr), (0, "", ""));
    assert_eq!(skyspan(["run", DEMO, "--spans", "console"]).stdout, skyspan(["run", DEMO]).stdout);
}

#[test]
fn the_nested_convention_puts_all_of_a_run_under_its_span() {
    let yaml = "
items:
  - item_type: messages
    messages:
      - wrap: run
        body:
          - {plan: {name: trigger_and_read, args: [[det]]}}
          - {span: inner, body: [{plan: {name: mv, args: [motor, 1]}}, {plan: {name: sleep, args: [0.5]}}]}
";
    let file = TempFile::new(yaml);
    let out = skyspan(["run", file.path(), "--convention", "nested"]);
    assert_eq!((out.code, &*out.stderr), (0, ""));
    let trace = Trace::from_console_json(&out.stdout).unwrap();
    let engine = |command: &str| span(format!("Bluesky RunEngine {command}"));
    let uid = value_that("is a uid", |uid| uid.as_str().is_some_and(|uid| uid.len() == 36));
    // The run has no key, and OpenTelemetry has no null.
    let run = engine("run").attr("run.scan_id", 1).attr("run.uid", uid).no_attr("run.key");
    let inner = span("inner").children_in_order([
        engine("set").any_children(),
        engine("wait"),
        engine("sleep").lasting(ms(500)..=ms(500)),
    ]);
    trace.assert(forest([run.children_in_order([
        engine("trigger").any_children(),
        engine("wait"),
        engine("read"),
        inner,
    ])]));
    let bluesky = Trace::from_console_json(&skyspan(["run", file.path(), "--convention", "bluesky"]).stdout).unwrap();
    bluesky.assert(none(engine("sleep")));
    bluesky.assert(one(engine("run").children([])));
}

#[test]
fn runs_with_keys_nest_each_under_its_own_span() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/plans/runs.yaml");
    let out = skyspan(["run", file, "--convention", "nested"]);
    let trace = Trace::from_console_json(&out.stdout).unwrap();
    let run_of = |key: &str| span("Bluesky RunEngine run").attr("run.key", key).children([span(any()).any_children()]);
    trace.assert(forest([run_of("a"), run_of("b")]).in_order());
}

#[test]
fn out_writes_four_files() {
    let dir = temp_path().join("in").join("folders");
    let out = skyspan(["run", SCAN, "--out", dir.to_str().unwrap()]);
    assert_eq!((out.code, &*out.stderr), (0, ""));
    let text = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap();
    let rows = |name: &str| JsonReader::new(&text(name)).collect::<Result<Vec<Value>, _>>().unwrap();
    assert_eq!(text("spans.json"), out.stdout);
    let documents = rows("documents.jsonl");
    let kinds: Vec<_> = documents.iter().map(|row| row.as_array().unwrap()[0].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["start", "descriptor", "event", "event", "event", "event", "event", "stop"]);
    let start = documents[0].as_array().unwrap()[1].as_map().unwrap();
    assert_eq!(start.get("plan_name"), Some(&"scan".into()));
    assert_eq!(start.get("sample"), Some(&"A".into()));
    let messages = rows("messages.jsonl");
    assert_eq!(messages.len(), text("messages.jsonl").lines().count());
    let keys: Vec<&str> = messages[0].as_map().unwrap().keys().map(|key| &**key).collect();
    assert_eq!(keys, ["command", "obj", "args", "kwargs", "run"]);
    let expected = format!(
        "[\n  {{\n    \"exit_status\": \"success\",\n    \"reason\": \"\",\n    \"exception\": null,\n    \"messages\": {},\n    \
         \"documents\": {},\n    \"began\": \"2024-06-18T08:40:56.000000000Z\"\n  }}\n]",
        messages.len(),
        documents.len()
    );
    assert_eq!(text("outcomes.json"), expected);
    let again = skyspan(["run", SCAN, "--out", dir.to_str().unwrap(), "--spans", "none"]);
    assert_eq!((again.code, &*again.stdout), (0, ""));
    assert_eq!(text("spans.json"), out.stdout, "files that are there are written anew");
    std::fs::remove_dir_all(dir.parent().unwrap().parent().unwrap()).unwrap();
}

#[test]
fn files_that_cannot_be_written_are_an_error_of_the_command_line() {
    let file = TempFile::new("a file, and no folder");
    let out = skyspan(["run", DEMO, "--out", file.path()]);
    assert_eq!((out.code, &*out.stdout), (2, ""));
    let error = format!("skyspan: cannot write {}: expected a folder, found a file\n", file.path());
    assert_eq!(out.stderr, error);
}

#[test]
fn a_folder_that_cannot_be_made_is_said_before_anything_runs() {
    let file = TempFile::new("a file, and no folder");
    let below = format!("{}/below", file.path());
    for folder in [file.path(), &below] {
        let nap = "items: [{item_type: plan, name: sleep, args: [600]}]\n";
        let out = skyspan_with(["run", "-", "--real-time", "--out", folder], nap);
        assert_eq!(out.code, 2);
        assert!(out.stderr.ends_with("expected a folder, found a file\n"), "{}", out.stderr);
    }
}

#[test]
fn a_plan_file_may_come_from_standard_input() {
    let text = std::fs::read_to_string(SCAN).unwrap();
    assert_eq!(skyspan_with(["run", "-"], &text).stdout, skyspan(["run", SCAN]).stdout);
    let wrong = skyspan_with(["run", "-"], "itmes: []\n");
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.starts_with("skyspan: -:1:1: expected one of the keys "), "{}", wrong.stderr);
}

#[test]
fn an_item_that_does_not_succeed_is_reported_and_gives_exit_code_1() {
    // What is recorded is looked at: without it `--spans none` keeps no spans.
    let folder = temp_path();
    let out = skyspan(["run", FAULTS, "--spans", "none", "--out", folder.to_str().unwrap()]);
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!((out.code, &*out.stdout), (1, ""));
    let expected = [
        "skyspan: item 1: FailedStatus: MoveStatus(done=True, pos=stalls, ",
        "skyspan: item 2: DeviceFault: out of range",
        "skyspan: item 3: WaitForTimeoutError: Plan failed to complete in the specified time: wait for group \"g\": ",
        "skyspan: a span never ended: Ophyd Status (since 2024-06-18T08:40:56.",
    ];
    let errors = lines(&out.stderr);
    assert_eq!(errors.len(), expected.len(), "{}", out.stderr);
    for (error, beginning) in errors.iter().zip(expected) {
        assert!(error.starts_with(beginning), "{error}");
    }
    let nested = skyspan(["run", FAULTS, "--spans", "tree", "--convention", "nested"]);
    assert_eq!(nested.code, 1);
}

#[test]
fn a_command_that_does_not_exist_fails_when_it_is_executed_with_what_may_be_meant() {
    let yaml = "
items:
  - {item_type: messages, messages: [{command: opn_run}]}
  - {item_type: messages, messages: [{command: open_shutter}]}
";
    let file = TempFile::new(yaml);
    let out = skyspan(["run", file.path()]);
    assert_eq!((out.code, &*out.stdout), (1, ""));
    let (command, place) = ("message 1", file.path());
    let registered = "no such command is registered; see RunEngine's commands";
    let expected = [
        format!(
            "skyspan: item 1: InvalidCommand: opn_run: {registered}; did you mean `open_run`? ({command}: opn_run(); {place}:3:5)"
        ),
        format!("skyspan: item 2: InvalidCommand: open_shutter: {registered} ({command}: open_shutter(); {place}:4:5)"),
    ];
    assert_eq!(lines(&out.stderr), expected);
}

#[test]
fn a_deadlock_is_reported_and_does_not_hang() {
    let yaml = "
devices:
  - {name: hangs, class: SynAxis, fault: {kind: hang}}
  - {name: also_hangs, class: SynAxis, fault: {kind: hang}}
items:
  - {item_type: plan, name: mv, args: [hangs, 1]}
  - {item_type: plan, name: mv, args: [also_hangs, 1], kwargs: {timeout: .inf}}
  - {item_type: plan, name: count, args: [[det]]}
";
    let out = skyspan(["run", TempFile::new(yaml).path(), "--spans", "none"]);
    assert_eq!(out.code, 1);
    for item in [1, 2] {
        let deadlock = format!("skyspan: item {item}: Deadlock: deadlock at 2024-06-18T08:40:56.000000000Z: ");
        assert!(out.stderr.contains(&deadlock), "{}", out.stderr);
    }
    assert!(!out.stderr.contains("item 3"), "{}", out.stderr);
}

#[test]
fn real_time_takes_its_time() {
    let yaml = "items: [{item_type: plan, name: sleep, args: [0.15]}, {item_type: plan, name: count, args: [[det]]}]\n";
    let file = TempFile::new(yaml);
    let span = |out: &Out| Trace::from_console_json(&out.stdout).unwrap().spans().next().unwrap().span().start();
    let simulated = skyspan(["run", file.path()]);
    let real = skyspan(["run", file.path(), "--real-time"]);
    assert_eq!((simulated.code, real.code, &*real.stderr), (0, 0, ""));
    assert!(span(&real) - span(&simulated) > std::time::Duration::from_secs(3600), "the clock shows the time of day");
    let wait = "items: [{item_type: messages, messages: [{wrap: run, body: [{command: sleep, args: [0.15]}]}]}]\n";
    let out = skyspan(["run", TempFile::new(wait).path(), "--real-time"]);
    let run = Trace::from_console_json(&out.stdout).unwrap();
    let took = run.spans().next().unwrap().span().duration().unwrap();
    assert!(took >= std::time::Duration::from_millis(149), "{took:?}");
}

#[test]
fn traces_are_drawn_and_converted_from_files_and_standard_input() {
    let console = skyspan(["run", DEMO]).stdout;
    let file = TempFile::new(&console);
    // A file does not say which of two spans that started at the same time was first, so its order of ending counts.
    let drawn = skyspan(["tree", file.path()]).stdout;
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&drawn), sorted(&skyspan(["run", DEMO, "--spans", "tree"]).stdout));
    assert_eq!(skyspan_with(["tree", "-"], &console).stdout, drawn);
    assert_eq!(skyspan(["convert", file.path(), "--to", "console"]).stdout, console);
    assert_eq!(skyspan_with(["convert", "-", "--to", "console"], &console).stdout, console);
    let all = skyspan_with(["tree", "-", "--all", "--width", "400"], &console);
    assert!(all.stdout.contains("positioner_name=motor1"), "{}", all.stdout);
    let text = skyspan_with(["tree", "-", "--all", "--text"], &console).stdout;
    assert!(text.contains("positioner_name=\"motor1\""), "{text}");
    assert_tree!(Trace::from_console_json(&console).unwrap(), &text);
    assert_eq!(skyspan_with(["tree", "-", "--allow-empty"], "").code, 0, "an empty file may be a trace without spans");
    let compact: Vec<String> = JsonReader::new(&console).map(|span| to_json(&span.unwrap())).collect();
    assert_eq!(skyspan_with(["convert", "-", "--to", "console"], &compact.join("\n")).stdout, console);
    let otlp = skyspan(["convert", file.path(), "--to", "otlp"]).stdout;
    assert!(otlp.starts_with("{\"resourceSpans\": [") && otlp.lines().count() == 1, "{otlp}");
    assert_eq!(skyspan_with(["convert", "-", "--to", "console"], &otlp).stdout, console);
    assert_eq!(skyspan_with(["tree", "-"], &otlp).stdout, drawn);
}

#[test]
fn a_trace_that_is_malformed_or_none_at_all_is_said_to_be_so() {
    let console = skyspan(["run", DEMO]).stdout;
    let mut spans: Vec<Value> = JsonReader::new(&console).collect::<Result<_, _>>().unwrap();
    // Without the span of `set`, that of its status has a parent that is not there.
    spans.remove(1);
    let orphaned: String = spans.iter().map(to_json).collect();
    let out = skyspan_with(["tree", "-"], &orphaned);
    assert_eq!((out.code, &*out.stderr), (0, ""));
    assert_eq!(out.stdout.lines().filter(|line| line.starts_with("malformed: ")).count(), 1, "{}", out.stdout);
    let out = skyspan_with(["tree", "-"], "{}");
    assert_eq!((out.code, &*out.stdout), (2, ""));
    assert!(
        out.stderr.starts_with("skyspan: line 1, column 1: expected a trace, found JSON that is no trace"),
        "{}",
        out.stderr
    );
    let out = skyspan(["convert", "no/such/trace.json", "--to", "console"]);
    assert_eq!((out.code, &*out.stdout), (2, ""));
    assert!(out.stderr.starts_with("skyspan: no/such/trace.json: "), "{}", out.stderr);
}

#[test]
fn a_bad_command_line_gives_exit_code_2_and_help_is_no_error() {
    for arguments in [
        &["run"][..],
        &["run", DEMO, "--seed", "x"],
        &["run", DEMO, "--seed", "-1"],
        &["run", DEMO, "--spans", "all"],
        &["run", DEMO, "--convention", "other"],
        &["run", DEMO, DEMO],
        &["run", DEMO, "--nonsense"],
        &["convert", "-"],
        &["convert", "-", "--to", "png"],
        &["tree"],
        &["rnu", DEMO],
        &[],
    ] {
        let out = skyspan(arguments.iter().copied());
        assert_eq!((out.code, &*out.stdout), (2, ""), "{arguments:?}");
        assert!(!out.stderr.is_empty(), "{arguments:?}");
    }
    for arguments in [&["--help"][..], &["run", "--help"], &["tree", "--help"], &["convert", "--help"], &["--version"]]
    {
        let out = skyspan(arguments.iter().copied());
        assert_eq!((out.code, &*out.stderr), (0, ""), "{arguments:?}");
        assert!(!out.stdout.is_empty(), "{arguments:?}");
    }
    for arguments in [&["man"][..], &["completions", "bash"], &["completions", "zsh"], &["completions", "fish"]] {
        let out = skyspan(arguments.iter().copied());
        assert_eq!((out.code, &*out.stderr), (0, ""), "{arguments:?}");
        for command in ["run", "tree", "query", "convert", "fuzz"] {
            assert!(out.stdout.contains(command), "{arguments:?}: {command}");
        }
    }
    let missing = skyspan(["run", "no/such/plan.yaml"]);
    assert_eq!((missing.code, &*missing.stdout), (2, ""));
    assert_eq!(missing.stderr, "skyspan: no/such/plan.yaml: expected a plan file, found no such file\n");
}

/// What `| head -1` does: it reads a line, and goes away.
#[test]
fn a_reader_who_goes_away_is_no_error() {
    let yaml = "items: [{item_type: plan, name: scan, args: [[det], motor, 0, 1, 200]}]\n";
    let file = TempFile::new(yaml);
    for spans in ["console", "tree"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_skyspan"));
        command.args(["run", file.path(), "--spans", spans]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut first = [0];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{spans}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{spans}");
    }
}
