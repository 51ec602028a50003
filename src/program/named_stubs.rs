//! The plan stubs that yield one message, by name, with the arguments that they have in bluesky.

use std::sync::Arc;

use super::answers::shown;
use super::awaitables::awaitables;
use super::call::Call;
use super::named_plans::{Make, md, optional_value};
use crate::device::Device;
use crate::message::{Arg, CloseRun, Command, GenericMsg, Msg, Object, PlanError, Response, Subscribe, Wait};
use crate::plan::{Stubs, plan};
use crate::value::yaml::YamlError;
use crate::value::{Text, Value};

/// A plan stub that yields one message, always the same, and gives the answer.
pub(super) fn one_message(msg: impl Into<Msg>) -> Make {
    let msg = msg.into();
    Arc::new(move || {
        let msg = msg.clone();
        plan(async move |p| p.msg(msg).await.map(|answer| shown(&answer)))
    })
}

pub(super) fn simple(call: &Call<'_>, command: Command) -> Result<Make, YamlError> {
    call.expect(&[], &[])?;
    Ok(one_message(command))
}

pub(super) fn sleep(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["time"], &[])?;
    let duration_s = call.required(Some(0), "time")?.expect_number("a number of seconds")?;
    Ok(one_message(Command::Sleep { duration_s }))
}

pub(super) fn read(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["obj"], &[])?;
    let obj = call.bench.device(call.required(Some(0), "obj")?)?;
    Ok(one_message(Command::Read { obj }))
}

pub(super) fn create(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["name"], &[])?;
    Ok(one_message(Command::Create { name: stream_name(call, Some(0))? }))
}

/// The name of a stream; `primary` where there is none. A stream may be called like a device: `{str: det}`.
pub(super) fn stream_name(call: &Call<'_>, at: Option<usize>) -> Result<Text, YamlError> {
    let Some(node) = call.get(at, "name") else { return Ok(Text::literal("primary")) };
    match call.bench.value(node)? {
        Value::Str(name) => Ok(name),
        _ => node.expect_str("the name of a stream").map(Text::from),
    }
}

pub(super) fn open_run(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["md"], &[])?;
    Ok(one_message(Command::OpenRun { md: md(call, Some(0))? }))
}

pub(super) fn close_run(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["exit_status", "reason"], &[])?;
    let exit_status = Some(optional_value(call, Some(0), "exit_status")?);
    let reason = Some(optional_value(call, Some(1), "reason")?);
    Ok(one_message(Command::CloseRun(CloseRun { exit_status, reason }.into())))
}

pub(super) fn wait(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["group"], &["timeout", "error_on_timeout", "watch"])?;
    let timeout = call.get(None, "timeout").filter(|node| !node.is_null());
    let watch = call.get(None, "watch").map_or(Ok(&[][..]), |node| node.expect_list("a list of groups"))?;
    let error_on_timeout = call.get(None, "error_on_timeout");
    Ok(one_message(Command::Wait(Box::new(Wait {
        group: optional_value(call, Some(0), "group")?,
        error_on_timeout: Some(error_on_timeout.map_or(Ok(true), |node| node.expect_bool("true or false"))?),
        timeout_s: Some(timeout.map(|node| node.expect_number("a number of seconds")).transpose()?),
        watch: Some(watch.iter().map(|node| call.bench.value(node)).collect::<Result<_, _>>()?),
    }))))
}

/// `stage` or `unstage`.
pub(super) fn stage<F, Fut>(call: &Call<'_>, stage: F) -> Result<Make, YamlError>
where
    F: Fn(Stubs, Device, Value, Option<bool>) -> Fut + Send + Sync + Copy + 'static,
    Fut: Future<Output = Result<Response, PlanError>> + Send + 'static,
{
    call.expect(&["obj"], &["group", "wait"])?;
    let obj = call.bench.device(call.required(Some(0), "obj")?)?;
    let group = optional_value(call, None, "group")?;
    let wait = call.get(None, "wait").filter(|node| !node.is_null());
    let wait = wait.map(|node| node.expect_bool("true, false or null")).transpose()?;
    Ok(Arc::new(move || {
        let (obj, group) = (obj.clone(), group.clone());
        plan(async move |p| stage(p, obj, group, wait).await.map(|answer| shown(&answer)))
    }))
}

/// Says whether the pause is deferred.
pub(super) fn pause(call: &Call<'_>, defer: bool) -> Result<Make, YamlError> {
    simple(call, Command::Pause { defer: Some(defer) })
}

pub(super) fn stop(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["obj"], &[])?;
    let obj = call.bench.device(call.required(Some(0), "obj")?)?;
    // What cannot be stopped is refused by the engine, and not by the plan.
    Ok(one_message(GenericMsg { obj: Some(Arg::Device(obj)), ..generic("stop") }.into_msg(Value::Null)))
}

pub(super) fn locate(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect_keywords(&["squeeze"])?;
    let objs = call.args.iter().map(|node| call.bench.device(node)).collect::<Result<Vec<_>, _>>()?;
    let squeeze = call.get(None, "squeeze").map_or(Ok(true), |node| node.expect_bool("true or false"))?;
    if objs.is_empty() {
        let expected = "at least one device for locate";
        return Err(YamlError::new(call.name.position, expected, "none"));
    }
    let mut args = objs.into_iter().map(Arg::Device);
    let kwargs = vec![(Text::literal("squeeze"), squeeze.into())];
    let msg = GenericMsg { obj: args.next(), args: args.collect(), kwargs, ..generic("locate") };
    Ok(one_message(msg.into_msg(Value::Null)))
}

pub(super) fn wait_for(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["futures"], &["timeout"])?;
    let futures = awaitables(call.required(Some(0), "futures")?, call.bench)?;
    let timeout = call.get(None, "timeout").filter(|node| !node.is_null());
    let timeout = timeout.map(|node| node.expect_number("a number of seconds")).transpose()?;
    let kwargs = timeout.map(|timeout_s| (Text::literal("timeout"), timeout_s.into())).into_iter().collect();
    Ok(one_message(GenericMsg { args: vec![futures], kwargs, ..generic("wait_for") }.into_msg(Value::Null)))
}

pub(super) fn input_plan(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["prompt"], &[])?;
    let prompt = call.get(Some(0), "prompt").map_or(Ok(""), |node| node.expect_str("what the user is asked"))?;
    Ok(one_message(Command::Input { prompt: Some(prompt.into()) }))
}

pub(super) fn subscribe(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["name", "func"], &[])?;
    let name = call.required(Some(0), "name")?.expect_str("the name of a document")?;
    let callback = call.bench.callback(call.required(Some(1), "func")?)?.clone();
    let subscribe = Subscribe { callback: callback.object.clone(), name: Some(name.into()) };
    let msg = Msg::from(Command::Subscribe(subscribe.into()));
    Ok(Arc::new(move || {
        let (msg, callback) = (msg.clone(), callback.clone());
        plan(async move |p| {
            let answer = p.msg(msg).await?;
            callback.subscribed(&answer);
            Ok(shown(&answer))
        })
    }))
}

pub(super) fn unsubscribe(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["token"], &[])?;
    let node = call.required(Some(0), "token")?;
    let callback = call.bench.callback_named(node).cloned();
    let token = match &callback {
        Some(callback) => Arg::Object(callback.object.clone()),
        None => Arg::Value(call.bench.value(node)?),
    };
    Ok(Arc::new(move || {
        let (mut token, callback) = (token.clone(), callback.clone());
        plan(async move |p| {
            if let Some(callback) = callback {
                callback.token_in_place(&mut token);
            }
            let msg = GenericMsg { kwargs: vec![(Text::literal("token"), token)], ..generic("unsubscribe") };
            p.msg(msg.into_msg(Value::Null)).await.map(|answer| shown(&answer))
        })
    }))
}

pub(super) fn suspender(call: &Call<'_>, command: fn(Object) -> Command) -> Result<Make, YamlError> {
    call.expect(&["suspender"], &[])?;
    Ok(one_message(command(call.bench.suspender(call.required(Some(0), "suspender")?)?)))
}

fn generic(command: &'static str) -> GenericMsg {
    GenericMsg { command: Text::literal(command), ..GenericMsg::default() }
}
