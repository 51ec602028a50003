//! [`ReadError`]: why a text or file gives no trace.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::PassedOver;
use super::field::{Field, Wrong};
use crate::value::{JsonError, Position};

/// What is read, as messages say it.
const READ: &str = "console JSON, OTLP (JSON and protobuf), Jaeger, Zipkin, Go's stdouttrace and skyspan's own JSON";

/// How to read a file that is cut off.
pub(super) const UP_TO_CUT: &str = "--up-to-cut, ReadOptions::up_to_cut";

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
    /// It is not UTF-8, nor UTF-16.
    NotText {
        /// Where the first wrong byte is.
        position: Position,
    },
    /// It is no trace.
    Refused {
        /// Where what it is begins.
        position: Position,
        /// What it looks to be.
        found: String,
        /// What to do about it; may be empty.
        advice: String,
    },
    /// There is no span in it.
    NoSpan {
        /// What there is in their place.
        found: String,
    },
    /// It ends in the middle.
    CutOff {
        /// Where the text ends.
        position: Position,
        /// Where that begins which has no end.
        begun: Position,
        /// How many spans are before it.
        spans: usize,
    },
    /// There is something in it that is no span, and nothing may be passed over.
    PassedOver(PassedOver),
    /// It is larger than what may be read.
    TooLarge {
        /// How many bytes may be read, of a compressed file after it was decompressed.
        size_max: u64,
    },
    /// It is not JSON.
    Json(JsonError),
    /// It is no OTLP in protobuf.
    Protobuf {
        /// From which byte on.
        byte: usize,
        /// What is wrong there.
        problem: String,
    },
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
        /// What stands at that place.
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
        /// What stands at that place.
        found: Box<str>,
    },
}

impl ReadError {
    /// Where in the text the problem is, if it is there.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        match &self.problem {
            ReadProblem::Io(_)
            | ReadProblem::NoSpan { .. }
            | ReadProblem::TooLarge { .. }
            | ReadProblem::Protobuf { .. } => None,
            ReadProblem::Json(error) => Some(error.position),
            ReadProblem::PassedOver(passed) => Some(passed.first),
            ReadProblem::NotText { position }
            | ReadProblem::Refused { position, .. }
            | ReadProblem::CutOff { position, .. }
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
    /// A value is wrong that stands at a position in the text, in the object `root`; of a span it is the one with that number.
    pub(super) fn wrong(position: Position, number: usize, root: Field<'_>, wrong: &Wrong<'_>) -> Self {
        let (expected, found) = (wrong.expected.as_str().into(), wrong.found.as_str().into());
        match &wrong.span {
            Some((span, name)) => {
                let (name, field) = (name.clone(), wrong.path_from(*span).into());
                Self::Span { position, number, name, field, expected, found }
            }
            None => Self::Value { position, field: wrong.path_from(root).into(), expected, found },
        }
    }
}

impl fmt::Display for ReadProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "cannot read it: {error}"),
            Self::NotText { position } => write!(f, "{position}: expected text in UTF-8, found other bytes"),
            Self::Refused { position, found, advice } => {
                write!(f, "{position}: expected a trace, found {found}")?;
                if !advice.is_empty() {
                    write!(f, "; {advice}")?;
                }
                write!(f, " (read are {READ}, also compressed)")
            }
            Self::NoSpan { found } => {
                write!(
                    f,
                    "expected a trace, found no span: {found} (if that may be: --allow-empty, ReadOptions::empty)"
                )
            }
            Self::CutOff { position, begun, spans } => {
                write!(f, "{position}: the file is cut off: what begins in line {} has no end; ", begun.line)?;
                match spans {
                    0 => f.write_str("there is no whole span before it"),
                    1 => write!(f, "the span before it can be had ({UP_TO_CUT})"),
                    _ => write!(f, "the {spans} spans before it can be had ({UP_TO_CUT})"),
                }
            }
            Self::PassedOver(passed) => write!(f, "{}: expected nothing but spans, found {passed}", passed.first),
            Self::TooLarge { size_max } => {
                write!(
                    f,
                    "expected at most {size_max} bytes, after decompression, found more; the limit can be raised (--max-size, ReadOptions::size_max)"
                )
            }
            Self::Json(error) => error.fmt(f),
            Self::Protobuf { byte, problem } => write!(f, "byte {byte}: expected OTLP in protobuf: {problem}"),
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
