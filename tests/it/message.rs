//! Messages look as bluesky's do, and those that bluesky refuses are refused with the same exception.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use skyspan::device::Args;
use skyspan::message::{Arg, BLUESKY_COMMANDS, CloseRun, Command, DeviceCall, GenericMsg, Msg, PlanError, Wait};
use skyspan::prelude::*;
use skyspan::value::Value;
use skyspan::value::{from_json, to_json};

const MESSAGES: &str = include_str!("../../fixtures/bluesky/messages.jsonl");

// What is compared with every line of a file would be so with every line of an empty one.
const _: () = {
    assert!(MESSAGES.len() > 4_000);
};

/// An argument as the fixture has it: `{"device": "det"}` is a device.
fn arg(lab: &Harness, value: &Value) -> Arg {
    match value {
        Value::Map(map) if map.len() == 1 && map.contains_key("device") => {
            Arg::from(&lab.device(map.get("device").unwrap().as_str().unwrap()))
        }
        Value::Array(elements) if to_json(value).contains("\"device\"") => {
            Arg::List(elements.iter().map(|element| arg(lab, element)).collect())
        }
        other => Arg::Value(other.clone()),
    }
}

/// A message as the fixture has it: the command, the object, and the arguments.
fn msg(lab: &Harness, row: &Value) -> Msg {
    let [command, obj, args, kwargs] = row.as_array().unwrap() else { panic!("four columns: {row}") };
    let generic = GenericMsg {
        command: command.as_str().unwrap().into(),
        obj: (!obj.is_null()).then(|| arg(lab, obj)),
        args: args.as_array().unwrap().iter().map(|value| arg(lab, value)).collect(),
        kwargs: kwargs.as_map().unwrap().iter().map(|(key, value)| (key.clone(), arg(lab, value))).collect(),
    };
    generic.into_msg(Value::Null)
}

#[test]
fn messages_are_refused_with_the_exception_that_bluesky_raises() {
    for line in MESSAGES.lines() {
        let row = from_json(line).unwrap();
        let [rows, _, _, error] = row.as_array().unwrap() else { panic!("four columns: {line}") };
        let lab = Harness::new();
        let msgs: Vec<Msg> = rows.as_array().unwrap().iter().map(|row| msg(&lab, row)).collect();
        let run = lab.run(plan(async move |p| {
            for msg in msgs {
                if let Err(error) = p.msg(msg).await {
                    return Ok(Value::from(error.name()));
                }
            }
            Ok(Value::Null)
        }));
        assert_eq!(run.plan_result(), Some(error), "{rows}");
    }
}

#[test]
fn arguments_are_written_byte_for_byte_as_python_writes_them() {
    let lab = Harness::new();
    for line in MESSAGES.lines() {
        let row = from_json(line).unwrap();
        let [rows, args, kwargs, _] = row.as_array().unwrap() else { panic!("four columns: {line}") };
        let row = rows.as_array().unwrap().last().unwrap();
        let msg = msg(&lab, row);
        assert_eq!(Some(msg.command()), row.as_array().unwrap()[0].as_str(), "{row}");
        assert_eq!(Some(to_json(&msg.args_value()).as_str()), args.as_str(), "{row}");
        assert_eq!(Some(msg.kwargs_json().as_str()), kwargs.as_str(), "{row}");
    }
}

#[test]
fn every_command_has_its_generic_view() {
    let lab = Harness::new();
    let (motor, det) = (&lab.device("motor"), &lab.device("det"));
    let obj = |device: &Device| device.clone();
    let text = |text: &'static str| Value::from(text);
    let args = Args { positional: vec![5.into(), 1.5.into()], keyword: Map::from_iter([("k", "v")]) };
    let generic = GenericMsg {
        command: "fly_away".into(),
        obj: Some(Arg::from(motor)),
        args: vec![Arg::from(det), Arg::List(vec![Arg::from(det), 1.into()]), "s".into()],
        kwargs: vec![("d".into(), Arg::from(det)), ("n".into(), Arg::Value(Value::Null))],
    };

    let md = Map::from_iter([("sample", "é")]);
    check(Msg::open_run(md), r"open_run(sample='é')", r#"["open_run", null, [], {"sample": "\u00e9"}]"#);
    let close = |exit_status, reason| Command::CloseRun(CloseRun { exit_status, reason }.into());
    check(close(None, None), "close_run()", r#"["close_run", null, [], {}]"#);
    check(
        close(Some(text("fail")), Some(Value::Null)),
        "close_run(exit_status='fail', reason=None)",
        r#"["close_run", null, [], {"exit_status": "fail", "reason": null}]"#,
    );
    check(Command::Create { name: "s".into() }, "create(name='s')", r#"["create", null, [], {"name": "s"}]"#);
    check(Msg::read(det), "read(det)", r#"["read", "det", [], {}]"#);
    check(Command::Save, "save()", r#"["save", null, [], {}]"#);
    check(Command::Drop, "drop()", r#"["drop", null, [], {}]"#);
    check(Msg::set(motor, 5), "set(motor, 5)", r#"["set", "motor", [5], {}]"#);
    check(
        Msg::set(motor, 0.1 + 0.2).in_group(Value::Null),
        "set(motor, 0.30000000000000004, group=None)",
        r#"["set", "motor", [0.30000000000000004], {"group": null}]"#,
    );
    check(
        Command::Set(DeviceCall { obj: obj(motor), args, group: Some(text("g")) }.into()),
        "set(motor, 5, 1.5, group='g', k='v')",
        r#"["set", "motor", [5, 1.5], {"group": "g", "k": "v"}]"#,
    );
    check(Msg::trigger(det).in_group(3), "trigger(det, group=3)", r#"["trigger", "det", [], {"group": 3}]"#);
    check(Msg::wait("g"), "wait(group='g')", r#"["wait", null, [], {"group": "g"}]"#);
    check(Msg::wait("g").in_group("h"), "wait(group='g')", r#"["wait", null, [], {"group": "g"}]"#);
    let wait = Wait {
        group: Value::Null,
        error_on_timeout: Some(false),
        timeout_s: Some(Some(3.0)),
        watch: Some([text("a"), 1.into()].into()),
    };
    check(
        Command::Wait(wait),
        "wait(group=None, error_on_timeout=False, timeout=3.0, watch=['a', 1])",
        r#"["wait", null, [], {"group": null, "error_on_timeout": false, "timeout": 3.0, "watch": ["a", 1]}]"#,
    );
    check(
        Command::Wait(Wait { group: text("g"), timeout_s: Some(None), ..Wait::default() }),
        "wait(group='g', timeout=None)",
        r#"["wait", null, [], {"group": "g", "timeout": null}]"#,
    );
    check(Command::Sleep { duration_s: 1e-5 }, "sleep(1e-05)", r#"["sleep", null, [1e-05], {}]"#);
    check(Command::Null, "null()", r#"["null", null, [], {}]"#);
    check(Command::Checkpoint, "checkpoint()", r#"["checkpoint", null, [], {}]"#);
    check(Command::Stage { obj: obj(det), group: None }, "stage(det)", r#"["stage", "det", [], {}]"#);
    check(
        Command::Unstage { obj: obj(det), group: Some(text("g")) },
        "unstage(det, group='g')",
        r#"["unstage", "det", [], {"group": "g"}]"#,
    );
    check(
        generic.into_msg(Value::Null),
        "fly_away(motor, det, [det, 1], 's', d=det, n=None)",
        r#"["fly_away", "motor", ["det", ["det", 1], "s"], {"d": "det", "n": null}]"#,
    );

    #[track_caller]
    fn check(msg: impl Into<Msg>, shown: &str, recorded: &str) {
        let msg = msg.into();
        assert_eq!(msg.to_string(), shown);
        let map = msg.to_recorded();
        let keys: Vec<&str> = map.keys().map(|key| &**key).collect();
        assert_eq!(keys, ["command", "obj", "args", "kwargs", "run"]);
        let columns: Vec<Value> = map.into_iter().map(|(_, value)| value).take(4).collect();
        assert_eq!(to_json(&columns.into()), recorded);
        assert_eq!(msg.obj().is_some(), msg.command.device().is_some());
        assert_eq!(msg.command(), msg.command.name());
    }
}

#[test]
fn the_key_of_the_run_is_part_of_the_message() {
    let msg = Msg::from(Command::Save).with_run("b");
    assert_eq!((msg.to_string().as_str(), msg.to_recorded().get("run")), ("save(run='b')", Some(&"b".into())));
    let generic = GenericMsg { command: "save".into(), ..GenericMsg::default() };
    assert_eq!(generic.into_msg(3.into()).to_string(), "save(run=3)");
}

#[test]
fn a_message_keeps_the_spelling_of_its_arguments() {
    let lab = Harness::new();
    check(&lab, r#"["wait", null, ["g"], {}]"#, "wait('g')");
    check(&lab, r#"["create", null, ["s"], {}]"#, "create('s')");
    check(&lab, r#"["sleep", null, [2, "ignored"], {}]"#, "sleep(2, 'ignored')");
    check(&lab, r#"["set", {"device": "motor"}, [1], {"k": 1, "group": "g"}]"#, "set(motor, 1, k=1, group='g')");
    check(&lab, r#"["null", {"device": "det"}, [1], {"a": [{"device": "det"}]}]"#, "null(det, 1, a=[det])");
    check(&lab, r#"["stage", "x", [], {"group": null}]"#, "stage('x', group=None)");
    check(&lab, r#"["read", "det", [], {}]"#, "read('det')");

    #[track_caller]
    fn check(lab: &Harness, row: &str, shown: &str) {
        assert_eq!(msg(lab, &from_json(row).unwrap()).to_string(), shown);
    }
}

#[test]
fn devices_stand_in_attributes_by_their_repr_and_in_recordings_by_their_name() {
    let lab = Harness::new();
    let det = lab.device("det");
    let arg = Arg::List(vec![Arg::from(&det), 1.into()]);
    assert_eq!(arg.to_attribute(), Value::from([Value::from(det.repr()), 1.into()]));
    assert_eq!(arg.to_recorded(), Value::from([Value::from("det"), 1.into()]));
    assert_eq!((arg.as_value(), Arg::from(2).as_value()), (None, Some(&2.into())));
}

#[test]
fn there_are_the_36_commands_of_bluesky() {
    assert!(BLUESKY_COMMANDS.is_sorted() && BLUESKY_COMMANDS.len() == 36);
    let lab = Harness::new();
    for command in BLUESKY_COMMANDS {
        let row = from_json(&format!(r#"["{command}", {{"device": "det"}}, [], {{}}]"#)).unwrap();
        assert!(!matches!(msg(&lab, &row).command, Command::Custom(_)), "{command}");
        assert_eq!(msg(&lab, &row).command(), command);
    }
}

#[test]
fn refusals_say_what_is_wrong() {
    let lab = Harness::new();
    check(&lab, r#"["set", null, [5], {}]"#, "None does not implement all Movable methods");
    check(&lab, r#"["set", "motor", [5], {}]"#, "motor does not implement all Movable methods");
    check(&lab, r#"["trigger", [1, "a"], [], {}]"#, "[1, 'a'] does not implement all Triggerable methods");
    check(&lab, r#"["read", {"device": "det"}, [1], {}]"#, "read() takes 1 positional argument but 2 were given");
    check(&lab, r#"["trigger", {"device": "det"}, [], {"x": 1}]"#, "trigger() got an unexpected keyword argument 'x'");
    check(&lab, r#"["wait", null, [], {}]"#, "'group'");
    check(&lab, r#"["wait", null, [1, 2], {}]"#, "too many values to unpack (expected 1)");
    check(&lab, r#"["sleep", null, [], {}]"#, "sleep() missing 1 required positional argument: 'delay'");
    check(&lab, r#"["create", null, [], {"name": 3}]"#, "3 is not of type 'string'");

    #[track_caller]
    fn check(lab: &Harness, row: &str, expected: &str) {
        let Command::Refused(refused) = msg(lab, &from_json(row).unwrap()).command else {
            panic!("not refused: {row}")
        };
        assert_eq!(refused.1.to_string(), expected);
        assert_eq!(refused.1.reason(), expected, "and the run says so");
    }
}

#[test]
fn an_error_has_the_name_and_the_reason_that_python_gives_it() {
    let lab = Harness::new();
    let not_supported = lab.device("sig").stageable().err().unwrap();
    let status = "MoveStatus(done=True, pos=m, elapsed=0.0, success=False, settle_time=0.0)";
    let cause = skyspan::device::DeviceError::other("DeviceFault", "stalled");
    check(PlanError::IllegalMessageSequence("no".into()), "IllegalMessageSequence", "no");
    check(PlanError::InvalidCommand { command: "nope".into() }, "InvalidCommand", "'nope'");
    check(PlanError::FailedStatus { status: status.into(), cause: cause.clone() }, "FailedStatus", status);
    check(not_supported.clone().into(), "AssertionError", &not_supported.to_string());
    check(cause.into(), "DeviceFault", "stalled");
    check(
        PlanError::WaitForTimeout("what".into()),
        "WaitForTimeoutError",
        "Plan failed to complete in the specified time",
    );
    check(PlanError::RequestStop, "RequestStop", "");
    check(PlanError::RequestAbort, "RequestAbort", "");
    check(PlanError::runtime("x"), "RuntimeError", "x");
    check(PlanError::value("x"), "ValueError", "x");
    check(PlanError::type_error("x"), "TypeError", "x");
    check(PlanError::key("it's"), "KeyError", "\"it's\"");

    #[track_caller]
    fn check(error: PlanError, name: &str, reason: &str) {
        assert_eq!((&*error.name(), &*error.reason()), (name, reason));
    }
}
