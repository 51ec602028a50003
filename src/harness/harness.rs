//! [`Harness`]: runs plans, and keeps what they leave.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::thread::ThreadId;
use std::time::Duration;

use super::chronicle::{Chronicle, Happening, What};
use super::decision::{Decision, Verdict};
use super::ledger::Ledger;
use super::lulls::Lulls;
use super::schedule::Schedule;
use super::{Estimate, HarnessBuilder, Kept, Outcome, Scheduled};
use crate::clock::{Clock, Timestamp};
use crate::device::{Device, Status};
use crate::document::Document;
use crate::engine::{
    AtLimit, CallOptions, Limits, RunEngine, RunEngineHandle, RunEngineResult, RunEngineState, StatusHook,
    TransitionError, Watch,
};
use crate::hardware::Beamline;
use crate::message::{DeadlockReport, Msg, PlanError};
use crate::plan::Plan;
use crate::trace::{Capture, Lull, Mark, Trace};
use crate::value::Text;
use skyspan_trace::internal::lock;

/// Runs plans on simulated hardware, and keeps what they leave.
///
/// It owns its clock and runtime, so it serves a plain `#[test]` function and a property test alike. Inside another tokio
/// runtime it cannot run.
pub struct Harness {
    seed: u64,
    clock: Clock,
    clock_of_devices: Clock,
    capture: Capture,
    engine: Mutex<RunEngine>,
    beamline: Mutex<Beamline>,
    recording: Arc<Mutex<Recording>>,
    pub(super) schedule: Schedule,
    handle: RunEngineHandle,
    /// The thread that is in a call, and where the call began.
    calling: Mutex<Option<ThreadId>>,
    began: Mutex<Began>,
    /// Where in the code it was made.
    #[cfg(feature = "page")]
    made_at: &'static std::panic::Location<'static>,
}

/// Where the call began that is under way or paused.
#[derive(Clone, Copy)]
struct Began {
    mark: Mark,
    time: Timestamp,
}

/// What the engine has said since the last run began.
#[derive(Default)]
struct Recording {
    documents: Vec<Document>,
    messages: Vec<Msg>,
    /// All of it in order, with the times, where that is wanted.
    happenings: Option<Vec<Happening>>,
    /// What is noted in place of all this, while an estimate is made.
    ledger: Option<Ledger>,
    keeps_documents: bool,
    keeps_messages: bool,
    /// What the spans do not tell, where there are any.
    lulls: Option<Lulls>,
    watch: Watch,
}

impl Recording {
    fn note(&mut self, time: Timestamp, what: impl FnOnce() -> What) {
        if let Some(happenings) = &mut self.happenings {
            self.watch.keep(size_of::<Happening>());
            happenings.push(Happening { time, what: what() });
        }
    }

    fn document(&mut self, document: &Document, time: Timestamp) {
        if let Some(ledger) = &mut self.ledger {
            return ledger.document(document);
        }
        self.note(time, || What::Document(document.clone()));
        if self.keeps_documents {
            self.watch.keep(bytes_of(document));
            self.documents.push(document.clone());
        }
    }

    fn message(&mut self, msg: &Msg, time: Timestamp) {
        if let Some(ledger) = &mut self.ledger {
            return ledger.message(msg, time);
        }
        self.note(time, || What::Message(msg.clone()));
        if let Some(lulls) = &mut self.lulls {
            let kept = lulls.message(msg, time);
            self.watch.keep(kept);
        }
        if self.keeps_messages {
            // With what it points to, for the most part.
            self.watch.keep(2 * size_of::<Msg>());
            self.messages.push(msg.clone());
        }
    }
}

/// What a document takes, about: readings for the most part.
fn bytes_of(document: &Document) -> usize {
    const READING: usize = 250;
    match document {
        Document::Event(event) => 600 + READING * event.readings.len(),
        Document::EventPage(page) => 600 + READING * page.data.iter().map(|(_, values)| values.len()).sum::<usize>(),
        _ => 2_000,
    }
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
        engine.record_failures(move |error| lock(&failures).note(time.now(), || What::Failure(error.clone())));
        let (states, time) = (Arc::clone(&recording), clock.clone());
        engine.record_states(move |to, from| {
            let (mut recording, now) = (lock(&states), time.now());
            if let Some(lulls) = &mut recording.lulls {
                lulls.state(to, from, now);
            }
            recording.note(now, || What::State { from, to });
        });
        let open = capture.clone();
        engine.set_open_spans(move || open_spans(&open));
        let began = Mutex::new(Began { mark: capture.mark(), time: clock.now() });
        let clock_of_devices = engine.clock_of_devices().clone();
        let (engine, beamline, calling) = (Mutex::new(engine), Mutex::new(beamline), Mutex::default());
        Self {
            seed,
            clock,
            clock_of_devices,
            capture,
            engine,
            beamline,
            recording,
            schedule,
            handle,
            calling,
            began,
            #[cfg(feature = "page")]
            made_at: std::panic::Location::caller(),
        }
    }

    /// Notes from now on what happens in each call.
    pub(super) fn keep_chronicle(&self) {
        lock(&self.recording).happenings = Some(Vec::new());
        let (recording, clock) = (Arc::clone(&self.recording), self.clock.clone());
        self.with_engine(|engine| {
            record_documents(engine, &recording, &clock);
            engine.record_statuses(self.status_recorder());
        });
    }

    /// What notes the statuses that messages give, where that is wanted.
    fn status_recorder(&self) -> Option<StatusHook> {
        lock(&self.recording).happenings.as_ref()?;
        let (recording, clock) = (Arc::clone(&self.recording), self.clock.clone());
        Some(Box::new(move |status| lock(&recording).note(clock.now(), || What::Status(status.clone()))))
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
                    happenings.clear();
                    lock(&self.beamline).devices().for_each(|device| device.record_calls().clear());
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
    pub const fn handle(&self) -> &RunEngineHandle {
        &self.handle
    }

    /// Takes a plan to its end, and tells how long that took on the clock and where the time went, how many points it
    /// measured, and how much it would write.
    ///
    /// The plan is run as by [`run`](Self::run), so the devices are where it left them afterwards. Nothing of it is kept
    /// but the numbers, and an [untraced](HarnessBuilder::untraced) harness makes no spans either: eight hours take well
    /// under a second.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::builder().untraced().build();
    /// let stage = lab.add(SynAxis::new("stage").delay_s(0.5));
    /// let estimate = lab.estimate(plans::scan(&lab.device("det"), &stage, 0, 10, 7200));
    /// assert_eq!(estimate.duration, secs(3600.0));
    /// assert_eq!((estimate.runs, estimate.points), (1, 7200));
    /// assert_eq!(estimate.device("stage").map(|stage| stage.busy), Some(secs(3600.0)));
    /// assert_eq!(estimate.command("wait").map(|wait| wait.time), Some(secs(3600.0)));
    /// ```
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run), and as [`estimate_while`](Self::estimate_while).
    pub fn estimate(&self, plan: impl Into<Plan>) -> Estimate {
        let (outcome, estimate) = self.estimate_while(|lab| lab.run(plan));
        Estimate { failure: outcome.exception().cloned(), ..estimate }
    }

    /// An estimate of all that is run while `work` is done: several calls, pauses, time between calls.
    ///
    /// The outcomes of those calls have neither documents nor messages.
    ///
    /// # Panics
    ///
    /// From within a plan, a device or a callback.
    pub fn estimate_while<T>(&self, work: impl FnOnce(&Self) -> T) -> (T, Estimate) {
        let (recording, clock) = (Arc::clone(&self.recording), self.clock.clone());
        self.with_engine(|engine| {
            let hook = move |status: &Status| {
                if let Some(ledger) = &mut lock(&recording).ledger {
                    ledger.status_begins(status, clock.now());
                }
                let (recording, clock) = (Arc::clone(&recording), clock.clone());
                status.add_callback(move |status| {
                    if let Some(ledger) = &mut lock(&recording).ledger {
                        ledger.status_ends(status, clock.now());
                    }
                });
            };
            engine.record_statuses(Some(Box::new(hook)));
            record_documents(engine, &self.recording, &self.clock);
        });
        lock(&self.recording).ledger = Some(Ledger::begin(self.clock.now()));
        let noting = Noting(&self.recording);
        let given = work(self);
        let ledger = lock(&self.recording).ledger.take();
        drop(noting);
        self.with_engine(|engine| engine.record_statuses(self.status_recorder()));
        (given, ledger.map(|ledger| ledger.finish(self.clock.now())).unwrap_or_default())
    }

    /// Makes a call of the engine, and tells what came of it.
    fn call(&self, call: impl AsyncFnOnce(&mut RunEngine) -> Result<RunEngineResult, TransitionError>) -> Outcome {
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
            let chronicle = recording.happenings.as_ref().map(|happenings| {
                let calls = |device: &Device| (device.clone(), device.record_calls());
                Chronicle::new(happenings, &lock(&self.beamline).devices().map(calls).collect::<Vec<_>>())
            });
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

    /// The documents of the last call.
    #[cfg(feature = "plan-files")]
    pub(super) fn documents(&self) -> Vec<Document> {
        lock(&self.recording).documents.clone()
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
    pub(super) const fn made_at(&self) -> &'static std::panic::Location<'static> {
        self.made_at
    }

    /// The documents of the last call.
    #[cfg(feature = "page")]
    pub(super) fn last_documents(&self) -> Vec<Document> {
        lock(&self.recording).documents.clone()
    }

    /// The seed of all chance.
    #[must_use]
    pub const fn seed(&self) -> u64 {
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

/// Notes every document of an engine; the engine then composes all of them.
fn record_documents(engine: &mut RunEngine, recording: &Arc<Mutex<Recording>>, clock: &Clock) {
    let (documents, time) = (Arc::clone(recording), clock.clone());
    engine.record_documents(move |document| lock(&documents).document(document, time.now()));
}

fn open_spans(capture: &Capture) -> Vec<Text> {
    capture.open_spans().into_iter().map(|span| format!("{} (since {})", span.name, span.start).into()).collect()
}

/// A call or a change that is under way on a thread.
struct Calling<'a>(&'a Mutex<Option<ThreadId>>);

impl<'a> Calling<'a> {
    fn begin(calling: &'a Mutex<Option<ThreadId>>, thread: ThreadId) -> Self {
        *lock(calling) = Some(thread);
        Self(calling)
    }
}

impl Drop for Calling<'_> {
    fn drop(&mut self) {
        *lock(self.0) = None;
    }
}

/// An estimate that is being made; after a panic the harness keeps documents and messages again.
struct Noting<'a>(&'a Mutex<Recording>);

impl Drop for Noting<'_> {
    fn drop(&mut self) {
        lock(self.0).ledger = None;
    }
}

impl Default for Harness {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        #[cfg(feature = "page")]
        if std::thread::panicking() {
            self.report_failing_test();
        }
        // What is scheduled for a time holds the clock.
        self.clock.let_go();
    }
}

impl fmt::Debug for Harness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Harness").field("seed", &self.seed).field("clock", &self.clock).finish_non_exhaustive()
    }
}
