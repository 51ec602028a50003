//! What programs give and get by serde.

use opentelemetry::trace::SpanKind;
use proptest::collection::vec;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::json;
use skyspan_trace::expect::{Mutants, MutationKind, every, forest, json as json_text, one, span};
use skyspan_trace::trace::{Attributes, Defect, Event, Link, Resource, Scope, Span, Status, Trace};
use skyspan_trace::value::{IntoEntries, Map, NotInJson, Text, Timestamp, Value, from_json, to_json};

fn at(ns: u64) -> Timestamp {
    Timestamp::from_unix_ns(1_718_700_056_000_000_000 + ns)
}

/// A value as text, in which a NaN is a NaN, and `5` is not `5.0`.
fn shown(value: &Value) -> String {
    to_json(value)
}

#[test]
fn json_becomes_the_same_value() {
    let cases = [
        (json!(null), "null"),
        (json!(true), "true"),
        (json!(5), "5"),
        (json!(5.0), "5.0"),
        (json!(-0.0), "-0.0"),
        (json!(u64::MAX), "18446744073709551615"),
        (json!(i64::MIN), "-9223372036854775808"),
        (json!("text"), r#""text""#),
        (json!("NaN"), "NaN"),
        (json!("Infinity"), "Infinity"),
        (json!(["-Infinity"]), "[-Infinity]"),
        (json!("nan"), r#""nan""#),
        (json!("+Infinity"), r#""+Infinity""#),
        (json!({"b": [1, {"a": null}], "a": 2.5}), r#"{"a": 2.5, "b": [1, {"a": null}]}"#),
        // A value of ours within json! is what it is.
        (
            json!({"x": Value::from(f64::NAN), "y": Value::from(u128::MAX)}),
            &format!(r#"{{"x": NaN, "y": "{}"}}"#, u128::MAX),
        ),
    ];
    for (json, expected) in cases {
        assert_eq!(shown(&Value::from(json.clone())), expected, "From {json}");
        let read: Value = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(shown(&read), expected, "Deserialize from {json}");
        let read: Value = serde_json::from_str(&json.to_string()).unwrap();
        assert_eq!(shown(&read), expected, "Deserialize from the text {json}");
    }
}

#[test]
fn a_value_never_becomes_null_for_want_of_a_number() {
    let ordered = Map::from_iter([
        ("z", Value::from(f64::NAN)),
        ("y", f64::INFINITY.into()),
        ("x", f64::NEG_INFINITY.into()),
        ("w", u64::MAX.into()),
        ("v", i128::MAX.into()),
        ("u", 5.0.into()),
        ("t", ().into()),
    ]);
    let text = serde_json::to_string(&ordered).unwrap();
    let expected = concat!(
        r#"{"z":"NaN","y":"Infinity","x":"-Infinity","w":18446744073709551615,"#,
        r#""v":"170141183460469231731687303715884105727","u":5.0,"t":null}"#
    );
    assert_eq!(text, expected, "in the order of the map");
}

#[test]
fn what_json_lacks_is_refused_with_its_place() {
    let digits = Text::from(i128::MAX.to_string());
    let cases: Vec<(Value, Option<&str>, NotInJson)> = vec![
        (f64::INFINITY.into(), None, NotInJson::NotFinite(f64::INFINITY)),
        (
            from_json(r#"{"readings": [1, 2, {"target": -Infinity}]}"#).unwrap(),
            Some("readings[2].target"),
            NotInJson::NotFinite(f64::NEG_INFINITY),
        ),
        (vec![Value::from(1), i128::MAX.into()].into(), Some("[1]"), NotInJson::BigInt(digits)),
        (from_json(r#"{"sample": "NaN"}"#).unwrap(), Some("sample"), NotInJson::FloatInWords("NaN".into())),
    ];
    for (value, path, problem) in cases {
        let error = serde_json::Value::try_from(&value).unwrap_err();
        assert_eq!((error.path.as_deref(), &error.problem), (path, &problem), "{value}");
        assert!(error.to_string().contains("serde_json::to_value"), "says what to do: {error}");
        serde_json::to_value(&value).expect("never fails");
    }
    assert_eq!(
        serde_json::Value::try_from(Value::from([1.0, f64::NAN])).unwrap_err().to_string(),
        "[1]: expected what JSON has, found the float NaN; serde_json::to_value writes it as a string, and to_json as \
         Python does"
    );
}

#[test]
fn a_type_of_ones_own_is_read_from_a_value() {
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Mode {
        Fly,
        Step { dwell_s: f64 },
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Plan {
        name: String,
        modes: Vec<Mode>,
        limit: Option<f64>,
        points: u64,
    }
    let value = from_json(
        r#"{"name": "a", "modes": ["fly", {"step": {"dwell_s": NaN}}], "limit": null, "points": 18446744073709551615}"#,
    )
    .unwrap();
    let plan = Plan::deserialize(value).unwrap();
    assert_eq!((plan.name.as_str(), plan.limit, plan.points), ("a", None, u64::MAX));
    assert!(matches!(plan.modes[..], [Mode::Fly, Mode::Step { dwell_s }] if dwell_s.is_nan()), "{plan:?}");
    let error = Vec::<Mode>::deserialize(Value::from([5])).unwrap_err().to_string();
    assert!(error.contains("an integer") && error.contains("fly, step"), "{error}");
}

#[test]
fn json_is_taken_for_attributes_resources_and_expectations() {
    let moved = Span::builder("set")
        .attributes(json!({"device": "motor", "target": 5, "offset": "NaN", "limits": [0.5, "Infinity"]}))
        .attribute("axis", json!({"name": "x", "unit": "mm"}))
        .event(Event::new("stalled", at(0)).with_attributes(json!({"position": 2.5})))
        .link(Link::new(1, 1).with_attributes([("why", "it caused it")]))
        .resource(Resource::new(json!({"service.name": "shop"})))
        .build();
    let trace = Trace::from_spans([moved]);
    let set = || every(span("set"));
    trace.assert(set().attr("target", json!(5)));
    trace.assert(set().attr("offset", f64::NAN));
    trace.assert(set().attr("offset", json!("NaN")));
    trace.assert(set().attr("limits", json!([0.5, "Infinity"])));
    trace.assert(set().resource("service.name", json!("shop")));
}

#[test]
fn the_order_of_keys_does_not_matter_to_an_expectation() {
    let text = r#"{"unit": "mm", "name": "x", "at": {"b": 1, "a": 2}}"#;
    let map = from_json(text).unwrap();
    let trace = Trace::from_spans([Span::builder("set").attribute("axis", map).attribute("text", text).build()]);
    let axis = json!({"name": "x", "unit": "mm", "at": {"a": 2, "b": 1}});
    trace.assert(one(span("set").attr("axis", axis.clone())));
    trace.assert(forest([span("set").attr("axis", axis.clone())]));
    trace.assert(every(span("set")).attr("text", json_text().is(axis)));
    for other in [json!({"name": "x", "unit": "mm"}), json!({"name": "x", "unit": "mm", "at": {"a": 2, "b": 1.0}})] {
        assert!(trace.check(one(span("set").attr("axis", other.clone()))).is_err(), "{other}");
    }
}

#[test]
#[should_panic(expected = r#"expected a JSON object, as json!({"key": 5}), found [5]"#)]
fn attributes_that_are_no_object_are_a_mistake_of_the_program() {
    let _ = Span::builder("set").attributes(json!([5]));
}

#[test]
fn entries_come_in_whatever_form_and_keep_their_order() {
    let keys = |entries: Vec<(Text, Value)>| entries.into_iter().map(|(key, _)| key.to_string()).collect::<Vec<_>>();
    let map = Map::from_iter([("b", 1), ("a", 2)]);
    assert_eq!(keys([("b", 1), ("a", 2)].into_entries()), ["b", "a"]);
    assert_eq!(keys(vec![("b", 1), ("a", 2)].into_entries()), ["b", "a"]);
    assert_eq!(keys([("b", 1), ("a", 2)].as_slice().into_entries()), ["b", "a"]);
    assert_eq!(keys((&map).into_entries()), ["b", "a"]);
    assert_eq!(keys(map.into_entries()), ["b", "a"]);
    assert_eq!(keys(Attributes::from_iter([("b", 1), ("a", 2)]).into_entries()), ["b", "a"]);
    assert_eq!(keys(json!({"b": 1, "a": 2}).into_entries()), ["a", "b"]);
    assert_eq!(keys(std::collections::HashMap::from([("b", 1), ("a", 2)]).into_entries()), ["a", "b"]);
    assert_eq!(keys(std::collections::BTreeMap::from([("b", 1), ("a", 2)]).into_entries()), ["a", "b"]);
}

/// A trace with all that a span can have.
fn rich() -> Trace {
    let attributes = || Attributes::from_iter([("z", Value::from(f64::NAN)), ("a", 5.into()), ("b", 5.0.into())]);
    let lib = Scope { name: "lib".into(), version: Some("1.2".into()), ..Scope::default() };
    Trace::from_spans([
        Span::builder("request")
            .trace_id(1)
            .span_id(2)
            .kind(SpanKind::Server)
            .status(Status::error("beam lost"))
            .start(at(0))
            .end(at(1_500_000_001))
            .attributes(attributes())
            .event(Event::new("retry", at(9)).with_attributes(json!({"after_s": "Infinity"})))
            .link(Link::new(7, 8).with_trace_state("a=b").with_attributes(json!({"why": "cause"})))
            .flags(257)
            .trace_state("vendor=1")
            .dropped(1, 2, 0)
            .resource(Resource {
                schema_url: "https://example.org".into(),
                ..Resource::new(json!({"service.name": "shop"}))
            })
            .scope(lib)
            .build(),
        Span::builder("open").trace_id(1).span_id(3).parent_id(2).start(at(1)).status(Status::Ok).build(),
        Span::builder("backwards").trace_id(1).span_id(4).parent_id(2).start(at(5)).end(at(2)).build(),
    ])
}

#[test]
fn a_trace_is_snapshotted_with_redactions() {
    insta::assert_json_snapshot!(rich(), {
        ".spans[].trace_id" => "[trace id]",
        ".spans[].links[].span_id" => "[span id]",
        ".spans[].start" => "[time]",
        ".spans[].end" => "[time]",
    }, @r#"
    {
      "version": 1,
      "spans": [
        {
          "name": "request",
          "trace_id": "[trace id]",
          "span_id": "0x0000000000000002",
          "parent_id": null,
          "kind": "SERVER",
          "status": {
            "code": "ERROR",
            "description": "beam lost"
          },
          "start": "[time]",
          "end": "[time]",
          "duration_ns": 1500000001,
          "attributes": {
            "z": "NaN",
            "a": 5,
            "b": 5.0
          },
          "events": [
            {
              "name": "retry",
              "timestamp": "2024-06-18T08:40:56.000000009Z",
              "attributes": {
                "after_s": "Infinity"
              }
            }
          ],
          "links": [
            {
              "trace_id": "0x00000000000000000000000000000007",
              "span_id": "[span id]",
              "trace_state": "a=b",
              "attributes": {
                "why": "cause"
              }
            }
          ],
          "flags": 257,
          "trace_state": "vendor=1",
          "dropped_attributes": 1,
          "dropped_events": 2,
          "scope": {
            "name": "lib",
            "version": "1.2"
          },
          "resource": {
            "attributes": {
              "service.name": "shop"
            },
            "schema_url": "https://example.org"
          }
        },
        {
          "name": "open",
          "trace_id": "[trace id]",
          "span_id": "0x0000000000000003",
          "parent_id": "0x0000000000000002",
          "kind": "INTERNAL",
          "status": {
            "code": "OK"
          },
          "start": "[time]",
          "end": "[time]",
          "duration_ns": null,
          "attributes": {}
        },
        {
          "name": "backwards",
          "trace_id": "[trace id]",
          "span_id": "0x0000000000000004",
          "parent_id": "0x0000000000000002",
          "kind": "INTERNAL",
          "status": {
            "code": "UNSET"
          },
          "start": "[time]",
          "end": "[time]",
          "duration_ns": -3,
          "attributes": {}
        }
      ]
    }
    "#);
}

#[test]
fn a_trace_comes_back_as_it_was() {
    let text = serde_json::to_string(&rich()).unwrap();
    let again: Trace = serde_json::from_str(&text).unwrap();
    // A NaN is not equal to itself, but looks so.
    assert_eq!(format!("{again:?}"), format!("{:?}", rich()));
    assert_eq!(serde_json::to_string(&again).unwrap(), text);
    let of_value: Trace = serde_json::from_value(serde_json::to_value(rich()).unwrap()).unwrap();
    assert_eq!(of_value.tree_text().to_string().lines().count(), again.tree_text().to_string().lines().count());
    let one = serde_json::to_string(&rich().spans().next()).unwrap();
    let span: Span = serde_json::from_str(&one).unwrap();
    assert_eq!(format!("{span:?}"), format!("{:?}", rich().spans().next().unwrap().span()));
}

#[test]
fn spans_that_start_together_keep_their_order() {
    use opentelemetry::trace::{Tracer as _, TracerProvider as _};
    let capture = skyspan_trace::trace::Capture::new();
    let tracer = capture.provider().tracer("app");
    let time = std::time::SystemTime::UNIX_EPOCH;
    let start = |name: &'static str| tracer.span_builder(name).with_start_time(time).start(&tracer);
    // They end in another order than they start.
    let (first, second) = (start("first"), start("second"));
    drop(second);
    drop(first);
    let trace = capture.trace();
    let names = |trace: &Trace| trace.roots().map(|root| root.name().to_owned()).collect::<Vec<_>>();
    let again: Trace = serde_json::from_str(&serde_json::to_string(&trace).unwrap()).unwrap();
    assert_eq!(names(&again), ["first", "second"]);
    assert_eq!(again, trace);
}

#[test]
fn a_span_needs_little_and_may_have_more() {
    let little = json!({
        "name": "set", "trace_id": "00000000000000000000000000000001", "span_id": "0x0000000000000002",
        "start": "2024-06-18T10:40:56+02:00", "parent_id": "0000000000000000", "of a later version": 5,
    });
    let span: Span = serde_json::from_value(little).unwrap();
    let expected = Span::builder("set").trace_id(1).span_id(2).start("2024-06-18T08:40:56Z".parse().unwrap()).build();
    assert_eq!(span, expected);
}

#[test]
fn what_is_no_trace_is_refused_in_words() {
    let base = || json!({"name": "a", "trace_id": format!("{:032}", 1), "span_id": format!("{:016}", 1), "start": "2024-06-18T08:40:56Z"});
    let with = |key: &str, value: serde_json::Value| {
        let mut span = base();
        span[key] = value;
        json!({"version": 1, "spans": [span]})
    };
    let cases = [
        (json!({"version": 2, "spans": []}), "expected version 1, found 2"),
        (json!({"spans": []}), "missing field `version`"),
        (json!([]), "a trace"),
        (with("span_id", json!("0x12")), r#"expected a span id, "0x" and 16 hexadecimal digits, found "0x12""#),
        (with("trace_id", json!("0x+0000000000000000000000000000001")), "expected a trace id"),
        (
            with("kind", json!("Server")),
            r#"expected a span kind (INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER, UNSPECIFIED), found "Server""#,
        ),
        (with("start", json!("yesterday")), "expected a time since 1970 such as"),
        (with("start", json!(5)), "expected a string"),
        (with("status", json!({"code": "Error"})), "unknown variant `Error`"),
        (with("attributes", json!([])), "expected a map of attributes"),
    ];
    serde_json::from_value::<Trace>(with("kind", json!("SERVER"))).expect("a trace");
    let unspecified: Trace = serde_json::from_value(with("kind", json!("UNSPECIFIED"))).expect("a trace");
    assert!(!unspecified.spans().next().expect("a span").span().kind_is_known());
    assert_eq!(serde_json::to_value(&unspecified).expect("JSON")["spans"][0]["kind"], "UNSPECIFIED");
    for (json, expected) in cases {
        let error = serde_json::from_value::<Trace>(json.clone()).unwrap_err().to_string();
        assert!(error.contains(expected), "{json}: {error}");
    }
    let deep = "[".repeat(100_000);
    assert!(serde_json::from_str::<Value>(&deep).unwrap_err().to_string().contains("recursion limit"));
}

#[test]
fn defects_are_told_to_programs() {
    let spans = [
        Span::builder("orphan").trace_id(1).span_id(2).parent_id(9).end(at(0)).build(),
        Span::builder("late").trace_id(1).span_id(3).start(Timestamp::MAX).end(Timestamp::EPOCH).build(),
    ];
    let defects = Trace::from_spans(spans).defects();
    let (trace_id, id) = (format!("0x{:032}", 1), |id: u64| format!("0x{id:016x}"));
    let json = serde_json::to_value(&defects).unwrap();
    assert_eq!(
        json,
        json!([
            {"kind": "orphan", "span": {"name": "orphan", "trace_id": trace_id, "span_id": id(2)}, "parent_id": id(9)},
            {
                "kind": "negative_duration",
                "span": {"name": "late", "trace_id": trace_id, "span_id": id(3)},
                // Beyond 64 bits.
                "duration_ns": "-18446744073709551615",
            },
        ])
    );
    assert_eq!(serde_json::from_value::<Vec<Defect>>(json).unwrap(), defects);
}

#[test]
fn a_mismatch_begins_with_its_version_and_has_no_null_for_nan() {
    let trace = Trace::from_spans([Span::builder("set").attribute("target", f64::NAN).build()]);
    let mismatch = trace.check(every(span("set")).attr("target", json!("Infinity"))).unwrap_err();
    let text = serde_json::to_string(&mismatch).unwrap();
    assert!(text.starts_with(r#"{"version":1,"headline":"#), "{text}");
    let difference = &serde_json::to_value(&mismatch).unwrap()["failures"][0]["differences"][0];
    assert_eq!((&difference["expected_value"], &difference["found_value"]), (&json!("Infinity"), &json!("NaN")));
}

#[test]
fn strength_is_told_to_programs() {
    let mutants = Mutants::of(&rich()).only([MutationKind::Changed, MutationKind::EventDropped]);
    let strength = mutants.check(&span("request").attr("a", 5)).unwrap();
    let json = serde_json::to_value(&strength).unwrap();
    assert_eq!(json["kinds"]["event_dropped"], json!({"noticed": 0, "made": 1}));
    assert_eq!(json["noticed"], json!(strength.score().noticed));
    let survivors = json["survivors"].as_array().unwrap();
    assert_eq!(survivors.len(), strength.survivors().len());
    assert!(survivors.iter().any(|survivor| survivor["kind"] == "changed" && survivor["key"] == "b"), "{json}");
}

fn texts() -> impl Strategy<Value = String> {
    // The three that stand for floats come back as those.
    let is_a_word = |text: &String| matches!(text.as_str(), "NaN" | "Infinity" | "-Infinity");
    any::<String>().prop_filter("a word for a float", move |text| !is_a_word(text))
}

fn values() -> impl Strategy<Value = Value> {
    let floats = prop_oneof![any::<f64>(), Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY), Just(-0.0)];
    let leaves = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        floats.prop_map(Value::from),
        texts().prop_map(Value::from),
    ];
    leaves.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((any::<String>(), inner), 0..6).prop_map(|entries| entries.into_iter().collect::<Map>().into()),
        ]
    })
}

fn attributes() -> impl Strategy<Value = Attributes> {
    vec((any::<String>(), values()), 0..4).prop_map(Attributes::from_iter)
}

prop_compose! {
    fn spans()(
        name in any::<String>(),
        ids in (any::<u128>(), any::<u64>(), any::<u64>()),
        kind in prop_oneof![
            Just(SpanKind::Internal), Just(SpanKind::Server), Just(SpanKind::Client), Just(SpanKind::Producer),
            Just(SpanKind::Consumer)
        ],
        status in prop_oneof![Just(Status::Unset), Just(Status::Ok), any::<String>().prop_map(Status::error)],
        (start, end) in (any::<Option<u64>>(), any::<Option<u64>>()),
        attributes in attributes(),
        events in vec((any::<String>(), any::<u64>(), attributes()), 0..3),
        links in vec((any::<u128>(), any::<u64>(), any::<String>(), attributes()), 0..3),
        (state, flags, dropped) in (any::<String>(), any::<u32>(), any::<(u32, u32, u32)>()),
        (resource, schema_url) in (attributes(), any::<String>()),
        scope in any::<Option<(String, Option<String>)>>(),
    ) -> Span {
        let resource = Resource { schema_url: schema_url.into(), ..Resource::new(resource) };
        let mut span = Span::builder(name).trace_id(ids.0).span_id(ids.1).parent_id(ids.2).kind(kind).status(status);
        span = span.attributes(attributes).resource(resource).trace_state(state).flags(flags);
        span = match start {
            Some(start) => span.start(Timestamp::from_unix_ns(start)),
            None => span.unknown_start(),
        };
        span = span.dropped(dropped.0, dropped.1, dropped.2);
        for (name, time, attributes) in events {
            span = span.event(Event::new(name, Timestamp::from_unix_ns(time)).with_attributes(attributes));
        }
        for (trace_id, span_id, state, attributes) in links {
            span = span.link(Link::new(trace_id, span_id).with_trace_state(state).with_flags(flags).with_attributes(attributes));
        }
        if let Some(end) = end {
            span = span.end(Timestamp::from_unix_ns(end));
        }
        if let Some((name, version)) = scope {
            span = span.scope(Scope { name: name.into(), version: version.map(Text::from), ..Scope::default() });
        }
        span.build()
    }
}

proptest! {
    #[test]
    fn every_value_comes_back(value in values()) {
        let text = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(shown(&serde_json::from_str(&text).unwrap()), shown(&value), "{}", text);
        let of_value = Value::deserialize(value.clone()).unwrap();
        prop_assert_eq!(shown(&of_value), shown(&value));
    }

    /// `serde_json::Value` sorts keys, and so does a second conversion no more.
    #[test]
    fn what_serde_json_holds_comes_back_but_for_the_order_of_keys(value in values()) {
        let written = serde_json::to_value(&value).unwrap();
        let read = Value::from(written.clone());
        prop_assert_eq!(serde_json::to_value(&read).unwrap(), written.clone());
        prop_assert_eq!(shown(&serde_json::from_value(written.clone()).unwrap()), shown(&read));
        match serde_json::Value::try_from(&value) {
            Ok(plain) => prop_assert_eq!(plain, written),
            Err(error) => prop_assert!(matches!(error.problem, NotInJson::NotFinite(_)), "{error}"),
        }
    }

    #[test]
    fn every_span_comes_back(spans in vec(spans(), 0..4)) {
        let trace = Trace::from_spans(spans);
        let text = serde_json::to_string(&trace).unwrap();
        let again: Trace = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(format!("{:?}", &again), format!("{:?}", &trace));
        prop_assert_eq!(serde_json::to_string(&again).unwrap(), text);
        serde_json::to_value(&trace).unwrap();
    }

    #[test]
    fn every_time_comes_back_and_sorts_as_its_text(a in any::<u64>(), b in any::<u64>()) {
        let text = |ns| serde_json::to_string(&Timestamp::from_unix_ns(ns)).unwrap();
        prop_assert_eq!(serde_json::from_str::<Timestamp>(&text(a)).unwrap().unix_ns(), a);
        prop_assert_eq!(text(a).cmp(&text(b)), a.cmp(&b));
    }
}
