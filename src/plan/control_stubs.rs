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
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plan(async |p| {
    ///     p.checkpoint().await?;
    ///     p.pause().await
    /// }));
    /// assert!(run.is_paused());
    /// lab.resume().assert_success();
    /// ```
    pub async fn pause(&self) -> Result<(), PlanError> {
        self.msg(Command::Pause { defer: Some(false) }).await.map(drop)
    }

    /// Pauses the engine at the next checkpoint; if none comes, not at all (`bluesky.plan_stubs.deferred_pause`).
    ///
    /// # Errors
    ///
    /// If the plan is being ended.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plan(async |p| {
    ///     p.deferred_pause().await?;
    ///     p.sleep(1.0).await?;
    ///     p.checkpoint().await
    /// }));
    /// assert!(run.is_paused() && run.duration() >= secs(1.0));
    /// lab.resume().assert_success();
    /// ```
    pub async fn deferred_pause(&self) -> Result<(), PlanError> {
        self.msg(Command::Pause { defer: Some(true) }).await.map(drop)
    }

    /// From here on there is no way back: a pause ends the plan (`bluesky.plan_stubs.clear_checkpoint`).
    ///
    /// # Errors
    ///
    /// What was thrown.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plan(async |p| {
    ///     p.clear_checkpoint().await?;
    ///     p.pause().await
    /// }));
    /// assert_eq!(run.exit_status(), Abort);
    /// ```
    pub async fn clear_checkpoint(&self) -> Result<(), PlanError> {
        self.msg(Command::ClearCheckpoint).await.map(drop)
    }

    /// Stops a device (`bluesky.plan_stubs.stop`).
    ///
    /// # Errors
    ///
    /// If it cannot be stopped.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let flyer = lab.device("flyer1");
    /// lab.run(plan(async move |p| p.stop(&flyer).await)).assert_success();
    /// ```
    pub async fn stop(&self, obj: &Device) -> Result<(), PlanError> {
        self.msg(Command::Stop { obj: obj.clone() }).await.map(drop)
    }

    /// Asks a device where it is, and where it was told to go (`bluesky.plan_stubs.locate`).
    ///
    /// # Errors
    ///
    /// If it cannot say so.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let axis = lab.add(SynAxis::new("axis").value(2).locatable());
    /// let run = lab.run(plan(async move |p| p.locate(&axis).await.map(|location| location.readback)));
    /// assert_eq!(run.plan_result(), Some(&2.into()));
    /// ```
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
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let axes = [SynAxis::new("x").locatable(), SynAxis::new("y").locatable()].map(|axis| lab.add(axis));
    /// let run = lab.run(plan(async move |p| p.locate_all(&axes).await.map(|locations| locations.len())));
    /// assert_eq!(run.plan_result(), Some(&2.into()));
    /// ```
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
    /// use skyspan::value::Value;
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
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// lab.with_engine(|engine| engine.set_input(async |_| Ok("B 12".into())));
    /// let run = lab.run(plan(async |p| p.input("which sample? ").await));
    /// assert_eq!(run.plan_result(), Some(&"B 12".into()));
    /// ```
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
    ///
    /// ```
    /// use skyspan::engine::Subscriber;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let picky = Subscriber::new(|_: &Document| Err::<(), _>(plan_error!("not this one")));
    /// let run = lab.run(plan(async move |p| {
    ///     let token = p.subscribe(DocumentName::All, &picky).await?;
    ///     p.unsubscribe(token).await?;
    ///     p.open_run(Map::new()).await?;
    ///     p.close_run().await
    /// }));
    /// run.assert_success();
    /// ```
    pub async fn unsubscribe(&self, token: Value) -> Result<(), PlanError> {
        self.msg(Command::Unsubscribe { token }).await.map(drop)
    }

    /// Installs a suspender (`bluesky.plan_stubs.install_suspender`).
    ///
    /// # Errors
    ///
    /// If its signal tells of no changes.
    ///
    /// ```
    /// use skyspan::engine::Suspender;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let shutter = Suspender::bool_high(&lab.device("bool_sig")).build()?;
    /// lab.run(plan(async move |p| {
    ///     p.install_suspender(&shutter).await?;
    ///     p.remove_suspender(&shutter).await
    /// }))
    /// .assert_success();
    /// # Ok::<(), skyspan::engine::SuspenderError>(())
    /// ```
    pub async fn install_suspender(&self, suspender: impl Into<Object>) -> Result<(), PlanError> {
        self.msg(Command::InstallSuspender { suspender: suspender.into() }).await.map(drop)
    }

    /// Removes a suspender (`bluesky.plan_stubs.remove_suspender`).
    ///
    /// # Errors
    ///
    /// What was thrown.
    ///
    /// ```
    /// use skyspan::engine::Suspender;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let shutter = Suspender::bool_high(&lab.device("bool_sig")).build()?;
    /// lab.run(plan(async move |p| {
    ///     p.install_suspender(&shutter).await?;
    ///     p.remove_suspender(&shutter).await
    /// }))
    /// .assert_success();
    /// # Ok::<(), skyspan::engine::SuspenderError>(())
    /// ```
    pub async fn remove_suspender(&self, suspender: impl Into<Object>) -> Result<(), PlanError> {
        self.msg(Command::RemoveSuspender { suspender: suspender.into() }).await.map(drop)
    }
}
