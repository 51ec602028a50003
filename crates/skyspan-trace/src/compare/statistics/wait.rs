//! [`HeldWait`]: a wait of the RunEngine, and what ended it.

use std::time::Duration;

use serde::Serialize;

use crate::trace::SpanLabel;
use crate::value::{Text, nanoseconds};

/// A wait of bluesky's RunEngine, and what ended it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct HeldWait {
    /// The span of the wait.
    pub span: SpanLabel,
    /// When it began, from the start of the trace.
    #[serde(rename = "at_ns", serialize_with = "nanoseconds")]
    pub at: Duration,
    /// How long it took; of one that never ended, until the end of the trace.
    #[serde(rename = "duration_ns", serialize_with = "nanoseconds")]
    pub duration: Duration,
    /// The group that was waited for; as JSON, if it is no text.
    pub group: Option<Text>,
    /// The place of its run in [`Statistics::runs`](super::Statistics::runs), if it is in one.
    pub run: Option<usize>,
    /// How many statuses were in the group, as far as that can be told.
    pub statuses: usize,
    /// What ended the wait.
    pub end: WaitEnd,
}

/// What ended a wait.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum WaitEnd {
    /// A status, which was the last to be done, or failed.
    Status {
        /// The name of the device whose status ended the wait.
        device: Text,
        /// What the device had been told to do: the command of its message, where that can be told.
        command: Option<Text>,
        /// The span of the status; of a device that leaves none, that of its message.
        span: SpanLabel,
        /// Whether that status failed.
        failed: bool,
        /// For how much of the wait no other status of the group was under way: so much shorter the wait would have been without
        /// this one.
        #[serde(rename = "alone_ns", serialize_with = "nanoseconds")]
        alone: Duration,
        /// How long the wait went on after it: the time that it settles, and the engine's own.
        #[serde(rename = "behind_ns", serialize_with = "nanoseconds")]
        behind: Duration,
        /// The device of the status that would have held the wait in its place; nothing where none was under way.
        then: Option<Text>,
    },
    /// Nothing: all statuses had been done before.
    AllHadEnded,
    /// Its time-out, with statuses under way.
    TimedOut {
        /// The devices of these.
        devices: Vec<Text>,
    },
    /// A pause, a suspension, an error elsewhere or whoever ended the plan, with statuses under way.
    Interrupted {
        /// The devices of these.
        devices: Vec<Text>,
    },
    /// The trace has no status that tells.
    Unknown,
    /// The wait never ended.
    Never,
}

impl WaitEnd {
    /// The device whose status ended it.
    #[must_use]
    pub fn device(&self) -> Option<&str> {
        match self {
            Self::Status { device, .. } => Some(device),
            _ => None,
        }
    }
}
