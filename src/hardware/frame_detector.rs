//! [`FrameDetector`]: a detector that writes frames on its own, and says how far it has come.

use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::device::{
    Args, AssetDoc, Collectable, CollectedStreams, Cx, DataKey, DataKeys, Device, DeviceError, Dtype, Flyable,
    OphydObject, PartialStreamDatum, PartialStreamResource, Preparable, Readable, Readings, Stageable, Staged, Status,
    StatusKind, StreamRange, SyncOrAsync, Triggerable, WritesStreamAssets,
};
use crate::seed::Seed;
use crate::sync::lock;
use crate::value::{Map, Text, Value};

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

    /// How long it takes for a frame, in seconds; 0.1 unless one says otherwise, no time for what is no time at all.
    #[must_use]
    pub fn period_s(mut self, period_s: f64) -> Self {
        self.period = Duration::try_from_secs_f64(period_s).unwrap_or_default();
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
        Self::new(FrameDevice { detector, frames: Mutex::default(), drawn: OnceLock::new() })
    }
}

/// The device.
#[derive(Debug)]
struct FrameDevice {
    detector: FrameDetector,
    frames: Mutex<Frames>,
    drawn: OnceLock<(u64, Seed)>,
}

/// What it has written.
#[derive(Debug, Default)]
struct Frames {
    /// The uids of the stream resources, once they were told.
    resources: Vec<Text>,
    /// How many frames there were before the flight that is under way.
    before: u64,
    /// How many were told.
    told: u64,
    /// How many the next flight takes.
    prepared: u64,
    flight: Option<Flight>,
}

#[derive(Debug)]
struct Flight {
    began: Timestamp,
    frames: u64,
}

impl Frames {
    /// How many frames there are now.
    fn written(&self, now: Timestamp, period: Duration) -> u64 {
        let Some(flight) = &self.flight else { return self.before };
        let so_far = match period.as_nanos() {
            0 => u128::from(flight.frames),
            period_ns => (now - flight.began).as_nanos() / period_ns,
        };
        self.before + u64::try_from(so_far).unwrap_or(u64::MAX).min(flight.frames)
    }

    /// The flight that is under way counts from now on as the past.
    fn land(&mut self, now: Timestamp, period: Duration) {
        self.before = self.written(now, period);
        self.flight = None;
    }
}

impl FrameDevice {
    fn seed(&self, cx: Cx<'_>) -> Seed {
        let stream = || cx.seed().stream(&format!("assets of {}", self.detector.name));
        let (of, seed) = self.drawn.get_or_init(|| (cx.seed().number(), stream()));
        if *of == cx.seed().number() { seed.clone() } else { stream() }
    }

    fn data_keys(&self) -> DataKeys {
        let keys = self.detector.data_keys.iter().map(|(key, shape)| {
            let more = Map::from_iter([("external", "STREAM:")]);
            let dtype = if shape.is_empty() { Dtype::Number } else { Dtype::Array };
            let source = Text::from(format!("SIM:{}", self.detector.name));
            (key.clone(), DataKey { source, dtype, shape: shape.clone(), more })
        });
        DataKeys(keys.collect())
    }

    /// Begins to write so many frames; the status is done when it has.
    fn write(&self, cx: Cx<'_>, frames: u64) -> Status {
        let mut state = lock(&self.frames);
        state.land(cx.now(), self.detector.period);
        state.flight = Some(Flight { began: cx.now(), frames });
        drop(state);
        let written = Status::new(cx, StatusKind::Device);
        self.finish_at_the_end(cx, &written);
        written
    }

    /// Ends a status when all frames of the flight are written.
    fn finish_at_the_end(&self, cx: Cx<'_>, status: &Status) {
        let end = lock(&self.frames).flight.as_ref().map(|flight| {
            let frames = u32::try_from(flight.frames).unwrap_or(u32::MAX);
            flight.began + self.detector.period.saturating_mul(frames)
        });
        let finished = status.clone();
        match end.filter(|end| *end > cx.now()) {
            Some(end) => drop(cx.clock().call_at(end, move || drop(finished.set_finished()))),
            None => drop(finished.set_finished()),
        }
    }
}

/// Forgets what it has written.
impl Stageable for FrameDevice {
    fn stage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        *lock(&self.frames) = Frames::default();
        Ok(Staged::Devices(vec![cx.device().clone()]))
    }

    fn unstage(&self, cx: Cx<'_>) -> Result<Staged, DeviceError> {
        lock(&self.frames).land(cx.now(), self.detector.period);
        Ok(Staged::Devices(vec![cx.device().clone()]))
    }
}

impl Triggerable for FrameDevice {
    fn trigger(&self, cx: Cx<'_>) -> Result<Status, DeviceError> {
        Ok(self.write(cx, 1))
    }
}

/// Prepared for the number of frames of the next flight.
impl Preparable for FrameDevice {
    fn prepare(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        let value = args.single()?;
        let frames = value.as_i64().and_then(|frames| u64::try_from(frames).ok());
        lock(&self.frames).prepared =
            frames.ok_or_else(|| DeviceError::value(format!("expected a number of frames, found {value}")))?;
        let status = Status::new(cx, StatusKind::Device);
        let _ = status.set_finished();
        Ok(status)
    }
}

impl Flyable for FrameDevice {
    fn kickoff(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        let mut state = lock(&self.frames);
        state.land(cx.now(), self.detector.period);
        let frames = state.prepared;
        state.flight = Some(Flight { began: cx.now(), frames });
        drop(state);
        let status = Status::new(cx, StatusKind::Device);
        let _ = status.set_finished();
        Ok(status)
    }

    fn complete(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        if lock(&self.frames).flight.is_none() {
            return Err(DeviceError::other("RuntimeError", format!("{} was not kicked off", self.detector.name)));
        }
        let status = Status::new(cx, StatusKind::Device);
        self.finish_at_the_end(cx, &status);
        Ok(status)
    }
}

/// The frames stand in no event.
impl Readable for FrameDevice {
    fn read<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        Ok(Readings::default()).into()
    }

    fn describe<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        Ok(self.data_keys()).into()
    }
}

impl Collectable for FrameDevice {
    fn describe_collect<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<CollectedStreams, DeviceError>> {
        Ok(CollectedStreams::One(self.data_keys())).into()
    }
}

impl WritesStreamAssets for FrameDevice {
    fn collect_asset_docs<'a>(
        &'a self,
        cx: Cx<'a>,
        index: Option<u64>,
    ) -> SyncOrAsync<'a, Result<Vec<AssetDoc>, DeviceError>> {
        let mut state = lock(&self.frames);
        let written = state.written(cx.now(), self.detector.period);
        let indices = StreamRange { start: state.told, stop: index.unwrap_or(u64::MAX).min(written) };
        if indices.width() == 0 {
            return Ok(Vec::new()).into();
        }
        let mut docs = Vec::new();
        let new = state.resources.is_empty();
        if new {
            let seed = self.seed(cx);
            state.resources = self.detector.data_keys.iter().map(|_| seed.uid()).collect();
        }
        for ((data_key, _), uid) in self.detector.data_keys.iter().zip(&state.resources) {
            if new {
                docs.push(AssetDoc::StreamResource(PartialStreamResource {
                    uid: uid.clone(),
                    data_key: data_key.clone(),
                    mimetype: Text::literal("application/x-hdf5"),
                    uri: format!("{}/{}.h5", self.detector.root, self.detector.name).into(),
                    parameters: Map::from_iter([("dataset", Value::from(format!("/{data_key}/data")))]),
                }));
            }
            let nth = Text::from(format!("{uid}/{}", indices.start));
            let datum = PartialStreamDatum { uid: nth, stream_resource: uid.clone(), indices };
            docs.push(AssetDoc::StreamDatum(datum));
        }
        state.told = indices.stop;
        Ok(docs).into()
    }

    fn get_index<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<u64, DeviceError>> {
        Ok(lock(&self.frames).written(cx.now(), self.detector.period)).into()
    }
}

impl OphydObject for FrameDevice {
    fn name(&self) -> &Text {
        &self.detector.name
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
