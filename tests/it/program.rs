//! Plans as data: one language for plan files, for generated plans, and for what is made in code.

#![cfg_attr(feature = "plan-files", expect(clippy::unwrap_used, reason = "a test's helper may fail the test"))]

#[cfg(feature = "plan-files")]
mod files;
#[cfg(feature = "property")]
mod searched;

use skyspan::prelude::*;
use skyspan::program::{By, Step, Takes, Vocabulary};
use skyspan::value::Value;

#[test]
fn steps_made_in_code_are_a_plan() {
    let lab = Harness::new();
    let steps = [
        Step::message("open_run"),
        Step::repeat(2, [Step::plan("mvr").arg("motor").arg(1), Step::plan("trigger_and_read").arg(["det", "motor"])]),
        Step::message("close_run"),
    ];
    let run = lab.run(lab.plan_of(&steps).unwrap());
    run.assert_success();
    let positions: Vec<f64> = run.events().filter_map(|event| event.get("motor")?.as_f64()).collect();
    assert_eq!(positions, [1.0, 2.0]);
    assert_eq!(steps[1].to_string(), "2 times\n  mvr(motor, 1)\n  trigger_and_read([det, motor])\n");
}

#[test]
fn a_step_made_in_code_that_names_nothing_is_refused_without_a_place() {
    let lab = Harness::new();
    let error = |step: Step| lab.plan_of(&[step]).unwrap_err().to_string();
    assert_eq!(
        error(Step::plan("scam")),
        "expected the name of a plan, found the string \"scam\"; did you mean `scan`?"
    );
    assert!(error(Step::plan("rd").arg("motr")).contains("did you mean `motor`?"));
    assert!(error(Step::wrap("stge", [])).starts_with("expected the name of a wrapper"));
}

#[test]
fn every_word_is_told_with_what_it_is_and_what_it_takes() {
    for vocabulary in Vocabulary::ALL {
        let list = vocabulary.to_string();
        let data = vocabulary.to_value();
        let entries = data.as_array().unwrap();
        assert!(entries.len() >= 7, "{vocabulary:?}");
        let mut before = String::new();
        for entry in entries {
            let entry = entry.as_map().unwrap();
            let text = |key: &str| entry.get(key).unwrap().as_str().unwrap().to_owned();
            let (name, about) = (text("name"), text("about"));
            assert!(list.contains(&format!("{name}: {about}\n")), "{name}");
            assert!(!about.is_empty() && !about.ends_with('.'), "{name}: {about}");
            // The preprocessors and the faults stand together by what they do, and those of Python's devices before ours.
            let is_sorted = !matches!(vocabulary, Vocabulary::Wrappers | Vocabulary::Devices | Vocabulary::Faults);
            assert!(before < name || !is_sorted, "{before} before {name}");
            before = name;
        }
    }
}

#[test]
fn what_may_be_left_out_stands_behind_what_may_not() {
    for plan in Vocabulary::plans().iter().chain(Vocabulary::stubs()) {
        let by_position = plan.parameters.iter().filter(|parameter| matches!(parameter.by, By::Either | By::Position));
        let required: Vec<bool> = by_position.map(|parameter| parameter.is_required()).collect();
        assert!(required.is_sorted_by(|one, next| one >= next), "{}: {required:?}", plan.name);
        let names: std::collections::BTreeSet<&str> = plan.parameters.iter().map(|it| it.name).collect();
        assert_eq!(names.len(), plan.parameters.len(), "{}", plan.name);
    }
}

#[test]
fn the_schema_knows_every_word_and_each_of_its_options() {
    let schema = Vocabulary::schema().to_string();
    let wrappers = Vocabulary::wrappers().iter().map(|it| (it.name, it.options));
    let devices = Vocabulary::devices().iter().map(|it| (it.name, it.options));
    let suspenders = Vocabulary::suspenders().iter().map(|it| (it.name, it.options));
    let plans = Vocabulary::plans().iter().chain(Vocabulary::stubs()).map(|it| (it.name, it.parameters));
    for (name, parameters) in wrappers.chain(devices).chain(suspenders).chain(plans) {
        assert!(schema.contains(&format!("{{\"const\": \"{name}\"}}")), "{name}");
        for parameter in parameters.iter().filter(|it| matches!(it.by, By::Either | By::Keyword)) {
            assert!(schema.contains(&format!("\"{}\": {{", parameter.name)), "{name}: {}", parameter.name);
        }
    }
}

#[test]
fn the_kinds_of_fault_are_read_listed_and_in_the_schema() {
    let schema = Vocabulary::schema().to_string();
    let listed = Vocabulary::Faults.to_string();
    for kind in Vocabulary::faults() {
        assert!(listed.contains(&format!("{}: {}\n", kind.name, kind.about)), "{listed}");
        for word in [&[kind.name], kind.options.iter().map(|it| it.name).collect::<Vec<_>>().as_slice()].concat() {
            assert!(schema.contains(&format!("\"{word}\"")), "{word}");
        }
    }
}

#[cfg(feature = "plan-files")]
#[test]
fn each_kind_of_fault_takes_its_options_and_no_others() {
    use skyspan::program::Program;

    for kind in Vocabulary::faults() {
        let needed = |leaves_out: Option<&str>| {
            let options = kind.options.iter().filter(|option| option.is_required() && Some(option.name) != leaves_out);
            let options: String = options.map(|option| format!(", {}: 2", option.name)).collect();
            format!("faults: [{{device: det, method: read, kind: {}{options}}}]\nitems: []\n", kind.name)
        };
        let file = Program::parse(&needed(None)).unwrap();
        assert_eq!(file.faults.len(), 1);
        assert!(Program::parse(&needed(None).replace("}]", ", nonsense: 1}]")).is_err(), "{}", kind.name);
        for option in kind.options.iter().filter(|option| option.is_required()) {
            let error = Program::parse(&needed(Some(option.name))).unwrap_err().to_string();
            assert!(error.contains(option.name), "{error}");
        }
    }
}

#[test]
fn every_time_is_in_seconds() {
    let all = Vocabulary::devices().iter().flat_map(|class| class.options);
    for option in all.filter(|option| option.name.ends_with("_time") || option.name.ends_with("period")) {
        assert_eq!(option.takes.unit(), Some("s"), "{option:?}");
    }
    assert_eq!(Takes::Number.unit(), None);
}

#[test]
fn the_reference_of_plan_files_has_the_lists() {
    let reference = include_str!("../../oracle/plan-file.md");
    let lists = Vocabulary::ALL.map(Vocabulary::to_markdown);
    let missing: Vec<&String> = lists.iter().filter(|list| !reference.contains(list.as_str())).collect();
    assert!(
        missing.is_empty(),
        "oracle/plan-file.md should have these lists:\n\n{}",
        missing.iter().map(|list| format!("{list}\n")).collect::<String>()
    );
}

#[test]
fn a_failed_message_tells_its_place_in_the_plan() {
    let lab = Harness::new();
    lab.device("det").fault(Fault::on_trigger(3).raises("no light"));
    let run = lab.run(plans::scan(&lab.device("det"), &lab.device("motor"), 0, 10, 5));
    let failed = run.result().failed_at.as_ref().unwrap();
    assert_eq!((failed.device.as_ref(), failed.point), (Some(&lab.device("det")), Some(3)));
    let number = usize::try_from(failed.message).unwrap();
    let message = &run.messages()[number - 1];
    assert_eq!(message.command(), "trigger");
    assert_eq!(failed.to_string(), format!("message {number}: {message}, at point 3"));

    let own = lab.run(plan(async |_| Err::<(), _>(plan_error!("no light"))));
    assert!(own.result().failed_at.is_none());
    let well = lab.run(plans::count(&lab.device("det1"), 1));
    assert!(well.result().failed_at.is_none());
}

#[test]
fn the_message_of_an_error_is_told_whatever_fails_in_the_clean_up() {
    let lab = Harness::new();
    lab.device("det").fault(Fault::on_trigger(1).raises("no light"));
    lab.device("det").fault(Fault::on_unstage(1).raises("stuck"));
    let run = lab.run(plan({
        let det = lab.device("det");
        async move |p| {
            let caught = p.trigger(&det, Value::Null).await;
            let _ = p.unstage(&det).await;
            caught.map(drop)
        }
    }));
    let failed = run.result().failed_at.as_ref().unwrap();
    assert_eq!(failed.to_string(), format!("message 1: {}", run.messages()[0]));
}
