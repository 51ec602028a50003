//! The plan stubs about flyers: preparing, kicking off, completing and collecting.

use super::{IntoDevices, Stubs};
use crate::device::{Args, Device, Status};
use crate::message::{Collect, Command, DeviceCall, Payload, PlanError, Response, Wait};
use crate::value::{Text, Value};

/// How [`Stubs::collect_while_completing`] collects while the flyers complete.
#[derive(Clone, Debug, Default)]
pub struct CollectWhile {
    /// How long to wait before each collection, in seconds; nothing to collect once, in the end.
    pub flush_period_s: Option<f64>,
    /// The stream, where several were declared.
    pub stream_name: Option<Text>,
    /// Groups whose failure ends the wait.
    pub watch: Vec<Value>,
}

impl Stubs {
    /// Prepares a device for what is to come, in no group; gives its status (`bluesky.plan_stubs.prepare`, 1.15.1).
    ///
    /// # Errors
    ///
    /// If it cannot be prepared, or not for that value.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::value::Value;
    ///
    /// let lab = Harness::new();
    /// let axis = lab.add(SynAxis::new("axis").locatable());
    /// let prepared = axis.clone();
    /// lab.run(plan(async move |p| {
    ///     p.prepare(&prepared, 5).await?;
    ///     p.wait(Value::Null).await
    /// }))
    /// .assert_success();
    /// assert_eq!(axis.position(), Some(5.0.into()));
    /// ```
    pub async fn prepare(&self, obj: &Device, value: impl Into<Value>) -> Result<Option<Status>, PlanError> {
        self.prepare_in(obj, value, Value::Null).await
    }

    /// Prepares a device for what is to come, in a group; gives its status.
    ///
    /// # Errors
    ///
    /// If it cannot be prepared, or not for that value.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let axis = lab.add(SynAxis::new("axis").locatable());
    /// let prepared = axis.clone();
    /// lab.run(plan(async move |p| {
    ///     p.prepare_in(&prepared, 5, "ready").await?;
    ///     p.wait("ready").await
    /// }))
    /// .assert_success();
    /// assert_eq!(axis.position(), Some(5.0.into()));
    /// ```
    pub async fn prepare_in(
        &self,
        obj: &Device,
        value: impl Into<Value>,
        group: impl Into<Value>,
    ) -> Result<Option<Status>, PlanError> {
        let call = DeviceCall { obj: obj.clone(), args: Args::one(value), group: Some(group.into()) };
        self.msg(Command::Prepare(call.into())).await.map(Response::into_status)
    }

    /// Starts a flyer without waiting for it, in no group; gives its status (`bluesky.plan_stubs.kickoff`, 1.15.1).
    ///
    /// # Errors
    ///
    /// If no run is open, or it cannot fly.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::value::Value;
    ///
    /// let lab = Harness::new();
    /// let flyer = lab.device("flyer1");
    /// let flight = plan(async move |p| {
    ///     p.kickoff(&flyer).await?;
    ///     p.wait(Value::Null).await
    /// });
    /// let run = lab.run(preprocessors::run_wrapper(flight, Map::new()));
    /// run.assert_success();
    /// ```
    pub async fn kickoff(&self, obj: &Device) -> Result<Option<Status>, PlanError> {
        self.kickoff_in(obj, Value::Null).await
    }

    /// Starts a flyer without waiting for it, in a group; gives its status.
    ///
    /// # Errors
    ///
    /// If no run is open, or it cannot fly.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let flyer = lab.device("flyer1");
    /// let flight = plan(async move |p| {
    ///     p.kickoff_in(&flyer, "flying").await?;
    ///     p.wait("flying").await
    /// });
    /// let run = lab.run(preprocessors::run_wrapper(flight, Map::new()));
    /// run.assert_success();
    /// ```
    pub async fn kickoff_in(&self, obj: &Device, group: impl Into<Value>) -> Result<Option<Status>, PlanError> {
        self.msg(Command::Kickoff(call(obj, group).into())).await.map(Response::into_status)
    }

    /// Starts flyers, and waits until all of them fly; gives their statuses (`bluesky.plan_stubs.kickoff_all`, 1.15.1).
    ///
    /// # Errors
    ///
    /// If no run is open, or one of them cannot fly.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let flyer = lab.device("flyer1");
    /// let flight = plan(async move |p| {
    ///     p.kickoff_all(&flyer).await.map(|statuses| statuses.len())
    /// });
    /// let run = lab.run(preprocessors::run_wrapper(flight, Map::new()));
    /// run.assert_success();
    /// ```
    pub async fn kickoff_all(&self, flyers: impl IntoDevices) -> Result<Vec<Status>, PlanError> {
        let group = Value::Str(self.env().seed.uid());
        let statuses = self.kickoff_all_in(flyers, group.clone()).await?;
        self.wait(group).await?;
        Ok(statuses)
    }

    /// Starts flyers without waiting for them, in a group, in one of their own where that is null or empty, as in bluesky; gives their
    /// statuses (`kickoff_all` with `wait=False`).
    ///
    /// # Errors
    ///
    /// If no run is open, or one of them cannot fly.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let flyer = lab.device("flyer1");
    /// let flight = plan(async move |p| {
    ///     p.kickoff_all_in(&flyer, "flying").await?;
    ///     p.wait("flying").await
    /// });
    /// let run = lab.run(preprocessors::run_wrapper(flight, Map::new()));
    /// run.assert_success();
    /// ```
    pub async fn kickoff_all_in(
        &self,
        flyers: impl IntoDevices,
        group: impl Into<Value>,
    ) -> Result<Vec<Status>, PlanError> {
        let (flyers, group) = (flyers.into_devices(), self.group_or_own(group));
        all_can_fly(&flyers)?;
        let mut statuses = Vec::new();
        for flyer in &flyers {
            statuses.extend(self.kickoff_in(flyer, group.clone()).await?);
        }
        Ok(statuses)
    }

    /// Tells a flyer to come to its end, without waiting for it, in no group; gives its status
    /// (`bluesky.plan_stubs.complete`, 1.15.1).
    ///
    /// # Errors
    ///
    /// If it cannot fly, or does not.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::value::Value;
    ///
    /// let lab = Harness::new();
    /// let flyer = lab.device("flyer1");
    /// let flight = plan(async move |p| {
    ///     p.kickoff_all(&flyer).await?;
    ///     p.complete(&flyer).await?;
    ///     p.wait(Value::Null).await
    /// });
    /// let run = lab.run(preprocessors::run_wrapper(flight, Map::new()));
    /// run.assert_success();
    /// ```
    pub async fn complete(&self, obj: &Device) -> Result<Option<Status>, PlanError> {
        self.complete_in(obj, Value::Null).await
    }

    /// Tells a flyer to come to its end, without waiting for it, in a group; gives its status.
    ///
    /// # Errors
    ///
    /// If it cannot fly, or does not.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let flyer = lab.device("flyer1");
    /// let flight = plan(async move |p| {
    ///     p.kickoff_all(&flyer).await?;
    ///     p.complete_in(&flyer, "done").await?;
    ///     p.wait("done").await
    /// });
    /// let run = lab.run(preprocessors::run_wrapper(flight, Map::new()));
    /// run.assert_success();
    /// ```
    pub async fn complete_in(&self, obj: &Device, group: impl Into<Value>) -> Result<Option<Status>, PlanError> {
        self.msg(Command::Complete(call(obj, group).into())).await.map(Response::into_status)
    }

    /// Tells flyers to come to their ends, without waiting for them, in a group, in one of their own where that is null or empty, as in
    /// bluesky; gives their statuses
    /// (`bluesky.plan_stubs.complete_all`, 1.15.1).
    ///
    /// # Errors
    ///
    /// If one of them cannot fly, or does not.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let flyer = lab.device("flyer1");
    /// let flight = plan(async move |p| {
    ///     p.kickoff_all(&flyer).await?;
    ///     p.complete_all(&flyer, "done").await?;
    ///     p.wait("done").await
    /// });
    /// let run = lab.run(preprocessors::run_wrapper(flight, Map::new()));
    /// run.assert_success();
    /// ```
    pub async fn complete_all(
        &self,
        flyers: impl IntoDevices,
        group: impl Into<Value>,
    ) -> Result<Vec<Status>, PlanError> {
        let (flyers, group) = (flyers.into_devices(), self.group_or_own(group));
        all_can_fly(&flyers)?;
        let mut statuses = Vec::new();
        for flyer in &flyers {
            statuses.extend(self.complete_in(flyer, group.clone()).await?);
        }
        Ok(statuses)
    }

    /// Emits what devices have gathered and written, into the stream of that name or the only one that is declared for
    /// them; gives what one device has gathered, nothing for one that only writes (`bluesky.plan_stubs.collect`, 1.15.1).
    ///
    /// ```
    /// use skyspan::message::Payload;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let flyer = lab.device("flyer2");
    /// let run = lab.run(preprocessors::run_wrapper(
    ///     plan(async move |p| {
    ///         p.kickoff_all(&flyer).await?;
    ///         p.complete_in(&flyer, "done").await?;
    ///         p.wait("done").await?;
    ///         let Some(Payload::Events(events)) = p.collect(&flyer, None).await? else {
    ///             return Err(plan_error!("a MockFlyer gathers events"));
    ///         };
    ///         assert_eq!(events.len(), 10);
    ///         Ok(())
    ///     }),
    ///     Map::new(),
    /// ));
    /// run.assert_success();
    /// assert_eq!(run.duration(), ms(100));
    /// ```
    ///
    /// # Errors
    ///
    /// If no run is open, and for all that does not fit together: see
    /// [`ComposeError`](crate::document::ComposeError).
    pub async fn collect(
        &self,
        devices: impl IntoDevices,
        name: impl Into<Option<Text>>,
    ) -> Result<Option<Payload>, PlanError> {
        let collect = Collect {
            objs: devices.into_devices(),
            stream: Some(false),
            return_payload: Some(true),
            name: Some(name.into().into()),
        };
        self.msg(Command::Collect(collect.into())).await.map(Response::into_payload)
    }

    /// Tells flyers to come to their ends, and until they have collects what detectors have written meanwhile, and once
    /// more in the end (`bluesky.plan_stubs.collect_while_completing`, 1.15.1).
    ///
    /// # Errors
    ///
    /// If a flyer does not fly or fails, and as [`collect`](Self::collect).
    ///
    /// ```
    /// use skyspan::hardware::PagingFlyer;
    /// use skyspan::plan::CollectWhile;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let flyer = lab.add(PagingFlyer::new("pager", ["x"], 5).period_s(0.1));
    /// let flight = plan(async move |p| {
    ///     p.declare_stream_to_collect(&flyer, "rows").await?;
    ///     p.kickoff(&flyer).await?;
    ///     let options = CollectWhile { flush_period_s: Some(0.2), ..CollectWhile::default() };
    ///     p.collect_while_completing(&flyer, &flyer, options).await
    /// });
    /// let run = lab.run(preprocessors::run_wrapper(flight, Map::new()));
    /// assert!(run.documents().iter().any(|document| document.name() == "event_page"));
    /// ```
    pub async fn collect_while_completing(
        &self,
        flyers: impl IntoDevices,
        detectors: impl IntoDevices,
        options: CollectWhile,
    ) -> Result<(), PlanError> {
        let CollectWhile { flush_period_s, stream_name, watch } = options;
        let (detectors, group) = (detectors.into_devices(), Value::Str(self.env().seed.short_uid("complete")));
        self.complete_all(flyers, group.clone()).await?;
        loop {
            let wait = Wait {
                group: group.clone(),
                error_on_timeout: Some(false),
                timeout_s: Some(flush_period_s),
                watch: Some(watch.as_slice().into()),
            };
            let done = self.wait_with(wait).await?;
            self.collect(&detectors, stream_name.clone()).await?;
            if done {
                return Ok(());
            }
        }
    }
}

fn call(obj: &Device, group: impl Into<Value>) -> DeviceCall {
    DeviceCall { obj: obj.clone(), args: Args::none(), group: Some(group.into()) }
}

fn all_can_fly(flyers: &[Device]) -> Result<(), PlanError> {
    flyers.iter().try_for_each(|flyer| flyer.flyable().map(drop).map_err(PlanError::NotSupported))
}

impl Stubs {
    /// The group, or a new one where it is nothing.
    fn group_or_own(&self, group: impl Into<Value>) -> Value {
        let group = group.into();
        if group.is_truthy() { group } else { Value::Str(self.env().seed.uid()) }
    }
}
