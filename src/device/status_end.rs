//! How a [`Status`] ends: by its device, by its own timeout, or as a fault has it; and two that end together.

use std::future::poll_fn;
use std::ops::BitAnd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, MutexGuard};
use std::task::{Poll, Waker};

use opentelemetry::Context;

use super::status::{Phase, Status, StatusProgress, Watcher};
use super::status_attributes::{attribute_count, each_attribute, object_repr};
use super::status_classes::StatusKind;
use super::{Cx, DeviceError, Ending, InvalidState, SyncOrAsync};
use crate::clock::LiveSpan;
use crate::value::Text;

impl Status {
    /// Says that it has ended well. After the settle time, if there is one, it is done.
    ///
    /// After a timeout this is without effect.
    ///
    /// # Errors
    ///
    /// [`InvalidState`] if somebody said already how it ended.
    pub fn set_finished(&self) -> Result<(), InvalidState> {
        self.begin_end()?;
        self.end_when_due(None);
        Ok(())
    }

    /// Says that it has failed, and why. It is done at once.
    ///
    /// After a timeout this is without effect.
    ///
    /// # Errors
    ///
    /// `InvalidState` if somebody said already how it ended, `ValueError` for the errors that stand for a timeout.
    pub fn set_exception(&self, error: DeviceError) -> Result<(), DeviceError> {
        if matches!(error, DeviceError::StatusTimeout(_) | DeviceError::WaitTimeout(_)) {
            let name = error.name();
            return Err(DeviceError::value(format!(
                "{name} has special significance and cannot be set as the exception; use another one"
            )));
        }
        self.begin_end().map_err(|error| DeviceError::InvalidState(error.to_string().into()))?;
        self.end_when_due(Some(error));
        Ok(())
    }

    /// It has failed, for the device has given it up for something else: at once, whatever a fault would have, and without a
    /// stop of the device. Where it has ended already, that holds.
    pub(crate) fn give_up(&self, error: DeviceError) {
        let mut state = self.state();
        if self.is_done() {
            return;
        }
        self.0.reach(Phase::Ended);
        state.exception = Some(error);
        self.complete(state, false);
    }

    /// Takes note that somebody says how it ended.
    pub(super) fn begin_end(&self) -> Result<(), InvalidState> {
        let state = self.state();
        if self.0.has(Phase::Ended) {
            drop(state);
            return Err(InvalidState { status: self.repr() });
        }
        self.0.reach(Phase::Ended);
        Ok(())
    }

    /// Ends it as the device says, when a fault lets it.
    pub(super) fn end_when_due(&self, failure: Option<DeviceError>) {
        let clock = &self.0.shared.clock;
        let now = clock.now();
        let due = match self.state().pending().and_then(|pending| pending.ending.as_ref()) {
            None => now,
            Some(ending) if ending.is_stalled() => return,
            Some(ending) => ending.due(self.0.started, now),
        };
        if due == now {
            return self.end(failure);
        }
        let late = self.clone();
        let _ = clock.call_at(due, move || late.end(failure));
    }

    /// The status that stands for this one, and ends as a fault has it: itself, unless it has ended already. A device that hands
    /// its call on may give such a one.
    pub(crate) fn ending_so(self, cx: Cx<'_>, ending: &Ending) -> Self {
        let state = self.state();
        if state.pending().is_some_and(|pending| pending.ending.is_some()) {
            // It was made so.
            drop(state);
            return self;
        }
        if !self.0.has(Phase::Ended) && !self.is_done() {
            drop(state);
            self.end_so(ending);
            return self;
        }
        let failure = state.exception.clone();
        drop(state);
        let stands_for_it = Self::new(cx.ending_so(ending), self.0.kind.clone());
        stands_for_it.0.reach(Phase::Ended);
        stands_for_it.end_when_due(failure);
        stands_for_it
    }

    pub(super) fn end_so(&self, ending: &Ending) {
        self.state().make_pending().ending = Some(ending.clone());
        if let Some((after, error)) = ending.fails.clone() {
            let failing = self.clone();
            let _ = self.0.shared.clock.call_at(self.0.started + after, move || failing.end(Some(error)));
        }
    }

    /// It ends now; where that is well, it may yet have to settle.
    fn end(&self, failure: Option<DeviceError>) {
        let mut state = self.state();
        if self.is_done() {
            return;
        }
        if failure.is_some() || self.0.settle_time.is_zero() {
            state.exception = failure;
            return self.complete(state, true);
        }
        self.close_span(&mut state);
        let deadline = self.0.shared.clock.now() + self.0.settle_time;
        if self.deadline().is_some_and(|own| own < deadline) {
            // Its time will be up before it has settled; the timer for that goes on.
            return;
        }
        let settled = self.clone();
        let timer = self.0.shared.clock.call_at(deadline, move || settled.settle());
        if let Some(own_timeout) = state.make_pending().timer.replace(timer) {
            own_timeout.cancel();
        }
    }

    fn settle(&self) {
        let state = self.state();
        if !self.is_done() {
            self.complete(state, true);
        }
    }

    pub(super) fn time_out(&self) {
        let mut state = self.state();
        if self.is_done() {
            return;
        }
        let repr = object_repr(&self.0, &state);
        let message = format!("Status {repr} failed to complete in specified timeout.");
        state.exception = Some(DeviceError::StatusTimeout(message.into()));
        self.complete(state, true);
    }

    /// Ends the status: closes its span, tells the watchers, and calls the callbacks. With `stops`, a failed status that was made to
    /// stop its device (`call_stop_on_failure` of ophyd 1.11) calls its `stop` before the callbacks.
    fn complete(&self, mut state: MutexGuard<'_, StatusProgress>, stops: bool) {
        if let Some(timer) = state.pending_mut().and_then(|pending| pending.timer.take()) {
            timer.cancel();
        }
        let now = self.0.shared.clock.now();
        state.done_at = Some(now);
        if matches!(self.0.kind, StatusKind::Move { .. }) {
            let position = self.0.device.position().unwrap_or_default();
            state.finish = Some((now, position));
        }
        self.close_span(&mut state);
        let failed = state.exception.is_some();
        if failed {
            self.0.reach(Phase::Failed);
        }
        self.0.reach(Phase::Done);
        let (callbacks, watchers, on_watch) = match state.pending_mut() {
            Some(pending) => {
                (std::mem::take(&mut pending.callbacks), std::mem::take(&mut pending.watchers), pending.on_watch.take())
            }
            None => Default::default(),
        };
        drop(state);
        drop(on_watch);
        let _told = Telling(self);
        self.tell_of_end(watchers);
        if failed && stops && self.0.call_stop_on_failure && self.0.kind.is_of_a_device() {
            self.guard("`stop` of the device of", || self.stop_device());
        }
        for callback in callbacks {
            self.guard("a callback of", || callback.call(self));
        }
    }

    /// Tells those who have watched it that it is done.
    pub(super) fn tell_of_end(&self, watchers: Vec<Watcher>) {
        if matches!(self.0.kind, StatusKind::Async { .. }) {
            // What there is to tell its device has reported.
            return;
        }
        for mut watcher in watchers {
            self.guard("a watcher of", || watcher(&self.progress(None, Some(0.0))));
        }
    }

    /// Calls what others have given. What it panics with is told to the engine, and keeps nobody else from being told.
    pub(super) fn guard(&self, what: &str, call: impl FnOnce()) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(call)) {
            let what = format!("{what} {}", self.repr()).into();
            self.0.shared.clock.tell_of_panic(what, panic);
        }
    }

    fn close_span(&self, state: &mut StatusProgress) {
        let mut span = std::mem::replace(&mut state.span, LiveSpan::off());
        if span.is_recording() {
            span.reserve(attribute_count(&self.0, state));
            each_attribute(&self.0, state, |key, value| span.set(Text::literal(key), value));
        }
    }

    /// Stops the device that has failed. What takes time goes on in the runtime of the clock: the status may have failed on
    /// any thread, which cannot wait for it.
    fn stop_device(&self) {
        let (device, shared) = (self.0.device.clone(), Arc::clone(&self.0.shared));
        let mut is_elsewhere = tokio::runtime::Handle::try_current().is_err();
        let stopped = async move {
            let none = Context::new();
            let Some(stoppable) = device.as_stoppable() else { return };
            let mut stopping = stoppable.stop(Cx::new(&shared, &device, &none), false);
            // ophyd logs what goes wrong here; the failure that led here is what counts.
            let _ = poll_fn(|cx| match stopping {
                // It may need the runtime from its beginning on.
                SyncOrAsync::Later(_) if std::mem::take(&mut is_elsewhere) => Poll::Pending,
                _ => Pin::new(&mut stopping).poll(cx),
            })
            .await;
        };
        let mut stopped = Box::pin(stopped);
        let mut no_one = std::task::Context::from_waker(Waker::noop());
        if stopped.as_mut().poll(&mut no_one).is_pending() {
            self.0.shared.clock.spawn(stopped);
        }
    }
}

/// Those who have a callback are being told; when this is dropped, also by a panic of one, all have been.
struct Telling<'a>(&'a Status);

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        self.0.0.reach(Phase::Told);
        let wakers = state.pending_mut().map(|pending| std::mem::take(&mut pending.wakers)).unwrap_or_default();
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }
}

/// Done well when both are; failed as soon as one has failed (`ophyd.status.AndStatus`). Its span has the parent of the
/// left one's.
impl BitAnd for Status {
    type Output = Self;

    fn bitand(self, right: Self) -> Self {
        let left = self;
        let kind = StatusKind::And { left: left.clone(), right: right.clone() };
        let both = Self::new(Cx::new(&left.0.shared, &left.0.device, &left.0.parent), kind);
        for side in [&left, &right] {
            let (both, left, right) = (both.clone(), left.clone(), right.clone());
            side.add_callback(move |_| {
                let failed = [&left, &right].into_iter().any(|side| side.exception().is_some());
                // The second side to end finds the end declared already.
                let _ = if failed {
                    let message = format!(
                        "The status {} has failed. To obtain more specific, helpful errors, look at its sides.",
                        both.repr()
                    );
                    both.set_exception(DeviceError::UnknownStatusFailure(message.into()))
                } else if left.is_success() && right.is_success() {
                    both.set_finished().map_err(|_| DeviceError::value(""))
                } else {
                    Ok(())
                };
            });
        }
        both
    }
}
