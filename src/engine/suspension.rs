//! Suspensions: the plan is led back to its last checkpoint, and waits until what was missing is there again.

use std::fmt;
use std::sync::Arc;

use skyspan_trace::internal::{RELEASED, SUSPENDED};

use super::{RunEngine, RunEngineState};
use crate::message::{Awaitable, Command, Msg, Object, PlanError, Response, StartSuspender, WaitFor};
use crate::plan::{Plan, plan};
use crate::value::Text;

/// Why, and until when, a plan is suspended (`RE.request_suspend`, bluesky 1.15.1).
///
/// The plan is led back to its last checkpoint. Then come the plan before, the wait, the plan after, and the messages
/// since that checkpoint once more; none of the former is executed again by a later pause. As in bluesky, a wait that is
/// interrupted is not taken up again: neither by [`resume`](RunEngine::resume) after a pause during it, nor when another
/// suspension that began on top of it is over. The plan goes on then, whether what it waited for is there or not.
#[derive(Clone, Debug)]
pub struct Suspension {
    release: Awaitable,
    pre_plan: Option<PlanMaker>,
    post_plan: Option<PlanMaker>,
    justification: Option<Text>,
    /// How many more turns of bluesky's event loop go by before it begins, unless a message has to wait: one with each message, and more
    /// with some.
    turns_to_come: u8,
}

/// Makes a plan whenever one is needed. Cloning gives another handle to the same.
#[derive(Clone)]
pub struct PlanMaker(Arc<dyn Fn() -> Plan + Send + Sync>);

impl PlanMaker {
    /// Takes a function that makes a fresh plan at each call.
    pub fn new(make: impl Fn() -> Plan + Send + Sync + 'static) -> Self {
        Self(Arc::new(make))
    }

    /// Makes a fresh plan.
    #[must_use]
    pub fn make(&self) -> Plan {
        (self.0)()
    }

    fn to_object(&self) -> Object {
        Object::new("function", self.clone())
    }
}

impl fmt::Debug for PlanMaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlanMaker")
    }
}

impl Suspension {
    /// A suspension until that is there. Where the engine need not wait, bluesky takes a turn of its event loop to hear of it.
    #[must_use]
    pub const fn until(release: Awaitable) -> Self {
        Self { release, pre_plan: None, post_plan: None, justification: None, turns_to_come: 1 }
    }

    /// A plan to be executed before the wait.
    #[must_use]
    pub fn pre_plan(mut self, make: impl Fn() -> Plan + Send + Sync + 'static) -> Self {
        self.pre_plan = Some(PlanMaker::new(make));
        self
    }

    /// A plan to be executed after the wait.
    #[must_use]
    pub fn post_plan(mut self, make: impl Fn() -> Plan + Send + Sync + 'static) -> Self {
        self.post_plan = Some(PlanMaker::new(make));
        self
    }

    /// Why: it is recorded, where interruptions are.
    #[must_use]
    pub fn because(mut self, justification: impl Into<Text>) -> Self {
        self.justification = Some(justification.into());
        self
    }

    /// That of a suspender, which takes two turns to be heard, for it speaks from another thread.
    pub(super) fn of_suspender(self, pre_plan: Option<PlanMaker>, post_plan: Option<PlanMaker>) -> Self {
        Self { pre_plan, post_plan, turns_to_come: 2, ..self }
    }

    pub(super) const fn is_due(&self) -> bool {
        self.turns_to_come == 0
    }

    pub(super) const fn pass_turns(&mut self, turns: u8) {
        self.turns_to_come = self.turns_to_come.saturating_sub(turns);
    }

    pub(super) const fn make_due(&mut self) {
        self.turns_to_come = 0;
    }

    fn into_message(self) -> Msg {
        let start = StartSuspender {
            pre_plan: self.pre_plan.as_ref().map(PlanMaker::to_object),
            post_plan: self.post_plan.as_ref().map(PlanMaker::to_object),
            justification: self.justification,
            release: self.release,
        };
        Command::StartSuspender(Box::new(start)).into()
    }
}

impl RunEngine {
    /// Puts the suspensions that were asked for on top of the plan; where there is no way back, the plan is aborted.
    pub(super) fn begin_suspensions(&mut self) {
        let is_paused = self.control.state() == RunEngineState::Paused;
        if is_paused {
            self.control.make_suspensions_due();
        }
        while let Some(suspension) = self.control.take_suspension() {
            if self.call.cache.is_none() {
                self.fail_to_pause();
                return;
            }
            let message = suspension.into_message();
            self.call.push(plan(async move |p| p.msg(message).await.map(drop)));
            if !is_paused {
                // It is an instant, but those who watch the state shall see it.
                let _ = self.control.change_to(RunEngineState::Suspending);
                let _ = self.control.change_to(RunEngineState::Running);
                // bluesky begins its loop anew, which takes a turn: another may be due then, and goes on top.
                self.control.pass_turns(1);
            }
        }
        self.control.pass_turns(1);
    }

    /// Lets turns of the event loop go by that the message under way takes in bluesky 1.15.1, though it takes no time: a suspender that
    /// has tripped is heard the sooner. A wait for what is done, and whatever is asked of devices at once, takes three of asyncio's
    /// turns, which is more than a suspender needs.
    #[inline]
    pub(super) fn take_loop_turns(&mut self, turns: u8) {
        // A suspension that is to come is news, and what is to be done once the message gives way.
        if self.control.has_news() {
            self.do_what_was_asked();
            self.control.pass_turns(turns);
        }
    }

    /// Brings everything to rest, and puts on top of the plan: the plan before, the wait, the plan after, and what was
    /// executed since the last checkpoint.
    pub(super) async fn start_suspender(&mut self, start: &StartSuspender) -> Result<Response, PlanError> {
        self.record_interruption(start.justification.as_ref().unwrap_or(&Text::literal("suspended")))?;
        self.note_on_runs(SUSPENDED, start.justification.as_ref());
        self.come_to_rest().await?;
        let replayed = self.rewind();
        let was_rewindable = self.rewindable;
        let make = |object: &Option<Object>| Some(object.as_ref()?.downcast_ref::<PlanMaker>()?.make());
        let (pre_plan, post_plan) = (make(&start.pre_plan), make(&start.post_plan));
        let why = start.justification.as_ref().map_or_else(String::new, |why| format!(": {why}"));
        let release = start.release.clone().because(format!("the end of the suspension{why}"));
        self.call.push(plan(async move |p| {
            p.msg(Command::Rewindable { rewindable: Some(false) }).await?;
            if let Some(pre_plan) = pre_plan {
                p.run(pre_plan).await?;
            }
            p.msg(Command::WaitFor(Box::new(WaitFor { awaitables: vec![release], timeout_s: None }))).await?;
            p.msg(Command::ResumeFromSuspender).await?;
            if let Some(post_plan) = post_plan {
                p.run(post_plan).await?;
            }
            p.msg(Command::Rewindable { rewindable: Some(was_rewindable) }).await?;
            for message in replayed {
                p.msg(message).await?;
            }
            Ok(())
        }));
        Ok(Response::None)
    }

    /// Lets everything go on after a suspension.
    pub(super) async fn resume_from_suspender(&mut self) -> Result<Response, PlanError> {
        self.note_on_runs(RELEASED, None);
        self.restore_monitors()?;
        self.resume_pausables().await?;
        Ok(Response::None)
    }
}
