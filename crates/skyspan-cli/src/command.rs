//! Which command is wanted, and how it ended.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::{Arguments, Command};
use crate::{
    bless, check, convert, diff, fuzz, learn, lint, manual, query, receive, record, report, run, stats, torture, tree,
    twin, words,
};
use skyspan::check::LearnError;
use skyspan::property::LawChoiceError;
use skyspan::query::QueryError;
use skyspan::receive::ReceiveError;
use skyspan::store::{StoreAddressError, StoreError, StoreHeadersError};
use skyspan::torture::TortureError;
use skyspan::trace::{NoSuchRun, ReadError, RedactionError};
use skyspan::twin::{DocumentsError, TwinError};
use skyspan::value::yaml::YamlError;
use skyspan_trace::internal::seen;

/// What keeps a command from doing its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// The plan file is not as it should be.
    #[error(transparent)]
    PlanFile(#[from] YamlError),
    /// The trace is not as it should be.
    #[error(transparent)]
    Trace(#[from] ReadError),
    /// The query is none, or has no answer.
    #[error("the query: {0}")]
    Query(#[from] QueryError),
    /// The ids of spans are asked for where the query gives none.
    #[error("--ids prints spans, and the query asks for numbers over time")]
    NoIds,
    /// Nothing says what a trace must be.
    #[error("nothing says what {input} must be: name a check file by --expect, or write `expect:` into the plan file")]
    NoExpectation {
        /// The trace or the plan.
        input: String,
    },
    /// Nothing is named that could be checked.
    #[error("expected a trace, a plan file, or a command behind `--`")]
    NoInput,
    /// A folder or a pattern stands for no file.
    #[error("expected {what}, found no such file in {path}")]
    NoFile {
        /// What kind of files.
        what: &'static str,
        /// The folder or the pattern.
        path: String,
    },
    /// A check file is named as what is to be checked.
    #[error("{path} is a check file: name it by --expect, each by one")]
    CheckFileAsInput {
        /// The path of the file, as it was given.
        path: String,
    },
    /// A check file is named as what is to be learned from.
    #[error("{path} is a check file: name it by --into, for what is learned to be put into it")]
    CheckFileLearnedFrom {
        /// The file.
        path: String,
    },
    /// A trace that is to be learned from has no spans.
    #[error("{input} has no spans, and nothing can be learned from it")]
    NothingToLearn {
        /// The trace or the plan.
        input: String,
    },
    /// Nothing can be learned.
    #[error(transparent)]
    Learn(#[from] LearnError),
    /// Standard input has a trace, and is to have the answers of a review, too.
    #[error("--review reads answers from standard input, which has a trace here: name a file instead of `-`")]
    ReviewOfInput,
    /// Somebody has quit the review, or wants no rule.
    #[error("nothing is written")]
    ReviewQuit,
    /// No rule is called so.
    #[error("{0}")]
    Rule(String),
    /// A plan is asked for, and a trace is there.
    #[error("{file} is a trace, and a trace cannot be run again: --what-if and --seeds take a plan file (.yaml, .yml)")]
    NoPlan {
        /// The file or address of the trace, as it was given.
        file: String,
    },
    /// The laws that are asked for are not to be had.
    #[error(transparent)]
    Laws(#[from] LawChoiceError),
    /// The plan cannot be tortured so.
    #[error(transparent)]
    Torture(#[from] TortureError),
    /// There is nowhere to listen for spans.
    #[error(transparent)]
    Receive(#[from] ReceiveError),
    /// Spans were to come, and none has.
    #[error("no span has come{advice} (if that may be: --allow-empty)")]
    NothingReceived {
        /// What may be the cause.
        advice: &'static str,
    },
    /// A program that is to be run cannot be.
    #[error("cannot run {program:?}: {error}")]
    Program {
        /// What it is called.
        program: String,
        /// What the operating system says.
        error: io::Error,
    },
    /// What names a store and a trace there is no such address.
    #[error(transparent)]
    StoreAddress(#[from] StoreAddressError),
    /// The headers for a store are none.
    #[error("the headers for the store: {0}")]
    StoreHeaders(#[from] StoreHeadersError),
    /// A store does not give the trace.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The run that is asked for is not there.
    #[error("--run: {0}")]
    NoSuchRun(#[from] NoSuchRun),
    /// A pattern for what is taken out is none.
    #[error(transparent)]
    Redaction(#[from] RedactionError),
    /// There is no twin of a trace.
    #[error(transparent)]
    Twin(#[from] TwinError),
    /// The documents of a night are none.
    #[error(transparent)]
    Documents(#[from] DocumentsError),
    /// Documents stand before the trace that they are of.
    #[error("expected the trace of a night first, and its documents behind it, found the documents {path}")]
    DocumentsFirst {
        /// The file of documents.
        path: String,
    },
    /// Devices are asked for where there is no plan.
    #[error("{file} is a trace, and a trace has no devices: --devices goes with a plan file (.yaml, .yml)")]
    DevicesOfTrace {
        /// The trace.
        file: String,
    },
    /// What is to be written cannot be.
    #[error("cannot write {what}: {error}")]
    Write {
        /// The file or stream that was to be written.
        what: String,
        /// What the operating system says.
        error: io::Error,
    },
    /// What is to be read may not be.
    #[error("cannot read {what}: {error}")]
    Read {
        /// The file that was to be read.
        what: String,
        /// What the operating system says.
        error: io::Error,
    },
}

impl CommandError {
    /// Whether it is the machine that fails, and neither the command line nor a file is wrong: the disk is full, or there is no
    /// permission.
    fn is_of_machine(&self) -> bool {
        use io::ErrorKind::{AddrInUse, AddrNotAvailable, AlreadyExists, IsADirectory, NotADirectory, NotFound};
        match self {
            Self::Read { error, .. } | Self::Write { error, .. } => {
                !matches!(error.kind(), AlreadyExists | IsADirectory | NotADirectory | NotFound)
            }
            Self::Store(error) => error.is_of_machine(),
            Self::Program { error, .. } => error.kind() != NotFound,
            Self::Receive(ReceiveError { error, .. }) => !matches!(error.kind(), AddrInUse | AddrNotAvailable),
            _ => false,
        }
    }
}

/// Tells of a file that there is no permission to read it. What else may be wrong with it, who reads it tells.
pub(crate) fn may_be_read(path: &Path) -> Result<(), CommandError> {
    match std::fs::File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(CommandError::Read { what: path.display().to_string(), error })
        }
        _ => Ok(()),
    }
}

/// How a command ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ended {
    /// Everything is as wanted: exit code 0.
    Well,
    /// A plan did not end with success, or a law does not hold.
    NotWell,
    /// Its trace is cut off; what is before the cut was asked for, and had.
    CutOff,
    /// As the program that it has run, whose exit code is this.
    AsProgram(u8),
    /// Ctrl-C has ended it before its time.
    ByCtrlC,
    /// A signal has ended it, by its number.
    BySignal(u8),
}

impl Ended {
    /// What decides of two: a trace that is cut off, or a program that a signal has ended, says more than what does not hold of it.
    pub(crate) fn or_worse(self, other: Self) -> Self {
        match (self, other) {
            (Self::Well, other) | (Self::NotWell, other @ (Self::CutOff | Self::BySignal(_) | Self::ByCtrlC)) => other,
            (one, _) => one,
        }
    }

    fn exit_code(self) -> ExitCode {
        match self {
            Self::Well => ExitCode::SUCCESS,
            Self::NotWell => ExitCode::from(1),
            Self::CutOff => ExitCode::from(2),
            Self::AsProgram(code) => ExitCode::from(code),
            // As shells have it.
            Self::ByCtrlC => ExitCode::from(130),
            Self::BySignal(number) => ExitCode::from(128 + number),
        }
    }
}

/// Does what a command line asks for, and gives the exit code: 0 where all went well, 1 where a plan did not end with
/// success or a law does not hold, 2 for a bad command line, plan file, query or trace, also one that is cut off, and for what
/// cannot be written, 3 where the machine fails, 130 where
/// Ctrl-C has ended a search before its time.
#[must_use]
pub(crate) fn run_command(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help goes to standard output, and is no error; if nobody reads it, that is all the same.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let done = match &arguments.command {
        Command::Run(wanted) => run::run(wanted),
        Command::Tree(wanted) => tree::tree(wanted),
        Command::Query(wanted) => query::query(wanted),
        Command::Report(wanted) => report::report(wanted),
        Command::Check(wanted) => check::check(wanted),
        Command::Bless(wanted) => bless::bless(wanted),
        Command::Learn(wanted) => learn::learn(wanted),
        Command::Lint(wanted) => lint::lint(wanted),
        Command::Stats(wanted) => stats::stats(wanted),
        Command::Twin(wanted) => twin::twin(wanted),
        Command::Diff(wanted) => diff::diff(wanted),
        Command::Convert(wanted) => convert::convert(wanted),
        Command::Receive(wanted) => receive::receive(wanted),
        Command::Record(wanted) => record::record(wanted),
        Command::List(wanted) => words::list(wanted).map(|()| Ended::Well),
        Command::Schema(wanted) => words::schema(wanted).map(|()| Ended::Well),
        Command::Torture(wanted) => torture::torture(wanted),
        Command::Fuzz(wanted) => fuzz::fuzz(wanted),
        Command::Completions(wanted) => manual::completions(wanted).map(|()| Ended::Well),
        Command::Man(wanted) => manual::man(wanted).map(|()| Ended::Well),
    };
    match done {
        Ok(ended) => ended.exit_code(),
        Err(error) => {
            let _ = writeln!(errors(), "skyspan: {error}");
            if matches!(error, CommandError::ReviewQuit) {
                return ExitCode::from(1);
            }
            ExitCode::from(if error.is_of_machine() { 3 } else { 2 })
        }
    }
}

/// Standard error, on which names of files and of what is in them are told: no terminal obeys what is in them.
pub(crate) fn errors() -> impl io::Write {
    Seen(io::stderr().lock())
}

struct Seen<W>(W);

impl<W: io::Write> io::Write for Seen<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // What is formatted comes as whole texts.
        self.0.write_all(seen(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Writes on standard output. A reader who has gone away, such as `head`, wants no more, and that is no error.
pub(crate) fn print(write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> Result<(), CommandError> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CommandError::Write { what: "standard output".to_owned(), error })
        }
        _ => Ok(()),
    }
}
