//! What Jaeger's and Zipkin's spans have alike: times in whole microseconds, and tags for what the format has no place for.

use std::time::Duration;

use super::field::{Field, Wrong};
use super::gather::Gather;
use crate::trace::{Scope, SpanBuilder};
use crate::value::{Text, Timestamp, Value};

/// The tags of a span, in their order. A key may come twice.
pub(super) type Entries = Vec<(Text, Value)>;

/// The span with its start and end, from a start and a duration in microseconds. Where the start is missing it is unknown, and the
/// duration counts from the epoch.
pub(super) fn timed<'a>(
    span: SpanBuilder,
    start: Option<Field<'a>>,
    duration: Option<Field<'a>>,
) -> Result<SpanBuilder, Wrong<'a>> {
    let start = start.map(microseconds).transpose()?;
    let span = match start {
        Some(start) => span.start(Timestamp::EPOCH + start),
        None => span.unknown_start(),
    };
    Ok(match duration {
        Some(duration) => span.end(Timestamp::EPOCH + start.unwrap_or_default() + microseconds(duration)?),
        None => span,
    })
}

/// The span with the trace state and the scope that its tags tell, which are taken out.
pub(super) fn state_and_scope(gather: &mut Gather, mut span: SpanBuilder, entries: &mut Entries) -> SpanBuilder {
    if let Some(state) = take_text(entries, &["w3c.tracestate"]) {
        span = span.trace_state(state);
    }
    let scope = take_text(entries, &["otel.scope.name", "otel.library.name"]);
    let version = take_text(entries, &["otel.scope.version", "otel.library.version"]);
    match scope {
        Some(name) => span.scope(gather.scope(Scope { name, version, ..Scope::default() })),
        None => span,
    }
}

/// Takes the first text out that is at one of these keys.
pub(super) fn take_text(entries: &mut Entries, keys: &[&str]) -> Option<Text> {
    let at = entries.iter().position(|(key, value)| keys.contains(&key.as_str()) && value.as_str().is_some())?;
    match entries.remove(at).1 {
        Value::Str(text) => Some(text),
        _ => None,
    }
}

/// A time, or a duration, in whole microseconds.
pub(super) fn microseconds(time: Field<'_>) -> Result<Duration, Wrong<'_>> {
    time.unsigned().map(Duration::from_micros).ok_or_else(|| time.wrong("a number of microseconds"))
}
