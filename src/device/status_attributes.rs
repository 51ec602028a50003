//! What a status writes on its span: the keys of ophyd 1.11.2, in its order.

use std::time::Duration;

use super::status::{Phase, StatusParts, StatusProgress, elapsed};
use super::status_classes::StatusKind;
use crate::value::{Map, Text, Value, float_repr, to_json};

/// How many attributes the span of a status has, as it is in that state.
pub(super) fn attribute_count(status: &StatusParts, state: &StatusProgress) -> usize {
    let of_kind = match &status.kind {
        StatusKind::Base | StatusKind::Null | StatusKind::Async { .. } => 0,
        StatusKind::Object | StatusKind::And { .. } => 2,
        StatusKind::Device | StatusKind::Subscription | StatusKind::StableSubscription => 3,
        StatusKind::Move { .. } => 9,
    };
    let of_end = if is_finished(status, state) { 2 } else { 0 };
    4 + of_kind + usize::from(state.exception.is_some()) + of_end
}

/// Whether it is known where and when a move has come to its end. The span of a failed one ends before that is known; a wait
/// for it knows.
fn is_finished(status: &StatusParts, state: &StatusProgress) -> bool {
    state.finish.is_some() && (status.has(Phase::Done) || state.exception.is_none())
}

/// Gives the attributes of the span of a status, as they are in that state, one after another.
pub(super) fn each_attribute(status: &StatusParts, state: &StatusProgress, mut set: impl FnMut(&'static str, Value)) {
    set("status_type", Value::literal(status.kind.class_name()));
    set("settle_time", settle_time(status));
    match status.timeout.filter(|timeout| !timeout.is_zero()) {
        Some(timeout) => set("timeout", seconds(timeout)),
        None => set("no_timeout_given", true.into()),
    }
    set("object_repr", (&state.object_repr).into());
    match &status.kind {
        StatusKind::Base | StatusKind::Null | StatusKind::Async { .. } => {}
        StatusKind::Object => {
            set("obj", status.device.repr().into());
            set("no_obj_given", false.into());
        }
        StatusKind::And { left, right } => {
            set("left", left.attributes().into_iter().collect::<Map>().into());
            set("right", right.attributes().into_iter().collect::<Map>().into());
        }
        StatusKind::Device | StatusKind::Subscription | StatusKind::StableSubscription | StatusKind::Move { .. } => {
            set("device_name", status.device.name().into());
            set("device_type", status.device.class_name().into());
            set("kwargs", keyword_arguments(status));
        }
    }
    if let StatusKind::Move { target } = &status.kind {
        set("target", target.clone());
        set("start_time", status.started.unix_s().into());
        // The blank is ophyd's.
        set("start_pos ", status.start_position.clone());
        set("unit", status.device.positioner().ok().and_then(super::Positioner::egu).into());
        set("positioner_name", status.device.name().into());
        set("positioner", status.device.repr().into());
    }
    if let Some(exception) = &state.exception {
        set("exception", exception.to_string().into());
    }
    if let Some((time, position)) = state.finish.as_ref().filter(|_| is_finished(status, state)) {
        set("finish_time", time.unix_s().into());
        set("finish_pos", position.clone());
    }
}

/// Python's `str` of a status, in that state.
pub(super) fn object_str(status: &StatusParts, state: &StatusProgress) -> Text {
    let StatusKind::And { .. } = &status.kind else { return object_repr(status, state) };
    let (done, success) = (python_bool(status.has(Phase::Done)), python_bool(status.is_success()));
    format!("AndStatus(done={done}, success={success})").into()
}

/// Python's `repr` of a status, in that state.
pub(super) fn object_repr(status: &StatusParts, state: &StatusProgress) -> Text {
    let class = status.kind.class_name();
    let (done, success) = (python_bool(status.has(Phase::Done)), python_bool(status.is_success()));
    let name = status.device.name();
    match &status.kind {
        StatusKind::Base => Text::literal("<ophyd.status.StatusBase object>"),
        StatusKind::Null => Text::literal("<ophyd.sim.NullStatus object>"),
        StatusKind::Object => {
            concat(&[class, "(obj=", &status.device.repr(), ", done=", done, ", success=", success, ")"])
        }
        StatusKind::Device | StatusKind::Subscription | StatusKind::StableSubscription => {
            concat(&[class, "(device=", name, ", done=", done, ", success=", success, ")"])
        }
        StatusKind::Move { .. } => {
            let elapsed = elapsed(status, state);
            let elapsed = if elapsed.is_zero() { "0.0" } else { &format!("{:.1}", elapsed.as_secs_f64()) };
            let settle_time = status.settle_time;
            let settle_time = if settle_time.is_zero() { "0.0" } else { &float_repr(settle_time.as_secs_f64()) };
            concat(&[
                class,
                "(done=",
                done,
                ", pos=",
                name,
                ", elapsed=",
                elapsed,
                ", success=",
                success,
                ", settle_time=",
                settle_time,
                ")",
            ])
        }
        StatusKind::And { left, right } => format!("({} & {})", left.repr(), right.repr()).into(),
        StatusKind::Async { .. } => async_repr(class, name, status, state),
    }
}

/// `<AsyncStatus, device: m, task: <coroutine object ...>, done>`. The address of the coroutine is nothing that is the same twice.
fn async_repr(class: &str, name: &str, status: &StatusParts, state: &StatusProgress) -> Text {
    let device = if name.is_empty() { String::new() } else { format!("device: {name}, ") };
    let ended = match &state.exception {
        _ if !status.has(Phase::Done) => "pending".to_owned(),
        None => "done".to_owned(),
        Some(error) => format!("errored: {}", error.repr()),
    };
    let task = "<coroutine object AsyncStatusBase.__init__.<locals>.wait_with_error_message>";
    format!("<{class}, {device}task: {task}, {ended}>").into()
}

/// One text of many parts; a status is printed for each span, so this does without the formatting machinery.
fn concat(parts: &[&str]) -> Text {
    Text::written(|text| parts.iter().for_each(|part| text.push_str(part)))
}

/// Python's `json.dumps` of the arguments that the status was made with.
fn keyword_arguments(status: &StatusParts) -> Value {
    if status.spelled_out || status.kind.is_of_a_subscription() {
        // These pass on to their base class whatever they were given, and null for what they were not.
        let timeout = status.timeout.map(seconds).unwrap_or_default();
        return to_json(&Map::from_iter([("timeout", timeout), ("settle_time", settle_time(status))]).into()).into();
    }
    let timeout = status.timeout.map(|timeout| ("timeout", seconds(timeout)));
    let settle_time = (!status.settle_time.is_zero()).then(|| ("settle_time", seconds(status.settle_time)));
    if timeout.is_none() && settle_time.is_none() {
        return Value::literal("{}");
    }
    let given: Map = timeout.into_iter().chain(settle_time).collect();
    to_json(&given.into()).into()
}

/// The settle time as it was given; one of a subscription is null where it was not.
fn settle_time(status: &StatusParts) -> Value {
    if status.kind.is_of_a_subscription() && status.settle_time.is_zero() {
        return Value::Null;
    }
    seconds(status.settle_time)
}

/// Seconds as a person would have written them in Python: `0`, or a float.
fn seconds(duration: Duration) -> Value {
    if duration.is_zero() { 0.into() } else { duration.as_secs_f64().into() }
}

const fn python_bool(truth: bool) -> &'static str {
    if truth { "True" } else { "False" }
}
