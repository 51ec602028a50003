//! [`TempoAnswer`]: what a Tempo answers, in protobuf.

use std::sync::Arc;

use super::ReadError;
use super::gather::Gather;
use super::otlp_protobuf_read::{tempo_version_2, whole_request};
use crate::trace::Span;

/// What a Tempo answers to a request for a trace. Unlike a file it is of a known form, and may have no span.
#[derive(Debug)]
pub(crate) struct TempoAnswer {
    pub(crate) spans: Vec<Arc<Span>>,
    /// Why it is no more than a part of the trace, if it is.
    pub(crate) partial: Option<String>,
}

impl TempoAnswer {
    /// Reads it from protobuf: `TraceByIDResponse` in version 2 of the API, `Trace` in version 1.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if it is none.
    pub(crate) fn from_protobuf(bytes: &[u8], is_version_2: bool) -> Result<Self, ReadError> {
        let mut gather = Gather::default();
        let partial = match is_version_2 {
            true => tempo_version_2(bytes, &mut gather)?,
            false => whole_request(bytes, &mut gather).map(|()| None)?,
        };
        Ok(Self { spans: gather.spans, partial })
    }
}
