//! Calls with what is done to them from outside, as `skyspan run` runs them, and what it refuses about them.

use skyspan::value::{JsonReader, Value, from_json, to_json};

use super::refusals::{refused, step_refused};
use super::{TempFile, skyspan, temp_path};

/// What a run of a plan file wrote and said.
struct Ran {
    code: i32,
    stderr: String,
    /// `null(1)`, one a line.
    messages: Vec<String>,
    outcomes: String,
}

fn run(yaml: &str) -> Ran {
    let (file, dir) = (TempFile::new(yaml), temp_path());
    let out = skyspan(["run", file.path(), "--spans", "none", "--out", dir.to_str().unwrap()]);
    let text = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap_or_else(|_| panic!("{}", out.stderr));
    let messages: Vec<Value> = JsonReader::new(&text("messages.jsonl")).collect::<Result<_, _>>().unwrap();
    let outcomes = from_json(&text("outcomes.json")).unwrap();
    std::fs::remove_dir_all(&dir).unwrap();
    let field = |value: &Value, key: &str| value.as_map().unwrap().get(key).cloned().unwrap_or_default();
    let messages = messages.iter().map(|message| {
        let args = to_json(&field(message, "args"));
        format!("{}({})", field(message, "command").as_str().unwrap(), args.trim_matches(['[', ']']))
    });
    let outcomes = outcomes.as_array().unwrap().iter().map(|row| {
        let word = |key: &str| field(row, key).as_str().unwrap_or("-").to_owned();
        format!("{} {}", word("exit_status"), word("exception"))
    });
    Ran {
        code: out.code,
        stderr: out.stderr,
        messages: messages.collect(),
        outcomes: outcomes.collect::<Vec<_>>().join(", "),
    }
}

#[test]
fn messages_are_counted_with_those_that_are_done_again() {
    let ran = run("
items:
  - item_type: messages
    at: [{message: 2, do: pause}, {message: 3, do: pause}]
    on_pause: [resume, {do: abort, reason: enough}]
    messages: [{command: checkpoint}, {command: \"null\", args: [1]}, {command: \"null\", args: [2]}]
");
    assert_eq!(ran.messages, ["checkpoint()", "null(1)", "null(1)"]);
    assert_eq!((ran.code, &*ran.outcomes), (1, "abort -"));
}

#[test]
fn a_signal_is_set_before_its_message_and_in_the_middle_of_one() {
    let ran = run("
items:
  - item_type: messages
    at: [{set: {sig: 1}}, {message: 2, set: {sig: 2}}, {message: 3, after_s: 0.5, set: {sig: 3}}, {message: 90, set: {sig: 9}}]
    messages:
      - {show: {plan: {name: rd, args: [sig]}}}
      - {command: sleep, args: [0.4]}
      - {show: {plan: {name: rd, args: [sig]}}}
      - {command: sleep, args: [0.2]}
      - {show: {plan: {name: rd, args: [sig]}}}
  - {item_type: messages, at: [{after_s: 1, set: {sig: 4}}], messages: [{show: {plan: {name: rd, args: [sig]}}}]}
");
    let shown: Vec<_> = ran.messages.iter().filter(|message| message.starts_with("null")).collect();
    assert_eq!(shown, ["null(1)", "null(2)", "null(3)", "null(3)"]);
    let never = "skyspan: item 1: message 90 never came, at which something was to be done; there were 8\n";
    assert_eq!((ran.code, &*ran.stderr), (1, never));
}

#[test]
fn the_last_error_at_a_pause_is_that_of_the_call() {
    let ran = run("
items:
  - {item_type: messages, on_pause: [pause, {sleep: 1}, {set: {sig: 5}}, call, resume], messages: [{command: pause}]}
  - {item_type: messages, on_pause: [deferred_pause, resume], messages: [{command: pause}, {raise: no light}]}
  - {item_type: messages, messages: [{command: pause}, {command: \"null\"}]}
  - {item_type: request, do: halt}
  - {item_type: request, do: pause}
");
    assert_eq!(ran.outcomes, "success RuntimeError, fail RuntimeError, abort -, - TransitionError, - TransitionError");
    assert_eq!(ran.messages, ["pause()", "pause()", "pause()"]);
    let expected = [
        "skyspan: item 1: RuntimeError: The RunEngine is in a paused state",
        "skyspan: item 2: RuntimeError: no light",
        "skyspan: item 3: abort",
        "skyspan: item 4: TransitionError: the RunEngine is already idle; there is nothing to halt",
        "skyspan: item 5: TransitionError: the RunEngine is idle and cannot be paused",
    ];
    let errors: Vec<_> = ran.stderr.lines().collect();
    assert_eq!(errors.len(), expected.len(), "{}", ran.stderr);
    assert!(errors.iter().zip(expected).all(|(error, beginning)| error.starts_with(beginning)), "{}", ran.stderr);
}

#[test]
fn an_end_that_comes_while_the_plan_is_paused_is_the_end() {
    let ran = run("
items:
  - item_type: messages
    at: [{message: 1, after_s: 0.5, do: stop}]
    on_pause: [{sleep: 1}, resume]
    messages: [{wrap: finalize, final: [{command: \"null\", args: [final]}], body: [{command: pause}]}]
");
    assert_eq!((ran.code, &*ran.outcomes, &*ran.stderr), (0, "success -", ""));
    assert_eq!(ran.messages, ["pause()", "null(\"final\")"]);
}

#[test]
fn a_suspension_from_outside_lets_go_by_itself() {
    let ran = run("
items:
  - item_type: messages
    at: [{message: 2, after_s: 0.5, do: suspend, for_s: 60, justification: top-up}]
    messages: [{command: checkpoint}, {command: sleep, args: [1]}]
");
    assert_eq!((ran.code, &*ran.stderr), (0, ""));
    let expected = [
        "checkpoint()",
        "sleep(1)",
        "_start_suspender(null, null, \"top-up\", \"<function>\")",
        "rewindable(false)",
        "wait_for([\"<function>\")",
        "_resume_from_suspender()",
        "rewindable(true)",
        "sleep(1)",
    ];
    let messages: Vec<_> = ran.messages.iter().map(|message| message.replace("\"]", "\"")).collect();
    assert_eq!(messages, expected.map(|message| message.replace("([", "(")));
}

#[test]
fn callbacks_get_documents_by_name_and_unsubscribe_by_their_token() {
    let ran = run("
callbacks: [{name: quiet}, {name: strict, fault: {nth: 2, message: dark}}]
items:
  - item_type: messages
    messages: [{command: subscribe, args: [quiet]}, {plan: {name: unsubscribe, args: [quiet]}}, {command: unsubscribe, args: [quiet]}]
  - {item_type: plan, name: count, args: [[det]], subs: [strict]}
  - {item_type: plan, name: count, args: [[det]], subs: {start: [strict]}}
");
    assert_eq!(ran.outcomes, "fail KeyError, fail DeviceFault, success -");
    assert_eq!(ran.messages[0], "subscribe(\"quiet\")");
    assert!(ran.stderr.contains("skyspan: item 2: DeviceFault: dark"), "{}", ran.stderr);
}

#[test]
fn errors_of_callbacks_that_are_ignored_are_said() {
    let ran = run("
engine: {ignore_callback_exceptions: true}
callbacks: [{name: strict, fault: {message: dark}}]
items: [{item_type: plan, name: count, args: [[det]], subs: {stop: [strict]}}]
");
    assert_eq!((ran.code, &*ran.outcomes), (0, "success -"));
    assert_eq!(ran.stderr, "skyspan: a callback failed on a `stop` document, which is ignored: dark\n");
}

#[test]
fn input_is_read_from_the_file_and_is_empty_after_it() {
    let ran = run("
items:
  - item_type: messages
    input: [\"two words \"]
    messages: [{show: {command: input}}, {show: {plan: {name: input_plan, args: [more]}}}]
  - {item_type: messages, messages: [{show: {command: input}}]}
");
    let shown: Vec<_> = ran.messages.iter().filter(|message| message.starts_with("null")).collect();
    assert_eq!(shown, ["null(\"two words \")", "null(\"\")", "null(\"\")"]);
}

#[test]
fn names_of_callbacks_and_suspenders_are_resolved_where_they_stand() {
    let callbacks = |rest: &str, message: &str| refused(&format!("callbacks: [{{name: quiet}}]\n{rest}\n"), message);
    callbacks(
        "items: [{item_type: plan, name: count, args: [[det]], subs: [queit]}]",
        "2:62: expected the name of a callback, found the string \"queit\"; did you mean `quiet`?",
    );
    callbacks(
        "items: [{item_type: plan, name: subscribe, args: [all, det]}]",
        "2:56: expected the name of a callback, found the string \"det\"",
    );
    callbacks(
        "items: [{item_type: plan, name: count, args: [[quiet]]}]",
        "2:48: expected the name of a device, found the string \"quiet\"",
    );
    callbacks(
        "items: [{item_type: plan, name: count, args: [[det]], kwargs: {md: {a: 1}, delay: quiet}}]",
        "2:83: expected a value, not a callback or a suspender, found the string \"quiet\"; write {str: NAME} for the \
         plain string",
    );
    callbacks(
        "items: [{item_type: messages, messages: [{command: subscribe, args: [quiet.x]}]}]",
        "2:70: expected `quiet` alone, for it has no components, found the string \"quiet.x\"",
    );
    step_refused(
        "{plan: {name: install_suspender, args: [shutter]}}",
        "2:43: expected the name of a suspender, found the string \"shutter\"",
    );
    step_refused(
        "{wrap: suspend, suspenders: [shutter], body: []}",
        "2:32: expected the name of a suspender, found the string \"shutter\"",
    );
    step_refused(
        "{wrap: subs, subs: [quiet], body: []}",
        "2:23: expected the name of a callback, found the string \"quiet\"",
    );
}

#[test]
fn a_name_stands_for_one_thing_only() {
    let callback = |name: &str, message: &str| {
        refused(&format!("callbacks: [{{name: quiet}},\n  {{name: {name}}}]\nitems: []\n"), message);
    };
    callback("quiet", "2:10: expected a name for a callback that nothing else has, found `quiet`, that of a callback");
    callback("det", "2:10: expected a name for a callback that nothing else has, found `det`, that of a device");
    callback("img", "2:10: expected a name for a callback that nothing else has, found `img`, that of a device");
    callback("a.b", "2:10: expected a name without dots for a callback, found the string \"a.b\"");
}

#[test]
fn suspenders_are_checked() {
    let suspender = |text: &str, message: &str| refused(&format!("suspenders: [\n  {text}]\nitems: []\n"), message);
    suspender(
        "{name: a, class: SuspendFlor, signal: sig}",
        "2:20: expected the class of a suspender, found the string \"SuspendFlor\"; did you mean `SuspendFloor`?",
    );
    suspender(
        "{name: a, class: SuspendBoolHigh, signal: sgi}",
        "2:45: expected the name of a device, found the string \"sgi\"; did you mean `sig`?",
    );
    suspender(
        "{name: a, class: SuspendFloor, signal: sig}",
        "2:20: expected the option `suspend_thresh` of a SuspendFloor, found none",
    );
    suspender(
        "{name: a, class: SuspendFloor, signal: sig, suspend_thresh: 5, resume_thresh: 4}",
        "2:81: expected a number not below `suspend_thresh`, 5, found the integer 4",
    );
    suspender(
        "{name: a, class: SuspendCeil, signal: sig, suspend_thresh: 5, resume_thresh: 6}",
        "2:80: expected a number not above `suspend_thresh`, 5, found the integer 6",
    );
    suspender(
        "{name: a, class: SuspendWhenOutsideBand, signal: sig, band_bottom: 4, band_top: 4}",
        "2:83: expected a number above `band_bottom`, 4, found the integer 4",
    );
    suspender(
        "{name: a, class: SuspendWhenChanged, signal: sig, allow_resume: 1}",
        "2:67: expected true or false, found the integer 1",
    );
    suspender(
        "{name: a, class: SuspendBoolLow, signal: sig, sleep: -1}",
        "2:56: expected a number of seconds that is not negative, found the integer -1",
    );
    suspender(
        "{name: a, class: SuspendBoolLow, signal: sig, tripped_mesage: x}",
        "2:49: expected an option of SuspendBoolLow: sleep, tripped_message, found \"tripped_mesage\"; did you mean \
         `tripped_message`?",
    );
}

#[test]
fn signals_that_are_set_from_outside_are_checked() {
    let set = |set: &str, message: &str| {
        refused(&format!("items:\n- {{item_type: messages, messages: [], at: [{{set: {set}}}]}}\n"), message);
        let at_pause = message.replacen("2:51", "2:57", 1);
        refused(&format!("items:\n- {{item_type: messages, messages: [], on_pause: [{{set: {set}}}]}}\n"), &at_pause);
    };
    set("{sgi: 1}", "2:51: expected the name of a device, found the string \"sgi\"; did you mean `sig`?");
    set("{motor: 1}", "2:51: expected the name of a signal, which can be given a value, found the string \"motor\"");
    refused(
        "items:\n- {item_type: messages, messages: [], at: [{set: {motor.readback: 1}}]}\n",
        "2:67: expected a value that the signal `motor.readback` takes, found 1; The signal motor is readonly.",
    );
}

#[test]
fn what_is_waited_for_is_checked() {
    let wait = |list: &str, message: &str| step_refused(&format!("{{command: wait_for, args: [{list}]}}"), message);
    const SOMETHING: &str = "something to wait for, {sleep: SECONDS} or {sleep: SECONDS, raise: TEXT}";
    wait("det", "2:30: expected a list of what is waited for, found the string \"det\"");
    wait("[1]", &format!("2:31: expected {SOMETHING}, found the integer 1"));
    wait("[{}]", &format!("2:31: expected {SOMETHING}, found no `sleep`"));
    wait("[{sleep: -1}]", "2:39: expected a number of seconds, not negative, as `sleep`, found the integer -1");
    wait("[{sleep: 1, rise: a}]", &format!("2:42: expected {SOMETHING}, found the key the string \"rise\""));
    step_refused(
        "{plan: {name: wait_for, args: [5]}}",
        "2:34: expected a list of what is waited for, found the integer 5",
    );
    step_refused("{plan: {name: locate}}", "2:17: expected at least one device for locate, found none");
}

#[test]
fn a_plan_file_gives_faults_to_any_device() {
    let scan = "items: [{item_type: plan, name: scan, args: [[det], motor, 0, 1, 3]}]";
    let with = |faults: &str| TempFile::new(&format!("faults: [{faults}]\n{scan}\n"));
    let late = with("{device: det, method: trigger, nth: 2, kind: late, by: 1.5}");
    let out = skyspan(["run", late.path(), "--spans", "tree"]);
    let is_late = |line: &str| line.contains("Bluesky RunEngine run") && line.contains("1.5 s");
    assert!(out.code == 0 && out.stdout.lines().any(is_late), "{}", out.stdout);

    let failing = with("{device: motor, nth: 2, kind: fail, message: ice}");
    let out = skyspan(["run", failing.path(), "--spans", "none"]);
    assert!(out.code == 1 && out.stderr.contains("FailedStatus"), "{}", out.stderr);

    let never = with("{device: det, method: kickoff, kind: hang}");
    let out = skyspan(["run", never.path()]);
    let said = "1:19: expected a device that has `kickoff`, for that is to go wrong, found `det`, a SynGauss";
    assert!(out.code == 2 && out.stderr.contains(said), "{}", out.stderr);

    let unknown = with("{device: detx, kind: hang}");
    let out = skyspan(["run", unknown.path()]);
    let said = "1:19: expected the name of a device, found the string \"detx\"; did you mean `det`?";
    assert!(out.code == 2 && out.stderr.contains(said), "{}", out.stderr);
}
