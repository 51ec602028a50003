//! [`Descriptor`]: what describes a stream.

use super::event::parallel;
use crate::clock::Timestamp;
use crate::device::{DataKeys, Hints, Reading};
use crate::value::{Map, Text, Value};

/// The configuration of one device, as a descriptor holds it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Configuration {
    /// The readings of the configuration.
    pub readings: Vec<(Text, Reading)>,
    /// The description of each reading.
    pub data_keys: DataKeys,
}

/// A stream is described.
#[derive(Clone, Debug, PartialEq)]
pub struct Descriptor {
    /// The uid of the descriptor.
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
    /// The data keys whose values stand in no event, but where a device writes them: those external to `STREAM:`.
    pub fn stream_keys(&self) -> impl Iterator<Item = &Text> {
        self.data_keys.iter().filter(|(_, described)| is_of_a_stream(described)).map(|(key, _)| key)
    }

    pub(super) fn to_map(&self) -> Map {
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
    pub(super) fn to_map(&self) -> Map {
        let (data, timestamps) = parallel(&self.readings);
        let data_keys: Map =
            self.data_keys.0.iter().map(|(key, described)| (key.clone(), described.to_map())).collect();
        Map::from_iter([("data", data), ("timestamps", timestamps), ("data_keys", data_keys)])
    }
}

/// Whether what describes a data key says that a device writes its values by itself.
pub(super) fn is_of_a_stream(described: &Map) -> bool {
    described.get("external").and_then(Value::as_str) == Some("STREAM:")
}
