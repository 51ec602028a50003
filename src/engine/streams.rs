//! `declare_stream`, `monitor`, `unmonitor` and `configure`.

use opentelemetry::Context;

use super::RunEngine;
use crate::device::Device;
use crate::message::{Configure, DeclareStream, Monitor, PlanError, Response};
use crate::value::Value;

impl RunEngine {
    pub(super) async fn declare_stream(
        &mut self,
        run: &Value,
        declared: &DeclareStream,
        parent: &Context,
    ) -> Result<Response, PlanError> {
        let _ = (run, declared, parent);
        Err(PlanError::runtime("not yet"))
    }

    pub(super) async fn monitor(
        &mut self,
        run: &Value,
        monitor: &Monitor,
        parent: &Context,
    ) -> Result<Response, PlanError> {
        let _ = (run, monitor, parent);
        Err(PlanError::runtime("not yet"))
    }

    pub(super) fn unmonitor(&mut self, run: &Value, obj: &Device) -> Result<Response, PlanError> {
        let _ = (run, obj);
        Err(PlanError::runtime("not yet"))
    }

    pub(super) async fn configure(
        &mut self,
        run: &Value,
        configure: &Configure,
        parent: &Context,
    ) -> Result<Response, PlanError> {
        let _ = (run, configure, parent);
        Err(PlanError::runtime("not yet"))
    }
}

// STUBS
impl RunEngine {
    pub(super) fn emit_monitored(&mut self) -> Result<(), PlanError> {
        Ok(())
    }
    pub(super) async fn backstop_collect(&mut self, _run: &Value) -> Result<(), PlanError> {
        Ok(())
    }
}
