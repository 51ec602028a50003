//! [`OpenSpans`]: the spans that have started and not ended yet.

use std::sync::Arc;

use opentelemetry::trace::{SpanContext, SpanId, TraceId};
use opentelemetry_sdk::trace::SpanData;

use crate::trace::Resource;
use rustc_hash::FxHashMap;

/// The spans that have started and not ended yet.
#[derive(Debug, Default)]
pub(super) struct OpenSpans {
    /// Boxed, as the SDK's records are large, and going in and out of the map moves them.
    by_id: FxHashMap<(TraceId, SpanId), Box<Started>>,
    /// Spans whose id an open span had before them; a sound id generator makes none.
    same_id: Vec<Started>,
}

/// A span as it was when it started.
#[derive(Debug)]
pub(super) struct Started {
    /// How many had started before it.
    pub(super) order: u64,
    pub(super) data: SpanData,
    pub(super) resource: Arc<Resource>,
}

impl OpenSpans {
    pub(super) fn insert(&mut self, started: Box<Started>) {
        let id = id(&started.data.span_context);
        if let Some(before) = self.by_id.insert(id, started) {
            self.same_id.push(*before);
        }
    }

    /// Forgets a span that has ended, and gives how many had started before it. Of several with the same id it is the one
    /// that started when this did.
    pub(super) fn remove(&mut self, ended: &SpanData) -> Option<u64> {
        let id = id(&ended.span_context);
        if self.same_id.is_empty() {
            return self.by_id.remove(&id).map(|started| started.order);
        }
        let is_it = |started: &Started| {
            started.data.span_context.span_id() == ended.span_context.span_id()
                && started.data.span_context.trace_id() == ended.span_context.trace_id()
                && started.data.start_time == ended.start_time
        };
        if self.by_id.get(&id).is_some_and(|started| is_it(started)) {
            return self.by_id.remove(&id).map(|started| started.order);
        }
        match self.same_id.iter().position(is_it) {
            Some(at) => Some(self.same_id.remove(at).order),
            None => self.by_id.remove(&id).map(|started| started.order),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len() + self.same_id.len()
    }

    pub(super) fn clear(&mut self) {
        self.by_id.clear();
        self.same_id.clear();
    }

    /// The spans in the order in which they started.
    pub(super) fn in_order(&self) -> Vec<&Started> {
        let mut all: Vec<&Started> = self.by_id.values().map(AsRef::as_ref).chain(&self.same_id).collect();
        all.sort_unstable_by_key(|started| started.order);
        all
    }
}

fn id(context: &SpanContext) -> (TraceId, SpanId) {
    (context.trace_id(), context.span_id())
}
