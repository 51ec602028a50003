//! The plan stubs that scans are made of, with the arguments that they have in bluesky. Where bluesky takes a function that
//! makes a plan, a program has a list of steps.

use std::sync::Arc;

use crate::device::Device;
use crate::message::{Arg, Response};
use crate::plan::{messages_yielded, plan};
use crate::program::answers::shown;
use crate::program::call::{Call, Make};
use crate::value::yaml::YamlError;
use crate::value::{Text, Value};

pub(super) fn one_shot(call: &Call<'_>) -> Result<Make, YamlError> {
    call.no_function("take_reading")?;
    let detectors = call.devices("detectors")?;
    Ok(Arc::new(move || {
        let detectors = detectors.clone();
        plan(async move |p| p.one_shot(&detectors).await)
    }))
}

pub(super) fn one_1d_step(call: &Call<'_>) -> Result<Make, YamlError> {
    call.no_function("take_reading")?;
    let detectors = call.devices("detectors")?;
    let motor = call.device("motor")?;
    let step = call.scope.value(call.required("step")?)?;
    Ok(Arc::new(move || {
        let (detectors, motor, step) = (detectors.clone(), motor.clone(), step.clone());
        plan(async move |p| {
            let readings = p.one_1d_step(&detectors, &motor, step).await?;
            Ok(shown(&Response::Readings(readings)))
        })
    }))
}

pub(super) fn move_per_step(call: &Call<'_>) -> Result<Make, YamlError> {
    let (step, positions) = (positions(call, "step")?, positions(call, "pos_cache")?);
    Ok(Arc::new(move || {
        let (step, mut positions) = (step.clone(), positions.clone());
        plan(async move |p| p.move_per_step(&step, &mut positions).await)
    }))
}

pub(super) fn one_nd_step(call: &Call<'_>) -> Result<Make, YamlError> {
    call.no_function("take_reading")?;
    let detectors = call.devices("detectors")?;
    let (step, positions) = (positions(call, "step")?, positions(call, "pos_cache")?);
    Ok(Arc::new(move || {
        let (detectors, step, mut positions) = (detectors.clone(), step.clone(), positions.clone());
        plan(async move |p| p.one_nd_step(&detectors, &step, &mut positions).await)
    }))
}

/// Motors with positions, in a map.
fn positions(call: &Call<'_>, name: &str) -> Result<Vec<(Device, Value)>, YamlError> {
    let entries = call.required(name)?.expect_map(&format!("a map of motors to positions as `{name}`"))?;
    entries.iter().map(|(motor, position)| Ok((call.scope.device(motor)?, call.scope.value(position)?))).collect()
}

/// How often, or null for ever.
fn times(call: &Call<'_>, name: &str) -> Result<Option<u64>, YamlError> {
    let node = call.required(name)?;
    if node.is_null() {
        return Ok(None);
    }
    node.expect_count(&format!("a whole number from 0 on, or null, as `{name}`")).map(Some)
}

pub(super) fn repeat(call: &Call<'_>) -> Result<Make, YamlError> {
    let repeated = call.body("plan")?;
    let num = call.get("num").map_or(Ok(Some(1)), |_| times(call, "num"))?;
    let delay = match call.get("delay") {
        None => 0.0.into(),
        Some(_) => call.value("delay")?,
    };
    Ok(Arc::new(move || {
        let (repeated, delay) = (repeated.clone(), delay.clone());
        plan(async move |p| p.repeat(num, &delay, || async { p.run(repeated.plan()).await.map(drop) }).await)
    }))
}

pub(super) fn repeater(call: &Call<'_>) -> Result<Make, YamlError> {
    let num = times(call, "n")?;
    let repeated = call.body("gen_func")?;
    if num.is_none() && repeated.is_empty() {
        return Err(call.required("gen_func")?.unexpected("at least one step that is done for ever"));
    }
    Ok(Arc::new(move || {
        let repeated = repeated.clone();
        plan(async move |p| {
            let mut count = 0;
            while num.is_none_or(|num| count < num) {
                let before = messages_yielded();
                p.run(repeated.plan()).await?;
                if messages_yielded() == before {
                    // What yields no message hears of nothing, and will yield none the next time.
                    break;
                }
                count += 1;
            }
            Ok(())
        })
    }))
}

pub(super) fn caching_repeater(call: &Call<'_>) -> Result<Make, YamlError> {
    let num = times(call, "n")?;
    let repeated = call.body("plan")?;
    Ok(Arc::new(move || {
        let repeated = repeated.clone();
        plan(async move |p| p.caching_repeater(num, repeated.plan()).await)
    }))
}

pub(super) fn broadcast_msg(call: &Call<'_>) -> Result<Make, YamlError> {
    let command = Text::from(call.required("command")?.expect_str("the name of a command")?);
    let objs = call.devices("objs")?;
    let args = call.rest().iter().map(|node| call.scope.arg(node)).collect::<Result<Vec<_>, _>>()?;
    let kwargs = call.others().map(|(key, node)| Ok((key.to_owned(), call.scope.arg(node)?)));
    let kwargs: Vec<(String, Arg)> = kwargs.collect::<Result<_, YamlError>>()?;
    Ok(Arc::new(move || {
        let (command, objs, args, kwargs) = (command.clone(), objs.clone(), args.clone(), kwargs.clone());
        plan(async move |p| {
            let kwargs: Vec<(&str, Arg)> = kwargs.iter().map(|(key, arg)| (key.as_str(), arg.clone())).collect();
            let answers = p.broadcast_msg(command, &objs, &args, &kwargs).await?;
            Ok(answers.iter().map(shown).collect::<Value>())
        })
    }))
}
