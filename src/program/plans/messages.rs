//! The plan stubs that yield one message, with the arguments that they have in bluesky.

use std::sync::Arc;

use crate::device::Device;
use crate::message::{Arg, CloseRun, Command, GenericMsg, Msg, Object, PlanError, Response, Subscribe, Wait};
use crate::plan::{Stubs, plan};
use crate::program::answers::shown;
use crate::program::awaitables::awaitables;
use crate::program::call::{Call, Make};
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

pub(super) fn simple(command: Command) -> Result<Make, YamlError> {
    Ok(one_message(command))
}

pub(super) fn sleep(call: &Call<'_>) -> Result<Make, YamlError> {
    let duration_s = call.required("time")?.expect_number("a number of seconds")?;
    Ok(one_message(Command::Sleep { duration_s }))
}

pub(super) fn read(call: &Call<'_>) -> Result<Make, YamlError> {
    let obj = call.device("obj")?;
    Ok(one_message(Command::Read { obj }))
}

pub(super) fn create(call: &Call<'_>) -> Result<Make, YamlError> {
    Ok(one_message(Command::Create { name: stream_name(call)? }))
}

/// The name of a stream; `primary` where there is none. A stream may be called like a device: `{str: det}`.
pub(super) fn stream_name(call: &Call<'_>) -> Result<Text, YamlError> {
    let Some(node) = call.get("name") else { return Ok(Text::literal("primary")) };
    match call.scope.value(node)? {
        Value::Str(name) => Ok(name),
        _ => node.expect_str("the name of a stream").map(Text::from),
    }
}

pub(super) fn open_run(call: &Call<'_>) -> Result<Make, YamlError> {
    Ok(one_message(Command::OpenRun { md: call.md()? }))
}

pub(super) fn close_run(call: &Call<'_>) -> Result<Make, YamlError> {
    let exit_status = Some(call.value("exit_status")?);
    let reason = Some(call.value("reason")?);
    Ok(one_message(Command::CloseRun(CloseRun { exit_status, reason }.into())))
}

pub(super) fn wait(call: &Call<'_>) -> Result<Make, YamlError> {
    let watch = call.get("watch").map_or(Ok(&[][..]), |node| node.expect_list("a list of groups"))?;
    Ok(one_message(Command::Wait(Wait {
        group: call.value("group")?,
        error_on_timeout: Some(call.flag("error_on_timeout", true)?),
        timeout_s: Some(call.seconds("timeout")?),
        watch: Some(watch.iter().map(|node| call.scope.value(node)).collect::<Result<_, _>>()?),
    })))
}

/// Makes `stage` or `unstage` of a call.
pub(super) fn stage<F, Fut>(call: &Call<'_>, stage: F) -> Result<Make, YamlError>
where
    F: Fn(Stubs, Device, Value, Option<bool>) -> Fut + Send + Sync + Copy + 'static,
    Fut: Future<Output = Result<Response, PlanError>> + Send + 'static,
{
    let obj = call.device("obj")?;
    let group = call.value("group")?;
    let wait = call.get("wait").filter(|node| !node.is_null());
    let wait = wait.map(|node| node.expect_bool("true, false or null")).transpose()?;
    Ok(Arc::new(move || {
        let (obj, group) = (obj.clone(), group.clone());
        plan(async move |p| stage(p, obj, group, wait).await.map(|answer| shown(&answer)))
    }))
}

/// Says whether the pause is deferred.
pub(super) fn pause(defer: bool) -> Result<Make, YamlError> {
    simple(Command::Pause { defer: Some(defer) })
}

pub(super) fn stop(call: &Call<'_>) -> Result<Make, YamlError> {
    let obj = call.device("obj")?;
    // What cannot be stopped is refused by the engine, and not by the plan.
    Ok(one_message(GenericMsg { obj: Some(Arg::Device(obj)), ..generic("stop") }.into_msg(Value::Null)))
}

pub(super) fn locate(call: &Call<'_>) -> Result<Make, YamlError> {
    let objs = call.rest_devices()?;
    let squeeze = call.flag("squeeze", true)?;
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
    let futures = awaitables(call.required("futures")?, call.scope)?;
    let kwargs =
        call.seconds("timeout")?.map(|timeout_s| (Text::literal("timeout"), timeout_s.into())).into_iter().collect();
    Ok(one_message(GenericMsg { args: vec![futures], kwargs, ..generic("wait_for") }.into_msg(Value::Null)))
}

pub(super) fn input_plan(call: &Call<'_>) -> Result<Make, YamlError> {
    let prompt = call.get("prompt").map_or(Ok(""), |node| node.expect_str("what the user is asked"))?;
    Ok(one_message(Command::Input { prompt: Some(prompt.into()) }))
}

pub(super) fn subscribe(call: &Call<'_>) -> Result<Make, YamlError> {
    let name = call.required("name")?.expect_str("the name of a document")?;
    let callback = call.scope.callback(call.required("func")?)?.clone();
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
    let node = call.required("token")?;
    let callback = call.scope.callback_named(node).cloned();
    let token = match &callback {
        Some(callback) => Arg::Object(callback.object.clone()),
        None => Arg::Value(call.scope.value(node)?),
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
    Ok(one_message(command(call.scope.suspender(call.required("suspender")?)?)))
}

fn generic(command: &'static str) -> GenericMsg {
    GenericMsg { command: Text::literal(command), ..GenericMsg::default() }
}
