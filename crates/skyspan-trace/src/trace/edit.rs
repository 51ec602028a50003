//! Spans that differ from others in one thing.

use opentelemetry::trace::{SpanId, TraceId};

use super::{Attributes, Span, Status};
use crate::value::Text;
use crate::value::Timestamp;

impl Span {
    pub(crate) fn with_name(self, name: Text) -> Self {
        Self { name, ..self }
    }

    pub(crate) fn with_span_id(self, span_id: SpanId) -> Self {
        Self { span_id, ..self }
    }

    pub(crate) fn with_parent_id(self, parent_id: Option<SpanId>) -> Self {
        Self { parent_id, ..self }
    }

    pub(crate) fn with_trace_id(self, trace_id: TraceId) -> Self {
        Self { trace_id, ..self }
    }

    pub(crate) fn with_status(self, status: Status) -> Self {
        Self { status, ..self }
    }

    pub(crate) fn with_end(self, end: Option<Timestamp>) -> Self {
        Self { end, ..self }
    }

    pub(crate) fn with_attributes(self, attributes: Attributes) -> Self {
        Self { attributes, ..self }
    }

    /// The same, so many nanoseconds later; events go along.
    pub(crate) fn later_by_ns(mut self, ns: i128) -> Self {
        let later = |time: Timestamp| {
            let ns = (i128::from(time.unix_ns()) + ns).clamp(0, i128::from(u64::MAX));
            Timestamp::from_unix_ns(u64::try_from(ns).unwrap_or(u64::MAX))
        };
        self.start = later(self.start);
        self.end = self.end.map(later);
        if let Some(rare) = &mut self.rare {
            rare.events.iter_mut().for_each(|event| event.timestamp = later(event.timestamp));
        }
        self
    }

    /// The same in other traces, its links going along.
    #[cfg(feature = "page")]
    pub(crate) fn in_traces(mut self, of: impl Fn(TraceId) -> TraceId) -> Self {
        self.trace_id = of(self.trace_id);
        if let Some(rare) = &mut self.rare {
            rare.links.iter_mut().for_each(|link| link.trace_id = of(link.trace_id));
        }
        self
    }

    /// The same, and where times are equal it has started when the other did.
    pub(crate) fn started_as(self, other: &Self) -> Self {
        Self { started: other.started, ..self }
    }

    /// The same without the event in this place.
    pub(crate) fn without_event(mut self, at: usize) -> Self {
        if let Some(rare) = &mut self.rare {
            rare.events = without(&rare.events, at);
        }
        self
    }

    /// The same without the link in this place.
    pub(crate) fn without_link(mut self, at: usize) -> Self {
        if let Some(rare) = &mut self.rare {
            rare.links = without(&rare.links, at);
        }
        self
    }
}

fn without<T: Clone>(all: &[T], at: usize) -> Box<[T]> {
    all.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, one)| one.clone()).collect()
}
