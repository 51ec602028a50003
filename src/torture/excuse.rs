//! [`Excuse`]: why no plan could have helped what is left, or what hangs.

use std::fmt;

use super::Trouble;
use super::home::{KnownHome, Stay};
use super::leftover::{Hung, Leftover};
use super::message_row::MessageRow;
use super::rest::alike;

/// Why no plan could have helped what is left, or what hangs. Its `Display` says it.
///
/// Such cases are shown in the [map](super::TortureMap), and do not count against the plan unless it is tortured
/// [strictly](super::Torture::strict).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Excuse {
    /// A halt goes past the clean-up of any plan.
    Halted,
    /// A device never ends what it was asked for, and whoever waits for it was given no timeout. No plan of bluesky gives one.
    NoTimeout,
    /// The plan has sent the device home. The device does not arrive, as it fails or hangs on the way, or as the end of the plan stops it.
    OnTheWayHome,
    /// The device is lost, and nobody can bring it home.
    Lost,
    /// The unstaging of bluesky ends at the first device that fails, or where the plan is ended. The engine unstages the others.
    Unstaging,
    /// The plan is ended while a run is opened. bluesky's `run_wrapper` closes it only from the next message on, so that the engine does.
    OpeningRun,
}

impl Excuse {
    /// The letter by which the cells of the map have it.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Halted => 'h',
            Self::NoTimeout => 'w',
            Self::OnTheWayHome => 'e',
            Self::Lost => 'l',
            Self::Unstaging => 'u',
            Self::OpeningRun => 'o',
        }
    }

    /// Why no plan could have helped a leftover; nothing where one could.
    pub(super) fn of_leftover(
        left: &Leftover,
        stays: Homecoming<'_>,
        troubles: &[(&MessageRow, Trouble)],
    ) -> Option<Self> {
        let has = |wanted: Trouble| troubles.iter().any(|(_, trouble)| *trouble == wanted);
        if has(Trouble::Halt) && !matches!(left, Leftover::Panic { .. }) {
            return Some(Self::Halted);
        }
        let at_command = |command: &str, wanted: &[Trouble]| {
            troubles.iter().any(|(row, trouble)| row.command == command && wanted.contains(trouble))
        };
        match left {
            Leftover::Device { device, .. } => {
                let of_it = |wanted: &[Trouble]| {
                    let mut of_device = troubles.iter().filter(|(row, _)| row.device.as_ref() == Some(device));
                    of_device.any(|(_, trouble)| wanted.contains(trouble))
                };
                if of_it(&[Trouble::Lost]) {
                    return Some(Self::Lost);
                }
                let stopped = troubles.iter().any(|(_, trouble)| trouble.ends_the_plan());
                let fails = of_it(&[Trouble::Fails, Trouble::Hangs]);
                ((stopped || fails) && stays.is_sent_home(device)).then_some(Self::OnTheWayHome)
            }
            Leftover::Staged { .. } => {
                let at_unstage = at_command("unstage", &[Trouble::Abort, Trouble::Stop, Trouble::Fails]);
                (at_unstage || has(Trouble::Lost)).then_some(Self::Unstaging)
            }
            Leftover::OpenRun => at_command("open_run", &[Trouble::Abort, Trouble::Stop]).then_some(Self::OpeningRun),
            _ => None,
        }
    }

    /// Why no plan could have helped that it hangs; nothing where one could.
    pub(super) fn of_hung(hung: &Hung, troubles: &[(&MessageRow, Trouble)]) -> Option<Self> {
        let hangs = troubles.iter().any(|(_, trouble)| *trouble == Trouble::Hangs);
        (hangs && matches!(hung, Hung::WaitsForEver { .. })).then_some(Self::NoTimeout)
    }
}

impl fmt::Display for Excuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Halted => "a halt skips the clean-up",
            Self::NoTimeout => "a device hangs, and its wait has no timeout",
            Self::OnTheWayHome => "it was sent home, and was stopped or failed on the way",
            Self::Lost => "the device itself is lost",
            Self::Unstaging => "the unstaging is cut short; the engine does the rest",
            Self::OpeningRun => "ended at its open_run; the engine closes the run",
        })
    }
}

/// Where devices have to be, and how they stand.
#[derive(Clone, Copy)]
pub(super) struct Homecoming<'a> {
    pub(super) homes: &'a [KnownHome],
    pub(super) stays: &'a [Stay],
}

impl Homecoming<'_> {
    /// Whether the last that a device was told is to go home.
    fn is_sent_home(self, device: &str) -> bool {
        let home = self.homes.iter().find(|home| *home.device == *device);
        let target = self.stays.iter().find(|stay| *stay.device == *device).and_then(|stay| stay.target.as_ref());
        home.zip(target).is_some_and(|(home, target)| alike(target, &home.value, home.tolerance))
    }
}
