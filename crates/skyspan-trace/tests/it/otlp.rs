//! OTLP JSON is read and written as OpenTelemetry's exporters have it.

use std::fs;
use std::path::PathBuf;

use skyspan_trace::trace::{Attributes, Event, Link, ReadOptions, Resource, Scope, Span, SpanKind, Status, Trace};
use skyspan_trace::value::Timestamp;
use skyspan_trace::value::{Map, Value, to_json};

fn fixture(name: &str) -> (PathBuf, String) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/otlp").join(name);
    let text = fs::read_to_string(&path).expect("the fixture is there");
    (path, text)
}

#[test]
fn the_same_spans_are_read_from_otlp_and_from_the_console() {
    let otlp = Trace::read(fixture("spans.json").0).unwrap();
    let console = Trace::read(fixture("spans-console.json").0).unwrap();
    assert_eq!(otlp.len(), 4);
    assert_eq!(otlp.to_console_json(), console.to_console_json());
    let values = otlp.named("values").next().unwrap().span();
    let scope = values.scope().unwrap();
    assert_eq!((&*scope.name, scope.version.as_deref()), ("library", Some("1.2")));
    assert_eq!(
        (scope.schema_url.as_deref(), scope.attributes.get("a")),
        (Some("https://example.org/1"), Some(&1.into()))
    );
    assert_eq!((values.attr("int"), values.attr("float")), (Some(&42.into()), Some(&42.0.into())));
}

#[test]
fn what_pythons_exporter_wrote_is_given_back_byte_for_byte_but_for_flags() {
    let (_, mut text) = fixture("spans.json");
    for flags in ["256", "768"] {
        text = text.replace(&format!("\"flags\": {flags}, "), "").replace(&format!(", \"flags\": {flags}"), "");
    }
    assert_eq!(Trace::from_otlp_json(&text).unwrap().to_otlp_json(), text);
}

#[test]
fn every_layout_of_requests_gives_the_same_trace() {
    let (path, text) = fixture("spans.json");
    let console = Trace::read(path).unwrap().to_console_json();
    let read = |text: &str| ReadOptions::new().empty(true).read_from(text.as_bytes()).unwrap().trace.to_console_json();
    let (_, lines) = fixture("spans.jsonl");
    assert_eq!(read(&lines), console);
    assert_eq!(read(&lines.replace('\n', "\r\n")), console);
    assert_eq!(read(&format!("[{}]", lines.trim_end().replace('\n', ","))), console);
    assert_eq!(read(&format!("\u{feff} \n{text}")), console);
    assert_eq!(read(r#"{"resourceSpans": []}"#), "");
    assert_eq!(read(r#"{"resourceSpans": null} {}"#), "");
}

fn all_kinds() -> Trace {
    let at = Timestamp::from_unix_ns;
    let map = Map::from_iter([("deep", Value::from([Value::Null, 1.into(), "1".into(), 1.0.into()]))]);
    let scope = Scope {
        name: "lib".into(),
        version: Some("1".into()),
        schema_url: Some("s".into()),
        attributes: Attributes::from_iter([("k", true)]),
    };
    let resource = Resource { attributes: Attributes::from_iter([("service.name", "app")]), schema_url: "r".into() };
    let kinds = [SpanKind::Internal, SpanKind::Server, SpanKind::Client, SpanKind::Producer, SpanKind::Consumer];
    let mut spans: Vec<Span> = kinds
        .into_iter()
        .zip(1..)
        .map(|(kind, id)| {
            Span::builder("kind").trace_id(1).span_id(id).kind(kind).start(at(id)).end(at(u64::MAX)).build()
        })
        .collect();
    let full = Span::builder("full \"Größe\" \u{2028}")
        .trace_id(u128::MAX)
        .span_id(u64::MAX)
        .parent_id(7)
        .trace_state("k=v,l=w")
        .status(Status::error("why"))
        .start(at(i64::MAX as u64 + 1))
        .attribute("null", Value::Null)
        .attribute("max", i64::MAX)
        .attribute("min", i64::MIN)
        .attribute("tiny", 5e-324)
        .attribute("negative zero", -0.0)
        .attribute("inf", f64::INFINITY)
        .attribute("-inf", f64::NEG_INFINITY)
        .attribute("empty", Value::from(Vec::<i64>::new()))
        .attribute("map", map)
        .attribute("empty map", Map::new())
        .event(Event::new("e", at(3)).with_attributes(Attributes::from_iter([("a", 1)])))
        .event(Event::new("at the epoch", at(0)))
        .link(Link::new(1_u128, 2).with_trace_state("a=1").with_attributes(Attributes::from_iter([("b", 2)])))
        .dropped(1, 2, 3)
        .resource(resource.clone());
    spans.insert(2, full.clone().scope(scope.clone()).build());
    spans.push(full.clone().scope(scope).status(Status::Ok).build());
    spans.push(full.scope(Scope { name: "other".into(), ..Scope::default() }).status(Status::error("")).build());
    spans.into_iter().collect()
}

#[test]
fn what_is_written_is_read_again_in_the_same_order() {
    let trace = all_kinds();
    assert_eq!(Trace::from_otlp_json(&trace.to_otlp_json()).unwrap(), trace);
    let nan = Trace::from_spans([Span::builder("n").trace_id(1).span_id(1).attribute("nan", f64::NAN).build()]);
    let read = Trace::from_otlp_json(&nan.to_otlp_json()).unwrap();
    assert!(read.spans().next().unwrap().attr("nan").and_then(Value::as_f64).is_some_and(f64::is_nan));
    assert_eq!(Trace::default().to_otlp_json(), "{\"resourceSpans\": []}\n");
    assert!(Trace::from_otlp_json(&Trace::default().to_otlp_json()).unwrap().is_empty());
}

fn with_span(rest: &str) -> String {
    format!(
        "{{\"resourceSpans\": [{{\"scopeSpans\": [{{\"spans\": [\n{{\"traceId\": \"{:032x}\", \"spanId\": \"{:016X}\", \
         \"name\": \"s\", {rest}}}]}}]}}]}}",
        0xab, 0xcd
    )
}

#[test]
fn what_is_met_in_files_is_taken() {
    let one = |rest: &str| Trace::from_otlp_json(&with_span(rest)).unwrap().spans().next().unwrap().span().clone();
    assert_eq!(one(r#""kind": "SPAN_KIND_SERVER""#).kind(), SpanKind::Server);
    assert_eq!(one(r#""kind": 0"#).kind(), SpanKind::Internal);
    assert_eq!(one(r#""status": {"code": "STATUS_CODE_ERROR", "message": "m"}"#).status(), &Status::error("m"));
    assert_eq!(one(r#""status": {}, "parentSpanId": "", "events": null, "x": [{"y": 1}]"#).parent_id(), None);
    assert_eq!(one(r#""parentSpanId": null"#).parent_id(), None);
    let span = one(r#""startTimeUnixNano": 18446744073709551615, "endTimeUnixNano": "0""#);
    assert_eq!((span.start(), span.end()), (Timestamp::MAX, None));
    for (value, expected) in [
        (r#"{"intValue": 5}"#, Value::from(5)),
        (r#"{"intValue": "-5"}"#, (-5).into()),
        (r#"{"doubleValue": 5}"#, 5.0.into()),
        (r#"{"doubleValue": "1.5"}"#, 1.5.into()),
        (r#"{"doubleValue": "-Infinity"}"#, f64::NEG_INFINITY.into()),
        (r#"{"arrayValue": {}}"#, Value::from(Vec::<i64>::new())),
        (r#"{"kvlistValue": {}}"#, Map::new().into()),
        (r#"{"bytesValue": "aGk="}"#, "aGk=".into()),
        (r#"{"stringValue": ""}"#, "".into()),
        (r#"{}"#, Value::Null),
        ("null", Value::Null),
        (r#"{"newValue": 1}"#, Value::Null),
    ] {
        assert_eq!(
            one(&format!(r#""attributes": [{{"key": "k", "value": {value}}}]"#)).attr("k"),
            Some(&expected),
            "{value}"
        );
    }
    let old = with_span("\"kind\": 1").replace("scopeSpans", "instrumentationLibrarySpans");
    assert_eq!(Trace::from_otlp_json(&old).unwrap().len(), 1);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    check(
        &with_span(r#""kind": 9"#),
        "line 2, column 100: span 1 \"s\", kind: expected a kind: 0 to 5, or one of \
         \"SPAN_KIND_INTERNAL\", …SERVER, …CLIENT, …PRODUCER, …CONSUMER, found 9",
    );
    check(
        &with_span(r#""attributes": [{"key": "k", "value": {"intValue": 1.5}}]"#),
        "line 2, column 142: span 1 \"s\", attributes.0.value.intValue: expected a whole number of 64 bits, or its digits, \
         found 1.5",
    );
    check(
        &with_span(r#""events": [{"timeUnixNano": -1}]"#),
        "line 2, column 120: span 1 \"s\", events.0.timeUnixNano: expected nanoseconds since 1970, or their digits, found -1",
    );
    check(
        &with_span(r#""droppedLinksCount": "many""#),
        "line 2, column 113: span 1 \"s\", droppedLinksCount: expected a number of 32 bits, found \"many\"",
    );
    check(
        r#"{"resourceSpans": [{"resource": 7}]}"#,
        "line 1, column 33: resourceSpans.0.resource: expected a map, found 7",
    );
    check(r#"{"resourceSpans": 7}"#, "line 1, column 19: resourceSpans: expected a list, found 7");
    check(
        r#"{"resourceSpans": [{"scopeSpans": [{"spans": [7]}]}]}"#,
        "line 1, column 47: span 1: expected a span: a map with \"traceId\" and \"spanId\", found 7",
    );
    check(
        r#"{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "5B8EFFF798038103D269B633813FC60C"}]}]}]}"#,
        "line 1, column 47: span 1: expected a key \"spanId\", found none",
    );
    check(
        "{\"resourceSpans\": [",
        "line 1, column 20: the file is cut off: what begins in line 1 has no end; there is no whole span before it",
    );
    check("{\"resourceSpans\": [}", "line 1, column 20: expected a JSON value, found `}`");

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let error = Trace::read_from(text.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(expected.starts_with(&error.position().unwrap().to_string()));
    }
}

/// OTLP takes four levels of lists and maps for one, and a reader takes so many only.
#[test]
fn what_lies_too_deep_for_otlp_is_the_string_of_its_json() {
    fn nested(depth: usize, within: Value, wrap: fn(Value) -> Value) -> Value {
        (0..depth).fold(within, |value, _| wrap(value))
    }
    let list: fn(Value) -> Value = |value| Value::from_iter([value]);
    let map: fn(Value) -> Value = |value| Map::from_iter([("k", value)]).into();
    for wrap in [list, map] {
        for (depth, read) in [
            (100, nested(100, 1.into(), wrap)),
            (101, nested(100, to_json(&wrap(1.into())).into(), wrap)),
            (400, nested(100, to_json(&nested(300, 1.into(), wrap)).into(), wrap)),
        ] {
            let mut event = Event::new("e", Timestamp::EPOCH);
            event.attributes = Attributes::from_iter([("v", nested(depth, 1.into(), wrap))]);
            let written = Trace::from_spans([Span::builder("deep").trace_id(1).span_id(1).event(event).build()]);
            let again = Trace::from_otlp_json(&written.to_otlp_json()).unwrap();
            assert_eq!(again.spans().next().unwrap().events()[0].attributes.get("v"), Some(&read), "{depth}");
        }
    }
}

/// OTLP holds zero for not set, so that what is read of it would be written otherwise.
#[test]
fn a_span_that_ended_at_the_epoch_has_no_end_in_otlp() {
    let written = Trace::from_spans([Span::builder("early").trace_id(1).span_id(1).end(Timestamp::EPOCH).build()]);
    let json = written.to_otlp_json();
    assert!(!json.contains("endTimeUnixNano"), "{json}");
    assert_eq!(Trace::from_otlp_json(&json).unwrap().to_otlp_json(), json);
}
