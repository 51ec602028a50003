//! [`Program`]: the items of a plan file, ready to run.

use super::bench::Bench;
use super::named_plans::{PlanSource, named_plan};
use super::op::{Op, compile_steps};
use crate::cli::plan_file::{Item, PauseAction, PlanFile, PlanFileError};
use crate::engine::CallOptions;
use crate::harness::{Harness, Outcome};
use crate::plan::Plan;
use crate::value::{Map, Text};

/// The items of a plan file, ready to run.
#[derive(Debug)]
pub struct Program {
    items: Vec<ProgramItem>,
}

/// One item: one call of the engine.
#[derive(Debug)]
pub struct ProgramItem {
    source: Source,
    meta: Map,
    on_pause: Vec<PauseAction>,
}

enum Source {
    Plan(PlanSource),
    Messages(Vec<Op>),
}

impl Program {
    /// Adds the devices of a file to a harness, and resolves all that the file names.
    ///
    /// # Errors
    ///
    /// [`PlanFileError`], with its place in the file, for what does not exist or does not fit.
    pub fn compile(file: &PlanFile, lab: &Harness) -> Result<Self, PlanFileError> {
        let bench = Bench::furnish(lab, &file.devices)?;
        let items = file.items.iter().map(|item| {
            let source = match item {
                Item::Plan { name, args, kwargs, .. } => Source::Plan(named_plan(name, args, kwargs, &bench)?),
                Item::Messages { messages, .. } => Source::Messages(compile_steps(messages, &bench)?),
            };
            Ok(ProgramItem { source, meta: item.meta().clone(), on_pause: item.on_pause().to_vec() })
        });
        Ok(Self { items: items.collect::<Result<_, PlanFileError>>()? })
    }

    /// The items in order.
    #[must_use]
    pub fn items(&self) -> &[ProgramItem] {
        &self.items
    }
}

impl ProgramItem {
    /// The plan of the item, new each time.
    #[must_use]
    pub fn plan(&self) -> Plan {
        match &self.source {
            Source::Plan(source) => source.plan(),
            Source::Messages(ops) => super::op::body(ops).named(Text::literal("messages")),
        }
    }

    /// Calls the engine of a harness with it, and answers each pause in turn; one for which there is no answer, by a halt.
    #[must_use]
    pub fn run(&self, lab: &Harness) -> Outcome {
        let options = CallOptions { md: self.meta.clone(), ..CallOptions::default() };
        let mut outcome = lab.run_with(self.plan(), options);
        let mut actions = self.on_pause.iter();
        while outcome.is_paused() {
            outcome = match actions.next() {
                Some(PauseAction::Resume) => lab.resume(),
                Some(PauseAction::Abort { reason }) => lab.abort(reason),
                Some(PauseAction::Stop) => lab.stop(),
                Some(PauseAction::Halt) | None => lab.halt(),
            };
        }
        outcome
    }

    /// The metadata that is given to the call.
    #[must_use]
    pub const fn meta(&self) -> &Map {
        &self.meta
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
