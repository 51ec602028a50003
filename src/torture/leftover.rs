//! [`Leftover`]: what a plan leaves behind that it should not; and [`Verdict`], what a run comes to.

use std::fmt;

use super::rest::Shown;
use crate::value::{Text, Value};

/// What a run comes to, beside the undisturbed one.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It ended as the undisturbed run did, with as much data.
    AsBefore,
    /// It ended otherwise, and everything is where it has to be.
    AtHome,
    /// Something is left, or it would never have ended, and [no plan could help it](super::Excuse).
    Excused,
    /// It ended, and something is left.
    Left,
    /// In real life it would never have ended.
    Hung,
}

impl Verdict {
    /// All of them, the best first.
    pub const ALL: [Self; 5] = [Self::AsBefore, Self::AtHome, Self::Excused, Self::Left, Self::Hung];

    /// Whether nothing is left, and nothing hung, that a plan could have helped.
    #[must_use]
    pub const fn is_well(self) -> bool {
        matches!(self, Self::AsBefore | Self::AtHome | Self::Excused)
    }
}

/// What a plan leaves behind that it should not. Its `Display` says it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case", tag = "what")]
#[non_exhaustive]
pub enum Leftover {
    /// A device is elsewhere than it has to be.
    Device {
        /// The device.
        device: Text,
        /// Where it is.
        found: Value,
        /// Where it has to be.
        home: Value,
        /// Where it is on its way to, if it moves on after the plan.
        #[serde(skip_serializing_if = "Option::is_none")]
        moving_to: Option<Value>,
    },
    /// The plan ended and had not closed a run: the engine has, which may not know how it went.
    OpenRun,
    /// The plan ended, and a device was monitored.
    Monitor {
        /// The device.
        device: Text,
    },
    /// The plan ended, and a device was staged: the engine has unstaged it, without waiting for it.
    Staged {
        /// The device.
        device: Text,
    },
    /// Suspenders that the plan has installed, and that suspend what comes after it.
    Suspenders {
        /// How many more than after the undisturbed run.
        count: usize,
    },
    /// The plan ended as if all was well, and a stream has fewer events than that of the undisturbed run.
    Data {
        /// The stream.
        stream: Text,
        /// How many events it has.
        found: u64,
        /// How many the undisturbed run has.
        expected: u64,
    },
    /// What the engine could not clean up.
    CleanUp {
        /// Why.
        error: Text,
    },
    /// The plan itself, or a hook, panicked.
    Panic {
        /// What it said.
        message: Text,
    },
}

impl Leftover {
    /// What is left without where exactly it was found, so that leftovers of many runs can be told together.
    pub(super) fn finding(&self, found: &str) -> String {
        match self {
            Self::Device { device, home, .. } => {
                let at = if home.as_f64().is_some() { "at " } else { "" };
                format!("{device} is left {found}, not {at}{}", Shown(home))
            }
            Self::OpenRun => "a run is left open, for the engine to close".to_owned(),
            Self::Monitor { device } => format!("{device} is left monitored"),
            Self::Staged { device } => format!("{device} is left staged, for the engine to unstage"),
            Self::Suspenders { .. } => format!("{found} left installed"),
            Self::Data { stream, expected, .. } => {
                format!("data are lost without a word: {found} of {expected} events in the stream {stream}")
            }
            Self::CleanUp { error } => format!("the engine cannot clean up: {error}"),
            Self::Panic { message } => format!("a panic: {message}"),
        }
    }

    /// Where exactly it was found.
    pub(super) fn found(&self) -> String {
        match self {
            Self::Device { moving_to: Some(to), .. } => format!("on its way to {}", Shown(to)),
            Self::Device { found, .. } if found.as_f64().is_some() => format!("at {}", Shown(found)),
            Self::Device { found, .. } => Shown(found).to_string(),
            Self::Data { found, .. } => found.to_string(),
            Self::Suspenders { count: 1 } => "a suspender is".to_owned(),
            Self::Suspenders { count } => format!("{count} suspenders are"),
            _ => String::new(),
        }
    }

    /// The same where it was found as a number.
    pub(super) fn found_number(&self) -> Option<f64> {
        match self {
            Self::Device { found, moving_to: None, .. } => found.as_f64(),
            Self::Data { found, .. } => Some(*found as f64),
            _ => None,
        }
    }
}

impl fmt::Display for Leftover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.finding(&self.found()))
    }
}

/// Why a run would never have ended. Its `Display` says it.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case", tag = "why")]
#[non_exhaustive]
pub enum Hung {
    /// Somebody waits without a timeout, and nothing can happen any more.
    WaitsForEver {
        /// The command of the message that waits.
        command: Text,
        /// The device that is in trouble, where there is one.
        #[serde(skip_serializing_if = "Option::is_none")]
        device: Option<Text>,
    },
    /// It goes on and on, to a limit.
    GoesOnForEver {
        /// The name of the limit: one of [`Limits::NAMES`](crate::engine::Limits::NAMES).
        limit: Text,
    },
    /// The plan is paused, and nobody is there who would resume it.
    Paused,
}

impl fmt::Display for Hung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WaitsForEver { command, device: Some(device) } => {
                write!(f, "a `{command}` waits for ever, without a timeout, for {device}")
            }
            Self::WaitsForEver { command, device: None } => {
                write!(f, "a `{command}` waits for ever, without a timeout")
            }
            Self::GoesOnForEver { limit } => write!(f, "the plan goes on for ever, to the limit of {limit}"),
            Self::Paused => f.write_str("the plan pauses, and nobody is told to resume it"),
        }
    }
}
