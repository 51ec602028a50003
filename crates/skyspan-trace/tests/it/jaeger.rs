//! Jaeger's JSON is read.

use std::path::PathBuf;

use skyspan_trace::trace::{ReadOptions, SpanId, SpanKind, Status, Trace, TraceId};
use skyspan_trace::value::Timestamp;
use skyspan_trace::value::{Value, to_json};

fn fixture() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/jaeger/trace.json")
}

#[test]
fn tags_become_what_they_were() {
    let trace = Trace::read(fixture()).unwrap();
    assert_eq!(trace.len(), 2);
    let order = trace.named("order").next().unwrap();
    assert_eq!((order.span().span_id(), order.span().parent_id()), (SpanId::from(10), None));
    assert_eq!((order.kind(), order.status()), (SpanKind::Server, &Status::error("stalled")));
    assert_eq!(order.trace_state(), "k=v");
    let scope = order.scope().unwrap();
    assert_eq!((&*scope.name, scope.version.as_deref()), ("library", Some("1.2")));
    assert_eq!(order.start(), Timestamp::from_unix_ns(1_718_700_056_377_673_000));
    assert_eq!(order.signed_duration_ns(), Some(9_000_000));
    let shown: Vec<String> =
        order.attributes().iter().map(|(key, value)| format!("{key}={}", to_json(value))).collect();
    assert_eq!(shown, ["items=3", "price=12.0", "paid=false", "raw=\"aGk=\"", "43=\"43\""]);
    let resource: Vec<_> =
        order.resource().attributes.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
    assert_eq!(resource, [("service.name", Value::from("shop")), ("host.name", "a".into())]);
    let events: Vec<_> = order.events().iter().map(|event| (&*event.name, event.attributes.len())).collect();
    assert_eq!(events, [("queued", 1), ("", 1)]);
    assert_eq!(order.events()[0].timestamp, Timestamp::from_unix_ns(1_718_700_056_377_700_000));
}

#[test]
fn references_become_parent_and_links() {
    let trace = Trace::read(fixture()).unwrap();
    let charge = trace.named("charge").next().unwrap();
    assert_eq!(charge.parent().map(|parent| parent.name().to_owned()).as_deref(), Some("order"));
    assert_eq!(charge.links().len(), 1);
    assert_eq!((charge.links()[0].trace_id, charge.links()[0].span_id), (TraceId::from(0xab), SpanId::from(0xcd)));
    assert_eq!((charge.kind(), charge.status()), (SpanKind::Client, &Status::Ok));
    assert_eq!(charge.end(), Some(charge.start()));
    assert_eq!(charge.resource().attributes.get("service.name"), Some(&"bank".into()));
}

#[test]
fn one_trace_alone_is_read_too() {
    let text = r#"{"traceID": "1", "spans": [{"traceID": "1", "spanID": "2", "operationName": "a", "parentSpanID": "3",
        "process": {"serviceName": "s"}, "tags": [{"key": "error", "type": "bool", "value": "true"},
        {"key": "span.kind", "type": "string", "value": "other"}]}]}"#;
    let trace = Trace::read_from(text.as_bytes()).unwrap();
    let span = trace.spans().next().unwrap();
    assert_eq!((span.span().parent_id(), span.status()), (Some(SpanId::from(3)), &Status::error("")));
    assert_eq!((span.kind(), span.attr("span.kind")), (SpanKind::Internal, Some(&"other".into())));
}

#[test]
fn an_answer_without_spans_is_told() {
    let answer =
        r#"{"data": null, "total": 0, "limit": 0, "offset": 0, "errors": [{"code": 404, "msg": "trace not found"}]}"#;
    let told = "expected a trace, found no span: Jaeger JSON that has none; Jaeger says: trace not found (404) (if that may be: --allow-empty, ReadOptions::empty)";
    assert_eq!(Trace::read_from(answer.as_bytes()).unwrap_err().to_string(), told);
    let told = "expected a trace, found no span: Jaeger says: trace not found (404) (if that may be: --allow-empty, ReadOptions::empty)";
    assert_eq!(Trace::from_jaeger_json(answer).unwrap_err().to_string(), told);
    let reading = ReadOptions::new().empty(true).read_from(answer.as_bytes()).unwrap();
    assert!(reading.trace.is_empty());
    assert_eq!(reading.warnings(), ["Jaeger says: trace not found (404)"]);
    assert!(Trace::read_from(r#"{"data": [], "errors": null}"#.as_bytes()).is_err());
    assert!(Trace::from_jaeger_json(r#"{"data": [], "errors": null}"#).unwrap().is_empty());
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    check(
        r#"{"data": [{"spans": [{"traceID": "1", "spanID": "12345678901234567"}]}]}"#,
        "line 1, column 49: span 1, spanID: expected up to 16 hexadecimal digits, found \"12345678901234567\"",
    );
    check(
        r#"{"data": [{"spans": [{"traceID": "1", "spanID": "2", "operationName": "a", "duration": -1}]}]}"#,
        "line 1, column 88: span 1 \"a\", duration: expected a number of microseconds, found -1",
    );
    check(
        r#"{"data": [{"spans": [], "processes": {"p1": 7}}]}"#,
        "line 1, column 45: data.0.processes.p1: expected a map, found 7",
    );
    check(r#"{"total": 1}"#, "line 1, column 1: expected a key \"data\", found none");

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Trace::read_from(text.as_bytes()).unwrap_err().to_string(), expected);
    }
}
