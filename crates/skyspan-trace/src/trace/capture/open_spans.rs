//! [`OpenSpans`]: the spans that have started and not ended yet.

use std::sync::Arc;

use opentelemetry::trace::{SpanId, TraceId};
use rustc_hash::{FxHashMap, FxHashSet};

use super::ingest::Record;
use crate::trace::Span;
use crate::trace::convert::Converter;
use crate::value::{Text, Timestamp};

/// The spans that have started and not ended yet.
#[derive(Debug, Default)]
pub(super) struct OpenSpans {
    by_id: FxHashMap<(TraceId, SpanId), Started>,
    /// Spans whose id an open span had before them; a sound id generator makes none.
    same_id: Vec<Started>,
}

/// A span as it was when it started.
#[derive(Debug)]
pub(super) struct Started {
    /// How many had started before it.
    pub(super) order: u64,
    pub(super) record: OpenRecord,
}

/// What is known of an open span.
#[derive(Debug)]
pub(super) enum OpenRecord {
    /// The SDK's records are large, and going in and out of the map moves them.
    Sdk(Box<Record>),
    Own(Arc<Span>),
}

impl From<Record> for OpenRecord {
    fn from(record: Record) -> Self {
        match record {
            Record::Own(span) => Self::Own(span),
            record @ Record::Sdk(..) => Self::Sdk(Box::new(record)),
        }
    }
}

impl OpenRecord {
    fn id(&self) -> (TraceId, SpanId) {
        match self {
            Self::Sdk(record) => record.id(),
            Self::Own(span) => (span.trace_id(), span.span_id()),
        }
    }

    pub(super) fn start(&self) -> Timestamp {
        match self {
            Self::Sdk(record) => record.start(),
            Self::Own(span) => span.start(),
        }
    }

    pub(super) fn name(&self, converter: &mut Converter) -> Text {
        match self {
            Self::Sdk(record) => record.name(converter),
            Self::Own(span) => span.name_text().clone(),
        }
    }

    /// The span, as one that has not ended.
    pub(super) fn to_span(&self, converter: &mut Converter, started: u64) -> Arc<Span> {
        let record = match self {
            Self::Sdk(record) => Record::clone(record),
            Self::Own(span) => Record::Own(Arc::clone(span)),
        };
        record.into_span(converter, false, started)
    }
}

impl OpenSpans {
    pub(super) fn insert(&mut self, started: Started) {
        if let Some(before) = self.by_id.insert(started.record.id(), started) {
            self.same_id.push(before);
        }
    }

    /// Forgets a span that has ended, and gives how many had started before it. Of several with the same id it is the one
    /// that started when this did.
    pub(super) fn remove(&mut self, id: (TraceId, SpanId), start: Timestamp) -> Option<u64> {
        if self.same_id.is_empty() {
            return self.by_id.remove(&id).map(|started| started.order);
        }
        let is_it = |started: &Started| started.record.id() == id && started.record.start() == start;
        if self.by_id.get(&id).is_some_and(is_it) {
            return self.by_id.remove(&id).map(|started| started.order);
        }
        match self.same_id.iter().position(is_it) {
            Some(at) => Some(self.same_id.remove(at).order),
            None => self.by_id.remove(&id).map(|started| started.order),
        }
    }

    /// Puts a record in the place of that of an open span with its id and start. Gives whether there is one.
    pub(super) fn replace(&mut self, record: Record) -> bool {
        let (id, start) = (record.id(), record.start());
        let is_it = |started: &&mut Started| started.record.id() == id && started.record.start() == start;
        let first = self.by_id.get_mut(&id);
        match first.filter(is_it).or_else(|| self.same_id.iter_mut().find(is_it)) {
            Some(started) => {
                started.record = record.into();
                true
            }
            None => false,
        }
    }

    pub(super) fn contains(&self, trace: TraceId, span: SpanId) -> bool {
        self.by_id.contains_key(&(trace, span))
    }

    /// The traces of which spans are open.
    pub(super) fn traces(&self) -> FxHashSet<TraceId> {
        self.by_id.keys().map(|(trace, _)| *trace).collect()
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
        let mut all: Vec<&Started> = self.by_id.values().chain(&self.same_id).collect();
        all.sort_unstable_by_key(|started| started.order);
        all
    }
}
