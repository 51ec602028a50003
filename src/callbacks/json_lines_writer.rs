//! [`JsonLinesWriter`]: writes documents as they are emitted, one JSON object a line.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::clock::Timestamp;
use crate::document::Document;
use crate::message::PlanError;
use crate::value::{Map, Value, to_json};

/// Writes documents as they are emitted, one JSON object `{"name": ..., "doc": {...}}` a line, in Python's JSON
/// (`bluesky.callbacks.json_writer.JSONLinesWriter`, 1.15.1).
///
/// Each line is flushed, so that what was emitted is there whatever happens next. An error of the file system is an error
/// of the run, unless the engine [ignores](crate::engine::RunEngine::ignore_callback_errors) those.
///
/// ```
/// use skyspan::callbacks::JsonLinesWriter;
/// use skyspan::prelude::*;
///
/// let (mut read, write) = std::io::pipe()?;
/// let mut writer = JsonLinesWriter::to(write);
/// let lab = Harness::new();
/// lab.with_engine(|engine| engine.subscribe(move |document| writer.write(document)));
/// lab.run(plans::count(&lab.device("det"), 1)).assert_success();
/// # drop(lab);
/// let mut lines = String::new();
/// std::io::Read::read_to_string(&mut read, &mut lines)?;
/// assert_eq!(lines.lines().count(), 4);
/// assert!(lines.starts_with(r#"{"name": "start", "doc": {"uid": "#));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct JsonLinesWriter {
    target: Target,
}

enum Target {
    Writer(Box<dyn Write + Send>),
    /// A folder, where the first document gives the name of the file.
    Folder(PathBuf),
    File {
        path: PathBuf,
        file: Option<File>,
    },
}

impl JsonLinesWriter {
    /// Writes into anything that takes bytes.
    pub fn to(writer: impl Write + Send + 'static) -> Self {
        Self { target: Target::Writer(Box::new(writer)) }
    }

    /// Appends to a file; makes it if it is not there.
    pub fn to_file(path: impl Into<PathBuf>) -> Self {
        Self { target: Target::File { path: path.into(), file: None } }
    }

    /// Appends to a file in that folder, which the first document names: `1a2b3c4d.jsonl` after the uid of the run, up to
    /// its first hyphen; after the day in UTC where the first document is no start (`2024-06-18.jsonl`). As in bluesky,
    /// all later documents go into the same file; for a file of its own each call takes a new writer, as one of its
    /// [subscribers](crate::engine::CallOptions::subscribers).
    pub fn to_folder(dir: impl Into<PathBuf>) -> Self {
        Self { target: Target::Folder(dir.into()) }
    }

    /// The file that it writes, if it is one and has its name.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.target {
            Target::File { path, .. } => Some(path),
            Target::Writer(_) | Target::Folder(_) => None,
        }
    }

    /// Writes a document.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn write(&mut self, document: &Document) -> Result<(), JsonLinesError> {
        if let Target::Folder(dir) = &self.target {
            self.target = Target::File { path: dir.join(file_name(document)), file: None };
        }
        let row = Map::from_iter([("name", Value::literal(document.name())), ("doc", document.to_map().into())]);
        let line = to_json(&row.into()) + "\n";
        let written = match &mut self.target {
            Target::Writer(writer) => writer.write_all(line.as_bytes()).and_then(|()| writer.flush()),
            // The name was given above.
            Target::Folder(_) => Ok(()),
            Target::File { path, file } => append(path, file, &line),
        };
        written.map_err(|error| JsonLinesError {
            path: self.path().map(Path::to_owned),
            kind: error.kind(),
            message: error.to_string(),
        })
    }
}

fn append(path: &Path, file: &mut Option<File>, line: &str) -> io::Result<()> {
    let file = match file {
        Some(file) => file,
        none => none.insert(OpenOptions::new().create(true).append(true).open(path)?),
    };
    file.write_all(line.as_bytes())
}

fn file_name(first: &Document) -> String {
    if let Document::Start(start) = first {
        return format!("{}.jsonl", start.uid.split('-').next().unwrap_or_default());
    }
    match first.to_map().get("time").and_then(Value::as_f64) {
        Some(time_s) => {
            let time = Timestamp::from_unix_s(time_s).to_string();
            format!("{}.jsonl", time.split('T').next().unwrap_or_default())
        }
        None => "documents.jsonl".to_owned(),
    }
}

/// A document cannot be written.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("cannot write documents{}: {message}", .path.as_ref().map(|path| format!(" to {}", path.display())).unwrap_or_default())]
#[non_exhaustive]
pub struct JsonLinesError {
    /// The file, if it is one.
    pub path: Option<PathBuf>,
    /// What kind of error it is.
    pub kind: io::ErrorKind,
    /// What the operating system says.
    pub message: String,
}

impl JsonLinesError {
    /// The class of the exception that Python raises for it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.kind {
            io::ErrorKind::NotFound => "FileNotFoundError",
            io::ErrorKind::PermissionDenied => "PermissionError",
            io::ErrorKind::NotADirectory => "NotADirectoryError",
            io::ErrorKind::IsADirectory => "IsADirectoryError",
            io::ErrorKind::BrokenPipe => "BrokenPipeError",
            _ => "OSError",
        }
    }
}

impl From<JsonLinesError> for PlanError {
    fn from(error: JsonLinesError) -> Self {
        Self::raised(error.name(), error.to_string())
    }
}

impl fmt::Debug for JsonLinesWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLinesWriter").field("path", &self.path()).finish_non_exhaustive()
    }
}
