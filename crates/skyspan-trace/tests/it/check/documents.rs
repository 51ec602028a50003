//! What a check file says of documents.

use skyspan_trace::check::CheckFile;
use skyspan_trace::trace::Trace;
use skyspan_trace::value::{Value, from_json};

const DOCUMENTS: &str = r#"[
    ["start", {"uid": "r", "plan_name": "scan", "md": {"sample": "A"}}],
    ["descriptor", {"uid": "d", "name": "primary", "data_keys": {"motor": {}, "det": {}}}],
    ["event", {"descriptor": "d", "seq_num": 1, "data": {"motor": 0.0, "det": 5}}],
    ["event_page", {"descriptor": "d", "seq_num": [2, 3], "data": {"motor": [1.0, 2.0], "det": [6, 7]}}],
    ["descriptor", {"uid": "b", "name": "baseline", "data_keys": {"temperature": {}}}],
    ["event", {"descriptor": "b", "seq_num": 1, "data": {"temperature": 4.2}}],
    ["stop", {"exit_status": "success", "reason": ""}]
]"#;

fn told(text: &str) -> String {
    let file = CheckFile::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let documents: Vec<Value> = match from_json(DOCUMENTS).expect("it is JSON") {
        Value::Array(documents) => documents.to_vec(),
        other => panic!("{other}"),
    };
    file.check_with_documents(&Trace::default(), &documents).to_string()
}

#[test]
fn numbers_keys_and_values_are_held_against_what_was_emitted() {
    for said in [
        "start: 1",
        "stop: {count: 1, has: {exit_status: success, reason: ''}}",
        "start: {has: {md.sample: A, plan_name: {glob: 's*'}, nothing: {present: false}}}",
        "streams: {primary: 3, baseline: 1}",
        "streams: {primary: {events: 2.., keys: [motor]}, baseline: {}}, no_other_streams: true",
        "streams: {primary: {values: {det: {between: '5..=7'}}, first: {motor: 0.0}, last: {motor: 2.0}}}",
        "streams: {monitor: 0}",
    ] {
        let text = format!("- documents: {{{said}}}");
        assert_eq!(told(&text), "✓ documents  7 documents\n", "{text}");
    }
    for (said, wrong) in [
        ("start: 2", "expected exactly 2 `start` documents, found 1"),
        ("resource: {has: {spec: x}}", "expected a `resource` document, found none"),
        ("stop: {has: {exit_status: fail}}", "`stop` document 1: exit_status: expected \"fail\", found \"success\""),
        ("streams: {primary: 2}", "stream \"primary\": expected exactly 2 events, found 3"),
        ("streams: {prime: 2}", "expected a stream \"prime\", found \"primary\", \"baseline\""),
        ("streams: {primary: {keys: [energy]}}", "stream \"primary\": expected the key \"energy\", found motor, det"),
        ("streams: {primary: {values: {det: {between: '5..7'}}}}", "stream \"primary\", event 3: det: expected"),
        ("streams: {primary: {last: {motor: 0.0}}}", "stream \"primary\", event 3: motor: expected 0.0, found 2.0"),
        ("streams: {primary: 3}, no_other_streams: true", "expected no other stream, found \"baseline\""),
    ] {
        let report = told(&format!("- documents: {{{said}}}"));
        assert!(report.contains(wrong), "{said}\n{report}");
    }
}

#[test]
fn a_trace_alone_has_none_and_that_is_an_error_with_its_place() {
    let file = CheckFile::parse("- exit_status: success\n- if: '{}'\n  then:\n  - documents: {start: 1}")
        .expect("well formed");
    assert!(file.asks_for_documents());
    let error = file.check(&Trace::default()).expect_err("there are no documents").to_string();
    assert_eq!(
        error,
        "4:5: expected the documents of a call, found a trace, which has none; a plan file has them: it is run first"
    );
}
