//! TraceQL.

use std::collections::HashSet;
use std::sync::LazyLock;

use skyspan::query::{Query, QueryAnswer, QueryError};
use skyspan::trace::{Event, Link, Span, Status, Trace};
use skyspan::value::{Timestamp, Value};

use crate::lines::assert_within;

/// The text is a query, or an error is within it; what is written of it is the same query; what it finds is in the trace.
///
/// # Panics
///
/// If one of these does not hold.
pub fn query(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let query = match text.parse::<Query>() {
        Ok(query) => query,
        Err(error) => return is_told(&error, text),
    };
    let written = query.to_string();
    let again: Query = match written.parse() {
        Ok(again) => again,
        Err(error) => panic!("{text:?} is written as {written:?}, which is none: {error}"),
    };
    assert_eq!(again, query, "{written:?}");
    match (query.answer(&TRACE), again.answer(&TRACE)) {
        (Ok(answer), Ok(other)) => {
            let json = holds_together(&answer);
            assert_eq!(json, holds_together(&other), "{written:?}");
        }
        (Err(error), Err(_)) => is_told(&error, text),
        (answer, other) => panic!("{text:?} and {written:?} differ: {answer:?}, {other:?}"),
    }
}

fn is_told(error: &QueryError, text: &str) {
    assert_within(error.position, text);
    assert!(!error.to_string().is_empty());
}

/// Gives the answer as JSON, without hints, which hang on brackets.
fn holds_together(answer: &QueryAnswer) -> serde_json::Value {
    let mut seen = HashSet::new();
    for span in answer.spans() {
        assert!(span.index() < TRACE.len() && seen.insert(span.index()), "each span is found once");
    }
    assert_eq!(seen.len(), answer.span_count());
    assert!(!answer.to_string().is_empty());
    let mut json = serde_json::to_value(answer).unwrap_or_default();
    assert_eq!(json["version"], 1);
    json["hints"].take();
    json
}

/// Two traces with an orphan and a cycle, and values of every type.
static TRACE: LazyLock<Trace> = LazyLock::new(|| {
    let at = Timestamp::from_unix_ns;
    let made = |trace_id: u128, id: u64, name: &str| {
        Span::builder(name.to_owned()).trace_id(trace_id).span_id(id).start(at(id * 1_000_000)).end(at(id * 3_000_000))
    };
    let mixed = Value::from_iter([Value::Int(1), Value::from("a")]);
    Trace::from_spans([
        made(1, 1, "a").attribute("v", 5).attribute("w", true).build(),
        made(1, 2, "b").parent_id(1).attribute("v", 5.5).status(Status::error("stalled")).build(),
        made(1, 3, "b").parent_id(2).attribute("v", "a.b").event(Event::new("e", at(0))).build(),
        made(1, 4, "c").parent_id(9).attribute("v", Value::from([1, 2])).link(Link::new(1_u128, 1_u64)).build(),
        made(1, 5, "c").parent_id(6).attribute("v", mixed).build(),
        made(1, 6, "c").parent_id(5).build(),
        made(2, 7, "a").attribute("v", f64::NAN).build(),
        Span::builder("open").trace_id(2).span_id(8).parent_id(7).attribute("v", i64::MIN).build(),
    ])
});
