//! [`FrameFlyer`]: a flyer whose frames are there when one says so, and come in any of the ways that flyers have.

use std::sync::{Mutex, OnceLock};

use crate::device::{
    Args, AssetDoc, Collectable, CollectedStreams, Configurable, Cx, DataKey, DataKeys, Device, DeviceError, Dtype,
    EventCollectable, EventPageCollectable, Flyable, OphydObject, PartialEvent, PartialEventPage, PartialStreamDatum,
    PartialStreamResource, Reading, Readings, Status, StatusKind, Stoppable, StreamRange, SyncOrAsync,
    WritesStreamAssets,
};
use crate::seed::Seed;
use crate::value::{Map, Text, Value};
use skyspan_trace::internal::lock;

/// A flyer without hardware, to try each of the ways in which a flyer may hand out what it has: no class of `ophyd.sim`,
/// but what the protocols of bluesky 1.15.1 allow (`EventCollectable`, `EventPageCollectable`, `WritesStreamAssets`).
///
/// Some of its frames are there once it is kicked off, all of them once it is completed; neither takes time. Each is
/// handed out once, and a kickoff begins anew. The nth frame of a flyer called `f`, from 0, has `f_x` = n and `f_y` = 2n.
/// It has no configuration and no hints.
///
/// This is the flyer to be: `Device::from` makes the device.
///
/// ```
/// use skyspan::hardware::FrameFlyer;
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let flyer = lab.add(FrameFlyer::nested("flyer").num(2));
/// let run = lab.run(plans::fly(&flyer));
/// let names: Vec<_> = run.documents().iter().map(Document::name).collect();
/// assert_eq!(names, ["start", "descriptor", "descriptor", "event_page", "event_page", "stop"]);
/// ```
#[derive(Clone, Debug)]
pub struct FrameFlyer {
    name: Text,
    style: Style,
    num: u64,
    early: u64,
}

/// How the frames are handed out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Style {
    Nested,
    Flat,
    Paged,
    Streamed,
}

impl FrameFlyer {
    /// A flyer of two streams that it names: `f_x_stream` with the x of each frame, `f_y_stream` with the y. It hands out
    /// an event of each per frame. The device is a `NestedFlyer`.
    #[must_use]
    pub fn nested(name: impl Into<Text>) -> Self {
        Self::of(name, Style::Nested)
    }

    /// A flyer of one stream, which has to be declared; it hands out an event per frame. The device is a `FlatFlyer`.
    #[must_use]
    pub fn flat(name: impl Into<Text>) -> Self {
        Self::of(name, Style::Flat)
    }

    /// A flyer of one stream, which has to be declared; it hands out one page of events, empty where there is no new
    /// frame. The device is a `PageFlyer`.
    #[must_use]
    pub fn paged(name: impl Into<Text>) -> Self {
        Self::of(name, Style::Paged)
    }

    /// A flyer of one stream, which has to be declared; its frames are images of 2 by 2, in a file beside the documents,
    /// which is not really written. The device is a `StreamFlyer`.
    #[must_use]
    pub fn streamed(name: impl Into<Text>) -> Self {
        Self::of(name, Style::Streamed)
    }

    fn of(name: impl Into<Text>, style: Style) -> Self {
        Self { name: name.into(), style, num: 3, early: 0 }
    }

    /// How many frames are there once it is completed; 3 unless one says otherwise.
    #[must_use]
    pub const fn num(mut self, num: u64) -> Self {
        self.num = num;
        self
    }

    /// How many frames are there once it is kicked off; none unless one says otherwise.
    #[must_use]
    pub const fn early(mut self, early: u64) -> Self {
        self.early = early;
        self
    }
}

impl From<FrameFlyer> for Device {
    fn from(flyer: FrameFlyer) -> Self {
        Self::new(FrameFlyerDevice { flyer, flight: Mutex::default(), drawn: OnceLock::new() })
    }
}

#[derive(Debug)]
struct FrameFlyerDevice {
    flyer: FrameFlyer,
    flight: Mutex<Flight>,
    drawn: OnceLock<(u64, Seed)>,
}

/// How far it has come.
#[derive(Debug, Default)]
struct Flight {
    kicked_off: bool,
    there: u64,
    handed_out: u64,
    /// The uid of the stream resource, once it was told.
    resource: Option<Text>,
}

impl FrameFlyerDevice {
    fn seed(&self, cx: Cx<'_>) -> Seed {
        let stream = || cx.seed().stream(&format!("assets of {}", self.flyer.name));
        let (of, seed) = self.drawn.get_or_init(|| (cx.seed().number(), stream()));
        if *of == cx.seed().number() { seed.clone() } else { stream() }
    }

    fn key(&self, field: &str) -> Text {
        format!("{}_{field}", self.flyer.name).into()
    }

    fn source(&self) -> Text {
        format!("SIM:{}", self.flyer.name).into()
    }

    fn data_keys(&self, fields: &[&str]) -> DataKeys {
        let number = || DataKey { source: self.source(), dtype: Dtype::Number, shape: Vec::new(), more: Map::new() };
        DataKeys(fields.iter().map(|field| (self.key(field), number())).collect())
    }

    /// The frames since the last time, by their numbers.
    fn new_frames(&self) -> std::ops::Range<u64> {
        let mut flight = lock(&self.flight);
        let there = flight.there;
        std::mem::replace(&mut flight.handed_out, there)..there
    }

    fn finished(cx: Cx<'_>) -> Status {
        let status = Status::new(cx, StatusKind::Device);
        let _ = status.set_finished();
        status
    }
}

impl Flyable for FrameFlyerDevice {
    fn kickoff(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        *lock(&self.flight) = Flight { kicked_off: true, there: self.flyer.early, ..Flight::default() };
        Ok(Self::finished(cx))
    }

    fn complete(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.nothing()?;
        lock(&self.flight).there = self.flyer.num;
        Ok(Self::finished(cx))
    }
}

impl Collectable for FrameFlyerDevice {
    fn describe_collect<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<CollectedStreams, DeviceError>> {
        Ok(match self.flyer.style {
            Style::Nested => CollectedStreams::Named(
                ["x", "y"].map(|field| (self.key(&format!("{field}_stream")), self.data_keys(&[field]))).into(),
            ),
            Style::Flat | Style::Paged => CollectedStreams::One(self.data_keys(&["x", "y"])),
            Style::Streamed => {
                let more = Map::from_iter([("external", "STREAM:")]);
                let image = DataKey { source: self.source(), dtype: Dtype::Array, shape: vec![2, 2], more };
                CollectedStreams::One(DataKeys(vec![(self.flyer.name.clone(), image)]))
            }
        })
        .into()
    }
}

impl EventCollectable for FrameFlyerDevice {
    fn collect<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Vec<PartialEvent>, DeviceError>> {
        let now = cx.now();
        let event = |readings| PartialEvent { readings, filled: Map::new(), time: Some(now) };
        let mut events = Vec::new();
        for frame in self.new_frames() {
            let reading = |value: u64| Reading { value: value.into(), timestamp: now };
            let (x, y) = ((self.key("x"), reading(frame)), (self.key("y"), reading(2 * frame)));
            if self.flyer.style == Style::Nested {
                events.extend([event(vec![x]), event(vec![y])]);
            } else {
                events.push(event(vec![x, y]));
            }
        }
        Ok(events).into()
    }
}

impl EventPageCollectable for FrameFlyerDevice {
    fn collect_pages<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Vec<PartialEventPage>, DeviceError>> {
        let frames = self.new_frames();
        let time: Vec<_> = frames.clone().map(|_| cx.now()).collect();
        let column = |factor: u64| frames.clone().map(|frame| Value::from(factor * frame)).collect();
        Ok(vec![PartialEventPage {
            data: vec![(self.key("x"), column(1)), (self.key("y"), column(2))],
            timestamps: ["x", "y"].map(|field| (self.key(field), time.clone())).into(),
            time,
        }])
        .into()
    }
}

impl WritesStreamAssets for FrameFlyerDevice {
    fn collect_asset_docs<'a>(
        &'a self,
        cx: Cx<'a>,
        index: Option<u64>,
    ) -> SyncOrAsync<'a, Result<Vec<AssetDoc>, DeviceError>> {
        let mut flight = lock(&self.flight);
        if !flight.kicked_off {
            return Err(DeviceError::no_attribute(&self.class_name(), "_resource")).into();
        }
        let mut docs = Vec::new();
        let resource = flight.resource.clone().unwrap_or_else(|| {
            let uid = self.seed(cx).uid();
            docs.push(AssetDoc::StreamResource(PartialStreamResource {
                uid: uid.clone(),
                data_key: self.flyer.name.clone(),
                mimetype: Text::literal("application/x-hdf5"),
                uri: format!("file://localhost/{}.h5", self.flyer.name).into(),
                parameters: Map::new(),
            }));
            uid
        });
        flight.resource = Some(resource.clone());
        let indices = StreamRange { start: flight.handed_out, stop: index.unwrap_or(u64::MAX).min(flight.there) };
        if indices.width() > 0 {
            let uid = format!("{resource}/{}", indices.start).into();
            docs.push(AssetDoc::StreamDatum(PartialStreamDatum { uid, stream_resource: resource, indices }));
            flight.handed_out = indices.stop;
        }
        Ok(docs).into()
    }

    fn get_index<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<u64, DeviceError>> {
        Ok(lock(&self.flight).there).into()
    }
}

/// A flyer without configuration: both answers are empty.
impl Configurable for FrameFlyerDevice {
    fn read_configuration<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        Ok(Readings::default()).into()
    }

    fn describe_configuration<'a>(&'a self, _: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        Ok(DataKeys::default()).into()
    }

    fn configure<'a>(&'a self, _: Cx<'a>, _: &'a Args) -> SyncOrAsync<'a, Result<(Readings, Readings), DeviceError>> {
        Err(DeviceError::no_attribute(&self.class_name(), "configure")).into()
    }
}

/// Nothing takes time, so that there is nothing to be stopped.
impl Stoppable for FrameFlyerDevice {
    fn stop<'a>(&'a self, _: Cx<'a>, _: bool) -> SyncOrAsync<'a, Result<(), DeviceError>> {
        Ok(()).into()
    }
}

impl OphydObject for FrameFlyerDevice {
    fn name(&self) -> &Text {
        &self.flyer.name
    }

    fn class_name(&self) -> Text {
        Text::literal(match self.flyer.style {
            Style::Nested => "NestedFlyer",
            Style::Flat => "FlatFlyer",
            Style::Paged => "PageFlyer",
            Style::Streamed => "StreamFlyer",
        })
    }

    fn as_configurable(&self) -> Option<&dyn Configurable> {
        Some(self)
    }

    fn as_stoppable(&self) -> Option<&dyn Stoppable> {
        Some(self)
    }

    fn as_flyable(&self) -> Option<&dyn Flyable> {
        Some(self)
    }

    fn as_collectable(&self) -> Option<&dyn Collectable> {
        Some(self)
    }

    fn as_event_collectable(&self) -> Option<&dyn EventCollectable> {
        if matches!(self.flyer.style, Style::Nested | Style::Flat) { Some(self) } else { None }
    }

    fn as_event_page_collectable(&self) -> Option<&dyn EventPageCollectable> {
        if self.flyer.style == Style::Paged { Some(self) } else { None }
    }

    fn as_writes_stream_assets(&self) -> Option<&dyn WritesStreamAssets> {
        if self.flyer.style == Style::Streamed { Some(self) } else { None }
    }
}
