//! [`Harness`]: runs plans, and keeps what they leave.

use std::fmt;
use std::sync::{Arc, Mutex};

use super::{HarnessBuilder, Outcome};
use crate::clock::Clock;
use crate::device::Device;
use crate::document::Document;
use crate::engine::{CallOptions, ExitStatus, RunEngine, RunEngineResult};
use crate::hardware::Beamline;
use crate::message::{DeadlockReport, Msg, PlanError};
use crate::plan::Plan;
use crate::sync::lock;
use crate::trace::{Capture, Trace};
use crate::value::Text;

/// Runs plans on simulated hardware, and keeps what they leave.
///
/// It owns its clock and runtime, so it serves a plain `#[test]` function and a property test alike. Inside another tokio
/// runtime it cannot run.
pub struct Harness {
    seed: u64,
    clock: Clock,
    capture: Capture,
    engine: Mutex<RunEngine>,
    beamline: Mutex<Beamline>,
    recording: Arc<Mutex<Recording>>,
}

/// What the engine has said since the last run began.
#[derive(Default)]
struct Recording {
    documents: Vec<Document>,
    messages: Vec<Msg>,
}

impl Harness {
    /// A harness with a simulated clock, the [simulated beamline](Beamline::simulated), and seed 0.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// The same with another seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self::builder().seed(seed).build()
    }

    /// A harness to be, with options.
    pub fn builder() -> HarnessBuilder {
        HarnessBuilder::new()
    }

    pub(super) fn assemble(
        seed: u64,
        clock: Clock,
        capture: Capture,
        mut engine: RunEngine,
        beamline: Beamline,
    ) -> Self {
        let recording = Arc::new(Mutex::new(Recording::default()));
        let documents = Arc::clone(&recording);
        engine.subscribe(move |document| lock(&documents).documents.push(document.clone()));
        let messages = Arc::clone(&recording);
        engine.record_messages(move |msg| lock(&messages).messages.push(msg.clone()));
        let open = capture.clone();
        engine.set_open_spans(move || open_spans(&open));
        Self { seed, clock, capture, engine: Mutex::new(engine), beamline: Mutex::new(beamline), recording }
    }

    /// Takes a plan to its end. What goes wrong is told by the [`Outcome`], and so is a deadlock.
    ///
    /// Devices, metadata and the clock go on from where the last run left them.
    ///
    /// # Panics
    ///
    /// Inside another tokio runtime, which cannot wait for this one: take `#[test]` in place of `#[tokio::test]`. And
    /// with the panic of a plan or a device.
    pub fn run(&self, plan: impl Into<Plan>) -> Outcome {
        self.run_with(plan, CallOptions::default())
    }

    /// [`run`](Self::run), with metadata and a parent of its own.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let options = CallOptions { md: Map::from_iter([("sample", "A")]), ..CallOptions::default() };
    /// let run = lab.run_with(plans::count(&lab.device("det"), 1), options);
    /// assert_eq!(run.documents()[0].to_map().get("sample"), Some(&"A".into()));
    /// ```
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run).
    pub fn run_with(&self, plan: impl Into<Plan>, options: CallOptions) -> Outcome {
        let mut engine = lock(&self.engine);
        *lock(&self.recording) = Recording::default();
        let mark = self.capture.mark();
        let started = self.clock.now();
        let result = self.clock.block_on(engine.run_with(plan, options)).unwrap_or_else(|deadlock| {
            // Some device waits without the engine's knowledge.
            let open_spans = open_spans(&self.capture);
            let error = PlanError::Deadlock(Box::new(DeadlockReport { deadlock, open_spans }));
            RunEngineResult {
                run_start_uids: Vec::new(),
                plan_result: None,
                exit_status: ExitStatus::Fail,
                reason: error.to_string().into(),
                exception: Some(error),
                cleanup_errors: Vec::new(),
            }
        });
        let Recording { documents, messages } = std::mem::take(&mut *lock(&self.recording));
        Outcome {
            result,
            trace: self.capture.trace_since(mark),
            documents,
            messages,
            started,
            ended: self.clock.now(),
            seed: self.seed,
        }
    }

    /// Adds a device to the beamline, and gives it back: one of [`hardware`](crate::hardware) as it is, one of your own
    /// as `Device::new(it)`. One that has its name already is replaced; what holds that one keeps it: a
    /// plan, or a detector that looks at it (`det` goes on looking at the first `motor`).
    pub fn add(&self, device: impl Into<Device>) -> Device {
        let device = lock(&self.beamline).add(device);
        device.object().added_at(self.clock.now());
        device
    }

    /// The device of that name; dots reach its components: `det.Imax`.
    ///
    /// # Panics
    ///
    /// If there is none; it says which there are.
    #[must_use]
    #[track_caller]
    #[expect(clippy::panic, reason = "a test that asks for a device that is not there is wrong")]
    pub fn device(&self, path: &str) -> Device {
        let beamline = lock(&self.beamline);
        match beamline.get(path) {
            Some(device) => device,
            None => {
                let names = beamline.names().map(|name| &**name).collect::<Vec<_>>().join(", ");
                panic!("no device is called {path:?}; there are {names}")
            }
        }
    }

    /// The devices, as they are now.
    #[must_use]
    pub fn beamline(&self) -> Beamline {
        lock(&self.beamline).clone()
    }

    /// The clock.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The capture, which holds the spans of all runs.
    #[must_use]
    pub const fn capture(&self) -> &Capture {
        &self.capture
    }

    /// The trace of all runs so far.
    #[must_use]
    pub fn trace(&self) -> Trace {
        self.capture.trace()
    }

    /// The seed of all chance.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Changes the engine: hooks, subscriptions, metadata.
    ///
    /// What says which spans are open is the harness's own: one that is set in place of it is asked instead.
    pub fn with_engine<T>(&self, change: impl FnOnce(&mut RunEngine) -> T) -> T {
        change(&mut lock(&self.engine))
    }
}

fn open_spans(capture: &Capture) -> Vec<Text> {
    capture.open_spans().into_iter().map(|span| format!("{} (since {})", span.name, span.start).into()).collect()
}

impl Default for Harness {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        // A timer that never went off holds its device, and the device its clock, which holds the timer.
        self.clock.cancel_all_timers();
    }
}

impl fmt::Debug for Harness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Harness").field("seed", &self.seed).field("clock", &self.clock).finish_non_exhaustive()
    }
}
