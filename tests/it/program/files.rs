//! Programs from files, and back into them.

use skyspan::prelude::*;
use skyspan::program::{Item, Program};

use super::super::plan_file::fixture;

/// The messages of all items of a program, as they are recorded.
fn messages(program: &Program) -> Vec<String> {
    let lab = Harness::builder().program(program).build();
    let run = lab.run_program(program).unwrap();
    let calls = run.items().iter().filter_map(|item| item.call());
    calls.flat_map(|call| call.messages().iter().map(ToString::to_string)).collect()
}

#[test]
fn a_program_that_is_written_is_the_one_that_was_read() {
    for entry in std::fs::read_dir(fixture("plans")).unwrap() {
        let path = entry.unwrap().path();
        let program = Program::read(&path).unwrap();
        let text = program.to_yaml();
        let again = Program::parse(&text).unwrap_or_else(|error| panic!("{}: {error}\n{text}", path.display()));
        assert_eq!(again.to_yaml(), text, "{}", path.display());
        assert_eq!(again.to_node().to_value(), program.to_node().to_value(), "{}", path.display());
    }
}

#[test]
fn a_program_that_is_written_and_read_does_the_same() {
    for name in ["wrappers", "mutators", "faults", "suspenders", "steps", "loops"] {
        let program = Program::read(fixture("plans").join(name).with_extension("yaml")).unwrap();
        let again = Program::parse(&program.to_yaml()).unwrap();
        assert_eq!(messages(&again), messages(&program), "{name}");
    }
}

#[test]
fn a_file_is_run_in_a_test() {
    let run = Harness::new().run_file(fixture("plans/scan.yaml")).unwrap();
    run.assert_success();
    run.assert(at_least(1, span("Bluesky RunEngine run")));
    assert_eq!(run.last_call().unwrap().exit_status(), Success);

    let missing = Harness::new().run_file("no/such/plan.yaml").unwrap_err();
    assert!(missing.to_string().starts_with("no/such/plan.yaml: "), "{missing}");
}

#[test]
fn behind_an_item_that_has_failed_nothing_is_run_where_the_file_fails_fast() {
    let text = |fail_fast: bool| {
        format!(
            "fail_fast: {fail_fast}\nitems:\n  - {{item_type: messages, messages: [{{raise: no light}}]}}\n  - {{item_type: plan, name: count, args: [[det]]}}\n"
        )
    };
    for (fail_fast, items) in [(true, 1), (false, 2)] {
        let run = Harness::new().run_program(&Program::parse(&text(fail_fast)).unwrap()).unwrap();
        assert_eq!((run.items().len(), run.is_success()), (items, false));
    }
}

#[test]
fn what_bluesky_queueserver_writes_into_an_item_is_kept() {
    let text =
        "items:\n  - {item_type: plan, name: count, args: [[det]], item_uid: a1, user: me, user_group: primary}\n";
    let program = Program::parse(text).unwrap();
    let Item::Plan { kept, .. } = &program.items[0] else { panic!("a plan") };
    let kept: Vec<&str> = kept.iter().map(|(key, _)| key.value.as_str()).collect();
    assert_eq!(kept, ["item_uid", "user", "user_group"]);
    assert_eq!(program.to_yaml(), text);
    let slip = Program::parse("items: [{item_type: plan, name: count, item_uid: a, usr: b}]").unwrap_err();
    assert!(slip.found.contains("usr"), "{slip}");
}

#[test]
fn the_version_of_a_file_is_1() {
    assert!(Program::parse("version: 1\nitems: []").is_ok());
    let error = Program::parse("version: 2\nitems: []").unwrap_err();
    assert_eq!(
        error.to_string(),
        "1:10: expected 1, the only version of plan files there is, as `version`, found the integer 2"
    );
}

#[test]
fn a_loop_ends_once_the_value_is_as_wanted_or_fails_after_so_many_rounds() {
    let file = |comparison: &str, value: &str| {
        format!(
            "items: [{{item_type: messages, messages: [{{until: {{device: motor, comparison: \"{comparison}\", value: {value}, \
             at_most: 5}}, body: [{{plan: {{name: mvr, args: [motor, 1]}}}}]}}]}}]"
        )
    };
    let ended_at = |comparison: &str, value: &str| {
        let lab = Harness::new();
        let run = lab.run_program(&Program::parse(&file(comparison, value)).unwrap()).unwrap();
        let error = run.items()[0].error().map(ToString::to_string);
        (lab.device("motor").position().unwrap().as_f64().unwrap(), error)
    };
    for (comparison, value, position) in
        [(">", "2", 3.0), (">=", "2", 2.0), ("==", "4", 4.0), ("<", "9", 1.0), ("<=", "1", 1.0), ("!=", "1", 2.0)]
    {
        assert_eq!(ended_at(comparison, value), (position, None), "{comparison} {value}");
    }
    let failed = ended_at(">", "9.5");
    assert_eq!(failed, (5.0, Some("motor is not > 9.5 after 5 rounds".to_owned())));
    let refused = |text: &str| Program::parse(text).unwrap_err().to_string();
    assert!(refused(&file("=", "1")).contains("expected a comparison, in quotes: `<`, `<=`, `==`, `!=`, `>=`, `>`"));
    assert!(refused(&file(">", "high")).contains("a number as `value`"));
}

#[test]
fn two_devices_of_one_name_are_refused_but_one_of_the_beamline_may_be_replaced() {
    let file = |devices: &str| format!("devices:\n{devices}items: [{{item_type: plan, name: mv, args: [motor, 1]}}]");
    let program = |devices: &str| Program::parse(&file(devices)).unwrap();
    let lab = Harness::new();
    let one = "  - {name: motor, class: SynAxis, delay: 1}\n";
    assert!(lab.prepare(&program(one)).is_ok());
    let error = lab.prepare(&program(&one.repeat(2))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "3:12: expected a name that no other device of the file has, found `motor` again; it stands at line 2, column 12 already"
    );
}

#[test]
fn brackets_may_go_on_in_the_first_column_as_for_pyyaml() {
    let text = "items: [\n{item_type: plan, name: count, args: [[det]]},\n# none\n{item_type: plan,\nname: mv, args: [motr, 1]}\n]\n";
    let program = Program::parse(text).unwrap();
    assert_eq!(program.items.len(), 2);
    let error = Harness::new().prepare(&program).unwrap_err();
    assert!(error.to_string().starts_with("5:18: expected the name of a device"), "{error}");
    let wrong = Program::parse("items: [\n{item_type: plan, name: 'a}]\n").unwrap_err();
    assert!(wrong.to_string().contains("well-formed YAML"), "{wrong}");
}

#[test]
fn json_means_what_json_says_and_knows_its_places() {
    let text = r#"{"items":[{"item_type":"plan","name":"count","args":[["det"]],"meta":{"a":"\ud83d\ude00 \\ud83d","b":1e3}}, {"item_type":"plan","name":"cont"}]}"#;
    let program = Program::parse(text).unwrap();
    let meta = &program.items[0].call().unwrap().meta;
    assert_eq!(meta.get("a"), Some(&"\u{1f600} \\ud83d".into()));
    assert_eq!(meta.get("b"), Some(&1000.0.into()));
    let error = Harness::new().prepare(&program).unwrap_err();
    let column = text.find("\"cont\"").unwrap() + 1;
    assert_eq!(error.position.map(|at| (at.line, at.column)), Some((1, column)));
    // To YAML, what is no JSON, that is a string.
    let yaml = Program::parse("items: [{item_type: plan, name: count, meta: {b: 1e3}}]").unwrap();
    assert_eq!(yaml.items[0].call().unwrap().meta.get("b"), Some(&"1e3".into()));
}

#[test]
fn steps_at_each_point_stand_in_place_of_the_event() {
    let text = "items: [{item_type: plan, name: grid_scan, args: [[det], motor1, 0, 1, 2, motor2, 0, 1, 2], \
                kwargs: {per_step: [{plan: {name: trigger_and_read, args: [[det1]]}}]}}]";
    let run = Harness::new().run_program(&Program::parse(text).unwrap()).unwrap();
    run.assert_success();
    let events: Vec<usize> = run.last_call().unwrap().events().map(|event| event.readings.len()).collect();
    assert_eq!(events, [1, 1, 1, 1]);
}
