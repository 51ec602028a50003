//! Suspenders (stub).
use super::RunEngine;
use crate::message::{Object, PlanError, Response};

impl RunEngine {
    pub(super) fn wait_for_tripped_suspenders(&mut self) {}

    pub(super) fn install_suspender_of(&mut self, suspender: &Object) -> Result<Response, PlanError> {
        let _ = suspender;
        Ok(Response::None)
    }

    pub(super) fn remove_suspender_of(&mut self, suspender: &Object) -> Result<Response, PlanError> {
        let _ = suspender;
        Ok(Response::None)
    }
}
