//! A trace knows how its spans hang together, however malformed it is.

use std::collections::HashSet;

use opentelemetry_sdk::trace::IdGenerator;
use skyspan_trace::trace::{Attributes, SeededIds, Span, SpanRef, Trace};
use skyspan_trace::value::Timestamp;
use skyspan_trace::value::Value;

/// A span of trace 1 that lasts a nanosecond; parent 0 is none.
fn span(name: &str, id: u64, parent: u64, start: u64) -> Span {
    let at = Timestamp::from_unix_ns;
    Span::builder(name).trace_id(1).span_id(id).parent_id(parent).start(at(start)).end(at(start + 1)).build()
}

fn names<'a>(spans: impl Iterator<Item = SpanRef<'a>>) -> Vec<&'a str> {
    spans.map(|span| span.span().name()).collect()
}

fn family() -> Trace {
    Trace::from_spans([
        span("grandchild", 4, 3, 12),
        span("second child", 3, 1, 10),
        span("third child", 5, 1, 10),
        span("first child", 2, 1, 5),
        span("root", 1, 0, 0),
        span("other root", 6, 0, 0),
    ])
}

#[test]
fn spans_keep_the_order_in_which_they_came() {
    let trace = family();
    assert_eq!(trace.len(), 6);
    assert_eq!(names(trace.spans())[0], "grandchild");
    assert_eq!(trace.spans().nth(3).unwrap().index(), 3);
}

#[test]
fn relatives_come_by_start_and_then_by_arrival() {
    let trace = family();
    let root = trace.get(1).unwrap();
    assert_eq!(names(trace.roots()), ["root", "other root"]);
    assert_eq!(names(root.children()), ["first child", "second child", "third child"]);
    assert_eq!(names(root.descendants()), ["first child", "second child", "grandchild", "third child"]);
    let grandchild = trace.get_in(1, 4).unwrap();
    assert_eq!(names(grandchild.ancestors()), ["second child", "root"]);
    assert_eq!((grandchild.depth(), root.depth()), (2, 0));
    assert_eq!((grandchild.root(), root.root()), (root, root));
    assert_eq!(grandchild.parent().unwrap().name(), "second child");
    assert_eq!(names(trace.get(3).unwrap().siblings()), ["first child", "third child"]);
    assert_eq!(names(root.siblings()), ["other root"]);
    assert!(trace.defects().is_empty());
}

#[test]
fn spans_are_found_by_name_and_by_id() {
    let trace = Trace::from_spans([span("set", 1, 0, 9), span("wait", 2, 0, 5), span("set", 3, 0, 1)]);
    assert_eq!(trace.named("set").map(|span| span.start().unix_ns()).collect::<Vec<_>>(), [9, 1]);
    assert_eq!(trace.named("nothing").len(), 0);
    assert!(trace.get(4).is_none() && trace.get_in(2, 1).is_none());
}

#[test]
fn a_parent_is_looked_up_in_the_same_trace_id() {
    let child = |trace: u128| Span::builder("child").trace_id(trace).span_id(2).parent_id(1).build();
    let trace = Trace::from_spans([child(7), child(8), Span::builder("root").trace_id(8).span_id(1).build()]);
    assert_eq!(trace.orphans().map(SpanRef::index).collect::<Vec<_>>(), [0]);
    assert_eq!(trace.get(1).unwrap().children().map(SpanRef::index).collect::<Vec<_>>(), [1]);
}

#[test]
fn malformed_traces_are_kept_and_explained() {
    let at = Timestamp::from_unix_ns;
    let trace = Trace::from_spans([
        span("a", 1, 3, 5),
        span("b", 2, 1, 4),
        span("c", 3, 2, 6),
        span("below the cycle", 4, 3, 0),
        span("own parent", 5, 5, 1),
        span("orphan", 6, 99, 2),
        span("twin", 6, 5, 2),
        Span::builder("backwards").trace_id(1).span_id(7).start(at(1_500)).end(at(0)).build(),
        Span::builder("open").trace_id(1).span_id(8).build(),
    ]);
    let defects: Vec<String> = trace.defects().iter().map(ToString::to_string).collect();
    assert_eq!(
        defects,
        [
            "\"orphan\" (0x0000000000000006): its parent 0x0000000000000063 is not in the trace",
            "\"twin\" (0x0000000000000006): the span \"orphan\" before it has the same id",
            "\"b\" (0x0000000000000002) → \"c\" (0x0000000000000003) → \"a\" (0x0000000000000001) → \
             \"b\" (0x0000000000000002): a cycle of parents and children",
            "\"own parent\" (0x0000000000000005) → \"own parent\" (0x0000000000000005): a cycle of parents and children",
            "\"backwards\" (0x0000000000000007): ended 1.5 µs before it started",
            "\"open\" (0x0000000000000008): never ended",
        ]
    );
    assert_eq!(names(trace.roots()), ["open", "own parent", "orphan", "b", "backwards"]);
    assert!(trace.get(2).unwrap().parent().is_none());
    assert_eq!(names(trace.get(2).unwrap().descendants()), ["c", "below the cycle", "a"]);
    assert_each_is_reached_once(&trace);
    let backwards = trace.named("backwards").next().unwrap();
    assert_eq!((backwards.duration().unwrap().as_nanos(), backwards.signed_duration_ns()), (0, Some(-1500)));
}

fn assert_each_is_reached_once(trace: &Trace) {
    let reached: Vec<usize> =
        trace.roots().flat_map(|root| std::iter::once(root).chain(root.descendants())).map(SpanRef::index).collect();
    assert_eq!(reached.len(), trace.len());
    assert_eq!(reached.into_iter().collect::<HashSet<_>>().len(), trace.len());
}

#[test]
fn every_span_is_reached_from_exactly_one_root_whatever_the_ids() {
    // Few ids for many spans: cycles, twins and orphans in all combinations.
    for seed in 0..500 {
        let ids = SeededIds::new(seed);
        let draw = |below: u64| u64::from_be_bytes(ids.new_span_id().to_bytes()) % below;
        let spans = (0..draw(40)).map(|_| span("s", draw(20), draw(24), draw(8)));
        let trace = Trace::from_spans(spans.collect::<Vec<_>>());
        assert_each_is_reached_once(&trace);
        for span in trace.spans() {
            assert_eq!(span.ancestors().count(), span.depth());
            assert!(span.children().all(|child| child.parent() == Some(span)));
            assert!(span.parent().is_none_or(|parent| parent.children().any(|child| child == span)));
        }
        assert_eq!(trace.tree_text().to_string().lines().count(), trace.len());
        let _ = trace.defects();
    }
}

#[test]
fn a_chain_of_100000_spans_is_no_burden() {
    const LENGTH: u64 = 100_000;
    let trace: Trace = (1..=LENGTH).map(|id| span("link", id, id - 1, id)).collect();
    let root = trace.roots().next().unwrap();
    assert_eq!(root.descendants().count() as u64, LENGTH - 1);
    assert_eq!(trace.get(LENGTH).unwrap().depth() as u64, LENGTH - 1);
    assert_eq!(trace.get(LENGTH).unwrap().root(), root);
    assert!(trace.defects().is_empty());
    let drawn = trace.tree_text().to_string();
    assert_eq!(drawn.lines().count() as u64, LENGTH);
    assert!(drawn.contains("\n⋯99999 └ link"), "{}", &drawn[drawn.len() - 200..]);
}

#[test]
fn a_cycle_of_100000_spans_and_100000_twins_are_no_burden() {
    const LENGTH: u64 = 100_000;
    let ring = (1..=LENGTH).map(|id| span("ring", id, if id == 1 { LENGTH } else { id - 1 }, id));
    let twins = (0..LENGTH).map(|at| span("twin", 7, 7, at));
    let trace: Trace = ring.chain(twins).collect();
    assert_each_is_reached_once(&trace);
    assert_eq!(trace.cycles().map(|cycle| cycle.len() as u64).collect::<Vec<_>>(), [LENGTH]);
    assert_eq!(trace.duplicate_ids().len() as u64, LENGTH);
}

#[test]
fn an_attribute_that_is_set_twice_moves_to_the_end() {
    check(&["a", "b", "a"], &["b", "a"]);
    check(&["a", "a", "a"], &["a"]);
    check(&["a", "b", "c"], &["a", "b", "c"]);
    check(&["a", "b", "b", "a", "c"], &["b", "a", "c"]);
    let many: Vec<String> = (0..100).map(|at| format!("key {}", at % 60)).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    check(&many, &many[40..]);

    #[track_caller]
    fn check(set: &[&str], kept: &[&str]) {
        let attributes: Attributes = set.iter().enumerate().map(|(at, key)| (*key, at)).collect();
        assert_eq!(attributes.keys().map(|key| key.as_str()).collect::<Vec<_>>(), kept);
        for (key, value) in &attributes {
            assert_eq!(*value, Value::from(set.iter().rposition(|k| *k == key.as_str()).unwrap()));
        }
    }
}

#[test]
fn equal_spans_make_equal_traces() {
    assert_eq!(family(), family());
    assert_eq!(family(), family().clone());
    assert_ne!(family(), Trace::default());
    let (one, other) = (family(), family());
    assert_ne!(one.get(1).unwrap(), other.get(1).unwrap(), "the same span of another trace is another");
}

#[test]
fn seeded_ids_are_distinct_and_repeatable() {
    let (one, same, other) = (SeededIds::new(1), SeededIds::new(1), SeededIds::new(2));
    let mut span_ids = HashSet::new();
    let mut trace_ids = HashSet::new();
    for _ in 0..1_000_000 {
        let id = one.new_span_id();
        assert_eq!(id, same.new_span_id());
        assert!(span_ids.insert(id));
    }
    for _ in 0..100_000 {
        assert!(span_ids.insert(other.new_span_id()), "an id of another seed");
        assert!(trace_ids.insert(one.new_trace_id()) && trace_ids.insert(other.new_trace_id()));
    }
    assert!(!span_ids.contains(&0.into()) && !trace_ids.contains(&0.into()));
}
