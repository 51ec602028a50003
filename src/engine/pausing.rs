//! Pauses, and what becomes of them: the plan is led back to its last checkpoint and goes on, or it is ended.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;

use opentelemetry::Context;
use skyspan_trace::internal::{PAUSED, RESUMED};

use super::attending::without_panic;
use super::control::{End, Interruption};
use super::turns::LeftOff;
use super::{RunEngine, RunEngineResult, RunEngineState, TransitionError};
use crate::device::{Cx, DeviceError, Pausable, SyncOrAsync};
use crate::message::{Msg, PlanError, Response};
use crate::plan::plan;
use crate::value::Text;

/// What a device raises that was paused, where the messages since the last checkpoint may not be replayed.
const NO_REPLAY_ALLOWED: &str = "NoReplayAllowed";

impl RunEngine {
    /// Goes on from a pause: executes the messages since the last checkpoint again, then what comes after them.
    ///
    /// Where a device fails to resume, or a subscriber at the event of the resumption, the engine stays paused: the result
    /// has the error, and the plan can be resumed once more, or ended.
    ///
    /// # Errors
    ///
    /// If the engine is not paused. What becomes of the plan is told by the result.
    pub async fn resume(&mut self) -> Result<RunEngineResult, TransitionError> {
        let state = self.control.state();
        if state != RunEngineState::Paused {
            return Err(TransitionError::cannot_resume(state));
        }
        self.control.take_interruption();
        Ok(self.carry_out(Interruption::Resume).await)
    }

    /// Ends a paused plan as aborted, after its clean-up. The reason stands in the stop documents.
    ///
    /// # Errors
    ///
    /// If the engine is idle or panicked.
    pub async fn abort(&mut self, reason: impl Into<Text>) -> Result<RunEngineResult, TransitionError> {
        self.handle().abort(reason)?;
        Ok(self.carry_out_decision().await)
    }

    /// Ends a paused plan as a success, after its clean-up.
    ///
    /// # Errors
    ///
    /// If the engine is idle or panicked.
    pub async fn stop(&mut self) -> Result<RunEngineResult, TransitionError> {
        self.handle().stop()?;
        Ok(self.carry_out_decision().await)
    }

    /// Ends a paused plan as aborted, without its clean-up. The engine cleans up nevertheless.
    ///
    /// # Errors
    ///
    /// If the engine is idle or panicked.
    pub async fn halt(&mut self) -> Result<RunEngineResult, TransitionError> {
        self.handle().halt()?;
        Ok(self.carry_out_decision().await)
    }

    /// Waits, paused, until a [handle](super::RunEngineHandle) decides what becomes of the plan, and carries that out.
    ///
    /// On a simulated clock it is a deadlock if nobody can decide any more; the plan is aborted then, and the result has
    /// the [deadlock](PlanError::Deadlock).
    ///
    /// # Errors
    ///
    /// If the engine is not paused.
    pub async fn decision(&mut self) -> Result<RunEngineResult, TransitionError> {
        let state = self.control.state();
        if state != RunEngineState::Paused && !state.is_ending() {
            return Err(TransitionError::cannot_resume(state));
        }
        let control = Arc::clone(&self.control);
        let decided = std::future::poll_fn(|cx| {
            control.wake_on_news(cx.waker());
            control.take_interruption().map_or(std::task::Poll::Pending, std::task::Poll::Ready)
        });
        // It is not attended as other waits are: what interrupts those is just what is waited for here.
        let what = || Text::literal("the decision what becomes of a paused plan");
        match self.shared.clock.or_deadlock(what, decided).await {
            Ok(interruption) => Ok(self.carry_out(interruption).await),
            Err(deadlock) => {
                let deadlock = self.deadlock(deadlock);
                let mut result = self.abort(deadlock.to_string()).await?;
                result.exception.get_or_insert(deadlock);
                Ok(result)
            }
        }
    }

    /// Makes the engine as it was when it was made, but for its metadata, its suspenders and what was set on it: ends what
    /// is paused by a halt, and all subscriptions (`RE.reset`).
    ///
    /// # Errors
    ///
    /// If it has panicked.
    pub async fn reset(&mut self) -> Result<(), TransitionError> {
        match self.control.state() {
            RunEngineState::Idle => {}
            RunEngineState::Paused | RunEngineState::Panicked => drop(self.halt().await?),
            // A handle has decided already how the paused plan ends.
            _ => drop(self.carry_out_decision().await),
        }
        self.subscriptions.clear();
        Ok(())
    }

    async fn carry_out_decision(&mut self) -> RunEngineResult {
        let decision = self.control.take_interruption().unwrap_or(Interruption::End(End::Halt));
        self.carry_out(decision).await
    }

    async fn carry_out(&mut self, decision: Interruption) -> RunEngineResult {
        let engine = super::run_engine::Unfinished(self);
        // A call that was left while a device was told of its resumption hears again what is asked.
        engine.0.call.undisturbed = false;
        let left_off = match decision {
            Interruption::End(end) => {
                engine.0.throw_end(end);
                engine.0.wake_up();
                engine.0.take_turns().await
            }
            Interruption::Kill => {
                engine.0.call.interrupted = true;
                LeftOff::Ended(Err(PlanError::Killed))
            }
            Interruption::Resume | Interruption::Pause(_) => match engine.0.lead_back().await {
                Ok(()) => {
                    engine.0.wake_up();
                    engine.0.take_turns().await
                }
                Err(error) => {
                    let result = engine.0.stay_paused(error);
                    engine.leave();
                    return result;
                }
            },
        };
        let result = engine.0.leave_off(left_off).await;
        engine.leave();
        result
    }

    /// Leads a paused plan back to its last checkpoint, and tells the devices that it goes on. Where that fails the engine
    /// stays paused, and can be asked again, or for something else (`RE.resume`, bluesky 1.15.1).
    async fn lead_back(&mut self) -> Result<(), PlanError> {
        self.call.interrupted = false;
        self.record_interruption(&Text::literal("resume"))?;
        self.begin_suspensions();
        let replayed = self.rewind();
        if !replayed.is_empty() {
            self.call.push(plan(async move |p| {
                for message in replayed {
                    p.msg(message).await?;
                }
                Ok(())
            }));
        }
        self.resume_pausables().await
    }

    /// What comes of a resumption that failed: the plan waits as before.
    fn stay_paused(&mut self, error: PlanError) -> RunEngineResult {
        self.call.interrupted = true;
        self.call.cleanup_errors.push(format!("Failed to resume: {error}").into());
        RunEngineResult { exception: Some(error), ..self.paused() }
    }

    /// Takes up what a pause has put to rest. A device that cannot be monitored again is an error of the plan, but for one
    /// that is being ended.
    fn wake_up(&mut self) {
        self.note_on_runs(RESUMED, None);
        if let Err(error) = self.restore_monitors() {
            if self.call.thrown.is_none() {
                self.call.thrown = Some(error);
            } else {
                self.call.cleanup_errors.push(format!("Failed to monitor again: {error}").into());
            }
        }
        if self.control.state() == RunEngineState::Paused {
            let _ = self.control.change_to(RunEngineState::Running);
        }
    }

    /// Does what was to be done once the message under way gives way, and looks at what came meanwhile.
    pub(super) fn give_way(&mut self) {
        self.do_what_was_asked();
        self.hear_of_mishaps();
        self.emit_monitored();
        self.record_pause_from_outside();
    }

    /// Does what was to be done once the message under way gives way.
    pub(super) fn do_what_was_asked(&mut self) {
        for act in self.control.take_acts() {
            if let Err(panic) = catch_unwind(AssertUnwindSafe(act)) {
                self.call.panic.get_or_insert(panic);
            }
            self.record_pause_from_outside();
        }
    }

    /// Records a pause that was asked for from outside. A subscriber may fail at the event of the
    /// pause. The engine then does not come to rest, and the plan goes on. bluesky raises the error where the pause was
    /// asked for; skyspan puts it into the result.
    fn record_pause_from_outside(&mut self) {
        if !self.control.take_pause_to_record() {
            return;
        }
        self.call.interrupted = true;
        if let Err(error) = self.record_interruption(&Text::literal("pause")) {
            self.call.cleanup_errors.push(format!("Failed to pause: {error}").into());
            self.control.forget_pause();
            if self.call.cache.is_none() {
                self.fail_to_pause();
            }
        }
    }

    /// Brings everything to rest for a pause that is recorded. False where the plan gets an error instead: there is no way
    /// back, or a device fails to pause.
    pub(super) async fn pause(&mut self) -> bool {
        self.call.interrupted = true;
        if self.call.cache.is_none() {
            self.fail_to_pause();
            // A plan that catches this gets the wish to end one message later, as in bluesky.
            self.control.follow_with_abort();
            return false;
        }
        if let Err(error) = self.come_to_rest().await {
            self.call.thrown = Some(error);
            return false;
        }
        // Somebody may have asked for the end meanwhile; that comes first.
        let is_paused = self.control.change_to(RunEngineState::Paused).is_ok();
        if is_paused {
            self.note_on_runs(PAUSED, None);
        }
        is_paused
    }

    /// Ends the plan that cannot be led back to a checkpoint.
    pub(super) fn fail_to_pause(&mut self) {
        self.call.interrupted = true;
        self.control.forget_suspensions();
        let _ = self.control.change_to(RunEngineState::Aborting);
        self.call.thrown = Some(PlanError::FailedPause);
    }

    /// Ends the subscriptions of monitors, stops what was moved, and tells the devices that want to know, whatever is
    /// asked meanwhile. Where one of them fails, what is monitored is so again.
    pub(super) async fn come_to_rest(&mut self) -> Result<(), PlanError> {
        self.call.undisturbed = true;
        self.emit_monitored();
        self.suspend_monitors();
        self.stop_moved().await;
        let told = self.tell_pausables("pause", |pausable, cx| pausable.pause(cx)).await;
        self.call.undisturbed = false;
        if told.is_err()
            && let Err(error) = self.restore_monitors()
        {
            self.call.cleanup_errors.push(format!("Failed to monitor again: {error}").into());
        }
        told
    }

    pub(super) async fn resume_pausables(&mut self) -> Result<(), PlanError> {
        self.call.undisturbed = true;
        let told = self.tell_pausables("resume", |pausable, cx| pausable.resume(cx)).await;
        self.call.undisturbed = false;
        told
    }

    async fn tell_pausables(
        &mut self,
        what: &'static str,
        tell: for<'a> fn(&'a dyn Pausable, Cx<'a>) -> SyncOrAsync<'a, Result<(), DeviceError>>,
    ) -> Result<(), PlanError> {
        let shared = Arc::clone(&self.shared);
        let none = Context::new();
        for device in self.call.pausables.clone() {
            let cx = Cx::new(&shared, &device, &none);
            let method = || format!("`{what}` of {device}").into();
            let telling = async {
                match device.as_pausable() {
                    Some(pausable) => self.given(what, &device, tell(pausable, cx)).await,
                    None => Ok(()),
                }
            };
            let told = without_panic(method, pin!(telling)).await;
            match told {
                Err(PlanError::Device(DeviceError::Other { name, .. })) if &*name == NO_REPLAY_ALLOWED => {
                    self.reset_checkpoint();
                }
                told => told?,
            }
        }
        Ok(())
    }

    /// Stops everything that was set in this call. What cannot be stopped is noted, and the rest is stopped.
    pub(super) async fn stop_moved(&mut self) {
        let shared = Arc::clone(&self.shared);
        let none = Context::new();
        for device in self.call.moved.clone() {
            let cx = Cx::new(&shared, &device, &none);
            let method = || format!("`stop` of {device}").into();
            let stopping = async {
                match device.as_stoppable() {
                    Some(stoppable) => self.given("stop", &device, stoppable.stop(cx, true)).await,
                    None => Ok(()),
                }
            };
            let stopped = without_panic(method, pin!(stopping)).await;
            if let Err(error) = stopped {
                self.call.cleanup_errors.push(format!("Failed to stop {device:?}: {error}").into());
            }
        }
    }

    /// Leads the runs back to the last checkpoint; gives the messages since then.
    pub(super) fn rewind(&mut self) -> Vec<Msg> {
        let replayed = self.call.cache.replace(Vec::new()).unwrap_or_default();
        self.call.cache_resets += 1;
        if !replayed.is_empty() {
            self.call.runs.iter_mut().for_each(|(_, run)| run.bundler.rewind());
        }
        self.warn_of_replay(&replayed);
        replayed
    }

    /// Forgets what could be replayed: from here on there is nothing before.
    pub(super) fn reset_checkpoint(&mut self) {
        if let Some(cache) = &mut self.call.cache {
            cache.clear();
            self.call.closed_runs.clear();
            self.call.cache_resets += 1;
            self.call.runs.iter_mut().for_each(|(_, run)| run.bundler.reset_checkpoint_state());
        }
    }

    /// From here on there is no way back.
    pub(super) fn clear_checkpoint(&mut self) -> Response {
        self.call.cache = None;
        self.call.closed_runs.clear();
        self.call.runs.iter_mut().for_each(|(_, run)| run.bundler.clear_checkpoint());
        // After a pause that a subscriber has refused the engine goes on and is still about to pause, as in bluesky 1.15.1.
        if self.control.state() == RunEngineState::Pausing && !self.control.is_interrupted() {
            self.fail_to_pause();
        }
        Response::None
    }

    pub(super) fn set_rewindable(&mut self, rewindable: Option<bool>) -> Response {
        if let Some(rewindable) = rewindable
            && rewindable != self.rewindable
        {
            self.rewindable = rewindable;
            self.reset_checkpoint();
        }
        Response::Value(self.rewindable.into())
    }

    /// Records an interruption in every run that wants to know.
    pub(super) fn record_interruption(&mut self, content: &Text) -> Result<(), PlanError> {
        // One run after another: where a subscriber fails at the event of one, the next has none, and its numbers no gap.
        for at in 0..self.call.runs.len() {
            let recorded = self.call.runs.get_mut(at).and_then(|(_, run)| run.bundler.record_interruption(content));
            if let Some(document) = recorded {
                self.emit(|| document)?;
            }
        }
        Ok(())
    }
}
