//! What becomes of a trace before anything is done with it.

use clap::ValueEnum;
use skyspan::trace::{Redaction, SpanLabel, Trace};

use crate::command::CommandError;
use crate::trace_source::tell;

/// What becomes of a trace before anything is done with it.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct TraceChanges {
    /// Makes one tree of what a RunEngine leaves as hundreds: what started while a run was open stands below the span of the run.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) group_by: Option<GroupBy>,
    /// Takes out what looks like a secret: the values of keys such as authorization, token and password, and what in other
    /// texts looks like one.
    #[arg(long)]
    pub(crate) redact: bool,
    /// Takes out what this regular expression finds as well: the value of a key in which it is found, and what it finds in texts.
    #[arg(long, value_name = "REGEX", value_parser = pattern)]
    pub(crate) redact_also: Vec<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum GroupBy {
    /// Under the span of the run.
    Run,
}

/// Checks that a pattern for what is taken out is a regular expression.
fn pattern(text: &str) -> Result<String, String> {
    Redaction::new().also(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

impl TraceChanges {
    /// The trace as it is wanted; tells on standard error, behind a name, what could not be grouped.
    pub(crate) fn apply(&self, mut trace: Trace, name: &str) -> Result<Trace, CommandError> {
        if self.group_by == Some(GroupBy::Run) {
            let grouped = trace.grouped_by_run();
            tell_unplaced(name, "started while no run was open", &grouped.outside);
            tell_unplaced(name, "may belong to several runs", &grouped.undecided);
            trace = grouped.trace;
        }
        if self.redact || !self.redact_also.is_empty() {
            trace = trace.redacted(&self.redaction()?);
        }
        Ok(trace)
    }

    /// What looks like a secret, and what is said besides.
    pub(crate) fn redaction(&self) -> Result<Redaction, CommandError> {
        let all = self.redact_also.iter().try_fold(Redaction::new(), |all, pattern| all.also(pattern));
        Ok(all?)
    }
}

fn tell_unplaced(name: &str, why: &str, spans: &[SpanLabel]) {
    let Some(first) = spans.first() else { return };
    let (count, plural) = (spans.len(), if spans.len() == 1 { "" } else { "s" });
    tell(&format!("{name}{count} span{plural} in no run, as they {why}; the first is {first}"));
}
