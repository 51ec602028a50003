//! Plans and plan stubs by name, with the arguments that they have in bluesky.

use std::fmt;
use std::sync::Arc;

use super::answers::shown;
use super::bench::Bench;
use super::call::Call;
use super::flying_plans as flying;
use super::named_steps as steps;
use super::named_stubs as stubs;
use super::{adaptive_plans as adaptive, grid_plans as grids, scan_plans as scans, spiral_plans as spirals};
use crate::device::{Args, Device};
use crate::message::{Command, DeviceCall, Msg, PlanError, Response};
use crate::plan::preprocessors::relative_set_wrapper;
use crate::plan::{Plan, Stubs, plan, plans};
use crate::value::nearest;
use crate::value::yaml::{Node, Spanned, YamlError};
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
type MakeOfCall = fn(&Call<'_>) -> Result<Make, YamlError>;

/// The plans that exist, each with what makes it of a call.
const KNOWN: &[(&str, MakeOfCall)] = &[
    ("abs_set", abs_set),
    ("adaptive_scan", |call| adaptive::adaptive_scan(call, plans::adaptive_scan)),
    ("broadcast_msg", steps::broadcast_msg),
    ("caching_repeater", steps::caching_repeater),
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
    ("grid_scan", |call| grids::grid_scan(call, plans::grid_scan)),
    ("inner_product_scan", scans::inner_product_scan),
    ("input_plan", stubs::input_plan),
    ("install_suspender", |call| stubs::suspender(call, |suspender| Command::InstallSuspender { suspender })),
    ("kickoff", flying::kickoff),
    ("kickoff_all", flying::kickoff_all),
    ("list_grid_scan", |call| grids::list_grid_scan(call, plans::list_grid_scan)),
    ("list_scan", |call| scans::list_scan(call, plans::list_scan)),
    ("locate", stubs::locate),
    ("log_scan", |call| scans::log_scan(call, plans::log_scan)),
    ("monitor", flying::monitor),
    ("mov", mv),
    ("move_per_step", steps::move_per_step),
    ("movr", mvr),
    ("mv", mv),
    ("mvr", mvr),
    ("null", |call| stubs::simple(call, Command::Null)),
    ("one_1d_step", steps::one_1d_step),
    ("one_nd_step", steps::one_nd_step),
    ("one_shot", steps::one_shot),
    ("open_run", stubs::open_run),
    ("outer_product_scan", |call| grids::grid_scan(call, plans::grid_scan)),
    ("pause", |call| stubs::pause(call, false)),
    ("prepare", flying::prepare),
    ("ramp_plan", adaptive::ramp_plan),
    ("rd", rd),
    ("read", stubs::read),
    ("rel_adaptive_scan", |call| adaptive::adaptive_scan(call, plans::rel_adaptive_scan)),
    ("rel_grid_scan", |call| grids::grid_scan(call, plans::rel_grid_scan)),
    ("rel_list_grid_scan", |call| grids::list_grid_scan(call, plans::rel_list_grid_scan)),
    ("rel_list_scan", |call| scans::list_scan(call, plans::rel_list_scan)),
    ("rel_log_scan", |call| scans::log_scan(call, plans::rel_log_scan)),
    ("rel_scan", scans::rel_scan),
    ("rel_set", rel_set),
    ("rel_spiral", |call| spirals::rel_spiral(call, "nth")),
    ("rel_spiral_fermat", |call| spirals::rel_spiral(call, "factor")),
    ("rel_spiral_square", spirals::rel_spiral_square),
    ("relative_adaptive_scan", |call| adaptive::adaptive_scan(call, plans::rel_adaptive_scan)),
    ("relative_inner_product_scan", scans::relative_inner_product_scan),
    ("relative_list_scan", |call| scans::list_scan(call, plans::rel_list_scan)),
    ("relative_log_scan", |call| scans::log_scan(call, plans::rel_log_scan)),
    ("relative_outer_product_scan", |call| grids::grid_scan(call, plans::rel_grid_scan)),
    ("relative_scan", scans::rel_scan),
    ("relative_spiral", |call| spirals::rel_spiral(call, "nth")),
    ("relative_spiral_fermat", |call| spirals::rel_spiral(call, "factor")),
    ("remove_suspender", |call| stubs::suspender(call, |suspender| Command::RemoveSuspender { suspender })),
    ("repeat", steps::repeat),
    ("repeater", steps::repeater),
    ("save", |call| stubs::simple(call, Command::Save)),
    ("scan", scans::scan),
    ("scan_nd", scans::scan_nd),
    ("sleep", stubs::sleep),
    ("spiral", |call| spirals::spiral(call, "nth")),
    ("spiral_fermat", |call| spirals::spiral(call, "factor")),
    ("spiral_square", spirals::spiral_square),
    ("stage", |call| stubs::stage(call, async |p, obj, group, wait| p.stage_with(&obj, group, wait).await)),
    ("stage_all", |call| stage_all(call, async |p, devices, group| p.stage_all_in(&devices, group).await)),
    ("stop", stubs::stop),
    ("subscribe", stubs::subscribe),
    ("trigger", trigger),
    ("trigger_and_read", trigger_and_read),
    ("tune_centroid", adaptive::tune_centroid),
    ("tweak", adaptive::tweak),
    ("unmonitor", flying::unmonitor),
    ("unstage", |call| stubs::stage(call, async |p, obj, group, wait| p.unstage_with(&obj, group, wait).await)),
    ("unstage_all", |call| stage_all(call, async |p, devices, group| p.unstage_all_in(&devices, group).await)),
    ("unsubscribe", stubs::unsubscribe),
    ("wait", stubs::wait),
    ("wait_for", stubs::wait_for),
    ("x2x_scan", scans::x2x_scan),
];

/// The plan or plan stub of that name, called with these arguments.
pub(super) fn named_plan(
    name: &Spanned<String>,
    args: &[Node],
    kwargs: &[(Spanned<String>, Node)],
    bench: &Bench,
) -> Result<PlanSource, YamlError> {
    let Some((_, make)) = KNOWN.iter().find(|(known, _)| *known == name.value) else {
        let found = format!("the string {:?}", name.value);
        let known = KNOWN.iter().map(|(known, _)| *known);
        let error = YamlError::new(name.position, "the name of a plan", found);
        return Err(error.with_suggestion(nearest(&name.value, known)));
    };
    let make = make(&Call { name, args, kwargs, bench })?;
    Ok(PlanSource { name: Text::from(&name.value), make })
}

/// The metadata of a call, if it has any.
pub(super) fn md(call: &Call<'_>, at: Option<usize>) -> Result<Map, YamlError> {
    let Some(node) = call.get(at, "md").filter(|node| !node.is_null()) else { return Ok(Map::new()) };
    node.to_map("a map as metadata")?;
    match call.bench.value(node)? {
        Value::Map(md) => Ok(Arc::unwrap_or_clone(md)),
        _ => Err(node.unexpected("a map as metadata")),
    }
}

pub(super) fn optional_value(call: &Call<'_>, at: Option<usize>, name: &str) -> Result<Value, YamlError> {
    call.get(at, name).map_or(Ok(Value::Null), |node| call.bench.value(node))
}

/// The arguments by keyword that go on to the device: all but these.
pub(super) fn keyword_arguments(call: &Call<'_>, own: &[&str]) -> Result<Map, YamlError> {
    let others = call.kwargs.iter().filter(|(key, _)| !own.contains(&key.value.as_str()));
    others.map(|(key, node)| Ok((Text::from(&key.value), call.bench.value(node)?))).collect()
}

/// A hook in Python's plans, which a plan file cannot give.
pub(super) fn no_hook(call: &Call<'_>, name: &str) -> Result<(), YamlError> {
    match call.get(None, name).filter(|node| !node.is_null()) {
        None => Ok(()),
        Some(node) => Err(node.unexpected(format!("no `{name}`, for a plan file has no functions"))),
    }
}

fn count(call: &Call<'_>) -> Result<Make, YamlError> {
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

fn abs_set(call: &Call<'_>) -> Result<Make, YamlError> {
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

fn mv(call: &Call<'_>) -> Result<Make, YamlError> {
    let mut moves = Vec::new();
    for pair in call.args.chunks(2) {
        let [obj, value] = pair else {
            return Err(pair[0].unexpected("a device and where to move it, in pairs"));
        };
        moves.push((call.bench.device(obj)?, call.bench.value(value)?));
    }
    if moves.is_empty() {
        return Err(YamlError::new(call.name.position, "a device and where to move it", "none"));
    }
    let group = optional_value(call, None, "group")?;
    let timeout = call.get(None, "timeout").filter(|node| !node.is_null());
    let timeout_s = timeout.map(|node| node.expect_number("a number of seconds")).transpose()?;
    // The others are for the devices, which say what they take.
    let others = call.kwargs.iter().filter(|(key, _)| !["group", "timeout"].contains(&key.value.as_str()));
    let keywords = others.map(|(key, node)| Ok((Text::from(&key.value), call.bench.value(node)?)));
    let keywords = keywords.collect::<Result<Map, YamlError>>()?;
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
fn rel_set(call: &Call<'_>) -> Result<Make, YamlError> {
    let set = abs_set(call)?;
    Ok(Arc::new(move || relative_set_wrapper(set(), None)))
}

/// The plan of [`mv`] with what is set added to where the devices are.
fn mvr(call: &Call<'_>) -> Result<Make, YamlError> {
    let moved = mv(call)?;
    let objs = call.args.iter().step_by(2).map(|node| call.bench.device(node)).collect::<Result<Vec<_>, _>>()?;
    Ok(Arc::new(move || relative_set_wrapper(moved(), Some(objs.clone()))))
}

fn trigger(call: &Call<'_>) -> Result<Make, YamlError> {
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

fn stage_all<F, Fut>(call: &Call<'_>, stage: F) -> Result<Make, YamlError>
where
    F: Fn(Stubs, Vec<Device>, Value) -> Fut + Send + Sync + Copy + 'static,
    Fut: Future<Output = Result<(), PlanError>> + Send + 'static,
{
    call.expect_keywords(&["group"])?;
    let devices = call.args.iter().map(|node| call.bench.device(node)).collect::<Result<Vec<_>, _>>()?;
    let group = optional_value(call, None, "group")?;
    Ok(Arc::new(move || {
        let (devices, group) = (devices.clone(), group.clone());
        plan(move |p| stage(p, devices, group))
    }))
}

fn trigger_and_read(call: &Call<'_>) -> Result<Make, YamlError> {
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

fn rd(call: &Call<'_>) -> Result<Make, YamlError> {
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
