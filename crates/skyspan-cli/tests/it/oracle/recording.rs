//! [`Recording`]: the four files that a run of a plan file leaves, as `oracle/plan-file.md` describes them.

use std::path::Path;
use std::process::Command;

use skyspan::value::{JsonReader, Value};

/// The texts of the four files.
#[derive(Clone)]
pub(super) struct Recording {
    pub(super) spans: String,
    pub(super) documents: String,
    pub(super) messages: String,
    pub(super) outcomes: String,
}

impl Recording {
    pub(super) fn read(dir: &Path) -> Self {
        let text = |name: &str| {
            let path = dir.join(name);
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        Self {
            spans: text("spans.json"),
            documents: text("documents.jsonl"),
            messages: text("messages.jsonl"),
            outcomes: text("outcomes.json"),
        }
    }

    /// What bluesky did with a plan file.
    pub(super) fn of_bluesky(plan: &str) -> Self {
        Self::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/recordings").join(plan))
    }

    /// What skyspan does with a plan file of `fixtures/plans`; what it says of one that it refuses.
    pub(super) fn of_skyspan(plan: &str) -> Result<Self, String> {
        let plans = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/plans");
        Self::of_plan_file(&plans.join(plan).with_extension("yaml"), &Path::new("oracle").join(plan))
    }

    /// The same of any plan file, with a folder for what it leaves.
    pub(super) fn of_plan_file(file: &Path, folder: &Path) -> Result<Self, String> {
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
        let mut command = Command::new(env!("CARGO_BIN_EXE_skyspan"));
        let output = command.arg("run").arg(file).args(["--spans", "none", "--out"]).arg(&out).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0 | 1) => Ok(Self::read(&out)),
            _ => Err(format!("{}: {}", output.status, errors.trim_end())),
        }
    }
}

/// The JSON values of a text, one after another.
pub(super) fn values(text: &str) -> Vec<Value> {
    JsonReader::new(text).collect::<Result<_, _>>().unwrap()
}
