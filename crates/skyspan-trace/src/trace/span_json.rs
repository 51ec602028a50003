//! Spans and traces for serde, in the shape that [`json`](crate::json) describes.

use std::fmt;
use std::sync::Arc;

use opentelemetry::trace::{SpanId, SpanKind, TraceId};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::id_json::{self, IdText};
use super::span::Rare;
use super::{Attributes, Event, Link, Resource, Scope, Span, SpanRef, Status, Trace};
use crate::value::{FormatVersion, Text, Timestamp, Value, all_entries};

/// A span, to be written. What few spans have is left out where there is none of it.
#[derive(serde::Serialize)]
struct WrittenSpan<'a> {
    name: &'a Text,
    #[serde(with = "id_json")]
    trace_id: TraceId,
    #[serde(with = "id_json")]
    span_id: SpanId,
    parent_id: Option<IdText<SpanId>>,
    kind: &'static str,
    status: &'a Status,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    duration_ns: Option<Value>,
    attributes: &'a Attributes,
    #[serde(skip_serializing_if = "<[Event]>::is_empty")]
    events: &'a [Event],
    #[serde(skip_serializing_if = "<[Link]>::is_empty")]
    links: &'a [Link],
    #[serde(skip_serializing_if = "is_zero")]
    flags: u64,
    #[serde(skip_serializing_if = "str::is_empty")]
    trace_state: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    dropped_attributes: u64,
    #[serde(skip_serializing_if = "is_zero")]
    dropped_events: u64,
    #[serde(skip_serializing_if = "is_zero")]
    dropped_links: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a Scope>,
    #[serde(skip_serializing_if = "is_nothing")]
    resource: &'a Resource,
    #[serde(skip_serializing_if = "is_zero")]
    start_order: u64,
}

/// A span that was read.
#[derive(serde::Deserialize)]
#[serde(rename = "span", expecting = "a span")]
struct ReadSpan {
    name: Text,
    trace_id: IdText<TraceId>,
    span_id: IdText<SpanId>,
    #[serde(default)]
    parent_id: Option<IdText<SpanId>>,
    #[serde(default = "internal", deserialize_with = "kind_of_name")]
    kind: Option<SpanKind>,
    #[serde(default)]
    status: Status,
    start: Option<Timestamp>,
    #[serde(default)]
    end: Option<Timestamp>,
    #[serde(default)]
    attributes: Attributes,
    #[serde(default)]
    events: Vec<Event>,
    #[serde(default)]
    links: Vec<Link>,
    #[serde(default)]
    flags: u32,
    #[serde(default)]
    trace_state: Text,
    #[serde(default)]
    dropped_attributes: u32,
    #[serde(default)]
    dropped_events: u32,
    #[serde(default)]
    dropped_links: u32,
    #[serde(default)]
    scope: Option<Scope>,
    #[serde(default)]
    resource: Option<Resource>,
    #[serde(default)]
    start_order: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn is_nothing(resource: &Resource) -> bool {
    *resource == Resource::default()
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants the type of the field")]
const fn internal() -> Option<SpanKind> {
    Some(SpanKind::Internal)
}

/// The name of a kind that the span does not say, as OTLP has it.
const UNSPECIFIED: &str = "UNSPECIFIED";

/// The kinds by their names in OpenTelemetry's specification.
const KINDS: [(&str, SpanKind); 5] = [
    ("INTERNAL", SpanKind::Internal),
    ("SERVER", SpanKind::Server),
    ("CLIENT", SpanKind::Client),
    ("PRODUCER", SpanKind::Producer),
    ("CONSUMER", SpanKind::Consumer),
];

/// Nothing for a kind that the span does not say.
fn kind_of_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SpanKind>, D::Error> {
    let name = Text::deserialize(deserializer)?;
    if name == UNSPECIFIED {
        return Ok(None);
    }
    let known = KINDS.into_iter().find(|(known, _)| name == *known);
    known.map(|(_, kind)| Some(kind)).ok_or_else(|| {
        let names = KINDS.map(|(known, _)| known).join(", ");
        de::Error::custom(format_args!("expected a span kind ({names}, {UNSPECIFIED}), found {name:?}"))
    })
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let known = KINDS.iter().find(|(_, kind)| *kind == self.kind).map_or("INTERNAL", |(name, _)| *name);
        let kind = if self.kind_is_known() { known } else { UNSPECIFIED };
        let span = WrittenSpan {
            name: self.name_text(),
            trace_id: self.trace_id(),
            span_id: self.span_id(),
            parent_id: self.parent_id().map(IdText),
            kind,
            status: self.status(),
            start: self.start_is_known().then(|| self.start()),
            end: self.end(),
            duration_ns: self.signed_duration_ns().map(Value::from),
            attributes: self.attributes(),
            events: self.events(),
            links: self.links(),
            flags: self.flags().into(),
            trace_state: self.trace_state(),
            dropped_attributes: self.dropped_attributes().into(),
            dropped_events: self.dropped_events().into(),
            dropped_links: self.dropped_links().into(),
            scope: self.scope(),
            resource: self.resource(),
            start_order: self.started,
        };
        span.serialize(serializer)
    }
}

/// The span itself: its relatives are in the trace.
impl Serialize for SpanRef<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.span().serialize(serializer)
    }
}

/// What is not said is as [`Span::builder`] has it; `duration_ns` follows from the times, and is not looked at.
impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = ReadSpan::deserialize(deserializer)?;
        let rare = Rare {
            events: read.events.into(),
            links: read.links.into(),
            trace_state: read.trace_state,
            dropped_attributes: read.dropped_attributes,
            dropped_events: read.dropped_events,
            dropped_links: read.dropped_links,
        };
        Ok(Self {
            name: read.name,
            trace_id: read.trace_id.0,
            span_id: read.span_id.0,
            // Zero is no id.
            parent_id: read.parent_id.map(|id| id.0).filter(|id| *id != SpanId::INVALID),
            kind_is_known: read.kind.is_some(),
            kind: read.kind.unwrap_or(SpanKind::Internal),
            status: read.status,
            start: read.start.unwrap_or(Timestamp::EPOCH),
            start_is_known: read.start.is_some(),
            end: read.end,
            started: read.start_order,
            attributes: read.attributes,
            resource: read.resource.map_or_else(Resource::none, Arc::new),
            scope: read.scope.map(Arc::new),
            flags: read.flags,
            rare: rare.boxed(),
        })
    }
}

/// `{"version": 1, "spans": [...]}`, in the order of [`Trace::spans`].
impl Serialize for Trace {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut trace = serializer.serialize_map(Some(2))?;
        trace.serialize_entry("version", &FormatVersion)?;
        trace.serialize_entry("spans", &Spans(self))?;
        trace.end()
    }
}

struct Spans<'a>(&'a Trace);

impl Serialize for Spans<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.spans())
    }
}

/// The trace as it was written, in a tree of the same shape. Nothing is left out because it is malformed; see
/// [`Trace::defects`].
impl<'de> Deserialize<'de> for Trace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(rename = "trace", expecting = "a trace")]
        struct ReadTrace {
            #[serde(rename = "version")]
            _version: FormatVersion,
            spans: ReadSpans,
        }
        ReadTrace::deserialize(deserializer).map(|read| Self::from_spans(read.spans.0))
    }
}

struct ReadSpans(Vec<Span>);

impl<'de> Deserialize<'de> for ReadSpans {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(SpansVisitor)
    }
}

struct SpansVisitor;

impl<'de> Visitor<'de> for SpansVisitor {
    type Value = ReadSpans;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of spans")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut read: A) -> Result<ReadSpans, A::Error> {
        let mut spans: Vec<Span> = Vec::new();
        while let Some(mut span) = read.next_element::<Span>()? {
            if let Some(last) = spans.last() {
                // Spans of one provider share these.
                if *last.resource == *span.resource {
                    span.resource = Arc::clone(&last.resource);
                }
                if last.scope == span.scope {
                    span.scope.clone_from(&last.scope);
                }
            }
            spans.push(span);
        }
        Ok(ReadSpans(spans))
    }
}

/// A map of them, in order.
impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entries = serializer.serialize_map(Some(self.len()))?;
        for (key, value) in self {
            entries.serialize_entry(key, value)?;
        }
        entries.end()
    }
}

/// From a map, in its order.
impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AttributesVisitor)
    }
}

struct AttributesVisitor;

impl<'de> Visitor<'de> for AttributesVisitor {
    type Value = Attributes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of attributes")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Attributes, A::Error> {
        all_entries(entries).map(Attributes::from_entries)
    }
}
