//! A trace is as expected, or the report says why not.

mod blessing;
mod broken;
mod events;
mod growth;
mod links;
mod machines;
mod measures;
mod naive;
mod order;
mod relations;
mod reports;
mod same_as;
mod same_in_python;
mod strength;
mod traps;
mod tree_text;
mod trees;

use std::collections::BTreeSet;

use skyspan_trace::expect::{
    Difference, Expectation, Failure, SpanExpectation, all, any, at_least, at_most, every, exactly, forest, glob, ms,
    none, ns, one, secs, shape, span, total, us,
};
use skyspan_trace::trace::{Span, SpanBuilder, SpanKind, Status, Trace};
use skyspan_trace::value::Timestamp;
use skyspan_trace::value::{Map, Value};

/// A span of trace 1; parent 0 is none.
fn made(name: &str, id: u64, parent: u64, start: u64, duration: u64) -> SpanBuilder {
    let at = Timestamp::from_unix_ns;
    Span::builder(name).trace_id(1).span_id(id).parent_id(parent).start(at(start)).end(at(start + duration))
}

/// A run with a plan that moves two motors.
fn plan() -> Trace {
    Trace::from_spans([
        made("Bluesky RunEngine run", 1, 0, 0, 3_000_000_000)
            .attribute("exit_status", "success")
            .attribute("reason", "")
            .build(),
        made("demo plan", 2, 0, 1, 3_000_000_000).build(),
        made("Bluesky RunEngine set", 3, 2, 2, 0).attribute("msg.args", [5]).build(),
        made("Ophyd Status", 4, 3, 2, 1_000_000_000).attribute("device_name", "motor1").attribute("target", 5).build(),
        made("Bluesky RunEngine set", 5, 2, 1_000_000_002, 0).attribute("msg.args", [7.5]).build(),
        made("Ophyd Status", 6, 5, 1_000_000_002, 2_000_000_000)
            .attribute("device_name", "motor2")
            .attribute("target", 7.5)
            .build(),
    ])
}

fn status(device: &str) -> SpanExpectation {
    span("Ophyd Status").attr("device_name", device)
}

#[track_caller]
fn passes(expectation: impl Expectation, trace: &Trace) {
    if let Err(mismatch) = trace.check(&expectation) {
        panic!("{expectation}\n{mismatch}");
    }
}

#[track_caller]
fn fails(expectation: impl Expectation, trace: &Trace) {
    assert!(trace.check(&expectation).is_err(), "{expectation}");
}

#[track_caller]
fn reports(expectation: impl Expectation, trace: &Trace, report: &str) {
    let found = trace.check(expectation).expect_err("a mismatch").to_string();
    assert_eq!(found, report.trim_start_matches('\n'), "\n{found}");
}

#[test]
fn each_condition_on_a_span_holds_or_does_not() {
    let odd = Trace::from_spans([
        made("request", 1, 0, 5, 1_000)
            .kind(SpanKind::Server)
            .status(Status::error("beam lost"))
            .attributes([("whole", Value::from(42)), ("text", "42".into()), ("float", 42.0.into())])
            .attribute("nan", [f64::NAN])
            .attribute("map", Map::from_iter([("a", 1)]))
            .attribute("exit_status", "fail")
            .attribute("reason", "beam lost")
            .build(),
        Span::builder("open").trace_id(1).span_id(2).parent_id(1).build(),
        made("backwards", 3, 2, 10, 0).end(Timestamp::from_unix_ns(4)).build(),
    ]);
    let request = || span("request");
    for (expectation, holds) in [
        (span("request"), true),
        (span("reques"), false),
        (span("req*"), false),
        (span(glob("req*")), true),
        (span(glob("*x*")), false),
        (span(any()).attr("whole", 42), true),
        (request().attr("whole", 42), true),
        (request().attr("whole", "42"), false),
        (request().attr("whole", 42.0), false),
        (request().attr("float", 42.0), true),
        (request().attr("float", 42), false),
        (request().attr("text", "42"), true),
        (request().attr("text", glob("4*")), true),
        (request().attr("whole", glob("4*")), false),
        (request().attr("whole", any()), true),
        (request().attr("none", any()), false),
        (request().attr("nan", [f64::NAN]), true),
        (request().attr("map", Map::from_iter([("a", 1)])), true),
        (request().attr("map", Map::from_iter([("a", "1")])), false),
        (request().has_attr("whole"), true),
        (request().has_attr("none"), false),
        (request().no_attr("none"), true),
        (request().no_attr("whole"), false),
        (request().exit_status("fail"), true),
        (request().exit_status("fail"), true),
        (request().exit_status("success"), false),
        (request().reason("beam lost"), true),
        (request().reason(""), false),
        (request().kind(SpanKind::Server), true),
        (request().kind(SpanKind::Client), false),
        (request().status(Status::error("beam lost")), true),
        (request().status(Status::error("")), false),
        (request().status(Status::Unset), false),
        (request().status_error(), true),
        (span("open").status_error(), false),
        (request().status_description("beam lost"), true),
        (request().status_description(glob("beam *")), true),
        (request().status_description(any()), true),
        (request().status_description(""), false),
        (span("open").status_description(any()), false),
        (request().ended(), true),
        (request().open(), false),
        (span("open").ended(), false),
        (span("open").open(), true),
        (request().lasting(us(1)..=us(1)), true),
        (request().lasting(..us(1)), false),
        (request().lasting(us(1)..), true),
        (request().lasting(ns(1_001)..), false),
        (request().lasting(..), true),
        (span("open").lasting(..), false),
        (span("backwards").lasting(..=secs(1.0)), false),
        (request().child(span("open")), true),
        (request().child(span("backwards")), false),
        (request().children([span("open")]), true),
        (request().children([]), false),
        (span("backwards").children([]), true),
        (request().descendant(span("backwards")), true),
        (span("open").descendant(span("open")), false),
        (span("open").parent(request()), true),
        (span("open").parent(span("backwards")), false),
        (request().parent(any_span()), false),
        (request().is_root(), true),
        (span("open").is_root(), false),
        (request().that("it has no events", |span| span.events().is_empty()), true),
        (request().that("it has events", |span| !span.events().is_empty()), false),
    ] {
        assert_eq!(odd.check(&expectation).is_ok(), holds, "{expectation}");
    }

    fn any_span() -> SpanExpectation {
        span(any())
    }
}

#[test]
fn spans_are_counted() {
    let (trace, sets) = (plan(), || span("Bluesky RunEngine set"));
    passes(one(status("motor1")), &trace);
    fails(one(sets()), &trace);
    fails(one(span("x")), &trace);
    passes(exactly(2, sets()), &trace);
    fails(exactly(1, sets()), &trace);
    fails(exactly(3, sets()), &trace);
    passes(at_least(2, sets()), &trace);
    fails(at_least(3, sets()), &trace);
    passes(at_most(2).of(sets()), &trace);
    passes(at_most(2).of(span("x")), &trace);
    fails(at_most(1).of(sets()), &trace);
    passes(none(span("x")), &trace);
    fails(none(sets()), &trace);
}

#[test]
fn every_one_of_a_kind_must_be_so() {
    let trace = plan();
    passes(every(span("Ophyd Status")).lasting(..=secs(2.0)).has_attr("target"), &trace);
    fails(every(span("Ophyd Status")).lasting(..=secs(1.0)), &trace);
    passes(every(span("Bluesky RunEngine set")).children([span("Ophyd Status")]), &trace);
    fails(every(span("Bluesky RunEngine set")).children([status("motor1")]), &trace);
    passes(every(span("Ophyd Status")).must(span(glob("Ophyd*")).parent(span("Bluesky RunEngine set"))), &trace);
    fails(every(span("Ophyd Status")).must(status("motor1")), &trace);
}

#[test]
fn times_are_added_up() {
    let trace = plan();
    passes(total(span("Ophyd Status")).at_most(secs(3.0)), &trace);
    passes(total(span("Ophyd Status")).exactly(secs(3.0)), &trace);
    fails(total(span("Ophyd Status")).at_most(secs(3.0) - ns(1)), &trace);
    fails(total(span("Ophyd Status")).exactly(ms(2_999)), &trace);
    fails(total(span("x")).at_most(secs(3.0)), &trace);
    passes(total(span("x")).at_most(secs(3.0)).or_none(), &trace);
    fails(total(span("open")).at_most(secs(3.0)), &Trace::from_spans([Span::builder("open").build()]));
}

fn demo_plan() -> SpanExpectation {
    span("demo plan").children([
        span("Bluesky RunEngine set").attr("msg.args", [7.5]).children([status("motor2")]),
        span("Bluesky RunEngine set").attr("msg.args", [5]).children([status("motor1").attr("target", 5)]),
    ])
}

#[test]
fn a_forest_is_the_whole_trace() {
    let (trace, run) = (plan(), || span("Bluesky RunEngine run").exit_status("success"));
    passes(forest([demo_plan(), run()]), &trace);
    fails(forest([demo_plan()]), &trace);
    fails(forest([demo_plan(), run(), run()]), &trace);
    fails(forest([span("demo plan"), run()]), &trace);
    passes(forest([span("demo plan").any_children(), run()]), &trace);
    passes(forest([span("demo plan").child(span("Bluesky RunEngine set")), run()]), &trace);
    passes(forest([]), &Trace::default());
    fails(forest([run()]), &Trace::default());
}

#[test]
fn expectations_are_values_in_words() {
    for (expectation, words) in [
        (
            Box::new(span("a").attr("k", 1).has_attr("l").no_attr("m")) as Box<dyn Expectation>,
            r#"span "a" with k=1 l, without m"#,
        ),
        (
            Box::new(span(glob("a*")).lasting(..secs(1.0)).ended()),
            r#"span like "a*" lasting less than 1 s, that has ended"#,
        ),
        (Box::new(span(any()).status_error().is_root()), "span of any name with status ERROR, at the root"),
        (Box::new(span("a").child(span("b"))), r#"span "a" with a child (span "b")"#),
        (Box::new(span("a").parent(span("b")).children([])), r#"span "a" under a span "b", without children"#),
        (Box::new(one(span("a"))), r#"exactly 1 span "a""#),
        (Box::new(none(span("a"))), r#"no spans "a""#),
        (Box::new(at_most(2).of(span("a"))), r#"at most 2 spans "a""#),
        (Box::new(every(span("a")).lasting(ms(1)..=ms(2))), r#"every span "a" is one lasting from 1 ms to 2 ms"#),
        (Box::new(every(span("a")).must(span("b").ended())), r#"every span "a" is a span "b" that has ended"#),
        (Box::new(total(span("a")).exactly(secs(8.0))), r#"all spans "a" take exactly 8 s in total"#),
        (Box::new(forest([span("a"), span("b")])), r#"exactly these trees: span "a"; span "b""#),
        (Box::new(all((one(span("a")), none(span("b"))))), r#"exactly 1 span "a", and no spans "b""#),
        (Box::new(span("a").because("of it")), r#"span "a", because of it"#),
    ] {
        assert_eq!(expectation.to_string(), words);
    }
}

#[test]
fn expectations_can_be_kept_and_shared() {
    fn is_shared<T: Clone + std::fmt::Debug + Send + Sync + 'static>(_: &T) {}
    is_shared(&span("a").that("it is so", |_| true));
    is_shared(&all([one(span("a"))]));
    let mismatch = plan().check(span("x")).unwrap_err();
    is_shared(&mismatch);
    is_shared(&(every(span("a")), total(span("a")).at_most(ms(1)), forest([]), span("a").because("b")));
}

#[test]
fn a_mismatch_is_typed() {
    let mismatch = plan().check(every(span("Ophyd Status")).attr("device_name", "motor1")).unwrap_err();
    let [Failure::Differs { span, differences }] = mismatch.failures() else { panic!("{mismatch:?}") };
    assert_eq!(mismatch.trace().spans().nth(*span).unwrap().attr("target"), Some(&7.5.into()));
    let [Difference::Attribute { key, found, .. }] = differences.as_slice() else { panic!("{mismatch:?}") };
    assert_eq!((key.as_str(), found), ("device_name", &Some("motor2".into())));
}

#[test]
#[should_panic(expected = "the trace is not as expected: 1 span is missing")]
fn assert_panics_with_the_report() {
    plan().assert(span("x"));
}

#[test]
fn children_in_any_order_are_dealt_out_whatever_tells_them_apart() {
    let children = |values: [Value; 4]| {
        let child = |(n, value)| made("child", n + 2, 1, n, 1).attribute("value", value).attribute("kind", "a").build();
        Trace::from_spans(std::iter::once(made("parent", 1, 0, 0, 9).build()).chain((0..).zip(values).map(child)))
    };
    let trace = children([5.into(), 5.0.into(), (-0.0).into(), "5".into()]);
    let child = |value: Value| span("child").attr("value", value);
    let parent = |children: [SpanExpectation; 4]| forest([span("parent").children(children)]);
    // The first takes what another one needs, and must give it back.
    passes(parent([span("child"), child(0.0.into()), child(5.into()), child(5.0.into())]), &trace);
    passes(parent([span("child").attr("kind", "a"), child("5".into()), child(5.0.into()), child(5.into())]), &trace);
    fails(parent([child(5.into()), child(5.into()), child(0.0.into()), child("5".into())]), &trace);
    fails(parent([span("child").attr("kind", "b"), child("5".into()), child(5.0.into()), child(5.into())]), &trace);
}

#[test]
fn thousands_of_children_in_another_order_are_no_burden() {
    const NUMBER: u64 = 5_000;
    // 7 has no divisor in common with the number, so that each comes once, and none beside its neighbour.
    let shuffled = || (0..NUMBER).map(|n| n * 1_777 % NUMBER);
    let child = |n: u64| made("point", n + 2, 1, n, 1).attribute("msg.args", [n]).build();
    let trace = Trace::from_spans(std::iter::once(made("scan", 1, 0, 0, 9).build()).chain((0..NUMBER).map(child)));
    let point = |n: u64| span("point").attr("msg.args", [n]);
    passes(forest([span("scan").children(shuffled().map(point))]), &trace);
    let mismatch = trace.check(forest([span("scan").children(shuffled().map(|n| point(n + 1)))])).unwrap_err();
    assert!(mismatch.to_string().starts_with("the trace is not as expected: 1 span differs\n"), "{mismatch}");
}

#[test]
fn of_many_children_that_are_otherwise_each_is_told_in_its_place() {
    const NUMBER: u64 = 1_000;
    let child = |n: u64| made("point", n + 2, 1, n, 1).attribute("n", n).build();
    let trace = Trace::from_spans(std::iter::once(made("scan", 1, 0, 0, 9).build()).chain((0..NUMBER).map(child)));
    let negative = (0..NUMBER).map(|n| span("point").attr("n", -1 - i64::try_from(n).unwrap()));
    let mismatch = trace.check(forest([span("scan").children(negative)])).unwrap_err();
    assert!(mismatch.to_string().starts_with("the trace is not as expected: 1000 spans differ\n"), "{mismatch}");
}

#[test]
fn many_trees_with_many_children_that_are_otherwise_are_no_burden() {
    let tree = |root: u64| {
        let id = 1 + root * 1_000;
        let children = (1..=200).map(move |n| made("set", id + n, id, n, 1).attribute("n", n).build());
        std::iter::once(made("run", id, 0, root, 1).build()).chain(children)
    };
    let trace: Trace = (0..200).flat_map(tree).collect();
    let run = || span("run").children((2..=201u64).map(|n| span("set").attr("n", n)));
    let mismatch = trace.check(forest((0..200).map(|_| run()))).unwrap_err();
    assert!(mismatch.to_string().starts_with("the trace is not as expected: 200 spans differ\n"), "{mismatch}");
}
