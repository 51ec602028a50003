//! Traces from files, in every format.

use skyspan::trace::{ReadError, ReadOptions, Span, Trace};
use skyspan::value::Value;

use crate::lines::assert_within;
use crate::trace::holds_together;

/// How a frame of zstd begins.
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// A text in any format that [`Trace::read`] knows: console JSON, OTLP JSON, Jaeger's. An error is within the text.
///
/// What was read holds together (each span in one tree, drawn on one line, ...). Written as console JSON it is read again as
/// the same trace, and written as the same bytes; OTLP JSON the same; and one way through the other nothing is lost.
///
/// # Panics
///
/// If one of these does not hold.
pub fn console_json(bytes: &[u8]) {
    let trace = match Trace::read_from(bytes) {
        Ok(trace) => trace,
        Err(error) => return is_within(&error, bytes),
    };
    holds_together(&trace);

    // Console JSON has microseconds, and neither scopes nor what was dropped; what is left of that is kept.
    let console = trace.to_console_json();
    let read = Trace::from_console_json(&console).unwrap_or_else(|error| panic!("written, not read: {error}"));
    assert_eq!(read.len(), trace.len());
    assert_eq!(read.to_console_json(), console);
    assert_eq!(read_by_content(&console), debug(&read));

    let otlp = trace.to_otlp_json();
    let exact = Trace::from_otlp_json(&otlp).unwrap_or_else(|error| panic!("written, not read: {error}"));
    assert_eq!(exact.to_otlp_json(), otlp);
    assert_eq!(read_by_content(&otlp), debug(&exact));
    if !trace.spans().any(|span| is_beyond_otlp(span.span())) {
        assert_eq!(exact.to_console_json(), console);
    }
}

/// What [`Trace::read`] makes of a text of which nobody says what it is.
fn read_by_content(text: &str) -> String {
    let read = ReadOptions::new().empty(true).read_from(text.as_bytes());
    debug(&read.unwrap_or_else(|error| panic!("written, not read: {error}")).trace)
}

/// A NaN is not equal to itself, but looks so.
fn debug(trace: &Trace) -> String {
    format!("{trace:?}")
}

fn is_within(error: &ReadError, bytes: &[u8]) {
    assert!(!error.to_string().is_empty());
    let text = String::from_utf8_lossy(bytes);
    // What is no text, or has no span, has no line; of what is compressed it is one of another text.
    let is_plain =
        !bytes.contains(&0) && !bytes.starts_with(&[0x1f, 0x8b]) && !bytes.windows(4).take(5).any(|four| four == ZSTD);
    if is_plain && let Some(position) = error.position() {
        assert_within(position, &text);
    }
}

/// Whether a span has what OTLP has no word for, and what is written there as a string: integers beyond 64 bits, and what lies
/// too deep.
fn is_beyond_otlp(span: &Span) -> bool {
    fn is_beyond(value: &Value, depth: usize) -> bool {
        match value {
            Value::BigInt(_) => true,
            Value::Array(elements) => depth >= 100 || elements.iter().any(|element| is_beyond(element, depth + 1)),
            Value::Map(map) => depth >= 100 || map.iter().any(|(_, value)| is_beyond(value, depth + 1)),
            _ => false,
        }
    }
    let events = span.events().iter().map(|event| &event.attributes);
    let links = span.links().iter().map(|link| &link.attributes);
    let mut all = [span.attributes(), &span.resource().attributes].into_iter().chain(events).chain(links);
    all.any(|attributes| attributes.iter().any(|(_, value)| is_beyond(value, 0)))
}
