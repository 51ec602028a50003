//! [`SpanRecording`]: a span that its capture keeps from the start, and that is filled where it is kept.

use std::fmt;
use std::sync::{Arc, Mutex};

use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status as OtelStatus, TraceContextExt as _, TraceFlags, TraceState,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::IdGenerator;

use super::Capture;
use crate::sync::lock;
use crate::trace::convert::{Converter, trace_state};
use crate::trace::otel_value::recorded_value;
use crate::trace::span::{PARENT_IS_REMOTE, Rare};
use crate::trace::{Attributes, Event, Link, Scope, Span, Status};
use crate::value::{Text, Timestamp, Value};

/// A library that makes spans: what they have in common.
pub(super) struct Library {
    pub(super) capture: Capture,
    pub(super) scope: Arc<Scope>,
    pub(super) ids: Arc<dyn IdGenerator>,
    /// Shares strings between the values that come as OpenTelemetry has them.
    pub(super) converter: Mutex<Converter>,
}

/// A span under way, which its capture has among its open ones.
///
/// What is set on it is kept here until it [ends](Self::end), since an open span is known by what it had when it started.
/// Dropped without an end it stays open for ever.
pub struct SpanRecording {
    pub(super) library: Arc<Library>,
    /// The capture has it, too, until it ends.
    span: Arc<Span>,
    attributes: Vec<(Text, Value)>,
    later: Option<Box<Later>>,
}

/// What few spans get after their start.
#[derive(Default)]
struct Later {
    name: Option<Text>,
    status: OtelStatus,
    events: Vec<Event>,
    links: Vec<Link>,
}

/// What a span has when it starts, besides its name and its place.
pub(super) struct AtStart {
    pub(super) kind: SpanKind,
    pub(super) attributes: Vec<(Text, Value)>,
    pub(super) events: Vec<Event>,
    pub(super) links: Vec<Link>,
}

impl Default for AtStart {
    fn default() -> Self {
        Self { kind: SpanKind::Internal, attributes: Vec::new(), events: Vec::new(), links: Vec::new() }
    }
}

impl SpanRecording {
    /// Starts a span under that of `parent`, as the SDK does whose sampler takes everything (opentelemetry_sdk 0.33,
    /// `SdkTracer::build_with_context`); nothing where telemetry is suppressed.
    pub(super) fn start(
        library: &Arc<Library>,
        name: Text,
        parent: &Context,
        start: Timestamp,
        with: AtStart,
    ) -> Option<Self> {
        if parent.is_telemetry_suppressed() {
            return None;
        }
        let parent = parent.span();
        let parent = Some(parent.span_context()).filter(|parent| parent.is_valid());
        let span_id = library.ids.new_span_id();
        let trace_id = parent.map_or_else(|| library.ids.new_trace_id(), SpanContext::trace_id);
        let later = (!with.events.is_empty() || !with.links.is_empty())
            .then(|| Box::new(Later { events: with.events.clone(), links: with.links.clone(), ..Later::default() }));
        let trace_state = parent.map_or_else(Text::default, |parent| trace_state(parent.trace_state()));
        let rare = Rare { events: with.events.into(), links: with.links.into(), trace_state, ..Rare::default() };
        let span = Arc::new(Span {
            name,
            trace_id,
            span_id,
            parent_id: parent.map(SpanContext::span_id).filter(|id| *id != SpanId::INVALID),
            kind: with.kind,
            kind_is_known: true,
            status: Status::Unset,
            start,
            start_is_known: true,
            end: None,
            started: 0,
            attributes: Attributes::from_entries(with.attributes.clone()),
            resource: Arc::clone(library.capture.resource()),
            scope: Some(Arc::clone(&library.scope)),
            flags: if parent.is_some_and(SpanContext::is_remote) { PARENT_IS_REMOTE } else { 0 },
            rare: rare.boxed(),
        });
        library.capture.take_started_span(Arc::clone(&span));
        Some(Self { library: Arc::clone(library), span, attributes: with.attributes, later })
    }

    /// Makes room for so many attributes, so that it is made once.
    pub fn reserve(&mut self, attributes: usize) {
        self.attributes.reserve_exact(attributes);
    }

    /// Sets an attribute as OpenTelemetry would have it: nothing for null, a list of one type, a map as its JSON.
    #[inline]
    pub fn set(&mut self, key: Text, value: Value) {
        match value {
            Value::Null => {}
            Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) => self.attributes.push((key, value)),
            value => self.set_composed(key, value),
        }
    }

    /// The same for what may have to become something else.
    fn set_composed(&mut self, key: Text, value: Value) {
        if let Some(value) = recorded_value(value) {
            self.attributes.push((key, value));
        }
    }

    /// Sets an attribute that comes as OpenTelemetry has it.
    pub(super) fn set_key_value(&mut self, attribute: KeyValue) {
        let entry = lock(&self.library.converter).entry(attribute);
        self.attributes.push(entry);
    }

    /// Adds an event whose attributes are as they are kept: texts, or what came from OpenTelemetry.
    pub fn add_event(&mut self, event: Event) {
        self.later().events.push(event);
    }

    /// Adds an event with attributes of any value, which are kept as OpenTelemetry would have them.
    pub fn note(&mut self, name: Text, at: Timestamp, attributes: impl IntoIterator<Item = (Text, Value)>) {
        let attributes = attributes.into_iter().filter_map(|(key, value)| Some((key, recorded_value(value)?)));
        self.add_event(Event::new(name, at).with_attributes(attributes.collect::<Attributes>()));
    }

    pub(super) fn add_link(&mut self, link: Link) {
        self.later().links.push(link);
    }

    /// Says how it went; what was said before holds if it is more: OK is more than a failure, and that more than nothing.
    pub fn set_status(&mut self, status: OtelStatus) {
        let later = self.later();
        if status > later.status {
            later.status = status;
        }
    }

    pub(super) fn rename(&mut self, name: Text) {
        self.later().name = Some(name);
    }

    fn later(&mut self) -> &mut Later {
        self.later.get_or_insert_default()
    }

    /// The context that its children have for their parent's, with nothing but the sampled flag.
    #[must_use]
    pub fn span_context(&self) -> SpanContext {
        // What was written from a trace state is one.
        let trace_state = match self.span.trace_state() {
            "" => TraceState::NONE,
            written => written.parse().unwrap_or_default(),
        };
        SpanContext::new(self.span.trace_id, self.span.span_id, TraceFlags::SAMPLED, false, trace_state)
    }

    /// Ends it.
    pub fn end(self, end: Timestamp) {
        let Self { library, span, attributes, later } = self;
        let attributes = Attributes::from_entries(attributes);
        library.capture.take_ended_span(span, |span| {
            span.end = Some(end);
            span.attributes = attributes;
            let Some(later) = later else { return };
            let Later { name, status, events, links } = *later;
            span.name = name.unwrap_or_else(|| span.name.clone());
            span.status = status.into();
            let trace_state = Text::from(span.trace_state());
            span.rare = Rare { events: events.into(), links: links.into(), trace_state, ..Rare::default() }.boxed();
        });
    }
}

impl fmt::Debug for SpanRecording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpanRecording({})", self.span.span_id)
    }
}
