//! The loop of the engine, turn by turn: a message of the plan on top, its execution, its answer.

use std::panic::resume_unwind;
use std::sync::Arc;

use super::RunEngine;
use super::call::Frame;
use super::control::{End, Interruption};
use crate::message::{Msg, PlanError, Response};
use crate::plan::Resumed;
use crate::value::{Text, Value};

/// How many messages are executed before other tasks of the runtime get a turn.
const TURNS_BETWEEN_YIELDS: u32 = 64;

/// Where the loop leaves off.
#[derive(Debug)]
pub(super) enum LeftOff {
    /// Everything rests, and can go on.
    Paused,
    /// The last plan has come to its end.
    Ended(Result<Value, PlanError>),
}

/// Whether it is the wish to end, which no failure of the same moment may hide.
const fn is_end(thrown: &PlanError) -> bool {
    matches!(thrown, PlanError::RequestAbort | PlanError::RequestStop | PlanError::PlanHalt)
}

impl RunEngine {
    /// Executes what the plans yield, until they are done or the engine is paused (bluesky 1.15.1, `RunEngine._run`).
    pub(super) async fn take_turns(&mut self) -> LeftOff {
        let env = Arc::clone(&self.env);
        let mut turns = 0;
        loop {
            turns += 1;
            if turns == TURNS_BETWEEN_YIELDS {
                turns = 0;
                tokio::task::yield_now().await;
            }
            // What is being thrown at the plans is thrown at all of them before anything else can happen.
            if self.call.thrown.is_none()
                && self.control.has_news()
                && let Some(left_off) = self.heed().await
            {
                return left_off;
            }
            // What failed meanwhile goes before the answer, whatever the plan does and whether it waits for it.
            if let Some(failure) = self.take_failure()
                && !self.call.thrown.as_ref().is_some_and(is_end)
            {
                self.call.thrown = Some(failure);
            }
            let depth = self.call.plans.len();
            let Some(Frame { plan, answer }) = self.call.plans.last_mut() else {
                return LeftOff::Ended(Ok(Value::Null));
            };
            let answer = match self.call.thrown.take() {
                Some(thrown) => Err(thrown),
                None => std::mem::replace(answer, Ok(Response::None)),
            };
            let is_halted = matches!(answer, Err(PlanError::PlanHalt));
            let msg = match plan.resume(&env, answer) {
                Resumed::Yield(_) if is_halted => {
                    self.drop_plan_that_goes_on();
                    if self.call.plans.is_empty() {
                        return LeftOff::Ended(Err(PlanError::PlanHalt));
                    }
                    self.call.thrown = Some(PlanError::PlanHalt);
                    continue;
                }
                Resumed::Yield(msg) => msg,
                Resumed::Done(result) => {
                    self.call.plans.pop();
                    if self.call.plans.is_empty() {
                        return LeftOff::Ended(result);
                    }
                    // What came out of a plan that was put on top goes to nobody; an error goes to the plan below.
                    self.call.thrown = result.err();
                    continue;
                }
            };
            let noted = self.note(&msg);
            let is_cached = self.rewindable && self.call.cache.is_some() && msg.is_cacheable();
            let resets = self.call.cache_resets;
            let answer = match noted {
                Err(error) => Err(error),
                Ok(()) => match self.execute_now(&msg) {
                    Some(answer) => answer,
                    None => self.execute(&msg).await,
                },
            };
            if let Err(error) = &answer {
                self.note_failure(&msg, error);
                if let Some(hook) = &mut self.hooks.failures {
                    hook(error);
                }
            }
            // What empties the cache does not get into it.
            if is_cached
                && resets == self.call.cache_resets
                && let Some(cache) = &mut self.call.cache
            {
                cache.push(msg);
            }
            if let Some(frame) = self.call.plans.get_mut(depth - 1) {
                frame.answer = match answer {
                    // What was interrupted is answered with nothing, if it is not replayed.
                    Err(PlanError::Cancelled) => Ok(Response::None),
                    answer => answer,
                };
            }
        }
    }

    /// Tells the hooks of a message, and remembers its device if that wants to know of pauses.
    #[inline]
    fn note(&mut self, msg: &Msg) -> Result<(), PlanError> {
        self.call.messages += 1;
        for hook in [&mut self.hooks.recorder, &mut self.hooks.msg].into_iter().flatten() {
            hook(msg);
        }
        if let Some(device) = msg.command.device()
            && device.ask("as_pausable", |object| object.as_pausable().is_some())?
            && !self.call.pausables.contains(device)
        {
            self.call.pausables.push(device.clone());
        }
        Ok(())
    }

    /// What has failed since the last turn, besides the message.
    #[inline]
    fn take_failure(&mut self) -> Option<PlanError> {
        if self.call.mishap.is_some() {
            return self.call.mishap.take();
        }
        self.call.groups.take_failure().map(|failed| self.note_failed_status(failed))
    }

    /// Looks at what was asked from outside.
    async fn heed(&mut self) -> Option<LeftOff> {
        self.control.take_news();
        self.give_way();
        if let Some(panic) = self.call.panic.take() {
            resume_unwind(panic);
        }
        match self.control.take_interruption() {
            None | Some(Interruption::Resume) => {}
            Some(Interruption::Kill) => {
                self.call.interrupted = true;
                return Some(LeftOff::Ended(Err(PlanError::Killed)));
            }
            Some(Interruption::End(end)) => self.throw_end(end),
            Some(Interruption::Pause(_)) => {
                let is_paused = self.pause().await;
                return match is_paused {
                    true if self.control.take_kill() => Some(LeftOff::Ended(Err(PlanError::Killed))),
                    true => Some(LeftOff::Paused),
                    false => None,
                };
            }
        }
        if self.control.state().is_ending() {
            // A plan that is being ended is not suspended.
            self.control.forget_suspensions();
        } else {
            self.begin_suspensions();
        }
        None
    }

    /// Throws the wish to end at the plan.
    pub(super) fn throw_end(&mut self, end: End) {
        self.call.interrupted = true;
        self.control.forget_suspensions();
        self.call.thrown = Some(match end {
            End::Abort { reason } => {
                self.call.abort_reason = reason;
                PlanError::RequestAbort
            }
            End::Stop => PlanError::RequestStop,
            End::Halt => PlanError::PlanHalt,
        });
    }

    fn drop_plan_that_goes_on(&mut self) {
        if let Some(frame) = self.call.plans.pop() {
            let name = frame.plan.name();
            let error = format!("the plan {name} tried to go on after it was halted; its message was not executed");
            self.call.cleanup_errors.push(error.into());
        }
    }

    /// Closes the plans that were left, as Python closes its generators; what they yield then is not executed.
    pub(super) fn close_plans(&mut self) {
        let env = Arc::clone(&self.env);
        for mut frame in std::mem::take(&mut self.call.plans) {
            if let Resumed::Yield(_) = frame.plan.resume(&env, Err(PlanError::PlanHalt)) {
                let error = format!("the plan {} tried to go on when it was closed", frame.plan.name());
                self.call.cleanup_errors.push(Text::from(error));
            }
        }
    }
}
