//! The console JSON is that of Python's SDK.

use std::fs;
use std::path::PathBuf;

use skyspan_trace::trace::{Event, Link, ReadProblem, Span, SpanId, SpanKind, Status, Trace, TraceId};
use skyspan_trace::value::Timestamp;
use skyspan_trace::value::{Map, Value};

fn fixture(name: &str) -> (PathBuf, String) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/traces").join(name);
    let text = fs::read_to_string(&path).expect("the fixture is there");
    (path, text)
}

#[track_caller]
fn same_lines(written: &str, expected: &str) {
    for (number, (a, b)) in written.lines().zip(expected.lines()).enumerate() {
        assert_eq!(a, b, "line {}", number + 1);
    }
    assert_eq!(written.len(), expected.len());
}

#[test]
fn what_python_wrote_is_given_back_byte_for_byte() {
    for name in ["values.json", "structure.json"] {
        let (path, text) = fixture(name);
        let trace = Trace::read(&path).unwrap();
        same_lines(&trace.to_console_json(), &text);
    }
}

#[test]
fn every_layout_gives_the_same_trace() {
    let (path, text) = fixture("structure.json");
    let trace = Trace::read(path).unwrap();
    for name in ["structure-lines.json", "structure-list.json", "structure-dense.json"] {
        same_lines(&Trace::read(fixture(name).0).unwrap().to_console_json(), &text);
    }
    assert_eq!(Trace::from_console_json(&text.replace('\n', "\r\n")).unwrap(), trace);
    assert_eq!(Trace::from_console_json(&format!("\u{feff}{text}")).unwrap(), trace);
}

#[test]
fn times_are_rounded_as_python_rounds_them() {
    let (_, table) = fixture("times.tsv");
    assert!(table.lines().count() > 500);
    for line in table.lines() {
        let (ns, expected) = line.split_once('\t').unwrap();
        let event = Event::new("tick", Timestamp::from_unix_ns(ns.parse().unwrap()));
        let json = Trace::from_spans([Span::builder("s").event(event).build()]).to_console_json();
        assert!(json.contains(&format!("\"timestamp\": \"{expected}\"")), "{ns}: expected {expected}\n{json}");
    }
}

#[test]
fn what_was_read_is_what_python_recorded() {
    let trace = Trace::read(fixture("structure.json").0).unwrap();
    let root = trace.named("root").next().unwrap();
    assert_eq!(root.kind(), SpanKind::Server);
    assert_eq!(root.start(), Timestamp::from_unix_ns(1_718_700_056_377_673_000));
    assert_eq!(root.resource().attributes.get("service.name"), Some(&"structure".into()));
    assert_eq!(root.resource().schema_url, "https://opentelemetry.io/schemas/1.21.0");
    assert!(root.scope().is_none());
    let children: Vec<&str> = root.children().map(|child| child.span().name()).collect();
    assert_eq!(children, ["child", "failed", "failed without a reason", "fine", "linked"]);

    let child = trace.named("child").next().unwrap();
    assert_eq!(child.events().len(), 3);
    assert_eq!(child.events()[1].attributes.get("n"), Some(&Value::from([1.into(), Value::Null])));
    let failed = trace.named("failed").next().unwrap();
    assert_eq!(*failed.status(), Status::error("the motor stalled: \"Größe\""));
    assert_eq!(*trace.named("fine").next().unwrap().status(), Status::Ok);
    let linked = trace.named("linked").next().unwrap();
    let state = "vendor=a-b,k2=it's,k3=say \"hi\",k4=both ' and \",k5=back\\slash";
    assert_eq!((linked.links().len(), linked.links()[0].span_id), (3, SpanId::from(0xdef)));
    assert_eq!(linked.links()[0].trace_state, state);
    let remote = trace.named("child of a remote parent").next().unwrap();
    assert_eq!((remote.parent_id(), remote.parent()), (Some(SpanId::from(0xfedc_ba09_8765_4321)), None));
    assert_eq!(remote.trace_state(), state);
    assert_eq!(trace.unended().map(|span| span.span().name()).collect::<Vec<_>>(), ["at the epoch", "unended"]);
}

#[test]
fn only_name_and_ids_must_be_there() {
    let ids = r#""context": {"trace_id": "0x00000000000000000000000000000001", "span_id": "0x0000000000000002"}"#;
    let trace = Trace::from_console_json(&format!(r#"{{"name": "bare", {ids}, "unknown": [1]}}"#)).unwrap();
    assert_eq!(trace, Trace::from_spans([Span::builder("bare").trace_id(1).span_id(2).unknown_start().build()]));

    let keys = ["kind", "parent_id", "start_time", "end_time", "status", "attributes", "events", "links", "resource"];
    let nulls: String = keys.iter().map(|key| format!(", \"{key}\": null")).collect();
    assert_eq!(Trace::from_console_json(&format!(r#"{{"name": "bare", {ids}{nulls}}}"#)).unwrap(), trace);
}

#[test]
fn no_text_is_no_span() {
    assert!(Trace::from_console_json(" \n").unwrap().is_empty());
    assert!(Trace::from_console_json("[]").unwrap().is_empty());
    assert_eq!(Trace::default().to_console_json(), "");
}

#[test]
fn a_trace_state_that_is_no_list_is_kept_as_it_is() {
    let (_, text) = fixture("values.json");
    for state in ["{}", "['a']", "['{key=a}', 3]", "[", "x,y=z", "[ ]"] {
        let odd = text.replace("\"[]\"", &format!("\"{state}\""));
        same_lines(&Trace::from_console_json(&odd).unwrap().to_console_json(), &odd);
    }
}

#[test]
fn an_error_says_where_it_is_and_in_which_span() {
    let context = r#""context": {"trace_id": "0x00000000000000000000000000000001", "span_id": "0x0000000000000002"}"#;
    let good = format!(r#"{{"name": "good", {context}}}"#);
    let bad = |rest: &str| format!("{good}\n{{\"name\": \"bad\",\n {context},\n {rest}\n}}");
    check("{", "line 1, column 2: expected a key in double quotes, found the end of the text");
    check(
        &format!("{good} 5"),
        "line 1, column 114: span 2: expected a span: a map with \"name\" and \"context\", found 5",
    );
    check("[[1]]", "line 1, column 2: span 1: expected a span: a map with \"name\" and \"context\", found a list");
    check(&format!("[{good},\n {{}}]"), "line 2, column 2: span 2: expected a key \"name\", found none");
    check("{\"name\": null}", "line 1, column 10: span 1, name: expected a string, found null");
    check("\n {\"name\": \"a\"}", "line 2, column 2: span 1 \"a\": expected a key \"context\", found none");
    check(
        "{\"name\": \"a\", \"context\": {\"trace_id\": \"0x00000000000000000000000000000001\"}}",
        "line 1, column 26: span 1 \"a\", context: expected a key \"span_id\", found none",
    );
    check(
        &bad(r#""kind": "SpanKind.OTHER""#),
        "line 4, column 10: span 2 \"bad\", kind: expected a kind: one of \"SpanKind.INTERNAL\", SERVER, CLIENT, \
         PRODUCER, CONSUMER, found \"SpanKind.OTHER\"",
    );
    check(
        &bad(r#""parent_id": "2""#),
        "line 4, column 15: span 2 \"bad\", parent_id: expected `0x` and 16 hexadecimal digits, found \"2\"",
    );
    check(
        &bad(r#""events": [{"name": "ü\"{", "timestamp": "1970-01-01T00:00:00Z"}, {"name": "e", "timestamp": 7}]"#),
        "line 4, column 95: span 2 \"bad\", events.1.timestamp: expected a time since 1970 such as \
         \"2024-06-18T08:40:56.377673Z\", found 7",
    );
    check(&bad(r#""events": {}"#), "line 4, column 12: span 2 \"bad\", events: expected a list, found a map");
    check(
        &bad(r#""status": {"status_code": "FINE"}"#),
        "line 4, column 28: span 2 \"bad\", status.status_code: expected one of \"UNSET\", \"OK\", \"ERROR\", found \"FINE\"",
    );
    check(&bad(r#""attributes": [1]"#), "line 4, column 16: span 2 \"bad\", attributes: expected a map, found a list");
    check(
        &bad(r#""links": [{"context": 1}]"#),
        "line 4, column 24: span 2 \"bad\", links.0.context: expected a map, found 1",
    );
    check(
        &bad(r#""resource": {"attributes": {}, "schema_url": ["x"]}"#),
        "line 4, column 47: span 2 \"bad\", resource.schema_url: expected a string, found a list",
    );

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let error = Trace::from_console_json(text).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(expected.starts_with(&error.position().unwrap().to_string()));
    }
}

/// What a refusal ends with.
const READ: &str = " (read are console JSON, OTLP (JSON and protobuf), Jaeger, Zipkin, Go's stdouttrace and skyspan's own JSON, also compressed)";

#[test]
fn an_error_names_the_file() {
    let path = std::env::temp_dir().join(format!("skyspan-{}.json", std::process::id()));
    let missing = Trace::read(&path).unwrap_err();
    assert!(matches!(missing.problem, ReadProblem::Io(_)));
    check(&path, b"\n time,name\n", &format!("line 2, column 2: expected a trace, found \"time,name\"{READ}"));
    check(&path, b"{\"name\": \n\"a\xff\"}", "line 2, column 3: expected text in UTF-8, found other bytes");
    check(&path, b"[7]", &format!("line 1, column 1: expected a trace, found JSON that is no trace{READ}"));
    check(
        &path,
        b" \n",
        "expected a trace, found no span: it is empty (if that may be: --allow-empty, ReadOptions::empty)",
    );
    fs::remove_file(&path).unwrap();

    #[track_caller]
    fn check(path: &std::path::Path, content: &[u8], expected: &str) {
        fs::write(path, content).unwrap();
        let error = Trace::read(path).unwrap_err();
        assert_eq!(error.to_string(), format!("{}: {expected}", path.display()));
    }
}

#[test]
fn a_span_made_by_hand_is_written_as_python_would() {
    let mut nested = Map::new();
    nested.insert("deep", Value::from([Value::Null, f64::NAN.into()]));
    let at = Timestamp::from_unix_ns;
    let span = Span::builder("demo")
        .trace_id(0x1234)
        .span_id(0x56)
        .parent_id(7)
        .kind(SpanKind::Client)
        .status(Status::error("no light"))
        .start(at(1_718_700_056_377_673_000))
        .attribute("nested", nested)
        .link(Link::new(TraceId::from(1), 2).with_trace_state("a=1"))
        .trace_state("k=v,l=w")
        .build();
    let expected = r#"{
    "name": "demo",
    "context": {
        "trace_id": "0x00000000000000000000000000001234",
        "span_id": "0x0000000000000056",
        "trace_state": "['{key=k, value=v}', '{key=l, value=w}']"
    },
    "kind": "SpanKind.CLIENT",
    "parent_id": "0x0000000000000007",
    "start_time": "2024-06-18T08:40:56.377673Z",
    "end_time": null,
    "status": {
        "status_code": "ERROR",
        "description": "no light"
    },
    "attributes": {
        "nested": {
            "deep": [
                null,
                NaN
            ]
        }
    },
    "events": [],
    "links": [
        {
            "context": {
                "trace_id": "0x00000000000000000000000000000001",
                "span_id": "0x0000000000000002",
                "trace_state": "['{key=a, value=1}']"
            },
            "attributes": {}
        }
    ],
    "resource": {
        "attributes": {},
        "schema_url": ""
    }
}
"#;
    same_lines(&Trace::from_spans([span]).to_console_json(), expected);
}
