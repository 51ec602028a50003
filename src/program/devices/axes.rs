//! Axes and positioners, made of what a program says of them.

use crate::device::Device;
use crate::hardware::{PseudoPositioner, SoftPositioner, SynAxis};
use crate::program::options::Options;
use crate::value::yaml::{Node, YamlError};
use crate::value::{Text, Value};

pub(super) fn syn_axis(axis: SynAxis, options: &Options<'_>) -> Result<SynAxis, YamlError> {
    let mut axis = axis.labels(options.labels()?);
    if let Some(value) = options.value("value")? {
        axis = axis.value(value);
    }
    if let Some(delay_s) = options.seconds("delay")? {
        axis = axis.delay_s(delay_s);
    }
    if let Some(precision) = options.integer("precision")? {
        axis = axis.precision(precision);
    }
    if let Some(node) = options.get("events_per_move") {
        let events = node.expect_count("how many events a move has, at least 1")?;
        let events = u32::try_from(events).ok().filter(|events| *events > 0);
        axis = axis.events_per_move(events.ok_or_else(|| node.unexpected("how many events a move has, at least 1"))?);
    }
    if let Some(node) = options.get("egu") {
        axis = axis.egu(node.expect_str("a unit")?);
    }
    Ok(axis)
}

pub(super) fn soft_positioner(name: Text, options: &Options<'_>) -> Result<Device, YamlError> {
    let mut positioner = SoftPositioner::new(name).labels(options.labels()?);
    if let Some(egu) = options.text("egu", "a unit")? {
        positioner = positioner.egu(egu);
    }
    if let Some((low, high)) = limits(options)? {
        positioner = positioner.limits(low, high);
    }
    if let Some(source) = options.text("source", "where the position comes from")? {
        positioner = positioner.source(source);
    }
    if let Some(settle_time_s) = options.seconds("settle_time")? {
        positioner = positioner.settle_time_s(settle_time_s);
    }
    if let Some(timeout_s) = timeout_s(options)? {
        positioner = positioner.timeout_s(timeout_s);
    }
    let init_pos = options.value("init_pos")?.unwrap_or_default();
    let device = Device::from(positioner.init_pos(init_pos.clone()));
    if let (Some(node), Ok(checkable)) = (options.get("init_pos").filter(|node| !node.is_null()), device.checkable()) {
        checkable
            .check_value(&init_pos)
            .map_err(|error| node.unexpected("a position where the positioner can be").with_help(error.to_string()))?;
    }
    Ok(device)
}

pub(super) fn pseudo_positioner(mut positioner: PseudoPositioner, options: &Options<'_>) -> Result<Device, YamlError> {
    if let Some(node) = options.get("concurrent") {
        positioner = positioner.concurrent(node.expect_bool("true or false")?);
    }
    if let Some(node) = options.get("auto_target") {
        positioner = positioner.auto_target(node.expect_bool("true or false")?);
    }
    if let Some(egu) = options.text("egu", "a unit")? {
        positioner = positioner.egu(egu);
    }
    if let Some(settle_time_s) = options.seconds("settle_time")? {
        positioner = positioner.settle_time_s(settle_time_s);
    }
    if let Some(timeout_s) = timeout_s(options)? {
        positioner = positioner.timeout_s(timeout_s);
    }
    Ok(positioner.labels(options.labels()?).into())
}

/// The two limits, if there are any.
fn limits(options: &Options<'_>) -> Result<Option<(Value, Value)>, YamlError> {
    let Some(node) = options.get("limits").filter(|node| !node.is_null()) else { return Ok(None) };
    match node.expect_list("two limits")? {
        [low, high] => Ok(Some((options.number(low)?, options.number(high)?))),
        _ => Err(node.unexpected("two limits, the lower one first")),
    }
}

/// How long a move may take, if there is a limit.
fn timeout_s(options: &Options<'_>) -> Result<Option<f64>, YamlError> {
    if options.get("timeout").is_some_and(Node::is_null) { Ok(None) } else { options.seconds("timeout") }
}
