//! [`AsyncCommand`]: something that ophyd-async can have done.

use std::time::Duration;

use super::soft_signal::repr_of;
use super::timeouts::within;
use crate::device::{Cx, Device, DeviceError, OphydObject, Status, Triggerable};
use crate::hardware::wanted;
use crate::value::Text;

/// Something that can be done, by a trigger: `ophyd_async.core.TriggerableCommand` 0.21.3.
///
/// This is the command to be: `Device::from` makes the device.
///
/// ```
/// use skyspan::hardware::AsyncCommand;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let home = lab.add(AsyncCommand::new("home").takes_s(3.0));
/// let run = lab.run(plan(async move |p| {
///     p.trigger(&home, "done").await?;
///     p.wait("done").await
/// }));
/// assert_eq!(run.duration(), secs(3.0));
///
/// let slow = lab.add(AsyncCommand::new("slow").takes_s(3.0).timeout_s(0.5));
/// let run = lab.run(plan(async move |p| {
///     p.trigger(&slow, "done").await?;
///     p.wait("done").await
/// }));
/// let error = run.exception().map(ToString::to_string).unwrap_or_default();
/// assert!(error.contains("TimeoutError('softcmd://slow')"), "{error}");
/// ```
#[derive(Clone, Debug)]
pub struct AsyncCommand {
    name: Text,
    takes: Duration,
    timeout: Duration,
}

impl AsyncCommand {
    /// A command that takes no time, and may take ten seconds.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        Self { name: name.into(), takes: Duration::ZERO, timeout: Duration::from_secs(10) }
    }

    /// How long it takes, in seconds.
    ///
    /// # Panics
    ///
    /// If it is negative, no number, or more than a duration holds.
    #[must_use]
    #[track_caller]
    pub fn takes_s(mut self, takes_s: f64) -> Self {
        self.takes = wanted::seconds("takes_s", takes_s);
        self
    }

    /// How long it may take, in seconds, before it fails with a `TimeoutError`; 10 unless one says otherwise.
    ///
    /// # Panics
    ///
    /// If it is negative, no number, or more than a duration holds.
    #[must_use]
    #[track_caller]
    pub fn timeout_s(mut self, timeout_s: f64) -> Self {
        self.timeout = wanted::seconds("timeout_s", timeout_s);
        self
    }
}

impl From<AsyncCommand> for Device {
    fn from(command: AsyncCommand) -> Self {
        Self::new(CommandDevice(command))
    }
}

#[derive(Debug)]
struct CommandDevice(AsyncCommand);

impl Triggerable for CommandDevice {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        let (AsyncCommand { name, takes, timeout }, clock) = (self.0.clone(), cx.clock().clone());
        Ok(Status::spawn(cx, async move {
            let done = within(&clock, Some(timeout), clock.sleep(takes)).await;
            done.map_err(|_| DeviceError::other("TimeoutError", format!("softcmd://{name}")))
        }))
    }
}

impl OphydObject for CommandDevice {
    fn name(&self) -> &Text {
        &self.0.name
    }

    fn class_name(&self) -> Text {
        Text::literal("TriggerableCommand")
    }

    fn repr(&self) -> Text {
        repr_of("TriggerableCommand", &self.0.name)
    }

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        Some(self)
    }
}
