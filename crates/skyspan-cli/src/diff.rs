//! `skyspan diff`.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use skyspan::compare::{DiffOptions, TraceDiff};
use skyspan::expect::{NamePattern, glob};
use skyspan::harness::{Harness, Kept};
use skyspan::page::Page;
use skyspan::program::Program;
use skyspan::trace::Trace;

use crate::arguments::TraceReading;
use crate::command::{CommandError, Ended, may_be_read, print};
use crate::input_files::inputs;
use crate::report::{name_of, write_to};
use crate::run::report;
use crate::time_text::time;
use crate::trace_source::{SourceTrace, is_plan};

#[derive(Debug, clap::Args)]
pub(crate) struct Diff {
    /// What there was: a trace in any format that skyspan reads, a plan file (`.yaml`, `.yml`), which is run on simulated hardware,
    /// the address of a trace in a store, or several recordings: a folder of traces, or files by a pattern such as 'runs/monday-*.json'.
    #[arg(value_name = "BEFORE")]
    pub(crate) before: PathBuf,
    /// What there is, in the same way.
    #[arg(value_name = "AFTER")]
    pub(crate) after: PathBuf,
    /// By which part spans may be slower, each kind by itself: without what their children take, and of a wait without the status
    /// that it was for.
    #[arg(long, value_name = "PERCENT", default_value = "5%", value_parser = percent)]
    pub(crate) slower: f64,
    /// By which part they may be faster [default: as much as they like].
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub(crate) faster: Option<f64>,
    /// By how much a span may be slower or faster in any case.
    #[arg(long, value_name = "TIME", default_value = "1ms", value_parser = time)]
    pub(crate) tolerance: Duration,
    /// Leaves out attributes by their key, or by a pattern such as 'thread.*'. May be said several times.
    #[arg(long, value_name = "KEY")]
    pub(crate) ignore: Vec<String>,
    /// Compares no attributes. So it is by default where one side is a plan and the other is not, as simulated devices are of other classes.
    #[arg(long)]
    pub(crate) no_attributes: bool,
    /// Compares attributes also where one side is a plan and the other is not.
    #[arg(long, conflicts_with = "no_attributes")]
    pub(crate) attributes: bool,
    /// Compares structure and attributes, and no times.
    #[arg(long)]
    pub(crate) no_times: bool,
    /// Compares times, and neither structure nor attributes.
    #[arg(long, conflicts_with_all = ["no_times", "attributes"])]
    pub(crate) times: bool,
    /// The seed of all chance in a plan.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Writes a page with both traces side by side and their differences, besides; of several recordings, with the first of each side.
    #[arg(long, value_name = "FILE.html")]
    pub(crate) report: Option<PathBuf>,
    /// Prints the differences as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Keeps on the page what looks like a secret. Otherwise it is taken out, as by `--redact`.
    #[arg(long, requires = "report", conflicts_with_all = ["redact", "redact_also"])]
    pub(crate) unredacted: bool,
    #[command(flatten)]
    pub(crate) reading: TraceReading,
}

/// Reports what differs between traces, plans, or several recordings of either.
pub(crate) fn diff(wanted: &Diff) -> Result<Ended, CommandError> {
    let ((before, ended), (after, ended_after)) = (wanted.side(&wanted.before)?, wanted.side(&wanted.after)?);
    let (plan_before, plan_after) = (is_plan(&wanted.before), is_plan(&wanted.after));
    let compares_attributes =
        wanted.attributes || (plan_before == plan_after && !wanted.no_attributes && !wanted.times);
    let mut options = DiffOptions::new()
        .slower(wanted.slower)
        .tolerance(wanted.tolerance)
        .attributes(compares_attributes)
        .structure(!wanted.times)
        .times(!wanted.no_times);
    if let Some(faster) = wanted.faster {
        options = options.faster(faster);
    }
    options = wanted.ignore.iter().fold(options, |options, key| options.without_key(pattern(key)));
    let diff = TraceDiff::of(&before, &after, &options);
    print(|out| {
        if wanted.json {
            serde_json::to_writer(&mut *out, &diff).map_err(io::Error::from)?;
            writeln!(out)
        } else if plan_before && !plan_after {
            write!(out, "{}", diff.as_prediction())
        } else {
            write!(out, "{diff}")
        }
    })?;
    if let Some(path) = &wanted.report {
        let [a, b] = [&wanted.before, &wanted.after].map(|path| name_of(path));
        // What is not called otherwise is told by its folder.
        let [a, b] =
            if a == b { [&wanted.before, &wanted.after].map(|path| path.display().to_string()) } else { [a, b] };
        let page = Page::of_diff((&a, &before[0]), (&b, &after[0]), &diff);
        let page =
            if wanted.unredacted { page.unredacted() } else { page.redaction(wanted.reading.changes.redaction()?) };
        write_to(&page, path)?;
    }
    let held = if diff.differs { Ended::NotWell } else { Ended::Well };
    Ok(ended.or_worse(ended_after).or_worse(held))
}

impl Diff {
    /// The recordings of a side: at least one; and whether one was cut off.
    fn side(&self, path: &Path) -> Result<(Vec<Trace>, Ended), CommandError> {
        let (mut traces, mut ended) = (Vec::new(), Ended::Well);
        for file in inputs(&[path.to_owned()])? {
            let read = if is_plan(&file) { self.simulated(&file)? } else { self.reading.read(&file)? };
            traces.push(read.trace);
            ended = ended.or_worse(read.ended);
        }
        Ok((traces, ended))
    }

    /// What a plan leaves.
    fn simulated(&self, file: &Path) -> Result<SourceTrace, CommandError> {
        may_be_read(file)?;
        let program = Program::read(file)?;
        let harness = Harness::builder().seed(self.seed).program(&program);
        let lab = harness.without(Kept::Documents).without(Kept::Messages).build();
        let place = file.display().to_string();
        let prepared = lab.prepare(&program).map_err(|error| error.in_file(place.clone()))?;
        let outcomes = prepared.run_with(|item| item.run(&lab));
        report(&outcomes, &prepared, &place, &[]);
        Ok(SourceTrace { trace: self.reading.changes.apply(lab.trace(), "")?, ended: Ended::Well })
    }
}

/// A key, or a pattern for keys where there is a star in it.
fn pattern(key: &str) -> NamePattern {
    if key.contains('*') { glob(key).into() } else { key.into() }
}

/// A part of a whole: `5%`, `5`.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim().parse::<f64>();
    let number = number.ok().filter(|number| number.is_finite() && *number >= 0.0);
    number
        .map(|number| number / 100.0)
        .ok_or_else(|| format!("expected a number of percent such as 5%, found {text:?}"))
}
