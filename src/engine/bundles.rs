//! `create`, `read`, `save`, `drop` and `checkpoint`.

use std::sync::Arc;

use opentelemetry::Context;

use super::RunEngine;
use super::bundler::{Known, RunBundler, illegal};
use crate::device::{Cx, Device, Readings};
use crate::document::{Configuration, Document};
use crate::message::{PlanError, Response};
use crate::value::{Text, Value};

impl RunEngine {
    pub(super) fn bundler(&mut self, run: &Value) -> Option<&mut RunBundler> {
        self.call.runs.iter_mut().find(|(key, _)| key == run).map(|(_, run)| &mut run.bundler)
    }

    pub(super) fn create(&mut self, run: &Value, name: &Text) -> Result<(), PlanError> {
        let bundler = self.bundler(run);
        let none =
            || illegal("Cannot bundle readings without an open run. That is, 'create' must be preceded by 'open_run'.");
        bundler.ok_or_else(none)?.create(name)
    }

    pub(super) async fn read(&mut self, run: &Value, obj: &Device, parent: &Context) -> Result<Readings, PlanError> {
        let readable = obj.readable()?;
        let shared = Arc::clone(&self.shared);
        let readings = self.given("read", obj, readable.read(Cx::new(&shared, obj, parent))).await?;
        let unknown = self.bundler(run).is_some_and(|bundler| bundler.is_unknown(obj));
        if unknown {
            let known = self.ask(obj, parent).await?;
            if let Some(bundler) = self.bundler(run) {
                bundler.learn(known);
            }
        }
        if let Some(bundler) = self.bundler(run) {
            bundler.add(obj, &readings)?;
        }
        Ok(readings)
    }

    /// Asks a device what it is: its data keys, and its configuration if it has one.
    async fn ask(&mut self, device: &Device, parent: &Context) -> Result<Known, PlanError> {
        let shared = Arc::clone(&self.shared);
        let cx = Cx::new(&shared, device, parent);
        let data_keys = self.given("describe", device, device.readable()?.describe(cx)).await?;
        let mut configuration = Configuration::default();
        if let Some(configurable) = device.object().as_configurable() {
            let described = configurable.describe_configuration(cx);
            configuration.data_keys = self.given("describe_configuration", device, described).await?;
            let read = configurable.read_configuration(cx);
            configuration.readings = self.given("read_configuration", device, read).await?.0;
        }
        Ok(Known { device: device.clone(), data_keys, configuration })
    }

    pub(super) fn save(&mut self, run: &Value) -> Result<(), PlanError> {
        let bundler = self.bundler(run);
        let none = || illegal("A 'save' message was received but there is no run open.");
        let (descriptor, event) = bundler.ok_or_else(none)?.save()?;
        if let Some(descriptor) = descriptor {
            self.emit(|| Document::Descriptor(descriptor))?;
        }
        if let Some(event) = event {
            self.emit(|| Document::Event(event.compose().into()))?;
        }
        Ok(())
    }

    pub(super) fn drop_bundle(&mut self, run: &Value) -> Result<(), PlanError> {
        let bundler = self.bundler(run);
        let none = || illegal("A 'drop' message was received but there is no run open.");
        bundler.ok_or_else(none)?.drop_bundle()
    }

    pub(super) fn checkpoint(&mut self) -> Result<(), PlanError> {
        if self.call.runs.iter().any(|(_, run)| run.bundler.is_bundling()) {
            return Err(illegal("Cannot 'checkpoint' after 'create' and before 'save'. Aborting!"));
        }
        self.reset_checkpoint();
        Ok(())
    }

    /// A checkpoint for which a pause has waited.
    pub(super) async fn deferred_checkpoint(&mut self) -> Result<Response, PlanError> {
        self.checkpoint()?;
        // As in bluesky, which leaves this time for a Ctrl-C to become an abort.
        self.sleep(0.5).await?;
        self.request_pause(false)
    }

    pub(super) fn request_pause(&self, defer: bool) -> Result<Response, PlanError> {
        self.control.request_pause(defer)?;
        Ok(Response::None)
    }
}
