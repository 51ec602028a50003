//! [`Span`]: one span, as it was when it ended.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::trace::{SpanId, SpanKind, TraceId};

use super::{Attributes, Event, Link, Resource, Scope, SpanBuilder, Status};
use crate::value::Timestamp;
use crate::value::{Text, Value};

/// One span, as it was when it ended, or, if it never did, when it started.
///
/// Immutable and compact: a scan of a day holds millions of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    pub(super) name: Text,
    pub(super) trace_id: TraceId,
    pub(super) span_id: SpanId,
    pub(super) parent_id: Option<SpanId>,
    /// Internal where it is not known.
    pub(super) kind: SpanKind,
    pub(super) kind_is_known: bool,
    pub(super) status: Status,
    /// The epoch where it is not known.
    pub(super) start: Timestamp,
    pub(super) start_is_known: bool,
    pub(super) end: Option<Timestamp>,
    /// How many spans its capture had seen start when it did; where that is not known, 0. It orders equal times.
    pub(super) started: u64,
    pub(super) attributes: Attributes,
    pub(super) resource: Arc<Resource>,
    pub(super) scope: Option<Arc<Scope>>,
    /// Those of W3C Trace Context, and what OTLP adds to them.
    pub(super) flags: u32,
    /// Most spans have none of this, and pay eight bytes for it.
    pub(super) rare: Option<Box<Rare>>,
}

/// The flags of OTLP that say that it is known whether the parent is remote, and that it is.
pub(super) const PARENT_IS_REMOTE: u32 = 0x100 | 0x200;

/// What few spans have.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rare {
    pub(super) events: Box<[Event]>,
    pub(super) links: Box<[Link]>,
    pub(super) trace_state: Text,
    pub(super) dropped_attributes: u32,
    pub(super) dropped_events: u32,
    pub(super) dropped_links: u32,
}

impl Rare {
    /// Nothing where all of it is as in most spans.
    pub(super) fn boxed(self) -> Option<Box<Self>> {
        let Self { events, links, trace_state, dropped_attributes, dropped_events, dropped_links } = &self;
        let none_dropped = [dropped_attributes, dropped_events, dropped_links].into_iter().all(|number| *number == 0);
        let is_usual = events.is_empty() && links.is_empty() && trace_state.is_empty() && none_dropped;
        (!is_usual).then(|| Box::new(self))
    }
}

impl Span {
    /// Begins a span made by hand.
    ///
    /// ```
    /// use skyspan_trace::value::Timestamp;
    /// use skyspan_trace::trace::Span;
    ///
    /// let span = Span::builder("request")
    ///     .trace_id(1)
    ///     .span_id(2)
    ///     .start(Timestamp::from_unix_ns(100))
    ///     .end(Timestamp::from_unix_ns(433))
    ///     .attribute("method", "GET")
    ///     .build();
    /// assert_eq!(span.duration().map(|d| d.as_nanos()), Some(333));
    /// ```
    pub fn builder(name: impl Into<Text>) -> SpanBuilder {
        SpanBuilder::new(name.into())
    }

    /// What the operation is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// [`name`](Self::name), to be kept without a copy.
    pub(crate) fn name_text(&self) -> &Text {
        &self.name
    }

    /// The trace it belongs to.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// The id of the span.
    #[must_use]
    pub fn span_id(&self) -> SpanId {
        self.span_id
    }

    /// The id of the span it is a part of; that span need not be in the same [`Trace`](super::Trace), as it may belong
    /// to another process.
    #[must_use]
    pub fn parent_id(&self) -> Option<SpanId> {
        self.parent_id
    }

    /// Whether it says that its parent belongs to another process, from which its context came: by its [flags](Self::flags)
    /// (OpenTelemetry, "is remote").
    /// That span may be in the same [`Trace`](super::Trace) all the same, where both sides were captured.
    #[must_use]
    pub fn is_remote_child(&self) -> bool {
        self.parent_id.is_some() && self.flags & PARENT_IS_REMOTE == PARENT_IS_REMOTE
    }

    /// The id of its parent, if that [belongs to another process](Self::is_remote_child).
    #[must_use]
    pub fn remote_parent(&self) -> Option<SpanId> {
        self.parent_id.filter(|_| self.is_remote_child())
    }

    /// Its role in a conversation between processes; internal where that is not known ([`kind_is_known`](Self::kind_is_known)).
    #[must_use]
    pub fn kind(&self) -> SpanKind {
        self.kind.clone()
    }

    /// Whether its kind is known: OTLP has `SPAN_KIND_UNSPECIFIED`, which readers may take for internal.
    #[must_use]
    pub fn kind_is_known(&self) -> bool {
        self.kind_is_known
    }

    /// How the operation went.
    #[must_use]
    pub fn status(&self) -> &Status {
        &self.status
    }

    /// When it started; the epoch where that is not known ([`start_is_known`](Self::start_is_known)).
    #[must_use]
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// Whether it is known when it started. It is not for a span of a file that does not say so: console JSON says `null`, OTLP
    /// zero. Such a span has no duration, and its trace a [`Defect::UnknownStart`](super::Defect::UnknownStart).
    #[must_use]
    pub fn start_is_known(&self) -> bool {
        self.start_is_known
    }

    /// When it ended, unless it never did.
    #[must_use]
    pub fn end(&self) -> Option<Timestamp> {
        self.end
    }

    /// How long it took, unless it never ended or nobody knows when it started; zero if it ended before it started.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        self.end.filter(|_| self.start_is_known).map(|end| end.since(self.start))
    }

    /// The nanoseconds from start to end, unless it never ended or nobody knows when it started; negative if it ended before it started, which
    /// OpenTelemetry does not prevent.
    #[must_use]
    pub fn signed_duration_ns(&self) -> Option<i128> {
        self.end.filter(|_| self.start_is_known).map(|end| end.signed_ns_since(self.start))
    }

    /// What it is tagged with.
    #[must_use]
    pub fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// The attribute at `key`.
    #[must_use]
    pub fn attr(&self, key: &str) -> Option<&Value> {
        self.attributes.get(key)
    }

    /// What happened during it, in the order in which it was reported.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        self.rare.as_ref().map_or(&[], |rare| &rare.events)
    }

    /// The other spans it points to.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        self.rare.as_ref().map_or(&[], |rare| &rare.links)
    }

    /// How many attributes the SDK dropped because of its limits.
    #[must_use]
    pub fn dropped_attributes(&self) -> u32 {
        self.rare.as_ref().map_or(0, |rare| rare.dropped_attributes)
    }

    /// How many events the SDK dropped because of its limits.
    #[must_use]
    pub fn dropped_events(&self) -> u32 {
        self.rare.as_ref().map_or(0, |rare| rare.dropped_events)
    }

    /// How many links the SDK dropped because of its limits.
    #[must_use]
    pub fn dropped_links(&self) -> u32 {
        self.rare.as_ref().map_or(0, |rare| rare.dropped_links)
    }

    /// The entity that emitted it.
    #[must_use]
    pub fn resource(&self) -> &Resource {
        &self.resource
    }

    /// The library whose tracer made it, if that is known: the console JSON does not say.
    #[must_use]
    pub fn scope(&self) -> Option<&Scope> {
        self.scope.as_deref()
    }

    /// Its flags as OTLP has them: the eight lowest bits are the trace flags of W3C Trace Context (1: sampled), and 256 and 512 say
    /// whether the parent is in another process. Zero where nobody said; a capture says it where the parent is.
    #[must_use]
    pub fn flags(&self) -> u32 {
        self.flags
    }

    /// What vendors carry along with the trace, as the header `tracestate` of W3C Trace Context has it:
    /// `key=value,other=value`. Empty for most. A text from a console JSON that is no list of keys and values stands
    /// here as it is.
    #[must_use]
    pub fn trace_state(&self) -> &str {
        self.rare.as_ref().map_or("", |rare| &rare.trace_state)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_span_is_small() {
        assert!(size_of::<super::Span>() <= 200, "{} bytes", size_of::<super::Span>());
    }
}
