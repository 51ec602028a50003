//! From a [`Node`] to an [`Item`]: a call with what is done to it from outside, or a request.

use super::read_program::expected;
use super::read_step::steps;
use crate::program::data::{CallSpec, Item, OutsideAct, OutsideSpec, PauseAction, PutSpec, Request};
use crate::program::subscribers::read_subs;
use crate::value::yaml::{Fields, listed, not_one_of};
use crate::value::yaml::{Node, NodeValue, Spanned, YamlError};

/// The keys that are about a call, whatever its plan.
const CALL_KEYS: [&str; 6] = ["meta", "subs", "input", "at", "on_pause", "expect"];

/// The keys that bluesky-queueserver writes into an item, and that are about its queue.
pub(in crate::program) const KEPT_KEYS: [&str; 5] = ["item_uid", "user", "user_group", "properties", "result"];

pub(super) fn item(node: &Node) -> Result<Item, YamlError> {
    let fields = Fields::any(node, "an item")?;
    let position = fields.position;
    let item_type = fields.need("item_type")?;
    match item_type.as_str() {
        Some("plan") => {
            let fields = Fields::any(node, "a plan item")?;
            fields.allow_besides(&with_call(&["item_type", "name", "args", "kwargs"]), &KEPT_KEYS)?;
            Ok(Item::Plan {
                name: fields.need_str("name", "the name of a plan")?,
                args: fields.list("args")?.to_vec(),
                kwargs: fields.named("kwargs")?,
                kept: fields.only(&KEPT_KEYS),
                call: call(&fields)?,
                position,
            })
        }
        Some("messages") => {
            let fields = Fields::of(node, "a messages item", &with_call(&["item_type", "messages"]))?;
            let messages = steps(fields.need("messages")?, "messages")?;
            Ok(Item::Messages { messages, call: call(&fields)?, position })
        }
        Some("request") => {
            let fields = Fields::of(node, "a request item", &["item_type", "do"])?;
            let asked = fields.need("do")?;
            let request = request(asked).ok_or_else(|| not_one_of(asked, "a request", &REQUESTS))?;
            Ok(Item::Request { request, position })
        }
        _ => Err(not_one_of(item_type, "an item type", &["plan", "messages", "request"])),
    }
}

fn with_call(keys: &[&'static str]) -> Vec<&'static str> {
    [keys, &CALL_KEYS].concat()
}

fn call(fields: &Fields<'_>) -> Result<CallSpec, YamlError> {
    let line = |node: &Node| {
        let line = node.expect_str("a line of input")?;
        if line.contains(['\n', '\r']) {
            return Err(node.unexpected("one line of input, without a line break"));
        }
        Ok(line.to_owned())
    };
    Ok(CallSpec {
        meta: fields.map("meta")?,
        subs: fields.get("subs").filter(|node| !node.is_null()).map_or_else(|| Ok(Vec::new()), read_subs)?,
        input: match fields.get("input") {
            Some(_) => Some(fields.list("input")?.iter().map(line).collect::<Result<_, _>>()?),
            None => None,
        },
        at: fields.list("at")?.iter().map(outside).collect::<Result<_, _>>()?,
        on_pause: fields.list("on_pause")?.iter().map(pause_action).collect::<Result<_, _>>()?,
        expect: expected(fields)?,
    })
}

fn outside(node: &Node) -> Result<OutsideSpec, YamlError> {
    const WHAT: &str = "an entry of `at`";
    const ONE_OF: &str = "exactly one of the keys `set`, `do`";
    const DOES: [&str; 6] = ["pause", "deferred_pause", "abort", "stop", "halt", "suspend"];
    let fields = Fields::any(node, WHAT)?;
    let (act, own_keys): (_, &[&str]) = match (fields.get("set"), fields.get("do")) {
        (Some(set), None) => (OutsideAct::Set(puts(set)?), &["set"]),
        (None, Some(done)) => match done.as_str() {
            Some("abort") => (OutsideAct::Ask(abort(&fields)?), &["do", "reason"]),
            Some("suspend") => (suspend(&fields)?, &["do", "for_s", "justification"]),
            Some(word) if DOES.contains(&word) => match request(done) {
                Some(request) => (OutsideAct::Ask(request), &["do"]),
                None => return Err(not_one_of(done, "what is done", &DOES)),
            },
            _ => return Err(not_one_of(done, "what is done", &DOES)),
        },
        (Some(_), Some(_)) => {
            return Err(YamlError::new(node.position, format!("{ONE_OF} in {WHAT}"), "both"));
        }
        (None, None) => {
            // Of the keys there are, one that is nearly right is what went wrong.
            fields.allow(&["message", "after_s", "set", "do", "reason", "for_s", "justification"])?;
            return Err(fields.lacks(ONE_OF));
        }
    };
    fields.allow(&[&["message", "after_s"], own_keys].concat())?;
    let (message, after) = (fields.ordinal("message")?, fields.seconds("after_s")?);
    if message.is_none() && after.is_none() && !matches!(act, OutsideAct::Set(_)) {
        // Before the call there is no plan with which anything could be done.
        return Err(fields.lacks("one of the keys `message`, `after_s` beside `do`"));
    }
    Ok(OutsideSpec { message, after, act, position: node.position })
}

fn suspend(fields: &Fields<'_>) -> Result<OutsideAct, YamlError> {
    fields.need("for_s")?;
    let time = fields.seconds("for_s")?.unwrap_or_default();
    Ok(OutsideAct::Suspend { time, justification: fields.text("justification", "why the plan is suspended")? })
}

fn abort(fields: &Fields<'_>) -> Result<Request, YamlError> {
    Ok(Request::Abort { reason: fields.text("reason", "the reason of an abort")?.unwrap_or_default() })
}

/// Signals and the values that they get.
fn puts(node: &Node) -> Result<Vec<PutSpec>, YamlError> {
    let fields = Fields::any(node, "`set`")?;
    let put = |(signal, value): (Spanned<String>, Node)| {
        Ok(PutSpec { signal, value: Spanned { value: value.to_value()?, position: value.position } })
    };
    fields.all_but(&[]).into_iter().map(put).collect()
}

/// What can be asked of an engine, in words.
const REQUESTS: [&str; 6] = ["resume", "pause", "deferred_pause", "abort", "stop", "halt"];

/// What is asked by one word.
fn request(node: &Node) -> Option<Request> {
    Some(match node.as_str()? {
        "resume" => Request::Resume,
        "pause" => Request::Pause,
        "deferred_pause" => Request::DeferredPause,
        "abort" => Request::Abort { reason: String::new() },
        "stop" => Request::Stop,
        "halt" => Request::Halt,
        _ => return None,
    })
}

fn pause_action(node: &Node) -> Result<PauseAction, YamlError> {
    const WHAT: &str = "an action at a pause";
    const WORDS: [&str; 7] = ["resume", "abort", "stop", "halt", "pause", "deferred_pause", "call"];
    const KINDS: [&str; 3] = ["do", "set", "sleep"];
    if node.as_str() == Some("call") {
        return Ok(PauseAction::Call);
    }
    if let Some(request) = request(node) {
        return Ok(PauseAction::Ask(request));
    }
    if !matches!(node.value, NodeValue::Mapping(_)) {
        return Err(not_one_of(node, WHAT, &WORDS));
    }
    let fields = Fields::of(node, WHAT, &["do", "reason", "set", "sleep"])?;
    let Some(kind) = KINDS.into_iter().find(|kind| fields.get(kind).is_some()) else {
        return Err(fields.lacks(&format!("one of the keys {}", listed(&KINDS))));
    };
    match kind {
        "set" => {
            fields.allow(&["set"])?;
            Ok(PauseAction::Set(puts(fields.need("set")?)?))
        }
        "sleep" => {
            fields.allow(&["sleep"])?;
            Ok(PauseAction::Sleep(fields.seconds("sleep")?.unwrap_or_default()))
        }
        _ => {
            fields.allow(&["do", "reason"])?;
            let action = fields.need("do")?;
            match action.as_str() {
                Some("abort") => Ok(PauseAction::Ask(abort(&fields)?)),
                // In Python, too, only `abort` has a reason, and a map is the way to give one.
                Some(word) if WORDS.contains(&word) => {
                    let error = action.unexpected("`abort`, which alone may have a reason");
                    Err(error.with_help(format!("write `{word}` without a map")))
                }
                _ => Err(not_one_of(action, WHAT, &WORDS)),
            }
        }
    }
}
