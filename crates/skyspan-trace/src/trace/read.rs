//! Traces from files, in any format there is.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::field::Wrong;
use super::locate::first_key;
use super::{Trace, console_read, jaeger_read, otlp_read};
use crate::value::{JsonError, Position};

impl Trace {
    /// Reads a trace from a file, in whatever format it is in; that is recognised by its content. There are three:
    /// the console JSON ([`from_console_json`](Self::from_console_json)), OTLP JSON
    /// ([`from_otlp_json`](Self::from_otlp_json)) and Jaeger's JSON ([`from_jaeger_json`](Self::from_jaeger_json)). An
    /// empty file is a trace without spans.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if the file cannot be read or is no trace; it names the file.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ReadError> {
        let path = path.as_ref();
        let read = std::fs::read(path).map_err(ReadProblem::Io).and_then(read_bytes);
        read.map_err(|problem| ReadError { path: Some(path.to_owned()), problem })
    }

    /// Reads a trace from what is left in `source`, standard input for example; otherwise as [`read`](Self::read).
    ///
    /// # Errors
    ///
    /// [`ReadError`] if it cannot be read or is no trace.
    pub fn read_from(mut source: impl io::Read) -> Result<Self, ReadError> {
        let mut bytes = Vec::new();
        source.read_to_end(&mut bytes).map_err(ReadProblem::Io)?;
        Ok(read_bytes(bytes)?)
    }
}

fn read_bytes(bytes: Vec<u8>) -> Result<Trace, ReadProblem> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
        ReadProblem::NotText { position: Position::of(&valid, valid.len()) }
    })?;
    match Format::of(&text) {
        Some(Format::Console) => console_read::trace(&text),
        Some(Format::Otlp) => otlp_read::trace(&text),
        Some(Format::Jaeger) => jaeger_read::trace(&text),
        None => {
            let blank = text.len() - without_blank(&text).len();
            let found = without_blank(&text).lines().next().unwrap_or_default().chars().take(20).collect();
            Err(ReadProblem::UnknownFormat { position: Position::of(&text, blank), found })
        }
    }
}

/// A format of traces.
enum Format {
    /// What Python's console exporter prints, one after another or in a list.
    Console,
    /// Requests of OTLP, one after another or in a list.
    Otlp,
    /// Answers of Jaeger's query service.
    Jaeger,
}

impl Format {
    /// The format that a text looks to be in.
    fn of(text: &str) -> Option<Self> {
        match without_blank(text).chars().next() {
            Some('{' | '[') => Some(match first_key(text).as_deref() {
                Some("resourceSpans") => Self::Otlp,
                Some("data" | "total" | "limit" | "offset" | "errors" | "traceID" | "processes" | "spans") => {
                    Self::Jaeger
                }
                _ => Self::Console,
            }),
            None => Some(Self::Console),
            Some(_) => None,
        }
    }
}

fn without_blank(text: &str) -> &str {
    text.trim_start_matches('\u{feff}').trim_start()
}

/// A text or file is no trace.
#[derive(Debug)]
#[non_exhaustive]
pub struct ReadError {
    /// The file, if it was one.
    pub path: Option<PathBuf>,
    /// What is wrong with it.
    pub problem: ReadProblem,
}

/// What is wrong with a text or file that is no trace.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadProblem {
    /// It cannot be read.
    Io(io::Error),
    /// It is not UTF-8.
    NotText {
        /// Where the first wrong byte is.
        position: Position,
    },
    /// It is in no known format.
    UnknownFormat {
        /// Where the content begins.
        position: Position,
        /// How it begins.
        found: String,
    },
    /// It is not JSON.
    Json(JsonError),
    /// It is JSON, but a span in it is not as spans are.
    Span {
        /// Where the wrong value is; if one is missing, where the map begins that lacks it.
        position: Position,
        /// Which span, from 1.
        number: usize,
        /// What the span is called, if that could be read.
        name: Option<Box<str>>,
        /// Which value of the span: keys and numbers of elements (from 0) on the way to it, such as
        /// `events.0.timestamp`. Empty for the span itself.
        field: Box<str>,
        /// What would have been right.
        expected: Box<str>,
        /// What is there.
        found: Box<str>,
    },
    /// It is JSON, but something in it that belongs to no span is not as it should be.
    Value {
        /// Where the wrong value is; if one is missing, where the map begins that lacks it.
        position: Position,
        /// Which value: keys and numbers of elements (from 0) on the way to it, such as `resourceSpans.0.resource`.
        field: Box<str>,
        /// What would have been right.
        expected: Box<str>,
        /// What is there.
        found: Box<str>,
    },
}

impl ReadError {
    /// Where in the text the problem is, if it is there.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        match &self.problem {
            ReadProblem::Io(_) => None,
            ReadProblem::Json(error) => Some(error.position),
            ReadProblem::NotText { position }
            | ReadProblem::UnknownFormat { position, .. }
            | ReadProblem::Span { position, .. }
            | ReadProblem::Value { position, .. } => Some(*position),
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        self.problem.fmt(f)
    }
}

impl ReadProblem {
    /// A value is wrong: one of the span that is being read, if there is one; of that it is known how deep it lies and what
    /// it is called.
    pub(super) fn wrong(
        position: Position,
        number: usize,
        span: Option<&(usize, Option<Box<str>>)>,
        wrong: &Wrong,
    ) -> Self {
        let (expected, found) = (wrong.expected.as_str().into(), wrong.found.as_str().into());
        match span {
            Some((depth, name)) => {
                let (name, field) = (name.clone(), wrong.field(*depth).into());
                Self::Span { position, number, name, field, expected, found }
            }
            None => Self::Value { position, field: wrong.field(0).into(), expected, found },
        }
    }
}

impl fmt::Display for ReadProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "cannot read it: {error}"),
            Self::NotText { position } => write!(f, "{position}: expected UTF-8"),
            Self::UnknownFormat { position, found } => {
                write!(f, "{position}: expected a trace (console JSON, OTLP JSON, Jaeger JSON), found {found:?}")
            }
            Self::Json(error) => error.fmt(f),
            Self::Span { position, number, name, field, expected, found } => {
                write!(f, "{position}: span {number}")?;
                if let Some(name) = name {
                    write!(f, " {name:?}")?;
                }
                if !field.is_empty() {
                    write!(f, ", {field}")?;
                }
                write!(f, ": expected {expected}, found {found}")
            }
            Self::Value { position, field, expected, found } => {
                write!(
                    f,
                    "{position}: {field}{}expected {expected}, found {found}",
                    if field.is_empty() { "" } else { ": " }
                )
            }
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.problem {
            ReadProblem::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<ReadProblem> for ReadError {
    fn from(problem: ReadProblem) -> Self {
        Self { path: None, problem }
    }
}
