//! `create`, `read`, `save`, `drop` and `checkpoint`.

use std::sync::Arc;

use opentelemetry::Context;

use super::RunEngine;
use super::asking::Purpose;
use super::bundler::{Bundle, NO_RUN_TO_BUNDLE, RunBundler, Saved, illegal, refused};
use crate::device::{Cx, Device, Readings};
use crate::document::Document;
use crate::message::{PlanError, Response};
use crate::value::{Text, Value};

impl RunEngine {
    pub(super) fn bundler(&mut self, run: &Value) -> Option<&mut RunBundler> {
        self.call.runs.iter_mut().find(|(key, _)| key == run).map(|(_, run)| &mut run.bundler)
    }

    pub(super) fn create(&mut self, run: &Value, name: &Text) -> Result<(), PlanError> {
        let bundler = self.bundler(run);
        bundler.ok_or_else(|| illegal(NO_RUN_TO_BUNDLE))?.create(name)
    }

    pub(super) async fn read(&mut self, run: &Value, obj: &Device, parent: &Context) -> Result<Readings, PlanError> {
        let readable = obj.readable()?;
        let shared = Arc::clone(&self.shared);
        let readings = self.given("read", obj, readable.read(Cx::new(&shared, obj, parent))).await?;
        let unknown = self.bundler(run).and_then(|bundler| bundler.unknown_in_bundle(obj));
        if let Some(stream) = unknown {
            self.learn(run, &stream, std::slice::from_ref(obj), Purpose::Read, parent).await?;
        }
        let Some(bundler) = self.bundler(run) else { return Ok(readings) };
        bundler.add(obj, &readings)?;
        if bundler.is_bundling() && writes_assets(obj) {
            let assets = self.asset_docs(obj, None, parent).await?;
            if let Some(bundler) = self.bundler(run) {
                bundler.add_assets(assets);
            }
        }
        Ok(readings)
    }

    /// Ends the bundle with an event; before it come the stream's descriptor if it has none, and what devices have
    /// written for it.
    pub(super) fn save(&mut self, run: &Value) -> Result<(), PlanError> {
        let bundler = self.bundler(run);
        let none = || illegal("A 'save' message was received but there is no run open.");
        let Some(Saved { undescribed, bundle }) = bundler.ok_or_else(none)?.save()? else { return Ok(()) };
        let Bundle { stream, objs, readings, assets, .. } = bundle;
        if let Some(objects) = undescribed {
            self.describe(run, &stream, objects)?;
        }
        let count = readings.len();
        if !assets.is_empty() && self.emit_assets(run, assets, Some(&stream))? > 1 {
            return Err(PlanError::runtime(
                "Received multiple indices in a `stream_datum` document for one event, during a `read()` `save()`. \
                 `stream_datum` should have indices {\"start\": n, \"stop\": n+1} in a `read()` `save()`.",
            ));
        }
        let Some(bundler) = self.bundler(run) else { return Ok(()) };
        let next = bundler.composer.event(&stream, readings).map_err(refused)?;
        // What nobody wants to see is used again; after what somebody does, there is need for as much room.
        let readings = if self.subscriptions.is_empty() {
            next.into_readings()
        } else {
            self.emit(|| Document::Event(next.compose().into()))?;
            Vec::with_capacity(count)
        };
        if let Some(bundler) = self.bundler(run) {
            bundler.give_back(objs, readings);
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

    /// Asks for a pause in the name of the plan, which gets what a subscriber raises at its event. The engine does not come
    /// to rest then, and stays `Pausing` to the end of the call (`RE._request_pause_coro`, bluesky 1.15.1).
    pub(super) fn request_pause(&mut self, defer: bool) -> Result<Response, PlanError> {
        if defer {
            self.control.defer_pause()?;
            return Ok(Response::None);
        }
        self.control.begin_pause(None)?;
        self.call.interrupted = true;
        let recorded = self.record_interruption(&Text::literal("pause"));
        match recorded {
            Ok(()) => self.control.go_on_with_pause(),
            Err(_) if self.call.cache.is_none() => self.fail_to_pause(),
            Err(_) => {}
        }
        recorded.map(|()| Response::None)
    }
}

fn writes_assets(device: &Device) -> bool {
    device.as_writes_external_assets().is_some() || device.as_writes_stream_assets().is_some()
}
