//! `stage` and `unstage`.

use opentelemetry::Context;

use super::RunEngine;
use crate::device::{Device, Staged, SyncOrAsync};
use crate::message::{PlanError, Response};
use crate::value::Value;

impl RunEngine {
    pub(super) async fn stage(
        &mut self,
        obj: &Device,
        group: Option<&Value>,
        parent: &Context,
    ) -> Result<Response, PlanError> {
        // A device that cannot be staged has nothing to do.
        let Ok(stageable) = obj.stageable() else { return Ok(Response::Devices(Vec::new())) };
        let staged = stageable.stage(self.cx(obj, parent))?;
        let staged = self.staged_by_now("stage", obj, staged).await?;
        if !self.call.staged.contains(obj) {
            self.call.staged.push(obj.clone());
        }
        self.reset_checkpoint();
        Ok(self.staged(staged, group))
    }

    pub(super) async fn unstage(
        &mut self,
        obj: &Device,
        group: Option<&Value>,
        parent: &Context,
    ) -> Result<Response, PlanError> {
        let Ok(stageable) = obj.stageable() else { return Ok(Response::Devices(Vec::new())) };
        let unstaged = stageable.unstage(self.cx(obj, parent))?;
        let unstaged = self.staged_by_now("unstage", obj, unstaged).await?;
        self.call.staged.retain(|other| other != obj);
        self.reset_checkpoint();
        Ok(self.staged(unstaged, group))
    }

    /// What came of it, once what it waits for is there.
    async fn staged_by_now(
        &mut self,
        what: &'static str,
        obj: &Device,
        mut staged: Staged,
    ) -> Result<Staged, PlanError> {
        // ophyd keeps the engine waiting, which hears of nothing meanwhile.
        let was_undisturbed = std::mem::replace(&mut self.call.undisturbed, true);
        while let Staged::Later(later) = staged {
            let given = self.given(what, obj, SyncOrAsync::Later(later)).await;
            staged = given.inspect_err(|_| self.call.undisturbed = was_undisturbed)?;
        }
        self.call.undisturbed = was_undisturbed;
        Ok(staged)
    }

    fn staged(&mut self, staged: Staged, group: Option<&Value>) -> Response {
        match staged {
            Staged::Devices(devices) => Response::Devices(devices),
            Staged::Status(status) => {
                self.add_status(group.unwrap_or(&Value::Null), &status);
                Response::Status(status)
            }
            // That was waited for.
            Staged::Later(_) => Response::None,
        }
    }
}
