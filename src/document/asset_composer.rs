//! [`AssetComposer`]: the asset documents that come together.

use std::sync::Arc;

use super::composer::Stream;
use super::{ComposeError, Document, Resource, RunStart, StreamDatum, StreamResource};
use crate::device::{AssetDoc, PartialStreamDatum, PartialStreamResource, StreamRange};
use crate::value::Text;

/// The stream resources of a run, each with its data key.
pub(super) type StreamResources = Vec<(Text, Text)>;

/// Composes the asset documents that come together, at a `save` or a `collect` (bluesky 1.15.1,
/// `RunBundler._pack_external_assets`); made by [`RunComposer::assets`](super::RunComposer::assets).
#[derive(Debug)]
pub struct AssetComposer<'a> {
    start: &'a Arc<RunStart>,
    stream: Option<&'a Stream>,
    stream_resources: &'a mut StreamResources,
    /// How many values the last stream datum is of.
    width: u64,
    /// The data keys for which there was a stream datum.
    served: Vec<Text>,
}

impl<'a> AssetComposer<'a> {
    pub(super) const fn new(
        start: &'a Arc<RunStart>,
        stream: Option<&'a Stream>,
        stream_resources: &'a mut StreamResources,
    ) -> Self {
        Self { start, stream, stream_resources, width: 0, served: Vec::new() }
    }

    /// Composes one.
    ///
    /// # Errors
    ///
    /// For a stream resource that came before, or is of a data key that is not described as external to `STREAM:`; for a
    /// stream datum of a stream resource that did not come, or of other width than those before it.
    pub fn compose(&mut self, doc: AssetDoc) -> Result<Document, ComposeError> {
        Ok(match doc {
            AssetDoc::Resource(resource) => {
                Document::Resource(Resource { resource, run_start: self.start.uid.clone() }.into())
            }
            AssetDoc::Datum(datum) => Document::Datum(datum.into()),
            AssetDoc::StreamResource(resource) => Document::StreamResource(self.stream_resource(resource)?.into()),
            AssetDoc::StreamDatum(datum) => Document::StreamDatum(self.stream_datum(datum)?.into()),
        })
    }

    fn stream_resource(&mut self, resource: PartialStreamResource) -> Result<StreamResource, ComposeError> {
        if self.stream_resources.iter().any(|(uid, _)| *uid == resource.uid) {
            return Err(ComposeError::StreamResourceTwice { uid: resource.uid });
        }
        let mut of_the_stream = self.stream.iter().flat_map(|stream| stream.descriptor.stream_keys());
        if !of_the_stream.any(|key| *key == resource.data_key) {
            return Err(ComposeError::StreamResourceKey { key: resource.data_key, expected: self.expected() });
        }
        self.stream_resources.push((resource.uid.clone(), resource.data_key.clone()));
        Ok(StreamResource { resource, run_start: self.start.uid.clone() })
    }

    fn stream_datum(&mut self, datum: PartialStreamDatum) -> Result<StreamDatum, ComposeError> {
        let stream = self.stream.ok_or(ComposeError::NoStream)?;
        let known = self.stream_resources.iter().find(|(uid, _)| *uid == datum.stream_resource);
        let (_, data_key) =
            known.ok_or_else(|| ComposeError::UnknownStreamResource { uid: datum.stream_resource.clone() })?;
        let width = datum.indices.width();
        if self.width != 0 && self.width != width {
            return Err(ComposeError::StreamDatumWidth { expected: self.width, found: width });
        }
        self.width = width;
        if !self.served.contains(data_key) {
            self.served.push(data_key.clone());
        }
        let seq_nums = StreamRange { start: stream.next_seq_num, stop: stream.next_seq_num + width };
        Ok(StreamDatum { datum, descriptor: stream.descriptor.uid.clone(), seq_nums })
    }

    /// How many values the stream data were of, 0 where none came.
    ///
    /// # Errors
    ///
    /// If they came for some of the stream's data keys, and not for others.
    pub fn finish(self) -> Result<u64, ComposeError> {
        let expected = self.expected();
        let all = expected.len() == self.served.len() && expected.iter().all(|key| self.served.contains(key));
        if !self.served.is_empty() && !all {
            return Err(ComposeError::StreamDatumKeys { expected, found: self.served });
        }
        Ok(self.width)
    }

    /// The stream's data keys that are external to `STREAM:`.
    fn expected(&self) -> Vec<Text> {
        self.stream.iter().flat_map(|stream| stream.descriptor.stream_keys()).cloned().collect()
    }
}
