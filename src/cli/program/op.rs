//! [`Op`]: a step of a plan file, with all its names resolved.

use super::bench::Bench;
use super::call::Call;
use super::named_plans::{PlanSource, named_plan};
use crate::cli::plan_file::{Node, PlanFileError, Step};
use crate::device::Device;
use crate::message::{Arg, GenericMsg, PlanError};
use crate::plan::preprocessors::{
    baseline_wrapper, contingency_wrapper, finalize_wrapper, fly_during_wrapper, inject_md_wrapper,
    lazily_stage_wrapper, monitor_during_wrapper, relative_set_wrapper, reset_positions_wrapper, rewindable_wrapper,
    run_wrapper, set_run_key_wrapper, stage_wrapper, trace_plan,
};
use crate::plan::{Plan, plan};
use crate::value::{Map, Text, Value};

/// A step of a plan file, with all its names resolved. It can be done again and again.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Message { message: GenericMsg, run: Value },
    Plan(PlanSource),
    Span { name: Text, body: Vec<Self> },
    Run { md: Map, body: Vec<Self> },
    Stage { devices: Vec<Device>, body: Vec<Self> },
    LazilyStage { body: Vec<Self> },
    Baseline { devices: Vec<Device>, body: Vec<Self> },
    MonitorDuring { devices: Vec<Device>, body: Vec<Self> },
    FlyDuring { devices: Vec<Device>, body: Vec<Self> },
    RelativeSet { devices: Option<Vec<Device>>, body: Vec<Self> },
    ResetPositions { devices: Option<Vec<Device>>, body: Vec<Self> },
    Rewindable { rewindable: bool, body: Vec<Self> },
    InjectMd { md: Map, body: Vec<Self> },
    SetRunKey { run: Value, body: Vec<Self> },
    Finalize { cleanup: Vec<Self>, body: Vec<Self> },
    Contingency(Box<Contingency>),
    Repeat { times: u64, body: Vec<Self> },
    Raise(Text),
}

#[derive(Clone, Debug)]
pub(super) struct Contingency {
    body: Vec<Op>,
    except: Option<Vec<Op>>,
    otherwise: Option<Vec<Op>>,
    cleanup: Option<Vec<Op>>,
    auto_raise: bool,
}

/// A plan that does these steps; its result is that of the last.
pub(super) fn body(ops: &[Op]) -> Plan {
    let ops = ops.to_vec();
    plan(async move |p| {
        let mut result = Value::Null;
        for op in ops {
            result = match op {
                Op::Message { message, run } => p.msg(message.into_msg(run)).await.map(|_| Value::Null)?,
                Op::Repeat { times, body: ops } => {
                    for _ in 0..times {
                        p.run(body(&ops)).await?;
                    }
                    Value::Null
                }
                Op::Raise(text) => return Err(PlanError::runtime(text)),
                Op::Plan(source) => p.run(source.plan()).await?,
                Op::Span { name, body: ops } => p.run(trace_plan(name, body(&ops))).await?,
                Op::Run { md, body: ops } => p.run(run_wrapper(body(&ops), md)).await?,
                Op::Stage { devices, body: ops } => p.run(stage_wrapper(body(&ops), devices)).await?,
                Op::LazilyStage { body: ops } => p.run(lazily_stage_wrapper(body(&ops))).await?,
                Op::Baseline { devices, body: ops } => p.run(baseline_wrapper(body(&ops), devices, "baseline")).await?,
                Op::MonitorDuring { devices, body: ops } => p.run(monitor_during_wrapper(body(&ops), devices)).await?,
                Op::FlyDuring { devices, body: ops } => p.run(fly_during_wrapper(body(&ops), devices)).await?,
                Op::RelativeSet { devices, body: ops } => p.run(relative_set_wrapper(body(&ops), devices)).await?,
                Op::ResetPositions { devices, body: ops } => {
                    p.run(reset_positions_wrapper(body(&ops), devices)).await?
                }
                Op::Rewindable { rewindable, body: ops } => p.run(rewindable_wrapper(body(&ops), rewindable)).await?,
                Op::InjectMd { md, body: ops } => p.run(inject_md_wrapper(body(&ops), md)).await?,
                Op::SetRunKey { run, body: ops } => p.run(set_run_key_wrapper(body(&ops), run)).await?,
                Op::Finalize { cleanup, body: ops } => p.run(finalize_wrapper(body(&ops), body(&cleanup))).await?,
                Op::Contingency(contingency) => p.run(contingency.plan()).await?,
            };
        }
        Ok(result)
    })
}

impl Contingency {
    fn plan(self) -> Plan {
        let mut wrapper = contingency_wrapper(body(&self.body)).auto_raise(self.auto_raise);
        if let Some(ops) = self.except {
            wrapper = wrapper.except(move |_| body(&ops));
        }
        if let Some(ops) = &self.otherwise {
            wrapper = wrapper.otherwise(body(ops));
        }
        if let Some(ops) = &self.cleanup {
            wrapper = wrapper.finally(body(ops));
        }
        wrapper.into()
    }
}

/// Resolves the names in steps.
pub(super) fn compile_steps(steps: &[Step], bench: &Bench) -> Result<Vec<Op>, PlanFileError> {
    steps.iter().map(|step| compile(step, bench)).collect()
}

fn compile(step: &Step, bench: &Bench) -> Result<Op, PlanFileError> {
    Ok(match step {
        Step::Message { command, obj, args, kwargs, run, .. } => {
            let message = GenericMsg {
                command: Text::from(&command.value),
                obj: obj.as_ref().filter(|node| !node.is_null()).map(|node| bench.arg(node)).transpose()?,
                args: args.iter().map(|node| bench.arg(node)).collect::<Result<_, _>>()?,
                kwargs: kwargs
                    .iter()
                    .map(|(key, node)| Ok((Text::from(&key.value), bench.arg(node)?)))
                    .collect::<Result<Vec<(Text, Arg)>, PlanFileError>>()?,
            };
            let run = run.as_ref().map_or(Ok(Value::Null), Node::to_value)?;
            Op::Message { message, run }
        }
        Step::Plan { name, args, kwargs, .. } => Op::Plan(named_plan(name, args, kwargs, bench)?),
        Step::Span { name, body, .. } => Op::Span { name: Text::from(&name.value), body: compile_steps(body, bench)? },
        Step::Repeat { times, body, .. } => Op::Repeat { times: *times, body: compile_steps(body, bench)? },
        Step::Raise { text, .. } => Op::Raise(text.as_str().into()),
        Step::Wrap { name, options, body, final_body, except_body, else_body, .. } => {
            let options = Call { name, args: &[], kwargs: options, bench };
            let body = compile_steps(body, bench)?;
            let some_devices = || {
                let given = options.get(None, "devices").filter(|node| !node.is_null());
                given.map(|node| bench.devices(node)).transpose()
            };
            let part = |steps: &Option<Vec<Step>>| steps.as_ref().map(|steps| compile_steps(steps, bench)).transpose();
            match name.value.as_str() {
                "run" => {
                    let md = options.get(None, "md").filter(|node| !node.is_null());
                    Op::Run { md: md.map_or_else(|| Ok(Map::new()), |node| node.to_map("a map as metadata"))?, body }
                }
                "stage" => Op::Stage { devices: bench.devices(options.required(None, "devices")?)?, body },
                "lazily_stage" => Op::LazilyStage { body },
                "baseline" => Op::Baseline { devices: bench.devices(options.required(None, "devices")?)?, body },
                "monitor_during" => {
                    Op::MonitorDuring { devices: bench.devices(options.required(None, "devices")?)?, body }
                }
                "fly_during" => Op::FlyDuring { devices: bench.devices(options.required(None, "devices")?)?, body },
                "relative_set" => Op::RelativeSet { devices: some_devices()?, body },
                "reset_positions" => Op::ResetPositions { devices: some_devices()?, body },
                "rewindable" => {
                    let rewindable = options.required(None, "rewindable")?.expect_bool("true or false")?;
                    Op::Rewindable { rewindable, body }
                }
                "inject_md" => Op::InjectMd { md: options.required(None, "md")?.to_map("a map as metadata")?, body },
                "set_run_key" => Op::SetRunKey { run: options.required(None, "run")?.to_value()?, body },
                "finalize" => Op::Finalize { cleanup: part(final_body)?.unwrap_or_default(), body },
                "contingency" => Op::Contingency(Box::new(Contingency {
                    body,
                    except: part(except_body)?,
                    otherwise: part(else_body)?,
                    cleanup: part(final_body)?,
                    auto_raise: options
                        .get(None, "auto_raise")
                        .map_or(Ok(true), |node| node.expect_bool("true or false"))?,
                })),
                other => {
                    return Err(PlanFileError::new(
                        name.position,
                        format!("a wrapper that exists: `{other}` of bluesky does not exist in skyspan yet"),
                        format!("the string {other:?}"),
                    ));
                }
            }
        }
    })
}
