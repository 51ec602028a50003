//! `skyspan learn`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use skyspan::check::{LearnOptions, Learned, MergedCheckFile, merge_learned};
use skyspan::trace::Trace;
use skyspan::value::yaml::{YamlError, read_text};

use crate::arguments::TraceReading;
use crate::command::{CommandError, Ended, may_be_read, print};
use crate::input_files::{inputs, is_check_file};
use crate::learn_review::{Reviewed, review};
use crate::plan_run::PlanOptions;
use crate::trace_source::{is_plan, tell};

#[derive(Debug, clap::Args)]
pub(crate) struct Learn {
    /// Good traces of one thing, and plan files (.yaml, .yml), which are run. A folder stands for the files in it, and `*` in quotes
    /// for any characters of a name.
    #[arg(value_name = "TRACE|PLAN", required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// Puts the rules into this check file, which is written if it is not there. What a person has written in it stays as it is; rules
    /// that were learned before, and that nobody has changed, are learned anew.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub(crate) into: Option<PathBuf>,
    /// Asks for each rule whether it is wanted, on standard error, and reads the answers from standard input.
    #[arg(long, conflicts_with = "json")]
    pub(crate) review: bool,
    /// Which part of good traces may raise a false alarm.
    #[arg(long, value_name = "PERCENT", value_parser = alarms, default_value = "5%")]
    pub(crate) false_alarms: f64,
    /// How much longer or shorter than was seen durations may be [default: as much as the traces justify].
    #[arg(long, value_name = "PERCENT", value_parser = crate::bless::percent)]
    pub(crate) times: Option<f64>,
    /// Says nothing of durations.
    #[arg(long, conflicts_with = "times")]
    pub(crate) no_times: bool,
    /// Runs each plan with so many seeds, from that of --seed on.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) seeds: u64,
    /// How many mutants of the traces are made to find out what the rules would notice.
    #[arg(long, value_name = "N", default_value_t = 600, value_parser = mutants)]
    pub(crate) mutants: usize,
    /// Prints the rules, what they notice, and what they would not, as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) reading: TraceReading,
    #[command(flatten)]
    pub(crate) plan: PlanOptions,
}

/// Writes the check file that traces have in common, and tells how much it would notice.
pub(crate) fn learn(wanted: &Learn) -> Result<Ended, CommandError> {
    if wanted.review && wanted.inputs.iter().any(|path| path.as_os_str() == "-") {
        return Err(CommandError::ReviewOfInput);
    }
    // A file that cannot be merged into needs no traces.
    let written = wanted.into.as_deref().map(written).transpose()?;
    let (mut traces, mut ended) = (Vec::new(), Ended::Well);
    for path in inputs(&wanted.inputs)? {
        let read = wanted.read(&path)?;
        ended = ended.or_worse(read.1);
        traces.extend(read.0);
    }
    let mut options = LearnOptions::new().false_alarms(wanted.false_alarms).mutants(wanted.mutants);
    if let Some(times) = wanted.times {
        options = options.times(times);
    }
    if wanted.no_times {
        options = options.without_times();
    }
    let learned = Learned::of(&traces, &options)?;
    if wanted.json {
        print(|out| {
            serde_json::to_writer(&mut *out, &learned).map_err(io::Error::from)?;
            writeln!(out)
        })?;
        return Ok(ended);
    }
    tell_all(&learned.summary());
    let (learned, refused) = if wanted.review {
        let Reviewed { learned, refused } = review(learned)?;
        (learned, refused)
    } else {
        (learned, Vec::new())
    };
    // A list of nothing is no check file.
    if learned.rules().is_empty() && written.as_deref().is_none_or(|text| text.trim().is_empty()) {
        return Err(CommandError::ReviewQuit);
    }
    let merged = merge_learned(written.as_deref().unwrap_or_default(), &learned);
    let in_file = |error: YamlError| match &wanted.into {
        Some(file) => error.in_file(file.display().to_string()),
        None => error,
    };
    let merged = merged.map_err(in_file)?.without(&refused);
    match &wanted.into {
        None => print(|out| out.write_all(merged.text.as_bytes()))?,
        Some(file) => {
            write(file, &merged.text)?;
            tell(&told(file, &merged));
        }
    }
    Ok(ended)
}

impl Learn {
    /// A trace, or what a plan leaves with each seed.
    fn read(&self, path: &Path) -> Result<(Vec<Trace>, Ended), CommandError> {
        if is_check_file(path) {
            return Err(CommandError::CheckFileLearnedFrom { path: path.display().to_string() });
        }
        let (traces, ended) = if is_plan(path) {
            let seeds = self.plan.seed..self.plan.seed.saturating_add(self.seeds);
            let run = |seed| {
                let run = PlanOptions { seed, convention: self.plan.convention }.run(path)?;
                self.reading.changes.apply(run.trace, "")
            };
            (seeds.map(run).collect::<Result<Vec<_>, _>>()?, Ended::Well)
        } else {
            let read = self.reading.read(path)?;
            (vec![read.trace], read.ended)
        };
        match traces.iter().any(Trace::is_empty) {
            true => Err(CommandError::NothingToLearn { input: path.display().to_string() }),
            false => Ok((traces, ended)),
        }
    }
}

/// What is in a check file; nothing if there is none.
fn written(file: &Path) -> Result<String, CommandError> {
    if !file.exists() {
        return Ok(String::new());
    }
    may_be_read(file)?;
    let text = read_text(file, "a check file")?;
    if !text.trim().is_empty() {
        skyspan::check::CheckFile::parse(&text).map_err(|error| error.in_file(file.display().to_string()))?;
    }
    Ok(text)
}

/// Writes a file whole, or leaves it as it is: what a person has written is not lost where the disk is full.
fn write(file: &Path, text: &str) -> Result<(), CommandError> {
    let failed = |error| CommandError::Write { what: file.display().to_string(), error };
    // Of a link, what it leads to.
    let file = if file.exists() { fs::canonicalize(file).map_err(failed)? } else { file.to_owned() };
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = file.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let done = fs::write(&beside, text).and_then(|()| match fs::metadata(&file) {
        Ok(metadata) => fs::set_permissions(&beside, metadata.permissions()),
        Err(_) => Ok(()),
    });
    done.and_then(|()| fs::rename(&beside, &file)).map_err(|error| {
        // That it cannot be taken away either says nothing new.
        let _ = fs::remove_file(&beside);
        failed(error)
    })
}

fn told(file: &Path, merged: &MergedCheckFile) -> String {
    let MergedCheckFile { added, renewed, kept, refused, .. } = merged;
    let mut told = format!("{} is written: {} new", file.display(), added.len());
    for (names, what) in [(renewed, "learned anew"), (kept, "left as a person wrote them"), (refused, "not wanted")] {
        if !names.is_empty() {
            told += &format!(", {} {what}", names.len());
        }
    }
    told
}

/// Several lines on standard error.
fn tell_all(text: &str) {
    tell(text.trim_end());
}

/// A part of false alarms, as a part of 1.
fn alarms(text: &str) -> Result<f64, String> {
    let part = crate::bless::percent(text)?;
    if part > 0.0 && part < 1.0 { Ok(part) } else { Err("expected more than 0% and less than 100%".to_owned()) }
}

fn mutants(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (0..=100_000).contains(number));
    number.ok_or_else(|| format!("expected a number up to 100000, found {text:?}"))
}
