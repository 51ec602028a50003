//! [`Resource`], [`StreamResource`] and [`StreamDatum`]: where devices have written what stands in no event.

use crate::device::{Datum, PartialResource, PartialStreamDatum, PartialStreamResource, StreamRange};
use crate::value::{Map, Text, Value};

/// Where a device writes values, one [`Datum`] each.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// What the device says of it.
    pub resource: PartialResource,
    /// The uid of the run.
    pub run_start: Text,
}

impl Resource {
    pub(super) fn to_map(&self) -> Map {
        let PartialResource { uid, spec, root, resource_path, resource_kwargs, windows_path } = &self.resource;
        Map::from_iter([
            ("path_semantics", Value::literal(if *windows_path { "windows" } else { "posix" })),
            ("uid", uid.into()),
            ("spec", spec.into()),
            ("root", root.into()),
            ("resource_kwargs", resource_kwargs.clone().into()),
            ("resource_path", resource_path.into()),
            ("run_start", (&self.run_start).into()),
        ])
    }
}

/// The fields of a datum, as they stand in JSON.
pub(super) fn datum_to_map(datum: &Datum) -> Map {
    Map::from_iter([
        ("resource", Value::from(&datum.resource)),
        ("datum_kwargs", datum.datum_kwargs.clone().into()),
        ("datum_id", (&datum.datum_id).into()),
    ])
}

/// Where a device writes all values of a data key.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamResource {
    /// What the device says of it.
    pub resource: PartialStreamResource,
    /// The uid of the run.
    pub run_start: Text,
}

impl StreamResource {
    pub(super) fn to_map(&self) -> Map {
        let PartialStreamResource { uid, data_key, mimetype, uri, parameters } = &self.resource;
        Map::from_iter([
            ("uid", Value::from(uid)),
            ("data_key", data_key.into()),
            ("mimetype", mimetype.into()),
            ("uri", uri.into()),
            ("parameters", parameters.clone().into()),
            ("run_start", (&self.run_start).into()),
        ])
    }
}

/// That a device has written values in a row.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamDatum {
    /// What the device says of it.
    pub datum: PartialStreamDatum,
    /// The uid of the descriptor of the stream that they belong to.
    pub descriptor: Text,
    /// Their numbers in the stream, from 1.
    pub seq_nums: StreamRange,
}

impl StreamDatum {
    pub(super) fn to_map(&self) -> Map {
        let PartialStreamDatum { uid, stream_resource, indices } = &self.datum;
        Map::from_iter([
            ("stream_resource", Value::from(stream_resource)),
            ("uid", uid.into()),
            ("seq_nums", self.seq_nums.to_map().into()),
            ("indices", indices.to_map().into()),
            ("descriptor", (&self.descriptor).into()),
        ])
    }
}
