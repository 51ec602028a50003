//! [`ProgramItem`]: one call of the engine with what is done to it from outside, or a request between calls.

use std::collections::VecDeque;
use std::slice::Iter;
use std::time::Duration;

use super::bench::Bench;
use super::compile::compile_steps;
use super::named_plans::{PlanSource, named_plan};
use super::op::{Op, body};
use super::outside::{Outside, Put, ask, compile_puts};
use crate::cli::plan_file::{CallSpec, Item, PauseAction, PlanFileError, Request};
use crate::document::DocumentName;
use crate::engine::{CallOptions, ExitStatus, RunEngineState, Subscriber};
use crate::harness::{Harness, Outcome};
use crate::message::PlanError;
use crate::plan::{Plan, plan};
use crate::value::{Map, Text};

/// One item: one call of the engine, or a request between calls.
#[derive(Debug)]
pub struct ProgramItem(Kind);

#[derive(Debug)]
enum Kind {
    Call(Call),
    Request(Request),
}

#[derive(Debug)]
struct Call {
    source: Source,
    meta: Map,
    subscribers: Vec<(DocumentName, Subscriber)>,
    input: Option<Vec<Text>>,
    at: Vec<Outside>,
    on_pause: Vec<PauseAnswer>,
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

/// What came of an item.
#[derive(Clone, Debug)]
pub struct ItemOutcome {
    call: Option<Outcome>,
    error: Option<PlanError>,
}

impl ItemOutcome {
    /// What came of the call; nothing if it was a request.
    #[must_use]
    pub const fn call(&self) -> Option<&Outcome> {
        self.call.as_ref()
    }

    /// The last error: of the call, of what was asked at its pauses, or of the request.
    #[must_use]
    pub const fn error(&self) -> Option<&PlanError> {
        self.error.as_ref()
    }

    /// Whether all went well.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.error.is_none() && self.call.as_ref().is_none_or(|call| call.exit_status() == ExitStatus::Success)
    }
}

impl ProgramItem {
    pub(super) fn compile(item: &Item, bench: &Bench) -> Result<Self, PlanFileError> {
        Ok(Self(match item {
            Item::Plan { name, args, kwargs, call, .. } => {
                Kind::Call(Call::compile(Source::Plan(named_plan(name, args, kwargs, bench)?), call, bench)?)
            }
            Item::Messages { messages, call, .. } => {
                Kind::Call(Call::compile(Source::Messages(compile_steps(messages, bench)?), call, bench)?)
            }
            Item::Request { request, .. } => Kind::Request(request.clone()),
        }))
    }

    /// Calls the engine of a harness with it, and answers each pause in turn; one for which there is no answer, by a halt.
    /// Or asks of the engine what is to be asked.
    #[must_use]
    pub fn run(&self, lab: &Harness) -> ItemOutcome {
        self.run_deciding(lab, |planned| planned.next().cloned().unwrap_or(PauseAnswer::Ask(Request::Halt)))
    }

    /// The same, but each pause is answered by `decide`, which gets the answers of the file that have not been given.
    #[must_use]
    pub fn run_deciding(
        &self,
        lab: &Harness,
        decide: impl FnMut(&mut Iter<'_, PauseAnswer>) -> PauseAnswer,
    ) -> ItemOutcome {
        match &self.0 {
            Kind::Call(call) => call.run(lab, decide),
            Kind::Request(request) => {
                let error = match ask(lab, request) {
                    Ok(outcome) => outcome.exception().cloned(),
                    Err(error) => Some(error),
                };
                ItemOutcome { call: None, error }
            }
        }
    }
}

impl Call {
    fn compile(source: Source, spec: &CallSpec, bench: &Bench) -> Result<Self, PlanFileError> {
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
    fn plan(&self) -> Plan {
        match &self.source {
            Source::Plan(source) => source.plan(),
            Source::Messages(ops) => body(ops).named(Text::literal("messages")),
        }
    }

    fn run(&self, lab: &Harness, mut decide: impl FnMut(&mut Iter<'_, PauseAnswer>) -> PauseAnswer) -> ItemOutcome {
        let lines = self.input.clone().or_else(|| lab.clock().is_simulated().then(Vec::new));
        lab.with_engine(|engine| match lines {
            Some(lines) => {
                let mut lines = VecDeque::from(lines);
                engine.set_input(move |_| std::future::ready(Ok(lines.pop_front().unwrap_or_default())));
            }
            // In real time there is somebody to be asked.
            None => engine.use_standard_input(),
        });
        self.at.iter().for_each(|outside| outside.schedule(lab));
        let subscribers = self.subscribers.clone();
        let options = CallOptions { md: self.meta.clone(), subscribers, ..CallOptions::default() };
        let mut outcome = lab.run_with(self.plan(), options);
        let mut error = outcome.exception().cloned();
        let mut planned = self.on_pause.iter();
        while lab.state() == RunEngineState::Paused {
            match decide(&mut planned).give(lab) {
                Ok(Some(next)) => {
                    error = next.exception().cloned().or(error);
                    outcome = next;
                }
                Ok(None) => {}
                Err(refused) => error = Some(refused),
            }
        }
        ItemOutcome { call: Some(outcome), error }
    }
}

impl PauseAnswer {
    fn compile(action: &PauseAction, bench: &Bench) -> Result<Self, PlanFileError> {
        Ok(match action {
            PauseAction::Ask(request) => Self::Ask(request.clone()),
            PauseAction::Call => Self::Call,
            PauseAction::Set(puts) => Self::Set(compile_puts(puts, bench)?),
            PauseAction::Sleep(time) => Self::Sleep(*time),
        })
    }

    /// Gives the answer; what came of the call, where it had to do with that.
    fn give(self, lab: &Harness) -> Result<Option<Outcome>, PlanError> {
        match self {
            Self::Ask(request) => return ask(lab, &request).map(Some),
            Self::Call => return Ok(Some(lab.run(plan(async |_| Ok(()))))),
            Self::Set(puts) => puts.iter().for_each(|put| put.put(lab.clock())),
            Self::Sleep(time) => {
                let clock = lab.clock();
                // Where time has come to its end, there is nothing to sleep for.
                let _ = clock.block_on(clock.sleep(time));
            }
        }
        // Somebody may have decided meanwhile, from outside.
        Ok((lab.state() != RunEngineState::Paused).then(|| lab.decision()))
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
