//! Devices that are staged before they are used, and unstaged in the end.

use std::sync::{Arc, Mutex};

use super::mutators::plan_mutator;
use crate::device::Device;
use crate::message::{Arg, Command, Msg, PlanError, Response};
use crate::plan::{IntoDevices, Plan, plan};
use skyspan_trace::internal::lock;

/// Stages devices before a plan, and unstages them after it in reverse order (`bluesky.preprocessors.stage_wrapper`,
/// 1.15.1). It is their root ancestors that are staged.
///
/// ```
/// use skyspan::plan::preprocessors::stage_wrapper;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let run = lab.run(stage_wrapper(plan(async |p| p.null().await), &lab.device("det")));
/// assert_eq!(run.messages().iter().map(|msg| msg.command()).collect::<Vec<_>>(), ["stage", "null", "unstage"]);
/// ```
#[must_use]
pub fn stage_wrapper(inner: impl Into<Plan>, devices: impl IntoDevices) -> Plan {
    let inner = inner.into();
    let devices = devices.into_devices();
    let name = inner.name().clone();
    plan(async move |p| p.staged(&devices, p.run(inner)).await).named(name)
}

/// The commands before which a device is staged.
const USES: [&str; 4] = ["read", "set", "trigger", "kickoff"];

/// Stages each device before it is first used, and unstages all in the end, in reverse order
/// (`bluesky.preprocessors.lazily_stage_wrapper`, 1.15.1).
///
/// Used is what is read, set, triggered or kicked off. It is its root ancestor that is staged, and those that take part in
/// that are not staged again. As in bluesky,
///
/// - a signal of a device takes no part in the staging of the device, so the device is staged again for every use of it;
/// - a device that gives a status when it is staged ends the plan with a `TypeError`.
///
/// ```
/// use skyspan::plan::preprocessors::lazily_stage_wrapper;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let motor = lab.device("motor");
/// let run = lab.run(lazily_stage_wrapper(plan(async move |p| p.mv(&motor, 1).await)));
/// assert_eq!(run.messages().iter().map(Msg::command).collect::<Vec<_>>(), ["stage", "set", "wait", "unstage"]);
/// ```
#[must_use]
pub fn lazily_stage_wrapper(inner: impl Into<Plan>) -> Plan {
    let inner = inner.into();
    let name = inner.name().clone();
    let staged: Arc<Mutex<Vec<Device>>> = Arc::default();
    let seen = Arc::clone(&staged);
    let staging = plan_mutator(inner, move |msg| {
        let Some(Arg::Device(obj)) = msg.obj().filter(|_| USES.contains(&msg.command())) else { return (None, None) };
        if lock(&seen).contains(&obj) {
            return (None, None);
        }
        (Some(stage_then(obj.root_ancestor(), msg.clone(), Arc::clone(&seen))), None)
    });
    plan(async move |p| {
        let unstage = async {
            let reversed: Vec<Device> = lock(&staged).iter().rev().cloned().collect();
            p.unstage_all(&reversed).await
        };
        p.finalize(p.run(staging), unstage).await
    })
    .named(name)
}

/// Stages a device, keeps in mind who took part, and goes on with a message.
fn stage_then(root: Device, msg: Msg, staged: Arc<Mutex<Vec<Device>>>) -> Plan {
    plan(async move |p| {
        let took_part = match p.msg(Command::Stage { obj: root.clone(), group: None }).await? {
            Response::Devices(devices) => devices,
            Response::Status(_) => return Err(PlanError::type_error("'Status' object is not iterable")),
            _ => vec![root],
        };
        lock(&staged).extend(took_part);
        p.msg(msg).await.map(drop)
    })
}
