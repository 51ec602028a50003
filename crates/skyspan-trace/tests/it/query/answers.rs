//! What an answer tells, to people and to programs.

use std::time::Duration;

use serde_json::json;
use skyspan_trace::query::{Query, QueryHint, QueryProblem, TimeRange};
use skyspan_trace::trace::{Event, Resource, Span, SpanBuilder, Status, Trace};
use skyspan_trace::value::{Timestamp, Value};

fn at(ms: u64) -> Timestamp {
    Timestamp::from_unix_ns(ms * 1_000_000)
}

fn made(trace_id: u128, id: u64, name: &str) -> SpanBuilder {
    Span::builder(name).trace_id(trace_id).span_id(id).start(at(id)).end(at(id + 10))
}

fn ids(trace: &Trace, query: &str) -> Vec<u64> {
    let answer = trace.query(query).unwrap_or_else(|error| panic!("{error}"));
    answer.spans().map(|span| u64::from_be_bytes(span.span_id().to_bytes())).collect()
}

#[test]
fn operators_that_bind_alike_are_told_where_that_changes_the_answer() {
    let trace = Trace::from_spans([1, 2, 3].map(|id| made(1, id, "set").attribute("n", id).build()));
    let hint = |query: &str| trace.query(query).unwrap().hints().to_vec();
    let told = hint("{ .n = 1 || .n = 2 && .n = 2 }");
    assert_eq!(told, [QueryHint::BindAlike { spans: 1, and_tighter: 2 }]);
    assert!(told[0].to_string().contains("1 spans are found, and 2 would be"), "{}", told[0]);
    // The same the other way round, with brackets, or where it makes no difference.
    for query in
        ["{ .n = 1 && .n = 2 || .n = 2 }", "{ (.n = 1 || .n = 2) && .n = 2 }", "{ .n = 1 || .n = 3 && .n > 0 }"]
    {
        assert_eq!(hint(query), [], "{query}");
    }
    assert_eq!(hint("{ .n = 1 } || { .n = 2 } && { .n = 7 }"), [QueryHint::BindAlike { spans: 0, and_tighter: 1 }]);
}

#[test]
fn counting_where_each_span_is_a_trace_of_its_own_is_told() {
    let trace = Trace::from_spans((1..=6).map(|id| made(id.into(), id, if id < 6 { "wait" } else { "set" }).build()));
    let answer = trace.query("{ name = `wait` } | count() > 3").unwrap();
    assert!(answer.is_empty());
    assert_eq!(answer.hints(), [QueryHint::OneSpanTraces { traces: 6, of_one_span: 6, selected: 5 }]);
    for query in ["{ name = `wait` } > { }", "{ name = `wait` } && { name = `set` }"] {
        assert_eq!(trace.query(query).unwrap().hints().len(), 1, "{query}");
    }
    // Not where something was found, where nothing is counted, or where the first selection finds nothing anyway.
    for query in ["{} | count() > 0", "{ name = `nothing` }", "{ name = `nothing` } | count() > 3"] {
        assert_eq!(trace.query(query).unwrap().hints(), [], "{query}");
    }
}

#[test]
fn json_has_values_as_otlp_has_them_and_hints() {
    let resource = Resource { attributes: [("service.name", "shop")].into_iter().collect(), ..Resource::default() };
    let list = Value::from([1, 2]);
    let trace = Trace::from_spans([
        made(1, 1, "root").resource(resource).attribute("list", list).attribute("x", f64::INFINITY).build(),
        made(1, 2, "leaf").parent_id(1).attribute("x", 2.5).build(),
    ]);
    let answer = trace.query("{ .x > 0.0 || .x > 1.0 && name != `none` } | by(.list) | select(.list, .x)").unwrap();
    assert_eq!(
        serde_json::to_value(&answer).unwrap()["traces"][0]["spanSets"],
        json!([
            {
                "spans": ["0000000000000001"],
                "attributes": [["by(.list)", {"arrayValue": {"values": [{"intValue": "1"}, {"intValue": "2"}]}}]],
                "spanAttributes": {"0000000000000001": [
                    ["list", {"arrayValue": {"values": [{"intValue": "1"}, {"intValue": "2"}]}}],
                    ["name", {"stringValue": "root"}],
                    ["x", {"doubleValue": "Infinity"}],
                ]},
            },
            {
                "spans": ["0000000000000002"],
                "attributes": [["by(.list)", {"stringValue": "nil"}]],
                "spanAttributes": {"0000000000000002": [["name", {"stringValue": "leaf"}], ["x", {"doubleValue": 2.5}]]},
            },
        ])
    );
    let empty = serde_json::to_string(&Trace::default().query("{}").unwrap()).unwrap();
    assert_eq!(empty, r#"{"version":1,"traces":[]}"#);
    let none = serde_json::to_value(trace.query("{ .x = 1.0 || .x = 2.5 && name = `none` }").unwrap()).unwrap();
    assert_eq!(none["traces"], json!([]));
    assert_eq!(none["hints"].as_array().map(Vec::len), None, "both ways nothing is found");
}

#[test]
fn a_table_shows_sets_spans_and_what_was_selected() {
    let trace = Trace::from_spans([
        made(1, 1, "plan\nwith a line").build(),
        made(1, 2, "set").parent_id(1).attribute("target", 5).status(Status::error("stalled")).build(),
        Span::builder("wait").trace_id(1).span_id(3).start(at(3)).parent_id(1).build(),
    ]);
    let answer = trace.query("{} | by(status) | select(.target)").unwrap();
    assert_eq!(
        answer.to_string(),
        "\
trace 00000000000000000000000000000001  plan\\nwith a line  11 ms
  by(status) = unset
  span              name               duration  status  .target
  0000000000000001  plan\\nwith a line  10 ms     unset   -
  0000000000000003  wait               open      unset   -
  by(status) = error
  span              name  duration  status  .target
  0000000000000002  set   10 ms     error   5

3 spans in 1 trace
"
    );
    assert_eq!(Trace::default().query("{}").unwrap().to_string(), "0 spans in 0 traces\n");
}

#[test]
fn open_spans_have_no_duration_and_those_that_end_before_they_start_a_negative_one() {
    let trace = Trace::from_spans([
        Span::builder("open").trace_id(1).span_id(1).start(at(5)).build(),
        Span::builder("backwards").trace_id(1).span_id(2).start(at(5)).end(at(3)).build(),
    ]);
    assert_eq!(ids(&trace, "{ duration >= 0s }"), [] as [u64; 0]);
    assert_eq!(ids(&trace, "{ duration != 1s }"), [2]);
    assert_eq!(ids(&trace, "{ duration < 0s }"), [2]);
    assert_eq!(ids(&trace, "{ duration = nil || name = `open` }".replace("duration = nil || ", "").as_str()), [1]);
}

#[test]
fn a_kind_that_nobody_said_is_unspecified_and_stays_so() {
    let trace = Trace::from_spans([made(1, 1, "a").build(), made(1, 2, "b").kind_unknown().build()]);
    let read = Trace::from_otlp_json(&trace.to_otlp_json()).unwrap();
    for trace in [&trace, &read] {
        assert_eq!(ids(trace, "{ kind = unspecified }"), [2]);
        assert_eq!(ids(trace, "{ kind = internal }"), [1]);
    }
    assert_eq!(read.to_otlp_json(), trace.to_otlp_json());
}

#[test]
fn suspects_of_tempo_are_answered_as_the_language_means_them() {
    let event = Event::new("e", at(1));
    let spans = [
        made(1, 1, "a").attribute("i", 2).attribute("flag", false).event(event).build(),
        made(1, 2, "b").parent_id(1).attribute("i", 3).attribute("flag", true).attribute("text", "x").build(),
        made(1, 3, "c").parent_id(2).build(),
        made(0x0123, 4, "zeros").build(),
    ];
    let trace = Trace::from_spans(spans);
    // negated-condition
    assert_eq!(ids(&trace, "{ !(.i = 2) }"), [2, 3, 4]);
    // literal-left
    assert_eq!(ids(&trace, "{ 2 < .i }"), [2]);
    // or-constant
    assert_eq!(ids(&trace, "{ .i = 2 || true }"), [1, 2, 3, 4]);
    // int-power
    assert_eq!(ids(&trace, "{ .i ^ 2 = 9 }"), [2]);
    // unscoped-nil
    assert_eq!(ids(&trace, "{ .i = nil }"), [3, 4]);
    // union-lost
    assert_eq!(ids(&trace, "{ name = `a` } &>> { name = `c` }"), [1, 3]);
    // zeros-id
    assert_eq!(ids(&trace, "{ span:id = `0000000000000004` }"), [4]);
    // or-missing
    assert_eq!(ids(&trace, "{ .text || .flag }"), [2]);
    // sum-nan
    let range = TimeRange::new(at(0), at(1_000), Duration::from_secs(1));
    let sum: Query = "{} | sum_over_time(.i)".parse().unwrap();
    assert_eq!(sum.answer_over(&trace, range).unwrap().series()[0].samples()[0].value, 5.0);
    // regex-mixed
    let mixed = Trace::from_spans([
        made(1, 1, "a").attribute("v", Value::from(["x", "y"])).build(),
        made(1, 2, "b").attribute("v", "x").build(),
    ]);
    assert_eq!(ids(&mixed, "{ .v =~ `x` }"), [1, 2]);
}

#[test]
fn a_value_that_cannot_be_asked_so_is_told_with_place_and_span() {
    let trace =
        Trace::from_spans([made(1, 1, "set").attribute("i", 0).build(), made(1, 2, "set").attribute("i", 5).build()]);
    let error = trace.query("{ name = `set` && 10 / .i = 2 }").unwrap_err();
    assert_eq!((error.problem, error.position.column), (QueryProblem::Data, 22));
    assert_eq!(error.span.map(|span| span.span_id), Some(1.into()));
    assert_eq!(ids(&trace, "{ .i != 0 && 10 / .i = 2 }"), [2]);
}

#[test]
fn series_have_limits() {
    let trace = Trace::from_spans((1..=1_000).map(|id| made(1, id, "set").attribute("i", id).build()));
    let ask = |text: &str, range: TimeRange| {
        let query: Query = text.parse().unwrap();
        query.answer_over(&trace, range).map(|answer| answer.series().len()).map_err(|error| error.problem)
    };
    let steps = |ms: u64| TimeRange::new(at(0), at(100_000), Duration::from_millis(ms));
    assert_eq!(ask("{} | rate()", steps(1)), Err(QueryProblem::Limit));
    assert_eq!(ask("{} | rate() by (.i)", steps(100)), Err(QueryProblem::Limit));
    assert_eq!(ask("{} | rate() by (.i)", steps(1_000)), Ok(1_000));
    let far = TimeRange::new(at(0), Timestamp::from_unix_ns(u64::MAX), Duration::from_nanos(1));
    assert_eq!(ask("{} | rate()", far), Err(QueryProblem::Limit));
}

#[test]
fn a_comparison_tells_a_part_of_the_spans_from_the_rest() {
    let trace = Trace::from_spans(
        (1..=6).map(|id| made(1, id, "set").attribute("axis", if id < 4 { "x" } else { "y" }).build()),
    );
    let answer = trace.query("{} | compare({ .axis = `x` }, 1)").unwrap();
    let count = |part: &str, name: &str, value: &str| {
        let series = answer.series().iter().find(|series| {
            series.label("__meta_type") == Some(&part.into()) && series.label(name) == Some(&value.into())
        });
        series.map(|series| series.samples().iter().map(|sample| sample.value).sum::<f64>())
    };
    assert_eq!(count("selection", "span.axis", "x"), Some(3.0));
    assert_eq!(count("baseline", "span.axis", "y"), Some(3.0));
    assert_eq!(count("baseline", "span.axis", "x"), None);
    assert_eq!(count("baseline_total", "name", "nil"), Some(3.0));
}
