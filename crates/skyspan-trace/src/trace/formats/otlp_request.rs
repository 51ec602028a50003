//! [`OtlpRequest`]: what is posted to a receiver of OTLP.

use std::sync::Arc;

use super::field::Field;
use super::gather::Gather;
use super::otlp_json_read::request;
use super::otlp_protobuf_read;
use super::passed_over::beginning;
use super::refused_spans::RefusedSpans;
use super::{ReadError, ReadProblem};
use crate::trace::{Span, SpanId, TraceId};
use crate::value::{JsonFault, JsonTape, Position};

/// The spans of an `ExportTraceServiceRequest`, as a client posts it. Unlike a file it is of a known form and whole; a span of it that
/// is wrong is left out, beside others that are taken.
#[derive(Debug, Default)]
pub(crate) struct OtlpRequest {
    pub(crate) spans: Vec<Arc<Span>>,
    pub(crate) refused: RefusedSpans,
}

impl OtlpRequest {
    /// Reads it from protobuf.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if it is none.
    pub(crate) fn from_protobuf(bytes: &[u8]) -> Result<Self, ReadError> {
        let mut gather = Gather::for_request();
        otlp_protobuf_read::whole_request(bytes, &mut gather)?;
        Ok(Self::of(gather))
    }

    /// Reads it from JSON.
    ///
    /// # Errors
    ///
    /// [`ReadError`] if it is none.
    pub(crate) fn from_json(bytes: &[u8]) -> Result<Self, ReadError> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            ReadProblem::NotText { position: Position::of(&valid, valid.len()) }
        })?;
        let mut gather = Gather::for_request();
        let mut tape = JsonTape::default();
        let json = |fault: JsonFault| ReadProblem::Json(fault.error(text));
        let begins = text.len() - text.trim_start().len();
        let end = tape.read(text, begins).map_err(json)?;
        let behind = &text[end..];
        if !behind.trim_start().is_empty() {
            let at = text.len() - behind.trim_start().len();
            return Err(json(JsonFault { at, expected: "nothing behind the request", is_cut: false }).into());
        }
        let root = Field::from(tape.root(text));
        request(&mut gather, root).map_err(|wrong| {
            ReadProblem::wrong(Position::of(text, wrong.field.at()), gather.spans.len() + 1, root, &wrong)
        })?;
        Ok(Self::of(gather))
    }

    fn of(gather: Gather) -> Self {
        let mut refused = gather.refused.unwrap_or_default();
        let mut spans = gather.spans;
        spans.retain(|span| {
            let is_whole = span.trace_id() != TraceId::INVALID && span.span_id() != SpanId::INVALID;
            if !is_whole {
                refused.add(|| format!("span {:?}: its trace id or span id is all zeros", beginning(span.name(), 40)));
            }
            is_whole
        });
        Self { spans, refused }
    }
}
