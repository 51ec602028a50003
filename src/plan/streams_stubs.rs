//! The plan stubs about streams: declaring one, monitoring into one, and configuring what is in them.

use std::sync::Arc;

use super::{IntoDevices, Stubs, separate_devices};
use crate::device::{Args, Device, Readings};
use crate::document::Descriptor;
use crate::message::{Command, Configure, DeclareStream, Monitor, PlanError, Response};
use crate::value::{IntoEntries, Map, Text, Value};

impl Stubs {
    /// Describes a stream before anything of it is read, by the devices that will be; gives its descriptor
    /// (`bluesky.plan_stubs.declare_stream`, 1.15.1).
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let (det, motor) = (lab.device("det"), lab.device("motor"));
    /// let run = lab.run(preprocessors::run_wrapper(
    ///     plan(async move |p| {
    ///         let descriptor = p.declare_stream([&det, &motor], "primary").await?;
    ///         assert_eq!(descriptor.data_keys.len(), 3);
    ///         p.trigger_and_read([&det, &motor], "primary").await.map(drop)
    ///     }),
    ///     Map::new(),
    /// ));
    /// let names: Vec<_> = run.documents().iter().map(Document::name).collect();
    /// assert_eq!(names, ["start", "descriptor", "event", "stop"]);
    /// ```
    ///
    /// # Errors
    ///
    /// If no run is open, a device cannot be read, or the stream was described by other data keys.
    pub async fn declare_stream(
        &self,
        devices: impl IntoDevices,
        name: impl Into<Text>,
    ) -> Result<Arc<Descriptor>, PlanError> {
        self.declare(devices.into_devices(), name.into(), false).await
    }

    /// Describes a stream before anything of it is collected, by the devices that will be (`declare_stream` with
    /// `collect=True`); gives its descriptor.
    ///
    /// # Errors
    ///
    /// If no run is open, a device cannot be collected or describes another stream, or the stream was described by other
    /// data keys.
    ///
    /// ```
    /// use skyspan::hardware::FrameFlyer;
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let flyer = lab.add(FrameFlyer::flat("frames"));
    /// let declared = plan(async move |p| {
    ///     let descriptor = p.declare_stream_to_collect(&flyer, "main").await?;
    ///     Ok(descriptor.data_keys.len())
    /// });
    /// lab.run(preprocessors::run_wrapper(declared, Map::new())).assert_success();
    /// ```
    pub async fn declare_stream_to_collect(
        &self,
        devices: impl IntoDevices,
        name: impl Into<Text>,
    ) -> Result<Arc<Descriptor>, PlanError> {
        self.declare(devices.into_devices(), name.into(), true).await
    }

    /// Declares the primary stream of a plan, where plans do so ([`PlanEnv::predeclaring`](super::PlanEnv::predeclaring)).
    pub(super) async fn predeclare(&self, devices: impl Iterator<Item = &Device>) -> Result<(), PlanError> {
        if self.env().predeclares() {
            self.declare(devices.cloned().collect(), Text::literal("primary"), false).await?;
        }
        Ok(())
    }

    async fn declare(&self, devices: Vec<Device>, name: Text, collect: bool) -> Result<Arc<Descriptor>, PlanError> {
        let declared =
            DeclareStream { objs: separate_devices(devices), name: Some(name.into()), collect: Some(collect) };
        let response = self.msg(Command::DeclareStream(declared.into())).await?;
        // Who executes the message may answer otherwise: a test that steps through the plan by hand.
        response.into_descriptor().ok_or_else(|| PlanError::type_error("the answer to declare_stream is no descriptor"))
    }

    /// Emits an event into a stream of that name for every change of a device, until it is unmonitored or the run ends
    /// (`bluesky.plan_stubs.monitor`, 1.15.1).
    ///
    /// bluesky's may leave out the name, and fails then.
    ///
    /// ```
    /// use skyspan::prelude::*;
    /// use skyspan::value::Value;
    ///
    /// let lab = Harness::new();
    /// let sig = lab.device("sig");
    /// let run = lab.run(preprocessors::run_wrapper(
    ///     plan(async move |p| {
    ///         p.monitor(&sig, "sig_monitor").await?;
    ///         p.mv(&sig, 3).await?;
    ///         p.unmonitor(&sig).await?;
    ///         p.mv(&sig, 4).await
    ///     }),
    ///     Map::new(),
    /// ));
    /// let values: Vec<_> = run.events().filter_map(|event| event.get("sig")).collect();
    /// assert_eq!(values, [&Value::from(3)]);
    /// ```
    ///
    /// # Errors
    ///
    /// If no run is open, or the device is monitored already or tells of no changes.
    pub async fn monitor(&self, obj: &Device, name: impl Into<Text>) -> Result<(), PlanError> {
        self.monitor_with(obj, name, Map::new()).await
    }

    /// The same, with options for the subscription to the device.
    ///
    /// # Errors
    ///
    /// As [`monitor`](Self::monitor), and for options that the device does not know.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let sig = lab.device("sig");
    /// let watching = plan(async move |p| {
    ///     p.monitor_with(&sig, "sig_monitor", Map::from_iter([("run", false)])).await?;
    ///     p.mv(&sig, 3).await
    /// });
    /// assert_eq!(lab.run(preprocessors::run_wrapper(watching, Map::new())).events().count(), 1);
    /// ```
    pub async fn monitor_with(
        &self,
        obj: &Device,
        name: impl Into<Text>,
        options: impl IntoEntries,
    ) -> Result<(), PlanError> {
        let options = options.into_entries().into_iter().collect();
        let monitor = Monitor { obj: obj.clone(), name: Some(Value::Str(name.into())), options };
        self.msg(Command::Monitor(monitor.into())).await.map(drop)
    }

    /// Ends that (`bluesky.plan_stubs.unmonitor`, 1.15.1).
    ///
    /// # Errors
    ///
    /// If no run is open, or the device is not monitored.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let sig = lab.device("sig");
    /// let watching = plan(async move |p| {
    ///     p.monitor(&sig, "sig_monitor").await?;
    ///     p.unmonitor(&sig).await?;
    ///     p.mv(&sig, 4).await
    /// });
    /// assert_eq!(lab.run(preprocessors::run_wrapper(watching, Map::new())).events().count(), 0);
    /// ```
    pub async fn unmonitor(&self, obj: &Device) -> Result<(), PlanError> {
        self.msg(Command::Unmonitor { obj: obj.clone() }).await.map(drop)
    }

    /// Sets values of a device's configuration by name (`json!({...})`, a [`Map`], or a list of pairs); gives the configuration before and after
    /// (`bluesky.plan_stubs.configure`, 1.15.1). The streams in which the device is are described anew.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let motor = lab.device("motor");
    /// lab.run(plan(async move |p| {
    ///     let (old, new) = p.configure(&motor, [("velocity", 2)]).await?;
    ///     assert_eq!(old.get("motor_velocity").map(|reading| &reading.value), Some(&1.into()));
    ///     assert_eq!(new.get("motor_velocity").map(|reading| &reading.value), Some(&2.into()));
    ///     Ok(())
    /// }))
    /// .assert_success();
    /// ```
    ///
    /// # Errors
    ///
    /// If the device has no configuration or not these values, or a bundle is open.
    pub async fn configure(&self, obj: &Device, values: impl IntoEntries) -> Result<(Readings, Readings), PlanError> {
        let args = Args::one(Map::from_iter(values.into_entries()));
        let configure = Configure { obj: obj.clone(), args };
        self.msg(Command::Configure(configure.into())).await.map(Response::into_configured)
    }
}
