//! [`Call`]: what belongs to one call of the engine, and is new with the next.

use std::any::Any;
use std::collections::HashSet;
use std::sync::Arc;

use super::failed_at::LastFailures;
use super::groups::Groups;
use super::monitors::Updates;
use super::runs::OpenRun;
use super::warning::ClosedRun;
use super::{EngineWarning, SubscriptionToken};
use crate::device::Device;
use crate::message::{Msg, PlanError, Response};
use crate::plan::Plan;
use crate::value::{Map, Text, Value};

/// What belongs to one call, and is new with the next.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) plan_name: Text,
    pub(super) md: Map,
    /// The plans, each on top of the one that goes on after it.
    pub(super) plans: Vec<Frame>,
    /// How many messages were taken.
    pub(super) messages: u64,
    /// What failed last, among which may be what the plan fails with.
    pub(super) failures: LastFailures,
    /// What is thrown at the plan on top at the next turn.
    pub(super) thrown: Option<PlanError>,
    /// The messages since the last checkpoint; nothing where there is no way back.
    pub(super) cache: Option<Vec<Msg>>,
    /// How often it was emptied: a message that empties it does not get into it.
    pub(super) cache_resets: u64,
    /// Whether the call was paused or ended from outside since it began or was resumed.
    pub(super) interrupted: bool,
    /// What a device has panicked with in a timer, to be thrown at the plan.
    pub(super) mishap: Option<PlanError>,
    /// What a hook has panicked with where that would have been taken for a panic of the message under way.
    pub(super) panic: Option<Box<dyn Any + Send>>,
    /// Why it was aborted.
    pub(super) abort_reason: Text,
    /// Whether what is awaited now is awaited whatever is asked: it brings everything to rest.
    pub(super) undisturbed: bool,
    /// Whether there is no time: what is not there at once is given up.
    pub(super) hurried: bool,
    pub(super) run_start_uids: Vec<Text>,
    /// The open runs by key, in the order in which they were opened.
    pub(super) runs: Vec<(Value, OpenRun)>,
    pub(super) groups: Groups,
    /// What has changed of the devices that are monitored, and is no event yet.
    pub(super) updates: Arc<Updates>,
    /// The groups of which the waiting hook knows, though the wait for them has moved on.
    pub(super) moved_on_groups: Vec<Value>,
    /// What was set, in order; it is stopped in the end.
    pub(super) moved: Vec<Device>,
    pub(super) moved_before: HashSet<Device>,
    /// What was staged, in order, and not yet unstaged.
    pub(super) staged: Vec<Device>,
    /// What wants to know of a pause, in the order in which it was seen.
    pub(super) pausables: Vec<Device>,
    /// The subscriptions that end with the call.
    pub(super) subscriptions: Vec<SubscriptionToken>,
    /// The runs that were closed since the last checkpoint, if messages are kept for a replay.
    pub(super) closed_runs: Vec<ClosedRun>,
    /// What went well, and may not be meant.
    pub(super) warnings: Vec<EngineWarning>,
    /// What went wrong where nothing could be done about it.
    pub(super) cleanup_errors: Vec<Text>,
}

/// A plan on the stack, and the answer to its last message, which it has not got yet.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) plan: Plan,
    pub(super) answer: Result<Response, PlanError>,
}

impl Default for Call {
    fn default() -> Self {
        Self {
            plan_name: Text::default(),
            md: Map::new(),
            plans: Vec::new(),
            messages: 0,
            failures: LastFailures::default(),
            thrown: None,
            cache: Some(Vec::new()),
            cache_resets: 0,
            interrupted: false,
            mishap: None,
            panic: None,
            abort_reason: Text::default(),
            undisturbed: false,
            hurried: false,
            run_start_uids: Vec::new(),
            runs: Vec::new(),
            groups: Groups::default(),
            updates: Arc::default(),
            moved_on_groups: Vec::new(),
            moved: Vec::new(),
            moved_before: HashSet::new(),
            staged: Vec::new(),
            pausables: Vec::new(),
            subscriptions: Vec::new(),
            closed_runs: Vec::new(),
            warnings: Vec::new(),
            cleanup_errors: Vec::new(),
        }
    }
}

impl Call {
    /// Puts a plan on top.
    pub(super) fn push(&mut self, plan: Plan) {
        self.plans.push(Frame { plan, answer: Ok(Response::None) });
    }

    /// Whether nothing is open, neither a run nor a device.
    pub(super) const fn is_clean(&self) -> bool {
        self.plans.is_empty() && self.runs.is_empty() && self.moved.is_empty() && self.staged.is_empty()
    }
}
