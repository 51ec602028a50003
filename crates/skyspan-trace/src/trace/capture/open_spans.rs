//! [`OpenSpans`]: the spans that have started and not ended yet.

use opentelemetry::trace::{SpanId, TraceId};
use rustc_hash::{FxHashMap, FxHashSet};

use super::ingest::Record;

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
    pub(super) record: Record,
}

impl OpenSpans {
    pub(super) fn insert(&mut self, started: Box<Started>) {
        if let Some(before) = self.by_id.insert(started.record.id(), started) {
            self.same_id.push(*before);
        }
    }

    /// Forgets a span that has ended, and gives how many had started before it. Of several with the same id it is the one
    /// that started when this did.
    pub(super) fn remove(&mut self, ended: &Record) -> Option<u64> {
        let id = ended.id();
        if self.same_id.is_empty() {
            return self.by_id.remove(&id).map(|started| started.order);
        }
        let is_it = |started: &Started| started.record.id() == id && started.record.start() == ended.start();
        if self.by_id.get(&id).is_some_and(|started| is_it(started)) {
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
        let first = self.by_id.get_mut(&id).map(AsMut::as_mut);
        match first.filter(is_it).or_else(|| self.same_id.iter_mut().find(is_it)) {
            Some(started) => {
                started.record = record;
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
        let mut all: Vec<&Started> = self.by_id.values().map(AsRef::as_ref).chain(&self.same_id).collect();
        all.sort_unstable_by_key(|started| started.order);
        all
    }
}
