//! The four files of a recording, as `oracle/plan-file.md` describes them.

use std::fs;
use std::io;
use std::path::Path;

use crate::command::CommandError;
use skyspan::harness::ItemOutcome;
use skyspan::harness::Outcome;
use skyspan::message::Msg;
use skyspan::trace::Trace;
use skyspan::value::{Map, Value, to_json, to_json_indented};

/// What a run of a plan file left, as texts.
pub(crate) struct Recording {
    files: [(&'static str, String); 4],
}

impl Recording {
    pub(crate) fn of(spans: &Trace, outcomes: &[ItemOutcome]) -> Self {
        let calls = || outcomes.iter().filter_map(ItemOutcome::call);
        let lines = |rows: &mut dyn Iterator<Item = Value>| rows.map(|row| to_json(&row) + "\n").collect::<String>();
        let mut documents = calls().flat_map(Outcome::documents).map(skyspan::document::Document::to_recorded);
        let mut messages = calls().flat_map(Outcome::messages).map(Msg::to_recorded).map(Value::from);
        let outcomes: Value = outcomes.iter().map(outcome_row).collect();
        Self {
            files: [
                ("spans.json", spans.to_console_json()),
                ("documents.jsonl", lines(&mut documents)),
                ("messages.jsonl", lines(&mut messages)),
                ("outcomes.json", to_json_indented(&outcomes, 2)),
            ],
        }
    }

    /// Writes the files into a folder that is there.
    pub(crate) fn write(&self, dir: &Path) -> Result<(), CommandError> {
        for (name, text) in &self.files {
            let path = dir.join(name);
            fs::write(&path, text).map_err(failed(&path))?;
        }
        Ok(())
    }
}

/// Makes the folder for what is to be written, if it is not there.
pub(crate) fn make_folder(dir: &Path) -> Result<(), CommandError> {
    fs::create_dir_all(dir).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            failed(dir)(io::Error::new(error.kind(), "expected a folder, found a file"))
        }
        _ => failed(dir)(error),
    })
}

pub(crate) fn failed(path: &Path) -> impl FnOnce(io::Error) -> CommandError {
    let what = path.display().to_string();
    move |error| CommandError::Write { what, error }
}

fn outcome_row(outcome: &ItemOutcome) -> Map {
    let call = outcome.call();
    Map::from_iter([
        ("exit_status", Value::from(call.map(Outcome::exit_status))),
        ("reason", call.map(|call| &call.result().reason).into()),
        ("exception", outcome.error().map(skyspan::message::PlanError::name).into()),
        ("messages", call.map_or(0, |call| call.messages().len()).into()),
        ("documents", call.map_or(0, |call| call.documents().len()).into()),
        ("began", call.map(|call| call.started().to_string()).into()),
    ])
}
