//! What is measured besides, during each run of a plan: a baseline, monitors, flyers.

use super::mutators::plan_mutator;
use super::runs::set_run_key_wrapper;
use crate::device::{Args, Device};
use crate::message::{Collect, Command, DeclareStream, DeviceCall, Monitor, Msg};
use crate::plan::{IntoDevices, Plan, plan, separate_devices};
use crate::value::{Map, Text, Value};

/// Puts a plan after each `open_run`, and one before each `close_run`; both are made of that message.
fn during_each_run(
    inner: Plan,
    mut begin: impl FnMut(&Msg) -> Plan + Send + 'static,
    mut end: impl FnMut(&Msg) -> Plan + Send + 'static,
) -> Plan {
    plan_mutator(inner, move |msg| match msg.command() {
        "open_run" => (None, Some(begin(msg))),
        "close_run" => {
            let (end, msg) = (end(msg), msg.clone());
            let head = plan(async move |p| {
                p.run(end).await?;
                p.msg(msg).await.map(drop)
            });
            (Some(head), None)
        }
        _ => (None, None),
    })
}

/// Reads devices at the beginning and at the end of each run, into a stream of their own
/// (`bluesky.preprocessors.baseline_wrapper`, 1.15.1, where the stream is called `baseline` unless one says otherwise).
///
/// The stream is declared first. All messages are about the run that is opened or closed. Without devices the plan stays as
/// it is.
///
/// ```
/// use skyspan::plan::preprocessors::baseline_wrapper;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let det = lab.device("det");
/// let run = lab.run(baseline_wrapper(plans::count(&det, 1), &lab.device("motor"), "baseline"));
/// let commands: Vec<_> = run.messages().iter().map(Msg::command).collect();
/// assert_eq!(commands[..3], ["stage", "open_run", "declare_stream"]);
/// ```
#[must_use]
pub fn baseline_wrapper(inner: impl Into<Plan>, devices: impl IntoDevices, name: impl Into<Text>) -> Plan {
    let (inner, devices, stream) = (inner.into(), devices.into_devices(), name.into());
    if devices.is_empty() {
        return inner;
    }
    let readings = move |declared: bool, run: &Value| {
        let (devices, stream) = (devices.clone(), stream.clone());
        let readings = plan(async move |p| {
            if declared {
                let objs = separate_devices(devices.iter().cloned());
                let declare = DeclareStream { objs, name: Some(stream.clone().into()), collect: Some(false) };
                p.msg(Command::DeclareStream(declare.into())).await?;
            }
            p.trigger_and_read(&devices, stream).await.map(drop)
        });
        if run.is_null() { readings } else { set_run_key_wrapper(readings, run.clone()) }
    };
    let at_end = readings.clone();
    during_each_run(inner, move |msg| readings(true, &msg.run), move |msg| at_end(false, &msg.run))
}

/// Monitors signals during each run, each into a stream of its own that is named after it: `sig_monitor`
/// (`bluesky.preprocessors.monitor_during_wrapper`, 1.15.1).
///
/// The messages that are added have no run key, as in bluesky: a plan whose runs have keys wants
/// [`set_run_key_wrapper`] around this.
///
/// ```
/// use skyspan::plan::preprocessors::monitor_during_wrapper;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let det = lab.device("det");
/// let run = lab.run(monitor_during_wrapper(plans::count(&det, 1), &lab.device("sig")));
/// let commands: Vec<_> = run.messages().iter().map(Msg::command).collect();
/// assert_eq!(commands[..3], ["stage", "open_run", "monitor"]);
/// ```
#[must_use]
pub fn monitor_during_wrapper(inner: impl Into<Plan>, signals: impl IntoDevices) -> Plan {
    let monitored = signals.into_devices();
    let unmonitored = monitored.clone();
    let begin = move |_: &Msg| {
        one_by_one(monitored.clone(), |obj| {
            let name = Some(Value::from(format!("{}_monitor", obj.name())));
            Command::Monitor(Monitor { obj, name, options: Map::new() }.into())
        })
    };
    let end = move |_: &Msg| one_by_one(unmonitored.clone(), |obj| Command::Unmonitor { obj });
    during_each_run(inner.into(), begin, end)
}

fn one_by_one(devices: Vec<Device>, command: impl Fn(Device) -> Command + Send + Sync + 'static) -> Plan {
    plan(async move |p| {
        for device in devices {
            p.msg(command(device)).await?;
        }
        Ok(())
    })
}

/// Kicks flyers off at the beginning of each run, and at its end tells them to complete and collects their data
/// (`bluesky.preprocessors.fly_during_wrapper`, 1.15.1). Without flyers the plan stays as it is.
///
/// The messages that are added have no run key, as in bluesky: a plan whose runs have keys wants
/// [`set_run_key_wrapper`] around this.
///
/// ```
/// use skyspan::plan::preprocessors::fly_during_wrapper;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let det = lab.device("det");
/// let run = lab.run(fly_during_wrapper(plans::count(&det, 1), &lab.device("motor")));
/// let commands: Vec<_> = run.messages().iter().map(Msg::command).collect();
/// assert_eq!(commands[..3], ["stage", "open_run", "kickoff"]);
/// ```
#[must_use]
pub fn fly_during_wrapper(inner: impl Into<Plan>, flyers: impl IntoDevices) -> Plan {
    let (inner, flyers) = (inner.into(), flyers.into_devices());
    if flyers.is_empty() {
        return inner;
    }
    let name = inner.name().clone();
    plan(async move |p| {
        // The groups are the same in all runs.
        let [started, completed] =
            ["flyers-kickoff", "flyers-complete"].map(|label| Value::Str(p.env().seed.short_uid(label)));
        let flown = flyers.clone();
        let begin = move |_: &Msg| in_group(flyers.clone(), started.clone(), false);
        let end = move |_: &Msg| in_group(flown.clone(), completed.clone(), true);
        p.run(during_each_run(inner, begin, end)).await
    })
    .named(name)
}

/// All flyers at once, kicked off or completed; what is completed is collected.
fn in_group(flyers: Vec<Device>, group: Value, complete: bool) -> Plan {
    plan(async move |p| {
        for obj in &flyers {
            let call = DeviceCall { obj: obj.clone(), args: Args::none(), group: Some(group.clone()) };
            p.msg(if complete { Command::Complete(call.into()) } else { Command::Kickoff(call.into()) }).await?;
        }
        p.msg(Msg::wait(group)).await?;
        for obj in flyers.into_iter().filter(|_| complete) {
            let collect = Collect { objs: vec![obj], stream: None, return_payload: None, name: None };
            p.msg(Command::Collect(collect.into())).await?;
        }
        Ok(())
    })
}
