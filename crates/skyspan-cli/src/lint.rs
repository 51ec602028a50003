//! `skyspan lint`.

use std::io;
use std::path::PathBuf;

use clap::ValueEnum;
use skyspan::check::{Lint as Rules, Rule, Severity};

use crate::arguments::TraceReading;
use crate::command::{CommandError, Ended, print};
use crate::plan_run::PlanOptions;
use crate::trace_source::{SourceTrace, is_plan};

#[derive(Debug, clap::Args)]
pub(crate) struct Lint {
    /// The trace, or a plan file (.yaml, .yml), which is run first.
    #[arg(value_name = "TRACE|PLAN", required_unless_present = "list_rules")]
    pub(crate) trace: Option<PathBuf>,
    /// Leaves this rule out; may be said for each.
    #[arg(long, value_name = "RULE")]
    pub(crate) without: Vec<String>,
    /// Ends with exit code 1 where a rule is broken that is so bad, or worse.
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = Deny::Warning)]
    pub(crate) deny: Deny,
    /// Prints what was found as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Prints the rules: how bad each is, what it wants, why, and the text from which it comes.
    #[arg(long)]
    pub(crate) list_rules: bool,
    #[command(flatten)]
    pub(crate) reading: TraceReading,
    #[command(flatten)]
    pub(crate) plan: PlanOptions,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Deny {
    /// Every finding, also one that only informs.
    Info,
    /// Findings that mislead whoever reads the trace, and worse ones.
    Warning,
    /// What is malformed or does harm.
    Error,
}

impl From<Deny> for Severity {
    fn from(deny: Deny) -> Self {
        match deny {
            Deny::Info => Self::Info,
            Deny::Warning => Self::Warning,
            Deny::Error => Self::Error,
        }
    }
}

/// Names the rules that a trace breaks, or all rules there are.
pub(crate) fn lint(wanted: &Lint) -> Result<Ended, CommandError> {
    let rules = wanted.without.iter().try_fold(Rules::standard(), |rules, name| rules.without(name));
    let rules = rules.map_err(CommandError::Rule)?.deny(wanted.deny.into());
    if wanted.list_rules {
        print(|out| list(wanted.json, out))?;
        return Ok(Ended::Well);
    }
    let path = wanted.trace.as_deref().ok_or(CommandError::NoInput)?;
    let SourceTrace { trace, ended } = if is_plan(path) {
        let trace = wanted.reading.changes.apply(wanted.plan.run(path)?.trace, "")?;
        SourceTrace { trace, ended: Ended::Well }
    } else {
        wanted.reading.read(path)?
    };
    let report = rules.report(&trace);
    print(|out| match wanted.json {
        true => {
            serde_json::to_writer(&mut *out, &report).map_err(io::Error::from)?;
            writeln!(out)
        }
        false => write!(out, "{report}"),
    })?;
    Ok(if ended == Ended::Well && rules.is_broken_by(&report) { Ended::NotWell } else { ended })
}

fn list(json: bool, out: &mut dyn io::Write) -> io::Result<()> {
    if json {
        let told = serde_json::json!({"version": 1, "rules": Rule::all()});
        serde_json::to_writer_pretty(&mut *out, &told).map_err(io::Error::from)?;
        return writeln!(out);
    }
    Rule::all().iter().try_for_each(|rule| {
        writeln!(out, "{:<7}  {}: expected {}", rule.severity, rule.name, rule.wants)?;
        writeln!(out, "         {}", rule.reason)?;
        writeln!(out, "         ({})", rule.source)
    })
}
