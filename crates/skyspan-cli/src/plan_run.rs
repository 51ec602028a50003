//! A plan file, run for what it leaves.

use std::path::Path;

use skyspan::harness::{Harness, ItemCheck, ItemOutcome};
use skyspan::program::Program;
use skyspan::trace::Trace;
use skyspan::value::Value;
use skyspan::value::yaml::YamlError;

use crate::arguments::Convention;
use crate::command::{CommandError, may_be_read};
use crate::run::{report, until};

/// How a plan file is run that is named where a trace may be.
#[derive(Debug, clap::Args)]
pub(crate) struct PlanOptions {
    /// Of a plan: the seed of all chance.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Of a plan: which spans the engine leaves.
    #[arg(long, value_enum, default_value_t = Convention::Bluesky)]
    pub(crate) convention: Convention,
}

/// What a plan file has left.
pub(crate) struct PlanRun {
    pub(crate) trace: Trace,
    /// The documents of all its calls, each a pair of its name and its fields.
    pub(crate) documents: Vec<Value>,
    /// What came of what the file itself says.
    pub(crate) checks: Vec<ItemCheck>,
}

impl PlanOptions {
    /// Runs a plan file on simulated hardware, and tells on standard error what did not end with success.
    pub(crate) fn run(&self, path: &Path) -> Result<PlanRun, CommandError> {
        let name = path.display().to_string();
        let in_file = |error: YamlError| match error.file {
            Some(_) => error,
            None => error.in_file(name.clone()),
        };
        may_be_read(path)?;
        let file = Program::read(path).map_err(in_file)?;
        let checks = file.checks(path.parent().unwrap_or(Path::new(""))).map_err(in_file)?;
        let lab = Harness::builder().seed(self.seed).convention(self.convention.into()).program(&file).build();
        let program = lab.prepare(&file).map_err(in_file)?;
        let outcomes = until(&program, || false, |item| item.run(&lab));
        report(&outcomes, &program, &name, &[]);
        let trace = lab.trace();
        let calls = outcomes.iter().filter_map(ItemOutcome::call);
        let documents = calls.flat_map(|call| call.documents().iter().map(skyspan::document::Document::to_recorded));
        let documents = documents.collect();
        let checks = checks.check(&outcomes, &trace).into_iter().map(|check| check.in_file(&name)).collect();
        Ok(PlanRun { trace, documents, checks })
    }
}
