//! [`Mishaps`]: what devices panic with where nobody who called them can be told.

use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use skyspan_trace::internal::lock;

use super::RunEngine;
use super::control::Control;
use crate::clock::HearsPanics;
use crate::message::PlanError;
use crate::value::Text;

/// What devices have panicked with in their timers, and others in what they do when a status is done: it is an error of the
/// run. Between two calls it waits for the next.
#[derive(Debug)]
pub(super) struct Mishaps {
    any: AtomicBool,
    queue: Mutex<Vec<PlanError>>,
    /// Wakes the engine where it waits.
    engine: Arc<Control>,
}

impl Mishaps {
    pub(super) fn of(engine: &Arc<Control>) -> Self {
        Self { any: AtomicBool::new(false), queue: Mutex::default(), engine: Arc::clone(engine) }
    }

    fn take(&self) -> Vec<PlanError> {
        if self.any.swap(false, Ordering::AcqRel) { std::mem::take(&mut lock(&self.queue)) } else { Vec::new() }
    }
}

impl HearsPanics for Mishaps {
    fn panicked(&self, what: Text, panic: Box<dyn Any + Send>) {
        lock(&self.queue).push(PlanError::of_panic(what, &*panic));
        self.any.store(true, Ordering::Release);
        self.engine.nudge();
    }
}

impl RunEngine {
    /// Takes note of what devices have panicked with: the first is thrown at the plan, the others are told at the end.
    pub(super) fn hear_of_mishaps(&mut self) {
        for error in self.mishaps.take() {
            match &self.call.mishap {
                None => self.call.mishap = Some(error),
                Some(_) => self.call.cleanup_errors.push(error.to_string().into()),
            }
        }
    }

    /// Tells at the end of a call what could not be thrown at its plan any more.
    pub(super) fn tell_of_late_mishaps(&mut self) {
        self.hear_of_mishaps();
        let late = self.call.mishap.take();
        self.call.cleanup_errors.extend(late.map(|error| Text::from(error.to_string())));
    }
}
