//! [`RunStart`] and [`RunStop`]: the first document of a run and the last.

use std::fmt;

use crate::clock::Timestamp;
use crate::value::{Map, Text, Value};

/// The start document: a run begins, with its metadata.
#[derive(Clone, Debug, PartialEq)]
pub struct RunStart {
    /// The uid of the run.
    pub uid: Text,
    /// When the run began.
    pub time: Timestamp,
    /// All else that is known of it, `scan_id` and `plan_name` among it.
    pub metadata: Map,
}

impl RunStart {
    pub(super) fn to_map(&self) -> Map {
        let mut map = Map::from_iter([("uid", Value::from(&self.uid)), ("time", self.time.unix_s().into())]);
        map.extend(self.metadata.clone());
        map
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ExitStatus {
    /// The run came to its end as intended.
    Success,
    /// Because somebody asked for it.
    Abort,
    /// The run ended because something failed.
    Fail,
}

impl ExitStatus {
    /// Its name in a document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Abort => "abort",
            Self::Fail => "fail",
        }
    }

    /// The exit status of that name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Success, Self::Abort, Self::Fail].into_iter().find(|status| status.as_str() == name)
    }
}

impl fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl From<ExitStatus> for Value {
    fn from(status: ExitStatus) -> Self {
        Self::literal(status.as_str())
    }
}

/// A run has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct RunStop {
    /// The uid of the stop document.
    pub uid: Text,
    /// When the run ended.
    pub time: Timestamp,
    /// The uid of the run.
    pub run_start: Text,
    /// The exit status of the run.
    pub exit_status: ExitStatus,
    /// Why; empty where there is nothing to say.
    pub reason: Text,
    /// How many events each stream has; a point that was taken again counts once.
    pub num_events: Vec<(Text, u64)>,
}

impl RunStop {
    pub(super) fn to_map(&self) -> Map {
        let num_events: Map = self.num_events.iter().map(|(name, count)| (name.clone(), *count)).collect();
        Map::from_iter([
            ("uid", Value::from(&self.uid)),
            ("time", self.time.unix_s().into()),
            ("run_start", (&self.run_start).into()),
            ("exit_status", self.exit_status.into()),
            ("reason", (&self.reason).into()),
            ("num_events", num_events.into()),
        ])
    }
}
