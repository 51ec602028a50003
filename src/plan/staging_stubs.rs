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
        self.stage_with(obj, Value::Null, None).await.map(drop)
    }

    /// The same in a group, and says whether that is waited for; gives the status of a device that takes its time, else the
    /// devices that took part.
    ///
    /// # Errors
    ///
    /// If it cannot be staged, and a `RuntimeError` if it is not to be waited for a device that is staged at once.
    ///
    /// ```
    /// use skyspan::prelude::*;
    ///
    /// let lab = Harness::new();
    /// let det = lab.device("det");
    /// let run = lab.run(plan(async move |p| p.stage_with(&det, "g", Some(false)).await.map(drop)));
    /// let error = run.exception().ok_or("it cannot be told so")?;
    /// assert!(error.to_string().ends_with("Is an old style device and cannot be told not to wait"));
    /// # Ok::<(), &str>(())
    /// ```
    pub async fn stage_with(
        &self,
        obj: &Device,
        group: impl Into<Value>,
        wait: Option<bool>,
    ) -> Result<Response, PlanError> {
        self.in_group(obj, group.into(), wait, |obj, group| Command::Stage { obj, group }).await
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
        self.unstage_with(obj, Value::Null, None).await.map(drop)
    }

    /// The same in a group, and says whether that is waited for; gives the status of a device that takes its time, else the
    /// devices that took part.
    ///
    /// # Errors
    ///
    /// If it cannot be unstaged, and a `RuntimeError` if it is not to be waited for a device that is unstaged at once.
    pub async fn unstage_with(
        &self,
        obj: &Device,
        group: impl Into<Value>,
        wait: Option<bool>,
    ) -> Result<Response, PlanError> {
        self.in_group(obj, group.into(), wait, |obj, group| Command::Unstage { obj, group }).await
    }

    /// Stages or unstages a device in a group, and waits for that where it is wanted and possible.
    async fn in_group(
        &self,
        obj: &Device,
        group: Value,
        wait: Option<bool>,
        command: impl Fn(Device, Option<Value>) -> Command,
    ) -> Result<Response, PlanError> {
        let response = self.msg(command(obj.clone(), Some(group.clone()))).await?;
        match (&response, wait) {
            (Response::Status(_), Some(true)) => drop(self.msg(Msg::wait(group)).await?),
            (Response::Status(_), _) | (_, None | Some(true)) => {}
            (_, Some(false)) => {
                let message = format!("{obj:?}: Is an old style device and cannot be told not to wait");
                return Err(PlanError::runtime(message));
            }
        }
        Ok(response)
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
        self.stage_all_in(devices, Value::Null).await
    }

    /// The same in a group of that name; null stands for one of its own.
    ///
    /// # Errors
    ///
    /// If one of them cannot be staged.
    pub async fn stage_all_in(&self, devices: &[Device], group: impl Into<Value>) -> Result<(), PlanError> {
        self.in_one_group(devices, group.into(), |obj, group| Command::Stage { obj, group }).await
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
        self.unstage_all_in(devices, Value::Null).await
    }

    /// The same in a group of that name; null stands for one of its own.
    ///
    /// # Errors
    ///
    /// If one of them cannot be unstaged.
    pub async fn unstage_all_in(&self, devices: &[Device], group: impl Into<Value>) -> Result<(), PlanError> {
        self.in_one_group(devices, group.into(), |obj, group| Command::Unstage { obj, group }).await
    }

    async fn in_one_group(
        &self,
        devices: &[Device],
        group: Value,
        command: impl Fn(Device, Option<Value>) -> Command,
    ) -> Result<(), PlanError> {
        let group = if group.is_truthy() { group } else { Value::Str(self.env().seed.uid()) };
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
