//! `stage` and `unstage`.

use opentelemetry::Context;

use super::RunEngine;
use crate::device::{Device, Staged};
use crate::message::{PlanError, Response};
use crate::value::Value;

impl RunEngine {
    pub(super) fn stage(
        &mut self,
        obj: &Device,
        group: Option<&Value>,
        parent: &Context,
    ) -> Result<Response, PlanError> {
        // A device that cannot be staged has nothing to do.
        let Ok(stageable) = obj.stageable() else { return Ok(Response::Devices(Vec::new())) };
        let staged = stageable.stage(self.cx(obj, parent))?;
        if !self.call.staged.contains(obj) {
            self.call.staged.push(obj.clone());
        }
        self.reset_checkpoint();
        Ok(self.staged(staged, group))
    }

    pub(super) fn unstage(
        &mut self,
        obj: &Device,
        group: Option<&Value>,
        parent: &Context,
    ) -> Result<Response, PlanError> {
        let Ok(stageable) = obj.stageable() else { return Ok(Response::Devices(Vec::new())) };
        let unstaged = stageable.unstage(self.cx(obj, parent))?;
        self.call.staged.retain(|other| other != obj);
        self.reset_checkpoint();
        Ok(self.staged(unstaged, group))
    }

    fn staged(&mut self, staged: Staged, group: Option<&Value>) -> Response {
        match staged {
            Staged::Devices(devices) => Response::Devices(devices),
            Staged::Status(status) => {
                self.add_status(group.unwrap_or(&Value::Null), &status);
                Response::Status(status)
            }
        }
    }
}
