//! What a device hands out of what it wrote, or gathered, on its own: asset documents and events in the making.

use crate::clock::Timestamp;
use crate::device::Reading;
use crate::value::{Map, Text, Value};

/// Where a device writes: a resource, without the run that it belongs to (event-model 1.24.0, `PartialResource`).
#[derive(Clone, Debug, PartialEq)]
pub struct PartialResource {
    /// The uid of the resource.
    pub uid: Text,
    /// What can read it: `AD_HDF5`, `NPY_SEQ`.
    pub spec: Text,
    /// The part of the path that differs from machine to machine.
    pub root: Text,
    /// The rest of the path.
    pub resource_path: Text,
    /// What else the reader wants to know.
    pub resource_kwargs: Map,
    /// Whether the path is one of Windows, and not of POSIX.
    pub windows_path: bool,
}

/// One value in a resource (event-model 1.24.0, `Datum`).
#[derive(Clone, Debug, PartialEq)]
pub struct Datum {
    /// What stands in the event in place of the value: by convention the uid of the resource, a slash and a number.
    pub datum_id: Text,
    /// The uid of the resource.
    pub resource: Text,
    /// Where in the resource it is.
    pub datum_kwargs: Map,
}

/// Where a device writes all values of a data key, without the run that it belongs to (event-model 1.24.0,
/// `StreamResource`).
#[derive(Clone, Debug, PartialEq)]
pub struct PartialStreamResource {
    /// The uid of the stream resource.
    pub uid: Text,
    /// The data key, which must be described as external to `STREAM:`.
    pub data_key: Text,
    /// What kind of file it is: `application/x-hdf5`.
    pub mimetype: Text,
    /// Where it is: `file://localhost/...`.
    pub uri: Text,
    /// What else a reader wants to know.
    pub parameters: Map,
}

/// Numbers in a row: the first one, and the one after the last (event-model 1.24.0, `StreamRange`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StreamRange {
    /// The index of the first frame.
    pub start: u64,
    /// The one after the last.
    pub stop: u64,
}

impl StreamRange {
    /// How many there are.
    #[must_use]
    pub const fn width(self) -> u64 {
        self.stop.saturating_sub(self.start)
    }

    /// As it stands in a document.
    #[must_use]
    pub fn to_map(self) -> Map {
        Map::from_iter([("start", self.start), ("stop", self.stop)])
    }
}

/// That values were written in a row; their stream and their numbers in it are for the engine to say (event-model
/// 1.24.0, `StreamDatum`).
#[derive(Clone, Debug, PartialEq)]
pub struct PartialStreamDatum {
    /// Its uid: by convention that of the stream resource, a slash and a number.
    pub uid: Text,
    /// The uid of the stream resource.
    pub stream_resource: Text,
    /// Which values, counted from the beginning of the resource.
    pub indices: StreamRange,
}

/// What a device says about what it wrote: `Asset` and `StreamAsset` of `bluesky.protocols` 1.15.1.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum AssetDoc {
    /// It has begun to write somewhere.
    Resource(PartialResource),
    /// It wrote one value.
    Datum(Datum),
    /// It has begun to write all values of a data key somewhere.
    StreamResource(PartialStreamResource),
    /// It wrote some of them.
    StreamDatum(PartialStreamDatum),
}

/// An event that a flyer has gathered, without the stream and the number in it (event-model 1.24.0, `PartialEvent`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartialEvent {
    /// The readings by data key.
    pub readings: Vec<(Text, Reading)>,
    /// Which of the data keys hold not the data but where they are: those are not filled.
    pub filled: Map,
    /// When they were taken, if the flyer knows; the event that comes of it has the time of its collection.
    pub time: Option<Timestamp>,
}

/// Events of one stream that a flyer has gathered, as columns, without the stream and the numbers in it (event-model
/// 1.24.0, `PartialEventPage`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartialEventPage {
    /// The values of each data key.
    pub data: Vec<(Text, Vec<Value>)>,
    /// When each of them was taken.
    pub timestamps: Vec<(Text, Vec<Timestamp>)>,
    /// When each of the events was taken.
    pub time: Vec<Timestamp>,
}
