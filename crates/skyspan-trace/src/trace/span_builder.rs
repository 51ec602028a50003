//! [`SpanBuilder`]: a span in the making.

use std::sync::Arc;

use opentelemetry::trace::{SpanId, SpanKind, TraceId};

use super::span::{PARENT_IS_REMOTE, Rare};
use super::{Attributes, Event, Link, Resource, Scope, Span, Status};
use crate::value::{IntoEntries, Text, Timestamp, Value};

/// A span in the making: made by hand in a test, or by a reader.
///
/// What is not said is as OpenTelemetry has it by default: invalid ids (zero), no parent, kind `INTERNAL`, status unset,
/// started at the epoch, never ended.
#[derive(Clone, Debug)]
pub struct SpanBuilder {
    span: Span,
    attributes: Vec<(Text, Value)>,
    events: Vec<Event>,
    links: Vec<Link>,
    rare: Rare,
}

impl SpanBuilder {
    pub(super) fn new(name: Text) -> Self {
        let span = Span {
            name,
            trace_id: TraceId::INVALID,
            span_id: SpanId::INVALID,
            parent_id: None,
            kind: SpanKind::Internal,
            kind_is_known: true,
            status: Status::Unset,
            start: Timestamp::EPOCH,
            start_is_known: true,
            end: None,
            started: 0,
            attributes: Attributes::new(),
            resource: Resource::none(),
            scope: None,
            flags: 0,
            rare: None,
        };
        Self { span, attributes: Vec::new(), events: Vec::new(), links: Vec::new(), rare: Rare::default() }
    }

    /// Sets the trace that it belongs to; a number will do.
    #[must_use]
    pub fn trace_id(mut self, trace_id: impl Into<TraceId>) -> Self {
        self.span.trace_id = trace_id.into();
        self
    }

    /// Sets its own id; a number will do.
    #[must_use]
    pub fn span_id(mut self, span_id: impl Into<SpanId>) -> Self {
        self.span.span_id = span_id.into();
        self
    }

    /// Sets the id of its parent; a number will do. The invalid id, zero, means no parent, as in the SDK.
    #[must_use]
    pub fn parent_id(mut self, parent_id: impl Into<SpanId>) -> Self {
        self.span.parent_id = Some(parent_id.into()).filter(|id| *id != SpanId::INVALID);
        self
    }

    /// Sets the id of its parent, which belongs to another process; a number will do.
    #[must_use]
    pub fn remote_parent(mut self, parent_id: impl Into<SpanId>) -> Self {
        self = self.parent_id(parent_id);
        self.span.flags |= PARENT_IS_REMOTE;
        self
    }

    /// Sets its role in a conversation between processes.
    #[must_use]
    pub fn kind(mut self, kind: SpanKind) -> Self {
        self.span.kind = kind;
        self.span.kind_is_known = true;
        self
    }

    /// Says that its role is not known, as OTLP's `SPAN_KIND_UNSPECIFIED`.
    #[must_use]
    pub fn kind_unknown(mut self) -> Self {
        self.span.kind = SpanKind::Internal;
        self.span.kind_is_known = false;
        self
    }

    /// Sets how the operation went.
    #[must_use]
    pub fn status(mut self, status: Status) -> Self {
        self.span.status = status;
        self
    }

    /// Sets when it started.
    #[must_use]
    pub fn start(mut self, start: Timestamp) -> Self {
        self.span.start = start;
        self.span.start_is_known = true;
        self
    }

    /// Sets how many spans had started before it. Of spans that start at the same time it tells which was first.
    #[must_use]
    pub fn started(mut self, order: u64) -> Self {
        self.span.started = order;
        self
    }

    /// Says that nobody knows when it started, as a file may have it.
    #[must_use]
    pub fn unknown_start(mut self) -> Self {
        self.span.start = Timestamp::EPOCH;
        self.span.start_is_known = false;
        self
    }

    /// Sets when it ended.
    #[must_use]
    pub fn end(mut self, end: Timestamp) -> Self {
        self.span.end = Some(end);
        self
    }

    /// Sets an attribute. One that is set twice keeps the last value, and moves to the last place.
    #[must_use]
    pub fn attribute(mut self, key: impl Into<Text>, value: impl Into<Value>) -> Self {
        self.attributes.push((key.into(), value.into()));
        self
    }

    /// Sets several attributes: `json!({...})`, [`Attributes`], or a list of pairs.
    ///
    /// ```
    /// use serde_json::json;
    /// use skyspan_trace::trace::Span;
    ///
    /// let span = Span::builder("set").attributes(json!({"device": "motor", "target": 5})).build();
    /// assert_eq!(span.attr("target"), Some(&5.into()));
    /// ```
    ///
    /// # Panics
    ///
    /// If they are JSON, but no object.
    #[must_use]
    #[track_caller]
    pub fn attributes(mut self, attributes: impl IntoEntries) -> Self {
        self.attributes.extend(attributes.into_entries());
        self
    }

    /// Adds an event to the span.
    #[must_use]
    pub fn event(mut self, event: Event) -> Self {
        self.events.push(event);
        self
    }

    /// Adds a link to the span.
    #[must_use]
    pub fn link(mut self, link: Link) -> Self {
        self.links.push(link);
        self
    }

    /// Sets the trace state, written as in the header `tracestate`.
    #[must_use]
    pub fn trace_state(mut self, trace_state: impl Into<Text>) -> Self {
        self.rare.trace_state = trace_state.into();
        self
    }

    /// Sets the flags, as [`Span::flags`] has them.
    #[must_use]
    pub fn flags(mut self, flags: u32) -> Self {
        self.span.flags = flags;
        self
    }

    /// Sets how many attributes, events and links were dropped.
    #[must_use]
    pub fn dropped(mut self, attributes: u32, events: u32, links: u32) -> Self {
        (self.rare.dropped_attributes, self.rare.dropped_events) = (attributes, events);
        self.rare.dropped_links = links;
        self
    }

    /// Sets the entity that emitted it; an `Arc` is shared.
    #[must_use]
    pub fn resource(mut self, resource: impl Into<Arc<Resource>>) -> Self {
        self.span.resource = resource.into();
        self
    }

    /// Sets the library whose tracer made it; an `Arc` is shared.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<Arc<Scope>>) -> Self {
        self.span.scope = Some(scope.into());
        self
    }

    /// Makes the finished span.
    #[must_use]
    pub fn build(mut self) -> Span {
        self.span.attributes = Attributes::from_entries(self.attributes);
        self.rare.events = self.events.into();
        self.rare.links = self.links.into();
        self.span.rare = self.rare.boxed();
        self.span
    }
}
