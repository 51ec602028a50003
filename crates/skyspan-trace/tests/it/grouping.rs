//! bluesky's loose spans become one tree of each run.

use skyspan_trace::trace::{Link, Span, SpanBuilder, SpanId, SpanLabel, SpanRef, Trace, TraceId};
use skyspan_trace::value::Timestamp;

/// A span with a trace of its own, from one second to another.
fn loose(name: &str, id: u64, from: u64, to: u64) -> SpanBuilder {
    let at = |second: u64| Timestamp::from_unix_ns(second * 1_000_000_000);
    Span::builder(name).trace_id(u128::from(id)).span_id(id).start(at(from)).end(at(to))
}

fn run(id: u64, from: u64, to: u64) -> SpanBuilder {
    loose("Bluesky RunEngine run", id, from, to)
}

/// What came of grouping, by the numbers of the spans.
struct Grouped {
    trace: Trace,
    /// Each span that has a parent, and its parent.
    pairs: Vec<(u64, u64)>,
    outside: Vec<u64>,
    undecided: Vec<u64>,
}

fn grouped(spans: Vec<SpanBuilder>) -> Grouped {
    let trace: Trace = spans.into_iter().map(SpanBuilder::build).collect();
    let number = |id: SpanId| u64::from_be_bytes(id.to_bytes());
    let grouped = trace.grouped_by_run();
    let pair = |span: SpanRef<'_>| Some((number(span.span().span_id()), number(span.parent()?.span().span_id())));
    let pairs = grouped.trace.spans().filter_map(pair).collect();
    let numbers = |labels: &[SpanLabel]| labels.iter().map(|label| number(label.span_id)).collect();
    let (outside, undecided) = (numbers(&grouped.outside), numbers(&grouped.undecided));
    Grouped { trace: grouped.trace, pairs, outside, undecided }
}

#[test]
fn a_span_goes_below_the_run_that_was_open_when_it_started() {
    let set = "Bluesky RunEngine set";
    let Grouped { pairs, outside, undecided, trace } = grouped(vec![
        loose(set, 1, 0, 2),
        loose(set, 2, 12, 13),
        run(10, 10, 20),
        loose(set, 3, 20, 21),
        run(20, 20, 30).link(Link::new(2_u128, 2)),
        loose(set, 4, 40, 41),
    ]);
    assert_eq!(pairs, [(2, 10), (3, 20)]);
    assert_eq!((outside, undecided), (vec![1, 4], vec![]));
    let moved = trace.get(2).unwrap();
    assert_eq!(moved.span().trace_id(), TraceId::from(10));
    let link = &trace.get(20).unwrap().span().links()[0];
    assert!(trace.get_in(link.trace_id, link.span_id).is_some(), "links follow");
}

#[test]
fn a_whole_tree_moves_and_plans_have_what_started_in_them() {
    let Grouped { pairs, outside, undecided, trace } = grouped(vec![
        loose("Ophyd Status", 1, 12, 13).parent_id(2).trace_id(2),
        loose("Bluesky RunEngine set", 2, 11, 14),
        loose("Ophyd Status", 3, 15, 16),
        loose("align", 4, 15, 18),
        run(10, 10, 20),
    ]);
    assert_eq!(pairs, [(1, 2), (2, 10), (3, 4), (4, 10)]);
    assert!(outside.is_empty() && undecided.is_empty());
    assert!(trace.defects().is_empty(), "{:?}", trace.defects());
}

#[test]
fn where_several_runs_are_open_key_group_and_device_decide() {
    let (set, wait, status) = ("Bluesky RunEngine set", "Bluesky RunEngine wait", "Ophyd Status");
    let kwargs = |group: &str| format!("{{\"group\": \"{group}\"}}");
    let Grouped { pairs, outside, undecided, .. } = grouped(vec![
        run(10, 0, 100).attribute("run.key", "a"),
        run(20, 50, 150).attribute("run.key", "b"),
        // While one was open.
        loose(set, 1, 10, 11).attribute("msg.kwargs", kwargs("g1")).attribute("device_name", "motor"),
        loose(set, 2, 120, 121).attribute("msg.kwargs", kwargs("g2")),
        // While both were.
        loose(set, 3, 60, 61).attribute("msg.run", "b").attribute("device_name", "stage"),
        loose(wait, 4, 61, 62).attribute("group", "g1"),
        loose(wait, 5, 62, 63).attribute("group", "g2"),
        loose(status, 6, 63, 64).attribute("device_name", "motor"),
        loose(status, 7, 64, 65).attribute("device_name", "stage"),
        loose(status, 8, 65, 66).attribute("device_name", "nobody's"),
    ]);
    assert_eq!(pairs, [(1, 10), (2, 20), (3, 20), (4, 10), (5, 20), (6, 10), (7, 20)]);
    assert_eq!((outside, undecided), (vec![], vec![8]));
}

#[test]
fn a_trace_without_runs_stays_as_it_is() {
    let trace = Trace::from_spans([loose("a", 1, 0, 1).build(), loose("b", 2, 0, 1).parent_id(1).trace_id(1).build()]);
    let grouped = trace.grouped_by_run();
    assert_eq!(grouped.trace, trace);
    assert_eq!(grouped.outside.len(), 1);
}
