//! What a call or a plan file leaves, held against check files.

use std::path::Path;

use super::{Harness, ItemOutcome, Outcome, ProgramOutcome};
use crate::check::{CheckFile, CheckReport};
use crate::document::Document;
use crate::program::{Item, Program};
use crate::trace::Trace;
use crate::value::Value;
use crate::value::yaml::{Node, YamlError};

/// What a plan file says of what it leaves: by its `expect`, and by those of its items. Made by [`Program::checks`].
#[derive(Clone, Debug)]
pub struct ProgramChecks {
    items: Vec<Option<CheckFile>>,
    all: Option<CheckFile>,
}

/// What came of what is said of an item, or of all of them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ItemCheck {
    /// Which item, counted from 1; nothing for all of them together.
    pub item: Option<usize>,
    /// What came of it.
    pub report: CheckReport,
}

impl Program {
    /// What the program says of what it leaves. Paths in it are seen from a folder, which is that of the plan file.
    ///
    /// # Errors
    ///
    /// [`YamlError`] for an `expect` that is no list of expectations, as can be where the program was not read from a file.
    pub fn checks(&self, folder: &Path) -> Result<ProgramChecks, YamlError> {
        let read = |node: Option<&Node>| node.map(|node| CheckFile::from_node(node, folder)).transpose();
        let of_item = |item: &Item| read(item.call().and_then(|call| call.expect.as_ref()));
        Ok(ProgramChecks {
            items: self.items.iter().map(of_item).collect::<Result<_, _>>()?,
            all: read(self.expect.as_ref())?,
        })
    }
}

impl ProgramChecks {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_none() && self.items.iter().all(Option::is_none)
    }

    /// All check files, of items in their order and of the whole at the end.
    pub fn files(&self) -> impl Iterator<Item = (Option<usize>, &CheckFile)> {
        let items = self.items.iter().enumerate().filter_map(|(at, file)| Some((Some(at + 1), file.as_ref()?)));
        items.chain(self.all.as_ref().map(|file| (None, file)))
    }

    /// Holds what was left against it: of each item its own trace and documents, then those of all of them. An item that was not
    /// run has left nothing.
    #[must_use]
    pub fn check(&self, outcomes: &[ItemOutcome], trace: &Trace) -> Vec<ItemCheck> {
        let nothing = Trace::default();
        let calls = |at: usize| outcomes.get(at).and_then(ItemOutcome::call);
        let checked = self.files().map(|(item, file)| {
            let report = match item {
                Some(item) => {
                    let call = calls(item - 1);
                    let documents = recorded(call.into_iter().flat_map(Outcome::documents));
                    file.check_with_documents(call.map_or(&nothing, Outcome::trace), &documents)
                }
                None => {
                    let all = outcomes.iter().filter_map(ItemOutcome::call).flat_map(Outcome::documents);
                    file.check_with_documents(trace, &recorded(all))
                }
            };
            ItemCheck { item, report }
        });
        checked.collect()
    }
}

/// Documents as check files take them.
pub(super) fn recorded<'d>(documents: impl Iterator<Item = &'d Document>) -> Vec<Value> {
    documents.map(Document::to_recorded).collect()
}

impl Outcome {
    /// Holds what the call left, its trace and its documents, against a check file.
    ///
    /// # Errors
    ///
    /// [`YamlError`] if it cannot be read, or is no check file.
    pub fn check_file(&self, path: impl AsRef<Path>) -> Result<CheckReport, YamlError> {
        Ok(self.check(&CheckFile::read(path)?))
    }

    /// The same with one that was read.
    ///
    /// ```
    /// use skyspan::check::CheckFile;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plans::count(&lab.device("det"), 3));
    /// run.check(&CheckFile::parse("- exit_status: success\n- documents: {streams: {primary: 3}}")?).assert();
    /// # Ok::<(), skyspan::value::yaml::YamlError>(())
    /// ```
    pub fn check(&self, file: &CheckFile) -> CheckReport {
        file.check_with_documents(self.trace(), &recorded(self.documents().iter()))
    }
}

impl Harness {
    /// Holds the trace of all that was run in this harness against a check file, and the documents of the last call.
    ///
    /// ```no_run
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// lab.run(plans::count(&lab.device("det"), 3));
    /// lab.check_file("plans/count.check.yaml")?.assert();
    /// # Ok::<(), skyspan::value::yaml::YamlError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`YamlError`] if it cannot be read, or is no check file.
    pub fn check_file(&self, path: impl AsRef<Path>) -> Result<CheckReport, YamlError> {
        let file = CheckFile::read(path)?;
        Ok(file.check_with_documents(&self.trace(), &recorded(self.documents().iter())))
    }
}

impl ProgramOutcome {
    /// What came of what the program says of what it leaves, of items in their order and of the whole at the end.
    #[must_use]
    pub fn checks(&self) -> &[ItemCheck] {
        &self.checks
    }
}

/// What does not hold, in the words of the reports.
pub(super) fn unmet(checks: &[ItemCheck]) -> String {
    let unmet = checks.iter().filter(|check| !check.report.holds());
    unmet.map(|check| format!("{}:\n{}", check.place(), check.report)).collect::<Vec<_>>().join("\n")
}

impl ItemCheck {
    /// The same of a plan file, which is where the expectations stand.
    #[must_use]
    pub fn in_file(self, file: &str) -> Self {
        Self { report: self.report.in_file(file), ..self }
    }

    /// `item 1`, or `all items`.
    #[must_use]
    pub fn place(&self) -> String {
        self.item.map_or_else(|| "all items".to_owned(), |item| format!("item {item}"))
    }
}
