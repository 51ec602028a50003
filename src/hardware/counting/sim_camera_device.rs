//! The device that a [`SimCamera`](super::SimCamera) becomes.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use super::exposure::Exposure;
use crate::device::{
    Args, AssetDoc, Collectable, CollectedStreams, Configurable, Cx, DataKey, DataKeys, Datum, DeviceError, Dtype,
    Flyable, HasHints, Hints, OphydObject, PartialResource, Pausable, Preparable, Readable, Reading, Readings,
    Stageable, Staged, Status, StatusKind, Stoppable, SyncOrAsync, Triggerable, WritesExternalAssets,
    WritesStreamAssets,
};
use crate::hardware::components::{Components, protocols_of_components};
use crate::hardware::frame_file::{Exposure as Frames, FrameFile};
use crate::value::{Map, Text};
use skyspan_trace::internal::lock;

#[derive(Debug)]
pub(super) struct CameraDevice {
    pub(super) components: Components,
    pub(super) exposure: Exposure,
    pub(super) file: FrameFile,
    /// The extent of a frame.
    pub(super) shape: [u64; 2],
    pub(super) root: Text,
    pub(super) has_datums: bool,
    pub(super) recording: Recording,
}

/// What it has written, or will.
#[derive(Debug, Default)]
pub(super) struct Recording {
    /// How many entries the next flight has.
    prepared: AtomicU64,
    resource: Mutex<Resource>,
}

/// The file whose entries are datums.
#[derive(Debug, Default)]
struct Resource {
    /// Its uid; nothing unless it is staged.
    uid: Option<Text>,
    next: u64,
    /// What was not handed out yet.
    docs: Vec<AssetDoc>,
    /// The datum of the last trigger.
    reading: Option<Reading>,
}

impl CameraDevice {
    fn name_text(&self) -> &Text {
        self.components.name()
    }

    fn runtime_error(&self, what: &str) -> DeviceError {
        DeviceError::other(Text::literal("RuntimeError"), format!("{} {what}", self.name_text()))
    }

    fn is_staged(&self) -> bool {
        lock(&self.recording.resource).uid.is_some()
    }

    /// What describes an entry: its frames, where it has not just one, and the extent of each.
    fn described(&self) -> Result<DataKeys, DeviceError> {
        let frames = u64::from(self.exposure.times()?.frames);
        let shape = (frames != 1).then_some(frames).into_iter().chain(self.shape).collect();
        let source = format!("SIM:{}", self.name_text()).into();
        // Two bytes a pixel, as cameras have it.
        let external = if self.has_datums { "FILESTORE:" } else { "STREAM:" };
        let more = Map::from_iter([("external", external), ("dtype_numpy", "<u2")]);
        Ok(DataKeys(vec![(self.name_text().clone(), DataKey { source, dtype: Dtype::Array, shape, more })]))
    }

    /// A trigger adds a datum.
    fn add_datum(&self, cx: Cx<'_>) {
        let mut written = lock(&self.recording.resource);
        let Some(resource) = written.uid.clone() else { return };
        let datum_id = Text::from(format!("{resource}/{}", written.next));
        let datum_kwargs = Map::from_iter([("index", written.next)]);
        written.next += 1;
        written.reading = Some(Reading { value: (&datum_id).into(), timestamp: cx.now() });
        written.docs.push(AssetDoc::Datum(Datum { datum_id, resource, datum_kwargs }));
    }
}

impl Stageable for CameraDevice {
    fn stage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        let frames = self.exposure.times()?.frames;
        let staged = self.components.stage(cx)?;
        self.file.clear();
        let uid = self.file.seed(cx).uid();
        let mut resource = Resource { uid: Some(uid.clone()), ..Resource::default() };
        if self.has_datums {
            resource.docs.push(AssetDoc::Resource(PartialResource {
                spec: Text::literal("AD_HDF5"),
                root: self.root.clone(),
                resource_path: format!("{uid}.h5").into(),
                resource_kwargs: Map::from_iter([("frame_per_point", frames)]),
                windows_path: false,
                uid,
            }));
        }
        *lock(&self.recording.resource) = resource;
        Ok(staged)
    }

    fn unstage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        self.file.land(cx.now());
        lock(&self.recording.resource).uid = None;
        Ok(self.components.unstage(cx))
    }
}

impl Triggerable for CameraDevice {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        if !self.is_staged() {
            return Err(self.runtime_error("has to be staged before it is triggered"));
        }
        let times = self.exposure.times()?;
        let status = Status::new(cx, StatusKind::Device);
        if cx.ending().is_some_and(crate::device::Ending::is_stalled) {
            // Nothing is ever written.
            return Ok(status);
        }
        let trigger = times.trigger();
        self.file.expose(Frames { began: cx.now(), first: trigger, period: trigger, frames: 1 });
        if self.has_datums {
            self.add_datum(cx);
        }
        self.file.finish_at_the_end(cx, &status);
        Ok(status)
    }
}

/// Prepared for the number of entries of the next flight.
impl Preparable for CameraDevice {
    fn prepare(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let value = args.single()?;
        let entries = value.as_i64().and_then(|entries| u64::try_from(entries).ok());
        let entries =
            entries.ok_or_else(|| DeviceError::value(format!("expected a number of entries, found {value}")))?;
        self.recording.prepared.store(entries, Ordering::Relaxed);
        let status = Status::new(cx, StatusKind::Device);
        let _ = status.set_finished();
        Ok(status)
    }
}

impl Flyable for CameraDevice {
    fn kickoff(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        if !self.is_staged() {
            return Err(self.runtime_error("has to be staged before it is kicked off"));
        }
        let times = self.exposure.times()?;
        let frames = self.recording.prepared.load(Ordering::Relaxed);
        self.file.expose(Frames { began: cx.now(), first: times.trigger(), period: times.period(), frames });
        let status = Status::new(cx, StatusKind::Device);
        let _ = status.set_finished();
        Ok(status)
    }

    fn complete(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        if !self.file.is_exposed() {
            return Err(self.runtime_error("was not kicked off"));
        }
        let status = Status::new(cx, StatusKind::Device);
        self.file.finish_at_the_end(cx, &status);
        Ok(status)
    }
}

impl Readable for CameraDevice {
    /// The frames of a stream stand in no event; of the others, their datum does.
    fn read<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        if !self.has_datums {
            return Ok(Readings::default()).into();
        }
        match lock(&self.recording.resource).reading.clone() {
            Some(reading) => Ok(Readings(vec![(self.name_text().clone(), reading)])),
            None => Err(self.runtime_error("has to be triggered before it is read")),
        }
        .into()
    }

    fn describe<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        self.described().into()
    }
}

impl Configurable for CameraDevice {
    fn read_configuration<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        self.components.configuration(cx.now()).into()
    }

    fn describe_configuration<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        self.components.configuration_data_keys().into()
    }

    fn configure<'a>(
        &'a self,
        cx: Cx<'a>,
        args: &'a Args,
    ) -> SyncOrAsync<'a, Result<(Readings, Readings), DeviceError>> {
        SyncOrAsync::later(self.components.configure(cx, args))
    }
}

impl Collectable for CameraDevice {
    fn describe_collect<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<CollectedStreams, DeviceError>> {
        self.described().map(CollectedStreams::One).into()
    }
}

impl WritesStreamAssets for CameraDevice {
    fn collect_asset_docs<'a>(
        &'a self,
        cx: Cx<'a>,
        index: Option<u64>,
    ) -> SyncOrAsync<'a, Result<Vec<AssetDoc>, DeviceError>> {
        Ok(self.file.stream_docs(cx, index)).into()
    }

    fn get_index<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<u64, DeviceError>> {
        Ok(self.file.written(cx.now())).into()
    }
}

impl WritesExternalAssets for CameraDevice {
    fn collect_asset_docs<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Vec<AssetDoc>, DeviceError>> {
        Ok(std::mem::take(&mut lock(&self.recording.resource).docs)).into()
    }
}

/// What was begun comes to its end, as with a detector that cannot be interrupted.
impl Stoppable for CameraDevice {
    fn stop<'a>(&'a self, _: Cx<'a>, _: bool) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        Ok(()).into()
    }
}

impl Pausable for CameraDevice {
    fn pause<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        self.components.pause().into()
    }

    fn resume<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        Ok(()).into()
    }
}

/// Pictures are no numbers that one would plot.
impl HasHints for CameraDevice {
    fn hints(&self) -> Hints {
        self.components.hints()
    }
}

impl OphydObject for CameraDevice {
    protocols_of_components!();

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        Some(self)
    }

    fn as_flyable(&self) -> Option<&dyn Flyable> {
        if self.has_datums { None } else { Some(self) }
    }

    fn as_preparable(&self) -> Option<&dyn Preparable> {
        if self.has_datums { None } else { Some(self) }
    }

    fn as_collectable(&self) -> Option<&dyn Collectable> {
        if self.has_datums { None } else { Some(self) }
    }

    fn as_writes_stream_assets(&self) -> Option<&dyn WritesStreamAssets> {
        if self.has_datums { None } else { Some(self) }
    }

    fn as_writes_external_assets(&self) -> Option<&dyn WritesExternalAssets> {
        if self.has_datums { Some(self) } else { None }
    }
}
