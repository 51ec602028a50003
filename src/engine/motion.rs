//! `set`, `trigger`, `stop` and `locate`.

use std::pin::Pin;
use std::sync::Arc;

use opentelemetry::Context;

use super::RunEngine;
use super::attending::all;
use crate::device::{Cx, Device, DeviceError, Location, Status};
use crate::message::{DeviceCall, Locate, PlanError, Response};
use crate::value::{Text, Value};

impl RunEngine {
    pub(super) fn set(&mut self, call: &DeviceCall, parent: &Context) -> Result<Response, PlanError> {
        let DeviceCall { obj, args, group } = call;
        let movable = obj.movable()?;
        if self.call.moved.last() != Some(obj) && self.call.moved_before.insert(obj.clone()) {
            self.call.moved.push(obj.clone());
        }
        let status = movable.set(self.cx(obj, parent), args)?;
        Ok(self.status(status, group.as_ref()))
    }

    pub(super) fn trigger(
        &mut self,
        obj: &Device,
        group: Option<&Value>,
        parent: &Context,
    ) -> Result<Response, PlanError> {
        let status = obj.triggerable()?.trigger(self.cx(obj, parent))?;
        Ok(self.status(status, group))
    }

    /// The answer to a message that gave a status, which can be waited for in its group.
    pub(super) fn status(&mut self, status: Status, group: Option<&Value>) -> Response {
        self.add_status(group.unwrap_or(&Value::Null), &status);
        Response::Status(status)
    }

    /// Puts a status in its group, and tells who wants to know of it.
    pub(super) fn add_status(&mut self, group: &Value, status: &Status) {
        if let Some(hook) = &mut self.hooks.statuses {
            hook(status);
        }
        self.call.groups.add(group, status, self.call.messages);
    }

    pub(super) async fn stop_device(&mut self, obj: &Device, parent: &Context) -> Result<Response, PlanError> {
        let shared = Arc::clone(&self.shared);
        self.given("stop", obj, obj.stoppable()?.stop(Cx::new(&shared, obj, parent), false)).await?;
        Ok(Response::None)
    }

    /// Asks all devices at once where they are.
    pub(super) async fn locate(&mut self, locate: &Locate, parent: &Context) -> Result<Response, PlanError> {
        type Locating<'a> = Pin<Box<dyn Future<Output = Result<Location, DeviceError>> + Send + 'a>>;
        let shared = Arc::clone(&self.shared);
        let mut asked: Vec<Locating<'_>> = Vec::with_capacity(locate.objs.len());
        for obj in &locate.objs {
            asked.push(Box::pin(obj.locatable()?.locate(Cx::new(&shared, obj, parent))));
        }
        let count = locate.objs.len();
        let what = move || Text::from(format!("locate of {count} devices"));
        let located = self.or_deadlock(what, all(asked)).await?;
        let mut locations = located.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(match (locations.len(), locate.squeeze.unwrap_or(true)) {
            (1, true) => locations.pop().map_or(Response::None, |location| Response::Location(location.into())),
            _ => Response::Locations(locations),
        })
    }
}
