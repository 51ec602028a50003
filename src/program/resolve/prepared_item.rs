//! [`PreparedItem`]: one call of the engine with what is done to it from outside, or a request between calls.

use std::time::Duration;

use super::outside::{Outside, Put, resolve_puts};
use super::steps::resolve_steps;
use crate::document::DocumentName;
use crate::engine::Subscriber;
use crate::plan::Plan;
use crate::program::call::Make;
use crate::program::data::{CallSpec, Item, PauseAction, Request};
use crate::program::op::Body;
use crate::program::plans::named_plan;
use crate::program::scope::Scope;
use crate::value::yaml::YamlError;
use crate::value::{Map, Position, Text};

/// One item: one call of the engine, or a request between calls.
#[derive(Debug)]
pub struct PreparedItem {
    pub(crate) work: Work,
    position: Position,
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
    Plan(Text, Make),
    Messages(Body),
}

/// What is done at a pause, with its names resolved.
#[derive(Clone, Debug)]
pub enum PauseAnswer {
    /// Something is asked of the engine.
    Ask(Request),
    /// The engine is called a second time, which it refuses.
    Call,
    /// Signals get these values.
    Set(Vec<Put>),
    /// This much time passes.
    Sleep(Duration),
}

impl PreparedItem {
    pub(super) fn resolve(item: &Item, scope: &Scope) -> Result<Self, YamlError> {
        let work = match item {
            Item::Plan { name, args, kwargs, call, .. } => {
                let source = Source::Plan(Text::from(&name.value), named_plan(name, args, kwargs, scope)?);
                Work::Call(Call::resolve(source, call, scope)?)
            }
            Item::Messages { messages, call, .. } => {
                Work::Call(Call::resolve(Source::Messages(resolve_steps(messages, scope)?), call, scope)?)
            }
            Item::Request { request, .. } => Work::Request(request.clone()),
        };
        Ok(Self { work, position: item.position() })
    }

    /// Where the item stands in its file.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }
}

impl Call {
    fn resolve(source: Source, spec: &CallSpec, scope: &Scope) -> Result<Self, YamlError> {
        Ok(Self {
            source,
            meta: spec.meta.clone(),
            subscribers: scope.subscribers(&spec.subs)?,
            input: spec.input.as_ref().map(|lines| lines.iter().map(Text::from).collect()),
            at: spec.at.iter().map(|spec| Outside::resolve(spec, scope)).collect::<Result<_, _>>()?,
            on_pause: spec
                .on_pause
                .iter()
                .map(|action| PauseAnswer::resolve(action, scope))
                .collect::<Result<_, _>>()?,
        })
    }

    /// The plan, new each time.
    pub(crate) fn plan(&self) -> Plan {
        match &self.source {
            Source::Plan(name, make) => make().named(name.clone()),
            Source::Messages(body) => body.plan().named(Text::literal("messages")),
        }
    }
}

impl PauseAnswer {
    fn resolve(action: &PauseAction, scope: &Scope) -> Result<Self, YamlError> {
        Ok(match action {
            PauseAction::Ask(request) => Self::Ask(request.clone()),
            PauseAction::Call => Self::Call,
            PauseAction::Set(puts) => Self::Set(resolve_puts(puts, scope)?),
            PauseAction::Sleep(time) => Self::Sleep(*time),
        })
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plan(name, _) => f.write_str(name),
            Self::Messages(body) => write!(f, "{body:?}"),
        }
    }
}
