//! What the spans of bluesky's RunEngine and ophyd's statuses say of themselves: its documentation, "Tracing with Opentelemetry".

use super::Span;
use super::name_in_repr;
use crate::value::{Map, Value, from_json};

/// What the span of a run is called.
pub const RUN: &str = "Bluesky RunEngine run";
/// The events of a run's span between which its plan is paused, where the engine notes them.
pub const PAUSED: &str = "paused";
/// The end of that.
pub const RESUMED: &str = "resumed";
/// The events of a run's span between which its plan is suspended; `reason` says why.
pub const SUSPENDED: &str = "suspended";
/// The end of that.
pub const RELEASED: &str = "released";
/// What the span of a status is called.
pub const STATUS: &str = "Ophyd Status";
/// What the span of a wait for one status is called, which the RunEngine itself never makes.
pub const STATUS_WAIT: &str = "Ophyd Status wait";
/// What the names of spans of messages begin with.
const MESSAGE: &str = "Bluesky RunEngine ";

/// The command of a message's span; nothing for a run, which lasts longer than its message.
pub fn command_of(span: &Span) -> Option<&str> {
    span.name().strip_prefix(MESSAGE).filter(|command| *command != "run")
}

/// The keyword arguments of a message.
pub fn kwargs_of(span: &Span) -> Option<Map> {
    from_json(span.attr("msg.kwargs")?.as_str()?).ok()?.as_map().cloned()
}

/// The group of a message: a wait has it as an attribute, others among the arguments. Nothing where it has none, or one that
/// Python holds for false, as bluesky has it.
pub fn group_of(span: &Span) -> Option<Value> {
    if let Some(group) = span.attr("group") {
        return Some(group.clone());
    }
    // Where the word does not stand, there is nothing to be read.
    let kwargs = span.attr("msg.kwargs")?.as_str().filter(|kwargs| kwargs.contains("\"group\""))?;
    from_json(kwargs).ok()?.as_map()?.get("group").filter(|group| group.is_truthy()).cloned()
}

/// The name of the device that a status is of, or that a message goes to; where its `repr` has no name, the whole of that.
pub fn device_of(span: &Span) -> Option<&str> {
    let text = |key| span.attr(key).and_then(Value::as_str);
    match text("device_name") {
        Some(name) => Some(name),
        None => text("msg.obj").map(|repr| name_in_repr(repr).unwrap_or(repr)),
    }
}
