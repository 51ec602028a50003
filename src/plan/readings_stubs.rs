//! The plan stubs that take readings, one device or several in an event.

use super::devices::are_separate;
use super::{IntoDevices, Stubs, separate_devices};
use crate::device::{Device, Readings};
use crate::message::{Command, Msg, PlanError, Response};
use crate::value::{Text, Value};

impl Stubs {
    /// Begins a bundle of readings that will be one event of that stream.
    ///
    /// # Errors
    ///
    /// If no run is open, or a bundle is.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let det = lab.device("det");
    /// let bundle = plan(async move |p| {
    ///     p.create("dark").await?;
    ///     p.read(&det).await?;
    ///     p.save().await
    /// });
    /// let run = lab.run(preprocessors::run_wrapper(bundle, Map::new()));
    /// assert_eq!(run.events().count(), 1);
    /// ```
    pub async fn create(&self, name: impl Into<Text>) -> Result<(), PlanError> {
        self.msg(Command::Create { name: name.into() }).await.map(drop)
    }

    /// Ends the bundle with an event.
    ///
    /// # Errors
    ///
    /// If no bundle is open, or other devices were read than those of the stream.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let det = lab.device("det");
    /// let bundle = plan(async move |p| {
    ///     p.create("primary").await?;
    ///     p.read(&det).await?;
    ///     p.save().await
    /// });
    /// let run = lab.run(preprocessors::run_wrapper(bundle, Map::new()));
    /// assert_eq!(run.events().count(), 1);
    /// ```
    pub async fn save(&self) -> Result<(), PlanError> {
        self.msg(Command::Save).await.map(drop)
    }

    /// Ends the bundle without an event.
    ///
    /// # Errors
    ///
    /// If no bundle is open.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let det = lab.device("det");
    /// let bundle = plan(async move |p| {
    ///     p.create("primary").await?;
    ///     p.read(&det).await?;
    ///     p.drop().await
    /// });
    /// let run = lab.run(preprocessors::run_wrapper(bundle, Map::new()));
    /// assert_eq!(run.events().count(), 0);
    /// ```
    pub async fn drop(&self) -> Result<(), PlanError> {
        self.msg(Command::Drop).await.map(drop)
    }

    /// Reads a device.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or its data keys are those of another device of the bundle.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let det = lab.device("det");
    /// let run = lab.run(plan(async move |p| {
    ///     let readings = p.read(&det).await?;
    ///     Ok(readings.get("det").map(|reading| reading.value.clone()))
    /// }));
    /// assert_eq!(run.plan_result(), Some(&1.0.into()));
    /// ```
    pub async fn read(&self, obj: &Device) -> Result<Readings, PlanError> {
        self.msg(Msg::read(obj)).await.map(Response::into_readings)
    }

    /// Triggers the devices that can be triggered, waits for them, and reads all into one event of that stream
    /// (`bluesky.plan_stubs.trigger_and_read`, 1.15.1). Where one of them cannot be rewound, none of it is replayed.
    ///
    /// # Errors
    ///
    /// What goes wrong with a device; its event is dropped then.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let det = lab.device("det");
    /// let run = lab.run(plan(async move |p| {
    ///     p.open_run(Map::new()).await?;
    ///     let readings = p.trigger_and_read(&det, "primary").await?;
    ///     p.close_run().await?;
    ///     Ok(readings.get("det").map(|reading| reading.value.clone()))
    /// }));
    /// assert_eq!(run.plan_result(), Some(&1.0.into()), "the motor is in the middle of the peak");
    /// ```
    pub async fn trigger_and_read(
        &self,
        devices: impl IntoDevices,
        name: impl Into<Text>,
    ) -> Result<Readings, PlanError> {
        self.read_together(&devices.into_devices(), name.into()).await
    }

    /// Without a way back, where one of the devices cannot be rewound.
    pub(super) async fn read_together(&self, devices: &[Device], name: Text) -> Result<Readings, PlanError> {
        let mut all = Readings::default();
        self.read_each(devices, name, |mut readings| all.0.append(&mut readings.0)).await?;
        Ok(all)
    }

    /// The same for one who takes what each device reads, or does without.
    pub(super) async fn read_each(
        &self,
        devices: &[Device],
        name: Text,
        take: impl FnMut(Readings),
    ) -> Result<(), PlanError> {
        let mut are_rewindable = true;
        for device in devices {
            are_rewindable &= device.ask("is_rewindable", |object| object.is_rewindable())?;
        }
        if are_rewindable {
            self.trigger_then_read(devices, name, take).await
        } else {
            self.rewindable(false, self.trigger_then_read(devices, name, take)).await
        }
    }

    async fn trigger_then_read(
        &self,
        devices: &[Device],
        name: Text,
        take: impl FnMut(Readings),
    ) -> Result<(), PlanError> {
        if devices.is_empty() {
            self.null().await?;
        }
        let separate;
        let devices = if are_separate(devices) {
            devices
        } else {
            separate = separate_devices(devices.iter().cloned());
            &separate
        };
        let group = Value::Str(self.env().seed.short_uid("trigger"));
        let mut any_triggered = false;
        for device in devices {
            if device.ask("as_triggerable", |object| object.as_triggerable().is_some())? {
                any_triggered = true;
                self.trigger(device, group.clone()).await?;
            }
        }
        if any_triggered {
            self.wait(group).await?;
        }
        self.create(name).await?;
        match self.read_all(devices, take).await {
            Ok(()) => self.save().await,
            Err(error) => {
                self.drop().await?;
                Err(error)
            }
        }
    }

    async fn read_all(&self, devices: &[Device], mut take: impl FnMut(Readings)) -> Result<(), PlanError> {
        for device in devices {
            take(self.read(device).await?);
        }
        Ok(())
    }
}
