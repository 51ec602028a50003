//! Calls of the engine, and what came of them.

use std::sync::Mutex;
use std::thread::ThreadId;

use super::decision::{Decision, Verdict};
use super::{Chronicle, Harness, Outcome};
use crate::engine::{RunEngine, RunEngineResult, RunEngineState, TransitionError};
use crate::message::{DeadlockReport, PlanError};
use crate::trace::Capture;
use crate::value::Text;
use skyspan_trace::internal::lock;

impl Harness {
    /// Makes a call of the engine, and tells what came of it.
    pub(super) fn call(
        &self,
        call: impl AsyncFnOnce(&mut RunEngine) -> Result<RunEngineResult, TransitionError>,
    ) -> Outcome {
        let this_thread = std::thread::current().id();
        let is_nested = *lock(&self.calling) == Some(this_thread);
        let result = if is_nested {
            Err(TransitionError::nested_call(self.handle.state()))
        } else {
            let mut engine = lock(&self.engine);
            let _calling = Calling::begin(&self.calling, this_thread);
            self.clock.block_on(self.until_left(&mut engine, call)).unwrap_or_else(|deadlock| {
                // Some device waits without the engine's knowledge.
                let open_spans = open_spans(&self.capture);
                let error = PlanError::Deadlock(Box::new(DeadlockReport { deadlock, open_spans }));
                Ok(RunEngineResult::failed(error))
            })
        };
        let result = result.unwrap_or_else(|refused| RunEngineResult::failed(refused.into()));
        let (documents, messages, chronicle, limit_reached) = {
            let mut recording = lock(&self.recording);
            if let Some(ledger) = &mut recording.ledger {
                ledger.rest(self.clock.now());
            }
            let chronicle = recording.happenings.clone().map(|it| Chronicle::new(it, self.beamline()));
            let limit_reached = recording.watch.reached();
            (recording.documents.clone(), recording.messages.clone(), chronicle, limit_reached)
        };
        let began = *lock(&self.began);
        Outcome {
            result,
            state: self.handle.state(),
            trace: self.capture.trace_since(began.mark),
            lulls: self.lulls_since(began.time),
            documents,
            messages,
            chronicle,
            limit_reached,
            refused: self.schedule.refused(),
            unreached: self.schedule.unreached(),
            started: began.time,
            ended: self.clock.now(),
            seed: self.seed,
        }
    }

    /// The result of a call, and of what is decided about it where it pauses.
    async fn until_left(
        &self,
        engine: &mut RunEngine,
        call: impl AsyncFnOnce(&mut RunEngine) -> Result<RunEngineResult, TransitionError>,
    ) -> Result<RunEngineResult, TransitionError> {
        let mut result = call(engine).await?;
        while engine.state() == RunEngineState::Paused {
            if let Some(ledger) = &mut lock(&self.recording).ledger {
                ledger.rest(self.clock.now());
            }
            result = if let Some(decision) = self.schedule.next_decision() {
                self.carry_out(decision, engine).await?
            } else if self.schedule.will_decide() {
                engine.decision().await?
            } else {
                break;
            };
        }
        if engine.state() != RunEngineState::Paused {
            self.schedule.end();
        }
        Ok(result)
    }

    /// Lets a pause last as long as was decided, and does with the plan what was decided.
    async fn carry_out(&self, decision: Decision, engine: &mut RunEngine) -> Result<RunEngineResult, TransitionError> {
        if !decision.pause().is_zero() {
            self.clock.sleep(decision.pause()).await;
            if engine.state() != RunEngineState::Paused {
                // Somebody has decided meanwhile.
                return engine.decision().await;
            }
        }
        match decision.into_verdict() {
            Verdict::Resume => engine.resume().await,
            Verdict::Abort(reason) => engine.abort(reason).await,
            Verdict::Stop => engine.stop().await,
            Verdict::Halt => engine.halt().await,
        }
    }
}

pub(super) fn open_spans(capture: &Capture) -> Vec<Text> {
    capture.open_spans().into_iter().map(|span| format!("{} (since {})", span.name, span.start).into()).collect()
}

/// A call or a change that is under way on a thread.
pub(super) struct Calling<'a>(&'a Mutex<Option<ThreadId>>);

impl<'a> Calling<'a> {
    pub(super) fn begin(calling: &'a Mutex<Option<ThreadId>>, thread: ThreadId) -> Self {
        *lock(calling) = Some(thread);
        Self(calling)
    }
}

impl Drop for Calling<'_> {
    fn drop(&mut self) {
        *lock(self.0) = None;
    }
}
