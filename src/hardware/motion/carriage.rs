//! [`Carriage`]: what a motor moves, and where that is at any time.

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use super::encoder::Encoder;
use super::leg::{Leg, Path};
use crate::clock::{Clock, Timer, Timestamp};
use crate::device::{DeviceError, Interceptable, Readings, Status, WeakStatus};
use crate::hardware::signal::Signal;
use crate::hardware::signal_state::{Live, SignalState, Subscribers};
use crate::value::{Text, Value};
use skyspan_trace::internal::lock;

/// What a motor moves; shared by the device and its timers.
#[derive(Debug)]
pub(super) struct Carriage {
    pub(super) name: Text,
    pub(super) encoder: Encoder,
    pub(super) readback: Arc<Interceptable<Signal>>,
    /// Where it was told to go.
    pub(super) setpoint: SignalState,
    pub(super) setpoint_subscribers: Subscribers,
    pub(super) subscribers: Subscribers,
    /// How often those who want to know where it is are told while it moves.
    pub(super) update_period: Duration,
    pub(super) state: Mutex<CarriagePosition>,
    pub(super) own: Weak<Self>,
}

/// Where the motor is, and which way it moves.
#[derive(Debug)]
pub(super) struct CarriagePosition {
    /// Where it rests, or where it came from.
    rest: f64,
    /// Since when; nothing if it was never moved.
    since: Option<Timestamp>,
    motion: Option<Motion>,
    /// How many motions there were: a timer of an earlier one has nothing to say.
    motions: u64,
}

/// A motion that is under way.
#[derive(Debug)]
struct Motion {
    clock: Clock,
    path: Path,
    /// Where it was told to go, for those who ask why it failed.
    target: f64,
    /// What ends with it, if that has not ended already. Its timers keep it.
    status: WeakStatus,
    end: End,
    end_timer: Option<Timer>,
    update_timer: Option<Timer>,
    /// Keeps a status that came when it was under way.
    kept: Option<Timer>,
}

/// How a motion ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum End {
    /// The motor arrives at its target.
    Arrived,
    /// It was told to stop; whether as intended.
    Stopped { success: bool },
    /// It stalls on its way, at that time, and says nothing.
    Stalled(Timestamp),
}

impl CarriagePosition {
    pub(super) const fn at_rest(position: f64) -> Self {
        Self { rest: position, since: None, motion: None, motions: 0 }
    }

    /// Where it is, and when that was asked, or since when it is there.
    fn position(&self) -> (f64, Option<Timestamp>) {
        match &self.motion {
            Some(motion) => {
                let now = motion.clock.now();
                let until = if let End::Stalled(at) = motion.end { now.min(at) } else { now };
                (motion.path.position(until), Some(now))
            }
            None => (self.rest, self.since),
        }
    }

    /// Takes the motion away, with what ends with it; its timers go off no more.
    fn take_motion(&mut self) -> Option<(Motion, Option<Status>)> {
        let mut motion = self.motion.take()?;
        self.motions += 1;
        let status = motion.status.upgrade();
        [motion.end_timer.take(), motion.update_timer.take(), motion.kept.take()]
            .into_iter()
            .flatten()
            .for_each(Timer::cancel);
        Some((motion, status))
    }
}

impl Carriage {
    /// Where it is, exactly.
    pub(super) fn position(&self) -> f64 {
        lock(&self.state).position().0
    }

    /// When what is under way ends.
    pub(super) fn rests_at(&self) -> Option<Timestamp> {
        lock(&self.state).motion.as_ref().map(|motion| motion.path.end())
    }

    /// The number of the motion that is under way, or was last.
    pub(super) fn motion_number(&self) -> u64 {
        let state = lock(&self.state);
        state.motions - u64::from(state.motion.is_none())
    }

    /// A status ends with the motion of that number. Where it is over, it has arrived if it is at its target.
    pub(super) fn ends_with(&self, number: u64, target: f64, status: Status) {
        let mut state = lock(&self.state);
        let is_number = state.motions == number;
        match &mut state.motion {
            Some(motion) if is_number => {
                motion.status = status.downgrade();
                let ends = motion.path.end();
                motion.kept = Some(motion.clock.call_at(ends, move || drop(status)));
                return;
            }
            _ => {}
        }
        let position = state.position().0;
        drop(state);
        // A fault may have ended it already.
        if position.to_bits() == target.to_bits() {
            drop(status.set_finished());
        } else {
            drop(status.set_exception(self.was_stopped(position, target)));
        }
    }

    fn was_stopped(&self, position: f64, target: f64) -> DeviceError {
        let message = format!("{} was stopped at {position} on its way to {target}", self.name);
        DeviceError::other(Text::literal("RuntimeError"), message)
    }

    /// Begins to go somewhere by legs that are made of where it starts: where it rests, or where it comes to rest, slowing
    /// down from a motion that was under way. The status, if there is one, ends with it.
    pub(super) fn go(
        &self,
        clock: &Clock,
        status: Option<Status>,
        legs: impl FnOnce(f64) -> Vec<Leg>,
        end: impl FnOnce(Timestamp, Timestamp) -> End,
    ) {
        let now = clock.now();
        let mut state = lock(&self.state);
        let path = match state.take_motion() {
            Some((motion, _)) => {
                let stopped = motion.path.stopped(now);
                let start = stopped.target();
                stopped.then(legs(start))
            }
            None => Path::new(now, legs(state.rest)),
        };
        let end = end(now, path.end());
        let motion = Motion {
            clock: clock.clone(),
            target: path.target(),
            path,
            status: status.as_ref().map(Status::downgrade).unwrap_or_default(),
            end,
            end_timer: None,
            update_timer: None,
            kept: None,
        };
        self.begin(state, motion, status);
    }

    /// Sets the timer of a motion that is under way from now on, or ends it where it takes no time.
    fn begin(
        &self,
        mut state: std::sync::MutexGuard<'_, CarriagePosition>,
        mut motion: Motion,
        status: Option<Status>,
    ) {
        let ends = match motion.end {
            End::Stalled(at) => at,
            _ => motion.path.end(),
        };
        let (clock, own, number) = (motion.clock.clone(), self.own.clone(), state.motions);
        let takes_time = ends > clock.now();
        if takes_time {
            let status = status.clone();
            motion.end_timer = Some(clock.call_at(ends, move || {
                if let Some(carriage) = own.upgrade() {
                    carriage.end(number);
                }
                drop(status);
            }));
        }
        state.motion = Some(motion);
        drop(state);
        if takes_time {
            self.tell_while_moving();
        } else {
            self.end(number);
        }
    }

    /// Ends what is under way if its time has come.
    pub(super) fn end_if_due(&self) {
        let state = lock(&self.state);
        let number = state.motions;
        let is_due = state
            .motion
            .as_ref()
            .is_some_and(|motion| !matches!(motion.end, End::Stalled(_)) && motion.path.end() <= motion.clock.now());
        drop(state);
        if is_due {
            self.end(number);
        }
    }

    /// The motion of that number is over.
    fn end(&self, number: u64) {
        let mut state = lock(&self.state);
        if state.motions != number {
            return;
        }
        let position = state.position().0;
        let Some((motion, status)) = state.take_motion() else { return };
        let now = motion.clock.now();
        (state.rest, state.since) = (position, Some(now));
        drop(state);
        if let End::Stopped { .. } = motion.end {
            // What was stopped is no more on its way anywhere else.
            self.setpoint.put(position.into(), now);
            self.setpoint_subscribers.notify(|| self.setpoint_readings());
        }
        self.tell();
        let Some(status) = status else { return };
        status.report_position(&self.readback.get());
        // A fault may have ended it already.
        match motion.end {
            End::Stalled(_) => {}
            End::Stopped { success: false } => {
                drop(status.set_exception(self.was_stopped(position, motion.target)));
            }
            End::Arrived | End::Stopped { success: true } => drop(status.set_finished()),
        }
    }

    fn setpoint_readings(&self) -> Readings {
        let (value, timestamp) = self.setpoint.get();
        let name = Text::from(format!("{}_setpoint", self.name));
        Readings(vec![(name, crate::device::Reading { value, timestamp })])
    }

    /// Begins to slow down, if it moves; what is under way ends when it stands still.
    pub(super) fn stop(&self, success: bool) {
        let mut state = lock(&self.state);
        let Some((mut motion, status)) = state.take_motion() else { return };
        let now = motion.clock.now();
        match motion.end {
            // It stands still already.
            End::Stalled(at) if at <= now => {}
            // It was told before, and does so.
            End::Stopped { .. } => {}
            End::Arrived | End::Stalled(_) => {
                motion.path = motion.path.stopped(now);
                motion.end = End::Stopped { success };
            }
        }
        self.begin(state, motion, status);
    }

    /// What is under way is given up for something else: its status fails, and it begins to slow down.
    pub(super) fn supersede(&self, by: f64) {
        let mut state = lock(&self.state);
        let Some(motion) = &mut state.motion else { return };
        let (status, target) = (std::mem::take(&mut motion.status).upgrade(), motion.target);
        drop(state);
        self.stop(false);
        if let Some(status) = status {
            let message = format!("{} was told to go to {by} before it was at {target}", self.name);
            status.give_up(DeviceError::other("RuntimeError", message));
        }
    }

    /// Tells those who want to know where it is.
    fn tell(&self) {
        self.readback.subscribers.notify(|| self.readback.readings());
        self.subscribers.notify(|| self.readback.readings());
    }

    /// Sets the timer for the next time that somebody is told where it is, if it moves, and if anybody wants to know.
    pub(super) fn tell_while_moving(&self) {
        let mut state = lock(&self.state);
        let number = state.motions;
        let Some(motion) = &mut state.motion else { return };
        let is_watched = motion.status.upgrade().is_some_and(|status| status.is_watched());
        let is_followed = is_watched || !self.subscribers.is_empty() || !self.readback.subscribers.is_empty();
        if motion.update_timer.is_some() || !is_followed || self.update_period.is_zero() {
            return;
        }
        let (now, began) = (motion.clock.now(), motion.path.began());
        let period_ns = self.update_period.as_nanos();
        let next_ns = ((now - began).as_nanos() / period_ns + 1) * period_ns;
        let next = began + Duration::from_nanos(u64::try_from(next_ns).unwrap_or(u64::MAX));
        if next >= motion.path.end() {
            return;
        }
        let own = self.own.clone();
        motion.update_timer = Some(motion.clock.call_at(next, move || {
            if let Some(carriage) = own.upgrade() {
                carriage.update(number);
            }
        }));
    }

    /// A time to tell has come.
    fn update(&self, number: u64) {
        let mut state = lock(&self.state);
        if state.motions != number {
            return;
        }
        let Some(motion) = &mut state.motion else { return };
        motion.update_timer = None;
        let status = motion.status.upgrade();
        drop(state);
        self.tell();
        if let Some(status) = status {
            status.report_position(&self.readback.get());
        }
        self.tell_while_moving();
    }
}

/// The readback, as the encoder has it.
impl Live for Carriage {
    fn live(&self) -> Option<(Value, Timestamp)> {
        let (position, time) = lock(&self.state).position();
        let since = time?;
        Some((self.encoder.reads(position).into(), since))
    }
}
