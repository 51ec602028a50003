//! The plan stubs that stage devices and unstage them.

use super::Stubs;
use crate::device::Device;
use crate::message::{Command, Msg, PlanError, Response};
use crate::value::Value;

impl Stubs {
    /// Stages a device.
    ///
    /// # Errors
    ///
    /// If it cannot be staged.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let det = lab.device("det");
    /// lab.run(plan(async move |p| {
    ///     p.stage(&det).await?;
    ///     p.unstage(&det).await
    /// }))
    /// .assert_success();
    /// ```
    pub async fn stage(&self, obj: &Device) -> Result<(), PlanError> {
        self.msg(Command::Stage { obj: obj.clone(), group: Some(Value::Null) }).await.map(drop)
    }

    /// Unstages a device.
    ///
    /// # Errors
    ///
    /// If it cannot be unstaged.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let det = lab.device("det");
    /// lab.run(plan(async move |p| {
    ///     p.stage(&det).await?;
    ///     p.unstage(&det).await
    /// }))
    /// .assert_success();
    /// ```
    pub async fn unstage(&self, obj: &Device) -> Result<(), PlanError> {
        self.msg(Command::Unstage { obj: obj.clone(), group: Some(Value::Null) }).await.map(drop)
    }

    /// Stages several devices at once, and waits for those that take their time.
    ///
    /// # Errors
    ///
    /// If one of them cannot be staged.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let devices = [lab.device("det"), lab.device("motor")];
    /// let run = lab.run(plan(async move |p| {
    ///     p.stage_all(&devices).await?;
    ///     p.unstage_all(&devices).await
    /// }));
    /// assert_eq!(run.messages().iter().map(Msg::command).collect::<Vec<_>>(), ["stage", "stage", "unstage", "unstage"]);
    /// ```
    pub async fn stage_all(&self, devices: &[Device]) -> Result<(), PlanError> {
        self.in_one_group(devices, |obj, group| Command::Stage { obj, group }).await
    }

    /// Unstages several devices at once, and waits for those that take their time.
    ///
    /// # Errors
    ///
    /// If one of them cannot be unstaged.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let devices = [lab.device("det"), lab.device("motor")];
    /// let run = lab.run(plan(async move |p| {
    ///     p.stage_all(&devices).await?;
    ///     p.unstage_all(&devices).await
    /// }));
    /// assert_eq!(run.messages().iter().map(Msg::command).collect::<Vec<_>>(), ["stage", "stage", "unstage", "unstage"]);
    /// ```
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
