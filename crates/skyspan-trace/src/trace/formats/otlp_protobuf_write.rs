//! OTLP in protobuf, written.

use std::io::{self, Write};

use opentelemetry::trace::{SpanId, SpanKind, TraceId};
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList};
use opentelemetry_proto::tonic::resource::v1::Resource as ProtoResource;
use opentelemetry_proto::tonic::trace::v1::{self as proto, ResourceSpans, ScopeSpans};

use crate::trace::{Attributes, Event, Link, Scope, Span, Status, Trace};
use crate::value::{Text, Value, to_json};

/// How deep lists and maps are written as such: three levels of a message for each, of the 100 that readers have.
const DEPTH_MAX: usize = 30;

/// So many spans are made into messages before they are written.
const SPANS_MAX: usize = 4096;

impl Trace {
    /// The trace as OTLP in protobuf: one `ExportTraceServiceRequest`, which is also one `TracesData` (OTLP 1.7).
    ///
    /// What is said of [`to_otlp_json`](Self::to_otlp_json) holds here: spans stay in order of arrival, times are exact. Lists and maps
    /// that lie more than 30 deep in one another are the string of their JSON. A start at the epoch is read as one that is not
    /// known, as protobuf does not write zero.
    #[must_use]
    pub fn to_otlp_protobuf(&self) -> Vec<u8> {
        let mut out = Vec::new();
        // Writing to memory cannot fail.
        let _ = self.write_otlp_protobuf(&mut out);
        out
    }

    /// Writes [`to_otlp_protobuf`](Self::to_otlp_protobuf), resource by resource.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_otlp_protobuf(&self, mut out: impl Write) -> io::Result<()> {
        let mut open: Option<ResourceSpans> = None;
        let mut last: Option<&Span> = None;
        let mut spans = 0;
        let mut write = |message: ResourceSpans| {
            let mut bytes = Vec::new();
            prost::encoding::message::encode(1, &message, &mut bytes);
            out.write_all(&bytes)
        };
        for span in self.spans() {
            let span = span.span();
            let same_resource = spans < SPANS_MAX && last.is_some_and(|last| last.resource() == span.resource());
            let same_scope = same_resource && last.is_some_and(|last| last.scope() == span.scope());
            if !same_resource {
                open.take().map_or(Ok(()), &mut write)?;
                spans = 0;
            }
            let message = open.get_or_insert_with(|| resource_spans(span));
            if !same_scope {
                message.scope_spans.push(scope_spans(span.scope()));
            }
            if let Some(of_scope) = message.scope_spans.last_mut() {
                of_scope.spans.push(proto_span(span));
            }
            spans += 1;
            last = Some(span);
        }
        open.map_or(Ok(()), write)
    }
}

fn resource_spans(span: &Span) -> ResourceSpans {
    let resource = span.resource();
    let attributes = key_values(&resource.attributes);
    let is_empty = attributes.is_empty();
    let proto = ProtoResource { attributes, ..ProtoResource::default() };
    ResourceSpans {
        resource: (!is_empty).then_some(proto),
        scope_spans: Vec::new(),
        schema_url: resource.schema_url.to_string(),
    }
}

fn scope_spans(scope: Option<&Scope>) -> ScopeSpans {
    let text = |text: &Option<Text>| text.as_deref().unwrap_or_default().to_owned();
    ScopeSpans {
        scope: scope.map(|scope| InstrumentationScope {
            name: scope.name.to_string(),
            version: text(&scope.version),
            attributes: key_values(&scope.attributes),
            dropped_attributes_count: 0,
        }),
        spans: Vec::new(),
        schema_url: scope.map(|scope| text(&scope.schema_url)).unwrap_or_default(),
    }
}

fn proto_span(span: &Span) -> proto::Span {
    proto::Span {
        trace_id: trace_id(span.trace_id()),
        span_id: span_id(span.span_id()),
        trace_state: span.trace_state().to_owned(),
        parent_span_id: span.parent_id().map(span_id).unwrap_or_default(),
        flags: span.flags(),
        name: span.name().to_owned(),
        kind: match span.kind() {
            SpanKind::Internal => i32::from(span.kind_is_known()),
            SpanKind::Server => 2,
            SpanKind::Client => 3,
            SpanKind::Producer => 4,
            SpanKind::Consumer => 5,
        },
        start_time_unix_nano: if span.start_is_known() { span.start().unix_ns() } else { 0 },
        end_time_unix_nano: span.end().map_or(0, |end| end.unix_ns()),
        attributes: key_values(span.attributes()),
        dropped_attributes_count: span.dropped_attributes(),
        events: span.events().iter().map(event).collect(),
        dropped_events_count: span.dropped_events(),
        links: span.links().iter().map(link).collect(),
        dropped_links_count: span.dropped_links(),
        status: Some(proto::Status {
            message: span.status().description().unwrap_or_default().to_owned(),
            code: match span.status() {
                Status::Unset => 0,
                Status::Ok => 1,
                Status::Error { .. } => 2,
            },
        }),
    }
}

fn event(event: &Event) -> proto::span::Event {
    proto::span::Event {
        time_unix_nano: event.timestamp.unix_ns(),
        name: event.name.to_string(),
        attributes: key_values(&event.attributes),
        dropped_attributes_count: 0,
    }
}

fn link(link: &Link) -> proto::span::Link {
    proto::span::Link {
        trace_id: trace_id(link.trace_id),
        span_id: span_id(link.span_id),
        trace_state: link.trace_state.to_string(),
        attributes: key_values(&link.attributes),
        dropped_attributes_count: 0,
        flags: link.flags,
    }
}

fn trace_id(id: TraceId) -> Vec<u8> {
    id.to_bytes().to_vec()
}

fn span_id(id: SpanId) -> Vec<u8> {
    id.to_bytes().to_vec()
}

fn key_values(attributes: &Attributes) -> Vec<KeyValue> {
    attributes.iter().map(|(key, value)| key_value(key, value, 0)).collect()
}

fn key_value(key: &Text, value: &Value, depth: usize) -> KeyValue {
    KeyValue { key: key.to_string(), value: Some(any_value(value, depth)), ..KeyValue::default() }
}

/// The `AnyValue` of a value that lies in so many lists and maps.
fn any_value(value: &Value, depth: usize) -> AnyValue {
    let below = depth + 1;
    let any = match value {
        Value::Null => return AnyValue { value: None },
        Value::Bool(truth) => Any::BoolValue(*truth),
        Value::Int(number) => Any::IntValue(*number),
        Value::Float(number) => Any::DoubleValue(*number),
        Value::BigInt(text) | Value::Str(text) => Any::StringValue(text.to_string()),
        Value::Array(_) | Value::Map(_) if depth >= DEPTH_MAX => Any::StringValue(to_json(value)),
        Value::Array(elements) => {
            Any::ArrayValue(ArrayValue { values: elements.iter().map(|element| any_value(element, below)).collect() })
        }
        Value::Map(map) => Any::KvlistValue(KeyValueList {
            values: map.iter().map(|(key, value)| key_value(key, value, below)).collect(),
        }),
    };
    AnyValue { value: Some(any) }
}
