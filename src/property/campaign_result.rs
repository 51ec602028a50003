//! [`CampaignResult`]: what came of a campaign.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::campaign_limits::Which;
use super::{Counterexample, Coverage};
use skyspan_trace::internal::{grouped, table};

/// What came of a run of a campaign: made by [`Campaign::run`](super::Campaign::run). Its `Display` is for people: the seed, how much was
/// examined, the coverage as a table, and the counterexample if there is one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CampaignResult {
    /// The seed of the campaign.
    pub seed: u64,
    /// What was come by: in all cases that were examined, and where one fails in that one and those of lower numbers.
    pub coverage: Coverage,
    /// Of the cases that fail the one with the lowest number, made as short as it can be.
    pub counterexample: Option<Counterexample>,
    /// Why the campaign ended.
    pub end: CampaignEnd,
    pub(super) which: Which,
}

/// How a run of a campaign ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CampaignEnd {
    /// All cases were examined, and the laws hold for them.
    Complete,
    /// A case was found in which a law does not hold.
    Found,
    /// The time was up before all cases were examined; the laws hold for those that were.
    TimeIsUp,
    /// It was stopped before all cases were examined; the laws hold for those that were.
    Stopped,
}

impl CampaignResult {
    /// Whether the laws hold for all cases that were examined.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.counterexample.is_none()
    }

    /// Writes the counterexample, if there is one, into a folder that is there: the whole report into `SEED-CASE.txt`, and the plan
    /// file into `SEED-CASE.yaml`. Gives the files that were written.
    ///
    /// # Errors
    ///
    /// The first file that cannot be written, and why.
    pub fn write_counterexample(&self, folder: &Path) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
        let Some(found) = &self.counterexample else { return Ok(Vec::new()) };
        let name = |kind: &str| folder.join(format!("{}-{}.{kind}", found.seed(), found.case()));
        let report = (name("txt"), found.to_string());
        let plan_file = found.plan_file().map(|text| (name("yaml"), text.to_owned()));
        let mut written = Vec::new();
        for (path, text) in [Some(report), plan_file].into_iter().flatten() {
            match std::fs::write(&path, text) {
                Ok(()) => written.push(path),
                Err(error) => return Err((path, error)),
            }
        }
        Ok(written)
    }
}

impl fmt::Display for CampaignResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut head = vec![["seed".to_owned(), self.seed.to_string()]];
        match self.which {
            Which::One(number) => head.push(["case".to_owned(), grouped(number)]),
            Which::Part(shard, _) if shard.of() > 1 => head.push(["shard".to_owned(), shard.to_string()]),
            Which::Part(..) => {}
        }
        let [name, number, _] = Coverage::COLUMNS;
        table(f, None, &head, [name, number])?;
        write!(f, "{}", self.coverage)?;
        match &self.counterexample {
            Some(found) => write!(f, "\n{found}"),
            None => Ok(()),
        }
    }
}
