//! What is put around a part of a plan: a run, staging, a span, a clean-up.

use super::{Stubs, separate_devices};
use crate::device::Device;
use crate::message::{Command, PlanError};
use crate::value::{Map, Text, Value};

impl Stubs {
    /// A span around the messages of a part of the plan: `bluesky.tracing.trace_plan`.
    ///
    /// It fails with the part; where the plan is halted or dropped, it ends there.
    ///
    /// # Errors
    ///
    /// What came out of the part.
    pub async fn trace<F, Fut, T>(&self, name: impl Into<Text>, body: F) -> Result<T, PlanError>
    where
        F: FnOnce(Self) -> Fut,
        Fut: Future<Output = Result<T, PlanError>>,
    {
        let mut guard = self.env().start_span(name);
        let result = body(self.clone()).await;
        if let Err(error) = &result
            && !error.is_halt()
        {
            guard.span().fail(error.name(), &error.to_string());
        }
        result
    }

    /// A run around a part of the plan; gives the uid of the run, not what came of the part
    /// (`bluesky.preprocessors.run_wrapper`, 1.15.1).
    ///
    /// If the part fails, the run is closed with what happened, and the error goes on.
    ///
    /// # Errors
    ///
    /// What came out of the part.
    pub async fn in_run<T>(
        &self,
        md: Map,
        body: impl Future<Output = Result<T, PlanError>>,
    ) -> Result<Text, PlanError> {
        let uid = self.open_run(md).await?;
        if let Err(error) = body.await {
            match error.control_exit_status() {
                _ if error.is_halt() => return Err(error),
                Some(exit_status) => self.close_run_as(Value::literal(exit_status), Value::Null).await?,
                None => self.close_run_as(Value::literal("fail"), error.reason()).await?,
            };
            return Err(error);
        }
        self.close_run().await?;
        Ok(uid)
    }

    /// Stages devices before a part of the plan, and unstages them after it in reverse order
    /// (`bluesky.preprocessors.stage_wrapper`, 1.15.1). It is their root ancestors that are staged.
    ///
    /// # Errors
    ///
    /// What came out of the part, or of the staging.
    pub async fn staged<T>(
        &self,
        devices: &[Device],
        body: impl Future<Output = Result<T, PlanError>>,
    ) -> Result<T, PlanError> {
        let devices = separate_devices(devices.iter().map(Device::root_ancestor));
        let staged = async {
            self.stage_all(&devices).await?;
            body.await
        };
        let unstage = async {
            let reversed: Vec<Device> = devices.iter().rev().cloned().collect();
            self.unstage_all(&reversed).await
        };
        self.finalize(staged, unstage).await
    }

    /// A clean-up after a part of the plan, however that ends; only where the plan is halted or dropped there is none
    /// (`bluesky.preprocessors.finalize_wrapper`, 1.15.1).
    ///
    /// # Errors
    ///
    /// What came out of the clean-up, else of the part.
    pub async fn finalize<T, U>(
        &self,
        body: impl Future<Output = Result<T, PlanError>>,
        cleanup: impl Future<Output = Result<U, PlanError>>,
    ) -> Result<T, PlanError> {
        let result = body.await;
        if !matches!(&result, Err(error) if error.is_halt()) {
            cleanup.await?;
        }
        result
    }

    /// A part of the plan whose messages are replayed after a pause, or are not
    /// (`bluesky.preprocessors.rewindable_wrapper`, 1.15.1). In the end it is as before.
    ///
    /// # Errors
    ///
    /// What came out of the part.
    pub async fn rewindable<T>(
        &self,
        rewindable: bool,
        body: impl Future<Output = Result<T, PlanError>>,
    ) -> Result<T, PlanError> {
        if rewindable {
            return body.await;
        }
        let set = |rewindable| self.msg(Command::Rewindable { rewindable });
        let was_rewindable = set(None).await?.is_truthy();
        if !was_rewindable {
            return body.await;
        }
        set(Some(false)).await?;
        self.finalize(body, set(Some(true))).await
    }
}
