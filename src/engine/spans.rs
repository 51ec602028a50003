//! Which spans the engine leaves, and what stands on them.

use std::fmt;

use crate::clock::LiveSpan;
use crate::message::{Arg, Command, Msg, PlanError};
use crate::value::{Text, Value};

/// The instrumentation scope of the engine's and the plans' spans, as in bluesky.
pub const BLUESKY_SCOPE: &str = "bluesky.tracing";
/// The instrumentation scope of the spans of statuses, as in ophyd.
pub const STATUS_SCOPE: &str = "ophyd.status";

/// Which spans the engine leaves.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum SpanConvention {
    /// Those that bluesky documents: `Bluesky RunEngine run`, `set` and `wait`. The span of a run is the parent of none.
    #[default]
    Bluesky,
    /// All spans of a run under the span of the run, in one trace. That one has also `run.uid`, `run.scan_id` and
    /// `run.key`; `trigger`, `read`, `stage`, `unstage` and `sleep` have spans of their own; what failed has status
    /// ERROR. When the plan was paused and suspended, events of the run's span say: `paused` and `resumed` (also where the
    /// pause ends with the plan), `suspended`, with the `reason` where there is one, and `released`. A drawing shows the time between.
    Nested,
}

impl SpanConvention {
    /// The name of the span that a message leaves, if it leaves one. That of a run is started elsewhere.
    pub(super) fn span_name(self, command: &str) -> Option<Text> {
        Some(Text::literal(match (command, self) {
            ("set", _) => "Bluesky RunEngine set",
            ("wait", _) => "Bluesky RunEngine wait",
            ("complete", _) => "Bluesky RunEngine complete",
            ("collect", _) => "Bluesky RunEngine collect",
            ("kickoff", Self::Nested) => "Bluesky RunEngine kickoff",
            ("trigger", Self::Nested) => "Bluesky RunEngine trigger",
            ("read", Self::Nested) => "Bluesky RunEngine read",
            ("stage", Self::Nested) => "Bluesky RunEngine stage",
            ("unstage", Self::Nested) => "Bluesky RunEngine unstage",
            ("sleep", Self::Nested) => "Bluesky RunEngine sleep",
            _ => return None,
        }))
    }

    /// Its name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bluesky => "bluesky",
            Self::Nested => "nested",
        }
    }
}

impl fmt::Display for SpanConvention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The name of the span of a run.
pub(super) const RUN_SPAN: Text = Text::literal("Bluesky RunEngine run");

/// Writes on a span which message it is of: `_set_span_msg_attributes` of bluesky 1.15.1.
pub(super) fn set_msg_attributes(span: &mut LiveSpan, msg: &Msg) {
    if !span.is_recording() {
        return;
    }
    let is_wait = matches!(msg.command, Command::Wait(_));
    span.reserve(if is_wait { 5 } else { 4 });
    span.set(Text::literal("msg.command"), msg.command.name_text());
    match msg.plain_args() {
        Some(args) => span.set_list(Text::literal("msg.args"), args),
        None => span.set(Text::literal("msg.args"), msg.args_value()),
    }
    span.set(Text::literal("msg.kwargs"), msg.kwargs_text());
    match msg.obj().filter(is_truthy) {
        Some(obj) => span.set(Text::literal("msg.obj"), obj.repr()),
        None => span.set(Text::literal("msg.no_obj_given"), true),
    }
}

fn is_truthy(obj: &Arg) -> bool {
    obj.as_value().is_none_or(Value::is_truthy)
}

/// Writes on the span of a wait which group it is about.
pub(super) fn set_group_attribute(span: &mut LiveSpan, group: &Value) {
    if group.is_truthy() {
        span.set(Text::literal("group"), group.clone());
    } else {
        span.set(Text::literal("no_group_given"), true);
    }
}

/// Marks the span of a message that failed.
pub(super) fn set_failure(span: &mut LiveSpan, error: &PlanError) {
    if span.is_recording() {
        span.fail(error.name(), &error.to_string());
    }
}
