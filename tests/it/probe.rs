//! A device that does what a test tells it to, and counts what it is asked.

#![expect(clippy::unwrap_used, reason = "a test's helper may fail the test")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use skyspan::clock::Timestamp;
use skyspan::device::{
    Args, AssetDoc, Callback, Collectable, CollectedStreams, Configurable, Cx, DataKey, DataKeys, Device, DeviceError,
    Dtype, EventCollectable, EventPageCollectable, Flyable, OphydObject, PartialEvent, PartialEventPage,
    PartialResource, PartialStreamDatum, PartialStreamResource, Preparable, Readable, Reading, Readings, Status,
    StatusKind, StreamRange, Subscribable, SubscriptionId, SyncOrAsync, WritesExternalAssets, WritesStreamAssets,
};
use skyspan::value::{Map, Text, Value};

type Answer<T> = Option<Box<dyn Fn() -> Result<T, DeviceError> + Send + Sync>>;
type StreamAssets = Option<Box<dyn Fn(Option<u64>) -> Vec<AssetDoc> + Send + Sync>>;

/// What it implements is what it was given an answer for.
#[derive(Default)]
pub(crate) struct Probe {
    name: Text,
    /// How long each answer takes.
    delay: Duration,
    calls: Arc<Mutex<Vec<&'static str>>>,
    read: Answer<Readings>,
    describe: Answer<DataKeys>,
    configuration: Option<Arc<Mutex<i64>>>,
    describe_collect: Answer<CollectedStreams>,
    events: Answer<Vec<PartialEvent>>,
    pages: Answer<Vec<PartialEventPage>>,
    assets: Answer<Vec<AssetDoc>>,
    stream_assets: StreamAssets,
    index: u64,
    flies: bool,
    pub(crate) callbacks: Arc<Mutex<Vec<(SubscriptionId, Callback)>>>,
    subscribable: bool,
}

/// How often a probe was asked something.
#[derive(Clone, Default)]
pub(crate) struct Calls(Arc<Mutex<Vec<&'static str>>>);

impl Calls {
    #[track_caller]
    pub(crate) fn count(&self, method: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|call| **call == method).count()
    }
}

impl Probe {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Reads these values under these data keys; a key that ends with `*` is external to `STREAM:`, and not read.
    pub(crate) fn reads(self, keys: &[&'static str]) -> Self {
        let (keys, read) = (keys.to_vec(), keys.to_vec());
        self.describes(move || data_keys(&keys)).gives(move || readings(&read))
    }

    pub(crate) fn describes(mut self, describe: impl Fn() -> DataKeys + Send + Sync + 'static) -> Self {
        self.describe = Some(Box::new(move || Ok(describe())));
        self
    }

    pub(crate) fn gives(mut self, read: impl Fn() -> Readings + Send + Sync + 'static) -> Self {
        self.read = Some(Box::new(move || Ok(read())));
        self
    }

    pub(crate) fn fails_to_read(mut self, error: DeviceError) -> Self {
        self.read = Some(Box::new(move || Err(error.clone())));
        self
    }

    /// Has the configuration `{name}_setting`, 0 at first.
    pub(crate) fn configurable(mut self) -> Self {
        self.configuration = Some(Arc::default());
        self
    }

    pub(crate) fn collected(mut self, streams: impl Fn() -> CollectedStreams + Send + Sync + 'static) -> Self {
        self.describe_collect = Some(Box::new(move || Ok(streams())));
        self
    }

    pub(crate) fn events(
        mut self,
        events: impl Fn() -> Result<Vec<PartialEvent>, DeviceError> + Send + Sync + 'static,
    ) -> Self {
        self.events = Some(Box::new(events));
        self
    }

    pub(crate) fn pages(mut self, pages: impl Fn() -> Vec<PartialEventPage> + Send + Sync + 'static) -> Self {
        self.pages = Some(Box::new(move || Ok(pages())));
        self
    }

    pub(crate) fn assets(mut self, assets: impl Fn() -> Vec<AssetDoc> + Send + Sync + 'static) -> Self {
        self.assets = Some(Box::new(move || Ok(assets())));
        self
    }

    pub(crate) fn stream_assets(
        mut self,
        index: u64,
        assets: impl Fn(Option<u64>) -> Vec<AssetDoc> + Send + Sync + 'static,
    ) -> Self {
        self.index = index;
        self.stream_assets = Some(Box::new(assets));
        self
    }

    pub(crate) const fn flies(mut self) -> Self {
        self.flies = true;
        self
    }

    pub(crate) const fn subscribable(mut self) -> Self {
        self.subscribable = true;
        self
    }

    pub(crate) const fn takes(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    pub(crate) fn counted(mut self, calls: &Calls) -> Self {
        self.calls = Arc::clone(&calls.0);
        self
    }

    fn answer<'a, T: Send + 'a>(
        &'a self,
        method: &'static str,
        cx: Cx<'a>,
        answer: impl FnOnce() -> Result<T, DeviceError> + Send + 'a,
    ) -> SyncOrAsync<'a, Result<T, DeviceError>> {
        self.calls.lock().unwrap().push(method);
        if self.delay.is_zero() {
            return answer().into();
        }
        SyncOrAsync::later(async move {
            cx.clock().sleep(self.delay).await;
            answer()
        })
    }

    fn done(&self, method: &'static str, cx: Cx<'_>) -> Status {
        self.calls.lock().unwrap().push(method);
        let status = Status::new(cx, StatusKind::Device);
        let _ = status.set_finished();
        status
    }

    fn setting(&self) -> Text {
        format!("{}_setting", self.name).into()
    }

    fn configuration(&self) -> Readings {
        let Some(value) = &self.configuration else { return Readings::default() };
        let value = Value::from(*value.lock().unwrap());
        Readings(vec![(self.setting(), Reading { value, timestamp: Timestamp::EPOCH })])
    }
}

/// Data keys of numbers; one that ends with `*` is external to `STREAM:`, with `+` to `FILE:`.
pub(crate) fn data_keys(keys: &[&'static str]) -> DataKeys {
    let key = |key: &&'static str| {
        let external = key.strip_suffix('*').map(|_| "STREAM:").or(key.strip_suffix('+').map(|_| "FILE:"));
        let more = external.map(|external| ("external", external)).into_iter().collect();
        let described = DataKey { source: "test".into(), dtype: Dtype::Number, shape: Vec::new(), more };
        (Text::from(key.trim_end_matches(['*', '+'])), described)
    };
    DataKeys(keys.iter().map(key).collect())
}

/// A reading for each of them that is not external to `STREAM:`.
pub(crate) fn readings(keys: &[&'static str]) -> Readings {
    let reading = Reading { value: 1.5.into(), timestamp: Timestamp::from_unix_s(5.0) };
    let read = keys.iter().filter(|key| !key.ends_with('*'));
    read.map(|key| (Text::from(key.trim_end_matches('+')), reading.clone())).collect()
}

/// An event with these data keys.
pub(crate) fn event(keys: &[&'static str], value: i64) -> PartialEvent {
    let reading = Reading { value: value.into(), timestamp: Timestamp::from_unix_s(100.0) };
    let readings = keys.iter().map(|key| (Text::from(*key), reading.clone())).collect();
    PartialEvent { readings, filled: Map::new(), time: None }
}

/// A page of so many events with these data keys.
pub(crate) fn page(keys: &[&'static str], events: i64) -> PartialEventPage {
    let count = usize::try_from(events).unwrap();
    let time = vec![Timestamp::from_unix_s(100.0); count];
    PartialEventPage {
        data: keys.iter().map(|key| (Text::from(*key), (0..events).map(Value::from).collect())).collect(),
        timestamps: keys.iter().map(|key| (Text::from(*key), time.clone())).collect(),
        time,
    }
}

pub(crate) fn resource(uid: &str) -> AssetDoc {
    AssetDoc::Resource(PartialResource {
        uid: uid.into(),
        spec: "SPEC".into(),
        root: "/root".into(),
        resource_path: "path.h5".into(),
        resource_kwargs: Map::from_iter([("frames", 1)]),
        windows_path: false,
    })
}

pub(crate) fn datum(resource: &str, number: u64) -> AssetDoc {
    AssetDoc::Datum(skyspan::device::Datum {
        datum_id: format!("{resource}/{number}").into(),
        resource: resource.into(),
        datum_kwargs: Map::from_iter([("point", number)]),
    })
}

pub(crate) fn stream_resource(uid: &str, data_key: &str) -> AssetDoc {
    AssetDoc::StreamResource(PartialStreamResource {
        uid: uid.into(),
        data_key: data_key.into(),
        mimetype: "application/x-hdf5".into(),
        uri: "file://localhost/path.h5".into(),
        parameters: Map::from_iter([("dataset", "/entry")]),
    })
}

pub(crate) fn stream_datum(resource: &str, start: u64, stop: u64) -> AssetDoc {
    AssetDoc::StreamDatum(PartialStreamDatum {
        uid: format!("{resource}/{start}").into(),
        stream_resource: resource.into(),
        indices: StreamRange { start, stop },
    })
}

impl From<Probe> for Device {
    fn from(probe: Probe) -> Self {
        Self::new(probe)
    }
}

impl Readable for Probe {
    fn read<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        self.answer("read", cx, || self.read.as_ref().map_or_else(|| Ok(Readings::default()), |read| read()))
    }

    fn describe<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        self.answer("describe", cx, || self.describe.as_ref().unwrap()())
    }
}

impl Configurable for Probe {
    fn read_configuration<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Readings, DeviceError>> {
        self.answer("read_configuration", cx, || Ok(self.configuration()))
    }

    fn describe_configuration<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<DataKeys, DeviceError>> {
        self.answer("describe_configuration", cx, || {
            let described = data_keys(&["x"]).0.remove(0).1;
            Ok(DataKeys(vec![(self.setting(), described)]))
        })
    }

    fn configure<'a>(
        &'a self,
        cx: Cx<'a>,
        args: &'a Args,
    ) -> SyncOrAsync<'a, Result<(Readings, Readings), DeviceError>> {
        self.answer("configure", cx, move || {
            let old = self.configuration();
            let value = args.single()?.as_i64().ok_or_else(|| DeviceError::value("a whole number"))?;
            *self.configuration.as_ref().unwrap().lock().unwrap() = value;
            Ok((old, self.configuration()))
        })
    }
}

impl Flyable for Probe {
    fn kickoff(&self, cx: Cx<'_>, _: &Args) -> Result<Status, DeviceError> {
        Ok(self.done("kickoff", cx))
    }

    fn complete(&self, cx: Cx<'_>, _: &Args) -> Result<Status, DeviceError> {
        Ok(self.done("complete", cx))
    }
}

impl Preparable for Probe {
    fn prepare(&self, cx: Cx<'_>, args: &Args) -> Result<Status, DeviceError> {
        args.single_number()?;
        Ok(self.done("prepare", cx))
    }
}

impl Collectable for Probe {
    fn describe_collect<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<CollectedStreams, DeviceError>> {
        self.answer("describe_collect", cx, || self.describe_collect.as_ref().unwrap()())
    }
}

impl EventCollectable for Probe {
    fn collect<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Vec<PartialEvent>, DeviceError>> {
        self.answer("collect", cx, || self.events.as_ref().unwrap()())
    }
}

impl EventPageCollectable for Probe {
    fn collect_pages<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Vec<PartialEventPage>, DeviceError>> {
        self.answer("collect_pages", cx, || self.pages.as_ref().unwrap()())
    }
}

impl WritesExternalAssets for Probe {
    fn collect_asset_docs<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<Vec<AssetDoc>, DeviceError>> {
        self.answer("collect_asset_docs", cx, || self.assets.as_ref().unwrap()())
    }
}

impl WritesStreamAssets for Probe {
    fn collect_asset_docs<'a>(
        &'a self,
        cx: Cx<'a>,
        index: Option<u64>,
    ) -> SyncOrAsync<'a, Result<Vec<AssetDoc>, DeviceError>> {
        self.answer("collect_asset_docs", cx, move || Ok(self.stream_assets.as_ref().unwrap()(index)))
    }

    fn get_index<'a>(&'a self, cx: Cx<'a>) -> SyncOrAsync<'a, Result<u64, DeviceError>> {
        self.answer("get_index", cx, || Ok(self.index))
    }
}

/// Tells of changes when a test calls the callbacks.
impl Subscribable for Probe {
    fn subscribe(&self, callback: Callback) -> SubscriptionId {
        let mut callbacks = self.callbacks.lock().unwrap();
        let id = SubscriptionId(callbacks.last().map_or(0, |(SubscriptionId(last), _)| last + 1));
        callbacks.push((id, callback));
        id
    }

    fn clear_sub(&self, id: SubscriptionId) {
        self.callbacks.lock().unwrap().retain(|(other, _)| *other != id);
    }
}

impl OphydObject for Probe {
    fn name(&self) -> &Text {
        &self.name
    }

    fn class_name(&self) -> Text {
        Text::literal("Probe")
    }

    fn as_readable(&self) -> Option<&dyn Readable> {
        self.describe.is_some().then_some(self as &dyn Readable)
    }

    fn as_configurable(&self) -> Option<&dyn Configurable> {
        self.configuration.is_some().then_some(self as &dyn Configurable)
    }

    fn as_flyable(&self) -> Option<&dyn Flyable> {
        self.flies.then_some(self as &dyn Flyable)
    }

    fn as_preparable(&self) -> Option<&dyn Preparable> {
        self.flies.then_some(self as &dyn Preparable)
    }

    fn as_collectable(&self) -> Option<&dyn Collectable> {
        self.describe_collect.is_some().then_some(self as &dyn Collectable)
    }

    fn as_event_collectable(&self) -> Option<&dyn EventCollectable> {
        self.events.is_some().then_some(self as &dyn EventCollectable)
    }

    fn as_event_page_collectable(&self) -> Option<&dyn EventPageCollectable> {
        self.pages.is_some().then_some(self as &dyn EventPageCollectable)
    }

    fn as_writes_external_assets(&self) -> Option<&dyn WritesExternalAssets> {
        self.assets.is_some().then_some(self as &dyn WritesExternalAssets)
    }

    fn as_writes_stream_assets(&self) -> Option<&dyn WritesStreamAssets> {
        self.stream_assets.is_some().then_some(self as &dyn WritesStreamAssets)
    }

    fn as_subscribable(&self) -> Option<&dyn Subscribable> {
        self.subscribable.then_some(self as &dyn Subscribable)
    }
}

/// The names of the documents, and how many of each there are, in the order in which they came first.
pub(crate) fn counts(run: &skyspan::harness::Outcome) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for document in run.documents() {
        match counts.iter_mut().find(|(name, _)| *name == document.name()) {
            Some((_, count)) => *count += 1,
            None => counts.push((document.name(), 1)),
        }
    }
    counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
}
