//! `create`, `read`, `save`, `drop` and `checkpoint`.

use opentelemetry::Context;

use super::RunEngine;
use super::bundler::{Known, RunBundler, illegal};
use crate::device::{Device, Readings};
use crate::document::{Configuration, Document};
use crate::message::PlanError;
use crate::value::{Text, Value};

impl RunEngine {
    fn bundler(&mut self, run: &Value) -> Option<&mut RunBundler> {
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
        let readings = self.given("read", obj, readable.read(self.cx(obj, parent))).await?;
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
    async fn ask(&self, device: &Device, parent: &Context) -> Result<Known, PlanError> {
        let cx = self.cx(device, parent);
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
            self.emit(|| Document::Descriptor(descriptor));
        }
        if let Some(event) = event {
            self.emit(|| Document::Event(event.compose().into()));
        }
        Ok(())
    }

    pub(super) fn drop_bundle(&mut self, run: &Value) -> Result<(), PlanError> {
        let bundler = self.bundler(run);
        let none = || illegal("A 'drop' message was received but there is no run open.");
        bundler.ok_or_else(none)?.drop_bundle()
    }

    pub(super) fn checkpoint(&self) -> Result<(), PlanError> {
        if self.call.runs.iter().any(|(_, run)| run.bundler.is_bundling()) {
            return Err(illegal("Cannot 'checkpoint' after 'create' and before 'save'. Aborting!"));
        }
        Ok(())
    }
}
