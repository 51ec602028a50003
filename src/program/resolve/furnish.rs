//! What a program brings with it: devices, faults, callbacks and suspenders, made for a beamline.

use super::steps::{resolve_argument, resolve_steps};
use crate::clock::Clock;
use crate::device::Device;
use crate::hardware::{Beamline, Fault, StageSig};
use crate::program::callback::ProgramCallback;
use crate::program::data::{DeviceSpec, Program, StageSigsSpec, Step};
use crate::program::devices::{SuspenderPlan, make_device, make_suspender};
use crate::program::scope::{ProgramNames, Scope};
use crate::value::Position;
use crate::value::yaml::YamlError;
use rustc_hash::FxHashMap;

/// Makes the devices of a program, each of which `add` puts where it belongs, and its callbacks and suspenders.
pub(super) fn furnish(
    program: &Program,
    clock: Clock,
    beamline: Beamline,
    mut add: impl FnMut(Device) -> Device,
) -> Result<Scope, YamlError> {
    let mut scope = Scope::new(clock, beamline, resolve_argument);
    let mut places: FxHashMap<&str, Position> = FxHashMap::default();
    for spec in &program.devices {
        // One of the default beamline may be replaced; another one of the file would be lost without a word.
        if let Some(first) = places.insert(&spec.name.value, spec.name.position) {
            let found = format!("`{}` again", spec.name.value);
            let error = YamlError::new(spec.name.position, "a name that no other device of the file has", found);
            return Err(error.with_help(format!("it stands at {first} already")));
        }
        let device = add(device(spec, &scope)?);
        scope.add_device(device);
    }
    for spec in &program.faults {
        let device = scope.device_named(&spec.device)?;
        can_come(&spec.fault, &device, spec.device.position)?;
        device.fault(spec.fault.clone());
    }
    for spec in &program.stage_sigs {
        stage_sigs(spec, &scope)?;
    }
    for spec in &program.callbacks {
        scope.add_callback(&spec.name, ProgramCallback::new(spec))?;
    }
    let mut plans: Vec<(&[Step], SuspenderPlan)> = Vec::new();
    for spec in &program.suspenders {
        scope.is_free(&spec.name, "a suspender")?;
        let (before, after) = (SuspenderPlan::default(), SuspenderPlan::default());
        let some = |steps: &Option<Vec<Step>>, plan: &SuspenderPlan| steps.as_ref().map(|_| plan.clone());
        let suspender = make_suspender(spec, &scope, some(&spec.pre_plan, &before), some(&spec.post_plan, &after))?;
        scope.add_suspender(&spec.name, suspender)?;
        let steps = [(&spec.pre_plan, before), (&spec.post_plan, after)];
        plans.extend(steps.into_iter().filter_map(|(steps, plan)| Some((steps.as_deref()?, plan))));
    }
    // Their plans may name any suspender, also themselves.
    for (steps, plan) in plans {
        plan.set(resolve_steps(steps, &scope)?);
    }
    Ok(scope)
}

/// Makes the devices of a program, each of which `add` puts where it belongs, and gives what else its steps may name.
pub(crate) fn furnish_names(
    program: &Program,
    clock: Clock,
    beamline: Beamline,
    add: impl FnMut(Device) -> Device,
) -> Result<ProgramNames, YamlError> {
    furnish(program, clock, beamline, add).map(Scope::into_names)
}

/// Gives a device the signals that it sets when it is staged.
fn stage_sigs(spec: &StageSigsSpec, scope: &Scope) -> Result<(), YamlError> {
    let device = scope.device_named(&spec.device)?;
    if device.as_stageable().is_none() {
        let found = format!("`{}`, a {}", device.name(), device.class_name());
        return Err(YamlError::new(spec.device.position, "a device that can be staged", found));
    }
    for (name, value) in &spec.sigs {
        let signal = match device.component(&name.value) {
            Some(_) => StageSig::from(name.value.as_str()),
            None => StageSig::Signal(scope.device_named(name).map_err(|error| {
                error.with_help(format!("a signal is a component of `{}`, or another device", spec.device.value))
            })?),
        };
        device.stage_sig(signal, value.to_value()?);
    }
    Ok(())
}

/// The device, with its faults.
fn device(spec: &DeviceSpec, scope: &Scope) -> Result<Device, YamlError> {
    let device = make_device(spec, scope)?;
    let of_no_class = spec.fault.iter().filter(|_| spec.class.value != "SynAxis");
    for fault in of_no_class.chain(&spec.faults) {
        can_come(fault, &device, spec.name.position)?;
        device.fault(fault.clone());
    }
    Ok(device)
}

/// Wants a fault to be of a device that has the method which is to go wrong.
fn can_come(fault: &Fault, device: &Device, position: Position) -> Result<(), YamlError> {
    if fault.can_come_to(device) {
        return Ok(());
    }
    let (method, found) = (fault.method(), format!("`{}`, a {}", device.name(), device.class_name()));
    Err(YamlError::new(position, format!("a device that has `{method}`, for that is to go wrong"), found))
}
