//! What is done from outside: while a call runs, at its pauses, and between calls.

use std::time::Duration;

use super::awaitables::ends_after;
use super::bench::Bench;
use crate::cli::plan_file::{OutsideAct, OutsideSpec, PlanFileError, PutSpec, Request};
use crate::clock::Clock;
use crate::device::Device;
use crate::engine::{RunEngineHandle, Suspension};
use crate::hardware::SynSignal;
use crate::harness::{Harness, Outcome};
use crate::message::PlanError;
use crate::value::{Text, Value};

/// Something that is done from outside while a call runs, with its names resolved.
#[derive(Clone, Debug)]
pub(super) struct Outside {
    message: Option<usize>,
    after: Option<Duration>,
    act: Act,
}

#[derive(Clone, Debug)]
enum Act {
    Set(Vec<Put>),
    Ask(Request),
    Suspend { time: Duration, justification: Option<Text> },
}

/// A signal, which is sure to be one, and the value that it gets, which it is sure to take.
#[derive(Clone, Debug)]
pub struct Put {
    signal: Device,
    value: Value,
}

impl Put {
    pub(super) fn compile(spec: &PutSpec, bench: &Bench) -> Result<Self, PlanFileError> {
        let name = &spec.signal;
        let signal = bench.device_named(name)?;
        let found = format!("the string {:?}", name.value);
        let Some(as_signal) = SynSignal::settable(&signal) else {
            return Err(PlanFileError::new(name.position, "the name of a signal, which can be given a value", found));
        };
        let value = spec.value.value.clone();
        as_signal.takes(&value).map_err(|error| {
            let expected = format!("a value that the signal `{}` takes", name.value);
            PlanFileError::new(spec.value.position, expected, value.to_string()).with_help(error.to_string())
        })?;
        Ok(Self { signal, value })
    }

    /// Gives the signal its value.
    pub(super) fn put(&self, clock: &Clock) {
        if let Some(signal) = SynSignal::settable(&self.signal) {
            // That it takes the value was found out when this was made.
            let _ = signal.put(self.value.clone(), clock.now());
        }
    }
}

/// Signals and their values, with all names resolved.
pub(super) fn compile_puts(specs: &[PutSpec], bench: &Bench) -> Result<Vec<Put>, PlanFileError> {
    specs.iter().map(|spec| Put::compile(spec, bench)).collect()
}

impl Outside {
    pub(super) fn compile(spec: &OutsideSpec, bench: &Bench) -> Result<Self, PlanFileError> {
        let act = match &spec.act {
            OutsideAct::Set(puts) => Act::Set(compile_puts(puts, bench)?),
            OutsideAct::Ask(request) => Act::Ask(request.clone()),
            OutsideAct::Suspend { time, justification } => {
                Act::Suspend { time: *time, justification: justification.as_ref().map(Text::from) }
            }
        };
        // No call has more messages than fit into the memory.
        let message = spec.message.map(|number| usize::try_from(number).unwrap_or(usize::MAX));
        Ok(Self { message, after: spec.after, act })
    }

    /// Sees to it that it is done in the next call; at once, where it is to be done before that.
    pub(super) fn schedule(&self, lab: &Harness) {
        let (clock, engine, act) = (lab.clock().clone(), lab.handle().clone(), self.act.clone());
        let act = move || act.perform(&clock, &engine);
        match (self.message, self.after) {
            (None, None) => act(),
            (None, Some(time)) => lab.at(time).call(act),
            (Some(number), None) => lab.at_message(number).call(act),
            (Some(number), Some(time)) => lab.at_message(number).later(time).call(act),
        }
    }
}

impl Act {
    /// Does it. What does not go in the state that the engine is in is not done.
    fn perform(self, clock: &Clock, engine: &RunEngineHandle) {
        match self {
            Self::Set(puts) => puts.iter().for_each(|put| put.put(clock)),
            Self::Ask(request) => drop(match request {
                Request::Pause => engine.pause(),
                Request::DeferredPause => engine.deferred_pause(),
                Request::Resume => engine.resume(),
                Request::Abort { reason } => engine.abort(reason),
                Request::Stop => engine.stop(),
                Request::Halt => engine.halt(),
            }),
            Self::Suspend { time, justification } => {
                let suspension = Suspension::until(ends_after(clock, time, None));
                drop(engine.suspend(match justification {
                    Some(why) => suspension.because(why),
                    None => suspension,
                }));
            }
        }
    }
}

/// Asks something of an engine that executes nothing now; gives what came of the call, if the engine is in one.
pub(super) fn ask(lab: &Harness, request: &Request) -> Result<Outcome, PlanError> {
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
