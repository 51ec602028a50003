//! How the steps of a generated plan are performed.

use std::sync::Arc;

use super::step::{NamedPlan, Step, Wrapper};
use crate::device::Device;
use crate::harness::Harness;
use crate::message::{Msg, PlanError};
use crate::plan::{Plan, plan, plans, preprocessors};
use crate::value::{Map, Text};

/// The plan of these steps, with the devices of a harness.
///
/// It is named `messages`, as it is where the same steps are run from a plan file.
pub(super) fn plan_of(steps: &[Step], lab: &Harness) -> Plan {
    body(acts(steps, lab)).named(Text::literal("messages"))
}

/// A step with its devices.
enum Act {
    Message(Msg),
    /// A plan, new each time.
    Plan(Box<dyn Fn() -> Plan + Send + Sync>),
    Raise,
}

type Acts = Arc<[Act]>;

fn acts(steps: &[Step], lab: &Harness) -> Acts {
    steps.iter().map(|step| act(step, lab)).collect()
}

fn act(step: &Step, lab: &Harness) -> Act {
    match step {
        Step::Message(line) => Act::Message(line.to_msg(|name| lab.device(name))),
        Step::Raise => Act::Raise,
        Step::Plan(named) => Act::Plan(named_plan(named, lab)),
        Step::Repeat(times, steps) => {
            let (times, acts) = (*times, acts(steps, lab));
            Act::Plan(Box::new(move || {
                let acts = Arc::clone(&acts);
                plan(async move |p| {
                    for _ in 0..times {
                        p.run(body(Arc::clone(&acts))).await?;
                    }
                    Ok(())
                })
            }))
        }
        Step::Wrap(wrapper, steps) => Act::Plan(wrapped(wrapper, acts(steps, lab), lab)),
    }
}

/// The plan of these acts, one after another.
fn body(acts: Acts) -> Plan {
    plan(async move |p| {
        for act in acts.iter() {
            match act {
                Act::Message(msg) => drop(p.msg(msg.clone()).await?),
                Act::Plan(make) => drop(p.run(make()).await?),
                Act::Raise => return Err(PlanError::runtime("no light")),
            }
        }
        Ok(())
    })
}

fn named_plan(named: &NamedPlan, lab: &Harness) -> Box<dyn Fn() -> Plan + Send + Sync> {
    let device = |name: &Text| lab.device(name);
    match named {
        NamedPlan::Mv { motor, to } | NamedPlan::Mvr { motor, by: to } => {
            let (motor, to, relative) = (device(motor), *to, matches!(named, NamedPlan::Mvr { .. }));
            Box::new(move || {
                let motor = motor.clone();
                plan(async move |p| if relative { p.mvr(&motor, to).await } else { p.mv(&motor, to).await })
            })
        }
        NamedPlan::Count { detector, num } => {
            let (detector, num) = (device(detector), u64::from(*num));
            Box::new(move || plans::count(&detector, num).into())
        }
        NamedPlan::Scan { relative, detector, motor, to, num } => {
            let (detector, motor, to, num, relative) =
                (device(detector), device(motor), *to, u64::from(*num), *relative);
            Box::new(move || match relative {
                true => plans::rel_scan(&detector, &motor, 0, to, num).into(),
                false => plans::scan(&detector, &motor, 0, to, num).into(),
            })
        }
        NamedPlan::Fly { flyer } => {
            let flyer = device(flyer);
            Box::new(move || plans::fly(&flyer).into())
        }
        NamedPlan::TriggerAndRead { devices, stream } => {
            let (devices, stream): (Vec<Device>, _) = (devices.iter().map(device).collect(), *stream);
            Box::new(move || {
                let devices = devices.clone();
                plan(async move |p| p.trigger_and_read(devices, Text::literal(stream)).await.map(drop))
            })
        }
    }
}

fn wrapped(wrapper: &Wrapper, acts: Acts, lab: &Harness) -> Box<dyn Fn() -> Plan + Send + Sync> {
    let inner = move || body(Arc::clone(&acts));
    let devices = |names: &[Text]| names.iter().map(|name| lab.device(name)).collect::<Vec<Device>>();
    match wrapper {
        Wrapper::Span(name) => {
            let name = Text::literal(name);
            Box::new(move || preprocessors::trace_plan(name.clone(), inner()))
        }
        Wrapper::Run => Box::new(move || preprocessors::run_wrapper(inner(), Map::new())),
        Wrapper::Stage(names) => {
            let devices = devices(names);
            Box::new(move || preprocessors::stage_wrapper(inner(), devices.clone()))
        }
        Wrapper::LazilyStage => Box::new(move || preprocessors::lazily_stage_wrapper(inner())),
        Wrapper::Baseline(names) => {
            let devices = devices(names);
            Box::new(move || preprocessors::baseline_wrapper(inner(), devices.clone(), Text::literal("baseline")))
        }
        Wrapper::MonitorDuring(names) => {
            let devices = devices(names);
            Box::new(move || preprocessors::monitor_during_wrapper(inner(), devices.clone()))
        }
        Wrapper::FlyDuring(names) => {
            let devices = devices(names);
            Box::new(move || preprocessors::fly_during_wrapper(inner(), devices.clone()))
        }
        Wrapper::RelativeSet => Box::new(move || preprocessors::relative_set_wrapper(inner(), None)),
        Wrapper::ResetPositions => Box::new(move || preprocessors::reset_positions_wrapper(inner(), None)),
        Wrapper::NotRewindable => Box::new(move || preprocessors::rewindable_wrapper(inner(), false)),
        Wrapper::InjectMd => {
            Box::new(move || preprocessors::inject_md_wrapper(inner(), Map::from_iter([("sample", "A")])))
        }
        Wrapper::SetRunKey(key) => {
            let key = Text::literal(key);
            Box::new(move || preprocessors::set_run_key_wrapper(inner(), key.clone()))
        }
        Wrapper::Finalize(steps) => {
            let end = self::acts(steps, lab);
            Box::new(move || preprocessors::finalize_wrapper(inner(), body(Arc::clone(&end))).into())
        }
        Wrapper::Catch => Box::new(move || {
            let nothing = |_: PlanError| plan(async |_| Ok(()));
            preprocessors::contingency_wrapper(inner()).except(nothing).auto_raise(false).into()
        }),
    }
}
