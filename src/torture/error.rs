//! [`TortureError`]: what keeps a plan from being tortured.

use super::{CaseId, Trouble};
use crate::value::Text;
use crate::value::yaml::YamlError;

/// What keeps a plan from being tortured, or a case from being replayed or kept.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TortureError {
    /// The program names what does not exist, or what does not fit.
    #[error(transparent)]
    PlanFile(#[from] YamlError),
    /// No trouble is called so.
    #[error("expected one of {}, found {found:?}", Trouble::ALL.map(Trouble::name).join(", "))]
    NoSuchTrouble {
        /// What was found.
        found: String,
    },
    /// Something is no case.
    #[error("expected a case, such as 172 for an abort (2) at message 17, 172+204 or 172~3, found {found:?}")]
    NoCase {
        /// What was found.
        found: String,
    },
    /// A case is of a message that the undisturbed run has not.
    #[error(
        "case {case}: expected a message from 1 to {messages}, as many as the undisturbed run has, found {message}"
    )]
    NoSuchMessage {
        /// The case.
        case: CaseId,
        /// The number of the message.
        message: u64,
        /// How many there are.
        messages: u64,
    },
    /// A case is of what cannot happen at its message.
    #[error("case {case}: `{trouble}` cannot happen at message {message}, {text}: {why}")]
    CannotHappen {
        /// The case.
        case: CaseId,
        /// The trouble.
        trouble: Trouble,
        /// The number of the message.
        message: u64,
        /// The message.
        text: Text,
        /// Why not.
        why: &'static str,
    },
    /// What is said of a home is none.
    #[error("expected DEVICE=VALUE as a home, where VALUE may be `start` or `end`, found {found:?}")]
    NoHome {
        /// What was found.
        found: String,
    },
    /// A home is said of a device that is not there, or that can be nowhere.
    #[error("the home of {device:?}: expected a device of the plan that can be set or read; there are {known}")]
    NoSuchDevice {
        /// Its name.
        device: String,
        /// The names of those that are there.
        known: String,
    },
    /// All runs together would take too long.
    #[error(
        "{runs} runs of a plan of {messages} messages would execute about {all} messages, and {most} are the limit; \
         torture some of its messages (`--messages 1..200`, `.messages(1..=200)`) or raise the limit (`--most N`, `.most(N)`)"
    )]
    TooLong {
        /// How many runs there would be.
        runs: u64,
        /// How many messages the undisturbed run has.
        messages: u64,
        /// How many messages all runs would execute, about.
        all: u64,
        /// How many they may.
        most: u64,
    },
    /// The undisturbed run does not come to an end by itself.
    #[error("the undisturbed run comes to no end: {why}")]
    Endless {
        /// Why.
        why: String,
    },
    /// The plan panics where nothing disturbs it.
    #[error("the undisturbed run panics: {message}")]
    Panics {
        /// What it says.
        message: Text,
    },
    /// A case cannot be kept as a plan file or as a test.
    #[error("case {case} cannot be kept: {why}")]
    NotKept {
        /// The case.
        case: CaseId,
        /// Why not.
        why: String,
    },
}
