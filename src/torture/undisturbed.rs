//! [`Undisturbed`]: the run in which nothing happens, with which all others are compared.

use std::time::Duration;

use super::aftermath::Excused;
use super::excuse::{Excuse, Homecoming};
use super::home::{Home, KnownHome, NoHome};
use super::leftover::{Hung, Leftover, Verdict};
use super::message_row::{MESSAGE, MessageRow};
use super::run_end::RunEnd;
use super::subject::Exit;
use super::{Aftermath, TortureError, Trouble};
use crate::engine::{ExitStatus, Limits};
use crate::message::PlanError;
use crate::value::Text;

/// The run in which nothing happens.
pub(super) struct Undisturbed {
    pub(super) rows: Vec<MessageRow>,
    pub(super) homes: Vec<KnownHome>,
    pub(super) no_homes: Vec<NoHome>,
    pub(super) end: RunEnd,
    /// Whether nothing is excused.
    is_strict: bool,
}

/// So many messages more than the undisturbed run a plan may send before it goes on for ever: so many times as many, and so many.
const MESSAGES: (u64, u64) = (10, 5_000);
/// The same for its time.
const SECONDS: (u64, u64) = (10, 7 * 24 * 3600);

impl Undisturbed {
    pub(super) fn new(mut end: RunEnd, said: &[Home], is_strict: bool) -> Result<Self, TortureError> {
        if let Some(message) = end.panic {
            return Err(TortureError::Panics { message });
        }
        if let Some(hung) = end.hung.as_ref().filter(|hung| matches!(hung, Hung::GoesOnForEver { .. })) {
            return Err(TortureError::Endless { why: hung.to_string() });
        }
        let rows = end.noted.take().map(|noted| noted.rows).unwrap_or_default();
        let (mut homes, mut no_homes) = (Vec::new(), Vec::new());
        for stay in &end.stays {
            match said.iter().rev().find(|home| *home.device == *stay.device) {
                Some(home) => homes.push(KnownHome::said(stay, &home.at)),
                None => match KnownHome::read(stay) {
                    Ok(home) => homes.push(home),
                    Err(no_home) => no_homes.push(no_home),
                },
            }
        }
        Ok(Self { rows, homes, no_homes, end, is_strict })
    }

    /// Whether the plan pauses by itself.
    pub(super) fn has_pauses(&self) -> bool {
        self.rows.iter().any(|row| row.answers_before > 0 || matches!(&*row.command, "pause" | "input"))
    }

    /// How much a plan may do in which something happens.
    pub(super) fn limits(&self, times: (Duration, u32)) -> Limits {
        let (longer, count) = times;
        let seconds = self.end.duration.as_secs().saturating_add(longer.as_secs().saturating_mul(count.into()));
        let limits = Limits::none();
        let limits = limits.with("messages", Some(self.end.messages.saturating_mul(MESSAGES.0) + MESSAGES.1));
        let seconds = seconds.saturating_mul(SECONDS.0).saturating_add(SECONDS.1);
        limits.and_then(|limits| limits.with("simulated_seconds", Some(seconds))).unwrap_or_default()
    }

    /// Whether a device has to be elsewhere than the undisturbed run leaves it.
    pub(super) fn leaves(&self) -> Vec<Leftover> {
        self.strays(&self.end).collect()
    }

    /// The devices that are not where they have to be.
    fn strays(&self, end: &RunEnd) -> impl Iterator<Item = Leftover> {
        let stray = |home: &KnownHome| {
            let stay = end.stays.iter().find(|stay| stay.device == home.device)?;
            (!home.holds(stay)).then(|| Leftover::Device {
                device: home.device.clone(),
                found: stay.end.readback.clone(),
                home: home.value.clone(),
                moving_to: stay.moving_to.clone(),
            })
        };
        self.homes.iter().filter_map(stray).collect::<Vec<_>>().into_iter()
    }

    /// What a run comes to in which this happens.
    pub(super) fn judge(&self, mut end: RunEnd, troubles: &[(&MessageRow, Trouble)]) -> Aftermath {
        let hung = end.hung.take().filter(|hung| self.end.hung.as_ref() != Some(hung));
        let excuse_of_hung = hung.as_ref().and_then(|hung| Excuse::of_hung(hung, troubles)).filter(|_| !self.is_strict);
        let stays = Homecoming { homes: &self.homes, stays: &end.stays };
        let (mut leftovers, mut excused) = (Vec::new(), Vec::new());
        for leftover in self.leftovers(&end, troubles) {
            // What is left after something hung is that of somebody who has ended it.
            let excuse = excuse_of_hung.or_else(|| Excuse::of_leftover(&leftover, stays, troubles));
            match excuse.filter(|_| !self.is_strict) {
                Some(excuse) => excused.push(Excused { excuse, leftover: Some(leftover) }),
                None => leftovers.push(leftover),
            }
        }
        excused.extend(excuse_of_hung.map(|excuse| Excused { excuse, leftover: None }));
        let verdict = if hung.is_some() && excuse_of_hung.is_none() {
            Verdict::Hung
        } else if !leftovers.is_empty() {
            Verdict::Left
        } else if !excused.is_empty() {
            Verdict::Excused
        } else if self.ends_alike(&end) {
            Verdict::AsBefore
        } else {
            Verdict::AtHome
        };
        let exit = end.exits.iter().zip(&self.end.exits).find(|(found, usual)| !found.is_like(usual));
        let exit = exit.map(|(found, _)| found).or(end.exits.last());
        Aftermath {
            verdict,
            leftovers,
            excused,
            hung,
            exit_status: exit.map_or(ExitStatus::Fail, |exit| exit.status),
            error: exit.and_then(|exit| exit.error.as_ref()).map(|error| said(error).into()),
        }
    }

    fn ends_alike(&self, end: &RunEnd) -> bool {
        end.exits.len() == self.end.exits.len()
            && end.exits.iter().zip(&self.end.exits).all(|(found, usual)| found.is_like(usual))
            && end.streams == self.end.streams
    }

    fn leftovers(&self, end: &RunEnd, troubles: &[(&MessageRow, Trouble)]) -> Vec<Leftover> {
        let has = |trouble: Trouble| troubles.iter().any(|(_, it)| *it == trouble);
        let mut left: Vec<Leftover> = self.strays(end).collect();
        if !has(Trouble::Halt) {
            // After a halt all that is the engine's task.
            let (found, usual) = (end, &self.end);
            if found.runs_left > usual.runs_left {
                left.push(Leftover::OpenRun);
            }
            let monitors = not_in(&found.monitors_left, &usual.monitors_left);
            left.extend(monitors.map(|device| Leftover::Monitor { device }));
            let staged = not_in(&found.staged_left, &usual.staged_left);
            left.extend(staged.map(|device| Leftover::Staged { device }));
        }
        if end.suspenders > self.end.suspenders {
            left.push(Leftover::Suspenders { count: end.suspenders - self.end.suspenders });
        }
        if !troubles.iter().any(|(_, trouble)| trouble.ends_the_plan()) && ended_well(&end.exits) {
            for (stream, expected) in &self.end.streams {
                let found = end.streams.iter().find(|(name, _)| name == stream).map_or(0, |(_, count)| *count);
                if found < *expected {
                    left.push(Leftover::Data { stream: stream.clone(), found, expected: *expected });
                }
            }
        }
        let lost: Vec<&Text> =
            troubles.iter().filter(|(_, it)| *it == Trouble::Lost).filter_map(|(row, _)| row.device.as_ref()).collect();
        let errors = not_in(&end.cleanup_errors, &self.end.cleanup_errors).filter(|error| {
            // That a halted plan yields on is no fault of what is left, nor that a subscriber fails; and nobody reaches what is lost.
            let is_of_subscriber = has(Trouble::Callback) && error.contains(MESSAGE);
            let is_of_lost = lost.iter().any(|name| error.contains(&format!("{name} is not connected")));
            error.starts_with("Failed to") && !is_of_subscriber && !is_of_lost
        });
        left.extend(errors.map(|error| Leftover::CleanUp { error }));
        left.extend(end.panic.iter().map(|message| Leftover::Panic { message: message.clone() }));
        left
    }
}

fn ended_well(exits: &[Exit]) -> bool {
    exits.iter().all(|exit| exit.status == ExitStatus::Success && exit.error.is_none())
}

/// What is in one list oftener than in another.
fn not_in(found: &[Text], usual: &[Text]) -> impl Iterator<Item = Text> {
    let mut usual = usual.to_vec();
    let mut left: Vec<Text> = Vec::new();
    for text in found {
        match usual.iter().position(|known| known == text) {
            Some(at) => drop(usual.swap_remove(at)),
            None if left.contains(text) => {}
            None => left.push(text.clone()),
        }
    }
    left.into_iter()
}

/// An error on one line.
pub(super) fn said(error: &PlanError) -> String {
    const SAID_MAX: usize = 200;
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    skyspan_trace::internal::cut_to(&format!("{}: {first}", error.name()), SAID_MAX).into_owned()
}
