//! The plans and plan stubs that count, move, trigger and read, with the arguments that they have in bluesky.

use std::sync::Arc;

use super::messages::stream_name;
use crate::device::{Args, Device};
use crate::message::{Command, DeviceCall, Msg, PlanError, Response};
use crate::plan::preprocessors::relative_set_wrapper;
use crate::plan::{Stubs, plan, plans};
use crate::program::answers::shown;
use crate::program::call::{Call, Make};
use crate::value::Value;
use crate::value::yaml::YamlError;

pub(super) fn count(call: &Call<'_>) -> Result<Make, YamlError> {
    let per_shot = call.some_body("per_shot")?;
    let detectors = call.devices("detectors")?;
    let num = match call.get("num") {
        None => Some(1),
        Some(node) if node.is_null() => None,
        Some(node) => Some(node.expect_count("how many readings are taken, a whole number from 0 on")?),
    };
    let delay = match call.get("delay") {
        None => 0.0.into(),
        Some(node) => call.scope.value(node)?,
    };
    let md = call.md()?;
    Ok(Arc::new(move || {
        let mut count = plans::count(&detectors, num.unwrap_or_default()).delay_s(delay.clone()).md(md.clone());
        if let Some(shot) = per_shot.clone() {
            count = count.per_shot(move |_| shot.plan());
        }
        if num.is_none() { count.forever().into() } else { count.into() }
    }))
}

pub(super) fn abs_set(call: &Call<'_>) -> Result<Make, YamlError> {
    let obj = call.device("obj")?;
    let positional = call.rest().iter().map(|node| call.scope.value(node)).collect::<Result<Vec<_>, _>>()?;
    let group = call.value("group")?;
    let wait = call.flag("wait", false)?;
    let args = Args { positional, keyword: call.other_values()? };
    Ok(Arc::new(move || {
        let (obj, args, group) = (obj.clone(), args.clone(), group.clone());
        plan(async move |p| {
            let group = if wait && group.is_null() { Value::Str(p.env().seed.uid()) } else { group };
            let answer = p.msg(Command::Set(DeviceCall { obj, args, group: Some(group.clone()) }.into())).await?;
            if wait {
                p.msg(Msg::wait(group)).await?;
            }
            Ok(shown(&answer))
        })
    }))
}

pub(super) fn mv(call: &Call<'_>) -> Result<Make, YamlError> {
    let mut moves = Vec::new();
    for pair in call.args.chunks(2) {
        let [obj, value] = pair else {
            return Err(pair[0].unexpected("a device and where to move it, in pairs"));
        };
        moves.push((call.scope.device(obj)?, call.scope.value(value)?));
    }
    if moves.is_empty() {
        return Err(YamlError::new(call.name.position, "a device and where to move it", "none"));
    }
    let group = call.value("group")?;
    let timeout_s = call.seconds("timeout")?;
    // The others are for the devices, which say what they take.
    let keywords = call.other_values()?;
    Ok(Arc::new(move || {
        let (moves, group, keywords) = (moves.clone(), group.clone(), keywords.clone());
        plan(async move |p| {
            let group = if group.is_truthy() { group } else { Value::Str(p.env().seed.uid()) };
            let answers = p.move_together(moves, keywords, group, timeout_s).await?;
            Ok(answers.iter().map(shown).collect::<Value>())
        })
    }))
}

/// The plan of [`abs_set`] with what is set added to where the device is.
pub(super) fn rel_set(call: &Call<'_>) -> Result<Make, YamlError> {
    let set = abs_set(call)?;
    Ok(Arc::new(move || relative_set_wrapper(set(), None)))
}

/// The plan of [`mv`] with what is set added to where the devices are.
pub(super) fn mvr(call: &Call<'_>) -> Result<Make, YamlError> {
    let moved = mv(call)?;
    let objs = call.args.iter().step_by(2).map(|node| call.scope.device(node)).collect::<Result<Vec<_>, _>>()?;
    Ok(Arc::new(move || relative_set_wrapper(moved(), Some(objs.clone()))))
}

pub(super) fn trigger(call: &Call<'_>) -> Result<Make, YamlError> {
    let obj = call.device("obj")?;
    let group = call.value("group")?;
    let wait = call.flag("wait", false)?;
    Ok(Arc::new(move || {
        let (obj, group) = (obj.clone(), group.clone());
        plan(async move |p| {
            let answer = p.msg(Msg::trigger(&obj).in_group(group.clone())).await?;
            if wait {
                p.msg(Msg::wait(group)).await?;
            }
            Ok(shown(&answer))
        })
    }))
}

pub(super) fn stage_all<F, Fut>(call: &Call<'_>, stage: F) -> Result<Make, YamlError>
where
    F: Fn(Stubs, Vec<Device>, Value) -> Fut + Send + Sync + Copy + 'static,
    Fut: Future<Output = Result<(), PlanError>> + Send + 'static,
{
    let devices = call.rest_devices()?;
    let group = call.value("group")?;
    Ok(Arc::new(move || {
        let (devices, group) = (devices.clone(), group.clone());
        plan(move |p| stage(p, devices, group))
    }))
}

pub(super) fn trigger_and_read(call: &Call<'_>) -> Result<Make, YamlError> {
    let devices = call.devices("devices")?;
    let name = stream_name(call)?;
    Ok(Arc::new(move || {
        let (devices, name) = (devices.clone(), name.clone());
        plan(async move |p| {
            p.trigger_and_read(devices, name).await.map(|readings| shown(&Response::Readings(readings)))
        })
    }))
}

pub(super) fn rd(call: &Call<'_>) -> Result<Make, YamlError> {
    let obj = call.device("obj")?;
    if let Some(node) = call.get("default_value") {
        return Err(node.unexpected("no `default_value`, for the engine always answers"));
    }
    Ok(Arc::new(move || {
        let obj = obj.clone();
        plan(async move |p| p.rd(&obj).await)
    }))
}
