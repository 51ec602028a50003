//! [`Op`]: a step of a plan file, with all its names resolved.

use super::answers::{shown, type_name};
use super::callbacks::Callback;
use super::mutation::Mutation;
use super::named_plans::PlanSource;
use crate::device::Device;
use crate::document::DocumentName;
use crate::message::{Command, GenericMsg, Msg, Object, PlanError};
use crate::plan::preprocessors::{
    SupplementalData, baseline_wrapper, configure_count_time_wrapper, contingency_wrapper, finalize_wrapper,
    fly_during_wrapper, inject_md_wrapper, lazily_stage_wrapper, monitor_during_wrapper, pchain, print_summary_wrapper,
    relative_set_wrapper, reset_positions_wrapper, rewindable_wrapper, run_wrapper, set_run_key_wrapper, stage_wrapper,
    stub_wrapper, subs_wrapper, suspend_wrapper, trace_plan,
};
use crate::plan::{Plan, Stubs, messages_yielded, plan};
use crate::value::{Map, Text, Value};

/// A step of a plan file, with all its names resolved. It can be done again and again.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Message(Box<Message>),
    Plan(PlanSource),
    Span {
        name: Text,
        body: Vec<Self>,
    },
    Run {
        md: Map,
        body: Vec<Self>,
    },
    Stage {
        devices: Vec<Device>,
        body: Vec<Self>,
    },
    LazilyStage {
        body: Vec<Self>,
    },
    Baseline {
        devices: Vec<Device>,
        body: Vec<Self>,
    },
    MonitorDuring {
        devices: Vec<Device>,
        body: Vec<Self>,
    },
    FlyDuring {
        devices: Vec<Device>,
        body: Vec<Self>,
    },
    RelativeSet {
        devices: Option<Vec<Device>>,
        body: Vec<Self>,
    },
    ResetPositions {
        devices: Option<Vec<Device>>,
        body: Vec<Self>,
    },
    Subs {
        subs: Vec<(DocumentName, Object)>,
        body: Vec<Self>,
    },
    Suspend {
        suspenders: Vec<Object>,
        body: Vec<Self>,
    },
    Rewindable {
        rewindable: bool,
        body: Vec<Self>,
    },
    InjectMd {
        md: Map,
        body: Vec<Self>,
    },
    SetRunKey {
        run: Value,
        body: Vec<Self>,
    },
    ConfigureCountTime {
        time: Value,
        body: Vec<Self>,
    },
    Stub {
        body: Vec<Self>,
    },
    PrintSummary {
        body: Vec<Self>,
    },
    /// The steps one after another, each a plan of its own.
    Chain {
        body: Vec<Self>,
    },
    SupplementalData {
        data: SupplementalData,
        body: Vec<Self>,
    },
    Mutate {
        mutation: Mutation,
        body: Vec<Self>,
    },
    Finalize {
        cleanup: Vec<Self>,
        pause_for_debug: bool,
        body: Vec<Self>,
    },
    Contingency(Box<Contingency>),
    Repeat {
        times: u64,
        body: Vec<Self>,
    },
    Raise(PlanError),
    Show(Box<Self>),
    Catch {
        body: Vec<Self>,
    },
}

/// A message, and what callbacks have to do with it.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) generic: GenericMsg,
    pub(super) run: Value,
    /// Who subscribes with it.
    pub(super) subscribes: Option<Callback>,
    /// Those in whose place stands the token of their subscription.
    pub(super) unsubscribes: Vec<Callback>,
}

#[derive(Clone, Debug)]
pub(super) struct Contingency {
    pub(super) body: Vec<Op>,
    pub(super) except: Option<Vec<Op>>,
    pub(super) otherwise: Option<Vec<Op>>,
    pub(super) cleanup: Option<Vec<Op>>,
    pub(super) pause_for_debug: bool,
    pub(super) auto_raise: bool,
}

/// A plan that does these steps. It has no result, as in bluesky.
pub(super) fn body(ops: &[Op]) -> Plan {
    let ops = ops.to_vec();
    plan(async move |p| {
        for op in ops {
            op.perform(&p).await?;
        }
        Ok(())
    })
}

/// A plan that does one step, and gives what it gives: a step may be in a step.
pub(super) fn step(op: Op) -> Plan {
    plan(async move |p| op.perform(&p).await)
}

impl Op {
    /// Does the step, as a part of a plan; gives what it gives to a plan in bluesky, as data.
    async fn perform(self, p: &Stubs) -> Result<Value, PlanError> {
        match self {
            Self::Message(message) => message.yield_from(p).await,
            Self::Plan(source) => p.run(source.plan()).await,
            Self::Span { name, body: ops } => p.run(trace_plan(name, body(&ops))).await,
            Self::Run { md, body: ops } => p.run(run_wrapper(body(&ops), md)).await,
            Self::Stage { devices, body: ops } => p.run(stage_wrapper(body(&ops), devices)).await,
            Self::LazilyStage { body: ops } => p.run(lazily_stage_wrapper(body(&ops))).await,
            Self::Baseline { devices, body: ops } => p.run(baseline_wrapper(body(&ops), devices, "baseline")).await,
            Self::MonitorDuring { devices, body: ops } => p.run(monitor_during_wrapper(body(&ops), devices)).await,
            Self::FlyDuring { devices, body: ops } => p.run(fly_during_wrapper(body(&ops), devices)).await,
            Self::RelativeSet { devices, body: ops } => p.run(relative_set_wrapper(body(&ops), devices)).await,
            Self::ResetPositions { devices, body: ops } => p.run(reset_positions_wrapper(body(&ops), devices)).await,
            Self::Subs { subs, body: ops } => p.run(subs_wrapper(body(&ops), subs)).await,
            Self::Suspend { suspenders, body: ops } => p.run(suspend_wrapper(body(&ops), suspenders)).await,
            Self::Rewindable { rewindable, body: ops } => p.run(rewindable_wrapper(body(&ops), rewindable)).await,
            Self::InjectMd { md, body: ops } => p.run(inject_md_wrapper(body(&ops), md)).await,
            Self::SetRunKey { run, body: ops } => p.run(set_run_key_wrapper(body(&ops), run)).await,
            Self::ConfigureCountTime { time, body: ops } => p.run(configure_count_time_wrapper(body(&ops), time)).await,
            Self::Stub { body: ops } => p.run(stub_wrapper(body(&ops))).await,
            // Standard output is for the spans.
            Self::PrintSummary { body: ops } => p.run(print_summary_wrapper(body(&ops), std::io::stderr())).await,
            Self::Chain { body: ops } => p.run(pchain(ops.into_iter().map(step))).await,
            Self::SupplementalData { data, body: ops } => p.run(data.around(body(&ops))).await,
            Self::Mutate { mutation, body: ops } => p.run(mutation.around(body(&ops))).await,
            Self::Finalize { cleanup, pause_for_debug, body: ops } => {
                p.run(finalize_wrapper(body(&ops), body(&cleanup)).pause_for_debug(pause_for_debug)).await
            }
            Self::Contingency(contingency) => p.run(contingency.plan()).await,
            Self::Repeat { times, body: ops } => {
                for _ in 0..times {
                    let before = messages_yielded();
                    p.run(body(&ops)).await?;
                    if messages_yielded() == before {
                        // What yields no message hears of nothing, and will yield none the next time.
                        break;
                    }
                }
                Ok(Value::Null)
            }
            Self::Raise(error) => Err(error),
            Self::Show(op) => {
                let given = p.run(step(*op)).await?;
                p.msg(null_with(given.clone())).await?;
                Ok(given)
            }
            Self::Catch { body: ops } => {
                let caught = match p.run(body(&ops)).await {
                    Ok(_) => Value::Null,
                    Err(error) if error.is_halt() || error.control_exit_status().is_some() => return Err(error),
                    Err(error) => error.name().into(),
                };
                p.msg(null_with(caught)).await.map(|answer| shown(&answer))
            }
        }
    }
}

/// A message that does nothing, and has an argument for those who read the recording.
fn null_with(arg: Value) -> Msg {
    let command = Text::from(Command::Null.name());
    GenericMsg { command, args: vec![arg.into()], ..GenericMsg::default() }.into_msg(Value::Null)
}

impl Op {
    /// The message, if the step is one.
    pub(super) fn as_msg(&self) -> Option<Msg> {
        match self {
            Self::Message(message) => Some(message.generic.clone().into_msg(message.run.clone())),
            _ => None,
        }
    }
}

impl Message {
    async fn yield_from(self, p: &Stubs) -> Result<Value, PlanError> {
        let Self { mut generic, run, subscribes, unsubscribes } = self;
        for callback in unsubscribes {
            let args = generic.args.iter_mut().chain(generic.kwargs.iter_mut().map(|(_, arg)| arg));
            args.for_each(|arg| callback.token_in_place(arg));
        }
        let msg = generic.into_msg(run);
        let asks_for_type = matches!(msg.command, Command::ReClass);
        let answer = p.msg(msg).await?;
        if let Some(callback) = subscribes {
            callback.subscribed(&answer);
        }
        // The answer is a class in bluesky; here it is the name of one.
        Ok(if asks_for_type { type_name("type") } else { shown(&answer) })
    }
}

impl Contingency {
    fn plan(self) -> Plan {
        let mut wrapper = contingency_wrapper(body(&self.body));
        wrapper = wrapper.pause_for_debug(self.pause_for_debug).auto_raise(self.auto_raise);
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
