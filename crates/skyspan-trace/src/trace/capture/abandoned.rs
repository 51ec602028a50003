//! Spans that nobody is left to end.

use std::time::SystemTime;

use opentelemetry_sdk::trace::SpanData;

/// The attribute of a span that was abandoned: it stays open, for nobody is left who could say how it ended.
pub const ABANDONED: &str = "skyspan.abandoned";

/// Whether a record that the SDK gives at the end of a span is that of one that was abandoned: it has the attribute, and the
/// epoch for its end.
pub(super) fn is_abandoned(ended: &SpanData) -> bool {
    ended.end_time == SystemTime::UNIX_EPOCH && ended.attributes.iter().any(|entry| entry.key.as_str() == ABANDONED)
}
