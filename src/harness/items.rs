//! The items of a plan file, performed: calls of the engine with what is done to it from outside, and requests between calls.

use std::collections::VecDeque;
use std::slice::Iter;

use super::{Harness, Outcome};
use crate::engine::{CallOptions, ExitStatus, RunEngineState};
use crate::message::PlanError;
use crate::plan::plan;
use crate::program::plan_file::{PlanFile, Request};
use crate::program::{Act, Call, Outside, PauseAnswer, Program, ProgramItem, Work};
use crate::value::yaml::YamlError;

/// What came of an item.
#[derive(Clone, Debug)]
pub struct ItemOutcome {
    call: Option<Outcome>,
    error: Option<PlanError>,
}

impl ItemOutcome {
    /// What came of the call; nothing if it was a request.
    #[must_use]
    pub const fn call(&self) -> Option<&Outcome> {
        self.call.as_ref()
    }

    /// The last error: of the call, of what was asked at its pauses, or of the request.
    #[must_use]
    pub const fn error(&self) -> Option<&PlanError> {
        self.error.as_ref()
    }

    /// Whether all went well, and all messages came at which something was to be done.
    #[must_use]
    pub fn is_success(&self) -> bool {
        let is_well = |call: &Outcome| call.exit_status() == ExitStatus::Success && call.unreached().is_empty();
        self.error.is_none() && self.call.as_ref().is_none_or(is_well)
    }
}

impl Program {
    /// Adds the devices of a file to a harness, and resolves all that the file names.
    ///
    /// # Errors
    ///
    /// [`YamlError`], with its place in the file, for what does not exist or does not fit.
    pub fn compile(file: &PlanFile, lab: &Harness) -> Result<Self, YamlError> {
        Self::resolve(file, lab.clock().clone(), lab.beamline(), |device| lab.add(device))
    }
}

impl ProgramItem {
    /// Calls the engine of a harness with it, and answers each pause in turn; one for which there is no answer, by a halt.
    /// Or asks of the engine what is to be asked.
    #[must_use]
    pub fn run(&self, lab: &Harness) -> ItemOutcome {
        self.run_deciding(lab, |planned| planned.next().cloned().unwrap_or(PauseAnswer::Ask(Request::Halt)))
    }

    /// The same, but each pause is answered by `decide`, which gets the answers of the file that have not been given.
    #[must_use]
    pub fn run_deciding(
        &self,
        lab: &Harness,
        decide: impl FnMut(&mut Iter<'_, PauseAnswer>) -> PauseAnswer,
    ) -> ItemOutcome {
        match &self.work {
            Work::Call(call) => call.run(lab, decide),
            Work::Request(request) => {
                let error = match ask(lab, request) {
                    Ok(outcome) => outcome.exception().cloned(),
                    Err(error) => Some(error),
                };
                ItemOutcome { call: None, error }
            }
        }
    }
}

impl Call {
    fn run(&self, lab: &Harness, mut decide: impl FnMut(&mut Iter<'_, PauseAnswer>) -> PauseAnswer) -> ItemOutcome {
        let lines = self.input.clone().or_else(|| lab.clock().is_simulated().then(Vec::new));
        lab.with_engine(|engine| match lines {
            Some(lines) => {
                let mut lines = VecDeque::from(lines);
                engine.set_input(move |_| std::future::ready(Ok(lines.pop_front().unwrap_or_default())));
            }
            // In real time there is somebody to be asked.
            None => engine.use_standard_input(),
        });
        self.at.iter().for_each(|outside| outside.schedule(lab));
        let subscribers = self.subscribers.clone();
        let options = CallOptions { md: self.meta.clone(), subscribers, ..CallOptions::default() };
        let mut outcome = lab.run_with(self.plan(), options);
        let mut error = outcome.exception().cloned();
        let mut planned = self.on_pause.iter();
        while lab.state() == RunEngineState::Paused {
            match decide(&mut planned).give(lab) {
                Ok(Some(next)) => {
                    error = next.exception().cloned().or(error);
                    outcome = next;
                }
                Ok(None) => {}
                Err(refused) => error = Some(refused),
            }
        }
        ItemOutcome { call: Some(outcome), error }
    }
}

impl PauseAnswer {
    /// Gives the answer; what came of the call, where it had to do with that.
    fn give(self, lab: &Harness) -> Result<Option<Outcome>, PlanError> {
        match self {
            Self::Ask(request) => return ask(lab, &request).map(Some),
            Self::Call => return Ok(Some(lab.run(plan(async |_| Ok(()))))),
            Self::Set(puts) => puts.iter().for_each(|put| put.put(lab.clock())),
            Self::Sleep(time) => {
                let clock = lab.clock();
                // Where time has come to its end, there is nothing to sleep for.
                let _ = clock.block_on(clock.sleep(time));
            }
        }
        // Somebody may have decided meanwhile, from outside.
        Ok((lab.state() != RunEngineState::Paused).then(|| lab.decision()))
    }
}

impl Outside {
    /// Sees to it that it is done in the next call; at once, where it is to be done before that.
    fn schedule(&self, lab: &Harness) {
        let scheduled = match (self.message, self.after) {
            (None, time) => lab.at(time.unwrap_or_default()),
            (Some(number), None) => lab.at_message(number),
            (Some(number), Some(time)) => lab.at_message(number).later(time),
        };
        let (clock, engine, act) = (lab.clock().clone(), lab.handle().clone(), self.act.clone());
        match &self.act {
            Act::Set(_) => {
                // That goes in every state.
                let put = move || act.perform(&clock, &engine).unwrap_or_default();
                // Before the call there is no message during which it could be done.
                if (self.message, self.after) == (None, None) { put() } else { scheduled.call(put) }
            }
            Act::Ask(_) | Act::Suspend { .. } => scheduled.ask(move |engine| act.perform(&clock, engine)),
        }
    }
}

/// Asks something of an engine that executes nothing now; gives what came of the call, if the engine is in one.
fn ask(lab: &Harness, request: &Request) -> Result<Outcome, PlanError> {
    Ok(match request {
        Request::Resume => lab.resume(),
        Request::Abort { reason } => lab.abort(reason),
        Request::Stop => lab.stop(),
        Request::Halt => lab.halt(),
        Request::Pause => {
            lab.handle().pause()?;
            lab.decision()
        }
        Request::DeferredPause => {
            lab.handle().deferred_pause()?;
            lab.decision()
        }
    })
}
