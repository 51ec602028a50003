//! [`Oven`]: what a temperature controller keeps warm.

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use super::approach::{Approach, Rate};
use crate::clock::{Clock, Timer, Timestamp};
use crate::device::{Interceptable, Status, WeakStatus};
use crate::hardware::signal::Signal;
use crate::hardware::signal_state::{Live, Subscribers};
use crate::value::Value;
use skyspan_trace::internal::lock;

/// What is warm; shared with its timers.
#[derive(Debug)]
pub(super) struct Oven {
    pub(super) readback: Arc<Interceptable<Signal>>,
    pub(super) subscribers: Subscribers,
    pub(super) update_period: Duration,
    pub(super) state: Mutex<OvenTemperature>,
    pub(super) own: Weak<Self>,
}

#[derive(Debug, Default)]
pub(super) struct OvenTemperature {
    /// The temperature before it was ever set.
    rest: f64,
    approach: Option<(Clock, Approach)>,
    set: Option<Set>,
    /// How many sets there were: a timer of an earlier one has nothing to say.
    sets: u64,
}

/// A set that is not done.
#[derive(Debug)]
struct Set {
    /// Its timer keeps it.
    status: WeakStatus,
    done: Timestamp,
    done_timer: Option<Timer>,
    update_timer: Option<Timer>,
}

impl OvenTemperature {
    pub(super) fn at_rest(temperature: f64) -> Self {
        Self { rest: temperature, ..Self::default() }
    }

    fn temperature(&self) -> f64 {
        self.approach.as_ref().map_or(self.rest, |(clock, approach)| approach.value(clock.now()))
    }

    /// Takes the set that is not done; its timers go off no more.
    fn take_set(&mut self) -> Option<Status> {
        self.sets += 1;
        let set = self.set.take()?;
        let status = set.status.upgrade();
        [set.done_timer, set.update_timer].into_iter().flatten().for_each(Timer::cancel);
        status
    }
}

impl Oven {
    pub(super) fn temperature(&self) -> f64 {
        lock(&self.state).temperature()
    }

    /// Whether there is a set that is not done.
    pub(super) fn is_being_set(&self) -> bool {
        lock(&self.state).set.is_some()
    }

    /// From now on it goes elsewhere. What was not done is given back.
    pub(super) fn approach(&self, clock: &Clock, to: f64, rate: Rate) -> Option<Status> {
        let mut state = lock(&self.state);
        let from = state.temperature();
        state.approach = Some((clock.clone(), Approach { began: clock.now(), from, to, rate }));
        state.take_set()
    }

    /// A set is done when it is within the tolerance for so long.
    pub(super) fn done_within(&self, tolerance: f64, hold: Duration, status: &Status) {
        let mut state = lock(&self.state);
        let Some((clock, approach)) = state.approach.clone() else { return };
        let done = approach.began + approach.within(tolerance) + hold;
        let (own, number) = (self.own.clone(), state.sets);
        let kept = status.clone();
        let done_timer = (done > clock.now()).then(|| {
            clock.call_at(done, move || {
                if let Some(oven) = own.upgrade() {
                    oven.done(number);
                }
                drop(kept);
            })
        });
        let takes_time = done_timer.is_some();
        state.set = Some(Set { status: status.downgrade(), done, done_timer, update_timer: None });
        drop(state);
        if takes_time {
            let own = self.own.clone();
            status.on_watch(move || {
                if let Some(oven) = own.upgrade() {
                    oven.tell_meanwhile();
                }
            });
            self.tell_meanwhile();
        } else {
            self.done(number);
        }
    }

    fn done(&self, number: u64) {
        let mut state = lock(&self.state);
        if state.sets != number {
            return;
        }
        let Some(status) = state.take_set() else { return };
        drop(state);
        self.tell();
        status.report_position(&self.readback.get());
        // A fault may have ended it already.
        let _ = status.set_finished();
    }

    pub(super) fn tell(&self) {
        self.readback.subscribers.notify(|| self.readback.readings());
        self.subscribers.notify(|| self.readback.readings());
    }

    /// Sets the timer for the next time that somebody is told, if a set is not done, and if anybody wants to know.
    pub(super) fn tell_meanwhile(&self) {
        let mut state = lock(&self.state);
        let (number, approach) = (state.sets, state.approach.clone());
        let (Some(set), Some((clock, approach))) = (&mut state.set, approach) else { return };
        let is_watched = set.status.upgrade().is_some_and(|status| status.is_watched());
        let is_followed = is_watched || !self.subscribers.is_empty() || !self.readback.subscribers.is_empty();
        if set.update_timer.is_some() || !is_followed || self.update_period.is_zero() {
            return;
        }
        let period_ns = self.update_period.as_nanos();
        let next_ns = ((clock.now() - approach.began).as_nanos() / period_ns + 1) * period_ns;
        let next = approach.began + Duration::from_nanos(u64::try_from(next_ns).unwrap_or(u64::MAX));
        if next >= set.done {
            return;
        }
        let own = self.own.clone();
        set.update_timer = Some(clock.call_at(next, move || {
            if let Some(oven) = own.upgrade() {
                oven.update(number);
            }
        }));
    }

    /// A time to tell has come.
    fn update(&self, number: u64) {
        let mut state = lock(&self.state);
        if state.sets != number {
            return;
        }
        let Some(set) = &mut state.set else { return };
        set.update_timer = None;
        let status = set.status.upgrade();
        drop(state);
        self.tell();
        if let Some(status) = status {
            status.report_position(&self.readback.get());
        }
        self.tell_meanwhile();
    }
}

impl Live for Oven {
    fn live(&self) -> Option<(Value, Timestamp)> {
        let state = lock(&self.state);
        let (clock, approach) = state.approach.as_ref()?;
        Some((approach.value(clock.now()).into(), clock.now()))
    }
}
