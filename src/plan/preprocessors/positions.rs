//! Devices that are moved by so much, and devices that are moved back.

use std::sync::{Arc, Mutex};

use super::mutators::{plan_mutator, try_msg_mutator};
use crate::device::Device;
use crate::message::{Arg, Msg, PlanError};
use crate::plan::merged_moves::{attribute_of, coupled_axes, positioner_of};
use crate::plan::plus;
use crate::plan::{Plan, plan};
use crate::value::{Map, Value};
use skyspan_trace::internal::lock;

/// Where devices were before they were first set, in the order in which they were.
#[derive(Clone, Default)]
struct Initial(Arc<Mutex<Vec<(Device, Value)>>>);

impl Initial {
    fn of(&self, device: &Device) -> Option<Value> {
        lock(&self.0).iter().find(|(other, _)| other == device).map(|(_, position)| position.clone())
    }

    /// Finds out where each device is before it is first set; only these devices, where there are any.
    fn found_out(&self, inner: Plan, only: Option<Vec<Device>>) -> Plan {
        let initial = self.clone();
        let only = only.map(with_positioners);
        plan_mutator(inner, move |msg| {
            let is_meant = |obj: &Device| only.as_ref().is_none_or(|devices| devices.contains(obj));
            match msg.obj() {
                Some(Arg::Device(obj)) if msg.command() == "set" && is_meant(&obj) && initial.of(&obj).is_none() => {
                    (Some(initial.find_out_then(obj, msg.clone())), None)
                }
                _ => (None, None),
            }
        })
    }

    fn find_out_then(&self, obj: Device, msg: Msg) -> Plan {
        let initial = self.clone();
        plan(async move |p| {
            let position = p.initial_position(&obj).await?;
            lock(&initial.0).push((obj, position));
            p.msg(msg).await.map(drop)
        })
    }
}

/// The devices, and the positioners whose pseudo axes are among them: several of these are moved as one.
fn with_positioners(mut devices: Vec<Device>) -> Vec<Device> {
    let is_axis = |device: &Device, positioner: &Device| attribute_of(device, positioner).is_some();
    let positioners = devices.iter().filter_map(|device| {
        let (positioner, _) = positioner_of(device)?;
        is_axis(device, &positioner).then_some(positioner)
    });
    let positioners: Vec<Device> = positioners.collect();
    devices.extend(positioners);
    devices
}

/// Where a positioner of several axes goes that is moved by so much along some of them.
fn plus_along_axes(obj: &Device, before: &Value, by: &Map) -> Result<Value, PlanError> {
    let axes = coupled_axes(obj).unwrap_or_default().pseudo;
    let before = before.as_array().unwrap_or_default();
    let moved = by.iter().map(|(axis, by)| {
        let at = axes.iter().position(|attribute| attribute == axis).and_then(|at| before.get(at));
        let at = at.ok_or_else(|| PlanError::type_error(format!("{obj} has no axis {axis:?} that could be moved")))?;
        Ok((axis.clone(), plus(at, by).map_err(PlanError::type_error)?))
    });
    Ok(moved.collect::<Result<Map, PlanError>>()?.into())
}

/// Moves devices by so much where a plan moves them to somewhere: what it sets is added to where the device was before the
/// plan first set it (`bluesky.preprocessors.relative_set_wrapper`, 1.15.1). Without a list of `devices` it is done for all.
///
/// Where a device was: the setpoint that it tells if it is [`Locatable`](crate::device::Locatable), else its
/// [position](crate::device::Positioner), which takes no message, else what is read of it. Values are added as in Python; a
/// device whose value is none that could be added to fails with a `TypeError`, which is thrown into the plan.
///
/// A positioner that is set along some of its axes, as a plan does that moves several of them, is moved by so much along
/// each; bluesky fails there.
///
/// ```
/// use skyspan::plan::preprocessors::relative_set_wrapper;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let axis = lab.add(SynAxis::new("axis").value(10));
/// let run = lab.run(relative_set_wrapper(plans::scan(&lab.device("det"), &axis, -1, 1, 3), Some(vec![axis])));
/// let set = run.messages().iter().filter(|msg| msg.command() == "set");
/// assert_eq!(set.map(|msg| msg.args_value().to_string()).collect::<Vec<_>>(), ["[9.0]", "[10.0]", "[11.0]"]);
/// ```
#[must_use]
pub fn relative_set_wrapper(inner: impl Into<Plan>, devices: Option<Vec<Device>>) -> Plan {
    let initial = Initial::default();
    let found_out = initial.found_out(inner.into(), devices);
    try_msg_mutator(found_out, move |msg| {
        if msg.command() != "set" {
            return Ok(Some(msg));
        }
        let Some(Arg::Device(obj)) = msg.obj() else { return Ok(Some(msg)) };
        let Some(before) = initial.of(&obj) else { return Ok(Some(msg)) };
        let position = match &*msg.args() {
            [Arg::Value(Value::Map(by))] if coupled_axes(&obj).is_some() => plus_along_axes(&obj, &before, by)?,
            [Arg::Value(by)] => plus(&before, by).map_err(PlanError::type_error)?,
            [other] => return Err(PlanError::type_error(format!("{other} is nothing by which a device is moved"))),
            [] => return Err(PlanError::value("not enough values to unpack (expected 1, got 0)")),
            _ => return Err(PlanError::value("too many values to unpack (expected 1)")),
        };
        Ok(Some(msg.with_set_args(vec![position])))
    })
}

/// Moves devices back to where they were before the plan first set them, all at once, however the plan ends
/// (`bluesky.preprocessors.reset_positions_wrapper`, 1.15.1). Without a list of `devices` it is done for all.
///
/// Where a device was is found out as by [`relative_set_wrapper`]. Even where none was set, the plan waits in the end, for
/// nothing.
///
/// ```
/// use skyspan::plan::preprocessors::reset_positions_wrapper;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let axis = lab.add(SynAxis::new("axis").value(10));
/// lab.run(reset_positions_wrapper(plans::scan(&lab.device("det"), &axis, -1, 1, 3), None)).assert_success();
/// assert_eq!(axis.position(), Some(10.0.into()));
/// ```
#[must_use]
pub fn reset_positions_wrapper(inner: impl Into<Plan>, devices: Option<Vec<Device>>) -> Plan {
    let inner = inner.into();
    let name = inner.name().clone();
    let initial = Initial::default();
    let found_out = initial.found_out(inner, devices);
    plan(async move |p| {
        let reset = async {
            let group = Value::Str(p.env().seed.short_uid("reset"));
            let all = lock(&initial.0).clone();
            for (device, position) in all {
                p.abs_set_in(&device, position, group.clone()).await?;
            }
            p.msg(Msg::wait(group)).await
        };
        p.finalize(p.run(found_out), reset).await
    })
    .named(name)
}
