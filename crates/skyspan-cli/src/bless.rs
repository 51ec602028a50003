//! `skyspan bless`.

use skyspan::check::{CheckFile, bless_file};

use crate::arguments::TraceSource;
use crate::command::{CommandError, Ended, print};
use crate::plan_run::PlanOptions;
use crate::trace_source::{SourceTrace, is_plan, tell};

#[derive(Debug, clap::Args)]
pub(crate) struct Bless {
    #[command(flatten)]
    pub(crate) source: TraceSource,
    #[command(flatten)]
    pub(crate) plan: PlanOptions,
    /// How much longer or shorter durations may be; 0% for exactly as long.
    #[arg(long, value_name = "PERCENT", value_parser = percent, default_value = "20%")]
    pub(crate) times: f64,
    /// Says nothing of durations.
    #[arg(long, conflicts_with = "times")]
    pub(crate) no_times: bool,
    /// Says numbers with a fraction to the last digit; otherwise they may be whatever they are.
    #[arg(long)]
    pub(crate) exact: bool,
    /// Writes all attributes of bluesky's spans, not only the ones that say most.
    #[arg(long)]
    pub(crate) all: bool,
}

/// Writes the check file of a trace, or of what a plan leaves.
pub(crate) fn bless(wanted: &Bless) -> Result<Ended, CommandError> {
    let (trace, documents, ended) = if is_plan(&wanted.source.trace) {
        let run = wanted.plan.run(&wanted.source.trace)?;
        (wanted.source.reading.changes.apply(run.trace, "")?, Some(run.documents), Ended::Well)
    } else {
        let SourceTrace { trace, ended } = wanted.source.read()?;
        (trace, None, ended)
    };
    let mut blessed = bless_file(&trace);
    blessed = if wanted.no_times { blessed.without_times() } else { blessed.times(wanted.times) };
    if wanted.exact {
        blessed = blessed.exact();
    }
    if wanted.all {
        blessed = blessed.all_attributes();
    }
    if let Some(documents) = &documents {
        blessed = blessed.documents(documents);
    }
    let text = blessed.to_string();
    print(|out| write!(out, "{text}"))?;
    // Mutants of nothing tell nothing.
    if !trace.is_empty() {
        match CheckFile::parse(&text)?.strength(&trace) {
            Ok(strength) => tell(&format!("what the check file would notice: {}", strength.to_string().trim_end())),
            Err(mismatch) => {
                tell(&format!("the check file does not hold for the trace itself: {}", mismatch.headline()))
            }
        }
    }
    Ok(ended)
}

/// A number of percent, as a part of 1.
pub(crate) fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim().trim_end_matches('%').trim().parse::<f64>().ok();
    let number = number.filter(|number| number.is_finite() && *number >= 0.0);
    number
        .map(|number| number / 100.0)
        .ok_or_else(|| format!("expected a number of percent such as 20%, found {text:?}"))
}
