//! Traces are read as they are met: files of many producers, and what each gives.

use std::path::{Path, PathBuf};

use skyspan_trace::trace::{
    Link, NoSpan, ReadError, ReadOptions, ReadProblem, ReadTrace, Redaction, Span, SpanId, SpanKind, SpanRef, Status,
    Trace, TraceFormat, TraceId,
};
use skyspan_trace::value::{Timestamp, Value, from_json};

/// A file, whose README says who wrote it.
fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/formats").join(name)
}

/// Whether the features are there that a file wants.
fn is_built(name: &str) -> bool {
    let is_compressed = name.ends_with(".gz") || name.ends_with(".zst") || name.contains("zstd");
    (cfg!(feature = "compression") || !is_compressed) && (cfg!(feature = "protobuf") || !name.contains(".pb"))
}

fn read(name: &str) -> Result<ReadTrace, ReadError> {
    ReadOptions::new().read(path(name))
}

/// The names of a trace on one line: `!` is an error, `?` was never said to have ended.
fn outline(trace: &Trace) -> String {
    fn of(span: SpanRef<'_>) -> String {
        let mark = if matches!(span.status(), Status::Error { .. }) { "!" } else { "" };
        let open = if span.end().is_none() { "?" } else { "" };
        let children: Vec<String> = span.children().map(of).collect();
        let children = if children.is_empty() { String::new() } else { format!("({})", children.join(" ")) };
        format!("{}{mark}{open}{children}", span.name().replace(' ', "_"))
    }
    trace.roots().map(of).collect::<Vec<_>>().join(" ")
}

const SHOP: &str = "POST_/checkout(cart/AddItem(AddItem(SELECT_cart UPDATE_cart)) payment/Charge(Charge(bank.transfer)) \
                    queue_publish(queue_process))";
/// The tree that `from_python.py` and `from_node.mjs` make.
const TREE: &str = "outer(bad! linked)";
/// The same in a file that has the message twice, so that the second of each goes to the parent of the first.
const TWICE: &str = "outer(bad! bad! linked linked) outer";

#[test]
fn every_kind_of_file_gives_its_spans() {
    for (name, format, expected) in [
        ("collector-file-mixed-signals.jsonl", TraceFormat::OtlpJson, "one(two)"),
        ("collector-file.jsonl.gz", TraceFormat::OtlpJson, "one(two)"),
        ("go-stdouttrace.json", TraceFormat::GoStdout, "time.time"),
        ("jaeger-anonymizer-list.json", TraceFormat::Jaeger, "a071653098f9250d(471418097747d04a!)"),
        ("jaeger-follows-from.json", TraceFormat::Jaeger, "receive_request(async_job)"),
        ("jaeger-v3-findtraces.json", TraceFormat::OtlpJson, "foobar!?"),
        ("java-otlp-logging.jsonl", TraceFormat::OtlpJson, "testSpan1(testSpan2!)"),
        ("otlp-snake-case.json", TraceFormat::OtlpJson, "Simple"),
        ("otlp-spec-file-exporter-example.jsonl", TraceFormat::OtlpJson, "operationA! operationB"),
        ("py-1832.txt", TraceFormat::Console, "bar"),
        ("py-otlp-messagetojson.json", TraceFormat::OtlpJson, "outer(inner)"),
        ("py-v0.json", TraceFormat::Console, TREE),
        ("py-v1_0.json", TraceFormat::Console, TREE),
        ("py-v1_11.json", TraceFormat::Console, TREE),
        ("py-with-metrics.txt", TraceFormat::Console, "a b"),
        ("rust-stdout-0.5.txt", TraceFormat::OtlpJson, "outer(bad!)"),
        ("tempo-batches.json", TraceFormat::OtlpJson, "span_from_bash!"),
        ("tempo-v1.pb", TraceFormat::OtlpProtobuf, SHOP),
        ("tempo-v2.json", TraceFormat::OtlpJson, SHOP),
        ("tempo-v2.pb", TraceFormat::OtlpProtobuf, SHOP),
        ("zipkin-v2.json", TraceFormat::Zipkin, "kong.request(kong.proxy)"),
        ("made/collector-zstd.json", TraceFormat::OtlpJson, "one(two)"),
        ("made/collector-zstd.pb", TraceFormat::OtlpProtobuf, TWICE),
        ("made/compose-colour.log", TraceFormat::Console, TREE),
        ("made/cri.log", TraceFormat::Console, TREE),
        ("made/docker-compose.log", TraceFormat::Console, "outer(bad! linked) outer(bad! linked)"),
        ("made/docker-json-file.log", TraceFormat::Console, TREE),
        ("made/es-hits.json", TraceFormat::Jaeger, "op"),
        ("made/java-jul.log", TraceFormat::OtlpJson, "testSpan1(testSpan2!)"),
        ("made/journald.log", TraceFormat::Console, TREE),
        ("made/js-otlp.json", TraceFormat::OtlpJson, TREE),
        ("made/js-otlp.pb", TraceFormat::OtlpProtobuf, TREE),
        ("made/js-zipkin.json", TraceFormat::Zipkin, TREE),
        ("made/kubectl-prefix.log", TraceFormat::Console, TREE),
        ("made/py-console-0.13b0.json", TraceFormat::Console, TREE),
        ("made/py-console-0.17b0.json", TraceFormat::Console, TREE),
        ("made/py-console-1.5.0.json", TraceFormat::Console, TREE),
        ("made/py-console-1.12.0.json", TraceFormat::Console, TREE),
        ("made/py-console-1.20.0.json", TraceFormat::Console, TREE),
        ("made/py-console-comma.txt", TraceFormat::Console, TREE),
        ("made/py-console-cut.txt", TraceFormat::Console, "bad! linked"),
        ("made/py-console-list.json", TraceFormat::Console, TREE),
        ("made/py-console-new.json", TraceFormat::Console, TREE),
        ("made/py-console-new.json.zst", TraceFormat::Console, TREE),
        ("made/py-noisy.txt", TraceFormat::Console, TREE),
        ("made/py-otlp-fixed.pb", TraceFormat::OtlpProtobuf, TWICE),
        ("made/py-otlp-grpc.pb", TraceFormat::OtlpProtobuf, TREE),
        ("made/py-otlp-json-1.11.1.json", TraceFormat::OtlpJson, TREE),
        ("made/py-otlp-json-snake.json", TraceFormat::OtlpJson, TREE),
        ("made/py-otlp-proto-1.11.1.pb", TraceFormat::OtlpProtobuf, TREE),
        ("made/py-otlp-proto.pb", TraceFormat::OtlpProtobuf, TREE),
        ("made/py-otlp-proto.pb.gz", TraceFormat::OtlpProtobuf, TREE),
        ("made/py-otlp-varint.pb", TraceFormat::OtlpProtobuf, TWICE),
        ("made/py-utf16be-nobom.json", TraceFormat::Console, TREE),
        ("made/py-utf16le.json", TraceFormat::Console, TREE),
        ("made/py-zipkin-1.11.1.json", TraceFormat::Zipkin, TREE),
        ("made/py-zipkin.json", TraceFormat::Zipkin, TREE),
        ("made/zipkin-js-lines.jsonl", TraceFormat::Zipkin, "? outer(bad!)"),
        ("made/zipkin-traces.json", TraceFormat::Zipkin, TREE),
    ] {
        if !is_built(name) {
            continue;
        }
        let reading = read(name).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((outline(&reading.trace).as_str(), &*reading.formats), (expected, &[format][..]), "{name}");
    }
}

#[test]
fn what_is_no_span_is_passed_over_and_told() {
    for (name, expected) in [
        (
            "collector-file-mixed-signals.jsonl",
            &[
                "passed over 1 object of metrics, on line 2: \"{\\\"resourceMetrics\\\":[{\\\"resource\\\":{},\\\"scopeMetrics\\\":[]}]}\"",
                "passed over 1 object of logs, on line 3: \"{\\\"resourceLogs\\\":[{\\\"resource\\\":{},\\\"scopeLogs\\\":[]}]}\"",
            ][..],
        ),
        ("py-1832.txt", &["passed over 1 line that is no span, on line 1: \"Hello world!\""]),
        ("made/docker-compose.log", &["passed over 14 lines that are no span, the first on line 6: \"GET / 200\""]),
        ("made/cri.log", &["passed over 1 line that is no span, on line 1: \"starting\""]),
        (
            "made/py-noisy.txt",
            &[
                "passed over 8 lines that are no span, the first on line 1: \"hello\"",
                "passed over 3 JSON objects that are no span, the first on line 44: \"{\\\"level\\\":\\\"info\\\",\\\"msg\\\":\\\"x\\\"}\"",
            ],
        ),
        ("made/py-console-new.json", &[]),
        ("collector-file.jsonl.gz", &[]),
    ] {
        if !is_built(name) {
            continue;
        }
        assert_eq!(read(name).unwrap().warnings(), expected, "{name}");
        let strict = ReadOptions::new().strict(true).read(path(name));
        assert_eq!(strict.is_ok(), expected.is_empty(), "{name}");
        if let Err(error) = strict {
            assert!(matches!(error.problem, ReadProblem::PassedOver(_)), "{error}");
        }
    }
    let metrics = read("py-with-metrics.txt").unwrap().passed_over;
    assert_eq!((metrics.len(), metrics[0].what, metrics[0].count, metrics[0].first.line), (1, NoSpan::Metrics, 2, 29));
    let cut = read("made/py-console-cut.txt").unwrap().passed_over;
    assert_eq!((cut.len(), cut[1].what, cut[1].first.line), (2, NoSpan::CutOff, 81));
}

#[test]
fn what_is_no_trace_is_refused_with_what_it_is_and_what_to_do() {
    for (name, expected) in [
        ("chrome.json", "trace events of Chrome or Perfetto; they do not say which span is whose child"),
        (
            "js-console.txt",
            "what Node's console exporter prints, which is no JSON; run the program with OTEL_TRACES_EXPORTER=otlp",
        ),
        ("made/js-console-new.txt", "what Node's console exporter prints"),
        ("made/html.html", "a web page (HTML); perhaps a login page"),
        ("made/services.json", "JSON that is no trace (its first key is \"data\")"),
        (
            "made/tempo-search.json",
            "the answer to a search in Tempo, which names traces and has no spans; ask for each trace",
        ),
        ("README.md", "expected a trace, found \"# Traces as others w\""),
    ] {
        let error = read(name).unwrap_err().to_string();
        assert!(
            error.contains(&format!("found {}", expected.trim_start_matches("expected a trace, found "))),
            "{error}"
        );
        assert!(error.ends_with("(read are console JSON, OTLP (JSON and protobuf), Jaeger, Zipkin, Go's stdouttrace and skyspan's own JSON, also compressed)"), "{error}");
    }
    for (bytes, expected) in [
        (&b"PK\x03\x04\0\0\0\0"[..], "a zip archive; unpack it first"),
        (b"\xff\xfe\0\0{\0\0\0\"\0\0\0a\0\0\0", "text in UTF-32; save it as UTF-8"),
        (b"BZh91AY&SY\0\0", "a file compressed by bzip2"),
        (b"\xfd7zXZ\0\0\0", "a file compressed by xz"),
        (b"PAR1\x15\0", "a Parquet file"),
        (b"\x0a\x05hello\0\xff\xff", "bytes that are neither text nor OTLP in protobuf"),
        (b"{'name': 'a'}", "values as Python prints them"),
        (b"start,stop\n1,2\n", "a table"),
        (b"- open_run\n- set: [motor, 1]\n", "a plan file; run it with `skyspan run`"),
        (b"[\"start\", {\"uid\": \"1\"}]\n", "documents of bluesky"),
        (b"{\"$schema\": \"https://www.speedscope.app/file-format-schema.json\"}", "a profile of speedscope"),
        (b"[{\"traceId\": \"1\", \"id\": \"2\", \"binaryAnnotations\": []}]", "Zipkin JSON of version 1"),
    ] {
        let error = Trace::read_from(bytes).unwrap_err();
        assert!(error.to_string().contains(&format!("found {expected}")), "{error}");
        assert!(matches!(error.problem, ReadProblem::Refused { .. }));
    }
}

#[test]
fn a_file_without_spans_is_an_error_unless_that_may_be() {
    for text in [
        "",
        " \n",
        "[]",
        "[[]]",
        r#"{"resourceSpans": []}"#,
        r#"{"data": null, "errors": [{"msg": "no"}]}"#,
        r#"{"trace": {}}"#,
    ] {
        let error = Trace::read_from(text.as_bytes()).unwrap_err();
        assert!(matches!(error.problem, ReadProblem::NoSpan { .. }), "{text}: {error}");
        assert!(ReadOptions::new().empty(true).read_from(text.as_bytes()).unwrap().trace.is_empty(), "{text}");
    }
    let error = read("made/metrics-only.jsonl").unwrap_err().to_string();
    assert!(error.contains("found no span: 1 object of metrics, on line 1"), "{error}");
    // What is no trace is none, with or without spans.
    assert!(ReadOptions::new().empty(true).read(path("made/html.html")).is_err());
    assert!(ReadOptions::new().empty(true).read_from(&b"{\"a\": 1}"[..]).is_err());
}

#[test]
fn a_file_that_is_cut_off_gives_what_is_before_the_cut_where_that_is_asked_for() {
    let name = "collector-file-truncated.jsonl";
    let error = read(name).unwrap_err();
    assert!(
        error.to_string().ends_with(
            "line 2, column 244: the file is cut off: what begins in line 2 has no end; the span before it can be had \
         (--up-to-cut, ReadOptions::up_to_cut)"
        ),
        "{error}"
    );
    let reading = ReadOptions::new().up_to_cut(true).read(path(name)).unwrap();
    assert_eq!(outline(&reading.trace), "one");
    assert_eq!(reading.cut.map(|cut| cut.to_string()).as_deref(), Some("line 2, column 244"));
    assert_eq!(reading.warnings(), ["the file is cut off at line 2, column 244: only the spans before it are there"]);
    // Every prefix of a file is cut off, or whole, or refused; it never has more than the file.
    for name in [
        "zipkin-v2.json",
        "jaeger-follows-from.json",
        "made/js-otlp.pb",
        "made/py-otlp-varint.pb",
        "made/collector-zstd.pb",
        "collector-file.jsonl.gz",
        "made/py-console-new.json.zst",
    ] {
        if !is_built(name) {
            continue;
        }
        let bytes = std::fs::read(path(name)).unwrap();
        let whole = Trace::read(path(name)).unwrap().len();
        for end in (0..bytes.len()).step_by(7) {
            let reading = ReadOptions::new().up_to_cut(true).read_from(&bytes[..end]);
            assert!(
                reading.is_ok_and(|reading| reading.trace.len() <= whole) || end < bytes.len(),
                "{name} up to {end}"
            );
            let strict = ReadOptions::new().strict(true).read_from(&bytes[..end]);
            if let Ok(reading) = strict {
                assert!(
                    name.contains("varint")
                        || name.ends_with("pb")
                        || reading.trace.len() == whole
                        || reading.cut.is_none(),
                    "{name} up to {end}"
                );
                assert!(reading.warnings().is_empty());
            }
        }
    }
}

#[test]
fn the_details_of_each_format_are_kept() {
    let of = |name: &str, span: &str| read(name).unwrap().trace.named(span).next().unwrap().span().clone();
    let service =
        |span: &Span| span.resource().attributes.get("service.name").and_then(Value::as_str).unwrap_or("").to_owned();

    let outer = of("py-v1_11.json", "outer");
    assert_eq!((service(&outer).as_str(), outer.kind()), ("beamline", SpanKind::Server));
    assert_eq!(outer.resource().attributes.get("telemetry.sdk.version"), Some(&"1.11.1".into()));
    let bad = of("py-v0.json", "bad");
    assert_eq!((bad.status(), bad.trace_state()), (&Status::error("ValueError: oh no"), ""));
    assert_eq!(of("py-v0.json", "linked").status(), &Status::Unset);

    let outer = of("rust-stdout-0.5.txt", "outer");
    assert_eq!((outer.attr("a"), outer.flags()), (Some(&from_json("[1, 2]").unwrap()), 1));
    let first = of("otlp-spec-file-exporter-example.jsonl", "operationA");
    assert_eq!((first.status(), first.events().len()), (&Status::error("status-cancelled"), 2));
    let second = of("otlp-spec-file-exporter-example.jsonl", "operationB");
    assert_eq!((second.links().len(), second.span_id(), second.parent_id()), (2, SpanId::INVALID, None));
    let inner = of("py-otlp-messagetojson.json", "inner");
    assert_eq!(inner.trace_id(), TraceId::from(0x1583_fcc5_00c2_8eea_da09_b2a4_7007_7a09_u128));
    assert_eq!((inner.links()[0].flags, inner.links()[0].span_id), (256, inner.parent_id().unwrap()));
    let span = of("java-otlp-logging.jsonl", "testSpan2");
    assert_eq!((span.start(), span.end()), (Timestamp::from_unix_ns(500), Some(Timestamp::from_unix_ns(1501))));
    assert_eq!((&*span.resource().schema_url, &*span.scope().unwrap().name), ("http://url", "instr"));
    assert_eq!(of("go-stdouttrace.json", "time.time").signed_duration_ns(), Some(7125));
    assert_eq!(service(&of("go-stdouttrace.json", "time.time")), "verb");
    let proxy = of("zipkin-v2.json", "kong.proxy");
    assert_eq!(
        (proxy.kind(), service(&proxy).as_str(), proxy.attr("peer.hostname")),
        (SpanKind::Client, "rewards", Some(&"".into()))
    );
    let op = of("made/es-hits.json", "op");
    assert_eq!((op.kind(), op.attr("http.status"), service(&op).as_str()), (SpanKind::Server, Some(&200.into()), "s"));
    let bad = of("made/py-zipkin.json", "bad");
    assert_eq!(
        (bad.status(), bad.events()[0].attributes.get("exception.type")),
        (&Status::error("ValueError: oh no"), Some(&"ValueError".into()))
    );
    assert!(!of("jaeger-v3-findtraces.json", "foobar").start_is_known());
}

#[test]
fn one_exporter_gives_one_trace_in_every_encoding() {
    let json = read("tempo-v2.json").unwrap().trace;
    for name in ["tempo-v1.pb", "tempo-v2.pb"] {
        if is_built(name) {
            assert_eq!(read(name).unwrap().trace.to_otlp_json(), json.to_otlp_json(), "{name}");
        }
    }
    for (name, other) in [
        ("made/py-utf16le.json", "made/py-console-new.json"),
        ("made/py-console-new.json.zst", "made/py-console-new.json"),
        ("made/py-otlp-proto.pb.gz", "made/py-otlp-proto.pb"),
        ("made/cri.log", "made/py-console-new.json"),
    ] {
        if is_built(name) {
            assert_eq!(read(name).unwrap().trace, read(other).unwrap().trace, "{name}");
        }
    }
}

#[test]
fn the_ids_of_a_file_have_one_spelling() {
    let span = |trace: &str, id: &str| format!(r#"{{"traceId": "{trace}", "spanId": "{id}", "name": "s"}}"#);
    let request =
        |spans: &[String]| format!(r#"{{"resourceSpans": [{{"scopeSpans": [{{"spans": [{}]}}]}}]}}"#, spans.join(", "));
    let base64 = span("AAAAAAAAAAABI0VniavN7w==", "AAAAAAAAEjQ=");
    let hexadecimal = span("00000000000000000123456789abcdef", "0000000000001234");
    let read = |text: &str| Trace::read_from(text.as_bytes());
    let ids =
        |trace: Trace| trace.spans().map(|span| (span.span().trace_id(), span.span().span_id())).collect::<Vec<_>>();
    let expected = vec![(TraceId::from(0x0123_4567_89ab_cdef_u128), SpanId::from(0x1234))];
    for text in [&base64, &hexadecimal, &span("AAAAAAAAAAABI0VniavN7w", "AAAAAAAAEjQ")] {
        assert_eq!(ids(read(&request(std::slice::from_ref(text))).unwrap()), expected);
    }
    let error = read(&request(&[hexadecimal.clone(), base64.clone()])).unwrap_err().to_string();
    assert!(
        error.contains("span 2 \"s\", traceId: expected 32 hexadecimal digits, as the ids before, found"),
        "{error}"
    );
    let error = read(&request(&[base64, hexadecimal])).unwrap_err().to_string();
    assert!(error.contains("expected 16 bytes in base64, as the ids before"), "{error}");
    // Hexadecimal digits that somebody has read as base64 are 24 bytes.
    let error =
        read(&request(&[span("d34d34d34d34d34d34d34d34d34d34d34d34d34d34d34d34", "0000000000001234")])).unwrap_err();
    assert!(error.to_string().contains("traceId: expected 32 hexadecimal digits"), "{error}");
}

/// A trace that has all there is.
fn full() -> Trace {
    let at = |us: u64| Timestamp::from_unix_ns(1_718_700_056_377_673_000 + us * 1000);
    let link = Link::new(1_u128, 1).with_trace_state("a=1").with_flags(257).with_attributes([("why", "because")]);
    let parent = Span::builder("order")
        .trace_id(1)
        .span_id(1)
        .kind(SpanKind::Server)
        .start(at(0))
        .end(at(90))
        .flags(257)
        .trace_state("k=v,l=w");
    let child = Span::builder("charge \"Größe\"")
        .trace_id(1)
        .span_id(2)
        .parent_id(1)
        .kind(SpanKind::Client)
        .start(at(5))
        .end(at(50));
    let child = child
        .status(Status::error("sold out"))
        .attribute("n", 5)
        .attribute("f", 5.0)
        .attribute("b", true)
        .attribute("s", "x");
    let event = skyspan_trace::trace::Event::new("paid", at(7)).with_attributes([("sum", 3)]);
    let resource = skyspan_trace::trace::Resource {
        attributes: [("service.name", "shop")].into_iter().collect(),
        schema_url: "".into(),
    };
    let root = Span::builder("job")
        .trace_id(1)
        .span_id(3)
        .kind(SpanKind::Consumer)
        .start(at(60))
        .end(at(61))
        .link(link)
        .status(Status::Ok);
    [parent, child.event(event), root].map(|span| span.resource(resource.clone()).build()).into_iter().collect()
}

#[test]
fn what_is_written_is_read_again() {
    let trace = full();
    assert_eq!(Trace::read_from(trace.to_otlp_json().as_bytes()).unwrap(), trace);
    assert_eq!(
        Trace::read_from(trace.to_console_json().as_bytes()).unwrap().to_console_json(),
        trace.to_console_json()
    );
    let jaeger = Trace::read_from(trace.to_jaeger_json().as_bytes()).unwrap();
    assert_eq!(jaeger.to_jaeger_json(), trace.to_jaeger_json());
    assert_eq!(outline(&jaeger), "order(charge_\"Größe\"!) job");
    assert_eq!(jaeger.named("job").next().unwrap().links().len(), 1, "a link is no parent");
    let zipkin = Trace::read_from(trace.to_zipkin_json().as_bytes()).unwrap();
    assert_eq!(zipkin.to_zipkin_json(), trace.to_zipkin_json());
    let charge = zipkin.named("charge \"Größe\"").next().unwrap();
    assert_eq!(
        (charge.status(), charge.events()[0].attributes.get("sum")),
        (&Status::error("sold out"), Some(&3.into()))
    );
    assert_eq!(
        trace.left_out(TraceFormat::Zipkin),
        ["links of 1 span", "flags of 1 span", "types of values (they are texts) of 1 span"]
    );
    assert_eq!(trace.left_out(TraceFormat::Jaeger), ["attributes and trace states of links of 1 span"]);
}

#[cfg(feature = "protobuf")]
#[test]
fn protobuf_is_read_again_as_json_is() {
    let traces = ["tempo-v2.json", "made/js-otlp.json", "made/py-otlp-proto.pb", "java-otlp-logging.jsonl"];
    for trace in traces.iter().map(|name| read(name).unwrap().trace).chain([full()]) {
        assert_eq!(Trace::read_from(trace.to_otlp_json().as_bytes()).unwrap(), trace);
        assert_eq!(Trace::read_from(&*trace.to_otlp_protobuf()).unwrap(), trace);
    }
    assert!(Trace::default().to_otlp_protobuf().is_empty());
    assert!(Trace::from_otlp_protobuf(&[]).unwrap().is_empty());
    // Libraries were what scopes are, in a field of its own.
    let old = Trace::from_otlp_protobuf(b"\x0a\x0c\xc2\x3e\x09\x12\x07\x2a\x03old\x30\x02").unwrap();
    assert_eq!(outline(&old), "old?");
    // Lists and maps lie as deep as a reader takes.
    let deep = (0..60).fold(Value::from(1), |value, _| Value::from_iter([value]));
    let trace = Trace::from_spans([Span::builder("deep").trace_id(1).span_id(1).attribute("v", deep).build()]);
    assert_eq!(Trace::from_otlp_protobuf(&trace.to_otlp_protobuf()).unwrap().len(), 1);
}

#[test]
fn what_was_null_stays_null_and_what_was_text_stays_text() {
    let ids = r#""context": {"trace_id": "0x00000000000000000000000000000001", "span_id": "0x0000000000000002", "trace_state": "[]"}"#;
    let written = Trace::from_console_json(&format!(
        r#"{{"name": "a", {ids}, "start_time": null, "end_time": "2024-06-18T08:40:56.377673Z"}}"#
    ))
    .unwrap();
    let span = written.spans().next().unwrap();
    assert_eq!((span.start_is_known(), span.duration()), (false, None));
    assert_eq!(written.defects()[0].to_string(), "\"a\" (0x0000000000000002): nobody says when it started");
    let json = written.to_console_json();
    assert!(json.contains("\"start_time\": null,"), "{json}");
    assert!(!written.draw().to_string().contains(" h"), "{}", written.draw());
    for text in ["1970-01-01T00:00:00.000000Z", "1970-01-01T00:00:00.000001Z"] {
        let again = json
            .replace("\"start_time\": null", &format!("\"start_time\": \"{text}\""))
            .replace("2024-06-18T08:40:56.377673Z", text);
        let trace = Trace::from_console_json(&again).unwrap();
        assert_eq!(trace.to_console_json(), again);
        assert!(trace.defects().is_empty());
        assert_eq!(Trace::from_otlp_json(&trace.to_otlp_json()).unwrap().to_console_json(), again);
    }
}

#[test]
fn limits_are_told() {
    let text = std::fs::read(path("made/py-console-new.json")).unwrap();
    let error = ReadOptions::new().size_max(100).read_from(&*text).unwrap_err();
    assert!(matches!(error.problem, ReadProblem::TooLarge { size_max: 100 }), "{error}");
    assert!(ReadOptions::new().size_max(text.len() as u64).read_from(&*text).is_ok());
    // So many bytes are meant after decompression.
    for name in ["made/py-console-new.json.zst", "made/collector-zstd.json", "collector-file.jsonl.gz"] {
        let error = ReadOptions::new().size_max(200).read(path(name)).unwrap_err();
        assert!(!is_built(name) || matches!(error.problem, ReadProblem::TooLarge { .. }), "{error}");
    }
    // Standard input that never ends.
    let error = ReadOptions::new().size_max(10_000_000).read_from(std::io::repeat(b'x')).unwrap_err();
    assert!(matches!(error.problem, ReadProblem::TooLarge { .. }), "{error}");
    let deep = format!("{{\"resourceSpans\": {}1{}}}", "[".repeat(600), "]".repeat(600));
    let error = Trace::read_from(deep.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("expected lists and maps at most 512 deep"), "{error}");
}

/// What the reader of pieces finds does not hang on where a piece ends.
#[test]
fn a_file_is_read_in_pieces() {
    let span = std::fs::read_to_string(path("made/py-console-1.20.0.json")).unwrap();
    let mut text = String::from("hello\n");
    while text.len() < 9 << 20 {
        text.push_str(&span);
        text.push_str("Größe\n");
    }
    let reading = ReadOptions::new().read_from(text.as_bytes()).unwrap();
    let times = text.matches("Größe").count();
    assert_eq!((reading.trace.len(), reading.passed_over[0].count), (3 * times, times + 1));
    let error =
        ReadOptions::new().read_from(format!("{text}{{\"name\": 5, \"context\": {{}}}}").as_bytes()).unwrap_err();
    assert_eq!(error.position().unwrap().line, text.lines().count() + 1);
}

#[test]
fn secrets_are_taken_out() {
    let span = Span::builder("GET https://me:hunter2@host/")
        .attribute("http.request.header.authorization", "Bearer 1")
        .attribute("msg.kwargs", r#"{"password": "hunter2", "n": 1}"#)
        .attribute("list", from_json(r#"[{"api_key": "hunter2", "b": ["Bearer hunter2hunter2"]}]"#).unwrap())
        .attribute("tokens", 5)
        .attribute("run", "hunter2 is a word")
        .status(Status::error("refused: token=hunter2, try again"))
        .event(skyspan_trace::trace::Event::new("e", Timestamp::EPOCH).with_attributes([("cookie", "hunter2")]))
        .build();
    let redacted = Trace::from_spans([span]).redacted(&Redaction::new().also("^run$").unwrap());
    let json = redacted.to_console_json();
    assert!(!json.contains("hunter2"), "{json}");
    let span = redacted.spans().next().unwrap();
    assert_eq!(span.name(), "GET https[redacted]host/");
    assert_eq!(span.attr("msg.kwargs"), Some(&r#"{"password": "[redacted]", "n": 1}"#.into()));
    assert_eq!(span.attr("tokens"), Some(&5.into()));
    assert_eq!(span.status(), &Status::error("refused: [redacted], try again"));
    assert!(Redaction::new().also("(").is_err());
    // What has no secret is as it was.
    let trace = read("tempo-v2.json").unwrap().trace;
    assert_eq!(trace.redacted(&Redaction::new()), trace);
}

#[test]
fn what_serde_makes_of_a_trace_is_read_as_the_same_trace() {
    let trace = Trace::read(path("../otlp/spans.json")).unwrap();
    assert!(trace.len() > 1);
    let reading = ReadOptions::new().strict(true).read_from(&*serde_json::to_vec(&trace).unwrap()).unwrap();
    assert_eq!(reading.formats, [TraceFormat::Skyspan]);
    // It has a NaN, which is not equal to itself.
    assert_eq!(format!("{:?}", reading.trace), format!("{trace:?}"));
    let error = Trace::read_from(&br#"{"version": 2, "spans": []}"#[..]).unwrap_err().to_string();
    assert!(error.contains("expected a trace as skyspan writes it (expected version 1, found 2"), "{error}");
}
