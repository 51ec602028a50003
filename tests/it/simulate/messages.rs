//! What messages must be, and what is said where they are otherwise.

use skyspan::expect::NumberRange;
use skyspan::expect::any;
use skyspan::prelude::*;
use skyspan::simulate::{Messages, MsgDifference, MsgExpectation, MsgFailure, RunEngineSimulator, msg};
use skyspan::value::Value;

use super::bare;

fn motor() -> Device {
    SynAxis::new("motor").into()
}

/// set 1, wait a, set 2, wait b, null.
fn moves(motor: &Device) -> Vec<Msg> {
    vec![
        Msg::set(motor, 1).in_group("a"),
        bare("wait", None, vec![], vec![("group", "a".into())]),
        Msg::set(motor, 2).in_group("b"),
        bare("wait", None, vec![], vec![("group", "b".into())]),
        bare("null", None, vec![], vec![]),
    ]
}

#[test]
fn every_part_of_a_message_can_be_said() {
    let motor = motor();
    let message = Msg::set(&motor, 5).in_group("g").with_run("a run");
    #[track_caller]
    fn check(message: &Msg, expected: MsgExpectation, difference: Option<&str>) {
        let found: Vec<String> = expected.differences(message).iter().map(ToString::to_string).collect();
        let wanted: Vec<&str> = difference.into_iter().collect();
        assert_eq!(
            (found, expected.matches(message)),
            (wanted.iter().map(|it| (*it).to_owned()).collect(), wanted.is_empty())
        );
    }
    check(&message, msg("set"), None);
    check(&message, msg(any()).obj(any()).arg(any()).group(any()).run(any()), None);
    check(&message, msg("set").obj(&motor).args([5]).group("g").run("a run"), None);
    check(&message, msg(glob("s*")).obj("motor").arg(5).group(glob("*")), None);
    check(&message, msg("wait"), Some(r#"command: expected "wait", found "set""#));
    check(&message, msg("set").obj("motor1"), Some("object: expected motor1, found motor"));
    check(&message, msg("set").obj(&self::motor()), Some("object: expected motor, found another motor"));
    check(&message, msg("set").no_obj(), Some("object: expected nothing, found motor"));
    check(&message, msg("set").arg(5.0), Some("args[0]: expected 5.0, found 5"));
    check(&message, msg("set").arg(5).arg(6), Some("args[1]: expected 6, found none"));
    check(&message, msg("set").args(Vec::<Value>::new()), Some("arguments by position: expected 0, found 1"));
    check(&message, msg("set").group("h"), Some(r#"group: expected "h", found "g""#));
    check(&message, msg("set").kwarg("wait", true), Some("wait: expected true, found none"));
    check(&message, msg("set").run(Value::Null), Some(r#"run: expected null, found "a run""#));
    check(&message, msg("set").that("it is a wait", |msg| msg.command() == "wait"), Some("expected that it is a wait"));
}

#[test]
fn an_expectation_says_itself_in_words() {
    let motor = motor();
    for (expected, words) in [
        (msg("set"), r#"message "set""#),
        (msg(any()).obj(glob("mo*")), r#"message of any name of something like "mo*""#),
        (
            msg("set").obj(&motor).args([5]).kwarg("wait", true),
            r#"message "set" of motor with args[0]=5 wait=true, 1 arguments by position"#,
        ),
        (msg("null").no_obj().run(1), r#"message "null" with run=1, of nothing"#),
    ] {
        assert_eq!(expected.to_string(), words);
    }
}

#[test]
fn order_matters_where_it_is_said_to() {
    let motor = motor();
    let msgs = moves(&motor);
    let messages = Messages::of(&msgs);
    let rest = messages.assert_in_order([msg("set").arg(1), msg("wait").group("a")]);
    assert_eq!(rest.len(), 3);
    let rest = rest.assert_in_order([msg("wait")]);
    assert_eq!(rest[0].command(), "null");
    assert!(!rest.assert_in_order([]).is_empty(), "nothing takes nothing");
    let mismatch = rest.check_in_order([msg("set").arg(2)]).unwrap_err();
    assert!(matches!(mismatch.failures(), [MsgFailure::Missing { after: Some(3), closest: Some(closest), .. }]
        if closest.message == 2 && closest.differences.is_empty()));
    messages.assert_in_any_order([msg("null"), msg("wait"), msg("set"), msg("wait").group("a"), msg("set")]);
}

#[test]
fn each_expectation_takes_a_message_of_its_own() {
    let motor = motor();
    let msgs = moves(&motor);
    // The first that fits would leave none for the second.
    Messages::of(&msgs).assert_in_any_order([msg("set"), msg("set").arg(1)]);
    Messages::of(&msgs).assert_in_any_order([msg("set").arg(1), msg("set")]);
    let mismatch = Messages::of(&msgs).check_in_any_order([msg("set"), msg("set"), msg("set")]).unwrap_err();
    assert_eq!(mismatch.failures().len(), 1);
}

#[test]
fn a_list_is_exactly_that() {
    let motor = motor();
    let msgs = moves(&motor);
    let messages = Messages::of(&msgs);
    messages.assert_list([msg("set"), msg("wait"), msg("set"), msg("wait"), msg("null")]);
    let mismatch = messages.check_list([msg("set"), msg("wait"), msg("wait"), msg("sleep")]).unwrap_err();
    assert_eq!(
        mismatch.to_string(),
        [
            "the messages are not as expected: 1 message is missing, 2 are not expected",
            "",
            "  ✓ 1 set(motor, 1, group='a')",
            "  ✓ 2 wait(group='a')",
            "  - 3 set(motor, 2, group='b')",
            "  ✓ 4 wait(group='b')",
            "  +   missing: message \"sleep\"",
            "  - 5 null()",
            "",
        ]
        .join("\n"),
    );
    Messages::of(&[]).assert_list([]);
    let mismatch = Messages::of(&[]).check_list([msg("null")]).unwrap_err();
    assert!(mismatch.to_string().contains("(there are no messages)"), "{mismatch}");
}

#[test]
fn numbers_are_counted() {
    let motor = motor();
    let msgs = moves(&motor);
    let messages = Messages::of(&msgs);
    messages.assert_one(msg("null"));
    messages.assert_exactly(2, msg("set").obj(&motor));
    messages.assert_at_least(1, msg("wait"));
    messages.assert_at_most(2, msg("wait"));
    messages.assert_none(msg("sleep"));
    assert_eq!((messages.count(&msg("wait")), messages.matching(&msg("set")).count()), (2, 2));
    let check = |number, of| {
        let range = NumberRange { at_least: number, at_most: Some(number) };
        messages.check_number(range, of).unwrap_err().to_string()
    };
    assert_eq!(
        check(0, msg("wait").group("b")),
        [
            "the messages are not as expected: 1 message is not expected",
            "",
            "    1 set(motor, 1, group='a')",
            "    2 wait(group='a')",
            "    3 set(motor, 2, group='b')",
            "  - 4 wait(group='b')",
            "    5 null()",
            "",
        ]
        .join("\n"),
    );
    let few = check(1, msg("set").arg(3));
    let row = "missing: message \"set\" with args[0]=3 (exactly 1 expected, 0 found); the closest is 1:";
    assert!(few.contains(row), "{few}");
    assert!(few.contains("args[0]: expected 3, found 1"), "{few}");
}

#[test]
fn a_long_list_is_cut_to_what_is_around() {
    let lab = Harness::new();
    let scan = plans::scan(&lab.device("det"), &lab.device("motor"), 0, 99, 100);
    let simulated = RunEngineSimulator::new().simulate_plan(scan);
    let order = [msg("set").arg(50.0), msg("set").arg(51.5), msg("close_run")];
    let report = simulated.messages().check_in_order(order).unwrap_err().to_string();
    assert!(report.contains("set(motor, 50.0"), "{report}");
    assert!(report.contains("args[0]: expected 51.5, found 51.0"), "{report}");
    assert!(report.lines().count() < 30 && report.lines().any(|line| line.trim() == "…"), "{report}");
    assert!(!report.contains("set(motor, 0.0"), "{report}");
}

#[test]
fn a_mismatch_is_typed() {
    let motor = motor();
    let msgs = moves(&motor);
    let mismatch = Messages::of(&msgs).check_in_order([msg("set").arg(3)]).unwrap_err();
    assert_eq!(mismatch.messages().len(), 5);
    let [MsgFailure::Missing { expected, after: None, closest: Some(closest) }] = mismatch.failures() else {
        panic!("{mismatch:?}")
    };
    assert_eq!((expected.to_string().as_str(), closest.message), (r#"message "set" with args[0]=3"#, 0));
    assert!(
        matches!(&*closest.differences, [MsgDifference::Arg { at: 0, found: Some(found), .. }] if *found == 1.into())
    );
}

#[test]
fn thousands_of_messages_are_dealt_out_in_any_order() {
    let motor = motor();
    let msgs: Vec<Msg> = (0..2000).map(|to| Msg::set(&motor, to)).collect();
    // Each could take any, but for the last that wants the first.
    let expected = (0..1999).map(|_| msg("set")).chain([msg("set").arg(0)]);
    Messages::of(&msgs).assert_in_any_order(expected);
}
