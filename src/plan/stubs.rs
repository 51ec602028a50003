//! [`Stubs`]: the plan stubs that yield one message, or a few.

use std::sync::Arc;

use super::coroutine::{Slot, Yield};
use super::{Plan, PlanEnv, Step, each_moved_once};
use crate::device::{Device, Readings, Status};
use crate::message::{CloseRun, Command, Msg, PlanError, Response, Wait};
use crate::value::{Map, Text, Value};

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
    #[must_use]
    pub fn env(&self) -> Arc<PlanEnv> {
        Arc::clone(self.slot.env())
    }

    /// Yields any message.
    ///
    /// # Errors
    ///
    /// What was thrown.
    pub fn msg(&self, message: impl Into<Msg>) -> impl Future<Output = Result<Response, PlanError>> + Send + '_ {
        Yield::new(message.into())
    }

    /// Yields all messages of another plan, and gives its result: Python's `yield from`.
    ///
    /// # Errors
    ///
    /// What came out of that plan.
    pub async fn run(&self, plan: impl Into<Plan>) -> Result<Value, PlanError> {
        let mut plan = plan.into();
        let env = self.env();
        let mut answer = Ok(Response::None);
        loop {
            match plan.resume(&env, answer) {
                Step::Yield(message) => answer = self.msg(message).await,
                Step::Done(result) => return result,
            }
        }
    }

    /// Opens a run; gives its uid.
    ///
    /// # Errors
    ///
    /// If a run of that key is open, or the metadata does not do.
    pub async fn open_run(&self, md: Map) -> Result<Text, PlanError> {
        self.msg(Msg::open_run(md)).await.map(Response::into_uid)
    }

    /// Closes the run as a success; gives its uid.
    ///
    /// # Errors
    ///
    /// If no run is open.
    pub async fn close_run(&self) -> Result<Text, PlanError> {
        self.close_run_as(Value::Null, Value::Null).await
    }

    /// Closes the run with an exit status (`success`, `abort` or `fail`) and a reason; null for bluesky's defaults.
    ///
    /// # Errors
    ///
    /// If no run is open.
    pub async fn close_run_as(
        &self,
        exit_status: impl Into<Value>,
        reason: impl Into<Value>,
    ) -> Result<Text, PlanError> {
        let close = CloseRun { exit_status: Some(exit_status.into()), reason: Some(reason.into()) };
        self.msg(Command::CloseRun(close.into())).await.map(Response::into_uid)
    }

    /// Begins a bundle of readings that will be one event of that stream.
    ///
    /// # Errors
    ///
    /// If no run is open, or a bundle is.
    pub async fn create(&self, name: impl Into<Text>) -> Result<(), PlanError> {
        self.msg(Command::Create { name: name.into() }).await.map(drop)
    }

    /// Ends the bundle with an event.
    ///
    /// # Errors
    ///
    /// If no bundle is open, or other devices were read than those of the stream.
    pub async fn save(&self) -> Result<(), PlanError> {
        self.msg(Command::Save).await.map(drop)
    }

    /// Ends the bundle without an event.
    ///
    /// # Errors
    ///
    /// If no bundle is open.
    pub async fn drop(&self) -> Result<(), PlanError> {
        self.msg(Command::Drop).await.map(drop)
    }

    /// Reads a device.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or its data keys are those of another device of the bundle.
    pub async fn read(&self, obj: &Device) -> Result<Readings, PlanError> {
        self.msg(Msg::read(obj)).await.map(Response::into_readings)
    }

    /// Does nothing.
    ///
    /// # Errors
    ///
    /// What was thrown.
    pub async fn null(&self) -> Result<(), PlanError> {
        self.msg(Command::Null).await.map(drop)
    }

    /// Sets a device without waiting for it, in no group; gives its status.
    ///
    /// # Errors
    ///
    /// If it cannot be set, or not to that value.
    pub async fn abs_set(&self, obj: &Device, value: impl Into<Value>) -> Result<Option<Status>, PlanError> {
        self.abs_set_in(obj, value, Value::Null).await
    }

    /// Sets a device without waiting for it, in a group; gives its status.
    ///
    /// # Errors
    ///
    /// If it cannot be set, or not to that value.
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
    pub async fn mv(&self, obj: &Device, value: impl Into<Value>) -> Result<(), PlanError> {
        self.mv_all([(obj, value.into())]).await
    }

    /// Moves several devices at once, and waits until all are there.
    ///
    /// # Errors
    ///
    /// If one cannot be set, does not arrive, or stands there twice.
    pub async fn mv_all<'a, I, V>(&self, moves: I) -> Result<(), PlanError>
    where
        I: IntoIterator<Item = (&'a Device, V)>,
        V: Into<Value>,
    {
        let moves: Vec<(&Device, V)> = moves.into_iter().collect();
        each_moved_once(moves.iter().map(|(device, _)| *device))?;
        let group = Value::Str(self.env().seed.uid());
        for (obj, value) in moves {
            self.abs_set_in(obj, value, group.clone()).await?;
        }
        self.msg(Command::Wait(Wait { group, timeout_s: Some(None), ..Wait::default() }.into())).await.map(drop)
    }

    /// Triggers a device without waiting for it, in a group; gives its status.
    ///
    /// # Errors
    ///
    /// If it cannot be triggered.
    pub async fn trigger(&self, obj: &Device, group: impl Into<Value>) -> Result<Option<Status>, PlanError> {
        self.msg(Msg::trigger(obj).in_group(group)).await.map(Response::into_status)
    }

    /// Waits for all statuses of a group.
    ///
    /// # Errors
    ///
    /// If one of them fails.
    pub async fn wait(&self, group: impl Into<Value>) -> Result<bool, PlanError> {
        self.wait_with(Wait {
            group: group.into(),
            error_on_timeout: Some(true),
            timeout_s: Some(None),
            watch: Some(Vec::new()),
        })
        .await
    }

    /// Waits for all statuses of a group, with a timeout and other options; gives whether all are done.
    ///
    /// # Errors
    ///
    /// If one of them fails, or the time is up and that is an error.
    pub async fn wait_with(&self, wait: Wait) -> Result<bool, PlanError> {
        self.msg(Command::Wait(wait.into())).await.map(|response| response.is_truthy())
    }

    /// Sleeps for so many seconds.
    ///
    /// # Errors
    ///
    /// What was thrown.
    pub async fn sleep(&self, duration_s: f64) -> Result<(), PlanError> {
        self.msg(Command::Sleep { duration_s }).await.map(drop)
    }

    /// Everything before this is not replayed after a pause.
    ///
    /// # Errors
    ///
    /// If a bundle is open.
    pub async fn checkpoint(&self) -> Result<(), PlanError> {
        self.msg(Command::Checkpoint).await.map(drop)
    }

    /// Stages a device.
    ///
    /// # Errors
    ///
    /// If it cannot be staged.
    pub async fn stage(&self, obj: &Device) -> Result<(), PlanError> {
        self.msg(Command::Stage { obj: obj.clone(), group: Some(Value::Null) }).await.map(drop)
    }

    /// Unstages a device.
    ///
    /// # Errors
    ///
    /// If it cannot be unstaged.
    pub async fn unstage(&self, obj: &Device) -> Result<(), PlanError> {
        self.msg(Command::Unstage { obj: obj.clone(), group: Some(Value::Null) }).await.map(drop)
    }

    /// Stages several devices at once, and waits for those that take their time.
    ///
    /// # Errors
    ///
    /// If one of them cannot be staged.
    pub async fn stage_all(&self, devices: &[Device]) -> Result<(), PlanError> {
        self.in_one_group(devices, |obj, group| Command::Stage { obj, group }).await
    }

    /// Unstages several devices at once, and waits for those that take their time.
    ///
    /// # Errors
    ///
    /// If one of them cannot be unstaged.
    pub async fn unstage_all(&self, devices: &[Device]) -> Result<(), PlanError> {
        self.in_one_group(devices, |obj, group| Command::Unstage { obj, group }).await
    }

    async fn in_one_group(
        &self,
        devices: &[Device],
        command: impl Fn(Device, Option<Value>) -> Command,
    ) -> Result<(), PlanError> {
        let group = Value::Str(self.env().seed.uid());
        let mut takes_time = false;
        for device in devices {
            let response = self.msg(command(device.clone(), Some(group.clone()))).await?;
            takes_time |= matches!(response, Response::Status(_));
        }
        if takes_time {
            self.msg(Msg::wait(group)).await?;
        }
        Ok(())
    }
}
