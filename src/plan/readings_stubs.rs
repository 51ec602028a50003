//! The plan stubs that take readings: one shot, one step, again and again.

use super::devices::are_separate;
use super::{IntoDevices, Stubs, separate_devices};
use crate::device::{Device, Readings};
use crate::message::{Command, Msg, PlanError};
use crate::value::{Text, Value};

impl Stubs {
    /// Triggers the devices that can be triggered, waits for them, and reads all into one event of that stream
    /// (`bluesky.plan_stubs.trigger_and_read`, 1.15.1). Where one of them cannot be rewound, none of it is replayed.
    ///
    /// # Errors
    ///
    /// What goes wrong with a device; its event is dropped then.
    pub async fn trigger_and_read(
        &self,
        devices: impl IntoDevices,
        name: impl Into<Text>,
    ) -> Result<Readings, PlanError> {
        self.read_together(&devices.into_devices(), name.into()).await
    }

    /// Without a way back, where one of the devices cannot be rewound.
    async fn read_together(&self, devices: &[Device], name: Text) -> Result<Readings, PlanError> {
        let is_rewindable = devices.iter().all(|device| device.object().is_rewindable());
        if is_rewindable {
            self.trigger_then_read(devices, name).await
        } else {
            self.rewindable(false, self.trigger_then_read(devices, name)).await
        }
    }

    async fn trigger_then_read(&self, devices: &[Device], name: Text) -> Result<Readings, PlanError> {
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
        for device in devices.iter().filter(|device| device.object().as_triggerable().is_some()) {
            any_triggered = true;
            self.trigger(device, group.clone()).await?;
        }
        if any_triggered {
            self.wait(group).await?;
        }
        self.create(name).await?;
        match self.read_all(devices).await {
            Ok(readings) => {
                self.save().await?;
                Ok(readings)
            }
            Err(error) => {
                self.drop().await?;
                Err(error)
            }
        }
    }

    async fn read_all(&self, devices: &[Device]) -> Result<Readings, PlanError> {
        let mut all = Readings::default();
        for device in devices {
            all.0.append(&mut self.read(device).await?.0);
        }
        Ok(all)
    }

    /// A checkpoint, then all detectors into one event of the primary stream.
    ///
    /// # Errors
    ///
    /// What goes wrong with a device.
    pub async fn one_shot(&self, detectors: &[Device]) -> Result<(), PlanError> {
        self.checkpoint().await?;
        self.read_together(detectors, Text::literal("primary")).await.map(drop)
    }

    /// A checkpoint, then all motors at once to their positions; those that are there already are not moved.
    ///
    /// `positions` holds where the motors were sent last, and is kept up to date.
    ///
    /// # Errors
    ///
    /// What goes wrong with a device.
    pub async fn move_per_step(
        &self,
        step: &[(Device, Value)],
        positions: &mut Vec<(Device, Value)>,
    ) -> Result<(), PlanError> {
        self.checkpoint().await?;
        let group = Value::Str(self.env().seed.short_uid("set"));
        for (motor, position) in step {
            let last = positions.iter_mut().find(|(device, _)| device == motor);
            if last.as_ref().is_some_and(|(_, last)| last == position) {
                continue;
            }
            self.abs_set_in(motor, position.clone(), group.clone()).await?;
            match last {
                Some((_, last)) => last.clone_from(position),
                None => positions.push((motor.clone(), position.clone())),
            }
        }
        self.msg(Msg::wait(group)).await.map(drop)
    }

    /// The motors to their positions, then detectors and motors into one event of the primary stream.
    ///
    /// # Errors
    ///
    /// What goes wrong with a device.
    pub async fn one_nd_step(
        &self,
        detectors: &[Device],
        step: &[(Device, Value)],
        positions: &mut Vec<(Device, Value)>,
    ) -> Result<(), PlanError> {
        self.move_per_step(step, positions).await?;
        let devices: Vec<Device> = detectors.iter().chain(step.iter().map(|(motor, _)| motor)).cloned().collect();
        self.read_together(&devices, Text::literal("primary")).await.map(drop)
    }

    /// Something `num` times (for ever without a number), each time after a checkpoint, and as long after the last
    /// beginning as `delays_s` says: a number of seconds for all, or a list with at least `num - 1` of them.
    ///
    /// Like bluesky's it sleeps after the last time, too, where the delay is one for all.
    ///
    /// # Errors
    ///
    /// A `ValueError` if there are too few delays, a `TypeError` if they are no numbers, and what goes wrong with the
    /// something.
    pub async fn repeat<Fut>(
        &self,
        num: Option<u64>,
        delays_s: &Value,
        mut body: impl FnMut() -> Fut,
    ) -> Result<(), PlanError>
    where
        Fut: Future<Output = Result<(), PlanError>>,
    {
        if let (Some(num), Some(delays)) = (num, delays_s.as_array())
            && num.saturating_sub(1) > delays.len() as u64
        {
            let message = format!("num={num} but delays only provides {} entries", delays.len());
            return Err(PlanError::value(message));
        }
        let env = self.env();
        let mut count = 0;
        while num.is_none_or(|num| count < num) {
            let begun = env.clock.now();
            self.msg(Command::Checkpoint).await?;
            body().await?;
            let delay = match delays_s {
                Value::Array(delays) => usize::try_from(count).ok().and_then(|at| delays.get(at)),
                one_for_all => Some(one_for_all),
            };
            let Some(delay) = delay else { return Ok(()) };
            count += 1;
            if delay.is_null() {
                continue;
            }
            let delay_s = delay
                .as_f64()
                .ok_or_else(|| PlanError::type_error(format!("a delay is a number of seconds, found {delay}")))?;
            let left_s = delay_s - (env.clock.now() - begun).as_secs_f64();
            if left_s > 0.0 {
                self.sleep(left_s).await?;
            }
        }
        Ok(())
    }

    /// Something `num` times (for ever without a number), without anything between (`bluesky.plan_stubs.repeater`, 1.15.1).
    ///
    /// # Errors
    ///
    /// What goes wrong with the something.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let run = lab.run(plan(async |p| p.repeater(Some(3), || p.sleep(1.0)).await));
    /// assert_eq!((run.messages().len(), run.duration()), (3, secs(3.0)));
    /// ```
    pub async fn repeater<Fut>(&self, num: Option<u64>, mut body: impl FnMut() -> Fut) -> Result<(), PlanError>
    where
        Fut: Future<Output = Result<(), PlanError>>,
    {
        let mut count = 0;
        while num.is_none_or(|num| count < num) {
            body().await?;
            count += 1;
        }
        Ok(())
    }
}
