//! The console JSON, read.

use std::sync::Arc;

use opentelemetry::trace::{SpanId, SpanKind, TraceId};

use super::console::kind_name;
use super::field::{Field, Wrong};
use super::locate::position;
use super::text_cache::TextCache;
use super::{Attributes, Event, Link, ReadError, ReadProblem, Resource, Span, Status, Trace, trace_state};
use crate::value::Timestamp;
use crate::value::{JsonReader, Text};

/// What Python prints before an id.
const PREFIX: &str = "0x";

const KINDS: [SpanKind; 5] =
    [SpanKind::Internal, SpanKind::Server, SpanKind::Client, SpanKind::Producer, SpanKind::Consumer];

impl Trace {
    /// Reads what Python's console exporter prints: a JSON object for each span, one after another, with any white space
    /// within and between; also a list of such objects, and one object a line.
    ///
    /// `name` and `context` with its two ids must be there. Other keys may be missing or `null`, and are then as
    /// OpenTelemetry has it by default: kind `INTERNAL`, status `UNSET`, no parent, started at the epoch, never ended, no
    /// attributes, events or links, an empty resource. Keys that are not known are passed over, and so is the
    /// description of a status that is no error, which the specification says to ignore. A parent need not be there.
    ///
    /// What Python's SDK 1.45.2 wrote of a tracer's spans is given back byte for byte by
    /// [`to_console_json`](Self::to_console_json), for times up to the year 2106; later ones are too coarse in Python's
    /// floats. (A `ReadableSpan` made by hand, without attributes, prints `null` for them; this gives back `{}`. One that
    /// starts or ends within half a microsecond of the epoch prints the epoch there; this gives back `null`, as Python does
    /// for the epoch itself.)
    ///
    /// # Errors
    ///
    /// [`ReadError`] where the text is not JSON, or a span not as spans are: with line and column, what was expected,
    /// what was found, and which span.
    ///
    /// ```
    /// use skyspan_trace::trace::Trace;
    ///
    /// let error = Trace::from_console_json(r#"{"name": "wait", "context": {"trace_id": "0x1"}}"#).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     r#"line 1, column 42: span 1 "wait", context.trace_id: expected `0x` and 32 hexadecimal digits, found "0x1""#,
    /// );
    /// ```
    pub fn from_console_json(text: &str) -> Result<Self, ReadError> {
        Ok(trace(text)?)
    }
}

pub(super) fn trace(text: &str) -> Result<Trace, ReadProblem> {
    let mut reader = SpanReader::default();
    let mut spans = Vec::new();
    for (item, value) in JsonReader::new(text).enumerate() {
        let value = value.map_err(ReadProblem::Json)?;
        let root = Field::root(&value);
        let elements: &mut dyn Iterator<Item = Field<'_>> =
            if value.as_array().is_some() { &mut root.elements() } else { &mut std::iter::once(root) };
        for field in elements {
            spans.push(Arc::new(reader.span(field).map_err(|wrong| ReadProblem::Span {
                position: position(text, item, &wrong.steps),
                number: spans.len() + 1,
                name: field.get("name").and_then(|name| name.value.as_str()).map(Box::from),
                field: wrong.field(field.steps().len()).into(),
                expected: wrong.expected.into(),
                found: wrong.found.into(),
            })?));
        }
    }
    Ok(Trace::from_shared(spans))
}

/// Makes spans of JSON, and shares between them what they have in common.
#[derive(Default)]
struct SpanReader {
    texts: TextCache,
    resource: Option<Arc<Resource>>,
}

impl SpanReader {
    fn span(&mut self, field: Field<'_>) -> Result<Span, Wrong> {
        if field.value.as_map().is_none() {
            return Err(field.wrong("a span: a map with \"name\" and \"context\""));
        }
        let name = field.required("name")?.str()?;
        let context = field.required("context")?;
        let (trace_id, span_id, state) = self.context(&context)?;
        let mut span = Span::builder(self.texts.text(name)).trace_id(trace_id).span_id(span_id).trace_state(state);
        if let Some(kind) = field.get("kind") {
            span = span.kind(kind_of(kind)?);
        }
        if let Some(parent) = field.get("parent_id") {
            span = span.parent_id(SpanId::from_bytes(parent.id(PREFIX)?));
        }
        if let Some(start) = field.get("start_time") {
            span = span.start(time(&start)?);
        }
        if let Some(end) = field.get("end_time") {
            span = span.end(time(&end)?);
        }
        if let Some(status) = field.get("status") {
            span = span.status(self.status(status)?);
        }
        if let Some(attributes) = field.get("attributes") {
            span = span.attributes(self.attributes(&attributes)?);
        }
        if let Some(events) = field.get("events") {
            events.list()?;
            for event in events.elements() {
                span = span.event(self.event(event)?);
            }
        }
        if let Some(links) = field.get("links") {
            links.list()?;
            for link in links.elements() {
                span = span.link(self.link(link)?);
            }
        }
        if let Some(resource) = field.get("resource") {
            span = span.resource(self.resource(resource)?);
        }
        Ok(span.build())
    }

    fn context(&mut self, context: &Field<'_>) -> Result<(TraceId, SpanId, Text), Wrong> {
        let trace_id = TraceId::from_bytes(context.required("trace_id")?.id(PREFIX)?);
        let span_id = SpanId::from_bytes(context.required("span_id")?.id(PREFIX)?);
        let state = match context.get("trace_state") {
            Some(state) => trace_state::from_python(state.str()?),
            None => Text::default(),
        };
        Ok((trace_id, span_id, state))
    }

    fn status(&mut self, status: Field<'_>) -> Result<Status, Wrong> {
        status.map()?;
        let Some(code) = status.get("status_code") else { return Ok(Status::Unset) };
        match code.value.as_str() {
            Some("UNSET") => Ok(Status::Unset),
            Some("OK") => Ok(Status::Ok),
            Some("ERROR") => {
                let description = status.get("description");
                let description = description.as_ref().map_or(Ok(""), Field::str)?;
                Ok(Status::error(self.texts.text(description)))
            }
            _ => Err(code.wrong("one of \"UNSET\", \"OK\", \"ERROR\"")),
        }
    }

    fn attributes(&mut self, attributes: &Field<'_>) -> Result<Attributes, Wrong> {
        let map = attributes.map()?;
        Ok(map.iter().map(|(key, value)| (self.texts.text(key), value.clone())).collect())
    }

    fn event(&mut self, event: Field<'_>) -> Result<Event, Wrong> {
        let name = event.required("name")?.str()?;
        let timestamp = time(&event.required("timestamp")?)?;
        let attributes = event.get("attributes");
        let attributes = attributes.map_or_else(|| Ok(Attributes::new()), |field| self.attributes(&field))?;
        Ok(Event { name: self.texts.text(name), timestamp, attributes })
    }

    fn link(&mut self, link: Field<'_>) -> Result<Link, Wrong> {
        let (trace_id, span_id, trace_state) = self.context(&link.required("context")?)?;
        let attributes = link.get("attributes");
        let attributes = attributes.map_or_else(|| Ok(Attributes::new()), |field| self.attributes(&field))?;
        Ok(Link { trace_id, span_id, trace_state, attributes })
    }

    fn resource(&mut self, resource: Field<'_>) -> Result<Arc<Resource>, Wrong> {
        resource.map()?;
        let attributes = resource.get("attributes");
        let attributes = attributes.map_or_else(|| Ok(Attributes::new()), |field| self.attributes(&field))?;
        let schema_url = resource.get("schema_url");
        let schema_url = self.texts.text(schema_url.as_ref().map_or(Ok(""), Field::str)?);
        let read = Resource { attributes, schema_url };
        match &self.resource {
            Some(last) if **last == read => Ok(Arc::clone(last)),
            _ => Ok(Arc::clone(self.resource.insert(Arc::new(read)))),
        }
    }
}

fn time(field: &Field<'_>) -> Result<Timestamp, Wrong> {
    let time = field.value.as_str().and_then(|text| text.parse().ok());
    time.ok_or_else(|| field.wrong("a time since 1970 such as \"2024-06-18T08:40:56.377673Z\""))
}

fn kind_of(field: Field<'_>) -> Result<SpanKind, Wrong> {
    let name = field.value.as_str();
    let kind = KINDS.into_iter().find(|kind| name == Some(kind_name(kind)));
    kind.ok_or_else(|| field.wrong("a kind: one of \"SpanKind.INTERNAL\", SERVER, CLIENT, PRODUCER, CONSUMER"))
}
