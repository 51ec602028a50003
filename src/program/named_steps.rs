//! The plan stubs that scans are made of, with the arguments that they have in bluesky. Where bluesky takes a function that
//! makes a plan, a plan file has a list of steps.

use std::sync::Arc;

use super::answers::shown;
use super::call::Call;
use super::compile::compile_steps;
use super::named_plans::{Make, no_hook, optional_value};
use super::op::body;
use crate::device::Device;
use crate::message::{Arg, Response};
use crate::plan::{messages_yielded, plan};
use crate::program::plan_file;
use crate::value::yaml::{Node, YamlError};
use crate::value::{Text, Value};

/// What makes a plan of a list of steps.
pub(super) fn body_of(call: &Call<'_>, node: &Node, name: &str) -> Result<Make, YamlError> {
    let ops = compile_steps(&plan_file::steps(node, name)?, call.bench)?;
    Ok(Arc::new(move || body(&ops)))
}

pub(super) fn one_shot(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["detectors", "take_reading"], &[])?;
    no_reading(call, 1)?;
    let detectors = call.bench.devices(call.required(Some(0), "detectors")?)?;
    Ok(Arc::new(move || {
        let detectors = detectors.clone();
        plan(async move |p| p.one_shot(&detectors).await)
    }))
}

pub(super) fn one_1d_step(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["detectors", "motor", "step", "take_reading"], &[])?;
    no_reading(call, 3)?;
    let detectors = call.bench.devices(call.required(Some(0), "detectors")?)?;
    let motor = call.bench.device(call.required(Some(1), "motor")?)?;
    let step = call.bench.value(call.required(Some(2), "step")?)?;
    Ok(Arc::new(move || {
        let (detectors, motor, step) = (detectors.clone(), motor.clone(), step.clone());
        plan(async move |p| {
            let readings = p.one_1d_step(&detectors, &motor, step).await?;
            Ok(shown(&Response::Readings(readings)))
        })
    }))
}

pub(super) fn move_per_step(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["step", "pos_cache"], &[])?;
    let (step, positions) = (positions(call, 0, "step")?, positions(call, 1, "pos_cache")?);
    Ok(Arc::new(move || {
        let (step, mut positions) = (step.clone(), positions.clone());
        plan(async move |p| p.move_per_step(&step, &mut positions).await)
    }))
}

pub(super) fn one_nd_step(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["detectors", "step", "pos_cache", "take_reading"], &[])?;
    no_reading(call, 3)?;
    let detectors = call.bench.devices(call.required(Some(0), "detectors")?)?;
    let (step, positions) = (positions(call, 1, "step")?, positions(call, 2, "pos_cache")?);
    Ok(Arc::new(move || {
        let (detectors, step, mut positions) = (detectors.clone(), step.clone(), positions.clone());
        plan(async move |p| p.one_nd_step(&detectors, &step, &mut positions).await)
    }))
}

fn no_reading(call: &Call<'_>, at: usize) -> Result<(), YamlError> {
    match call.args.get(at).filter(|node| !node.is_null()) {
        Some(node) => Err(node.unexpected("no `take_reading`, for a plan file has no functions")),
        None => no_hook(call, "take_reading"),
    }
}

/// Motors with positions, in a map.
fn positions(call: &Call<'_>, at: usize, name: &str) -> Result<Vec<(Device, Value)>, YamlError> {
    let entries = call.required(Some(at), name)?.expect_map(&format!("a map of motors to positions as `{name}`"))?;
    entries.iter().map(|(motor, position)| Ok((call.bench.device(motor)?, call.bench.value(position)?))).collect()
}

/// How often, or null for ever.
fn times(call: &Call<'_>, at: usize, name: &str) -> Result<Option<u64>, YamlError> {
    let node = call.required(Some(at), name)?;
    if node.is_null() {
        return Ok(None);
    }
    node.expect_count(&format!("a whole number from 0 on, or null, as `{name}`")).map(Some)
}

pub(super) fn repeat(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["plan", "num", "delay"], &[])?;
    let repeated = body_of(call, call.required(Some(0), "plan")?, "plan")?;
    let num = call.get(Some(1), "num").map_or(Ok(Some(1)), |_| times(call, 1, "num"))?;
    let delay = match call.get(Some(2), "delay") {
        None => 0.0.into(),
        Some(_) => optional_value(call, Some(2), "delay")?,
    };
    Ok(Arc::new(move || {
        let (repeated, delay) = (Arc::clone(&repeated), delay.clone());
        plan(async move |p| p.repeat(num, &delay, || async { p.run(repeated()).await.map(drop) }).await)
    }))
}

pub(super) fn repeater(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["n", "gen_func"], &[])?;
    let num = times(call, 0, "n")?;
    let node = call.required(Some(1), "gen_func")?;
    some_step(node, num)?;
    let repeated = body_of(call, node, "gen_func")?;
    Ok(Arc::new(move || {
        let repeated = Arc::clone(&repeated);
        plan(async move |p| {
            let mut count = 0;
            while num.is_none_or(|num| count < num) {
                let before = messages_yielded();
                p.run(repeated()).await?;
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

/// Wants a step in what is done for ever.
fn some_step(node: &Node, num: Option<u64>) -> Result<(), YamlError> {
    match node.expect_list("a list of steps")? {
        [] if num.is_none() => Err(node.unexpected("at least one step that is done for ever")),
        _ => Ok(()),
    }
}

pub(super) fn caching_repeater(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["n", "plan"], &[])?;
    let num = times(call, 0, "n")?;
    let repeated = body_of(call, call.required(Some(1), "plan")?, "plan")?;
    Ok(Arc::new(move || {
        let repeated = Arc::clone(&repeated);
        plan(async move |p| p.caching_repeater(num, repeated()).await)
    }))
}

pub(super) fn broadcast_msg(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect_once(&["command", "objs"])?;
    let command = Text::from(call.required(Some(0), "command")?.expect_str("the name of a command")?);
    let objs = call.bench.devices(call.required(Some(1), "objs")?)?;
    let args = call.args.iter().skip(2).map(|node| call.bench.arg(node)).collect::<Result<Vec<_>, _>>()?;
    let kwargs = call.kwargs.iter().filter(|(key, _)| !["command", "objs"].contains(&key.value.as_str()));
    let kwargs = kwargs.map(|(key, node)| Ok((key.value.clone(), call.bench.arg(node)?)));
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
