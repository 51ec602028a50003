//! [`RunBundler`]: what one run reads, bundled into events.

use std::sync::Arc;

use super::RunEngine;
use super::flights::Flights;
use super::monitors::Monitors;
use super::stream_cache::Stream;
use crate::device::{AssetDoc, DataKey, DataKeys, Device, Dtype, Reading, Readings};
use crate::document::{ComposeError, Configuration, Descriptor, Document, RunComposer};
use crate::message::PlanError;
use crate::value::{Map, Text, Value};

/// The stream of interruptions, and the data key of its events.
const INTERRUPTIONS: Text = Text::literal("interruptions");
const INTERRUPTION: Text = Text::literal("interruption");

/// What one run reads, bundled into events (`bluesky.bundlers.RunBundler`, 1.15.1).
#[derive(Debug)]
pub(super) struct RunBundler {
    pub(super) composer: RunComposer,
    bundle: Option<Bundle>,
    /// The empty lists of a bundle that is done with, for the next one.
    spare: Option<Bundle>,
    /// The stream of the last bundle.
    last_stream: Option<Text>,
    streams: Vec<Stream>,
    pub(super) flights: Flights,
    pub(super) monitors: Monitors,
}

/// Readings that will be one event.
#[derive(Debug, Default)]
pub(super) struct Bundle {
    pub(super) stream: Text,
    pub(super) objs: Vec<Device>,
    /// Whether they came in the order in which the stream is described.
    as_described: bool,
    pub(super) readings: Vec<(Text, Reading)>,
    /// What the devices said about what they wrote for it.
    pub(super) assets: Vec<AssetDoc>,
}

/// A bundle that is saved.
pub(super) struct Saved {
    /// The devices that describe its stream, with their data keys, where nothing did before.
    pub(super) undescribed: Option<Vec<(Device, DataKeys)>>,
    pub(super) bundle: Bundle,
}

impl RunBundler {
    pub(super) const fn new(composer: RunComposer) -> Self {
        Self {
            composer,
            bundle: None,
            spare: None,
            last_stream: None,
            streams: Vec::new(),
            flights: Flights::new(),
            monitors: Monitors::new(),
        }
    }

    pub(super) const fn is_bundling(&self) -> bool {
        self.bundle.is_some()
    }

    pub(super) fn create(&mut self, name: &Text) -> Result<(), PlanError> {
        if self.is_bundling() {
            return Err(illegal(
                "A second 'create' message is not allowed until the current event bundle is closed with a 'save' or \
                 'drop' message.",
            ));
        }
        if !self.streams.iter().any(|stream| stream.name == *name) {
            self.streams.push(Stream::new(name.clone()));
        }
        if self.last_stream.as_ref() != Some(name) {
            self.last_stream = Some(name.clone());
        }
        let spare = self.spare.take().unwrap_or_default();
        self.bundle = Some(Bundle { stream: name.clone(), as_described: true, ..spare });
        Ok(())
    }

    /// Takes back the lists of a bundle that was saved, once they are done with.
    pub(super) fn give_back(&mut self, mut objs: Vec<Device>, mut readings: Vec<(Text, Reading)>) {
        objs.clear();
        readings.clear();
        self.spare = Some(Bundle { objs, readings, ..Bundle::default() });
    }

    pub(super) fn drop_bundle(&mut self) -> Result<(), PlanError> {
        self.bundle.take().map(drop).ok_or_else(|| {
            illegal("A 'create' message must be sent, to open an event bundle, before that bundle can be dropped with 'drop'.")
        })
    }

    /// The stream of the bundle, if the device has to be asked what it is before its reading goes into it.
    pub(super) fn unknown_in_bundle(&self, device: &Device) -> Option<Text> {
        let stream = self.bundle.as_ref().and_then(|bundle| self.stream(&bundle.stream))?;
        stream.data_keys(device).is_none().then(|| stream.name.clone())
    }

    /// Puts readings into the bundle.
    pub(super) fn add(&mut self, device: &Device, readings: &Readings) -> Result<(), PlanError> {
        let Some(bundle) = &mut self.bundle else { return Ok(()) };
        let stream = self.streams.iter().find(|stream| stream.name == bundle.stream);
        // What is read in the order that was described collides as little as it does there.
        bundle.as_described &= stream.is_some_and(|stream| stream.is_next(device, bundle.objs.len()));
        if !bundle.as_described
            && let Some(stream) = stream
        {
            stream.check_collisions(&bundle.objs, device)?;
        }
        bundle.objs.push(device.clone());
        bundle.readings.extend(readings.0.iter().cloned());
        Ok(())
    }

    /// Puts what a device has written into the bundle.
    pub(super) fn add_assets(&mut self, assets: Vec<AssetDoc>) {
        if let Some(bundle) = &mut self.bundle {
            bundle.assets.extend(assets);
        }
    }

    /// Takes the bundle out, to be saved: with what describes its stream where nothing did. One into which nothing was read is
    /// nothing.
    pub(super) fn save(&mut self) -> Result<Option<Saved>, PlanError> {
        let bundle = self.bundle.take().ok_or_else(|| {
            illegal("A 'create' message must be sent, to open an event bundle, before that bundle can be saved with 'save'.")
        })?;
        if bundle.objs.is_empty() {
            return Ok(None);
        }
        let Some(stream) = self.stream(&bundle.stream) else { return Ok(None) };
        if stream.described.is_some() {
            stream.check_same_objects(&bundle.objs)?;
            return Ok(Some(Saved { undescribed: None, bundle }));
        }
        let data_keys = |device: &Device| stream.data_keys(device).cloned().unwrap_or_default();
        let objects = bundle.objs.iter().map(|device| (device.clone(), data_keys(device))).collect();
        Ok(Some(Saved { undescribed: Some(objects), bundle }))
    }

    /// Describes a stream by these devices with these data keys, of which it knows the configuration.
    fn describe(&mut self, name: &Text, objects: &[(Device, DataKeys)]) -> Result<Arc<Descriptor>, PlanError> {
        let described = self.stream_to_be(name).objects(objects);
        self.composer.describe(name.clone(), described).map_err(refused)
    }

    /// The stream of that name, new if there was none.
    fn stream_to_be(&mut self, name: &Text) -> &mut Stream {
        let at = self.streams.iter().position(|stream| stream.name == *name).unwrap_or_else(|| {
            self.streams.push(Stream::new(name.clone()));
            self.streams.len() - 1
        });
        &mut self.streams[at]
    }

    /// Describes anew, with the configuration as it is now, all streams in which a device is.
    pub(super) fn reconfigured(
        &mut self,
        device: &Device,
        readings: &Readings,
    ) -> Result<Vec<Arc<Descriptor>>, PlanError> {
        let mut descriptors = Vec::new();
        for stream in &mut self.streams {
            stream.reconfigured(device, readings);
            if stream.describes(device)
                && let Some(described) = &stream.described
            {
                let objects = stream.objects(described);
                descriptors.push(self.composer.describe(stream.name.clone(), objects).map_err(refused)?);
            }
        }
        Ok(descriptors)
    }

    /// Whether any stream has asked a device for its configuration.
    pub(super) fn knows_configuration_of(&self, device: &Device) -> bool {
        self.streams.iter().any(|stream| stream.configuration(device).is_some())
    }

    /// Keeps what a device said for a stream.
    pub(super) fn learn(
        &mut self,
        stream: &Text,
        device: &Device,
        data_keys: Option<DataKeys>,
        configuration: Option<Configuration>,
    ) {
        self.stream_to_be(stream).learn(device, data_keys, configuration);
    }

    /// The number of the event that is being measured: the next one of the stream that was used last.
    pub(super) fn next_point(&self) -> u64 {
        self.last_stream.as_ref().and_then(|name| self.composer.next_seq_num(name)).unwrap_or(1)
    }

    pub(super) fn stream(&self, name: &Text) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.name == *name)
    }

    /// Composes the asset documents that came together. Those before one that is refused are given with the error.
    pub(super) fn pack(
        &mut self,
        assets: Vec<AssetDoc>,
        stream: Option<&Text>,
    ) -> (Vec<Document>, Result<u64, PlanError>) {
        let mut documents = Vec::with_capacity(assets.len());
        let mut composer = match self.composer.assets(stream) {
            Ok(composer) => composer,
            Err(error) => return (documents, Err(refused(error))),
        };
        for doc in assets {
            match composer.compose(doc) {
                Ok(document) => documents.push(document),
                Err(error) => return (documents, Err(refused(error))),
            }
        }
        (documents, composer.finish().map_err(refused))
    }
}

/// What happens to a run when the engine pauses and goes on.
impl RunBundler {
    /// Remembers the numbers of the streams, for a rewind.
    pub(super) fn reset_checkpoint_state(&mut self) {
        self.composer.checkpoint();
    }

    /// Forgets the numbers of the streams.
    pub(super) fn clear_checkpoint(&mut self) {
        self.composer.clear_checkpoint();
    }

    /// Goes back to the numbers that were remembered, for what was read since is read again. A bundle that is open is
    /// given up.
    pub(super) fn rewind(&mut self) {
        self.composer.rewind();
        self.bundle = None;
    }

    /// The descriptor of the stream of interruptions, which stands right after the start document.
    pub(super) fn describe_interruptions(&mut self) -> Result<Document, PlanError> {
        let source = Text::literal("RunEngine");
        let described = DataKey { source, dtype: Dtype::String, shape: Vec::new(), more: Map::new() };
        let data_keys = vec![(INTERRUPTION, described.to_map())];
        self.composer.describe_own(INTERRUPTIONS, data_keys).map(Document::Descriptor).map_err(refused)
    }

    /// The event of an interruption, if they are recorded.
    pub(super) fn record_interruption(&mut self, content: impl Into<Value>) -> Option<Document> {
        let reading = Reading { value: content.into(), timestamp: self.composer.now() };
        let event = self.composer.event(&INTERRUPTIONS, vec![(INTERRUPTION, reading)]).ok()?;
        Some(Document::Event(event.compose().into()))
    }
}

impl RunEngine {
    /// Describes a stream of a run by these devices with these data keys. One whose descriptor a subscriber refuses has still
    /// to be described, as in bluesky.
    pub(super) fn describe(
        &mut self,
        run: &Value,
        name: &Text,
        objects: Vec<(Device, DataKeys)>,
    ) -> Result<Arc<Descriptor>, PlanError> {
        let descriptor = self.bundler(run).ok_or_else(|| illegal(NO_RUN_TO_BUNDLE))?.describe(name, &objects)?;
        let emitted = Arc::clone(&descriptor);
        self.emit(|| Document::Descriptor(emitted))?;
        if let Some(bundler) = self.bundler(run) {
            bundler.stream_to_be(name).describe(objects);
        }
        Ok(descriptor)
    }
}

/// Why nothing can be bundled that is of no run.
pub(super) const NO_RUN_TO_BUNDLE: &str =
    "Cannot bundle readings without an open run. That is, 'create' must be preceded by 'open_run'.";

/// What event-model refuses, as it is thrown into the plan.
pub(super) fn refused(error: ComposeError) -> PlanError {
    PlanError::raised(error.name(), error.to_string())
}

pub(super) fn illegal(message: &'static str) -> PlanError {
    PlanError::IllegalMessageSequence(Text::literal(message))
}
