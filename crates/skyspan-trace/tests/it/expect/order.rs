//! Spans in time: before, within, at once.

use skyspan_trace::expect::{at_once, if_any, some};

use super::*;

/// Two exposures in one shutter, and a readout after each; times in ms.
fn shots() -> Trace {
    const MS: u64 = 1_000_000;
    let made = |name, id, start: u64, duration: u64| made(name, id, 0, start * MS, duration * MS).build();
    Trace::from_spans([
        made("expose", 2, 10, 20),
        made("read out", 3, 30, 5),
        made("expose", 4, 40, 20),
        made("read out", 5, 60, 5),
        made("shutter", 1, 0, 60),
    ])
}

#[test]
fn quantifiers_are_what_they_say() {
    let (expose, read, shutter) = (|| span("expose"), || span("read out"), || span("shutter"));
    let all = &shots();
    fails(every(expose()).before(every(read())), all);
    passes(every(expose()).before(some(read())), all);
    passes(some(expose()).before(every(read())), all);
    passes(some(expose()).before(some(read())), all);
    fails(every(read()).before(some(expose())), all);
    fails(some(read()).before(every(expose())), all);
    passes(every(shutter()).starts_before(every(expose())), all);
    passes(
        every(expose()).ends_before(some(shutter())).by(ms(30)..),
        &Trace::from_spans(all.spans().take(1).chain(all.spans().skip(4)).map(|span| span.span().clone())),
    );
    passes(every(expose()).within(every(shutter())), all);
    fails(every(read()).within(some(shutter())), all);
    passes(some(read()).within(some(shutter())), all);
    passes(every(expose()).apart_from(every(read())), all);
    passes(every(expose()).apart_from(every(expose())), all);
    fails(every(shutter()).apart_from(some(expose())), all);
    passes(every(shutter()).overlaps(every(expose())), all);
    fails(every(shutter()).overlaps(every(read())), all);
}

#[test]
fn a_gap_is_told_to_the_nanosecond() {
    let all = &shots();
    passes(every(span("expose")).before(some(span("read out"))).by(..=ns(0)), all);
    passes(every(span("read out").attr("last", any())).before(some(span("expose"))).by(ms(5)..=ms(5)).or_none(), all);
    passes(some(span("read out")).before(some(span("expose"))).by(ms(5)..=ms(5)), all);
    fails(some(span("read out")).before(some(span("expose"))).by(..ms(5)), all);
    fails(every(span("expose")).starts_before(some(span("expose"))).by(ms(30)..=ms(30)), all);
}

#[test]
fn spans_at_the_same_instant_are_in_the_order_in_which_they_came() {
    let instant = |name, id| made(name, id, 0, 7, 0).build();
    let all = &Trace::from_spans([instant("set", 1), instant("wait", 2)]);
    passes(every(span("set")).before(every(span("wait"))), all);
    fails(every(span("wait")).before(every(span("set"))), all);
    passes(every(span("set")).apart_from(every(span("wait"))), all);
}

#[test]
fn an_order_of_nothing_is_an_error() {
    let all = &shots();
    fails(every(span("expose")).before(every(span("retry"))), all);
    fails(every(span("retry")).before(every(span("expose"))), all);
    passes(every(span("retry")).before(every(span("expose"))).or_none(), all);
    passes(every(span("retry")).or_none().before(some(span("expose"))), all);
    fails(some(span("retry")).before(every(span("expose"))), all);
}

#[test]
fn what_is_said_of_every_span_besides_holds_too() {
    let all = &shots();
    passes(every(span("expose")).lasting(..=ms(20)).within(some(span("shutter"))), all);
    fails(every(span("expose")).lasting(..ms(20)).within(some(span("shutter"))), all);
}

#[test]
fn an_order_that_needs_an_end_wants_one() {
    let open = Span::builder("shutter").trace_id(1).span_id(9).start(Timestamp::EPOCH).build();
    let all = &Trace::from_spans(shots().spans().map(|span| span.span().clone()).chain([open]));
    fails(every(span("expose")).within(some(span("shutter"))), all);
    passes(every(span("shutter")).starts_before(every(span("expose"))), all);
}

#[test]
fn a_wrong_order_is_told_span_by_span() {
    reports(
        every(span("read out")).before(every(span("expose"))),
        &shots(),
        r#"
the trace is not as expected: 2 spans differ

2 spans "read out", the first at the root at 30 ms: order: expected that it ends before every span "expose" starts, found that it ends 25 ms after one starts

    shutter   60 ms
    expose    20 ms
  ✗ read out   5 ms
                order: expected that it ends before every span "expose" starts,
                  found that it ends 25 ms after one starts
    expose    20 ms
  ✗ read out   5 ms
                order: expected that it ends before every span "expose" starts,
                  found that it ends 25 ms after one starts
"#,
    );
}

#[test]
fn no_more_than_so_many_are_under_way_at_once() {
    let all = &shots();
    passes(at_most(1).at_once(span("expose")), all);
    passes(at_once(span(any())).exactly(2), all);
    passes(at_once(span("retry")).exactly(0), all);
    fails(at_once(span("expose")).at_least(2), all);
    reports(
        at_most(1).at_once(span(any())),
        all,
        r#"
the trace is not as expected: too many at once

expected at most 1 span of any name at once, found 2

  Σ shutter   60 ms
  Σ expose    20 ms
    read out   5 ms
    expose    20 ms
    read out   5 ms
"#,
    );
}

#[test]
fn a_condition_that_is_met_is_said() {
    passes(if_any(span("retry")).then(none(span(any()))), &shots());
    reports(
        if_any(span("shutter")).then(one(span("close"))),
        &shots(),
        r#"
the trace is not as expected: 1 span is missing
there is 1 span "shutter", so this must be the case: exactly 1 span "close"

expected exactly 1 span "close", found none

  ✓ shutter   60 ms
    expose    20 ms
    read out   5 ms
    expose    20 ms
    read out   5 ms
  + close            missing
"#,
    );
}
