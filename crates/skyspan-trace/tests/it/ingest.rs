//! Whatever the source, spans come in by one door.

use skyspan_trace::expect::{forest, span};
use skyspan_trace::trace::capture::ingest::{Incoming, Ingest, router};
use skyspan_trace::trace::{Capture, Span, SpanBuilder};
use skyspan_trace::value::Timestamp;

fn made(name: &'static str, trace: u128, id: u64) -> SpanBuilder {
    Span::builder(name).trace_id(trace).span_id(id).start(Timestamp::from_unix_ns(id))
}

fn ended(span: SpanBuilder) -> Incoming {
    span.end(Timestamp::from_unix_ns(100)).build().into()
}

#[test]
fn a_source_of_ones_own_tells_what_starts_and_what_ends() {
    let capture = Capture::new();
    capture.started(made("request", 1, 1).build().into());
    capture.started(made("query", 1, 2).parent_id(1).build().into());
    capture.ended(ended(made("query", 1, 2).parent_id(1).attribute("rows", 3)));
    let open: Vec<String> = capture.open_spans().iter().map(|open| open.name.to_string()).collect();
    assert_eq!(open, ["request"]);
    let trace = capture.trace();
    trace.assert(forest([span("request").children([span("query").attr("rows", 3).ended()])]));
    assert_eq!(trace.unended().count(), 1);
    capture.ended(ended(made("request", 1, 1)));
    assert_eq!(capture.trace().unended().count(), 0);
}

#[test]
fn an_open_span_has_no_end_whatever_its_source_says() {
    let capture = Capture::new();
    capture.started(ended(made("request", 1, 1)));
    assert_eq!(capture.trace().spans().next().unwrap().end(), None);
}

#[test]
fn an_open_span_is_seen_with_what_its_source_says_of_it_by_now() {
    let capture = Capture::new();
    capture.started(made("request", 1, 1).build().into());
    capture.started(made("query", 1, 2).parent_id(1).build().into());
    assert_eq!(capture.trace().get(1).unwrap().attr("user"), None);
    capture.still_open(made("request", 1, 1).attribute("user", "ada").build());
    let trace = capture.trace();
    trace.assert(forest([span("request").attr("user", "ada").open().children([span("query").open()])]));
    // It neither ends by that, nor does one start.
    capture.still_open(made("query", 1, 3).build());
    assert_eq!((capture.len(), capture.open_count()), (2, 2));
    capture.ended(ended(made("request", 1, 1)));
    capture.still_open(made("request", 1, 1).attribute("user", "ada").build());
    assert_eq!((capture.trace().get(1).unwrap().attr("user"), capture.open_count()), (None, 1));
}

#[test]
fn a_source_that_tells_of_ends_alone_knows_the_order_of_starting() {
    let capture = Capture::new();
    let at_once = |name, id, order| {
        let at = Timestamp::from_unix_ns(5);
        Incoming::from(Span::builder(name).trace_id(1).span_id(id).start(at).end(at).started(order).build())
    };
    capture.ended(at_once("second", 2, 2));
    capture.ended(at_once("first", 1, 1));
    let trace = capture.trace();
    assert_eq!(trace.roots().map(|root| root.name().to_owned()).collect::<Vec<_>>(), ["first", "second"]);
}

#[test]
fn what_only_ends_is_taken_too() {
    let capture = Capture::new();
    capture.ended(ended(made("request", 1, 1)));
    assert_eq!((capture.len(), capture.open_count()), (1, 0));
}

#[test]
fn the_router_gives_each_span_to_its_capture() {
    let (first, second) = (Capture::new(), Capture::new());
    let scope = first.scope();
    router().started(made("request", 101, 1).build().into());
    drop(scope);
    let scope = second.scope();
    let place = scope.place();
    router().started(made("request", 102, 1).build().into());
    drop(scope);
    // On a thread that is nowhere, they are known by their parents, and by their places.
    std::thread::scope(|threads| {
        threads.spawn(|| {
            router().started(made("query", 101, 2).parent_id(1).build().into());
            router().ended(ended(made("query", 101, 2).parent_id(1)));
            router().ended(ended(made("request", 101, 1)));
            router().ended(ended(made("request", 102, 1)));
            router().started(Incoming::from(made("by its place", 103, 1).build()).at(place.clone()));
            router().ended(ended(made("by its place", 103, 1)));
            router().ended(ended(made("only ended", 104, 1)).at(place));
            router().ended(ended(made("nobody's", 105, 1)));
        });
    });
    first.trace().assert(forest([span("request").ended().children([span("query").ended()])]));
    second.trace().assert(forest([span("request").ended(), span("by its place").ended(), span("only ended")]));
}
