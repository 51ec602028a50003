//! The plans that look at what they read, or at what a user or a ramp does, with the arguments that they have in bluesky.

use std::sync::{Arc, Mutex};

use super::call::Call;
use super::compile::compile_steps;
use super::named_plans::{Make, md};
use super::named_steps::body_of;
use super::op::{body, step};
use super::scan_plans::{count, number};
use crate::device::{Device, Status};
use crate::message::{Msg, PlanError, Response};
use crate::plan::plans::AdaptiveScan;
use crate::plan::{Plan, PlanEnv, Resumed, Stubs, plans};
use crate::program::plan_file;
use crate::value::yaml::{Node, NodeValue, YamlError};
use crate::value::{Text, Value};

/// The key of a reading. One that is called like a device is `{str: det}`.
fn key(call: &Call<'_>, at: usize, name: &str) -> Result<Text, YamlError> {
    let node = call.required(Some(at), name)?;
    match call.bench.value(node)? {
        Value::Str(key) => Ok(key),
        _ => node.expect_str("the key of a reading").map(Text::from),
    }
}

type Pair = (Value, Value);
type MakeAdaptive = fn(Vec<Device>, Text, &Device, Pair, Pair, Value) -> AdaptiveScan;

pub(super) fn adaptive_scan(call: &Call<'_>, make: MakeAdaptive) -> Result<Make, YamlError> {
    let parameters = [
        "detectors",
        "target_field",
        "motor",
        "start",
        "stop",
        "min_step",
        "max_step",
        "target_delta",
        "backstep",
        "threshold",
    ];
    call.expect(&parameters, &["md"])?;
    let detectors = call.bench.devices(call.required(Some(0), "detectors")?)?;
    let field = key(call, 1, "target_field")?;
    let motor = call.bench.device(call.required(Some(2), "motor")?)?;
    let limits = (number(call, 3, "start")?, number(call, 4, "stop")?);
    let steps = (number(call, 5, "min_step")?, number(call, 6, "max_step")?);
    let delta = number(call, 7, "target_delta")?;
    let backstep = call.required(Some(8), "backstep")?.expect_bool("true or false: whether it goes back")?;
    let threshold = call.get(Some(9), "threshold");
    let threshold =
        threshold.map(|node| number(call, 9, "threshold").or_else(|error| null(node, error))).transpose()?;
    let md = md(call, None)?;
    Ok(Arc::new(move || {
        let scan = make(detectors.clone(), field.clone(), &motor, limits.clone(), steps.clone(), delta.clone());
        let scan = scan.backstep(backstep).md(md.clone());
        threshold.iter().fold(scan, |scan, threshold| scan.threshold(threshold.clone())).into()
    }))
}

fn null(node: &Node, error: YamlError) -> Result<Value, YamlError> {
    if node.is_null() { Ok(Value::Null) } else { Err(error) }
}

pub(super) fn tune_centroid(call: &Call<'_>) -> Result<Make, YamlError> {
    let parameters = ["detectors", "signal", "motor", "start", "stop", "min_step", "num", "step_factor", "snake"];
    call.expect(&parameters, &["md"])?;
    let detectors = call.bench.devices(call.required(Some(0), "detectors")?)?;
    let signal = key(call, 1, "signal")?;
    let motor = call.bench.device(call.required(Some(2), "motor")?)?;
    let limits = (number(call, 3, "start")?, number(call, 4, "stop")?);
    let min_step = number(call, 5, "min_step")?;
    let num = call.get(Some(6), "num").map_or(Ok(10), |_| count(call, 6, "num"))?;
    let step_factor = call.get(Some(7), "step_factor").map_or(Ok(3.0.into()), |_| number(call, 7, "step_factor"))?;
    let snake = call.flag(Some(8), "snake")?;
    let md = md(call, None)?;
    Ok(Arc::new(move || {
        let tune = plans::tune_centroid(&detectors, signal.clone(), &motor, limits.clone(), min_step.clone());
        tune.num(num).step_factor(step_factor.clone()).snake(snake).md(md.clone()).into()
    }))
}

pub(super) fn tweak(call: &Call<'_>) -> Result<Make, YamlError> {
    call.expect(&["detector", "target_field", "motor", "step"], &["md"])?;
    let detector = call.bench.device(call.required(Some(0), "detector")?)?;
    let field = key(call, 1, "target_field")?;
    let motor = call.bench.device(call.required(Some(2), "motor")?)?;
    let step = number(call, 3, "step")?;
    let md = md(call, None)?;
    Ok(Arc::new(move || plans::tweak(&detector, field.clone(), &motor, step.clone()).md(md.clone()).into()))
}

pub(super) fn ramp_plan(call: &Call<'_>) -> Result<Make, YamlError> {
    let parameters = ["go_plan", "monitor_sig", "inner_plan_func", "take_pre_data", "timeout", "period", "md"];
    call.expect(&parameters, &[])?;
    let go = go_plan(call, call.required(Some(0), "go_plan")?)?;
    let monitored = call.bench.device(call.required(Some(1), "monitor_sig")?)?;
    let inner = body_of(call, call.required(Some(2), "inner_plan_func")?, "inner_plan_func")?;
    let take_pre_data =
        call.get(Some(3), "take_pre_data").map_or(Ok(true), |node| node.expect_bool("true or false"))?;
    let seconds = |at, name| {
        let node = call.get(Some(at), name).filter(|node: &&Node| !node.is_null());
        node.map(|node| node.expect_number("a number of seconds")).transpose()
    };
    let (timeout_s, period_s) = (seconds(4, "timeout")?, seconds(5, "period")?);
    let md = md(call, Some(6))?;
    Ok(Arc::new(move || {
        let (go, inner) = (go(), Arc::clone(&inner));
        let ramp = plans::ramp_plan(async move |p| status_of(&p, go).await, &monitored, move || inner());
        let ramp = ramp.take_pre_data(take_pre_data).md(md.clone());
        let ramp = timeout_s.iter().fold(ramp, |ramp, timeout_s| ramp.timeout_s(*timeout_s));
        period_s.iter().fold(ramp, |ramp, period_s| ramp.period_s(*period_s)).into()
    }))
}

/// A step, or a list of them, which gives nothing.
fn go_plan(call: &Call<'_>, node: &Node) -> Result<Make, YamlError> {
    if let NodeValue::Sequence(_) = node.value {
        return body_of(call, node, "go_plan");
    }
    let ops = compile_steps(&[plan_file::step(node)?], call.bench)?;
    Ok(Arc::new(move || match &*ops {
        [op] => step(op.clone()),
        all => body(all),
    }))
}

/// The status that a plan gives. What plans of a plan file give is data, where a status stands as `<MoveStatus>`: it is the
/// last one that was answered.
async fn status_of(p: &Stubs, mut go: Plan) -> Result<Option<Status>, PlanError> {
    let env: Arc<PlanEnv> = p.env();
    let (mut answer, last) = (Ok(Response::None), Mutex::new(None));
    loop {
        let msg: Msg = match go.resume(&env, answer) {
            Resumed::Yield(msg) => msg,
            Resumed::Done(given) => {
                let given = given?;
                let is_status = given.as_str().is_some_and(|text| text.starts_with('<') && text.ends_with("Status>"));
                let last = last.into_inner().unwrap_or_default();
                return Ok(last.filter(|_| is_status));
            }
        };
        answer = p.msg(msg).await;
        if let (Ok(Response::Status(status)), Ok(mut last)) = (&answer, last.lock()) {
            *last = Some(status.clone());
        }
    }
}
