//! [`JsonWriter`]: writes each run into a file of its own, as one JSON array.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::run_of::RunOf;
use super::{DocumentRouter, JsonLinesError, JsonLinesWriter};
use crate::document::{Document, RunStart};
use crate::message::PlanError;
use crate::value::{Map, Text, Value, to_json};

/// Writes each run into a file of its own, as one JSON array of `{"name": ..., "doc": {...}}`, in Python's JSON
/// (`bluesky.callbacks.json_writer.JSONWriter`, 1.15.1). Each document is in the file as soon as it is emitted; the array
/// ends with the run. A file that is there already is replaced.
///
/// ```
/// use skyspan::callbacks::{DocumentRouter, JsonWriter};
/// use skyspan::prelude::*;
/// use skyspan::value::from_json;
///
/// # let dir = std::env::temp_dir().join(format!("skyspan-json-writer-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// let lab = Harness::new();
/// lab.with_engine(|engine| engine.subscribe(JsonWriter::to_file(dir.join("last.json")).into_callback()));
/// let run = lab.run(plans::count(&lab.device("det"), 1));
/// run.assert_success();
/// let written = from_json(&std::fs::read_to_string(dir.join("last.json"))?)?;
/// assert_eq!(written.as_array().map(<[_]>::len), Some(run.documents().len()));
/// # std::fs::remove_dir_all(&dir)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// Where a file cannot be written, the error of the file system; a `ValueError` for a run that begins in a file in which
/// another has not ended. Either ends the run.
#[derive(Debug)]
pub struct JsonWriter {
    target: Target,
    open: Vec<OpenFile>,
    run_of: RunOf,
}

#[derive(Debug)]
enum Target {
    Folder(PathBuf),
    File(PathBuf),
}

#[derive(Debug)]
struct OpenFile {
    run: Text,
    path: PathBuf,
    file: File,
}

impl JsonWriter {
    /// Writes into a folder that is there, each run into a file named after its uid up to the first hyphen:
    /// `1a2b3c4d.json`. (bluesky writes later runs over the first, if they have the same writer.)
    pub fn to_folder(dir: impl Into<PathBuf>) -> Self {
        Self::to(Target::Folder(dir.into()))
    }

    /// Writes into that file; a later run replaces what is in it.
    pub fn to_file(path: impl Into<PathBuf>) -> Self {
        Self::to(Target::File(path.into()))
    }

    fn to(target: Target) -> Self {
        Self { target, open: Vec::new(), run_of: RunOf::default() }
    }

    fn begin(&mut self, start: &RunStart) -> Result<(), PlanError> {
        let path = match &self.target {
            Target::Folder(dir) => dir.join(format!("{}.json", start.uid.split('-').next().unwrap_or_default())),
            Target::File(path) => path.clone(),
        };
        if let Some(other) = self.open.iter().find(|other| other.path == path) {
            return Err(PlanError::value(format!(
                "the run {} cannot be written to {}, in which the run {} has not ended",
                start.uid,
                path.display(),
                other.run
            )));
        }
        let begun = File::create(&path).and_then(|mut file| {
            file.write_all(b"[\n")?;
            Ok(file)
        });
        let file = begun.map_err(|error| failed(&path, &error))?;
        self.open.push(OpenFile { run: start.uid.clone(), path, file });
        Ok(())
    }
}

fn failed(path: &Path, error: &io::Error) -> PlanError {
    JsonLinesError { path: Some(path.to_owned()), kind: error.kind(), message: error.to_string() }.into()
}

impl DocumentRouter for JsonWriter {
    fn route(&mut self, document: &Document) -> Result<(), PlanError> {
        if let Document::Start(start) = document {
            self.begin(start)?;
        }
        let Some(run) = self.run_of.run_of(document) else { return Ok(()) };
        let Some(at) = self.open.iter().position(|open| open.run == run) else { return Ok(()) };
        let row = Map::from_iter([("name", Value::literal(document.name())), ("doc", document.to_map().into())]);
        let is_last = matches!(document, Document::Stop(_));
        let text = to_json(&row.into()) + if is_last { "\n]" } else { ",\n" };
        let OpenFile { path, file, .. } = &mut self.open[at];
        file.write_all(text.as_bytes()).map_err(|error| failed(path, &error))?;
        if is_last {
            self.open.remove(at);
        }
        Ok(())
    }
}

/// Writes each document as [`JsonLinesWriter::write`] does.
impl DocumentRouter for JsonLinesWriter {
    fn route(&mut self, document: &Document) -> Result<(), PlanError> {
        Ok(self.write(document)?)
    }
}
