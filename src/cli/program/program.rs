//! [`Program`]: the items of a plan file, ready to run.

use super::bench::Bench;
use super::named_plans::{PlanSource, named_plan};
use super::op::{Op, compile_steps};
use crate::cli::plan_file::{Item, PlanFile, PlanFileError};
use crate::harness::Harness;
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
        if file.engine.record_interruptions {
            return Err(PlanFileError::without_position(
                "engine.record_interruptions to be false",
                "true, which does not exist in skyspan yet",
            ));
        }
        let bench = Bench::furnish(lab, &file.devices)?;
        let items = file.items.iter().map(|item| {
            let source = match item {
                Item::Plan { name, args, kwargs, .. } => Source::Plan(named_plan(name, args, kwargs, &bench)?),
                Item::Messages { messages, .. } => Source::Messages(compile_steps(messages, &bench)?),
            };
            Ok(ProgramItem { source, meta: item.meta().clone() })
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
