//! The preprocessors of plan files: what each wants, and what is said where it is something else.

use skyspan::program::{Item, Program, Step, WrapOption};

/// The one step of a file.
fn step(step: &str) -> Result<Step, String> {
    let file = Program::parse(&format!("items: [{{item_type: messages, messages: [{step}]}}]"));
    let file = file.map_err(|error| error.to_string())?;
    match file.items.into_iter().next() {
        Some(Item::Messages { messages, .. }) => messages.into_iter().next().ok_or_else(|| "no step".to_owned()),
        _ => Err("no messages".to_owned()),
    }
}

#[test]
fn what_mutators_do_is_read_by_command() {
    let text =
        "{wrap: plan_mutator, before: {set: [{command: 'null'}], save: []}, after: {set: [{raise: x}]}, body: []}";
    let steps_by_command = |step: &Step, option: &str| match step.option(option) {
        Some(WrapOption::ByCommand(entries)) => {
            entries.iter().map(|(command, steps)| (command.value.clone(), steps.len())).collect::<Vec<_>>()
        }
        _ => Vec::new(),
    };
    let wrap = step(text).unwrap();
    assert_eq!(steps_by_command(&wrap, "before"), [("set".to_owned(), 1), ("save".to_owned(), 0)]);
    assert_eq!(steps_by_command(&wrap, "after"), [("set".to_owned(), 1)]);
    let wrap = step("{wrap: msg_mutator, drop: [sleep], replace: {set: {command: 'null'}}, body: []}").unwrap();
    assert_eq!(steps_by_command(&wrap, "replace"), [("set".to_owned(), 1)]);
    assert!(matches!(wrap.option("drop"), Some(WrapOption::Value(_))));
}

#[test]
fn a_wrap_with_the_wrong_options_is_refused_with_its_place() {
    #[track_caller]
    fn check(text: &str, says: &str) {
        let error = step(text).unwrap_err();
        assert!(error.contains(says), "{error}");
    }
    check("{wrap: print_sumary, body: []}", "did you mean `print_summary`?");
    check("{wrap: stub, md: {}, body: []}", "found `md`");
    check("{wrap: configure_count_time, body: []}", "expected the key `time` in a `configure_count_time` wrap");
    check("{wrap: supplemental_data, baseline: motor, body: []}", "a list as `baseline`");
    check("{wrap: supplemental_data, flyer: [a], body: []}", "did you mean `flyers`?");
    check("{wrap: msg_mutator, drop: sleep, body: []}", "a list of commands as `drop`");
    check("{wrap: msg_mutator, drop: [[sleep]], body: []}", "the name of a command");
    check("{wrap: msg_mutator, replace: {set: [{command: 'null'}]}, body: []}", "a map as a message");
    check("{wrap: msg_mutator, replace: {set: {plan: {name: count}}}, body: []}", "found `plan`");
    check("{wrap: plan_mutator, before: [{command: 'null'}], body: []}", "a map from commands as `before`");
    check("{wrap: plan_mutator, after: {set: {command: 'null'}}, body: []}", "a list of steps as `set`");
    check("{wrap: plan_mutator, drop: [set], body: []}", "found `drop`");
    check("{wrap: finalize, pause_for_debug: 1, final: [], body: []}", "true or false as `pause_for_debug`");
    check("{wrap: contingency, pause_for_debug: maybe, body: []}", "true or false as `pause_for_debug`");
}
