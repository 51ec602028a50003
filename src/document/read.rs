//! Documents read again, of serde's JSON.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::{
    Configuration, Descriptor, Document, DocumentName, Event, EventPage, ExitStatus, Resource, RunStart, RunStop,
    StreamDatum, StreamResource,
};
use crate::clock::Timestamp;
use crate::device::{
    DataKey, DataKeys, Datum, Dtype, Hints, PartialResource, PartialStreamDatum, PartialStreamResource, Reading,
    StreamRange,
};
use crate::value::{Map, Text, Value};

/// A document by itself, or with its name: as a row `{"name": ..., "doc": {...}}` of what a
/// [`JsonLinesWriter`](crate::callbacks::JsonLinesWriter) or bluesky has written, or as a pair of what `skyspan run --out` has. By itself
/// it is known by its keys: it is the document that has to have all of these, and may not have others; a start document may
/// have any. (Only a start document with the very keys of another document has to come with its name.)
///
/// Times come back to some 240 ns, as documents have them as floats of seconds.
///
/// ```
/// use skyspan::prelude::*;
///
/// let lab = Harness::new();
/// let run = lab.run(plans::count(&lab.device("det"), 1));
/// let json = serde_json::to_string(run.documents())?;
/// let again: Vec<Document> = serde_json::from_str(&json)?;
/// assert_eq!(again.iter().map(Document::name).collect::<Vec<_>>(), ["start", "descriptor", "event", "stop"]);
/// assert_eq!(serde_json::to_string(&again)?, json);
/// # Ok::<(), serde_json::Error>(())
/// ```
impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (name, doc) = match Value::deserialize(deserializer)? {
            Value::Map(map) => named(&map).unwrap_or((None, map)),
            Value::Array(pair) => match &*pair {
                [Value::Str(name), Value::Map(doc)] => (Some(name.clone()), Arc::clone(doc)),
                _ => return Err(D::Error::custom("expected the name of a document and the document, found a list")),
            },
            other => return Err(D::Error::custom(format_args!("expected a document, found {}", other.kind()))),
        };
        let name = match name {
            Some(name) => DocumentName::of_name(&name)
                .ok_or_else(|| D::Error::custom(format_args!("expected the name of a document, found {name:?}")))?,
            None => name_by_keys(&doc).ok_or_else(|| {
                let keys: Vec<&str> = doc.keys().map(Text::as_str).collect();
                let keys = if keys.is_empty() { "none".to_owned() } else { keys.join(", ") };
                D::Error::custom(format_args!("expected a document of event-model, found a map with the keys {keys}"))
            })?,
        };
        document(name, Value::Map(doc))
            .map_err(|error| D::Error::custom(format_args!("in a document of name {name}: {error}")))
    }
}

/// The keys that a document has to have and those that it may have besides, but for the start document. Of two that both fit
/// the first is meant.
const KEYS: [(DocumentName, &[&str], &[&str]); 7] = [
    (DocumentName::Event, &["uid", "time", "data", "timestamps", "seq_num", "descriptor"], &["filled"]),
    (
        DocumentName::Descriptor,
        &["uid", "time", "run_start", "data_keys"],
        &["name", "object_keys", "configuration", "hints", "object_classes"],
    ),
    (DocumentName::Stop, &["uid", "time", "run_start", "exit_status"], &["reason", "num_events"]),
    (
        DocumentName::Resource,
        &["uid", "spec", "root", "resource_path", "resource_kwargs"],
        &["path_semantics", "run_start"],
    ),
    (DocumentName::Datum, &["datum_id", "resource", "datum_kwargs"], &[]),
    (DocumentName::StreamResource, &["uid", "data_key", "mimetype", "uri", "parameters"], &["run_start"]),
    (DocumentName::StreamDatum, &["uid", "stream_resource", "descriptor", "seq_nums", "indices"], &[]),
];

/// The name and the document of a row.
fn named(row: &Map) -> Option<(Option<Text>, Arc<Map>)> {
    match (row.get("name"), row.get("doc")) {
        (Some(Value::Str(name)), Some(Value::Map(doc))) if row.len() == 2 => {
            Some((Some(name.clone()), Arc::clone(doc)))
        }
        _ => None,
    }
}

fn name_by_keys(map: &Map) -> Option<DocumentName> {
    let fits = |needed: &[&str], more: &[&str]| {
        needed.iter().all(|key| map.contains_key(key))
            && map.keys().all(|key| needed.contains(&key.as_str()) || more.contains(&key.as_str()))
    };
    let known = KEYS.iter().find(|(_, needed, more)| fits(needed, more)).map(|(name, ..)| *name);
    match known {
        Some(DocumentName::Event) if map.get("uid").is_some_and(|uid| uid.as_array().is_some()) => {
            Some(DocumentName::EventPage)
        }
        Some(name) => Some(name),
        None => (map.contains_key("uid") && map.contains_key("time")).then_some(DocumentName::Start),
    }
}

fn document(name: DocumentName, doc: Value) -> Result<Document, serde::de::value::Error> {
    Ok(match name {
        DocumentName::Start => Document::Start(RunStart::deserialize(doc)?.into()),
        DocumentName::Descriptor => Document::Descriptor(Descriptor::deserialize(doc)?.into()),
        DocumentName::Event => Document::Event(Event::deserialize(doc)?.into()),
        DocumentName::EventPage => Document::EventPage(EventPage::deserialize(doc)?.into()),
        DocumentName::Resource => Document::Resource(Resource::deserialize(doc)?.into()),
        DocumentName::Datum => Document::Datum(Datum::deserialize(doc)?.into()),
        DocumentName::StreamResource => Document::StreamResource(StreamResource::deserialize(doc)?.into()),
        DocumentName::StreamDatum => Document::StreamDatum(StreamDatum::deserialize(doc)?.into()),
        DocumentName::Stop => Document::Stop(RunStop::deserialize(doc)?.into()),
        DocumentName::All => return Err(Error::custom("it is no document")),
    })
}

/// Each document is read by way of a type that has its keys.
macro_rules! read_as {
    ($($document:ty: $keys:ty;)*) => {$(
        impl<'de> Deserialize<'de> for $document {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$keys>::deserialize(deserializer)?.into_document().map_err(D::Error::custom)
            }
        }
    )*};
}

read_as! {
    RunStart: StartKeys;
    Descriptor: DescriptorKeys;
    Event: EventKeys;
    EventPage: EventPageKeys;
    Resource: ResourceKeys;
    Datum: DatumKeys;
    StreamResource: StreamResourceKeys;
    StreamDatum: StreamDatumKeys;
    RunStop: StopKeys;
}

/// A document has something in it that is not kept.
#[derive(Debug, thiserror::Error)]
enum Unkept {
    #[error("`data` and `timestamps` have to have the same keys; {0} is in one of them alone")]
    Lonely(Text),
    #[error("`path_semantics`: expected \"posix\" or \"windows\", found {0:?}")]
    PathSemantics(Text),
    #[error("`dtype`: expected string, number, array, boolean or integer, found {0:?}")]
    Dtype(Text),
    #[error("`object_classes` is expected to be empty")]
    ObjectClasses,
}

/// A time in seconds.
struct Seconds(Timestamp);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        if !(0.0..=Timestamp::MAX.unix_s()).contains(&seconds) {
            return Err(D::Error::custom(format_args!("expected seconds since 1970, found {seconds}")));
        }
        Ok(Self(Timestamp::from_unix_s(seconds)))
    }
}

/// A map from strings, in its order.
struct Ordered<T>(Vec<(Text, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OrderedVisitor(PhantomData))
    }
}

struct OrderedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OrderedVisitor<T> {
    type Value = Ordered<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Ordered<T>, A::Error> {
        let mut all = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            all.push(entry);
        }
        Ok(Ordered(all))
    }
}

/// The readings whose values and times are given by data key.
fn readings(data: Ordered<Value>, timestamps: &Ordered<Seconds>) -> Result<Vec<(Text, Reading)>, Unkept> {
    if let Some((key, _)) = timestamps.0.iter().find(|(key, _)| data.0.iter().all(|(other, _)| other != key)) {
        return Err(Unkept::Lonely(key.clone()));
    }
    let reading = |(key, value)| match timestamps.0.iter().find(|(other, _)| *other == key) {
        Some((_, Seconds(timestamp))) => Ok((key, Reading { value, timestamp: *timestamp })),
        None => Err(Unkept::Lonely(key)),
    };
    data.0.into_iter().map(reading).collect()
}

#[derive(serde::Deserialize)]
#[serde(expecting = "a start document")]
struct StartKeys {
    uid: Text,
    time: Seconds,
    #[serde(flatten)]
    metadata: Map,
}

impl StartKeys {
    fn into_document(self) -> Result<RunStart, Unkept> {
        Ok(RunStart { uid: self.uid, time: self.time.0, metadata: self.metadata })
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "a stop document")]
struct StopKeys {
    uid: Text,
    time: Seconds,
    run_start: Text,
    exit_status: ExitStatus,
    #[serde(default)]
    reason: Text,
    #[serde(default)]
    num_events: Ordered<u64>,
}

impl StopKeys {
    fn into_document(self) -> Result<RunStop, Unkept> {
        let Self { uid, time, run_start, exit_status, reason, num_events } = self;
        Ok(RunStop { uid, time: time.0, run_start, exit_status, reason, num_events: num_events.0 })
    }
}

impl<'de> Deserialize<'de> for ExitStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Text::deserialize(deserializer)?;
        Self::of_name(&name)
            .ok_or_else(|| D::Error::custom(format_args!("expected success, abort or fail, found {name:?}")))
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "a descriptor")]
struct DescriptorKeys {
    uid: Text,
    time: Seconds,
    run_start: Text,
    #[serde(default)]
    name: Text,
    data_keys: Ordered<Map>,
    #[serde(default)]
    object_keys: Ordered<Vec<Text>>,
    #[serde(default)]
    configuration: Ordered<ConfigurationKeys>,
    #[serde(default)]
    hints: Ordered<HintsKeys>,
    #[serde(default)]
    object_classes: Map,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "a configuration")]
struct ConfigurationKeys {
    data: Ordered<Value>,
    timestamps: Ordered<Seconds>,
    data_keys: Ordered<DataKeyKeys>,
}

#[derive(serde::Deserialize)]
#[serde(expecting = "a data key")]
struct DataKeyKeys {
    source: Text,
    dtype: Text,
    shape: Vec<u64>,
    #[serde(flatten)]
    more: Map,
}

#[derive(serde::Deserialize)]
#[serde(expecting = "hints")]
struct HintsKeys {
    #[serde(default)]
    fields: Option<Vec<Text>>,
    #[serde(flatten)]
    more: Map,
}

impl DescriptorKeys {
    fn into_document(self) -> Result<Descriptor, Unkept> {
        if !self.object_classes.is_empty() {
            return Err(Unkept::ObjectClasses);
        }
        let configuration = self.configuration.0.into_iter().map(|(name, of)| Ok((name, of.into_configuration()?)));
        let hints = |(name, HintsKeys { fields, more })| (name, Hints { fields, more });
        Ok(Descriptor {
            uid: self.uid,
            time: self.time.0,
            run_start: self.run_start,
            name: self.name,
            data_keys: self.data_keys.0,
            object_keys: self.object_keys.0,
            configuration: configuration.collect::<Result<_, _>>()?,
            hints: self.hints.0.into_iter().map(hints).collect(),
        })
    }
}

impl ConfigurationKeys {
    fn into_configuration(self) -> Result<Configuration, Unkept> {
        let data_key = |(key, described): (Text, DataKeyKeys)| {
            let DataKeyKeys { source, dtype, shape, more } = described;
            let dtype = Dtype::of_name(&dtype).ok_or(Unkept::Dtype(dtype))?;
            Ok((key, DataKey { source, dtype, shape, more }))
        };
        Ok(Configuration {
            readings: readings(self.data, &self.timestamps)?,
            data_keys: DataKeys(self.data_keys.0.into_iter().map(data_key).collect::<Result<_, _>>()?),
        })
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "an event")]
struct EventKeys {
    uid: Text,
    time: Seconds,
    data: Ordered<Value>,
    timestamps: Ordered<Seconds>,
    seq_num: u64,
    #[serde(default)]
    filled: Map,
    descriptor: Text,
}

impl EventKeys {
    fn into_document(self) -> Result<Event, Unkept> {
        let readings = readings(self.data, &self.timestamps)?;
        let Self { uid, time, descriptor, seq_num, filled, .. } = self;
        Ok(Event { uid, time: time.0, descriptor, seq_num, readings, filled })
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "a page of events")]
struct EventPageKeys {
    uid: Vec<Text>,
    time: Vec<Seconds>,
    data: Ordered<Vec<Value>>,
    timestamps: Ordered<Vec<Seconds>>,
    seq_num: Vec<u64>,
    #[serde(default)]
    filled: Ordered<Vec<Value>>,
    descriptor: Text,
}

impl EventPageKeys {
    fn into_document(self) -> Result<EventPage, Unkept> {
        let times = |seconds: Vec<Seconds>| seconds.into_iter().map(|Seconds(time)| time).collect();
        Ok(EventPage {
            uid: self.uid,
            time: times(self.time),
            descriptor: self.descriptor,
            seq_num: self.seq_num,
            data: self.data.0,
            timestamps: self.timestamps.0.into_iter().map(|(key, column)| (key, times(column))).collect(),
            filled: self.filled.0,
        })
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "a resource")]
struct ResourceKeys {
    uid: Text,
    spec: Text,
    root: Text,
    resource_path: Text,
    resource_kwargs: Map,
    #[serde(default)]
    path_semantics: Option<Text>,
    #[serde(default)]
    run_start: Text,
}

impl ResourceKeys {
    fn into_document(self) -> Result<Resource, Unkept> {
        let windows_path = match self.path_semantics {
            None => false,
            Some(semantics) if semantics == "posix" => false,
            Some(semantics) if semantics == "windows" => true,
            Some(other) => return Err(Unkept::PathSemantics(other)),
        };
        let Self { uid, spec, root, resource_path, resource_kwargs, run_start, .. } = self;
        let resource = PartialResource { uid, spec, root, resource_path, resource_kwargs, windows_path };
        Ok(Resource { resource, run_start })
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "a datum")]
struct DatumKeys {
    datum_id: Text,
    resource: Text,
    datum_kwargs: Map,
}

impl DatumKeys {
    fn into_document(self) -> Result<Datum, Unkept> {
        let Self { datum_id, resource, datum_kwargs } = self;
        Ok(Datum { datum_id, resource, datum_kwargs })
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "a stream resource")]
struct StreamResourceKeys {
    uid: Text,
    data_key: Text,
    mimetype: Text,
    uri: Text,
    parameters: Map,
    #[serde(default)]
    run_start: Text,
}

impl StreamResourceKeys {
    fn into_document(self) -> Result<StreamResource, Unkept> {
        let Self { uid, data_key, mimetype, uri, parameters, run_start } = self;
        Ok(StreamResource { resource: PartialStreamResource { uid, data_key, mimetype, uri, parameters }, run_start })
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "a stream datum")]
struct StreamDatumKeys {
    uid: Text,
    stream_resource: Text,
    descriptor: Text,
    seq_nums: RangeKeys,
    indices: RangeKeys,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "a range")]
struct RangeKeys {
    start: u64,
    stop: u64,
}

impl RangeKeys {
    const fn range(&self) -> StreamRange {
        StreamRange { start: self.start, stop: self.stop }
    }
}

impl StreamDatumKeys {
    fn into_document(self) -> Result<StreamDatum, Unkept> {
        let Self { uid, stream_resource, descriptor, seq_nums, indices } = self;
        let datum = PartialStreamDatum { uid, stream_resource, indices: indices.range() };
        Ok(StreamDatum { datum, descriptor, seq_nums: seq_nums.range() })
    }
}
