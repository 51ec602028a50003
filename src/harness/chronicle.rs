//! [`Chronicle`]: what happened in a call of the engine, in order and with its times.

use std::sync::{Arc, OnceLock};

use crate::clock::Timestamp;
use crate::device::{Device, Status};
use crate::document::Document;
use crate::engine::RunEngineState;
use crate::hardware::{Beamline, Calls};
use crate::message::{Msg, PlanError};

/// What happened in a call of the engine: its messages, the statuses that they gave, its documents, its states, and what was
/// asked of each device. Kept where a harness is [told to](super::HarnessBuilder::chronicled); cloning gives another handle.
///
/// A trace tells what the engine says of itself. This is what the harness has seen, so that one can be held against the other.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::builder().chronicled().build();
/// let axis = lab.add(SynAxis::new("axis").delay_s(2.0));
/// let run = lab.run(plan(async move |p| p.mv(&axis, 5).await));
///
/// let chronicle = run.chronicle().expect("it is kept");
/// let times: Vec<_> = chronicle.executed().map(|done| (done.msg.command(), done.duration())).collect();
/// assert_eq!(times, [("set", secs(0.0)), ("wait", secs(2.0))]);
/// assert_eq!(chronicle.statuses().count(), 1);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Chronicle {
    happenings: Arc<Vec<Happening>>,
    devices: Arc<CalledDevices>,
}

/// The devices whose calls were recorded.
#[derive(Debug, Default)]
struct CalledDevices {
    beamline: Option<Beamline>,
    /// All of them, with those that nobody has asked for yet.
    all: OnceLock<Vec<(Device, Calls)>>,
}

/// Something that happened, and when.
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct Happening {
    /// When, on the clock of the harness.
    pub time: Timestamp,
    /// What happened at that time.
    #[serde(flatten)]
    pub what: Occurrence,
}

/// What can happen in a call.
#[derive(Clone, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Occurrence {
    /// A message is about to be executed.
    Message(Msg),
    /// The message before this gave a status.
    Status(Status),
    /// The message before this failed, of this; one that was cut short failed of [`PlanError::Cancelled`].
    Failure(PlanError),
    /// A document was emitted.
    Document(Document),
    /// The engine changed its state.
    State {
        /// The state that the engine left.
        from: RunEngineState,
        /// The state that the engine entered.
        to: RunEngineState,
    },
}

/// A message and what came of it.
#[derive(Clone, Debug)]
pub struct Executed<'a> {
    /// Which message of the call it is, counted from 1; one that is executed again counts again.
    pub number: usize,
    /// The message that was executed.
    pub msg: &'a Msg,
    /// When its execution began.
    pub began: Timestamp,
    /// When the next message came, the engine was paused, or the call was over.
    pub ended: Timestamp,
    /// The statuses that it gave.
    pub statuses: Vec<&'a Status>,
    /// What it failed of, if it did.
    pub failure: Option<&'a PlanError>,
    /// Whether the engine changed its state meanwhile, or a suspension came next: the message may have been cut short, and where the
    /// call ends, the clean-up counts in its time.
    pub was_disturbed: bool,
}

impl Executed<'_> {
    /// How long it took.
    #[must_use]
    pub fn duration(&self) -> std::time::Duration {
        self.ended - self.began
    }
}

impl Chronicle {
    pub(super) fn new(happenings: Arc<Vec<Happening>>, beamline: Beamline) -> Self {
        let devices = CalledDevices { beamline: Some(beamline), all: OnceLock::new() };
        Self { happenings, devices: Arc::new(devices) }
    }

    /// The same with these happenings in place of its own: doctored, for a test in which a law is to notice what is wrong.
    #[must_use]
    pub fn with_happenings(&self, happenings: impl IntoIterator<Item = Happening>) -> Self {
        Self { happenings: Arc::new(happenings.into_iter().collect()), devices: Arc::clone(&self.devices) }
    }

    /// All that happened, in order.
    #[must_use]
    pub fn happenings(&self) -> &[Happening] {
        &self.happenings
    }

    /// The messages in the order in which they were executed, each with what came of it.
    pub fn executed(&self) -> impl Iterator<Item = Executed<'_>> {
        let mut number = 0;
        self.happenings.iter().enumerate().filter_map(move |(at, happening)| {
            let Occurrence::Message(msg) = &happening.what else { return None };
            number += 1;
            Some(Self::execution(number, msg, happening.time, &self.happenings[at + 1..]))
        })
    }

    fn execution<'a>(number: usize, msg: &'a Msg, began: Timestamp, after: &'a [Happening]) -> Executed<'a> {
        let mut done =
            Executed { number, msg, began, ended: began, statuses: Vec::new(), failure: None, was_disturbed: false };
        for happening in after {
            done.ended = happening.time;
            match &happening.what {
                Occurrence::Status(status) => done.statuses.push(status),
                Occurrence::Failure(error) => done.failure = Some(error),
                Occurrence::Message(next) => {
                    // Where a pause was given up the state is `pausing` before and after.
                    done.was_disturbed |= next.command() == "_start_suspender";
                    return done;
                }
                Occurrence::State { to, .. } => {
                    done.was_disturbed = true;
                    if matches!(to, RunEngineState::Paused | RunEngineState::Idle) {
                        return done;
                    }
                }
                Occurrence::Document(_) => {}
            }
        }
        done.was_disturbed = true;
        done
    }

    /// The statuses that messages gave, in order.
    pub fn statuses(&self) -> impl Iterator<Item = &Status> {
        self.happenings.iter().filter_map(|happening| match &happening.what {
            Occurrence::Status(status) => Some(status),
            _ => None,
        })
    }

    /// The changes of state: the state before and the new one.
    pub fn transitions(&self) -> impl Iterator<Item = (RunEngineState, RunEngineState)> {
        self.happenings.iter().filter_map(|happening| match happening.what {
            Occurrence::State { from, to } => Some((from, to)),
            _ => None,
        })
    }

    /// The devices that the harness had when the call ended, and what was asked of each in it: until the next call begins, which
    /// records anew.
    #[must_use]
    pub fn devices(&self) -> &[(Device, Calls)] {
        self.devices.all.get_or_init(|| {
            let beamline = self.devices.beamline.iter();
            beamline.flat_map(Beamline::devices).map(|device| (device.clone(), device.record_calls())).collect()
        })
    }

    /// Those of [`devices`](Self::devices) of which anything can have been asked.
    #[cfg(feature = "property")]
    pub(crate) fn called_devices(&self) -> impl Iterator<Item = (&Device, Calls)> {
        let known = self.devices.beamline.iter().flat_map(Beamline::known);
        known.map(|(_, device)| (device, device.record_calls()))
    }
}
