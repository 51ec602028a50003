//! `skyspan list` and `skyspan schema`.

use skyspan::program::Vocabulary;
use skyspan::value::from_json;

use super::{TempFile, skyspan};

#[test]
fn what_plan_files_know_is_listed() {
    for (words, vocabulary) in
        ["plans", "stubs", "wrappers", "devices", "suspenders", "faults"].into_iter().zip(Vocabulary::ALL)
    {
        let out = skyspan(["list", words]);
        assert_eq!((out.code, out.stderr.as_str(), out.stdout), (0, "", vocabulary.to_string()));
    }
    let all = skyspan(["list"]);
    assert!(all.stdout.starts_with("plans\n\nadaptive_scan: "), "{}", all.stdout);
    assert!(all.stdout.contains("\nsuspenders\n\nSuspendBoolHigh: "), "{}", all.stdout);
    let wrong = skyspan(["list", "plan"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("plans"), "{}", wrong.stderr);
}

#[test]
fn the_lists_are_to_be_had_as_json() {
    let out = skyspan(["list", "devices", "--json"]);
    let data = from_json(&out.stdout).unwrap();
    let data = data.as_map().unwrap();
    assert_eq!(data.get("version"), Some(&1.into()));
    assert_eq!(data.get("devices"), Some(&Vocabulary::Devices.to_value()));
}

#[test]
fn the_schema_is_printed_as_json() {
    let out = skyspan(["schema"]);
    assert_eq!((out.code, out.stderr.as_str()), (0, ""));
    assert_eq!(from_json(&out.stdout).unwrap(), Vocabulary::schema());
}

#[test]
fn items_that_are_left_out_are_told() {
    let yaml = "fail_fast: true\nitems:\n  - {item_type: messages, messages: [{raise: no light}]}\n  - {item_type: plan, name: count, args: [[det]]}\n";
    let file = TempFile::new(yaml);
    let out = skyspan(["run", file.path(), "--spans", "none"]);
    let expected =
        format!("skyspan: 1 of 2 items were not run\nskyspan: item 1: RuntimeError: no light ({}:3:5)\n", file.path());
    assert_eq!((out.code, out.stderr), (1, expected));
}
