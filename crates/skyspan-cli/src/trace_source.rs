//! The trace that a command line names.

use std::io::{self, Write as _};

use skyspan::trace::{ReadOptions, Reading, Redaction, SpanLabel, Trace};

use crate::arguments::{GroupBy, TraceSource};
use crate::command::{CommandError, Ended, may_be_read};

/// A trace, and how a command ends that has done its work with it.
pub(crate) struct SourceTrace {
    pub(crate) trace: Trace,
    pub(crate) ended: Ended,
}

impl TraceSource {
    /// Reads the trace, and tells on standard error what of the file it is not.
    pub(crate) fn read(&self) -> Result<SourceTrace, CommandError> {
        let mut options = ReadOptions::new().strict(self.strict).up_to_cut(self.up_to_cut).empty(self.allow_empty);
        if let Some(size_max) = self.max_size {
            options = options.size_max(size_max);
        }
        let is_stdin = self.trace.as_os_str() == "-";
        if !is_stdin {
            may_be_read(&self.trace)?;
        }
        let reading: Reading =
            if is_stdin { options.read_from(io::stdin().lock())? } else { options.read(&self.trace)? };
        let name = if is_stdin { String::new() } else { format!("{}: ", self.trace.display()) };
        for warning in reading.warnings() {
            tell(&format!("{name}{warning}"));
        }
        // Who asked for a part has got one, and hears that it is no more than that.
        let ended = if reading.cut.is_some() { Ended::CutOff } else { Ended::Well };
        let mut trace = reading.trace;
        if self.group_by == Some(GroupBy::Run) {
            let grouped = trace.grouped_by_run();
            tell_unplaced(&name, "started while no run was open", &grouped.outside);
            tell_unplaced(&name, "may belong to several runs", &grouped.undecided);
            trace = grouped.trace;
        }
        if self.redact || !self.redact_also.is_empty() {
            trace = trace.redacted(&self.redaction()?);
        }
        Ok(SourceTrace { trace, ended })
    }

    fn redaction(&self) -> Result<Redaction, CommandError> {
        let all = self.redact_also.iter().try_fold(Redaction::new(), |all, pattern| all.also(pattern));
        Ok(all?)
    }
}

fn tell_unplaced(name: &str, why: &str, spans: &[SpanLabel]) {
    let Some(first) = spans.first() else { return };
    let (count, plural) = (spans.len(), if spans.len() == 1 { "" } else { "s" });
    tell(&format!("{name}{count} span{plural} in no run, as they {why}; the first is {first}"));
}

/// Tells something on standard error. Where nobody listens there, that is all the same.
pub(crate) fn tell(what: &str) {
    let _ = writeln!(io::stderr(), "skyspan: {what}");
}
