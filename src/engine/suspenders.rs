//! The suspenders of an engine: installed, removed, and waited for before a plan begins.

use super::{RunEngine, Suspender};
use crate::message::{Awaitable, Command, Object, PlanError, Response, WaitFor};
use crate::plan::plan;

impl RunEngine {
    /// Installs a suspender, for this call and those to come (`RE.install_suspender`, bluesky 1.15.1). If its signal is
    /// not as it should be, it trips at once.
    pub fn install_suspender(&mut self, suspender: &Suspender) {
        if !self.suspenders.contains(suspender) {
            self.suspenders.push(suspender.clone());
        }
        suspender.install(self.shared.clock.clone(), self.handle());
    }

    /// Removes a suspender (`RE.remove_suspender`); one that is not installed stays as it is. A plan that it has suspended
    /// goes on, after its `sleep_s`.
    pub fn remove_suspender(&mut self, suspender: &Suspender) {
        if let Some(at) = self.suspenders.iter().position(|installed| installed == suspender) {
            self.suspenders.remove(at).remove();
        }
    }

    /// Removes all suspenders (`RE.clear_suspenders`).
    pub fn clear_suspenders(&mut self) {
        std::mem::take(&mut self.suspenders).iter().for_each(Suspender::remove);
    }

    /// Those that are installed, in the order in which they were (`RE.suspenders`).
    #[must_use]
    pub fn suspenders(&self) -> &[Suspender] {
        &self.suspenders
    }

    /// Puts one wait for all suspenders that are tripped before the plan. Their own plans are not executed for it.
    pub(super) fn wait_for_tripped_suspenders(&mut self) {
        let awaitables: Vec<Awaitable> = self.suspenders.iter().filter_map(Suspender::release_if_tripped).collect();
        if !awaitables.is_empty() {
            let wait = Command::WaitFor(Box::new(WaitFor { awaitables, timeout_s: None }));
            self.call.push(plan(async move |p| p.msg(wait).await.map(drop)));
        }
    }

    pub(super) fn install_suspender_of(&mut self, suspender: &Object) -> Result<Response, PlanError> {
        let installed = suspender.downcast_ref::<Suspender>();
        self.install_suspender(installed.ok_or_else(|| PlanError::no_attribute(suspender.class_name(), "install"))?);
        Ok(Response::None)
    }

    /// Anything that is not an installed suspender is passed over, as in bluesky.
    pub(super) fn remove_suspender_of(&mut self, suspender: &Object) -> Response {
        if let Some(suspender) = suspender.downcast_ref::<Suspender>() {
            self.remove_suspender(suspender);
        }
        Response::None
    }
}
