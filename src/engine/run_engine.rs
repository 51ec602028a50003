//! [`RunEngine`]: takes plans to their end.

use std::collections::HashSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use opentelemetry::Context;

use super::builder::RunEngineBuilder;
use super::groups::Groups;
use super::runs::OpenRun;
use super::subscriptions::Subscriptions;
use super::{ExitStatus, RunEngineResult, SpanConvention, SubscriptionToken};
use crate::clock::Clock;
use crate::device::{Circumstances, Cx, Device, Status};
use crate::document::Document;
use crate::message::{Msg, PlanError, Response};
use crate::plan::{Plan, PlanEnv, Step};
use crate::seed::Seed;
use crate::value::{Map, Text, Value};

/// How many messages are executed before other tasks of the runtime get a turn.
const TURNS_BETWEEN_YIELDS: u32 = 64;

/// Takes plans to their end: executes their messages on devices, emits documents, traces itself
/// (`bluesky.run_engine.RunEngine`, 1.15.1).
pub struct RunEngine {
    pub(super) shared: Arc<Circumstances>,
    pub(super) env: Arc<PlanEnv>,
    pub(super) convention: SpanConvention,
    /// The uids of documents.
    pub(super) seed: Seed,
    pub(super) md: Map,
    pub(super) subscriptions: Subscriptions,
    pub(super) hooks: Hooks,
    pub(super) call: Call,
}

type MsgHook = Box<dyn FnMut(&Msg) + Send>;
type WaitingHook = Box<dyn FnMut(Option<&[Status]>) + Send>;

/// Those who want to know what the engine is about to do.
#[derive(Default)]
pub(super) struct Hooks {
    /// That of the harness, beside the user's.
    pub(super) recorder: Option<MsgHook>,
    pub(super) msg: Option<MsgHook>,
    pub(super) waiting: Option<WaitingHook>,
    pub(super) open_spans: Option<Box<dyn Fn() -> Vec<Text> + Send>>,
}

/// What belongs to one call, and is new with the next.
#[derive(Debug, Default)]
pub(super) struct Call {
    pub(super) plan_name: Text,
    pub(super) md: Map,
    pub(super) run_start_uids: Vec<Text>,
    /// The open runs by key, in the order in which they were opened.
    pub(super) runs: Vec<(Value, OpenRun)>,
    pub(super) groups: Groups,
    /// What was set, in order; it is stopped in the end.
    pub(super) moved: Vec<Device>,
    pub(super) moved_before: HashSet<Device>,
    /// What was staged, in order, and not yet unstaged.
    pub(super) staged: Vec<Device>,
}

/// What is special about one call of the engine.
#[derive(Clone, Debug, Default)]
pub struct CallOptions {
    /// Metadata that goes before all other into the start documents of this call.
    pub md: Map,
    /// The context of the caller, whose span is the parent of spans that have no other.
    pub parent: Context,
}

impl RunEngine {
    /// An engine to be, on that clock.
    #[must_use]
    pub fn builder(clock: Clock) -> RunEngineBuilder {
        RunEngineBuilder::new(clock)
    }

    pub(super) fn new(
        shared: Arc<Circumstances>,
        env: Arc<PlanEnv>,
        convention: SpanConvention,
        seed: Seed,
        md: Map,
        hooks: Hooks,
    ) -> Self {
        let subscriptions = Subscriptions::default();
        Self { shared, env, convention, seed, md, subscriptions, hooks, call: Call::default() }
    }

    /// Its clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// The metadata that goes into every start document; `scan_id` is kept here between runs.
    pub const fn md(&mut self) -> &mut Map {
        &mut self.md
    }

    /// Gives every document to `subscriber`, from now on.
    pub fn subscribe(&mut self, subscriber: impl FnMut(&Document) + Send + 'static) -> SubscriptionToken {
        self.subscriptions.add(Box::new(subscriber))
    }

    /// Ends a subscription; one that is not there has ended already.
    pub fn unsubscribe(&mut self, token: SubscriptionToken) {
        self.subscriptions.remove(token);
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

    /// Takes a plan to its end. Whatever happens, it cleans up, and the engine is as good as before.
    pub async fn run(&mut self, plan: impl Into<Plan>) -> RunEngineResult {
        self.run_with(plan, CallOptions::default()).await
    }

    /// [`run`](Self::run), with metadata and a parent of its own.
    pub async fn run_with(&mut self, plan: impl Into<Plan>, options: CallOptions) -> RunEngineResult {
        let mut plan = plan.into();
        self.env.set_ambient(options.parent);
        self.call = Call { plan_name: plan.name().clone(), md: options.md, ..Call::default() };
        let engine = Unfinished(self);
        let outcome = engine.0.take_to_its_end(&mut plan).await;
        let (exit_status, exception) = match &outcome {
            Ok(_) | Err(PlanError::RequestStop) => (ExitStatus::Success, None),
            Err(PlanError::RequestAbort) => (ExitStatus::Abort, None),
            Err(error) => (ExitStatus::Fail, Some(error.clone())),
        };
        let reason = exception.as_ref().map(PlanError::reason).unwrap_or_default();
        let cleanup_errors = engine.0.clean_up(exit_status, &reason).await;
        drop(plan);
        let call = std::mem::take(&mut engine.0.call);
        RunEngineResult {
            run_start_uids: call.run_start_uids,
            plan_result: outcome.ok(),
            exit_status,
            reason,
            exception,
            cleanup_errors,
        }
    }

    async fn take_to_its_end(&mut self, plan: &mut Plan) -> Result<Value, PlanError> {
        let env = Arc::clone(&self.env);
        let mut answer = Ok(Response::None);
        let mut turns = 0;
        loop {
            turns += 1;
            if turns == TURNS_BETWEEN_YIELDS {
                turns = 0;
                tokio::task::yield_now().await;
            }
            // What failed meanwhile goes before the answer, whatever the plan does and whether it waits for it.
            if let Some(failure) = self.call.groups.take_failure() {
                answer = Err(failure);
            }
            let msg = match plan.resume(&env, answer) {
                Step::Yield(msg) => msg,
                Step::Done(result) => return result,
            };
            for hook in [&mut self.hooks.recorder, &mut self.hooks.msg].into_iter().flatten() {
                hook(&msg);
            }
            answer = self.execute(&msg).await;
        }
    }

    /// The circumstances of a call of a device.
    pub(super) const fn cx<'a>(&'a self, device: &'a Device, parent: &'a Context) -> Cx<'a> {
        Cx::new(&self.shared, device, parent)
    }

    pub(super) fn emit(&mut self, document: impl FnOnce() -> Document) {
        if !self.subscriptions.is_empty() {
            self.subscriptions.emit(&document());
        }
    }
}

/// A call that may be left before its end: by a panic, or by someone who waits no longer.
struct Unfinished<'a>(&'a mut RunEngine);

impl Drop for Unfinished<'_> {
    /// Cleans up what the call has left, as far as that takes no time, so that the next one begins with nothing open.
    fn drop(&mut self) {
        if self.0.call.is_clean() {
            return;
        }
        // A device that panics here has done so before, or will be heard of when it is used next.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            let reason = Text::literal("the call was left before its end");
            let mut clean_up = std::pin::pin!(self.0.clean_up(ExitStatus::Fail, &reason));
            let _ = clean_up.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
        }));
        self.0.call = Call::default();
    }
}

impl Call {
    fn is_clean(&self) -> bool {
        self.runs.is_empty() && self.moved.is_empty() && self.staged.is_empty()
    }
}

impl fmt::Debug for RunEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunEngine").field("convention", &self.convention).field("md", &self.md).finish_non_exhaustive()
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hooks")
    }
}
