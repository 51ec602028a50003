//! The plan stubs that lead the engine itself: pauses, checkpoints, subscriptions, suspenders.

use super::Stubs;
use crate::device::{Device, Location};
use crate::document::DocumentName;
use crate::message::{Awaitable, Command, Locate, Object, PlanError, Response, Subscribe, WaitFor};
use crate::value::{Text, Value};

impl Stubs {
    /// Pauses the engine (`bluesky.plan_stubs.pause`, 1.15.1). When it is resumed, what was executed since the last
    /// checkpoint is executed again, and the plan goes on.
    ///
    /// # Errors
    ///
    /// If the plan is being ended, or there is no way back to a checkpoint.
    pub async fn pause(&self) -> Result<(), PlanError> {
        self.msg(Command::Pause { defer: Some(false) }).await.map(drop)
    }

    /// Pauses the engine at the next checkpoint; if none comes, not at all (`bluesky.plan_stubs.deferred_pause`).
    ///
    /// # Errors
    ///
    /// If the plan is being ended.
    pub async fn deferred_pause(&self) -> Result<(), PlanError> {
        self.msg(Command::Pause { defer: Some(true) }).await.map(drop)
    }

    /// From here on there is no way back: a pause ends the plan (`bluesky.plan_stubs.clear_checkpoint`).
    ///
    /// # Errors
    ///
    /// What was thrown.
    pub async fn clear_checkpoint(&self) -> Result<(), PlanError> {
        self.msg(Command::ClearCheckpoint).await.map(drop)
    }

    /// Stops a device (`bluesky.plan_stubs.stop`).
    ///
    /// # Errors
    ///
    /// If it cannot be stopped.
    pub async fn stop(&self, obj: &Device) -> Result<(), PlanError> {
        self.msg(Command::Stop { obj: obj.clone() }).await.map(drop)
    }

    /// Asks a device where it is, and where it was told to go (`bluesky.plan_stubs.locate`).
    ///
    /// # Errors
    ///
    /// If it cannot say so.
    pub async fn locate(&self, obj: &Device) -> Result<Location, PlanError> {
        let locate = Locate { objs: vec![obj.clone()], squeeze: Some(true) };
        match self.msg(Command::Locate(locate.into())).await? {
            Response::Location(location) => Ok(*location),
            _ => Err(PlanError::runtime("the answer to `locate` is no location")),
        }
    }

    /// Asks several devices at once where they are; gives their locations in the same order.
    ///
    /// # Errors
    ///
    /// If one of them cannot say so.
    pub async fn locate_all(&self, objs: &[Device]) -> Result<Vec<Location>, PlanError> {
        let locate = Locate { objs: objs.to_vec(), squeeze: Some(false) };
        match self.msg(Command::Locate(locate.into())).await? {
            Response::Locations(locations) => Ok(locations),
            _ => Err(PlanError::runtime("the answer to `locate` is no list of locations")),
        }
    }

    /// Waits until all of them are there, and gives what came of each (`bluesky.plan_stubs.wait_for`).
    ///
    /// # Errors
    ///
    /// What was thrown; not what came of one of them.
    ///
    /// ```
    /// use skyspan::message::Awaitable;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let clock = lab.clock().clone();
    /// let nap = Awaitable::new(move || {
    ///     let clock = clock.clone();
    ///     async move {
    ///         clock.sleep(secs(5.0)).await;
    ///         Ok("rested".into())
    ///     }
    /// });
    /// let run = lab.run(plan(async move |p| {
    ///     let outcomes = p.wait_for([nap]).await?;
    ///     outcomes.into_iter().next().unwrap_or(Ok(Value::Null))
    /// }));
    /// assert_eq!((run.plan_result(), run.duration()), (Some(&"rested".into()), secs(5.0)));
    /// ```
    pub async fn wait_for(
        &self,
        awaitables: impl IntoIterator<Item = Awaitable>,
    ) -> Result<Vec<Result<Value, PlanError>>, PlanError> {
        let wait = WaitFor { awaitables: awaitables.into_iter().collect(), timeout_s: None };
        match self.msg(Command::WaitFor(wait.into())).await? {
            Response::Awaited(outcomes) => Ok(outcomes),
            _ => Ok(Vec::new()),
        }
    }

    /// Asks the user for a line (`bluesky.plan_stubs.input_plan`).
    ///
    /// # Errors
    ///
    /// If none can be read.
    pub async fn input(&self, prompt: impl Into<Text>) -> Result<Text, PlanError> {
        match self.msg(Command::Input { prompt: Some(prompt.into()) }).await? {
            Response::Value(Value::Str(line)) => Ok(line),
            _ => Ok(Text::default()),
        }
    }

    /// Subscribes to the documents until the end of the call (`bluesky.plan_stubs.subscribe`); gives the token of the
    /// subscription.
    ///
    /// # Errors
    ///
    /// What was thrown.
    ///
    /// ```
    /// use skyspan::engine::Subscriber;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let picky = Subscriber::new(|_: &Document| Err::<(), _>(plan_error!("not this one")));
    /// let run = lab.run(plan(async move |p| {
    ///     p.subscribe(DocumentName::Stop, &picky).await?;
    ///     p.open_run(Map::new()).await?;
    ///     p.close_run().await
    /// }));
    /// assert_eq!(run.exception().map(ToString::to_string).as_deref(), Some("not this one"));
    /// ```
    pub async fn subscribe(&self, name: DocumentName, subscriber: impl Into<Object>) -> Result<Value, PlanError> {
        let subscribe = Subscribe { callback: subscriber.into(), name: Some(name.as_str().into()) };
        match self.msg(Command::Subscribe(subscribe.into())).await? {
            Response::Value(token) => Ok(token),
            _ => Ok(Value::Null),
        }
    }

    /// Ends such a subscription (`bluesky.plan_stubs.unsubscribe`).
    ///
    /// # Errors
    ///
    /// If there is no such subscription of this call.
    pub async fn unsubscribe(&self, token: Value) -> Result<(), PlanError> {
        self.msg(Command::Unsubscribe { token }).await.map(drop)
    }

    /// Installs a suspender (`bluesky.plan_stubs.install_suspender`).
    ///
    /// # Errors
    ///
    /// If its signal tells of no changes.
    pub async fn install_suspender(&self, suspender: impl Into<Object>) -> Result<(), PlanError> {
        self.msg(Command::InstallSuspender { suspender: suspender.into() }).await.map(drop)
    }

    /// Removes a suspender (`bluesky.plan_stubs.remove_suspender`).
    ///
    /// # Errors
    ///
    /// What was thrown.
    pub async fn remove_suspender(&self, suspender: impl Into<Object>) -> Result<(), PlanError> {
        self.msg(Command::RemoveSuspender { suspender: suspender.into() }).await.map(drop)
    }
}
