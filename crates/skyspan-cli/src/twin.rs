//! `skyspan twin`.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use skyspan::document::Document;
use skyspan::twin::{Night, TwinComparison};
use skyspan::value::{FormatVersion, from_json};

use crate::arguments::TraceReading;
use crate::command::{CommandError, Ended, errors, may_be_read, print};
use crate::input_files::inputs;
use crate::recording::failed;

/// So much of a file is looked at to see whether it has documents.
const FIRST_LINE_MAX: u64 = 16 << 20;
/// The files of a folder of a recording, as `skyspan run --out` writes them.
const SPANS: &str = "spans.json";
const DOCUMENTS: &str = "documents.jsonl";

#[derive(Debug, clap::Args)]
pub(crate) struct Twin {
    /// The recording: a trace in any format that skyspan reads, and behind it the documents of the same night, one a line as JSON, where
    /// there are some; or a folder with `spans.json` and `documents.jsonl`. Of several recordings of one thing the twin has the plan of the
    /// first, and devices whose times are drawn from those of all.
    #[arg(value_name = "RECORDING", required = true)]
    pub(crate) recordings: Vec<PathBuf>,
    /// The plan file to write; `-` or nothing for standard output, and then what is known goes nowhere but into the file.
    #[arg(long, short, value_name = "TWIN.yaml")]
    pub(crate) output: Option<PathBuf>,
    /// The seed with which the twin is run to be held against the night.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Prints what is known as JSON.
    #[arg(long, requires = "output")]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) reading: TraceReading,
}

/// The shape of what `--json` prints.
#[derive(Serialize)]
struct Told<'t> {
    version: FormatVersion,
    twin: &'t skyspan::twin::Twin,
    /// The times of the twin beside those of each night.
    compared: &'t [TwinComparison],
}

/// Makes the twin of a recording.
pub(crate) fn twin(wanted: &Twin) -> Result<Ended, CommandError> {
    let (nights, ended) = nights(wanted)?;
    let twin = skyspan::twin::Twin::of(&nights)?;
    for left_out in &twin.left_out {
        // It stands in the file, too.
        let _ = writeln!(errors(), "skyspan: left out: {left_out}");
    }
    let text = twin.to_yaml();
    let output = wanted.output.as_ref().filter(|output| output.as_os_str() != "-");
    let Some(output) = output else {
        print(|out| out.write_all(text.as_bytes()))?;
        return Ok(ended);
    };
    std::fs::write(output, text).map_err(failed(output))?;
    let first = nights.iter().filter(|night| Some(night.label()) == twin.nights.first().map(String::as_str)).take(1);
    let compared = first.map(|night| twin.compare(night, wanted.seed)).collect::<Result<Vec<_>, _>>()?;
    print(|out| {
        if wanted.json {
            serde_json::to_writer(&mut *out, &Told { version: FormatVersion, twin: &twin, compared: &compared })?;
            return writeln!(out);
        }
        write!(out, "{twin}")?;
        compared.iter().try_for_each(|compared| write!(out, "{compared}"))
    })?;
    let is_within = compared.iter().all(|compared| compared.total.is_within());
    Ok(if is_within { ended } else { ended.or_worse(Ended::NotWell) })
}

/// The nights of the recordings, each with its documents.
fn nights(wanted: &Twin) -> Result<(Vec<Night>, Ended), CommandError> {
    let (mut nights, mut ended): (Vec<Night>, _) = (Vec::new(), Ended::Well);
    let mut files: Vec<PathBuf> = Vec::new();
    for recording in &wanted.recordings {
        let spans = recording.join(SPANS);
        if recording.is_dir() && spans.exists() {
            files.push(spans);
            files.extend(Some(recording.join(DOCUMENTS)).filter(|documents| documents.exists()));
        } else {
            files.extend(inputs(std::slice::from_ref(recording))?);
        }
    }
    for file in files {
        if has_documents(&file)? {
            let documents = Night::read_documents(&file)?;
            let Some(night) = nights.pop() else {
                return Err(CommandError::DocumentsFirst { path: file.display().to_string() });
            };
            nights.push(night.documents(documents));
            continue;
        }
        let read = wanted.reading.read(&file)?;
        ended = ended.or_worse(read.ended);
        nights.push(Night::new(read.trace).name(name_of(&file)));
    }
    Ok((nights, ended))
}

/// How a night is called: as its file, or the folder of its recording.
fn name_of(file: &Path) -> String {
    let is_in_folder = file.file_name().is_some_and(|name| name == SPANS);
    let folder = file.parent().and_then(Path::file_name).filter(|_| is_in_folder);
    folder.or(file.file_name()).map_or_else(|| "the night".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// Whether a file has documents: its first line is one.
fn has_documents(file: &Path) -> Result<bool, CommandError> {
    if file.as_os_str() == "-" || !file.is_file() {
        return Ok(false);
    }
    may_be_read(file)?;
    let failed = |error| CommandError::Read { what: file.display().to_string(), error };
    let mut line = Vec::new();
    let mut source = BufReader::new(File::open(file).map_err(failed)?.take(FIRST_LINE_MAX));
    while line.iter().all(u8::is_ascii_whitespace) {
        line.clear();
        if source.read_until(b'\n', &mut line).map_err(failed)? == 0 {
            return Ok(false);
        }
    }
    let value = std::str::from_utf8(&line).ok().and_then(|line| from_json(line).ok());
    // All of them in one list, too.
    let first = value.map(|value| match value.as_array() {
        Some([first, ..]) if first.as_str().is_none() => first.clone(),
        _ => value,
    });
    Ok(first.is_some_and(|first| <Document as serde::Deserialize>::deserialize(first).is_ok()))
}
