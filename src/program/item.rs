//! [`ProgramItem`]: one call of the engine with what is done to it from outside, or a request between calls.

use std::time::Duration;

use super::bench::Bench;
use super::compile::compile_steps;
use super::named_plans::{PlanSource, named_plan};
use super::op::{Op, body};
use super::outside::{Outside, Put, compile_puts};
use crate::document::DocumentName;
use crate::engine::Subscriber;
use crate::plan::Plan;
use crate::program::plan_file::{CallSpec, Item, PauseAction, Request};
use crate::value::yaml::YamlError;
use crate::value::{Map, Text};

/// One item: one call of the engine, or a request between calls.
#[derive(Debug)]
pub struct ProgramItem {
    pub(crate) work: Work,
}

/// What an item asks for.
#[derive(Debug)]
pub(crate) enum Work {
    Call(Call),
    Request(Request),
}

/// A call of the engine, with what is done to it from outside.
#[derive(Debug)]
pub(crate) struct Call {
    source: Source,
    pub(crate) meta: Map,
    pub(crate) subscribers: Vec<(DocumentName, Subscriber)>,
    pub(crate) input: Option<Vec<Text>>,
    pub(crate) at: Vec<Outside>,
    pub(crate) on_pause: Vec<PauseAnswer>,
}

enum Source {
    Plan(PlanSource),
    Messages(Vec<Op>),
}

/// What is done at a pause, with its names resolved.
#[derive(Clone, Debug)]
pub enum PauseAnswer {
    /// Something is asked of the engine.
    Ask(Request),
    /// The engine is called a second time, which it refuses.
    Call,
    /// Signals get values.
    Set(Vec<Put>),
    /// Time goes on.
    Sleep(Duration),
}

impl ProgramItem {
    pub(super) fn compile(item: &Item, bench: &Bench) -> Result<Self, YamlError> {
        let work = match item {
            Item::Plan { name, args, kwargs, call, .. } => {
                Work::Call(Call::compile(Source::Plan(named_plan(name, args, kwargs, bench)?), call, bench)?)
            }
            Item::Messages { messages, call, .. } => {
                Work::Call(Call::compile(Source::Messages(compile_steps(messages, bench)?), call, bench)?)
            }
            Item::Request { request, .. } => Work::Request(request.clone()),
        };
        Ok(Self { work })
    }
}

impl Call {
    fn compile(source: Source, spec: &CallSpec, bench: &Bench) -> Result<Self, YamlError> {
        Ok(Self {
            source,
            meta: spec.meta.clone(),
            subscribers: bench.subscribers(&spec.subs)?,
            input: spec.input.as_ref().map(|lines| lines.iter().map(Text::from).collect()),
            at: spec.at.iter().map(|spec| Outside::compile(spec, bench)).collect::<Result<_, _>>()?,
            on_pause: spec
                .on_pause
                .iter()
                .map(|action| PauseAnswer::compile(action, bench))
                .collect::<Result<_, _>>()?,
        })
    }

    /// The plan, new each time.
    pub(crate) fn plan(&self) -> Plan {
        match &self.source {
            Source::Plan(source) => source.plan(),
            Source::Messages(ops) => body(ops).named(Text::literal("messages")),
        }
    }
}

impl PauseAnswer {
    fn compile(action: &PauseAction, bench: &Bench) -> Result<Self, YamlError> {
        Ok(match action {
            PauseAction::Ask(request) => Self::Ask(request.clone()),
            PauseAction::Call => Self::Call,
            PauseAction::Set(puts) => Self::Set(compile_puts(puts, bench)?),
            PauseAction::Sleep(time) => Self::Sleep(*time),
        })
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plan(_) => f.write_str("a plan"),
            Self::Messages(ops) => write!(f, "{} messages", ops.len()),
        }
    }
}
