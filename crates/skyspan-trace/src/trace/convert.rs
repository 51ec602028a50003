//! From the Rust SDK's spans to ours.

use std::borrow::Cow;
use std::sync::Arc;

use opentelemetry::trace::{SpanId, TraceState};
use opentelemetry::{Array, InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::SpanData;

use super::span::{PARENT_IS_REMOTE, Rare};
use super::text_cache::TextCache;
use super::{Attributes, Event, Link, Resource, Scope, Span, Status};
use crate::value::{Text, Value};

/// Scopes are as many as libraries; should a program make one for each span, not all are remembered.
const SCOPES_MAX: usize = 64;

/// Makes spans of the SDK's records, and shares between them what they have in common.
#[derive(Debug, Default)]
pub(super) struct Converter {
    texts: TextCache,
    scopes: Vec<(InstrumentationScope, Arc<Scope>)>,
}

impl Converter {
    /// The span of a record, taking it apart. `ended` is false for a span that was only seen to start; the SDK gives it
    /// an end all the same.
    pub(super) fn span(&mut self, data: SpanData, resource: Arc<Resource>, ended: bool, started: u64) -> Span {
        let attributes = self.attributes(data.attributes);
        let rare = Rare {
            dropped_attributes: data.dropped_attributes_count,
            dropped_events: data.events.dropped_count,
            dropped_links: data.links.dropped_count,
            trace_state: trace_state(data.span_context.trace_state()),
            events: data.events.events.into_iter().map(|event| self.event(event)).collect(),
            links: data.links.links.into_iter().map(|link| self.link(link)).collect(),
        };
        Span {
            name: self.text(data.name),
            trace_id: data.span_context.trace_id(),
            span_id: data.span_context.span_id(),
            parent_id: Some(data.parent_span_id).filter(|id| *id != SpanId::INVALID),
            kind: data.span_kind,
            kind_is_known: true,
            status: data.status.into(),
            start: data.start_time.into(),
            start_is_known: true,
            flags: if data.parent_span_is_remote { PARENT_IS_REMOTE } else { 0 },
            end: ended.then(|| data.end_time.into()),
            started,
            attributes,
            resource,
            scope: Some(self.scope(data.instrumentation_scope)),
            rare: rare.boxed(),
        }
    }

    /// A string of the SDK: a literal stays one.
    pub(super) fn text(&mut self, text: Cow<'static, str>) -> Text {
        match text {
            Cow::Borrowed(literal) => Text::literal(literal),
            Cow::Owned(text) => self.texts.text(&text),
        }
    }

    fn attributes(&mut self, attributes: Vec<KeyValue>) -> Attributes {
        Attributes::from_entries(attributes.into_iter().map(|attribute| self.entry(attribute)).collect())
    }

    /// An attribute.
    pub(super) fn entry(&mut self, KeyValue { key, value, .. }: KeyValue) -> (Text, Value) {
        (self.texts.text(key.as_str()), self.value(value))
    }

    fn value(&mut self, value: opentelemetry::Value) -> Value {
        value_of(value, &mut |text| self.texts.text(text))
    }

    pub(super) fn event(&mut self, event: opentelemetry::trace::Event) -> Event {
        let attributes = self.attributes(event.attributes);
        Event { name: self.text(event.name), timestamp: event.timestamp.into(), attributes }
    }

    pub(super) fn link(&mut self, link: opentelemetry::trace::Link) -> Link {
        Link {
            trace_id: link.span_context.trace_id(),
            span_id: link.span_context.span_id(),
            trace_state: trace_state(link.span_context.trace_state()),
            attributes: self.attributes(link.attributes),
            flags: 0,
        }
    }

    fn scope(&mut self, scope: InstrumentationScope) -> Arc<Scope> {
        if let Some((_, known)) = self.scopes.iter().rev().find(|(known, _)| *known == scope) {
            return Arc::clone(known);
        }
        if self.scopes.len() == SCOPES_MAX {
            self.scopes.clear();
        }
        let converted = Arc::new(Scope::from(&scope));
        self.scopes.push((scope, Arc::clone(&converted)));
        converted
    }
}

impl From<opentelemetry::trace::Status> for Status {
    fn from(status: opentelemetry::trace::Status) -> Self {
        match status {
            opentelemetry::trace::Status::Unset => Self::Unset,
            opentelemetry::trace::Status::Ok => Self::Ok,
            opentelemetry::trace::Status::Error { description } => Self::error(description),
        }
    }
}

impl From<&InstrumentationScope> for Scope {
    fn from(scope: &InstrumentationScope) -> Self {
        let attributes = scope.attributes().map(|entry| (Text::from(entry.key.as_str()), entry.value.clone()));
        Self {
            name: scope.name().into(),
            version: scope.version().map(Text::from),
            schema_url: scope.schema_url().map(Text::from),
            attributes: attributes.collect(),
        }
    }
}

impl From<&opentelemetry_sdk::Resource> for Resource {
    /// The SDK keeps a resource's attributes in no order; they are sorted by key, so that they are always the same.
    fn from(resource: &opentelemetry_sdk::Resource) -> Self {
        let mut entries: Vec<(Text, Value)> =
            resource.iter().map(|(key, value)| (key.as_str().into(), value.clone().into())).collect();
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self { attributes: Attributes::from_entries(entries), schema_url: resource.schema_url().unwrap_or("").into() }
    }
}

impl From<opentelemetry::Value> for Value {
    /// The same value; an array becomes a list.
    fn from(value: opentelemetry::Value) -> Self {
        value_of(value, &mut |text| text.into())
    }
}

fn value_of(value: opentelemetry::Value, text: &mut impl FnMut(&str) -> Text) -> Value {
    match value {
        opentelemetry::Value::Bool(truth) => Value::Bool(truth),
        opentelemetry::Value::I64(number) => Value::Int(number),
        opentelemetry::Value::F64(number) => Value::Float(number),
        opentelemetry::Value::String(string) => Value::Str(text(string.as_str())),
        opentelemetry::Value::Array(Array::Bool(elements)) => elements.into(),
        opentelemetry::Value::Array(Array::I64(elements)) => elements.into(),
        opentelemetry::Value::Array(Array::F64(elements)) => elements.into(),
        opentelemetry::Value::Array(Array::String(elements)) => {
            elements.iter().map(|element| text(element.as_str())).collect()
        }
        // Types that OpenTelemetry may add one day come as their text.
        other => Value::Str(text(&other.as_str())),
    }
}

pub(super) fn trace_state(trace_state: &TraceState) -> Text {
    if *trace_state == TraceState::NONE { Text::default() } else { trace_state.header().into() }
}
