//! The formats in which `skyspan check` reports.

use std::io::{self, IsTerminal as _};

use clap::ValueEnum;
use skyspan::check::CheckReport;
use skyspan::expect::{Mismatch, junit_suites};
use skyspan::value::FormatVersion;
use skyspan_trace::internal::terminal_width;

use crate::command::{CommandError, print};

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// A line for each expectation, and the trace drawn below each that does not hold.
    Pretty,
    /// JSON, for programs that read the result.
    Json,
    /// JUnit's XML, for CI.
    Junit,
    /// Commands of GitHub Actions, which mark the lines of the check file.
    Github,
}

/// What was held against what.
pub(crate) struct Held {
    /// The trace, the plan, or the program.
    pub(crate) input: String,
    pub(crate) report: CheckReport,
}

impl Held {
    /// What was held against what, in words. A plan that says itself what it leaves is named once.
    fn title(&self, between: &str) -> String {
        match self.report.file() {
            Some(file) if !self.input.starts_with(file) => format!("{}{between}{file}", self.input),
            _ => self.input.clone(),
        }
    }
}

impl CheckFormat {
    pub(crate) fn write(self, all: &[Held]) -> Result<(), CommandError> {
        match self {
            Self::Pretty => print(|out| pretty(all, out)),
            Self::Github => {
                print(|out| all.iter().try_for_each(|held| out.write_all(held.report.to_github().as_bytes())))
            }
            Self::Junit => print(|out| out.write_all(junit(all).as_bytes())),
            Self::Json => print(|out| {
                let reports: Vec<_> =
                    all.iter().map(|held| serde_json::json!({"input": held.input, "report": held.report})).collect();
                let holds = all.iter().all(|held| held.report.holds());
                let told = serde_json::json!({"version": FormatVersion, "holds": holds, "reports": reports});
                serde_json::to_writer_pretty(&mut *out, &told).map_err(io::Error::from)?;
                writeln!(out)
            }),
        }
    }
}

/// Where there is more than one, each stands below what it is of.
fn pretty(all: &[Held], out: &mut dyn io::Write) -> io::Result<()> {
    let colored = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
    for (at, held) in all.iter().enumerate() {
        if all.len() > 1 {
            writeln!(out, "{}{}", if at > 0 { "\n" } else { "" }, held.title(", "))?;
        }
        match colored {
            true => write!(out, "{}", held.report.colored(terminal_width().unwrap_or(80)))?,
            false => write!(out, "{}", held.report)?,
        }
    }
    Ok(())
}

fn junit(all: &[Held]) -> String {
    type Checks = Vec<(String, Result<(), Mismatch>)>;
    let suites: Vec<(String, Checks)> = all
        .iter()
        .map(|held| {
            let checks = held.report.checks().iter();
            (held.title(": "), checks.map(|check| (check.name.to_string(), check.result.clone().map(|_| ()))).collect())
        })
        .collect();
    junit_suites(&suites)
}
