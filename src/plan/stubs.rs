//! [`Stubs`]: the plan stubs that yield one message, or a few.

use std::sync::Arc;

use super::coroutine::{Slot, Yield};
use super::{Plan, PlanEnv, Resumed, each_moved_once, merged_moves};
use crate::device::{Args, Device, Status};
use crate::message::{CloseRun, Command, DeviceCall, Msg, PlanError, Response, Wait};
use crate::value::{IntoEntries, Map, Text, Value};

/// The plan stubs of bluesky 1.15.1 (`bluesky.plan_stubs`), bound to the plan that yields their messages. Cloning gives
/// another handle to the same plan.
///
/// Every stub gives the error that was thrown instead of the answer.
#[derive(Clone, Debug)]
pub struct Stubs {
    slot: Arc<Slot>,
}

impl Stubs {
    pub(super) const fn new(slot: Arc<Slot>) -> Self {
        Self { slot }
    }

    /// What the plan shares with its engine.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plan(async |p| {
    ///     let begun = p.env().clock.now();
    ///     p.sleep(2.0).await?;
    ///     Ok((p.env().clock.now() - begun).as_secs_f64())
    /// }));
    /// assert_eq!(run.plan_result(), Some(&2.0.into()));
    /// ```
    #[must_use]
    pub fn env(&self) -> Arc<PlanEnv> {
        Arc::clone(self.slot.env())
    }

    /// Yields any message.
    ///
    /// # Errors
    ///
    /// What was thrown.
    ///
    /// ```
    /// use skyspan::message::Command;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plan(async |p| p.msg(Command::Null).await.map(drop)));
    /// assert_eq!(run.messages()[0].command(), "null");
    /// ```
    pub fn msg(&self, message: impl Into<Msg>) -> impl Future<Output = Result<Response, PlanError>> + Send + '_ {
        Yield::new(message.into())
    }

    /// Yields all messages of another plan, and gives its result: Python's `yield from`.
    ///
    /// # Errors
    ///
    /// What came out of that plan.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let (det, motor) = (lab.device("det"), lab.device("motor"));
    /// let run = lab.run(plan(async move |p| {
    ///     p.mv(&motor, 1).await?;
    ///     p.run(plans::count(&det, 3)).await
    /// }));
    /// assert_eq!(run.events().count(), 3);
    /// ```
    pub async fn run(&self, plan: impl Into<Plan>) -> Result<Value, PlanError> {
        let mut plan = plan.into();
        let env = self.env();
        let mut answer = Ok(Response::None);
        loop {
            match plan.resume(&env, answer) {
                Resumed::Yield(message) => answer = self.msg(message).await,
                Resumed::Done(result) => return result,
            }
        }
    }

    /// Opens a run, with metadata: `json!({...})`, a [`Map`](crate::value::Map), or a list of pairs.
    /// Gives its uid.
    ///
    /// # Errors
    ///
    /// If a run of that key is open, or the metadata does not do.
    ///
    /// # Panics
    ///
    /// If the metadata is JSON, but no object.
    ///
    /// ```
    /// use serde_json::json;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plan(async |p| {
    ///     p.open_run(json!({"sample": "A"})).await?;
    ///     p.close_run().await
    /// }));
    /// assert_eq!(run.documents()[0].to_map().get("sample"), Some(&"A".into()));
    /// ```
    pub async fn open_run(&self, md: impl IntoEntries) -> Result<Text, PlanError> {
        self.msg(Msg::open_run(md)).await.map(Response::into_uid)
    }

    /// Closes the run as a success; gives its uid.
    ///
    /// # Errors
    ///
    /// If no run is open.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plan(async |p| {
    ///     p.open_run(Map::new()).await?;
    ///     p.close_run().await
    /// }));
    /// assert_eq!(run.documents()[1].to_map().get("exit_status"), Some(&"success".into()));
    /// ```
    pub async fn close_run(&self) -> Result<Text, PlanError> {
        self.close_run_as(Value::Null, Value::Null).await
    }

    /// Closes the run with an exit status (`success`, `abort` or `fail`) and a reason; null for bluesky's defaults.
    ///
    /// # Errors
    ///
    /// If no run is open.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plan(async |p| {
    ///     p.open_run(Map::new()).await?;
    ///     p.close_run_as("fail", "no light").await
    /// }));
    /// assert_eq!(run.documents()[1].to_map().get("reason"), Some(&"no light".into()));
    /// ```
    pub async fn close_run_as(
        &self,
        exit_status: impl Into<Value>,
        reason: impl Into<Value>,
    ) -> Result<Text, PlanError> {
        let close = CloseRun { exit_status: Some(exit_status.into()), reason: Some(reason.into()) };
        self.msg(Command::CloseRun(close.into())).await.map(Response::into_uid)
    }

    /// Does nothing.
    ///
    /// # Errors
    ///
    /// What was thrown.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plan(async |p| p.null().await));
    /// assert_eq!((run.messages().len(), run.duration()), (1, secs(0.0)));
    /// ```
    pub async fn null(&self) -> Result<(), PlanError> {
        self.msg(Command::Null).await.map(drop)
    }

    /// Sets a device without waiting for it, in no group; gives its status.
    ///
    /// # Errors
    ///
    /// If it cannot be set, or not to that value.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let axis = lab.add(SynAxis::new("axis").delay_s(2.0));
    /// let run = lab.run(plan(async move |p| {
    ///     let status = p.abs_set(&axis, 5).await?;
    ///     Ok(status.map(|status| status.is_done()))
    /// }));
    /// assert_eq!(run.plan_result(), Some(&false.into()));
    /// ```
    pub async fn abs_set(&self, obj: &Device, value: impl Into<Value>) -> Result<Option<Status>, PlanError> {
        self.abs_set_in(obj, value, Value::Null).await
    }

    /// Sets a device without waiting for it, in a group; gives its status.
    ///
    /// # Errors
    ///
    /// If it cannot be set, or not to that value.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let axis = lab.add(SynAxis::new("axis").delay_s(2.0));
    /// let run = lab.run(plan(async move |p| {
    ///     p.abs_set_in(&axis, 5, "there").await?;
    ///     p.wait("there").await
    /// }));
    /// assert_eq!(run.duration(), secs(2.0));
    /// ```
    pub async fn abs_set_in(
        &self,
        obj: &Device,
        value: impl Into<Value>,
        group: impl Into<Value>,
    ) -> Result<Option<Status>, PlanError> {
        self.msg(Msg::set(obj, value).in_group(group)).await.map(Response::into_status)
    }

    /// Moves a device, and waits until it is there.
    ///
    /// # Errors
    ///
    /// If it cannot be set, or does not arrive.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let motor = lab.device("motor");
    /// let moved = motor.clone();
    /// lab.run(plan(async move |p| p.mv(&moved, 5).await)).assert_success();
    /// assert_eq!(motor.position(), Some(5.0.into()));
    /// ```
    pub async fn mv(&self, obj: &Device, value: impl Into<Value>) -> Result<(), PlanError> {
        self.mv_all([(obj, value.into())]).await
    }

    /// Moves several devices at once, and waits until all are there.
    ///
    /// # Errors
    ///
    /// If one cannot be set, does not arrive, or stands there twice.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let axes = ["x", "y"].map(|name| lab.add(SynAxis::new(name).delay_s(2.0)));
    /// let run = lab.run(plan(async move |p| p.mv_all(axes.iter().map(|axis| (axis, 1))).await));
    /// assert_eq!(run.duration(), secs(2.0), "both at once");
    /// ```
    pub async fn mv_all<'a, I, V>(&self, moves: I) -> Result<(), PlanError>
    where
        I: IntoIterator<Item = (&'a Device, V)>,
        V: Into<Value>,
    {
        self.mv_with(moves, Map::new()).await
    }

    /// The same with arguments by keyword for each `set`. Several pseudo axes of one positioner are one `set` of it.
    ///
    /// # Errors
    ///
    /// If one cannot be set, does not arrive, or stands there twice; a `ValueError` where a positioner is moved besides its
    /// axes, or its real axes besides its pseudo ones.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let [x, y] = ["pseudo3x3.pseudo1", "pseudo3x3.pseudo2"].map(|axis| lab.device(axis));
    /// let run = lab.run(plan(async move |p| p.mv_with([(&x, 1), (&y, 2)], Map::from_iter([("timeout", 5)])).await));
    /// let set: Vec<String> = run.messages().iter().map(Msg::to_string).collect();
    /// assert!(set[0].starts_with("set(pseudo3x3, {'pseudo1': 1, 'pseudo2': 2}, group="), "{set:?}");
    /// assert!(set[0].ends_with("timeout=5)") && set.len() == 2, "{set:?}");
    /// ```
    pub async fn mv_with<'a, I, V>(&self, moves: I, keywords: Map) -> Result<(), PlanError>
    where
        I: IntoIterator<Item = (&'a Device, V)>,
        V: Into<Value>,
    {
        let moves: Vec<(Device, Value)> =
            moves.into_iter().map(|(device, value)| (device.clone(), value.into())).collect();
        let group = Value::Str(self.env().seed.uid());
        self.move_together(moves, keywords, group, None).await.map(drop)
    }

    /// Moves devices at once, and waits for them so long; gives the answers.
    pub(crate) async fn move_together(
        &self,
        moves: Vec<(Device, Value)>,
        keyword: Map,
        group: Value,
        timeout_s: Option<f64>,
    ) -> Result<Vec<Response>, PlanError> {
        each_moved_once(moves.iter().map(|(device, _)| device))?;
        let mut answers = Vec::new();
        for (obj, value) in merged_moves(moves)? {
            let args = Args { positional: vec![value], keyword: keyword.clone() };
            let set = DeviceCall { obj, args, group: Some(group.clone()) };
            answers.push(self.msg(Command::Set(set.into())).await?);
        }
        self.wait_with(Wait { group, timeout_s: Some(timeout_s), ..Wait::default() }).await?;
        Ok(answers)
    }

    /// Triggers a device without waiting for it, in a group; gives its status.
    ///
    /// # Errors
    ///
    /// If it cannot be triggered.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let det = lab.add(SynSignal::new("det").exposure_time_s(0.5));
    /// let run = lab.run(plan(async move |p| {
    ///     p.trigger(&det, "exposed").await?;
    ///     p.wait("exposed").await
    /// }));
    /// assert_eq!(run.duration(), secs(0.5));
    /// ```
    pub async fn trigger(&self, obj: &Device, group: impl Into<Value>) -> Result<Option<Status>, PlanError> {
        self.msg(Msg::trigger(obj).in_group(group)).await.map(Response::into_status)
    }

    /// Waits for all statuses of a group.
    ///
    /// # Errors
    ///
    /// If one of them fails.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let axis = lab.add(SynAxis::new("axis").delay_s(2.0));
    /// let run = lab.run(plan(async move |p| {
    ///     p.abs_set_in(&axis, 5, "there").await?;
    ///     p.wait("there").await
    /// }));
    /// assert_eq!(run.plan_result(), Some(&true.into()), "all are done");
    /// ```
    pub async fn wait(&self, group: impl Into<Value>) -> Result<bool, PlanError> {
        self.wait_with(Wait {
            group: group.into(),
            error_on_timeout: Some(true),
            timeout_s: Some(None),
            watch: Some(Box::default()),
        })
        .await
    }

    /// Waits for all statuses of a group, with a timeout and other options; gives whether all are done.
    ///
    /// # Errors
    ///
    /// If one of them fails, or the time is up and that is an error.
    ///
    /// ```
    /// use skyspan::message::Wait;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let axis = lab.add(SynAxis::new("axis").delay_s(2.0));
    /// let run = lab.run(plan(async move |p| {
    ///     p.abs_set_in(&axis, 5, "there").await?;
    ///     let timeout_s = Some(Some(0.5));
    ///     p.wait_with(Wait { group: "there".into(), timeout_s, error_on_timeout: Some(false), ..Wait::default() }).await
    /// }));
    /// assert_eq!((run.plan_result(), run.duration()), (Some(&false.into()), secs(0.5)));
    /// ```
    pub async fn wait_with(&self, wait: Wait) -> Result<bool, PlanError> {
        self.msg(Command::Wait(wait)).await.map(|response| response.is_truthy())
    }

    /// Sleeps for so many seconds.
    ///
    /// # Errors
    ///
    /// What was thrown.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// assert_eq!(lab.run(plan(async |p| p.sleep(0.5).await)).duration(), secs(0.5));
    /// ```
    pub async fn sleep(&self, duration_s: f64) -> Result<(), PlanError> {
        self.msg(Command::Sleep { duration_s }).await.map(drop)
    }

    /// Everything before this is not replayed after a pause.
    ///
    /// # Errors
    ///
    /// If a bundle is open.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plan(async |p| {
    ///     p.null().await?;
    ///     p.checkpoint().await?;
    ///     p.pause().await
    /// }));
    /// assert!(run.is_paused());
    /// assert_eq!(lab.resume().messages().len(), 3, "nothing is replayed");
    /// ```
    pub async fn checkpoint(&self) -> Result<(), PlanError> {
        self.msg(Command::Checkpoint).await.map(drop)
    }
}
