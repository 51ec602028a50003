//! [`StreamFile`]: what a detector of ophyd-async tells of the file that it writes.

use crate::device::{AssetDoc, DataKey, DataKeys, Dtype, PartialStreamDatum, PartialStreamResource, StreamRange};
use crate::seed::Seed;
use crate::value::{Map, Text, Value};

use super::async_detector::DetectorData;

/// A file that a detector writes: of some data sets, with so many collections for each event.
#[derive(Clone, Debug)]
pub(super) struct StreamFile {
    uri: Text,
    data: Vec<(Text, DetectorData)>,
    pub(super) collections_per_event: u64,
    /// The uids of the stream resources, once they were told.
    resources: Vec<Text>,
    /// How many events were told, and in how many documents.
    told: u64,
    documents: u64,
}

impl StreamFile {
    /// A file of a detector, with its data sets.
    pub(super) fn new(detector: &str, uri: Text, data: &[DetectorData], collections_per_event: u64) -> Self {
        let keyed = data.iter().map(|data| (Text::from(format!("{detector}{}", data.suffix)), data.clone()));
        Self { uri, data: keyed.collect(), collections_per_event, resources: Vec::new(), told: 0, documents: 0 }
    }

    /// What describes its data sets.
    pub(super) fn data_keys(&self) -> DataKeys {
        let keys = self.data.iter().map(|(key, data)| {
            let shape = std::iter::once(self.collections_per_event).chain(data.shape.iter().copied()).collect();
            let is_array = self.collections_per_event > 1 || data.shape.len() > 1;
            let dtype = if is_array { Dtype::Array } else { Dtype::Number };
            let mut more = Map::from_iter([("dtype_numpy", Value::from(&data.dtype_numpy))]);
            more.insert("external", "STREAM:");
            (key.clone(), DataKey { source: self.uri.clone(), dtype, shape, more })
        });
        DataKeys(keys.collect())
    }

    /// What was written since the last time, up to an event.
    pub(super) fn documents(&mut self, seed: &Seed, events: u64) -> Vec<AssetDoc> {
        let mut documents = Vec::new();
        if events <= self.told {
            return documents;
        }
        if self.resources.is_empty() {
            self.resources = self.data.iter().map(|_| seed.uid()).collect();
            documents.extend(self.data.iter().zip(&self.resources).map(|((data_key, data), uid)| {
                let mut parameters = Map::from_iter([("chunk_shape", Value::from(data.chunk_shape.as_slice()))]);
                parameters.insert("dataset", &data.dataset);
                AssetDoc::StreamResource(PartialStreamResource {
                    uid: uid.clone(),
                    data_key: data_key.clone(),
                    mimetype: Text::literal("application/x-hdf5"),
                    uri: self.uri.clone(),
                    parameters,
                })
            }));
        }
        let indices = StreamRange { start: self.told, stop: events };
        documents.extend(self.resources.iter().map(|resource| {
            let uid = format!("{resource}/{}", self.documents).into();
            AssetDoc::StreamDatum(PartialStreamDatum { uid, stream_resource: resource.clone(), indices })
        }));
        self.told = events;
        self.documents += 1;
        documents
    }
}
