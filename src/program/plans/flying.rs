//! The plans and plan stubs about streams and flyers, with the arguments that they have in bluesky.

use std::sync::Arc;

use super::messages::one_message;
use crate::device::Args;
use crate::message::{Collect, Command, Configure, DeclareStream, DeviceCall, Monitor};
use crate::plan::{CollectWhile, plan, plans, separate_devices};
use crate::program::call::{Call, Make};
use crate::value::yaml::YamlError;
use crate::value::{Map, Text, Value};

pub(super) fn declare_stream(call: &Call<'_>) -> Result<Make, YamlError> {
    let objs = separate_devices(call.rest_devices()?);
    let name = call.scope.value(call.required("name")?)?;
    let collect = Some(call.flag("collect", false)?);
    Ok(one_message(Command::DeclareStream(DeclareStream { objs, name: Some(name), collect }.into())))
}

pub(super) fn monitor(call: &Call<'_>) -> Result<Make, YamlError> {
    let obj = call.device("obj")?;
    let name = Some(call.value("name")?);
    let options = call.other_values()?;
    Ok(one_message(Command::Monitor(Monitor { obj, name, options }.into())))
}

pub(super) fn unmonitor(call: &Call<'_>) -> Result<Make, YamlError> {
    Ok(one_message(Command::Unmonitor { obj: call.device("obj")? }))
}

pub(super) fn configure(call: &Call<'_>) -> Result<Make, YamlError> {
    let obj = call.device("obj")?;
    let args = Args { positional: positional(call)?, keyword: call.other_values()? };
    Ok(one_message(Command::Configure(Configure { obj, args }.into())))
}

pub(super) fn prepare(call: &Call<'_>) -> Result<Make, YamlError> {
    let args = positional(call)?;
    call_of_one(call, args, |call| Command::Prepare(call.into()))
}

pub(super) fn kickoff(call: &Call<'_>) -> Result<Make, YamlError> {
    call_of_one(call, Vec::new(), |call| Command::Kickoff(call.into()))
}

pub(super) fn complete(call: &Call<'_>) -> Result<Make, YamlError> {
    call_of_one(call, Vec::new(), |call| Command::Complete(call.into()))
}

pub(super) fn kickoff_all(call: &Call<'_>) -> Result<Make, YamlError> {
    call_of_all(call, true, |call| Command::Kickoff(call.into()))
}

pub(super) fn complete_all(call: &Call<'_>) -> Result<Make, YamlError> {
    call_of_all(call, false, |call| Command::Complete(call.into()))
}

pub(super) fn collect(call: &Call<'_>) -> Result<Make, YamlError> {
    let mut objs = vec![call.device("obj")?];
    objs.append(&mut call.rest_devices()?);
    let return_payload = call.flag("return_payload", true)?;
    let collect = Collect {
        objs,
        stream: Some(call.flag("stream", false)?),
        return_payload: Some(return_payload),
        name: Some(call.value("name")?),
    };
    Ok(one_message(Command::Collect(collect.into())))
}

pub(super) fn collect_while_completing(call: &Call<'_>) -> Result<Make, YamlError> {
    let flyers = call.devices("flyers")?;
    let detectors = call.devices("dets")?;
    let flush_period_s = call.seconds("flush_period")?;
    let stream_name = call.given("stream_name").map(|node| node.expect_str("the name of a stream")).transpose()?;
    let options = CollectWhile {
        flush_period_s,
        stream_name: stream_name.map(Text::from),
        watch: call.values("watch", "a list of groups")?,
    };
    Ok(Arc::new(move || {
        let (flyers, detectors, options) = (flyers.clone(), detectors.clone(), options.clone());
        plan(async move |p| p.collect_while_completing(flyers, detectors, options).await)
    }))
}

pub(super) fn fly(call: &Call<'_>) -> Result<Make, YamlError> {
    let flyers = call.devices("flyers")?;
    let md = call.md()?;
    Ok(Arc::new(move || plans::fly(&flyers).md(md.clone()).into()))
}

/// The arguments by position behind the device.
fn positional(call: &Call<'_>) -> Result<Vec<Value>, YamlError> {
    call.rest().iter().map(|node| call.scope.value(node)).collect()
}

/// The call of a method of one device, and a wait for it where that is asked for.
fn call_of_one(call: &Call<'_>, positional: Vec<Value>, command: fn(DeviceCall) -> Command) -> Result<Make, YamlError> {
    let obj = call.device("obj")?;
    let group = call.value("group")?;
    let wait = call.flag("wait", false)?;
    let args = Args { positional, keyword: call.other_values()? };
    Ok(Arc::new(move || {
        let (call, group) =
            (DeviceCall { obj: obj.clone(), args: args.clone(), group: Some(group.clone()) }, group.clone());
        plan(async move |p| {
            p.msg(command(call)).await?;
            if wait {
                p.wait(group).await?;
            }
            Ok(())
        })
    }))
}

/// The call of a method of many devices in one group, and a wait for it.
fn call_of_all(call: &Call<'_>, waits: bool, command: fn(DeviceCall) -> Command) -> Result<Make, YamlError> {
    let objs = call.rest_devices()?;
    let group = call.value("group")?;
    let wait = call.flag("wait", waits)?;
    let keyword: Map = call.other_values()?;
    Ok(Arc::new(move || {
        let (objs, group, keyword) = (objs.clone(), group.clone(), keyword.clone());
        plan(async move |p| {
            for obj in &objs {
                obj.flyable()?;
            }
            let group = if group.is_truthy() { group } else { Value::Str(p.env().seed.uid()) };
            for obj in objs {
                let args = Args { positional: Vec::new(), keyword: keyword.clone() };
                p.msg(command(DeviceCall { obj, args, group: Some(group.clone()) })).await?;
            }
            if wait {
                p.wait(group).await?;
            }
            Ok(())
        })
    }))
}
