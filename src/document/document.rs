//! The documents, each with its fields.

use std::fmt;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::device::{DataKeys, Hints, Reading};
use crate::value::{Map, Text, Value};

/// A document. Cloning gives another handle to the same one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Document {
    /// A run begins.
    Start(Arc<RunStart>),
    /// A stream is described.
    Descriptor(Arc<Descriptor>),
    /// Readings that were taken together.
    Event(Arc<Event>),
    /// A run has ended.
    Stop(Arc<RunStop>),
}

impl Document {
    /// Its name in event-model: `start`, `descriptor`, `event` or `stop`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Start(_) => "start",
            Self::Descriptor(_) => "descriptor",
            Self::Event(_) => "event",
            Self::Stop(_) => "stop",
        }
    }

    /// Its uid.
    #[must_use]
    pub fn uid(&self) -> &Text {
        match self {
            Self::Start(start) => &start.uid,
            Self::Descriptor(descriptor) => &descriptor.uid,
            Self::Event(event) => &event.uid,
            Self::Stop(stop) => &stop.uid,
        }
    }

    /// Its fields, as they stand in JSON.
    #[must_use]
    pub fn to_map(&self) -> Map {
        match self {
            Self::Start(start) => start.to_map(),
            Self::Descriptor(descriptor) => descriptor.to_map(),
            Self::Event(event) => event.to_map(),
            Self::Stop(stop) => stop.to_map(),
        }
    }

    /// The pair of its name and its fields, as a line of `documents.jsonl` holds it.
    #[must_use]
    pub fn to_recorded(&self) -> Value {
        [Value::literal(self.name()), self.to_map().into()].into()
    }
}

/// A run begins.
#[derive(Clone, Debug, PartialEq)]
pub struct RunStart {
    /// The uid of the run.
    pub uid: Text,
    /// When it began.
    pub time: Timestamp,
    /// All else that is known of it, `scan_id` and `plan_name` among it.
    pub metadata: Map,
}

impl RunStart {
    fn to_map(&self) -> Map {
        let mut map = Map::from_iter([("uid", Value::from(&self.uid)), ("time", self.time.unix_s().into())]);
        map.extend(self.metadata.clone());
        map
    }
}

/// The configuration of one device, as a descriptor holds it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Configuration {
    /// The readings.
    pub readings: Vec<(Text, Reading)>,
    /// What describes them.
    pub data_keys: DataKeys,
}

/// A stream is described.
#[derive(Clone, Debug, PartialEq)]
pub struct Descriptor {
    /// Its uid.
    pub uid: Text,
    /// When it was composed.
    pub time: Timestamp,
    /// The uid of the run.
    pub run_start: Text,
    /// The name of the stream.
    pub name: Text,
    /// What describes each data key, and which object it is of, in the order of reading.
    pub data_keys: Vec<(Text, Map)>,
    /// The data keys of each object.
    pub object_keys: Vec<(Text, Vec<Text>)>,
    /// The configuration of each object.
    pub configuration: Vec<(Text, Configuration)>,
    /// The hints of each object that has some.
    pub hints: Vec<(Text, Hints)>,
}

impl Descriptor {
    fn to_map(&self) -> Map {
        let configuration: Map =
            self.configuration.iter().map(|(name, config)| (name.clone(), config.to_map())).collect();
        let data_keys: Map = self.data_keys.iter().map(|(key, described)| (key.clone(), described.clone())).collect();
        let object_keys: Map = self.object_keys.iter().map(|(name, keys)| (name.clone(), keys.as_slice())).collect();
        let hints: Map = self.hints.iter().map(|(name, hints)| (name.clone(), hints.to_map())).collect();
        Map::from_iter([
            ("configuration", Value::from(configuration)),
            ("data_keys", data_keys.into()),
            ("name", (&self.name).into()),
            ("object_keys", object_keys.into()),
            ("run_start", (&self.run_start).into()),
            ("time", self.time.unix_s().into()),
            ("uid", (&self.uid).into()),
            ("object_classes", Map::new().into()),
            ("hints", hints.into()),
        ])
    }
}

impl Configuration {
    fn to_map(&self) -> Map {
        let (data, timestamps) = parallel(&self.readings);
        let data_keys: Map =
            self.data_keys.0.iter().map(|(key, described)| (key.clone(), described.to_map())).collect();
        Map::from_iter([("data", data), ("timestamps", timestamps), ("data_keys", data_keys)])
    }
}

/// Readings that were taken together.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its uid.
    pub uid: Text,
    /// When it was composed.
    pub time: Timestamp,
    /// The uid of its descriptor.
    pub descriptor: Text,
    /// Its number in its stream, from 1.
    pub seq_num: u64,
    /// The readings by data key.
    pub readings: Vec<(Text, Reading)>,
    /// Which of the data keys hold not the data but where they are: those are not filled.
    pub filled: Map,
}

impl Event {
    /// The value of a data key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.readings.iter().find(|(k, _)| k == key).map(|(_, reading)| &reading.value)
    }

    fn to_map(&self) -> Map {
        let (data, timestamps) = parallel(&self.readings);
        Map::from_iter([
            ("uid", Value::from(&self.uid)),
            ("time", self.time.unix_s().into()),
            ("data", data.into()),
            ("timestamps", timestamps.into()),
            ("seq_num", self.seq_num.into()),
            ("filled", self.filled.clone().into()),
            ("descriptor", (&self.descriptor).into()),
        ])
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ExitStatus {
    /// As was intended.
    Success,
    /// Because somebody asked for it.
    Abort,
    /// Because something failed.
    Fail,
}

impl ExitStatus {
    /// Its name in a document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Abort => "abort",
            Self::Fail => "fail",
        }
    }

    /// The exit status of that name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Success, Self::Abort, Self::Fail].into_iter().find(|status| status.as_str() == name)
    }
}

impl fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl From<ExitStatus> for Value {
    fn from(status: ExitStatus) -> Self {
        Self::literal(status.as_str())
    }
}

/// A run has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct RunStop {
    /// Its uid.
    pub uid: Text,
    /// When the run ended.
    pub time: Timestamp,
    /// The uid of the run.
    pub run_start: Text,
    /// How.
    pub exit_status: ExitStatus,
    /// Why; empty where there is nothing to say.
    pub reason: Text,
    /// How many events each stream has; a point that was taken again counts once.
    pub num_events: Vec<(Text, u64)>,
}

impl RunStop {
    fn to_map(&self) -> Map {
        let num_events: Map = self.num_events.iter().map(|(name, count)| (name.clone(), *count)).collect();
        Map::from_iter([
            ("uid", Value::from(&self.uid)),
            ("time", self.time.unix_s().into()),
            ("run_start", (&self.run_start).into()),
            ("exit_status", self.exit_status.into()),
            ("reason", (&self.reason).into()),
            ("num_events", num_events.into()),
        ])
    }
}

/// Values and times of readings, each by data key.
fn parallel(readings: &[(Text, Reading)]) -> (Map, Map) {
    let data = readings.iter().map(|(key, reading)| (key.clone(), reading.value.clone())).collect();
    let timestamps = readings.iter().map(|(key, reading)| (key.clone(), reading.timestamp.unix_s())).collect();
    (data, timestamps)
}
