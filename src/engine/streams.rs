//! `declare_stream`, `monitor`, `unmonitor` and `configure`.

use std::sync::Arc;

use opentelemetry::Context;

use super::RunEngine;
use super::asking::Purpose;
use super::bundler::{NO_RUN_TO_BUNDLE, illegal};
use super::monitors::Listener;
use crate::device::{CollectedStreams, Cx, DataKeys, Device};
use crate::document::Document;
use crate::message::{Configure, Configured, DeclareStream, GenericMsg, Monitor, PlanError, Response};
use crate::value::{Text, Value, repr};

impl RunEngine {
    /// Describes a stream before anything of it is read or collected (`RunBundler.declare_stream`).
    ///
    /// Where bluesky loses the order of the devices, this keeps it.
    pub(super) async fn declare_stream(
        &mut self,
        run: &Value,
        declared: &DeclareStream,
        parent: &Context,
    ) -> Result<Response, PlanError> {
        if self.bundler(run).is_none() {
            return Err(illegal(NO_RUN_TO_BUNDLE));
        }
        let message = "A stream name that is not None is required for pre-declare";
        let name = declared.name.as_ref().filter(|name| !name.is_null());
        let name = name.ok_or_else(|| PlanError::raised("AssertionError", message))?;
        let name = stream_name(name)?;
        let mut devices: Vec<Device> = Vec::new();
        for obj in &declared.objs {
            if !devices.contains(obj) {
                devices.push(obj.clone());
            }
        }
        let collect = declared.collect.unwrap_or_default();
        let purpose = if collect { Purpose::Collect } else { Purpose::Read };
        // Even where nothing is left to be asked.
        self.take_loop_turns(3);
        self.learn(run, &name, &devices, purpose, parent).await?;
        let Some(bundler) = self.bundler(run) else { return Err(illegal(NO_RUN_TO_BUNDLE)) };
        let mut objects = Vec::new();
        for device in &devices {
            let data_keys = if collect {
                bundler.flights.described(device).map(|streams| of_one_stream(streams, &name)).transpose()?
            } else {
                bundler.stream(&name).and_then(|stream| stream.data_keys(device)).cloned()
            };
            objects.push((device.clone(), data_keys.unwrap_or_default()));
        }
        bundler.flights.declare(&devices, name.clone());
        self.describe(run, &name, objects).map(Response::Descriptor)
    }

    /// Describes the stream of a device, and subscribes to it (`RunBundler.monitor`).
    pub(super) async fn monitor(
        &mut self,
        run: &Value,
        monitor: &Monitor,
        parent: &Context,
    ) -> Result<Response, PlanError> {
        const NO_RUN: &str = "A 'monitor' message was sent but no run is open.";
        let Monitor { obj, name, options } = monitor;
        let bundler = self.bundler(run).ok_or_else(|| illegal(NO_RUN))?;
        obj.subscribable()?;
        if bundler.monitors.contains(obj) {
            let message = format!("A 'monitor' message was sent for {obj:?} which is already monitored");
            return Err(PlanError::IllegalMessageSequence(message.into()));
        }
        let name = match name {
            Some(name) => stream_name(name)?,
            None => self.seed.short_uid("monitor"),
        };
        self.learn(run, &name, std::slice::from_ref(obj), Purpose::Read, parent).await?;
        let bundler = self.bundler(run).ok_or_else(|| illegal(NO_RUN))?;
        let data_keys = bundler.stream(&name).and_then(|stream| stream.data_keys(obj)).cloned().unwrap_or_default();
        let keys = data_keys.0.iter().map(|(key, _)| key.clone()).collect();
        self.describe(run, &name, vec![(obj.clone(), data_keys)])?;
        let (shared, updates) = (Arc::clone(&self.shared), Arc::clone(&self.call.updates));
        if let Some(bundler) = self.bundler(run) {
            let listener = Listener { shared: &shared, updates: &updates, run: &bundler.composer.start().uid };
            bundler.monitors.add(obj, name, keys, options.clone(), &listener)?;
        }
        // A device whose readings have changed before tells of them at once.
        self.emit_monitored();
        self.reset_checkpoint();
        Ok(Response::None)
    }

    pub(super) fn unmonitor(&mut self, run: &Value, obj: &Device) -> Result<Response, PlanError> {
        let bundler =
            self.bundler(run).ok_or_else(|| illegal("An 'unmonitor' message was sent but no run is open."))?;
        obj.subscribable()?;
        if !bundler.monitors.remove(obj) {
            let message = format!("Cannot 'unmonitor' {obj:?}; it is not being monitored.");
            return Err(PlanError::IllegalMessageSequence(message.into()));
        }
        self.emit_monitored();
        self.reset_checkpoint();
        Ok(Response::None)
    }

    /// Configures a device, and describes anew the streams in which it is (`RunBundler.configure`).
    ///
    /// bluesky 1.15.1 does so only for the stream that was used last, and fails for a device of another one.
    pub(super) async fn configure(
        &mut self,
        run: &Value,
        configure: &Configure,
        parent: &Context,
    ) -> Result<Response, PlanError> {
        let Configure { obj, args } = configure;
        if self.bundler(run).is_some_and(|bundler| bundler.is_bundling()) {
            return Err(illegal("Cannot configure after 'create' but before 'save' Aborting!"));
        }
        let configurable = obj.as_configurable();
        let configurable = configurable.ok_or_else(|| PlanError::no_attribute(&obj.class_name(), "configure"))?;
        let shared = Arc::clone(&self.shared);
        let cx = Cx::new(&shared, obj, parent);
        let (old, new) = self.given("configure", obj, configurable.configure(cx, args)).await?;
        if self.bundler(run).is_some_and(|bundler| bundler.knows_configuration_of(obj)) {
            let readings = self.given("read_configuration", obj, configurable.read_configuration(cx)).await?;
            let descriptors = self.bundler(run).map(|bundler| bundler.reconfigured(obj, &readings)).transpose()?;
            for descriptor in descriptors.unwrap_or_default() {
                self.emit(|| Document::Descriptor(descriptor))?;
            }
        }
        Ok(Response::Configured(Configured { old, new }.into()))
    }

    /// Why a message with arguments that its command does not take is refused: because no run is open, where that is
    /// looked at first.
    pub(super) fn refusal(&mut self, run: &Value, refused: &(GenericMsg, PlanError)) -> PlanError {
        let (message, error) = refused;
        let bundling = self.bundler(run).map(|bundler| bundler.is_bundling());
        match (&*message.command, bundling) {
            ("create" | "declare_stream", None) => illegal(NO_RUN_TO_BUNDLE),
            ("monitor", None) => illegal("A 'monitor' message was sent but no run is open."),
            ("unmonitor", None) => illegal("An 'unmonitor' message was sent but no run is open."),
            ("kickoff", None) => illegal("A 'kickoff' message was sent but no run is open."),
            ("collect", None) => illegal("A 'collect' message was sent but no run is open."),
            ("configure", Some(true)) => illegal("Cannot configure after 'create' but before 'save' Aborting!"),
            _ => error.clone(),
        }
    }
}

/// The name of a stream, which in a message may be anything.
fn stream_name(name: &Value) -> Result<Text, PlanError> {
    match name {
        Value::Str(name) => Ok(name.clone()),
        Value::Array(_) => Err(PlanError::type_error("unhashable type: 'list'")),
        Value::Map(_) => Err(PlanError::type_error("unhashable type: 'dict'")),
        other => Err(PlanError::raised("ValidationError", format!("{} is not of type 'string'", repr(other)))),
    }
}

/// The data keys of a device that is collected into the stream of that name (`_format_datakeys_with_stream_name`).
fn of_one_stream(streams: &CollectedStreams, name: &Text) -> Result<DataKeys, PlanError> {
    match streams {
        CollectedStreams::One(data_keys) if !data_keys.0.is_empty() => Ok(data_keys.clone()),
        CollectedStreams::Named(streams) if !streams.is_empty() => match &**streams {
            [(stream, data_keys)] if stream == name => Ok(data_keys.clone()),
            others => {
                let others: Vec<&str> = others.iter().map(|(stream, _)| &**stream).collect();
                let message = format!("Expected a single stream '{name}', got {}", others.join(", "));
                Err(PlanError::runtime(message))
            }
        },
        CollectedStreams::One(_) | CollectedStreams::Named(_) => Err(PlanError::raised(
            "AssertionError",
            format!(
                "`declare_stream` contained `collect=True` but `describe_collect` did not return a single \
                 Dict[str, DataKey] for the passed in {name}"
            ),
        )),
    }
}
