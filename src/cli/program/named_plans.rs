//! Plans and plan stubs by name, with the arguments that they have in bluesky.

use std::fmt;
use std::sync::Arc;

use super::answers::shown;
use super::bench::Bench;
use super::bluesky_names::PLANS;
use super::call::Call;
use super::flying_plans as flying;
use super::named_stubs as stubs;
use crate::cli::plan_file::{Node, PlanFileError, Spanned, nearest};
use crate::device::{Args, Device};
use crate::message::{Command, DeviceCall, Msg, PlanError, Response, Wait};
use crate::plan::plans::Scan;
use crate::plan::preprocessors::relative_set_wrapper;
use crate::plan::{Plan, Stubs, each_moved_once, plan, plans};
use crate::value::{Map, Text, Value};

/// A plan by name, with its arguments; it can be made again and again.
#[derive(Clone)]
pub(super) struct PlanSource {
    name: Text,
    make: Arc<dyn Fn() -> Plan + Send + Sync>,
}

impl PlanSource {
    pub(super) fn plan(&self) -> Plan {
        (self.make)().named(self.name.clone())
    }
}

impl fmt::Debug for PlanSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

pub(super) type Make = Arc<dyn Fn() -> Plan + Send + Sync>;

/// Makes of a call what makes its plan.
type MakeOfCall = fn(&Call<'_>) -> Result<Make, PlanFileError>;

/// The plans that exist, each with what makes it of a call.
const KNOWN: &[(&str, MakeOfCall)] = &[
    ("abs_set", abs_set),
    ("checkpoint", |call| stubs::simple(call, Command::Checkpoint)),
    ("clear_checkpoint", |call| stubs::simple(call, Command::ClearCheckpoint)),
    ("close_run", stubs::close_run),
    ("collect", flying::collect),
    ("collect_while_completing", flying::collect_while_completing),
    ("complete", flying::complete),
    ("complete_all", flying::complete_all),
    ("configure", flying::configure),
    ("count", count),
    ("create", stubs::create),
    ("declare_stream", flying::declare_stream),
    ("deferred_pause", |call| stubs::pause(call, true)),
    ("drop", |call| stubs::simple(call, Command::Drop)),
    ("fly", flying::fly),
    ("input_plan", stubs::input_plan),
    ("install_suspender", |call| stubs::suspender(call, |suspender| Command::InstallSuspender { suspender })),
    ("kickoff", flying::kickoff),
    ("kickoff_all", flying::kickoff_all),
    ("locate", stubs::locate),
    ("monitor", flying::monitor),
    ("mov", mv),
    ("movr", mvr),
    ("mv", mv),
    ("mvr", mvr),
    ("null", |call| stubs::simple(call, Command::Null)),
    ("one_shot", one_shot),
    ("open_run", stubs::open_run),
    ("pause", |call| stubs::pause(call, false)),
    ("prepare", flying::prepare),
    ("rd", rd),
    ("read", stubs::read),
    ("rel_scan", |call| scan(call, plans::rel_scan)),
    ("rel_set", rel_set),
    ("relative_scan", |call| scan(call, plans::rel_scan)),
    ("remove_suspender", |call| stubs::suspender(call, |suspender| Command::RemoveSuspender { suspender })),
    ("save", |call| stubs::simple(call, Command::Save)),
    ("scan", |call| scan(call, plans::scan)),
    ("sleep", stubs::sleep),
    ("stage", |call| stubs::stage(call, |obj, group| Command::Stage { obj, group })),
    ("stage_all", |call| stage_all(call, async |p, devices| p.stage_all(&devices).await)),
    ("stop", stubs::stop),
    ("subscribe", stubs::subscribe),
    ("trigger", trigger),
    ("trigger_and_read", trigger_and_read),
    ("unmonitor", flying::unmonitor),
    ("unstage", |call| stubs::stage(call, |obj, group| Command::Unstage { obj, group })),
    ("unstage_all", |call| stage_all(call, async |p, devices| p.unstage_all(&devices).await)),
    ("unsubscribe", stubs::unsubscribe),
    ("wait", stubs::wait),
    ("wait_for", stubs::wait_for),
];

/// The plan or plan stub of that name, called with these arguments.
pub(super) fn named_plan(
    name: &Spanned<String>,
    args: &[Node],
    kwargs: &[(Spanned<String>, Node)],
    bench: &Bench,
) -> Result<PlanSource, PlanFileError> {
    let Some((_, make)) = KNOWN.iter().find(|(known, _)| *known == name.value) else {
        let found = format!("the string {:?}", name.value);
        return Err(if PLANS.contains(&name.value.as_str()) {
            let expected = format!("a plan that exists: `{}` of bluesky does not exist in skyspan yet", name.value);
            PlanFileError::new(name.position, expected, found)
        } else {
            let known = KNOWN.iter().map(|(known, _)| *known);
            PlanFileError::new(name.position, "the name of a plan", found).with_suggestion(nearest(&name.value, known))
        });
    };
    let make = make(&Call { name, args, kwargs, bench })?;
    Ok(PlanSource { name: Text::from(&name.value), make })
}

/// The metadata of a call, if it has any.
pub(super) fn md(call: &Call<'_>, at: Option<usize>) -> Result<Map, PlanFileError> {
    let Some(node) = call.get(at, "md").filter(|node| !node.is_null()) else { return Ok(Map::new()) };
    node.to_map("a map as metadata")?;
    match call.bench.value(node)? {
        Value::Map(md) => Ok(Arc::unwrap_or_clone(md)),
        _ => Err(node.unexpected("a map as metadata")),
    }
}

pub(super) fn optional_value(call: &Call<'_>, at: Option<usize>, name: &str) -> Result<Value, PlanFileError> {
    call.get(at, name).map_or(Ok(Value::Null), |node| call.bench.value(node))
}

/// The arguments by keyword that go on to the device: all but these.
pub(super) fn keyword_arguments(call: &Call<'_>, own: &[&str]) -> Result<Map, PlanFileError> {
    let others = call.kwargs.iter().filter(|(key, _)| !own.contains(&key.value.as_str()));
    others.map(|(key, node)| Ok((Text::from(&key.value), call.bench.value(node)?))).collect()
}

/// A hook in Python's plans, which a plan file cannot give.
fn no_hook(call: &Call<'_>, name: &str) -> Result<(), PlanFileError> {
    match call.get(None, name).filter(|node| !node.is_null()) {
        None => Ok(()),
        Some(node) => Err(node.unexpected(format!("no `{name}`, for a plan file has no functions"))),
    }
}

fn count(call: &Call<'_>) -> Result<Make, PlanFileError> {
    call.expect(&["detectors", "num", "delay"], &["per_shot", "md"])?;
    no_hook(call, "per_shot")?;
    let detectors = call.bench.devices(call.required(Some(0), "detectors")?)?;
    let num = match call.get(Some(1), "num") {
        None => Some(1),
        Some(node) if node.is_null() => None,
        Some(node) => Some(node.expect_count("how many readings are taken, a whole number from 0 on")?),
    };
    let delay = match call.get(Some(2), "delay") {
        None => 0.0.into(),
        Some(node) => call.bench.value(node)?,
    };
    let md = md(call, None)?;
    Ok(Arc::new(move || {
        let count = plans::count(&detectors, num.unwrap_or_default()).delay_s(delay.clone()).md(md.clone());
        if num.is_none() { count.forever().into() } else { count.into() }
    }))
}

/// What makes a scan along one line: of the detectors, the first motor, its start and stop, and the number of points.
type MakeScan = fn(Vec<Device>, &Device, Value, Value, u64) -> Scan;

fn scan(call: &Call<'_>, make: MakeScan) -> Result<Make, PlanFileError> {
    call.expect_keywords(&["num", "per_step", "md"])?;
    no_hook(call, "per_step")?;
    let [detectors, axes @ ..] = call.args else {
        call.required(Some(0), "detectors")?;
        return Err(PlanFileError::new(call.name.position, "the detectors, motors and points of scan", "nothing"));
    };
    let (num, axes) = match (call.get(None, "num").filter(|node| !node.is_null()), axes) {
        (Some(num), axes) => (num, axes),
        (None, [axes @ .., num]) if axes.len() % 3 == 0 => (num, axes),
        (None, _) => {
            return Err(PlanFileError::new(
                call.name.position,
                "the number of points of scan, as the last argument by position or as `num`",
                "none",
            ));
        }
    };
    let detectors = call.bench.devices(detectors)?;
    let num = num.expect_count("the number of points, a whole number from 0 on")?;
    let mut trajectories = Vec::new();
    for axis in axes.chunks(3) {
        let [motor, start, stop] = axis else {
            return Err(axis[0].unexpected("a motor, a start and a stop for each axis of scan"));
        };
        let motor = call.bench.device(motor)?;
        start.expect_number("the number where the scan starts")?;
        stop.expect_number("the number where the scan stops")?;
        trajectories.push((motor, start.to_value()?, stop.to_value()?));
    }
    let md = md(call, None)?;
    let Some(((motor, start, stop), others)) = trajectories.split_first() else {
        return Err(PlanFileError::new(call.name.position, "a motor, a start and a stop for scan", "none"));
    };
    let (motor, start, stop, others) = (motor.clone(), start.clone(), stop.clone(), others.to_vec());
    Ok(Arc::new(move || {
        let scan = make(detectors.clone(), &motor, start.clone(), stop.clone(), num).md(md.clone());
        let all = others.iter().fold(scan, |scan, (motor, start, stop)| scan.with(motor, start.clone(), stop.clone()));
        all.into()
    }))
}

fn abs_set(call: &Call<'_>) -> Result<Make, PlanFileError> {
    call.expect_once(&["obj"])?;
    let obj = call.bench.device(call.required(Some(0), "obj")?)?;
    let positional = call.args.iter().skip(1).map(|node| call.bench.value(node)).collect::<Result<Vec<_>, _>>()?;
    let group = optional_value(call, None, "group")?;
    let wait = call.flag(None, "wait")?;
    let args = Args { positional, keyword: keyword_arguments(call, &["obj", "group", "wait"])? };
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

fn mv(call: &Call<'_>) -> Result<Make, PlanFileError> {
    call.expect_keywords(&["group", "timeout"])?;
    let mut moves = Vec::new();
    for pair in call.args.chunks(2) {
        let [obj, value] = pair else {
            return Err(pair[0].unexpected("a device and where to move it, in pairs"));
        };
        moves.push((call.bench.device(obj)?, call.bench.value(value)?));
    }
    if moves.is_empty() {
        return Err(PlanFileError::new(call.name.position, "a device and where to move it", "none"));
    }
    let group = optional_value(call, None, "group")?;
    let timeout = call.get(None, "timeout").filter(|node| !node.is_null());
    let timeout_s = timeout.map(|node| node.expect_number("a number of seconds")).transpose()?;
    Ok(Arc::new(move || {
        let (moves, group) = (moves.clone(), group.clone());
        plan(async move |p| {
            each_moved_once(moves.iter().map(|(device, _)| device))?;
            let group = if group.is_truthy() { group } else { Value::Str(p.env().seed.uid()) };
            let mut answers = Vec::new();
            for (obj, value) in moves {
                answers.push(shown(&p.msg(Msg::set(&obj, value).in_group(group.clone())).await?));
            }
            p.wait_with(Wait { group, timeout_s: Some(timeout_s), ..Wait::default() }).await?;
            Ok(Value::from(answers))
        })
    }))
}

/// The plan of [`abs_set`] with what is set added to where the device is.
fn rel_set(call: &Call<'_>) -> Result<Make, PlanFileError> {
    let set = abs_set(call)?;
    Ok(Arc::new(move || relative_set_wrapper(set(), None)))
}

/// The plan of [`mv`] with what is set added to where the devices are.
fn mvr(call: &Call<'_>) -> Result<Make, PlanFileError> {
    let moved = mv(call)?;
    let objs = call.args.iter().step_by(2).map(|node| call.bench.device(node)).collect::<Result<Vec<_>, _>>()?;
    Ok(Arc::new(move || relative_set_wrapper(moved(), Some(objs.clone()))))
}

fn trigger(call: &Call<'_>) -> Result<Make, PlanFileError> {
    call.expect(&["obj"], &["group", "wait"])?;
    let obj = call.bench.device(call.required(Some(0), "obj")?)?;
    let group = optional_value(call, None, "group")?;
    let wait = call.flag(None, "wait")?;
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

fn stage_all<F, Fut>(call: &Call<'_>, stage: F) -> Result<Make, PlanFileError>
where
    F: Fn(Stubs, Vec<Device>) -> Fut + Send + Sync + Copy + 'static,
    Fut: Future<Output = Result<(), PlanError>> + Send + 'static,
{
    call.expect_keywords(&[])?;
    let devices = call.args.iter().map(|node| call.bench.device(node)).collect::<Result<Vec<_>, _>>()?;
    Ok(Arc::new(move || {
        let devices = devices.clone();
        plan(move |p| stage(p, devices))
    }))
}

fn trigger_and_read(call: &Call<'_>) -> Result<Make, PlanFileError> {
    call.expect(&["devices", "name"], &[])?;
    let devices = call.bench.devices(call.required(Some(0), "devices")?)?;
    let name = stubs::stream_name(call, Some(1))?;
    Ok(Arc::new(move || {
        let (devices, name) = (devices.clone(), name.clone());
        plan(async move |p| {
            p.trigger_and_read(devices, name).await.map(|readings| shown(&Response::Readings(readings)))
        })
    }))
}

fn one_shot(call: &Call<'_>) -> Result<Make, PlanFileError> {
    call.expect(&["detectors"], &[])?;
    let detectors = call.bench.devices(call.required(Some(0), "detectors")?)?;
    Ok(Arc::new(move || {
        let detectors = detectors.clone();
        plan(async move |p| p.one_shot(&detectors).await)
    }))
}

fn rd(call: &Call<'_>) -> Result<Make, PlanFileError> {
    call.expect(&["obj"], &["default_value"])?;
    let obj = call.bench.device(call.required(Some(0), "obj")?)?;
    if let Some(node) = call.get(None, "default_value") {
        return Err(node.unexpected("no `default_value`, for the engine always answers"));
    }
    Ok(Arc::new(move || {
        let obj = obj.clone();
        plan(async move |p| p.rd(&obj).await)
    }))
}
