//! A trace is as another one, but for what is named; parts of spans are told field by field.

use skyspan_trace::expect::{Expected, TracePart, any_span, event, glob, link_elsewhere, link_to, same_as};
use skyspan_trace::trace::{Event, Link, Resource, SpanKind};

use super::*;

fn order() -> Vec<SpanBuilder> {
    let shop = Resource::new([("service.name", "shop"), ("host", "a")]);
    let retry = Event::new("retry", Timestamp::from_unix_ns(3)).with_attributes([("number", 1)]);
    vec![
        made("order", 1, 0, 0, 9).attribute("customer", "ada").attribute("thread.id", 1).resource(shop),
        made("reserve", 2, 1, 1, 4).event(retry).kind(SpanKind::Client),
        made("charge", 3, 1, 1, 8).link(Link::new(1, 2).with_trace_state("a=1")).status(Status::Ok),
    ]
}

fn trace(spans: Vec<SpanBuilder>) -> Trace {
    Trace::from_spans(spans.into_iter().map(SpanBuilder::build))
}

#[test]
fn each_part_of_a_trace_is_compared_unless_it_is_left_out() {
    type Change = fn(&mut Vec<SpanBuilder>);
    let cases: [(Change, TracePart, &str); 12] = [
        (|spans| spans[1] = spans[1].clone().span_id(7), TracePart::Ids, "ids: expected 0x"),
        (|spans| spans[1] = spans[1].clone().end(Timestamp::from_unix_ns(7)), TracePart::Times, "times: expected 1970"),
        (|spans| spans.swap(1, 2), TracePart::Order, "order: expected"),
        (|spans| spans[1] = spans[1].clone().kind(SpanKind::Server), TracePart::SpanKind, "kind: expected Client"),
        (|spans| spans[2] = spans[2].clone().status(Status::error("no")), TracePart::Status, "status: expected OK"),
        (
            |spans| spans[2] = spans[2].clone().event(Event::new("x", Timestamp::EPOCH)),
            TracePart::Events,
            "events: expected none, found \"x\"",
        ),
        (|spans| spans[0] = spans[0].clone().link(Link::new(9, 9)), TracePart::Links, "links: expected none"),
        (
            |spans| spans[0] = spans[0].clone().resource(Resource::new([("service.name", "till"), ("host", "a")])),
            TracePart::Resource,
            "found one with service.name: \"till\" in place of \"shop\"",
        ),
        (
            |spans| spans[1] = spans[1].clone().scope(skyspan_trace::trace::Scope::default()),
            TracePart::Scope,
            "scope: expected none, found \"\"",
        ),
        (|spans| spans[1] = spans[1].clone().trace_state("b=2"), TracePart::TraceState, "trace state: expected \"\""),
        (|spans| spans[1] = spans[1].clone().flags(0x1), TracePart::Flags, "flags: expected 0x"),
        (
            |spans| spans[1] = spans[1].clone().dropped(1, 0, 0),
            TracePart::Dropped,
            "dropped: expected nothing, found 1 ",
        ),
    ];
    let expected = trace(order());
    trace(order()).assert(same_as(&expected));
    for (change, part, told) in cases {
        let mut spans = order();
        change(&mut spans);
        let changed = trace(spans);
        let report = changed.check(same_as(&expected)).expect_err(told).to_string();
        assert!(report.contains(told), "{part:?}: {report}");
        // A link has ids, too.
        let left_out = if part == TracePart::Links { vec![part, TracePart::Ids] } else { vec![part] };
        // Another id is one to which the link of another span leads.
        let left_out = if part == TracePart::Ids { vec![part, TracePart::Links] } else { left_out };
        changed.assert(same_as(&expected).without(left_out));
    }
}

#[test]
fn keys_and_values_are_left_out_by_name() {
    let expected = trace(order());
    let mut spans = order();
    spans[0] = spans[0].clone().attribute("thread.id", 2).attribute("thread.name", "main");
    let found = trace(spans);
    for (expectation, holds) in [
        (same_as(&expected), false),
        (same_as(&expected).without_key(glob("thread.*")), true),
        (same_as(&expected).without_value("thread.id"), false),
        (same_as(&expected).without_value("thread.id").without_key("thread.name"), true),
        (same_as(&expected).without_key("thread.id"), false),
    ] {
        assert_eq!(found.check(&expectation).is_ok(), holds, "{expectation}");
    }
    assert_eq!(
        same_as(&expected).without([TracePart::Ids]).without_key("thread.id").to_string(),
        "the same as another trace of 3 spans, without ids, attribute \"thread.id\""
    );
}

#[test]
fn what_is_missing_and_what_is_too_much_is_drawn() {
    let mut spans = order();
    spans.pop();
    spans.push(made("pay", 4, 1, 5, 8));
    let report = trace(spans).check(same_as(&trace(order())).without([TracePart::Ids, TracePart::Times])).unwrap_err();
    let report = report.to_string();
    assert!(report.contains("  - ├ pay      8 ns\n  + └ charge         missing"), "{report}");
}

#[test]
fn a_deep_trace_and_a_wide_one_are_compared() {
    let chain = |name: &str| -> Trace {
        (1..=5_000).map(|id| made(if id == 4_900 { name } else { "a" }, id, id - 1, 0, 9).build()).collect()
    };
    chain("a").assert(same_as(&chain("a")));
    let report = chain("b").check(same_as(&chain("a"))).unwrap_err().to_string();
    assert!(report.contains("1 span differs\n\n\"b\" under \"a\": name: expected \"a\", found \"b\"\n"), "{report}");
    let wide = |name: &str| -> Trace {
        (1..=5_000).map(|id| made(if id == 4_900 { name } else { "a" }, id, 0, id, id + 1).build()).collect()
    };
    wide("a").assert(same_as(&wide("a")));
    assert!(wide("b").check(same_as(&wide("a"))).is_err());
    Trace::default().assert(same_as(&Trace::default()));
    assert!(wide("a").check(same_as(&Trace::default())).is_err());
}

#[test]
fn parts_of_spans_are_told_field_by_field() {
    let frame = |number: i64, row: i64| {
        Event::new("frame", Timestamp::from_unix_ns(5)).with_attributes([("number", number), ("row", row)])
    };
    let why = Link::new(9, 9).with_attributes([("why", "cause"), ("by", "ada")]).with_trace_state("a=1");
    let all = trace(vec![made("expose", 1, 0, 0, 9).event(frame(1, 7)).event(frame(2, 8)).link(why)]);
    let is = |value: i64| Expected::from(value);
    for (expectation, told) in [
        (
            span("expose").event(event("frame").attrs_exactly([("number", is(1)), ("row", is(8))])),
            "found one with row: 7 in place of 8, among \"frame\" (number=1 row=7), \"frame\" (number=2 row=8)",
        ),
        (span("expose").event(event("frame").attrs_exactly([("number", 2)])), "found one with row: 8 in place of none"),
        (
            span("expose").event(event("frame").attrs_exactly([
                ("number", is(1)),
                ("row", is(7)),
                ("hot", true.into()),
            ])),
            "found one with hot: none in place of true",
        ),
        (
            span("expose").link(link_elsewhere().attrs_exactly([("why", "cause")]).trace_state("a=2")),
            "expected a link elsewhere with why=\"cause\" and no other attributes with trace state \"a=2\", found one with \
             by: \"ada\" in place of none; trace state: \"a=1\" in place of \"a=2\", among one elsewhere",
        ),
        (span("expose").link(link_to(any_span()).trace_state("a=1")), "found one elsewhere"),
        (
            span("expose").event_count(3.., event("frame")),
            "events: expected at least 3 event \"frame\", found \"frame\", \"frame\"",
        ),
        (span("expose").link_count(0, link_elsewhere()), "links: expected no link elsewhere, found one elsewhere"),
        (span("expose").attr("k", 1), "k: expected 1, found none"),
    ] {
        let report = all.check(one(expectation)).unwrap_err().to_string();
        let flat = report.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(told), "{told}:\n{report}");
    }
    all.assert(span("expose").attr_if_any("k", 1).event_count(1, event("frame").attr("number", 2)));
    all.assert(span("expose").event_count(2, event("frame")).link_count(..=1, link_elsewhere()));
    let report = all.check(every(span("expose").ended()).attr_if_any("k", 1)).map_err(|error| error.to_string());
    assert_eq!(report, Ok(()));
}

#[test]
fn of_many_events_a_report_shows_some() {
    let many = (0..1_000).fold(made("expose", 1, 0, 0, 9), |span, _| span.event(Event::new("frame", Timestamp::EPOCH)));
    let report = trace(vec![many]).check(span("expose").event(event("saved"))).unwrap_err().to_string();
    assert!(report.len() < 1_500 && report.contains("and 988 more"), "{report}");
}
