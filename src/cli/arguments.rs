//! The arguments of the command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::engine::SpanConvention;

/// Tests experiment plans and their traces: runs plan files on simulated hardware, draws and converts traces.
#[derive(Debug, Parser)]
#[command(name = "skyspan", version, about)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Runs a plan file on simulated hardware.
    ///
    /// Exit code 0 where every item ended with success, 1 where one did not, 2 for a bad command line or plan file.
    Run(Run),
    /// Draws a trace as a tree, with durations.
    Tree(Tree),
    /// Reads a trace in any format, and writes it in another.
    Convert(Convert),
}

#[derive(Debug, clap::Args)]
pub(super) struct Run {
    /// The plan file (YAML), or `-` for standard input.
    pub(super) plan_file: PathBuf,
    /// Writes spans.json, documents.jsonl, messages.jsonl and outcomes.json into this folder.
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Prints the best-effort table on standard output, while the plan runs: the runs, their baselines, and what the
    /// plans and the devices hint at. Times are UTC.
    #[arg(long)]
    pub(super) table: bool,
    /// How the spans are printed on standard output, after the table if there is one [default: console; with --table:
    /// none].
    #[arg(long, value_enum)]
    pub(super) spans: Option<Spans>,
    /// Which spans the engine leaves.
    #[arg(long, value_enum, default_value_t = Convention::Bluesky)]
    pub(super) convention: Convention,
    /// The seed of all chance: ids, uids, names of groups, noise.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) seed: u64,
    /// Runs in real time instead of on the simulated clock. Ctrl-C pauses: at the next checkpoint, and at once if it is
    /// pressed again within 10 seconds.
    #[arg(long)]
    pub(super) real_time: bool,
    /// Prints how long it takes on the simulated clock, where the time goes and how much it writes, in place of the spans.
    #[arg(long, conflicts_with_all = ["real_time", "out", "spans"])]
    pub(super) estimate: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Spans {
    /// JSON, as Python's console exporter prints it.
    Console,
    /// A tree with durations.
    Tree,
    /// Not at all.
    None,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Convention {
    /// The spans that bluesky documents.
    Bluesky,
    /// All spans of a run under the span of the run, and more of them.
    Nested,
}

impl From<Convention> for SpanConvention {
    fn from(convention: Convention) -> Self {
        match convention {
            Convention::Bluesky => Self::Bluesky,
            Convention::Nested => Self::Nested,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct Tree {
    /// The trace: a file in any format that skyspan reads, or `-` for standard input.
    pub(super) trace: PathBuf,
    /// Shows all attributes instead of the telling ones.
    #[arg(long)]
    pub(super) all: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Convert {
    /// The trace: a file in any format that skyspan reads, or `-` for standard input.
    pub(super) trace: PathBuf,
    /// The format to write.
    #[arg(long, value_enum)]
    pub(super) to: Format,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Format {
    /// JSON, as Python's console exporter prints it.
    Console,
    /// OTLP JSON, as an OpenTelemetry collector takes it.
    Otlp,
}
