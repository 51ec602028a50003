//! Events: which, in which order, and whether others may be among them.

use skyspan_trace::expect::{EventExpectation, ForestExpectation, event};
use skyspan_trace::trace::{Attributes, Event};

use super::*;

/// An exposure that is armed, takes two frames and is saved.
fn exposure() -> Trace {
    let event = |name: &'static str, ns: u64, number: i64| {
        let attributes = Attributes::from_iter([("number", number)]);
        Event::new(name, Timestamp::from_unix_ns(ns)).with_attributes(attributes)
    };
    let events = [event("armed", 5, 0), event("frame", 6, 1), event("frame", 7, 2), event("saved", 9, 3)];
    Trace::from_spans([events.into_iter().fold(made("expose", 1, 0, 5, 9), SpanBuilder::event).build()])
}

#[test]
fn events_come_exactly_or_among_others_in_order_or_not() {
    let numbered = |number: i64| event("frame").attr("number", number);
    let (armed, frame, saved) = (|| event("armed"), || event("frame"), || event("saved"));
    // Whether it holds exactly in order, exactly in any order, at least in order, at least in any order.
    let cases: [(Vec<EventExpectation>, [bool; 4]); 9] = [
        (vec![armed(), frame(), frame(), saved()], [true; 4]),
        (vec![saved(), frame(), frame(), armed()], [false, true, false, true]),
        (vec![event(any()), frame(), frame(), event(any())], [true; 4]),
        (vec![numbered(2), event(glob("*ed")), armed(), frame()], [false, true, false, true]),
        (vec![armed(), saved()], [false, false, true, true]),
        (vec![saved(), armed()], [false, false, false, true]),
        (vec![frame(), frame(), frame()], [false; 4]),
        (vec![frame(), numbered(1)], [false, false, false, true]),
        (vec![], [false, false, true, true]),
    ];
    for (events, holds) in cases {
        for (expectation, holds) in [
            span("expose").events(events.clone()),
            span("expose").events_in_any_order(events.clone()),
            span("expose").events_at_least_in_order(events.clone()),
            span("expose").events_at_least(events.clone()),
        ]
        .into_iter()
        .zip(holds)
        {
            assert_eq!(exposure().check(&expectation).is_ok(), holds, "{expectation}");
        }
    }
}

#[test]
fn events_that_are_otherwise_are_told_with_what_was_asked_of_them() {
    reports(
        every(span("expose"))
            .event(event("frame").attr("number", 3).after(..=ns(1)))
            .no_event(event("saved"))
            .events_at_least([event("frame"), event("retry")]),
        &exposure(),
        r#"
the trace is not as expected: 1 span differs

  ✗ expose  9 ns  @event="armed" @event="frame" @event="frame" @event="saved"
                events: expected an event "frame" with number=3 at most 1 ns after the start,
                  found "armed", "frame" (number=1) after 1 ns, "frame" (number=2) after 2 ns, "saved"
                  events: expected no event "saved", found "armed", "frame", "frame", "saved"
                  events: expected at least event "frame", event "retry", found "armed", "frame", "frame", "saved"
"#,
    );
}

#[test]
fn a_text_that_cuts_the_names_of_events_is_read_as_their_beginnings() {
    let at = |ns: u64| Timestamp::from_unix_ns(1_718_700_056_000_000_000 + ns);
    let event = |name: &'static str| Event::new(name, at(3));
    let names = ["a frame was armed", "said \"go on\"\nand went", "a (b) * [c]", "…"];
    let traces = names.map(|name| {
        let span = Span::builder("expose").trace_id(1).span_id(1).start(at(0)).end(at(9));
        Trace::from_spans([span.event(event(name)).event(event("done")).build()])
    });
    for (name, trace) in names.iter().zip(&traces) {
        for width in 0..24 {
            let text = trace.tree_text().width(width).to_string();
            let pattern = ForestExpectation::parse(&text).unwrap_or_else(|error| panic!("{error}"));
            trace.check(pattern).unwrap_or_else(|mismatch| panic!("{name:?} at {width}: {mismatch}"));
        }
    }
    let cut = ForestExpectation::parse("expose  @event=\"a fr…").unwrap();
    assert!(traces[0].check(cut.clone()).is_ok() && traces[2].check(cut).is_err());
}
