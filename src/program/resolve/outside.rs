//! What is done from outside: while a call runs, at its pauses, and between calls.

use std::time::Duration;

use crate::clock::Clock;
use crate::device::{Device, DeviceError};
use crate::engine::{RunEngineHandle, Suspension, TransitionError};
use crate::hardware::{SoftSignal, SynSignal};
use crate::program::awaitables::ends_after;
use crate::program::data::{OutsideAct, OutsideSpec, PutSpec, Request};
use crate::program::scope::Scope;
use crate::value::yaml::YamlError;
use crate::value::{Text, Value};

/// Something that is done from outside while a call runs, with its names resolved.
#[derive(Clone, Debug)]
pub(crate) struct Outside {
    pub(crate) message: Option<usize>,
    pub(crate) after: Option<Duration>,
    pub(crate) act: Act,
}

/// What is done from outside.
#[derive(Clone, Debug)]
pub(crate) enum Act {
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
    /// A signal, and the value that it is to get.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::program::Put;
    ///
    /// let lab = Harness::new();
    /// let shutter = lab.add(Signal::new("shutter", 0));
    /// Put::new(&shutter, 1)?.put(lab.clock());
    /// assert!(Put::new(&lab.device("motor"), 1).is_err());
    /// let read = lab.run(plan(async move |p| p.rd(&shutter).await));
    /// assert_eq!(read.plan_result(), Some(&1.into()));
    /// # Ok::<(), skyspan::device::DeviceError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `TypeError` for a device that is no signal which can be given a value, and what the signal says of a value that it does not
    /// take.
    pub fn new(signal: &Device, value: impl Into<Value>) -> Result<Self, DeviceError> {
        let (signal, value) = (signal.clone(), value.into());
        match (SynSignal::settable(&signal), SoftSignal::of_device(&signal)) {
            (Some(of_ophyd), _) => of_ophyd.takes(&value)?,
            (None, Some(of_ophyd_async)) => of_ophyd_async.takes(&value)?,
            (None, None) => {
                let found = signal.repr();
                return Err(DeviceError::type_error(format!(
                    "expected a signal, which can be given a value, found {found}"
                )));
            }
        }
        Ok(Self { signal, value })
    }

    pub(super) fn resolve(spec: &PutSpec, scope: &Scope) -> Result<Self, YamlError> {
        let name = &spec.signal;
        let signal = scope.device_named(name)?;
        let found = format!("the string {:?}", name.value);
        let value = spec.value.value.clone();
        let taken = match (SynSignal::settable(&signal), SoftSignal::of_device(&signal)) {
            (Some(of_ophyd), _) => of_ophyd.takes(&value),
            (None, Some(of_ophyd_async)) => of_ophyd_async.takes(&value),
            (None, None) => {
                return Err(YamlError::new(name.position, "the name of a signal, which can be given a value", found));
            }
        };
        taken.map_err(|error| {
            let expected = format!("a value that the signal `{}` takes", name.value);
            YamlError::new(spec.value.position, expected, value.to_string()).with_help(error.to_string())
        })?;
        Ok(Self { signal, value })
    }

    /// Gives the signal its value.
    pub fn put(&self, clock: &Clock) {
        // That it takes the value was found out when this was made.
        let _ = match (SynSignal::settable(&self.signal), SoftSignal::of_device(&self.signal)) {
            (Some(signal), _) => signal.put(self.value.clone(), clock.now()),
            (None, Some(signal)) => signal.put(self.value.clone(), clock.now()),
            (None, None) => Ok(()),
        };
    }
}

/// Signals and their values, with all names resolved.
pub(super) fn resolve_puts(specs: &[PutSpec], scope: &Scope) -> Result<Vec<Put>, YamlError> {
    specs.iter().map(|spec| Put::resolve(spec, scope)).collect()
}

impl Outside {
    pub(super) fn resolve(spec: &OutsideSpec, scope: &Scope) -> Result<Self, YamlError> {
        let act = match &spec.act {
            OutsideAct::Set(puts) => Act::Set(resolve_puts(puts, scope)?),
            OutsideAct::Ask(request) => Act::Ask(request.clone()),
            OutsideAct::Suspend { time, justification } => {
                Act::Suspend { time: *time, justification: justification.as_ref().map(Text::from) }
            }
        };
        // No call has more messages than fit into the memory.
        let message = spec.message.map(|number| usize::try_from(number).unwrap_or(usize::MAX));
        Ok(Self { message, after: spec.after, act })
    }
}

impl Act {
    /// Does it while the engine executes something.
    pub(crate) fn perform(self, clock: &Clock, engine: &RunEngineHandle) -> Result<(), TransitionError> {
        match self {
            Self::Set(puts) => {
                puts.iter().for_each(|put| put.put(clock));
                Ok(())
            }
            Self::Ask(request) => match request {
                Request::Pause => engine.pause(),
                Request::DeferredPause => engine.deferred_pause(),
                Request::Resume => engine.resume(),
                Request::Abort { reason } => engine.abort(reason),
                Request::Stop => engine.stop(),
                Request::Halt => engine.halt(),
            },
            Self::Suspend { time, justification } => {
                let suspension = Suspension::until(ends_after(clock, time, None));
                engine.suspend(match justification {
                    Some(why) => suspension.because(why),
                    None => suspension,
                })
            }
        }
    }
}
