//! `prepare`, `kickoff`, `complete` and `collect`.

use opentelemetry::Context;

use super::RunEngine;
use crate::message::{Collect, DeviceCall, PlanError, Response};
use crate::value::Value;

impl RunEngine {
    pub(super) fn prepare(&mut self, call: &DeviceCall, parent: &Context) -> Result<Response, PlanError> {
        let _ = (call, parent);
        Err(PlanError::runtime("not yet"))
    }

    pub(super) fn kickoff(&mut self, run: &Value, call: &DeviceCall, parent: &Context) -> Result<Response, PlanError> {
        let _ = (run, call, parent);
        Err(PlanError::runtime("not yet"))
    }

    pub(super) fn complete(&mut self, call: &DeviceCall, parent: &Context) -> Result<Response, PlanError> {
        let _ = (call, parent);
        Err(PlanError::runtime("not yet"))
    }

    pub(super) async fn collect(
        &mut self,
        run: &Value,
        collect: &Collect,
        parent: &Context,
    ) -> Result<Response, PlanError> {
        let _ = (run, collect, parent);
        Err(PlanError::runtime("not yet"))
    }
}
