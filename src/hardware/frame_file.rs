//! [`FrameFile`]: a file to which a detector adds one frame after another, each at its time.

use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::device::{
    AssetDoc, Cx, DataKey, DataKeys, Dtype, PartialStreamDatum, PartialStreamResource, Status, StreamRange,
};
use crate::seed::Seed;
use crate::value::{Map, Text, Value};
use skyspan_trace::internal::lock;

/// A file to which a detector adds one frame after another, each at its time. It is not really written.
#[derive(Debug)]
pub(super) struct FrameFile {
    name: Text,
    /// Each with the shape of its frames.
    data_keys: Vec<(Text, Vec<u64>)>,
    root: Text,
    frames: Mutex<Frames>,
    drawn: OnceLock<(u64, Seed)>,
}

/// The number of frames, and their shape.
#[derive(Debug, Default)]
struct Frames {
    /// The uids of the stream resources, once they were told.
    resources: Vec<Text>,
    /// How many frames there were before the exposure that is under way.
    before: u64,
    /// How many were told.
    told: u64,
    exposure: Option<Exposure>,
}

/// Frames that come one after another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Exposure {
    pub(super) began: Timestamp,
    /// When the first one is there after the beginning.
    pub(super) first: Duration,
    /// How much later each of the others is there.
    pub(super) period: Duration,
    pub(super) frames: u64,
}

impl Exposure {
    /// How many frames there are.
    fn written(&self, now: Timestamp) -> u64 {
        let after = now - self.began;
        if after < self.first {
            return 0;
        }
        let others = match self.period.as_nanos() {
            0 => u128::from(self.frames),
            period_ns => (after - self.first).as_nanos() / period_ns,
        };
        u64::try_from(others).unwrap_or(u64::MAX).saturating_add(1).min(self.frames)
    }

    /// When the last frame is there.
    fn end(&self) -> Timestamp {
        let Some(others) = self.frames.checked_sub(1) else { return self.began };
        let others_ns = self.period.as_nanos().saturating_mul(u128::from(others));
        self.began + self.first + Duration::from_nanos(u64::try_from(others_ns).unwrap_or(u64::MAX))
    }
}

impl Frames {
    fn written(&self, now: Timestamp) -> u64 {
        self.before + self.exposure.map_or(0, |exposure| exposure.written(now))
    }

    /// The exposure that is under way counts from now on as the past.
    fn land(&mut self, now: Timestamp) {
        self.before = self.written(now);
        self.exposure = None;
    }
}

impl FrameFile {
    pub(super) fn new(name: Text, data_keys: Vec<(Text, Vec<u64>)>, root: Text) -> Self {
        Self { name, data_keys, root, frames: Mutex::default(), drawn: OnceLock::new() }
    }

    /// Begins anew, in another file.
    pub(super) fn clear(&self) {
        *lock(&self.frames) = Frames::default();
    }

    /// No more frames come.
    pub(super) fn land(&self, now: Timestamp) {
        lock(&self.frames).land(now);
    }

    /// Frames begin to come. Those that were yet to come of an earlier exposure do not.
    pub(super) fn expose(&self, exposure: Exposure) {
        let mut frames = lock(&self.frames);
        frames.land(exposure.began);
        frames.exposure = Some(exposure);
    }

    /// Whether frames come, or came since it was cleared or landed.
    pub(super) fn is_exposed(&self) -> bool {
        lock(&self.frames).exposure.is_some()
    }

    /// Ends a status when the last frame is there.
    pub(super) fn finish_at_the_end(&self, cx: Cx<'_>, status: &Status) {
        let end = lock(&self.frames).exposure.map(|exposure| exposure.end());
        let finished = status.clone();
        match end.filter(|end| *end > cx.now()) {
            Some(end) => drop(cx.clock().call_at(end, move || drop(finished.set_finished()))),
            None => drop(finished.set_finished()),
        }
    }

    /// How many frames there are.
    pub(super) fn written(&self, now: Timestamp) -> u64 {
        lock(&self.frames).written(now)
    }

    pub(super) fn data_keys(&self) -> DataKeys {
        let keys = self.data_keys.iter().map(|(key, shape)| {
            let more = Map::from_iter([("external", "STREAM:")]);
            let dtype = if shape.is_empty() { Dtype::Number } else { Dtype::Array };
            let source = Text::from(format!("SIM:{}", self.name));
            (key.clone(), DataKey { source, dtype, shape: shape.clone(), more })
        });
        DataKeys(keys.collect())
    }

    /// What was written since the last time, before `index`.
    pub(super) fn stream_docs(&self, cx: Cx<'_>, index: Option<u64>) -> Vec<AssetDoc> {
        let mut frames = lock(&self.frames);
        let written = frames.written(cx.now());
        let indices = StreamRange { start: frames.told, stop: index.unwrap_or(u64::MAX).min(written) };
        if indices.width() == 0 {
            return Vec::new();
        }
        let mut docs = Vec::new();
        let new = frames.resources.is_empty();
        if new {
            let seed = self.seed(cx);
            frames.resources = self.data_keys.iter().map(|_| seed.uid()).collect();
        }
        for ((data_key, _), uid) in self.data_keys.iter().zip(&frames.resources) {
            if new {
                docs.push(AssetDoc::StreamResource(PartialStreamResource {
                    uid: uid.clone(),
                    data_key: data_key.clone(),
                    mimetype: Text::literal("application/x-hdf5"),
                    uri: format!("{}/{}.h5", self.root, self.name).into(),
                    parameters: Map::from_iter([("dataset", Value::from(format!("/{data_key}/data")))]),
                }));
            }
            let nth = Text::from(format!("{uid}/{}", indices.start));
            let datum = PartialStreamDatum { uid: nth, stream_resource: uid.clone(), indices };
            docs.push(AssetDoc::StreamDatum(datum));
        }
        frames.told = indices.stop;
        docs
    }

    /// Where its uids come from.
    pub(super) fn seed(&self, cx: Cx<'_>) -> Seed {
        let stream = || cx.seed().stream(&format!("assets of {}", self.name));
        let (of, seed) = self.drawn.get_or_init(|| (cx.seed().number(), stream()));
        if *of == cx.seed().number() { seed.clone() } else { stream() }
    }
}
