//! What went wrong with a span, by its own word.

use crate::trace::{Span, Status};
use crate::value::Value;

/// How bluesky's engine says that a run ended otherwise than with success.
const BAD_ENDS: [&str; 2] = ["fail", "abort"];

/// What went wrong with a span, in a few words: the description of its error, the exception of a bluesky status, the reason of a
/// run that did not succeed, or the exception that one of its events records. Nothing where all went well.
pub(super) fn fault(span: &Span) -> Option<String> {
    let text = |key: &str| span.attr(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let recorded = || span.events().iter().rev().find(|event| event.name == "exception");
    if let Some(bad) = text("exit_status").filter(|status| BAD_ENDS.contains(status)) {
        return Some(text("reason").map_or_else(|| format!("exit status {bad}"), str::to_owned));
    }
    if let Some(exception) = text("exception").filter(|exception| *exception != "None") {
        return Some(exception.to_owned());
    }
    let by_event = || {
        let event = recorded()?;
        let part = |key: &str| event.attributes.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        match (part("exception.type"), part("exception.message")) {
            (Some(kind), Some(message)) => Some(format!("{kind}: {message}")),
            (kind, message) => kind.or(message).map(str::to_owned),
        }
    };
    match span.status() {
        Status::Error { description } if !description.is_empty() => Some(description.to_string()),
        Status::Error { .. } => Some(by_event().unwrap_or_else(|| "status ERROR".to_owned())),
        Status::Ok => None,
        Status::Unset => recorded().map(|_| by_event().unwrap_or_else(|| "an exception".to_owned())),
    }
}
