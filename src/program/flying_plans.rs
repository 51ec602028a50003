//! The plans and plan stubs about streams and flyers, with the arguments that they have in bluesky.

use std::sync::Arc;

use super::call::Call;
use super::named_plans::{Make, keyword_arguments, md, optional_value};
use super::named_stubs::one_message;
use crate::device::{Args, Device};
use crate::message::{Collect, Command, Configure, DeclareStream, DeviceCall, Monitor};
use crate::plan::{CollectWhile, plan, plans, separate_devices};
use crate::value::yaml::{Node, YamlError};
use crate::value::{Map, Text, Value};

pub(super) fn declare_stream(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect_keywords(&["name", "collect"])?;
    let objs = separate_devices(devices(call, call.args)?);
    let name = call.bench.value(call.required(None, "name")?)?;
    let collect = Some(call.flag(None, "collect")?);
    Ok(one_message(Command::DeclareStream(DeclareStream { objs, name: Some(name), collect }.into())))
}

pub(super) fn monitor(call: &Call<'_>) -> Result<Make, YamlError> {
    let obj = call.bench.device(call.required(Some(0), "obj")?)?;
    call.expect_positional(1)?;
    let name = Some(optional_value(call, None, "name")?);
    let options = keyword_arguments(call, &["obj", "name"])?;
    Ok(one_message(Command::Monitor(Monitor { obj, name, options }.into())))
}

pub(super) fn unmonitor(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["obj"], &[])?;
    Ok(one_message(Command::Unmonitor { obj: call.bench.device(call.required(Some(0), "obj")?)? }))
}

pub(super) fn configure(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect_once(&["obj"])?;
    let obj = call.bench.device(call.required(Some(0), "obj")?)?;
    let args = Args { positional: positional(call)?, keyword: keyword_arguments(call, &["obj"])? };
    Ok(one_message(Command::Configure(Configure { obj, args }.into())))
}

pub(super) fn prepare(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect_once(&["obj"])?;
    let args = positional(call)?;
    call_of_one(call, args, |call| Command::Prepare(call.into()))
}

pub(super) fn kickoff(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect_positional(1)?;
    call_of_one(call, Vec::new(), |call| Command::Kickoff(call.into()))
}

pub(super) fn complete(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect_positional(1)?;
    call_of_one(call, Vec::new(), |call| Command::Complete(call.into()))
}

pub(super) fn kickoff_all(call: &Call<'_>) -> Result<Make, YamlError> {
    call_of_all(call, true, |call| Command::Kickoff(call.into()))
}

pub(super) fn complete_all(call: &Call<'_>) -> Result<Make, YamlError> {
    call_of_all(call, false, |call| Command::Complete(call.into()))
}

pub(super) fn collect(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect_keywords(&["obj", "stream", "return_payload", "name"])?;
    call.expect_once(&["obj"])?;
    let mut objs = vec![call.bench.device(call.required(Some(0), "obj")?)?];
    objs.append(&mut devices(call, call.args.get(1..).unwrap_or_default())?);
    let return_payload = call.get(None, "return_payload").map_or(Ok(true), |node| node.expect_bool("true or false"))?;
    let collect = Collect {
        objs,
        stream: Some(call.flag(None, "stream")?),
        return_payload: Some(return_payload),
        name: Some(optional_value(call, None, "name")?),
    };
    Ok(one_message(Command::Collect(collect.into())))
}

pub(super) fn collect_while_completing(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["flyers", "dets", "flush_period", "stream_name", "watch"], &[])?;
    let flyers = call.bench.devices(call.required(Some(0), "flyers")?)?;
    let detectors = call.bench.devices(call.required(Some(1), "dets")?)?;
    let given = |at, name| call.get(Some(at), name).filter(|node| !node.is_null());
    let flush_period_s = given(2, "flush_period").map(|node| node.expect_number("a number of seconds")).transpose()?;
    let stream_name = given(3, "stream_name").map(|node| node.expect_str("the name of a stream")).transpose()?;
    let watch = given(4, "watch").map_or(Ok(&[][..]), |node| node.expect_list("a list of groups"))?;
    let options = CollectWhile {
        flush_period_s,
        stream_name: stream_name.map(Text::from),
        watch: watch.iter().map(|node| call.bench.value(node)).collect::<Result<_, _>>()?,
    };
    Ok(Arc::new(move || {
        let (flyers, detectors, options) = (flyers.clone(), detectors.clone(), options.clone());
        plan(async move |p| p.collect_while_completing(flyers, detectors, options).await)
    }))
}

pub(super) fn fly(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["flyers"], &["md"])?;
    let flyers = call.bench.devices(call.required(Some(0), "flyers")?)?;
    let md = md(call, None)?;
    Ok(Arc::new(move || plans::fly(&flyers).md(md.clone()).into()))
}

/// The arguments by position behind the device.
fn positional(call: &Call<'_>) -> Result<Vec<Value>, YamlError> {
    call.args.iter().skip(1).map(|node| call.bench.value(node)).collect()
}

fn devices(call: &Call<'_>, nodes: &[Node]) -> Result<Vec<Device>, YamlError> {
    nodes.iter().map(|node| call.bench.device(node)).collect()
}

/// The call of a method of one device, and a wait for it where that is asked for.
fn call_of_one(call: &Call<'_>, positional: Vec<Value>, command: fn(DeviceCall) -> Command) -> Result<Make, YamlError> {
    let obj = call.bench.device(call.required(Some(0), "obj")?)?;
    let group = optional_value(call, None, "group")?;
    let wait = call.flag(None, "wait")?;
    let args = Args { positional, keyword: keyword_arguments(call, &["obj", "group", "wait"])? };
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
    let objs = devices(call, call.args)?;
    let group = optional_value(call, None, "group")?;
    let wait = call.get(None, "wait").map_or(Ok(waits), |node| node.expect_bool("true or false"))?;
    let keyword: Map = keyword_arguments(call, &["group", "wait"])?;
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
