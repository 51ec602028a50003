//! [`Night`]: what a RunEngine has left, to make a twin of.

use std::io;
use std::path::{Path, PathBuf};

use serde::de::Deserialize as _;

use crate::document::Document;
use crate::trace::Trace;
use crate::value::from_json;

/// A file of documents of more bytes is not read.
const SIZE_MAX: u64 = 1 << 30;

/// What a RunEngine has left: its trace, and its documents where there are some.
#[derive(Clone, Debug)]
#[must_use]
pub struct Night {
    pub(super) trace: Trace,
    pub(super) documents: Vec<Document>,
    pub(super) name: String,
}

/// Why documents could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentsError {
    /// The file cannot be read.
    #[error("cannot read {path}: {error}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
    },
    /// The file is larger than what is read.
    #[error("{path}: expected documents of at most {SIZE_MAX} bytes, found {size}")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// How many bytes it has.
        size: u64,
    },
    /// A line is no document.
    #[error(
        "{path}:{line}: expected a document of event-model as JSON, such as [\"start\", {{...}}], found none: {reason}"
    )]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

impl Night {
    /// A night of which nothing but a trace is there: the spans of bluesky's RunEngine and of ophyd.
    pub fn new(trace: Trace) -> Self {
        Self { trace, documents: Vec::new(), name: "the night".to_owned() }
    }

    /// The documents of the same night.
    pub fn documents(mut self, documents: Vec<Document>) -> Self {
        self.documents = documents;
        self
    }

    /// How it is called where something is told of it; `the night` unless one says otherwise.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// How it is called.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.name
    }

    /// The documents of a file: one a line, as JSON, by itself, as `{"name": ..., "doc": {...}}` or as a pair of its name and itself; or
    /// all of them in one JSON list. Python's JSON is read, with its `NaN`.
    ///
    /// # Errors
    ///
    /// [`DocumentsError`] where the file cannot be read, is larger than a GiB, or has a line that is no document.
    pub fn read_documents(path: impl AsRef<Path>) -> Result<Vec<Document>, DocumentsError> {
        let path = path.as_ref();
        let failed = |error: io::Error| DocumentsError::Read { path: path.to_owned(), error };
        let size = std::fs::metadata(path).map_err(failed)?.len();
        if size > SIZE_MAX {
            return Err(DocumentsError::TooLarge { path: path.to_owned(), size });
        }
        let text = std::fs::read_to_string(path).map_err(failed)?;
        let wrong = |line: usize, reason: String| DocumentsError::Line { path: path.to_owned(), line, reason };
        // A list of lists or maps is all of them; a pair, whose first is a name, is one.
        if text.trim_start().starts_with('[')
            && let Ok(all) = from_json(&text)
            && let Some(all) = all.as_array()
            && all.first().is_none_or(|first| first.as_str().is_none())
        {
            return all
                .iter()
                .map(|it| Document::deserialize(it.clone()).map_err(|it| wrong(1, it.to_string())))
                .collect();
        }
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let read = lines.map(|(at, line)| {
            let value = from_json(line).map_err(|error| wrong(at + 1, error.to_string()))?;
            Document::deserialize(value).map_err(|error| wrong(at + 1, error.to_string()))
        });
        read.collect()
    }
}
