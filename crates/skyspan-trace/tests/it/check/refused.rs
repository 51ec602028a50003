//! What is no check file is told with its place, what was expected there, and what was perhaps meant.

use skyspan_trace::check::CheckFile;

#[test]
fn a_fault_is_told_with_its_place_and_what_was_meant() {
    for (text, told) in [
        (
            "5",
            "1:1: expected a list of expectations, or a map of `version: 1` and the list in `expect`, found the integer 5",
        ),
        (
            "exit_status: success",
            "1:1: expected a list of expectations, or a map of `version: 1` and the list in `expect`, found another map; put `- ` before each expectation",
        ),
        ("[]", "1:1: expected at least one expectation, found an empty list"),
        ("version: 2\nexpect: [exit_status: success]", "1:10: expected 1 as `version`, found the integer 2"),
        (
            "version: 1\nexpct: []",
            "2:1: expected one of the keys `version`, `expect` in a check file, found `expct`; did you mean `expect`?",
        ),
        ("version: 1\nexpect: 5", "2:9: expected a list of expectations as `expect`, found the integer 5"),
        ("- 5", "1:3: expected a map as an expectation, found the integer 5"),
        (
            "- name: a",
            "1:3: expected one of the keys `exit_status`, `reason`, `duration`, `run_duration`, `documents`, `tree`, `spans`, `if`, `shape`, `lint` in an expectation, found only `name`",
        ),
        (
            "- durations: 8 s",
            "1:3: expected one of the keys `exit_status`, `reason`, `duration`, `run_duration`, `documents`, `tree`, `spans`, `if`, `shape`, `lint` in an expectation, found `durations`; did you mean `duration`?",
        ),
        ("- count: 3", "found only `count`; `spans: '{ ... }'` says of which spans"),
        ("- exit_status: sucess", "did you mean `success`?"),
        (
            "- exit_status: success\n  duration: 8 s",
            "1:3: expected one subject in an expectation, found `exit_status` and `duration`; make them two entries of the list",
        ),
        (
            "- exit_status: success\n  or_none: true",
            "2:3: expected one of the keys `exit_status`, `name`, `because` in an expectation, found `or_none`",
        ),
        (
            "- duration: 8",
            "1:13: expected a duration with its unit, or a range of them: `8 s`, `..=8 s`, `1 s..=2 s`, `8 s ± 20 %`, found the integer 8; say the unit behind the number",
        ),
        (
            "- duration: 8 sec",
            "found the string \"8 sec\"; at character 4: expected a space after a duration, found `ec`",
        ),
        (
            "- duration: 8 s ± x",
            "1:13: expected a duration or a number of percent behind the `±`, as in `8 s ± 20 %` or `8 s ± 100 ms`",
        ),
        ("- duration: ..=8 s ± 1 s", "expected a duration before the `±`"),
        (
            "- spans: {name: a}\n  count: 1",
            "1:10: expected a query in TraceQL, in quotes: '{ name = \"Bluesky RunEngine wait\" }', found a map; put the query in quotes",
        ),
        ("- spans: '{ nme = 1 }'\n  count: 1", "did you mean `name`?"),
        (
            "- spans: '{}'\n  each: {attributes: {a: {type: itn}}}",
            "expected a type of values: `null`, `bool`, `int`, `float`, `str`, `list`, `map`, found the string \"itn\"; did you mean `int`?",
        ),
        ("- spans: '{}'\n  each: {attributes: {a: {type: int, present: true}}}", "expected exactly one of the keys"),
        (
            "- spans: '{}'\n  each: {attributes: {a: {type: int, glob: a, regex: b}}}",
            "expected exactly one of the keys",
        ),
        ("- spans: '{ name = }'\n  count: 1", "1:20: expected a value"),
        (
            "- spans: '{} | rate()'\n  count: 1",
            "1:10: expected a query that selects spans, found one that asks for numbers over time",
        ),
        ("- spans: '{}'", "expected what is said of the spans, by one of the keys `count`, `each`"),
        ("- spans: '{}'\n  cuont: 1", "2:3: expected one of the keys `spans`, `name`, `because`, `or_none`, `count`"),
        (
            "- spans: '{}'\n  count: -1",
            "2:10: expected a whole number, or a range of them: `3`, `2..`, `..=4`, `2..=5`, found the integer -1",
        ),
        ("- spans: '{}'\n  count: 4..=2", "2:10: expected a whole number, or a range of them"),
        (
            "- spans: '{}'\n  each: {durtion: 1 s}",
            "2:10: expected a key that is known in a span, found `durtion`; did you mean `duration`?",
        ),
        ("- spans: '{}'\n  each: {}", "2:9: expected at least one condition in a span, found an empty map"),
        (
            "- spans: '{}'\n  each: {kind: severe}",
            "2:16: expected a kind of span: `internal`, `server`, `client`, `producer`, `consumer`, found the string \"severe\"; did you mean `server`?",
        ),
        (
            "- spans: '{}'\n  each: {attributes: {a: {globb: x}}}",
            "2:27: expected one of the keys `glob`, `regex`, `between`, `one_of`, `not`, `json`, `equal`, `present`, `type` in a pattern of a value, found `globb`; did you mean `glob`?",
        ),
        ("- spans: '{}'\n  each: {attributes: {a: {own: x}}}", "a map as the value is `equal: {...}`"),
        (
            "- spans: '{}'\n  each: {attributes: {a: {regex: '('}}}",
            "2:34: expected a regular expression, found the string \"(\"",
        ),
        ("- spans: '{}'\n  each: {child: \"a\\nb\"}", "2:17: expected one span, or a query in braces"),
        (
            "- spans: '{}'\n  share: {of: '{}', is: much}",
            "2:25: expected a part, or a range of them: `50 %`, `..=50 %`, `0.1..=0.2`",
        ),
        (
            "- spans: '{}'\n  percentiles: {101: 1 s}",
            "2:17: expected a percentage from 0 to 100, found the integer 101",
        ),
        (
            "- spans: '{}'\n  before: {every: '{}', some: '{}'}",
            "2:11: expected exactly one of the keys `every`, `some` in `before`",
        ),
        (
            "- spans: '{}'\n  within: {some: '{}', by: 1 s}",
            "2:24: expected one of the keys `every`, `some` in `within`, found `by`",
        ),
        ("- spans: '{}'\n  gap: {to: '{}'}", "2:8: expected the key `duration` in `gap`, found only `to`"),
        ("- if: '{}'", "1:3: expected the key `then` in an expectation"),
        ("- if: '{}'\n  then: []", "2:9: expected at least one expectation"),
        (
            "- tree: |\n    run\n        set",
            "3:9: expected at most 2 spaces before a name, two more for each level in the tree, found `set`",
        ),
        ("- documents: {}", "1:14: expected at least one key in `documents`, found an empty map"),
        ("- documents: {strems: {}}", "did you mean `streams`?"),
        (
            "- lint: strict",
            "1:9: expected the rules, or a map with `without` and `deny`: `standard`, found the string \"strict\"",
        ),
        (
            "- lint: {without: [orphans]}",
            "1:20: expected the name of a rule; `skyspan lint --list-rules` prints them, found the string \"orphans\"; did you mean `orphan`?",
        ),
        ("- lint: {deny: errors}", "did you mean `error`?"),
        ("- shape: 5", "1:10: expected the file with the shape of the trace, found the integer 5"),
    ] {
        let error = CheckFile::parse(text).expect_err(text).to_string();
        assert!(error.contains(told), "{text}\n{error}\n{told}");
    }
}

#[test]
fn a_file_that_is_not_there_is_told_by_its_name() {
    let error = CheckFile::read("no/such.check.yaml").expect_err("there is none").to_string();
    assert_eq!(error, "no/such.check.yaml: expected a check file, found no such file");
}

#[test]
fn what_nests_too_deep_is_refused() {
    let deep = |depth: usize| {
        let (open, close) = ("{child: ".repeat(depth), "}".repeat(depth));
        format!("- spans: '{{}}'\n  each: {open}{{name: a}}{close}")
    };
    assert!(CheckFile::parse(&deep(20)).is_ok());
    assert!(CheckFile::parse(&deep(160)).is_err());
    let tree: String = (0..190).map(|depth| format!("    {}a\n", "  ".repeat(depth))).collect();
    let error = CheckFile::parse(&format!("- tree: |\n{tree}")).expect_err("it is deep").to_string();
    assert!(error.contains("a tree of at most 150 levels"), "{error}");
    let conditions =
        (0..30).fold("{exit_status: success}".to_owned(), |then, _| format!("{{if: '{{}}', then: {then}}}"));
    let error = CheckFile::parse(&format!("- {conditions}")).expect_err("it is deep").to_string();
    assert!(error.contains("conditions that nest at most 20 deep"), "{error}");
}
