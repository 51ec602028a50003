//! [`Harness`]: runs plans, and keeps what they leave.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex};
use std::thread::ThreadId;
use std::time::Duration;

use super::builder::Chronicled;
use super::calls::{Calling, open_spans};
use super::chronicle::Occurrence;
use super::decision::Decision;
use super::lulls::Lulls;
use super::recording::{Listener, Recording, record_documents};
use super::schedule::Schedule;
use super::{HarnessBuilder, Kept, Outcome, Scheduled};
use crate::clock::{Clock, Timestamp};
use crate::device::{CallEnvironment, Device};
use crate::engine::{AtLimit, CallOptions, Limits, RunEngine, RunEngineHandle, RunEngineState, StatusHook, Watch};
use crate::hardware::Beamline;
use crate::plan::Plan;
use crate::program::ProgramNames;
use crate::trace::{Capture, Lull, Mark, Trace};
use crate::value::Text;
use skyspan_trace::internal::lock;

/// Runs plans on simulated hardware, and keeps what they leave.
///
/// It owns its clock and runtime, so it serves a plain `#[test]` function and a property test alike. Inside another tokio
/// runtime it cannot run.
///
/// A clone is another handle to the same harness, which ends with the last of them. A clone that the harness keeps itself, in a
/// subscriber or a registered command, keeps it for ever: give those a [`handle`](Self::handle).
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let same = lab.clone();
/// same.add(SynAxis::new("stage"));
/// assert_eq!(lab.run(plan(async move |p| p.mv(&same.device("stage"), 3).await)).exit_status(), Success);
/// assert_eq!(lab.device("stage").position(), Some(3.0.into()));
/// ```
#[derive(Clone)]
pub struct Harness(Arc<HarnessParts>);

/// What the handles of a harness share.
#[doc(hidden)]
pub struct HarnessParts {
    pub(super) seed: u64,
    pub(super) clock: Clock,
    clock_of_devices: Clock,
    pub(super) capture: Capture,
    pub(super) engine: Mutex<RunEngine>,
    pub(super) beamline: Mutex<Beamline>,
    /// The callbacks and suspenders that steps may name.
    pub(super) names: Mutex<ProgramNames>,
    pub(super) recording: Arc<Mutex<Recording>>,
    pub(super) schedule: Schedule,
    pub(super) handle: RunEngineHandle,
    /// The thread that is in a call, and where the call began.
    pub(super) calling: Mutex<Option<ThreadId>>,
    pub(super) began: Mutex<Began>,
    /// Where in the code it was made.
    #[cfg(feature = "page")]
    made_at: &'static std::panic::Location<'static>,
}

/// Where the call began that is under way or paused.
#[derive(Clone, Copy)]
pub(super) struct Began {
    pub(super) mark: Mark,
    pub(super) time: Timestamp,
}

impl Harness {
    /// A harness with a simulated clock, the [simulated beamline](Beamline::simulated), and seed 0.
    ///
    /// With the feature `page`, and where the environment variable `SKYSPAN_REPORT` names a folder, a harness that is dropped while its
    /// test fails writes a page there: its trace, with what was asserted in vain.
    #[must_use]
    #[track_caller]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// The same with another seed.
    #[must_use]
    #[track_caller]
    pub fn seeded(seed: u64) -> Self {
        Self::builder().seed(seed).build()
    }

    /// A harness to be, with options.
    pub fn builder() -> HarnessBuilder {
        HarnessBuilder::new()
    }

    #[track_caller]
    pub(super) fn assemble(
        seed: u64,
        clock: Clock,
        capture: Capture,
        mut engine: RunEngine,
        beamline: Beamline,
        kept: &[Kept],
        limits: Limits,
    ) -> Self {
        let recording = Recording {
            keeps_documents: kept.contains(&Kept::Documents),
            keeps_messages: kept.contains(&Kept::Messages),
            lulls: kept.contains(&Kept::Spans).then(Lulls::default),
            watch: Watch::new(limits),
            ..Recording::default()
        };
        let recording = Arc::new(Mutex::new(recording));
        if kept.contains(&Kept::Documents) {
            record_documents(&mut engine, &recording, &clock);
        }
        let (messages, schedule, handle) = (Arc::clone(&recording), Schedule::default(), engine.handle());
        let (scheduled, told, time, spans) = (schedule.clone(), handle.clone(), clock.clone(), capture.clone());
        engine.record_messages(move |msg| {
            let mut recording = lock(&messages);
            let now = time.now();
            recording.message(msg, now);
            let at_limit = recording.watch.message(time.is_simulated().then_some(now), || spans.len());
            drop(recording);
            // Whoever is being ended already refuses, and is ended.
            match at_limit {
                None => {}
                Some(AtLimit::Abort(reason)) => drop(told.abort(reason)),
                Some(AtLimit::Kill) => told.kill(),
            }
            scheduled.message(&time, &told);
        });
        let (failures, time) = (Arc::clone(&recording), clock.clone());
        engine.record_failures(move |error| lock(&failures).failure(error, time.now()));
        let (states, time) = (Arc::clone(&recording), clock.clone());
        engine.record_states(move |to, from| {
            let (mut recording, now) = (lock(&states), time.now());
            if let Some(lulls) = &mut recording.lulls {
                lulls.state(to, from, now);
            }
            recording.note(now, || Occurrence::State { from, to });
        });
        let open = capture.clone();
        engine.set_open_spans(move || open_spans(&open));
        let began = Mutex::new(Began { mark: capture.mark(), time: clock.now() });
        let clock_of_devices = engine.clock_of_devices().clone();
        let (engine, beamline, calling) = (Mutex::new(engine), Mutex::new(beamline), Mutex::default());
        Self(Arc::new(HarnessParts {
            seed,
            clock,
            clock_of_devices,
            capture,
            engine,
            beamline,
            names: Mutex::default(),
            recording,
            schedule,
            handle,
            calling,
            began,
            #[cfg(feature = "page")]
            made_at: std::panic::Location::caller(),
        }))
    }

    /// Notes from now on what happens in each call.
    pub(super) fn keep_chronicle(&self, what: Chronicled) {
        let mut recording = lock(&self.recording);
        recording.happenings = Some(Arc::default());
        recording.records_calls = what == Chronicled::All;
        drop(recording);
        if what != Chronicled::All {
            return;
        }
        let (recording, clock) = (Arc::clone(&self.recording), self.clock.clone());
        self.with_engine(|engine| {
            record_documents(engine, &recording, &clock);
            engine.record_statuses(self.status_recorder());
        });
    }

    /// Has somebody listen to what the engine says, from now on.
    pub(crate) fn listen(&self, listener: Listener) {
        let (recording, clock) = (Arc::clone(&self.recording), self.clock.clone());
        self.with_engine(|engine| record_documents(engine, &recording, &clock));
        lock(&self.recording).listener = Some(listener);
    }

    /// What all calls of its engine share.
    pub(crate) fn call_environment(&self) -> Arc<CallEnvironment> {
        self.with_engine(|engine| Arc::clone(engine.call_environment()))
    }

    /// What notes the statuses that messages give, where that is wanted.
    pub(super) fn status_recorder(&self) -> Option<StatusHook> {
        lock(&self.recording).happenings.as_ref()?;
        let (recording, clock) = (Arc::clone(&self.recording), self.clock.clone());
        Some(Box::new(move |status| lock(&recording).note(clock.now(), || Occurrence::Status(status.clone()))))
    }

    /// Takes a plan to its end, or to a pause. What goes wrong is told by the [`Outcome`], and so is a deadlock.
    ///
    /// Devices, metadata and the clock go on from where the last run left them. A pause is left by
    /// [`resume`](Self::resume), [`abort`](Self::abort), [`stop`](Self::stop) or [`halt`](Self::halt), whose outcomes tell
    /// of the whole call; where one of them is [scheduled](Self::at) for a time, the pause lasts until then.
    ///
    /// A call while the engine is paused, or from within a plan, a device or a callback, is refused: the outcome has the
    /// `RuntimeError`.
    ///
    /// # Panics
    ///
    /// Inside another tokio runtime, which cannot wait for this one: take `#[test]` in place of `#[tokio::test]`. And
    /// with the panic of a plan; one of a device or a callback is an error of the run.
    pub fn run(&self, plan: impl Into<Plan>) -> Outcome {
        self.run_with(plan, CallOptions::default())
    }

    /// [`run`](Self::run), with metadata: `json!({...})`, a [`Map`](crate::value::Map), or a list of pairs. With a parent and
    /// subscribers of its own, if it is given [`CallOptions`].
    ///
    /// ```
    /// use serde_json::json;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run_with(plans::count(&lab.device("det"), 1), json!({"sample": "A", "temperature": 4.2}));
    /// assert_eq!(run.documents()[0].to_map().get("sample"), Some(&"A".into()));
    /// ```
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run), and if the metadata are JSON, but no object.
    #[track_caller]
    pub fn run_with(&self, plan: impl Into<Plan>, options: impl Into<CallOptions>) -> Outcome {
        let (plan, options) = (plan.into(), options.into());
        self.call(async |engine: &mut RunEngine| {
            if engine.state() == RunEngineState::Idle {
                let mut recording = lock(&self.recording);
                (recording.documents, recording.messages) = Default::default();
                recording.watch.begin(self.clock.now());
                if let Some(happenings) = &mut recording.happenings {
                    *happenings = Arc::default();
                }
                if recording.records_calls {
                    lock(&self.beamline).record_calls_anew();
                }
                drop(recording);
                *lock(&self.began) = Began { mark: self.capture.mark(), time: self.clock.now() };
                self.schedule.begin(&self.clock, &self.handle);
            }
            engine.run_with(plan, options).await
        })
    }

    /// Goes on from a pause.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// lab.at_message(2).pause();
    /// let run = lab.run(plan(async |p| {
    ///     p.checkpoint().await?;
    ///     p.sleep(1.0).await
    /// }));
    /// assert!(run.is_paused());
    /// let run = lab.resume();
    /// run.assert_success();
    /// let commands: Vec<_> = run.messages().iter().map(Msg::command).collect();
    /// assert_eq!(commands, ["checkpoint", "sleep", "sleep"]);
    /// ```
    pub fn resume(&self) -> Outcome {
        self.call(async |engine: &mut RunEngine| engine.resume().await)
    }

    /// Ends a paused plan as aborted, after its clean-up.
    pub fn abort(&self, reason: impl Into<Text>) -> Outcome {
        let reason = reason.into();
        self.call(async |engine: &mut RunEngine| engine.abort(reason).await)
    }

    /// Ends a paused plan as a success, after its clean-up.
    pub fn stop(&self) -> Outcome {
        self.call(async |engine: &mut RunEngine| engine.stop().await)
    }

    /// Ends a paused plan as aborted, without its clean-up.
    pub fn halt(&self) -> Outcome {
        self.call(async |engine: &mut RunEngine| engine.halt().await)
    }

    /// Says what becomes of the pauses of the next call, one after another. One for which nothing is left to be said waits for
    /// what is [scheduled](Self::at); if nothing is, it is left to who made the call.
    ///
    /// ```
    /// use skyspan::harness::Decision;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// lab.at(secs(1.0)).pause();
    /// lab.at(secs(9.0)).pause();
    /// lab.on_pause([Decision::resume().after(secs(5.0)), Decision::abort("it is late")]);
    /// let run = lab.run(plan(async |p| p.sleep(4.0).await));
    /// assert_eq!((run.exit_status(), run.duration()), (Abort, secs(1.0 + 5.0 + 3.0)));
    /// assert_eq!(run.result().reason, "it is late");
    /// ```
    pub fn on_pause<I>(&self, decisions: I)
    where
        I: IntoIterator<Item = Decision>,
        I::IntoIter: Send + 'static,
    {
        self.schedule.decide(decisions.into_iter());
    }

    /// Waits, paused, until something that was [scheduled](Self::at) or has the [handle](Self::handle) decides what becomes
    /// of the plan, and carries that out; at once where it has been decided already. On a simulated clock it is a deadlock
    /// if nobody can decide any more.
    pub fn decision(&self) -> Outcome {
        self.call(async |engine: &mut RunEngine| engine.decision().await)
    }

    /// Says what happens at a time of the next call, counted from its beginning: `lab.at(secs(3.0)).abort("beam lost")`.
    /// What is scheduled for a time that the call does not reach does not happen.
    pub const fn at(&self, time: Duration) -> Scheduled<'_> {
        Scheduled::after(self, time)
    }

    /// Says what happens when the message of that number, counted from 1, is about to be executed in the next call; those
    /// that are executed again after a pause count again. A message that takes time is interrupted, any other is executed
    /// first. [`later`](Scheduled::later) says what happens some time after that.
    ///
    /// A message that never comes is told by [`Outcome::unreached`].
    ///
    /// # Panics
    ///
    /// If the number is 0.
    #[track_caller]
    pub fn at_message(&self, number: usize) -> Scheduled<'_> {
        Scheduled::at_message(self, number)
    }

    /// What tells the engine from outside what to do: from another thread, or from a device.
    #[must_use]
    pub fn handle(&self) -> &RunEngineHandle {
        &self.handle
    }

    /// Adds a device to the beamline, and gives it back: one of [`hardware`](crate::hardware) as it is, one of your own
    /// as `Device::new(it)`. One that has its name already is replaced; what holds that one keeps it: a
    /// plan, or a detector that looks at it (`det` goes on looking at the first `motor`).
    pub fn add(&self, device: impl Into<Device>) -> Device {
        let device = lock(&self.beamline).add(device);
        device.object().added_to(&self.clock_of_devices);
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

    /// The clock of the harness.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The capture, which holds the spans of all runs.
    #[must_use]
    pub fn capture(&self) -> &Capture {
        &self.capture
    }

    /// The documents of the last call.
    #[cfg(feature = "plan-files")]
    pub(super) fn documents(&self) -> Vec<crate::document::Document> {
        Vec::clone(&lock(&self.recording).documents)
    }

    /// The trace of all runs so far.
    #[must_use]
    pub fn trace(&self) -> Trace {
        self.capture.trace()
    }

    /// When the plans so far were paused, suspended or asleep: what [drawings](crate::trace::Drawing::lulls) show where the spans
    /// say nothing of it. Kept with the spans, and beside them: bluesky's spans have no word for it.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// lab.run(plan(async |p| p.sleep(5.0).await));
    /// assert_eq!((lab.lulls().len(), &*lab.lulls()[0].what), (1, "sleep"));
    /// ```
    #[must_use]
    pub fn lulls(&self) -> Vec<Lull> {
        self.lulls_since(Timestamp::EPOCH)
    }

    pub(super) fn lulls_since(&self, start: Timestamp) -> Vec<Lull> {
        let recording = lock(&self.recording);
        recording.lulls.as_ref().map_or_else(Vec::new, |lulls| lulls.since(start, self.clock.now()))
    }

    /// Where in the code it was made.
    #[cfg(feature = "page")]
    pub(super) fn made_at(&self) -> &'static std::panic::Location<'static> {
        self.made_at
    }

    /// The documents of the last call.
    #[cfg(feature = "page")]
    pub(super) fn last_documents(&self) -> Vec<crate::document::Document> {
        Vec::clone(&lock(&self.recording).documents)
    }

    /// The seed of all chance.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// What the engine is doing.
    #[must_use]
    pub fn state(&self) -> RunEngineState {
        self.handle.state()
    }

    /// Changes the engine: hooks, subscriptions, metadata.
    ///
    /// What says which spans are open is the harness's own: one that is set in place of it is asked instead.
    ///
    /// # Panics
    ///
    /// From within a plan, a device or a callback, while the engine executes it, and from within `change`. There,
    /// [`handle`](Self::handle) tells the engine what to do.
    #[track_caller]
    pub fn with_engine<T>(&self, change: impl FnOnce(&mut RunEngine) -> T) -> T {
        let this_thread = std::thread::current().id();
        let is_nested = *lock(&self.calling) == Some(this_thread);
        assert!(!is_nested, "the engine cannot be changed by what it calls itself; use `Harness::handle` there");
        let mut engine = lock(&self.engine);
        let _calling = Calling::begin(&self.calling, this_thread);
        change(&mut engine)
    }
}

impl Default for Harness {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for Harness {
    type Target = HarnessParts;

    fn deref(&self) -> &HarnessParts {
        &self.0
    }
}

#[cfg(feature = "page")]
impl Drop for Harness {
    fn drop(&mut self) {
        if std::thread::panicking() && Arc::strong_count(&self.0) == 1 {
            self.report_failing_test();
        }
    }
}

impl Drop for HarnessParts {
    fn drop(&mut self) {
        // What is scheduled for a time holds the clock.
        self.clock.let_go();
    }
}

impl fmt::Debug for Harness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Harness").field("seed", &self.seed).field("clock", &self.clock).finish_non_exhaustive()
    }
}
