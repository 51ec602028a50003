//! [`Trouble`]: what can happen to a plan at one of its messages.

use std::fmt;
use std::str::FromStr;

use super::TortureError;

/// What can happen to a plan at one of its messages. Each is a column of the [map](super::TortureMap), and a digit of the number of a
/// [case](super::CaseId).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// The engine is paused, and resumed after a while.
    Pause,
    /// The plan is suspended for a while.
    Suspend,
    /// The plan is aborted.
    Abort,
    /// The plan is stopped.
    Stop,
    /// The plan is halted: it is ended without its clean-up.
    Halt,
    /// What the message asks of its device fails: a status halfway, anything else at once.
    Fails,
    /// The status that the message gives never ends.
    Hangs,
    /// The status that the message gives ends late.
    Late,
    /// A subscriber fails at the first document that the message emits.
    Callback,
    /// The device of the message is lost for good: from this call on every call of it fails.
    Lost,
}

impl Trouble {
    /// All of them, in the order of their digits.
    pub const ALL: [Self; 10] = [
        Self::Pause,
        Self::Suspend,
        Self::Abort,
        Self::Stop,
        Self::Halt,
        Self::Fails,
        Self::Hangs,
        Self::Late,
        Self::Callback,
        Self::Lost,
    ];

    /// The digit by which cases have it, from 0 to 9.
    #[must_use]
    pub const fn digit(self) -> u64 {
        self as u64
    }

    /// Its name, in small letters: `pause`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Suspend => "suspend",
            Self::Abort => "abort",
            Self::Stop => "stop",
            Self::Halt => "halt",
            Self::Fails => "fails",
            Self::Hangs => "hangs",
            Self::Late => "late",
            Self::Callback => "callback",
            Self::Lost => "lost",
        }
    }

    /// Whether the plan is ended from outside: then it measures less, and that is no loss.
    pub(super) const fn ends_the_plan(self) -> bool {
        matches!(self, Self::Abort | Self::Stop | Self::Halt)
    }

    /// Whether the device of the message itself is in trouble.
    pub(super) const fn is_of_the_device(self) -> bool {
        matches!(self, Self::Fails | Self::Hangs | Self::Late | Self::Lost)
    }
}

/// Its [name](Trouble::name).
impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Of its [name](Trouble::name).
impl FromStr for Trouble {
    type Err = TortureError;

    fn from_str(text: &str) -> Result<Self, TortureError> {
        let found = Self::ALL.into_iter().find(|trouble| trouble.name() == text);
        found.ok_or_else(|| TortureError::NoSuchTrouble { found: text.to_owned() })
    }
}
