//! Trees as text.

use std::sync::LazyLock;

use skyspan::clock::Timestamp;
use skyspan::expect::ForestExpectation;
use skyspan::trace::{Span, Status, Trace};
use skyspan::value::{Value, from_json};

use crate::lines::assert_within;
use crate::trace::holds_together;

/// The text is a pattern, or an error is within it; a pattern is held against a small trace, and what is wrong is told.
///
/// The same text is the description of a trace, which holds together, and is as its drawing says.
///
/// # Panics
///
/// If one of these does not hold.
pub fn tree_pattern(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let described = trace_of(text);
    match ForestExpectation::parse(text) {
        Ok(pattern) => {
            assert!(!pattern.to_string().is_empty());
            for trace in [&*SCAN, &described] {
                if let Err(mismatch) = trace.check(&pattern) {
                    assert!(!mismatch.to_string().is_empty());
                }
            }
        }
        Err(error) => {
            assert_within(error.position, text);
            assert!(!error.to_string().is_empty());
        }
    }
    holds_together(&described);
}

static SCAN: LazyLock<Trace> = LazyLock::new(|| {
    trace_of(
        "scan|12000000|num=2\n set|2000000|msg.args=[5]\n  Ophyd Status||target=5\n set|2|msg.args=[6.0]\n log\nlog",
    )
});

/// A trace from a text: one line a span, one space for each level of depth, then `name|nanoseconds|key=value|key=value...`.
/// A span without nanoseconds never ended. What is JSON is that, and other text stands for itself.
fn trace_of(text: &str) -> Trace {
    let mut spans = Vec::new();
    // The ids of those spans that the next may be below.
    let mut above: Vec<u64> = Vec::new();
    for (line, id) in text.lines().take(40).zip(1..) {
        let words = line.trim_start_matches(' ');
        above.truncate(line.len() - words.len());
        let mut words = words.split('|');
        let name = words.next().map(text_of).unwrap_or_default();
        let start = Timestamp::from_unix_ns(id % 3);
        let mut span = Span::builder(name).trace_id(1).span_id(id).start(start);
        if let Some(parent) = above.last() {
            span = span.parent_id(*parent);
        }
        if let Some(ns) = words.next().and_then(|ns| ns.parse::<i64>().ok()) {
            span = span.end(Timestamp::from_unix_ns(start.unix_ns().saturating_add_signed(ns)));
            if ns % 7 == 6 {
                span = span.status(Status::error("stalled"));
            }
        }
        for word in words {
            let (key, value) = word.split_once('=').unwrap_or((word, "null"));
            span = span.attribute(text_of(key), from_json(value).unwrap_or_else(|_| value.into()));
        }
        spans.push(span.build());
        above.push(id);
    }
    Trace::from_spans(spans)
}

/// A JSON string, or the text itself.
fn text_of(text: &str) -> String {
    match from_json(text) {
        Ok(Value::Str(inner)) => inner.to_string(),
        _ => text.to_owned(),
    }
}
