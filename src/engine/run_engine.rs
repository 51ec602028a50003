//! [`RunEngine`]: takes plans to their end.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use opentelemetry::Context;

use super::builder::RunEngineBuilder;
use super::call::Call;
use super::commands::Commands;
use super::control::Control;
use super::mishaps::Mishaps;
use super::monitors::Updates;
use super::preferences::{Input, MetadataRules, standard_input};
use super::subscriptions::Subscriptions;
use super::turns::LeftOff;
use super::{ExitStatus, RunEngineResult, RunEngineState, SpanConvention, Subscriber, Suspender, TransitionError};
use crate::clock::Clock;
use crate::device::{CallEnvironment, Cx, Device, Status};
use crate::document::{Document, DocumentName};
use crate::message::{Msg, PlanError};
use crate::plan::{Plan, PlanEnv};
use crate::seed::Seed;
use crate::value::{IntoEntries, Map, Text, Value};

/// Takes plans to their end: executes their messages on devices, emits documents, traces itself
/// (`bluesky.run_engine.RunEngine`, 1.15.1).
pub struct RunEngine {
    /// It keeps the timers; the one that devices get does not.
    pub(super) clock: Clock,
    pub(super) shared: Arc<CallEnvironment>,
    pub(super) mishaps: Arc<Mishaps>,
    pub(super) env: Arc<PlanEnv>,
    pub(super) convention: SpanConvention,
    pub(super) control: Arc<Control>,
    /// The uids of documents.
    pub(super) seed: Seed,
    pub(super) md: Map,
    pub(super) metadata: MetadataRules,
    pub(super) commands: Commands,
    pub(super) preprocessors: Vec<Preprocessor>,
    pub(super) subscriptions: Subscriptions,
    pub(super) hooks: Hooks,
    /// Whether interruptions are events of the runs.
    pub(super) record_interruptions: bool,
    /// Whether messages are kept for a replay.
    pub(super) rewindable: bool,
    pub(super) call: Call,
    pub(super) suspenders: Vec<Suspender>,
}

/// Takes the plan of every call, and gives another one.
pub(super) type Preprocessor = Arc<dyn Fn(Plan) -> Plan + Send + Sync>;

type MsgHook = Box<dyn FnMut(&Msg) + Send>;
pub(crate) type StatusHook = Box<dyn FnMut(&Status) + Send>;
type FailureHook = Box<dyn FnMut(&PlanError) + Send>;
type WaitingHook = Box<dyn FnMut(Option<&[Status]>) + Send>;

/// Those who want to know what the engine is about to do.
pub(super) struct Hooks {
    /// That of the harness, beside the user's.
    pub(super) recorder: Option<MsgHook>,
    pub(super) msg: Option<MsgHook>,
    pub(super) waiting: Option<WaitingHook>,
    /// That of an estimate: gets every status that a message gave.
    pub(super) statuses: Option<StatusHook>,
    /// That of a chronicle: gets why a message failed.
    pub(super) failures: Option<FailureHook>,
    pub(super) open_spans: Option<Box<dyn Fn() -> Vec<Text> + Send>>,
    /// Where the lines come from that `input` asks for.
    pub(super) input: Input,
}

/// What is special about one call of the engine.
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    /// Metadata that goes before all other into the start documents of this call.
    pub md: Map,
    /// The context of the caller, whose span is the parent of spans that have no other.
    pub parent: Context,
    /// Who gets the documents of this call, besides those who subscribed to the engine.
    pub subscribers: Vec<(DocumentName, Subscriber)>,
}

/// Options that are nothing but metadata: `json!({...})`, a [`Map`], or a list of pairs.
///
/// # Panics
///
/// If it is JSON, but no object.
impl<E: IntoEntries> From<E> for CallOptions {
    #[track_caller]
    fn from(md: E) -> Self {
        Self { md: md.into_entries().into_iter().collect(), ..Self::default() }
    }
}

impl RunEngine {
    /// An engine to be, on that clock.
    #[must_use]
    pub fn builder(clock: Clock) -> RunEngineBuilder {
        RunEngineBuilder::new(clock)
    }

    /// The clock of the engine.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Its clock as its devices get it.
    pub(crate) fn clock_of_devices(&self) -> &Clock {
        &self.shared.clock
    }

    /// What all of its calls of devices share.
    pub(crate) const fn call_environment(&self) -> &Arc<CallEnvironment> {
        &self.shared
    }

    /// The metadata that goes into every start document; `scan_id` is kept here between runs.
    pub const fn md(&mut self) -> &mut Map {
        &mut self.md
    }

    /// Calls `recorder` with every status that a message gave, from now on; with nothing, nobody any more.
    pub(crate) fn record_statuses(&mut self, recorder: Option<StatusHook>) {
        self.hooks.statuses = recorder;
    }

    /// Calls `recorder` with the error of each message that fails.
    pub(crate) fn record_failures(&mut self, recorder: impl FnMut(&PlanError) + Send + 'static) {
        self.hooks.failures = Some(Box::new(recorder));
    }

    /// Calls `recorder` with the new state and the one before, at every change, and before the user's hook. It may ask
    /// nothing of the engine.
    pub(crate) fn record_states(&self, recorder: impl FnMut(RunEngineState, RunEngineState) + Send + 'static) {
        self.control.set_recorder(Box::new(recorder));
    }

    /// Calls `recorder` with every message, before it is executed, and before the user's hook.
    pub(crate) fn record_messages(&mut self, recorder: impl FnMut(&Msg) + Send + 'static) {
        self.hooks.recorder = Some(Box::new(recorder));
    }

    /// Calls `hook` with every message, before it is executed (`RE.msg_hook`). The hook that was set before is not called
    /// any more.
    pub fn set_msg_hook(&mut self, hook: impl FnMut(&Msg) + Send + 'static) {
        self.hooks.msg = Some(Box::new(hook));
    }

    /// Calls `hook` with the statuses that a `wait` is about to wait for, and with nothing when it has
    /// (`RE.waiting_hook`).
    pub fn set_waiting_hook(&mut self, hook: impl FnMut(Option<&[Status]>) + Send + 'static) {
        self.hooks.waiting = Some(Box::new(hook));
    }

    /// Says which spans are open, for the report of a deadlock.
    pub fn set_open_spans(&mut self, open_spans: impl Fn() -> Vec<Text> + Send + 'static) {
        self.hooks.open_spans = Some(Box::new(open_spans));
    }

    /// Executes a plan to its end, or until the engine is paused. However it ends, the engine cleans up, and is as good
    /// as before.
    ///
    /// A paused engine keeps the plan: [`resume`](Self::resume) goes on, [`abort`](Self::abort), [`stop`](Self::stop) and
    /// [`halt`](Self::halt) end it.
    ///
    /// # Errors
    ///
    /// If the engine is paused or has panicked. What becomes of the plan is told by the result.
    pub async fn run(&mut self, plan: impl Into<Plan>) -> Result<RunEngineResult, TransitionError> {
        self.run_with(plan, CallOptions::default()).await
    }

    /// [`run`](Self::run), with metadata, a parent and subscribers of its own. Metadata alone will do: `json!({...})`, a
    /// [`Map`], or a list of pairs.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub async fn run_with(
        &mut self,
        plan: impl Into<Plan>,
        options: impl Into<CallOptions>,
    ) -> Result<RunEngineResult, TransitionError> {
        self.control.begin_call()?;
        let engine = Unfinished(self);
        engine.0.control.tell_of_call();
        engine.0.begin_call(plan.into(), options.into());
        let left_off = engine.0.take_turns().await;
        let result = engine.0.leave_off(left_off).await;
        engine.leave();
        Ok(result)
    }

    fn begin_call(&mut self, plan: Plan, options: CallOptions) {
        self.env.set_ambient(options.parent);
        let updates = Arc::new(Updates::of(&self.control));
        self.call = Call { plan_name: plan.name().clone(), md: options.md, updates, ..Call::default() };
        for (name, subscriber) in options.subscribers {
            let token = self.subscriptions.add(name, subscriber);
            self.call.subscriptions.push(token);
        }
        let plan = self.preprocessors.iter().fold(plan, |plan, preprocess| preprocess(plan));
        self.call.push(plan);
        self.hear_of_mishaps();
        self.wait_for_tripped_suspenders();
    }

    /// Gives what came of the call so far; ends it, where its last plan has come to its end.
    pub(super) async fn leave_off(&mut self, left_off: LeftOff) -> RunEngineResult {
        match left_off {
            LeftOff::Paused => self.paused(),
            LeftOff::Ended(outcome) => self.end_call(outcome).await,
        }
    }

    /// What came of a call so far that is paused.
    pub(super) fn paused(&self) -> RunEngineResult {
        RunEngineResult {
            run_start_uids: self.call.run_start_uids.clone(),
            plan_result: None,
            exit_status: ExitStatus::Success,
            interrupted: true,
            reason: Text::default(),
            exception: None,
            failed_at: None,
            cleanup_errors: self.call.cleanup_errors.clone(),
            warnings: self.call.warnings.clone(),
        }
    }

    async fn end_call(&mut self, outcome: Result<Value, PlanError>) -> RunEngineResult {
        let (exit_status, exception) = match &outcome {
            Ok(_) | Err(PlanError::RequestStop) => (ExitStatus::Success, None),
            Err(PlanError::RequestAbort | PlanError::FailedPause | PlanError::PlanHalt) => (ExitStatus::Abort, None),
            Err(PlanError::Killed) => (ExitStatus::Fail, None),
            Err(error) => (ExitStatus::Fail, Some(error.clone())),
        };
        let mut reason = exception.as_ref().map(PlanError::reason).unwrap_or_default();
        if reason.is_empty() {
            reason = self.call.abort_reason.clone();
        }
        let failed_at = exception.as_ref().and_then(|error| self.failed_at(error));
        self.clean_up(exit_status, &reason).await;
        self.tell_of_late_mishaps();
        let call = std::mem::take(&mut self.call);
        self.control.end_call();
        RunEngineResult {
            run_start_uids: call.run_start_uids,
            plan_result: outcome.ok(),
            exit_status,
            interrupted: call.interrupted,
            reason,
            exception,
            failed_at,
            cleanup_errors: call.cleanup_errors,
            warnings: call.warnings,
        }
    }

    /// The circumstances of a call of a device.
    pub(super) const fn cx<'a>(&'a self, device: &'a Device, parent: &'a Context) -> Cx<'a> {
        Cx::new(&self.shared, device, parent)
    }

    /// Gives a document to those who want it.
    pub(super) fn emit(&mut self, document: impl FnOnce() -> Document) -> Result<(), PlanError> {
        if self.subscriptions.is_empty() { Ok(()) } else { self.subscriptions.emit(&document()) }
    }
}

/// A call that may be left before its end: by a panic, or by someone who waits no longer.
pub(super) struct Unfinished<'a>(pub(super) &'a mut RunEngine);

impl Unfinished<'_> {
    /// The call is over, or paused: it goes on, even where another thread has decided by now how it ends.
    pub(super) const fn leave(self) {
        std::mem::forget(self);
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        // A call that is over has ended, one that is paused goes on.
        if !matches!(self.0.control.state(), RunEngineState::Idle | RunEngineState::Paused | RunEngineState::Panicked) {
            self.0.leave_behind();
        }
    }
}

impl Drop for RunEngine {
    fn drop(&mut self) {
        if !self.call.is_clean() {
            self.leave_behind();
        }
    }
}

impl RunEngine {
    /// Cleans up what a call has left, as far as that takes no time, so that the next one begins with nothing open.
    fn leave_behind(&mut self) {
        // A device that panics here has done so before, or will be heard of when it is used next.
        self.call.hurried = true;
        let _ = catch_unwind(AssertUnwindSafe(|| {
            let reason = Text::literal("the call was left before its end");
            let mut clean_up = std::pin::pin!(self.clean_up(ExitStatus::Fail, &reason));
            let _ = clean_up.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
        }));
        self.call = Call::default();
        // A hook that panics here must not do so in the middle of another panic.
        let _ = catch_unwind(AssertUnwindSafe(|| self.control.end_call()));
    }
}

impl fmt::Debug for RunEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunEngine").field("convention", &self.convention).field("md", &self.md).finish_non_exhaustive()
    }
}

impl Default for Hooks {
    fn default() -> Self {
        Self {
            recorder: None,
            msg: None,
            waiting: None,
            statuses: None,
            failures: None,
            open_spans: None,
            input: standard_input(),
        }
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hooks")
    }
}
