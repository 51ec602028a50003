//! Holes in which other tools for assertions on traces lose a failure, by number; here none is lost.

use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
use skyspan_trace::expect::some;
use skyspan_trace::trace::Capture;

use super::*;

#[test]
fn trap_02_spans_are_there_after_shutdown_also_one_that_never_ended() {
    let capture = Capture::new();
    let provider = capture.provider();
    let tracer = provider.tracer("app");
    tracer.start("done").end();
    let open = tracer.start("open");
    provider.shutdown().unwrap();
    let trace = capture.trace();
    passes(one(span("done").ended()), &trace);
    passes(one(span("open").open()), &trace);
    assert_eq!(trace.unended().map(|span| span.name().to_owned()).collect::<Vec<_>>(), ["open"]);
    fails(every(span(any())).ended(), &trace);
    drop(open);
}

#[test]
fn trap_03_a_chain_is_not_two_children() {
    let chain = Trace::from_spans(
        [made("root", 1, 0, 0, 9), made("a", 2, 1, 1, 5), made("b", 3, 2, 1, 5)].map(SpanBuilder::build),
    );
    let fork = Trace::from_spans(
        [made("root", 1, 0, 0, 9), made("a", 2, 1, 1, 5), made("b", 3, 1, 1, 5)].map(SpanBuilder::build),
    );
    let (like_chain, like_fork) = (
        forest([span("root").children([span("a").children([span("b")])])]),
        forest([span("root").children([span("a"), span("b")])]),
    );
    passes(&like_chain, &chain);
    passes(&like_fork, &fork);
    fails(like_chain, &fork);
    fails(like_fork, &chain);
    assert_ne!(shape(&chain), shape(&fork));
}

#[test]
fn trap_04_the_order_of_siblings_does_not_matter() {
    let trace = Trace::from_spans(
        [made("root", 1, 0, 0, 9), made("b", 3, 1, 1, 5), made("a", 2, 1, 2, 5)].map(SpanBuilder::build),
    );
    passes(forest([span("root").children([span("a"), span("b")])]), &trace);
    passes(span("root").children([span("b"), span("a")]), &trace);
}

#[test]
fn trap_06_nothing_else_means_nothing_else() {
    let trace = Trace::from_spans([made("a", 1, 0, 0, 9), made("x", 2, 0, 1, 5)].map(SpanBuilder::build));
    fails(forest([span("a")]), &trace);
    fails(none(span(any()).that("it is not a", |span| span.name() != "a")), &trace);
}

#[test]
fn trap_07_two_expectations_may_meet_in_one_span() {
    let trace = plan();
    passes(all([one(status("motor1")), one(span(any()).attr("target", 5))]), &trace);
    passes(span("Bluesky RunEngine set").child(status("motor1")).child(span("Ophyd Status").attr("target", 5)), &trace);
}

#[test]
fn trap_09_each_expected_child_takes_a_span_of_its_own() {
    let family = |names: [&str; 2]| {
        Trace::from_spans(
            [made("root", 1, 0, 0, 9), made(names[0], 2, 1, 1, 5), made(names[1], 3, 1, 2, 5)].map(SpanBuilder::build),
        )
    };
    fails(span("root").children([span("A"), span("A")]), &family(["A", "B"]));
    fails(forest([span("root").children([span("A"), span("A")])]), &family(["A", "B"]));
    // The greedy choice for the first would leave nothing for the second.
    passes(span("root").children([span(any()), span("A")]), &family(["A", "B"]));
    passes(span("root").children([span(glob("*")), span("B")]), &family(["B", "A"]));
}

#[test]
fn trap_10_the_critical_path_is_right_without_a_gap() {
    let trace = Trace::from_spans(
        [made("R", 1, 0, 100, 100), made("A", 2, 1, 100, 50), made("B", 3, 1, 150, 50)].map(SpanBuilder::build),
    );
    let root = trace.roots().next().unwrap();
    assert_eq!(root.critical_path().iter().map(|part| part.span.name().to_owned()).collect::<Vec<_>>(), ["A", "B"]);
    passes(every(span("A")).on_critical_path(), &trace);
    passes(every(span("B")).on_critical_path(), &trace);
}

#[test]
fn trap_11_one_pair_in_the_wrong_order_is_enough_to_fail_every_before_every() {
    let trace = Trace::from_spans(
        [made("X", 1, 0, 0, 1), made("X", 2, 0, 5, 1), made("Y", 3, 0, 2, 1), made("Y", 4, 0, 8, 1)]
            .map(SpanBuilder::build),
    );
    fails(every(span("X")).before(every(span("Y"))), &trace);
    passes(every(span("X")).before(some(span("Y"))), &trace);
}

#[test]
fn trap_12_parents_stand_before_children_in_each_order_of_arrival() {
    let spans = || {
        [made("root", 1, 0, 0, 5), made("child", 2, 1, 0, 5), made("grandchild", 3, 2, 0, 5)].map(SpanBuilder::build)
    };
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let spans = spans();
        let trace = Trace::from_spans(order.map(|at: usize| spans[at].clone()));
        let root = trace.roots().next().unwrap();
        let tree: Vec<String> =
            std::iter::once(root).chain(root.descendants()).map(|span| span.name().to_owned()).collect();
        assert_eq!(tree, ["root", "child", "grandchild"], "{order:?}");
        assert_eq!(shape(&trace), shape(&Trace::from_spans(spans)), "{order:?}");
    }
}

#[test]
fn trap_13_every_over_no_span_is_an_error() {
    fails(every(span("x")).ended(), &plan());
    passes(every(span("x")).ended().or_none(), &plan());
}

#[test]
fn trap_14_malformed_traces_are_looked_at_whole() {
    let trace = Trace::from_spans(
        [
            made("cycle a", 1, 2, 0, 1),
            made("cycle b", 2, 1, 1, 1),
            made("orphan", 3, 99, 2, 1),
            made("twin", 4, 0, 3, 1),
            made("twin", 4, 0, 4, 1),
        ]
        .map(SpanBuilder::build),
    );
    passes(exactly(5, span(any())), &trace);
    passes(forest([span("cycle a").children([span("cycle b")]), span("orphan"), span("twin"), span("twin")]), &trace);
    let report = trace.check(none(span(any()))).unwrap_err().to_string();
    assert_eq!(report.lines().filter(|line| line.starts_with("  - ")).count(), 5, "{report}");
    let shape = shape(&trace);
    assert!(shape.contains("its parent is not in the trace") && shape.contains("it is its own ancestor"), "{shape}");
}

fn binary_tree(levels: u32, wrong: u64) -> Trace {
    (1..1 << levels).map(|id: u64| made("node", id, id / 2, id, 1).attribute("wrong", id == wrong).build()).collect()
}

#[test]
fn trap_15_a_large_tree_that_is_otherwise_is_explained_at_once() {
    fn expected(levels: u32, leaf: &dyn Fn(u64) -> SpanExpectation, id: u64) -> SpanExpectation {
        match levels {
            1 => leaf(id),
            _ => leaf(id).children([0, 1].map(|side| expected(levels - 1, leaf, id * 2 + side))),
        }
    }
    let trace = binary_tree(11, 1500);
    for leaf in [
        &(|_| span("node").attr("wrong", false)) as &dyn Fn(u64) -> SpanExpectation,
        // No two say the same, and each fits all.
        &|id| span("node").attr("wrong", false).that("it is so", move |span| span.index() < 10_000 + id as usize),
    ] {
        let mismatch = trace.check(forest([expected(11, leaf, 1)])).unwrap_err();
        assert_eq!(mismatch.failures().len(), 1);
        let report = mismatch.to_string();
        assert!(report.starts_with("the trace is not as expected: 1 span differs\n"), "{report}");
        assert!(report.contains("wrong: expected false, found true") && report.lines().count() < 60, "{report}");
    }
}

#[test]
fn trap_16_types_are_kept() {
    let trace = |value: Value| Trace::from_spans([made("s", 1, 0, 0, 1).attribute("k", value).build()]);
    let values = [Value::from(42), "42".into(), 42.0.into(), [42].into(), [42.0].into(), ["42"].into()];
    for (at, expected) in values.iter().enumerate() {
        for (to, found) in values.iter().enumerate() {
            let found = trace(found.clone());
            assert_eq!(found.check(span("s").attr("k", expected.clone())).is_ok(), at == to);
        }
    }
    assert_eq!(values.map(|value| shape(&trace(value))).into_iter().collect::<BTreeSet<_>>().len(), 6);
}
