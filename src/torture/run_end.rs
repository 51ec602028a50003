//! A run in which something happens, and what there is to be said of its end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::case_id::TroubleAt;
use super::home::Stay;
use super::leftover::Hung;
use super::message_row::{MESSAGE, MessageRow};
use super::rest::{alike, precision};
use super::subject::{Exit, Furnished, Keeps, LabWish, OurPauses, Subject};
use super::witness::{Counted, Noted, Seen, ToHappen, Witness};
use super::{TortureError, Trouble};
use crate::device::{DeviceError, Status};
use crate::engine::{LimitReached, RunEngineHandle};
use crate::harness::{Harness, Heard, Outcome};
use crate::message::PlanError;
use crate::value::Text;
use skyspan_trace::internal::lock;

/// How long what happens lasts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// A pause, a suspension.
    pub(super) hold: Duration,
    /// By how much a status is late.
    pub(super) late: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self { hold: Duration::from_secs(10), late: Duration::from_secs(60) }
    }
}

/// What there is to be said of a run after it.
pub(super) struct RunEnd {
    pub(super) exits: Vec<Exit>,
    pub(super) hung: Option<Hung>,
    pub(super) streams: Vec<(Text, u64)>,
    pub(super) stays: Vec<Stay>,
    pub(super) runs_left: usize,
    pub(super) monitors_left: Vec<Text>,
    pub(super) staged_left: Vec<Text>,
    pub(super) cleanup_errors: Vec<Text>,
    pub(super) suspenders: usize,
    pub(super) panic: Option<Text>,
    pub(super) messages: u64,
    pub(super) documents: u64,
    pub(super) duration: Duration,
    pub(super) noted: Option<Noted>,
}

impl RunEnd {
    /// Whether another run has ended in the same way, with as much data and with the devices where they are here.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let stands = |stay: &Stay| {
            let there = other.stays.iter().find(|other| other.device == stay.device);
            there.is_none_or(|other| {
                alike(&stay.end.readback, &other.end.readback, precision(&other.end.readback))
                    && stay.moving_to.is_some() == other.moving_to.is_some()
            })
        };
        self.exits.len() == other.exits.len()
            && self.exits.iter().zip(&other.exits).all(|(one, other)| one.is_like(other))
            && self.streams == other.streams
            && self.stays.iter().all(stands)
    }
}

/// A run, and the lab in which it was.
pub(super) struct Shown {
    pub(super) lab: Harness,
    pub(super) outcomes: Vec<Outcome>,
}

/// What is to be run, and what happens in it.
pub(super) struct RunWish<'w> {
    pub(super) lab: LabWish,
    pub(super) times: Times,
    /// What happens at which message.
    pub(super) troubles: &'w [(&'w MessageRow, Trouble)],
    /// Whether each message is noted, and what is counted before which of them.
    pub(super) notes: Option<Option<(usize, Option<crate::hardware::Method>)>>,
    /// Devices that have a home, by their names.
    pub(super) named: &'w [String],
}

/// How long a device that is not where it should be is watched, to know whether it moves.
const A_MOMENT: Duration = Duration::from_secs(1);
/// Why plans are aborted.
pub(super) const REASON: &str = "aborted by skyspan torture";

impl Subject<'_> {
    /// Runs it once.
    pub(super) fn run(&self, wish: &RunWish<'_>) -> Result<(RunEnd, Shown), TortureError> {
        let furnished = self.furnish(wish.lab)?;
        let shared = furnished.lab.call_environment();
        let mut devices = furnished.devices.clone();
        for name in wish.named {
            if !devices.iter().any(|(known, _)| **known == **name)
                && let Some(device) = furnished.lab.beamline().get(name)
            {
                devices.push((name.into(), device));
            }
        }
        let mut witness = Witness::new(Arc::clone(&shared), devices);
        if let Some(name) = wish.named.iter().find(|name| !witness.knows(name)) {
            let beamline = furnished.lab.beamline();
            let mut known: Vec<&str> = furnished.devices.iter().map(|(name, _)| &**name).collect();
            if known.is_empty() {
                known = beamline.names().map(|name| &**name).collect();
            }
            return Err(TortureError::NoSuchDevice { device: name.clone(), known: known.join(", ") });
        }
        if let Some(counted) = &wish.notes {
            let counted =
                counted.map(|(row, method)| Counted { row, method, calls: record_calls(&furnished), before: 0 });
            witness.notes(furnished.lab.capture().clone(), counted);
        }
        let ran = Ran::go(&furnished, witness, wish);
        let Furnished { lab, .. } = furnished;
        let (end, outcomes) = ran.end(&lab);
        Ok((end, Shown { lab, outcomes }))
    }
}

fn record_calls(furnished: &Furnished) -> Vec<(crate::device::Device, crate::hardware::Calls)> {
    let beamline = furnished.lab.beamline();
    beamline.devices().map(|device| (device.clone(), device.record_calls())).collect()
}

/// What came of the items.
struct Ran {
    witness: Arc<Mutex<Witness>>,
    exits: Vec<Exit>,
    cleanup_errors: Vec<Text>,
    limit: Option<LimitReached>,
    outcomes: Vec<Outcome>,
    panic: Option<Text>,
    duration: Duration,
}

impl Ran {
    fn go(furnished: &Furnished, witness: Witness, wish: &RunWish<'_>) -> Self {
        let lab = &furnished.lab;
        let (pauses, witness) = (OurPauses::default(), Arc::new(Mutex::new(witness)));
        let listening = Arc::clone(&witness);
        lab.listen(Box::new(move |heard: Heard<'_>| lock(&listening).hear(heard)));
        if wish.notes.is_some() {
            let given = Arc::clone(&witness);
            let hook = Box::new(move |status: &Status| lock(&given).gave(status));
            lab.with_engine(|engine| engine.record_statuses(Some(hook)));
        }
        if wish.troubles.iter().any(|(_, trouble)| *trouble == Trouble::Callback) {
            let fails = lock(&witness).fails_at_next_document();
            lab.with_engine(|engine| {
                engine.subscribe(move |_| match fails.swap(false, Ordering::Relaxed) {
                    true => Err(DeviceError::other(Text::literal("DeviceFault"), MESSAGE)),
                    false => Ok(()),
                });
            });
        }
        let began = lab.clock().now();
        let mut ran = Self {
            witness,
            exits: Vec::new(),
            cleanup_errors: Vec::new(),
            limit: None,
            outcomes: Vec::new(),
            panic: None,
            duration: Duration::ZERO,
        };
        for item in 0..furnished.len() {
            lock(&ran.witness).begin_item(item);
            for (row, trouble) in wish.troubles.iter().filter(|(row, _)| row.item == item) {
                schedule(lab, row, *trouble, wish.times, &pauses, &ran.witness);
            }
            let run = AssertUnwindSafe(|| furnished.run(item, (&pauses, wish.times.hold), &ran.witness));
            let outcome = catch_unwind(run);
            lock(&ran.witness).end_item();
            let (exit, outcome) = match outcome {
                Ok(ended) => ended,
                Err(panic) => {
                    ran.panic = Some(PlanError::of_panic("the plan".into(), &*panic).to_string().into());
                    break;
                }
            };
            let is_over = furnished.ends_with(&exit);
            if matches!(exit.error, Some(PlanError::Deadlock(_))) {
                lock(&ran.witness).deadlock();
            }
            ran.exits.push(exit);
            if let Some(outcome) = outcome {
                ran.cleanup_errors.extend(outcome.result().cleanup_errors.iter().cloned());
                ran.limit = ran.limit.or_else(|| outcome.limit_reached());
                if wish.lab.keeps == Keeps::All {
                    ran.outcomes.push(outcome);
                }
            }
            if is_over || ran.limit.is_some() {
                break;
            }
        }
        ran.duration = lab.clock().now() - began;
        ran
    }

    /// Looks at what is left.
    fn end(self, lab: &Harness) -> (RunEnd, Vec<Outcome>) {
        let shared = lab.call_environment();
        lab.listen(Box::new(|_| {}));
        lab.with_engine(|engine| engine.record_statuses(None));
        let (seen, noted) = match Arc::try_unwrap(self.witness) {
            Ok(witness) => witness.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).finish(),
            // The listener is gone, and nobody else has it.
            Err(_) => (Seen::default(), None),
        };
        let mut stays = seen.stays(&shared);
        if stays.iter().any(|stay| stay.end.is_elsewhere()) {
            let before: Vec<_> = stays.iter().map(|stay| stay.end.clone()).collect();
            let _ = lab.clock().block_on(lab.clock().sleep(A_MOMENT));
            let after = seen.stays(&shared);
            for ((stay, before), after) in stays.iter_mut().zip(before).zip(after) {
                let moves = !alike(&before.readback, &after.end.readback, 1e-3 * precision(&before.readback));
                if moves && before.is_elsewhere() {
                    stay.moving_to = before.setpoint.clone();
                }
            }
        }
        let suspenders = lab.with_engine(|engine| engine.suspenders().len());
        let limit = self.limit.map(|limit| Hung::GoesOnForEver { limit: limit.name.into() });
        let streams = seen.streams();
        let end = RunEnd {
            exits: self.exits,
            hung: seen.hung.or(limit),
            streams,
            stays,
            runs_left: seen.runs_left,
            monitors_left: seen.monitors_left,
            staged_left: seen.staged_left,
            cleanup_errors: self.cleanup_errors,
            suspenders,
            panic: self.panic,
            messages: seen.messages,
            documents: seen.documents,
            duration: self.duration,
            noted,
        };
        (end, self.outcomes)
    }
}

/// Sees to it that a trouble comes at a message of the next call.
fn schedule(
    lab: &Harness,
    row: &MessageRow,
    trouble: Trouble,
    times: Times,
    pauses: &OurPauses,
    witness: &Arc<Mutex<Witness>>,
) {
    let when = || {
        let at = lab.at_message(row.message);
        match row.halfway() {
            Some(half) => at.later(half),
            None => at,
        }
    };
    let to_happen = |fault| {
        lock(witness).sees_to(ToHappen { item: row.item, message: row.message, fault });
    };
    match trouble {
        Trouble::Pause => {
            let pauses = pauses.clone();
            when().ask(move |engine: &RunEngineHandle| {
                engine.pause()?;
                pauses.add();
                Ok(())
            });
        }
        Trouble::Suspend => when().suspend_for(times.hold),
        Trouble::Abort => when().abort(REASON),
        Trouble::Stop => when().stop(),
        Trouble::Halt => when().halt(),
        Trouble::Callback => to_happen(None),
        Trouble::Fails | Trouble::Hangs | Trouble::Late | Trouble::Lost => {
            if let Some(fault) = row.fault(trouble, 1, times.late) {
                to_happen(Some(fault));
            }
        }
    }
}

/// The rows of what happens, of which each is there.
pub(super) fn rows_of<'r>(rows: &'r [MessageRow], troubles: &[TroubleAt]) -> Option<Vec<(&'r MessageRow, Trouble)>> {
    let row = |at: &TroubleAt| {
        let place = usize::try_from(at.message).ok()?.checked_sub(1)?;
        Some((rows.get(place)?, at.trouble))
    };
    troubles.iter().map(row).collect()
}
