//! [`FrameDetector`]: a detector that writes frames on its own, and says how far it has come.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::frame_file::{Exposure, FrameFile};
use super::wanted;
use crate::device::{
    Args, AssetDoc, Collectable, CollectedStreams, Cx, DataKeys, Device, DeviceError, Flyable, OphydObject, Preparable,
    Readable, Readings, Stageable, Staged, Status, StatusKind, SyncOrAsync, Triggerable, WritesStreamAssets,
};
use crate::value::Text;

/// A detector that writes frames to a file on its own, and says how far it has come: no class of `ophyd.sim`, but what
/// detectors of ophyd-async are to bluesky 1.15.1.
///
/// This is the detector to be: `Device::from` makes the device. Triggered, it writes one frame; prepared for a number of
/// frames and kicked off, it writes one every period. No file is really written. Staging it begins anew.
///
/// ```
/// use skyspan::hardware::FrameDetector;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let camera = lab.add(FrameDetector::new("camera").data_key("camera-image", [1000, 1500]).period_s(0.1));
/// let run = lab.run(plans::count(&camera, 2));
/// let names: Vec<_> = run.documents().iter().map(Document::name).collect();
/// assert_eq!(
///     names,
///     ["start", "descriptor", "stream_resource", "stream_datum", "event", "stream_datum", "event", "stop"],
/// );
/// ```
#[derive(Clone, Debug)]
pub struct FrameDetector {
    name: Text,
    data_keys: Vec<(Text, Vec<u64>)>,
    period: Duration,
    root: Text,
}

impl FrameDetector {
    /// A detector without data keys, that takes 0.1 s for a frame.
    #[must_use]
    pub fn new(name: impl Into<Text>) -> Self {
        let root = Text::literal("file://localhost/simulated");
        Self { name: name.into(), data_keys: Vec::new(), period: Duration::from_millis(100), root }
    }

    /// Adds a data key with the shape of its frames, empty for a number for each.
    #[must_use]
    pub fn data_key(mut self, key: impl Into<Text>, shape: impl IntoIterator<Item = u64>) -> Self {
        self.data_keys.push((key.into(), shape.into_iter().collect()));
        self
    }

    /// How long it takes for a frame, in seconds; 0.1 unless one says otherwise.
    ///
    /// # Panics
    ///
    /// If it is negative, no number, or more than a duration holds.
    #[must_use]
    #[track_caller]
    pub fn period_s(mut self, period_s: f64) -> Self {
        self.period = wanted::seconds("period_s", period_s);
        self
    }

    /// Where the files are; `file://localhost/simulated` unless one says otherwise.
    #[must_use]
    pub fn root(mut self, root: impl Into<Text>) -> Self {
        self.root = root.into();
        self
    }
}

impl From<FrameDetector> for Device {
    fn from(detector: FrameDetector) -> Self {
        let FrameDetector { name, data_keys, period, root } = detector;
        let file = FrameFile::new(name.clone(), data_keys, root);
        Self::new(FrameDevice { name, period, file, prepared: AtomicU64::new(0) })
    }
}

#[derive(Debug)]
struct FrameDevice {
    name: Text,
    period: Duration,
    file: FrameFile,
    /// How many frames the next flight takes.
    prepared: AtomicU64,
}

impl FrameDevice {
    /// Begins to write so many frames.
    fn write(&self, cx: Cx<'_>, frames: u64) {
        self.file.expose(Exposure { began: cx.now(), first: self.period, period: self.period, frames });
    }
}

/// Forgets what it has written.
impl Stageable for FrameDevice {
    fn stage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        self.file.clear();
        self.prepared.store(0, Ordering::Relaxed);
        Ok(Staged::Devices(vec![cx.device().clone()]))
    }

    fn unstage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        self.file.land(cx.now());
        Ok(Staged::Devices(vec![cx.device().clone()]))
    }
}

impl Triggerable for FrameDevice {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        self.write(cx, 1);
        let written = Status::new(cx, StatusKind::Device);
        self.file.finish_at_the_end(cx, &written);
        Ok(written)
    }
}

/// Prepared for the number of frames of the next flight.
impl Preparable for FrameDevice {
    fn prepare(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let value = args.single()?;
        let frames = value.as_i64().and_then(|frames| u64::try_from(frames).ok());
        let frames = frames.ok_or_else(|| DeviceError::value(format!("expected a number of frames, found {value}")))?;
        self.prepared.store(frames, Ordering::Relaxed);
        let status = Status::new(cx, StatusKind::Device);
        let _ = status.set_finished();
        Ok(status)
    }
}

impl Flyable for FrameDevice {
    fn kickoff(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        self.write(cx, self.prepared.load(Ordering::Relaxed));
        let status = Status::new(cx, StatusKind::Device);
        let _ = status.set_finished();
        Ok(status)
    }

    fn complete(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        if !self.file.is_exposed() {
            return Err(DeviceError::other("RuntimeError", format!("{} was not kicked off", self.name)));
        }
        let status = Status::new(cx, StatusKind::Device);
        self.file.finish_at_the_end(cx, &status);
        Ok(status)
    }
}

/// The frames stand in no event.
impl Readable for FrameDevice {
    fn read<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        Ok(Readings::default()).into()
    }

    fn describe<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        Ok(self.file.data_keys()).into()
    }
}

impl Collectable for FrameDevice {
    fn describe_collect<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<CollectedStreams, DeviceError>> {
        Ok(CollectedStreams::One(self.file.data_keys())).into()
    }
}

impl WritesStreamAssets for FrameDevice {
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

impl OphydObject for FrameDevice {
    fn name(&self) -> &Text {
        &self.name
    }

    fn class_name(&self) -> Text {
        Text::literal("FrameDetector")
    }

    fn as_readable(&self) -> Option<&dyn Readable> {
        Some(self)
    }

    fn as_triggerable(&self) -> Option<&dyn Triggerable> {
        Some(self)
    }

    fn as_stageable(&self) -> Option<&dyn Stageable> {
        Some(self)
    }

    fn as_flyable(&self) -> Option<&dyn Flyable> {
        Some(self)
    }

    fn as_preparable(&self) -> Option<&dyn Preparable> {
        Some(self)
    }

    fn as_collectable(&self) -> Option<&dyn Collectable> {
        Some(self)
    }

    fn as_writes_stream_assets(&self) -> Option<&dyn WritesStreamAssets> {
        Some(self)
    }
}
