//! `skyspan check`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use skyspan::check::{CheckFile, CheckReport};
use skyspan::trace::Trace;
use skyspan::value::Value;

use crate::arguments::TraceReading;
use crate::check_format::{CheckFormat, Held};
use crate::command::{CommandError, Ended, may_be_read};
use crate::input_files::{check_files, inputs, is_check_file};
use crate::plan_run::PlanOptions;
use crate::receive::ReceiveLimits;
use crate::record::{RecordedCommand, record_command};
use crate::trace_source::{is_plan, tell};

#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// Traces, and plan files (.yaml, .yml), which are run first; each is held against each check file. A folder stands for the files
    /// in it, and `*` in quotes for any characters of a name.
    #[arg(value_name = "TRACE|PLAN")]
    pub(crate) inputs: Vec<PathBuf>,
    /// The check file; may be said for each. A folder stands for those in it that are called *.check.yaml.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) expect: Vec<PathBuf>,
    /// The format of the report. Values that look like secrets are taken out.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = CheckFormat::Pretty)]
    pub(crate) format: CheckFormat,
    /// Writes the shapes anew that check files compare, where those of the traces are others.
    #[arg(long)]
    pub(crate) update: bool,
    #[command(flatten)]
    pub(crate) reading: TraceReading,
    #[command(flatten)]
    pub(crate) plan: PlanOptions,
    /// A program that is run; the spans that it sends are held against the check files.
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

/// What is held against check files.
struct Input {
    name: String,
    trace: Trace,
    /// The documents of a plan.
    documents: Option<Vec<Value>>,
    ended: Ended,
}

/// Holds everything that is named against everything that is said of it.
pub(crate) fn check(wanted: &Check) -> Result<Ended, CommandError> {
    if let Some(path) = wanted.inputs.iter().find(|path| is_check_file(path)) {
        return Err(CommandError::CheckFileAsInput { path: path.display().to_string() });
    }
    if wanted.inputs.is_empty() && wanted.command.is_empty() {
        return Err(CommandError::NoInput);
    }
    // A check file that is none needs no trace.
    let read = |path: PathBuf| {
        may_be_read(&path)?;
        let file = CheckFile::read(path)?;
        // Who may not read a shape does not know whether it is another.
        file.shape_files().into_iter().try_for_each(may_be_read)?;
        Ok(file)
    };
    let files: Vec<CheckFile> =
        check_files(&wanted.expect)?.into_iter().map(read).collect::<Result<_, CommandError>>()?;
    let mut held = Vec::new();
    let mut ended = Ended::Well;
    for path in inputs(&wanted.inputs)? {
        let input = wanted.input(&path, &files, &mut held)?;
        wanted.hold(&input, &files, &mut held)?;
        ended = ended.or_worse(input.ended);
    }
    if !wanted.command.is_empty() {
        let input = wanted.recorded(&files)?;
        wanted.hold(&input, &files, &mut held)?;
        ended = ended.or_worse(input.ended);
    }
    let redaction = wanted.reading.changes.redaction()?;
    held.iter_mut().for_each(|held| held.report = held.report.redacted(&redaction));
    wanted.format.write(&held)?;
    let holds = held.iter().all(|held| held.report.holds());
    Ok(ended.or_worse(if holds { Ended::Well } else { Ended::NotWell }))
}

impl Check {
    /// Reads a trace, or runs a plan; what a plan says of itself is held at once.
    fn input(&self, path: &Path, files: &[CheckFile], held: &mut Vec<Held>) -> Result<Input, CommandError> {
        let name = path.display().to_string();
        if is_plan(path) {
            let run = self.plan.run(path)?;
            if run.checks.is_empty() && files.is_empty() {
                return Err(CommandError::NoExpectation { input: name });
            }
            held.extend(
                run.checks
                    .into_iter()
                    .map(|check| Held { input: format!("{name} ({})", check.place()), report: check.report }),
            );
            let trace = self.reading.changes.apply(run.trace, "")?;
            return Ok(Input { name, trace, documents: Some(run.documents), ended: Ended::Well });
        }
        if files.is_empty() {
            return Err(CommandError::NoExpectation { input: name });
        }
        let source = self.reading.read(path)?;
        Ok(Input { name, trace: source.trace, documents: None, ended: source.ended })
    }

    /// Runs a program, and receives what it sends. How it ends is for its check file to say, where it has sent anything.
    fn recorded(&self, files: &[CheckFile]) -> Result<Input, CommandError> {
        let name = self.command.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join(" ");
        if files.is_empty() {
            return Err(CommandError::NoExpectation { input: name });
        }
        let recorded = record_command(&RecordedCommand {
            limits: ReceiveLimits::default(),
            wait: None,
            allow_empty: self.reading.allow_empty,
            command: self.command.clone(),
        })?;
        let ended = match recorded.ended {
            Ended::AsProgram(code) => {
                tell(&format!("the program has ended with exit code {code}"));
                Ended::NotWell
            }
            ended => ended,
        };
        let trace = self.reading.changes.apply(recorded.trace, "")?;
        Ok(Input { name, trace, documents: None, ended })
    }

    fn hold(&self, input: &Input, files: &[CheckFile], held: &mut Vec<Held>) -> Result<(), CommandError> {
        for file in files {
            if self.update {
                let name = file.file().map(|file| file.display().to_string()).unwrap_or_default();
                let failed = |error| CommandError::Write { what: format!("a shape of {name}"), error };
                for path in file.update_shapes(&input.trace).map_err(failed)? {
                    tell(&format!("{} is written", path.display()));
                }
            }
            let report: CheckReport = match &input.documents {
                Some(documents) => file.check_with_documents(&input.trace, documents),
                None => file.check(&input.trace)?,
            };
            held.push(Held { input: input.name.clone(), report });
        }
        Ok(())
    }
}
