//! The plans that look at what they read, or at what a user or a ramp does, with the arguments that they have in bluesky.

use std::sync::{Arc, Mutex};

use crate::device::{Device, Status};
use crate::message::{Msg, PlanError, Response};
use crate::plan::plans::AdaptiveScan;
use crate::plan::{Plan, PlanEnv, Resumed, Stubs, plans};
use crate::program::call::{Call, Make};
use crate::value::yaml::{Node, NodeValue, YamlError};
use crate::value::{Text, Value};

/// The key of a reading. One that is called like a device is `{str: det}`.
fn key(call: &Call<'_>, name: &str) -> Result<Text, YamlError> {
    let node = call.required(name)?;
    match call.scope.value(node)? {
        Value::Str(key) => Ok(key),
        _ => node.expect_str("the key of a reading").map(Text::from),
    }
}

type Pair = (Value, Value);
type MakeAdaptive = fn(Vec<Device>, Text, &Device, Pair, Pair, Value) -> AdaptiveScan;

pub(super) fn adaptive_scan(call: &Call<'_>, make: MakeAdaptive) -> Result<Make, YamlError> {
    let detectors = call.devices("detectors")?;
    let field = key(call, "target_field")?;
    let motor = call.device("motor")?;
    let limits = (call.number("start")?, call.number("stop")?);
    let steps = (call.number("min_step")?, call.number("max_step")?);
    let delta = call.number("target_delta")?;
    let backstep = call.required("backstep")?.expect_bool("true or false: whether it goes back")?;
    let threshold = call.get("threshold");
    let threshold = threshold.map(|node| call.number("threshold").or_else(|error| null(node, error))).transpose()?;
    let md = call.md()?;
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
    let detectors = call.devices("detectors")?;
    let signal = key(call, "signal")?;
    let motor = call.device("motor")?;
    let limits = (call.number("start")?, call.number("stop")?);
    let min_step = call.number("min_step")?;
    let num = call.get("num").map_or(Ok(10), |_| call.count("num"))?;
    let step_factor = call.get("step_factor").map_or(Ok(3.0.into()), |_| call.number("step_factor"))?;
    let snake = call.flag("snake", false)?;
    let md = call.md()?;
    Ok(Arc::new(move || {
        let tune = plans::tune_centroid(&detectors, signal.clone(), &motor, limits.clone(), min_step.clone());
        tune.num(num).step_factor(step_factor.clone()).snake(snake).md(md.clone()).into()
    }))
}

pub(super) fn tweak(call: &Call<'_>) -> Result<Make, YamlError> {
    let detector = call.device("detector")?;
    let field = key(call, "target_field")?;
    let motor = call.device("motor")?;
    let step = call.number("step")?;
    let md = call.md()?;
    Ok(Arc::new(move || plans::tweak(&detector, field.clone(), &motor, step.clone()).md(md.clone()).into()))
}

pub(super) fn ramp_plan(call: &Call<'_>) -> Result<Make, YamlError> {
    let go = go_plan(call)?;
    let monitored = call.device("monitor_sig")?;
    let inner = call.body("inner_plan_func")?;
    let take_pre_data = call.flag("take_pre_data", true)?;
    let (timeout_s, period_s) = (call.seconds("timeout")?, call.seconds("period")?);
    let md = call.md()?;
    Ok(Arc::new(move || {
        let (go, inner) = (go.clone(), inner.clone());
        let ramp = plans::ramp_plan(async move |p| status_of(&p, go()).await, &monitored, move || inner.plan());
        let ramp = ramp.take_pre_data(take_pre_data).md(md.clone());
        let ramp = timeout_s.iter().fold(ramp, |ramp, timeout_s| ramp.timeout_s(*timeout_s));
        period_s.iter().fold(ramp, |ramp, period_s| ramp.period_s(*period_s)).into()
    }))
}

/// A step, which gives what it gives, or a list of them, which gives nothing.
fn go_plan(call: &Call<'_>) -> Result<Make, YamlError> {
    let node = call.required("go_plan")?;
    if let NodeValue::Sequence(_) = node.value {
        let body = call.body("go_plan")?;
        return Ok(Arc::new(move || body.plan()));
    }
    let alone = Node { value: NodeValue::Sequence(vec![node.clone()]), position: node.position };
    let step = call.scope.body(&alone, "go_plan")?;
    Ok(Arc::new(move || step.giving()))
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
