//! [`Held`]: the waits that one thing held.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::span_group::share;
use super::{HeldWait, WaitEnd};
use crate::value::{Text, nanoseconds};

/// The waits that one device held by one thing that it did, or that ended otherwise.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Held {
    /// What the waits waited for.
    #[serde(flatten)]
    pub by: Holder,
    /// How many statuses the device had of that, whether they held a wait or not.
    pub statuses: u64,
    /// How long these took, all together.
    #[serde(rename = "status_time_ns", serialize_with = "nanoseconds")]
    pub status_time: Duration,
    /// How many waits it held.
    pub waits: u64,
    /// How long these took, from their beginnings to their ends.
    #[serde(rename = "time_ns", serialize_with = "nanoseconds")]
    pub time: Duration,
    /// For how much of that no other status of the group was under way.
    #[serde(rename = "alone_ns", serialize_with = "nanoseconds")]
    pub alone: Duration,
    /// How long the waits went on after it.
    #[serde(rename = "behind_ns", serialize_with = "nanoseconds")]
    pub behind: Duration,
    /// The time as a part of that of the whole trace.
    pub share: f64,
    /// The device that would have held most of the waits without this one; nothing where that is none.
    pub then: Option<Text>,
}

/// What a wait waits for.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Holder {
    /// A device, by something that it was told to do.
    Status {
        /// The name of the device whose status ended the wait.
        device: Text,
        /// The command, where that can be told.
        command: Option<Text>,
    },
    /// Nothing: all statuses had been done before.
    AllHadEnded,
    /// The time limit of the wait.
    TimedOut,
    /// A pause, a suspension, an error elsewhere, or whoever ended the plan.
    Interrupted,
    /// Nothing that the trace tells of.
    Unknown,
    /// The wait never ended.
    Never,
}

/// The device and what it does, as `stage set`; what else ends waits, in brackets.
impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { device, command } => {
                let device = if device.is_empty() { "(no device)" } else { device.as_str() };
                write!(f, "{device} {}", command.as_deref().unwrap_or("status"))
            }
            Self::AllHadEnded => f.write_str("(all were done before)"),
            Self::TimedOut => f.write_str("(timed out)"),
            Self::Interrupted => f.write_str("(interrupted)"),
            Self::Unknown => f.write_str("(no status seen)"),
            Self::Never => f.write_str("(never ended)"),
        }
    }
}

impl From<&WaitEnd> for Holder {
    fn from(end: &WaitEnd) -> Self {
        match end {
            WaitEnd::Status { device, command, .. } => {
                Self::Status { device: device.clone(), command: command.clone() }
            }
            WaitEnd::AllHadEnded => Self::AllHadEnded,
            WaitEnd::TimedOut { .. } => Self::TimedOut,
            WaitEnd::Interrupted { .. } => Self::Interrupted,
            WaitEnd::Unknown => Self::Unknown,
            WaitEnd::Never => Self::Never,
        }
    }
}

/// Sums waits up by what held them.
#[derive(Default)]
pub(super) struct HeldSums {
    sums: HashMap<Holder, Sum>,
}

#[derive(Default)]
struct Sum {
    statuses: u64,
    status_time: Duration,
    waits: u64,
    time: Duration,
    alone: Duration,
    behind: Duration,
    then: HashMap<Text, u64>,
}

impl HeldSums {
    pub(super) fn wait(&mut self, wait: &HeldWait) {
        let sum = self.sums.entry(Holder::from(&wait.end)).or_default();
        sum.waits += 1;
        sum.time += wait.duration;
        if let WaitEnd::Status { alone, behind, then, .. } = &wait.end {
            sum.alone += *alone;
            sum.behind += *behind;
            if let Some(then) = then {
                *sum.then.entry(then.clone()).or_default() += 1;
            }
        }
    }

    pub(super) fn status(&mut self, device: &Text, command: Option<&Text>, time: Option<Duration>) {
        let holder = Holder::Status { device: device.clone(), command: command.cloned() };
        let sum = self.sums.entry(holder).or_default();
        sum.statuses += 1;
        sum.status_time += time.unwrap_or_default();
    }

    /// The sums, those first that held longest.
    pub(super) fn finish(self, whole: Duration) -> Vec<Held> {
        let mut all: Vec<Held> = self
            .sums
            .into_iter()
            .map(|(by, sum)| Held {
                by,
                statuses: sum.statuses,
                status_time: sum.status_time,
                waits: sum.waits,
                time: sum.time,
                alone: sum.alone,
                behind: sum.behind,
                share: share(sum.time, whole),
                then: sum
                    .then
                    .into_iter()
                    .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)))
                    .map(|(then, _)| then),
            })
            .collect();
        let rank = |held: &Held| (std::cmp::Reverse(held.time), std::cmp::Reverse(held.status_time));
        all.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.by.cmp(&b.by)));
        all
    }
}
