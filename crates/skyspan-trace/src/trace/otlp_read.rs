//! OTLP JSON, read.

use std::sync::Arc;

use opentelemetry::trace::{SpanId, SpanKind, TraceId};

use super::field::{Field, Wrong};
use super::locate::position;
use super::text_cache::TextCache;
use super::{Attributes, Event, Link, ReadError, ReadProblem, Resource, Scope, Span, SpanBuilder, Status, Trace};
use crate::value::Timestamp;
use crate::value::{JsonReader, Map, Text, Value};

const KINDS: [(&str, SpanKind); 6] = [
    ("SPAN_KIND_UNSPECIFIED", SpanKind::Internal),
    ("SPAN_KIND_INTERNAL", SpanKind::Internal),
    ("SPAN_KIND_SERVER", SpanKind::Server),
    ("SPAN_KIND_CLIENT", SpanKind::Client),
    ("SPAN_KIND_PRODUCER", SpanKind::Producer),
    ("SPAN_KIND_CONSUMER", SpanKind::Consumer),
];
const CODES: [&str; 3] = ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"];

impl Trace {
    /// Reads OTLP JSON, what an OpenTelemetry collector's file exporter writes, and what is posted to `/v1/traces`: an
    /// `ExportTraceServiceRequest` (or `TracesData`), or several one after another, one a line for example, or in a list
    /// (OTLP 1.7, "JSON Protobuf Encoding").
    ///
    /// It takes what is met in files: integers as strings and as numbers, kinds and status codes as numbers and by name,
    /// `null` for what is not set, `NaN` and the infinities as strings, unknown keys, which are passed over, and
    /// `instrumentationLibrarySpans` of before version 0.19. Spans are in the order of the file. Bytes come as their
    /// base64 text, a value that is none of OTLP's kinds as `null`. A span whose end is zero, or not there, never ended.
    /// What events, links, resources and scopes say of dropped attributes is not kept, nor are flags.
    ///
    /// # Errors
    ///
    /// [`ReadError`] where the text is not JSON, or not as OTLP has it: with line and column, what was expected, what was
    /// found, and which span.
    ///
    /// ```
    /// use skyspan_trace::trace::Trace;
    ///
    /// let trace = Trace::from_otlp_json(
    ///     r#"{"resourceSpans": [{"scopeSpans": [{"spans": [{
    ///         "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "request",
    ///         "kind": 2, "startTimeUnixNano": "1544712660000000000", "endTimeUnixNano": "1544712661000000000",
    ///         "attributes": [{"key": "n", "value": {"intValue": "5"}}]
    ///     }]}]}]}"#,
    /// )?;
    /// assert_eq!(trace.named("request").next().unwrap().attr("n"), Some(&5.into()));
    ///
    /// let error = Trace::from_otlp_json(r#"{"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "a", "traceId": 1}]}]}]}"#);
    /// assert_eq!(
    ///     error.unwrap_err().to_string(),
    ///     "line 1, column 72: span 1 \"a\", traceId: expected 32 hexadecimal digits, found 1",
    /// );
    /// # Ok::<(), skyspan_trace::trace::ReadError>(())
    /// ```
    pub fn from_otlp_json(text: &str) -> Result<Self, ReadError> {
        Ok(trace(text)?)
    }
}

pub(super) fn trace(text: &str) -> Result<Trace, ReadProblem> {
    let mut reader = RequestReader::default();
    for (item, value) in JsonReader::new(text).enumerate() {
        let value = value.map_err(ReadProblem::Json)?;
        let root = Field::root(&value);
        let requests: &mut dyn Iterator<Item = Field<'_>> =
            if value.as_array().is_some() { &mut root.elements() } else { &mut std::iter::once(root) };
        for request in requests {
            reader.request(request).map_err(|wrong| reader.problem(text, item, &wrong))?;
        }
    }
    Ok(Trace::from_shared(reader.spans))
}

/// Makes spans of requests, and shares between them what they have in common.
#[derive(Default)]
struct RequestReader {
    texts: TextCache,
    spans: Vec<Arc<Span>>,
    /// The span that is being read: how deep it lies, and what it is called.
    within: Option<(usize, Option<Box<str>>)>,
}

impl RequestReader {
    fn problem(&self, text: &str, item: usize, wrong: &Wrong) -> ReadProblem {
        ReadProblem::wrong(position(text, item, &wrong.steps), self.spans.len() + 1, self.within.as_ref(), wrong)
    }

    fn request(&mut self, request: Field<'_>) -> Result<(), Wrong> {
        if request.value.as_map().is_none_or(|map| !map.is_empty() && !map.contains_key("resourceSpans")) {
            return Err(request.wrong("a map with \"resourceSpans\""));
        }
        let Some(resources) = list(&request, "resourceSpans")? else { return Ok(()) };
        resources.elements().try_for_each(|of_resource| self.resource_spans(of_resource))
    }

    fn resource_spans(&mut self, of_resource: Field<'_>) -> Result<(), Wrong> {
        of_resource.map()?;
        let attributes = match of_resource.get("resource") {
            Some(resource) => {
                resource.map()?;
                self.attributes(&resource)?
            }
            None => Attributes::new(),
        };
        let read = Resource { attributes, schema_url: self.text(&of_resource, "schemaUrl")? };
        let last = self.spans.last().filter(|last| *last.resource == read);
        let resource = last.map_or_else(|| Arc::new(read), |last| Arc::clone(&last.resource));
        for (spans, scope) in [("scopeSpans", "scope"), ("instrumentationLibrarySpans", "instrumentationLibrary")] {
            let Some(scopes) = list(&of_resource, spans)? else { continue };
            scopes.elements().try_for_each(|of_scope| self.scope_spans(of_scope, scope, &resource))?;
        }
        Ok(())
    }

    fn scope_spans(&mut self, of_scope: Field<'_>, key: &str, resource: &Arc<Resource>) -> Result<(), Wrong> {
        of_scope.map()?;
        let scope = match of_scope.get(key) {
            Some(scope) => {
                scope.map()?;
                let set = |text: Text| Some(text).filter(|text| !text.is_empty());
                Some(Arc::new(Scope {
                    name: self.text(&scope, "name")?,
                    version: set(self.text(&scope, "version")?),
                    schema_url: set(self.text(&of_scope, "schemaUrl")?),
                    attributes: self.attributes(&scope)?,
                }))
            }
            None => None,
        };
        let Some(spans) = list(&of_scope, "spans")? else { return Ok(()) };
        for field in spans.elements() {
            let name = field.get("name").and_then(|name| name.value.as_str()).map(Box::from);
            self.within = Some((field.steps().len(), name));
            let mut span = self.span(field)?.resource(Arc::clone(resource));
            if let Some(scope) = &scope {
                span = span.scope(Arc::clone(scope));
            }
            self.spans.push(Arc::new(span.build()));
            self.within = None;
        }
        Ok(())
    }

    fn span(&mut self, field: Field<'_>) -> Result<SpanBuilder, Wrong> {
        if field.value.as_map().is_none() {
            return Err(field.wrong("a span: a map with \"traceId\" and \"spanId\""));
        }
        let mut span = Span::builder(self.text(&field, "name")?)
            .trace_id(TraceId::from_bytes(field.required("traceId")?.id("")?))
            .span_id(SpanId::from_bytes(field.required("spanId")?.id("")?))
            .trace_state(self.text(&field, "traceState")?)
            .start(time(&field, "startTimeUnixNano")?)
            .status(self.status(&field)?)
            .dropped(
                count(&field, "droppedAttributesCount")?,
                count(&field, "droppedEventsCount")?,
                count(&field, "droppedLinksCount")?,
            )
            .attributes(self.attributes(&field)?);
        if let Some(parent) = field.get("parentSpanId").filter(|parent| parent.value.as_str() != Some("")) {
            span = span.parent_id(SpanId::from_bytes(parent.id("")?));
        }
        if let Some(kind) = field.get("kind") {
            span = span.kind(kind_of(&kind)?);
        }
        let end = time(&field, "endTimeUnixNano")?;
        if end != Timestamp::EPOCH {
            span = span.end(end);
        }
        if let Some(events) = list(&field, "events")? {
            for event in events.elements() {
                event.map()?;
                let (name, timestamp) = (self.text(&event, "name")?, time(&event, "timeUnixNano")?);
                span = span.event(Event { name, timestamp, attributes: self.attributes(&event)? });
            }
        }
        if let Some(links) = list(&field, "links")? {
            for link in links.elements() {
                let trace_id = TraceId::from_bytes(link.required("traceId")?.id("")?);
                let span_id = SpanId::from_bytes(link.required("spanId")?.id("")?);
                let trace_state = self.text(&link, "traceState")?;
                span = span.link(Link { trace_id, span_id, trace_state, attributes: self.attributes(&link)? });
            }
        }
        Ok(span)
    }

    fn status(&mut self, span: &Field<'_>) -> Result<Status, Wrong> {
        let Some(status) = span.get("status") else { return Ok(Status::Unset) };
        status.map()?;
        let Some(code) = status.get("code") else { return Ok(Status::Unset) };
        let number = match code.value {
            Value::Int(number) => usize::try_from(*number).ok(),
            Value::Str(name) => CODES.iter().position(|code| name == code),
            _ => None,
        };
        match number {
            Some(0) => Ok(Status::Unset),
            Some(1) => Ok(Status::Ok),
            Some(2) => Ok(Status::Error { description: self.text(&status, "message")? }),
            _ => Err(code.wrong("a status code: 0, 1, 2, or \"STATUS_CODE_UNSET\", …OK, …ERROR")),
        }
    }

    /// The attributes of what has any.
    fn attributes(&mut self, of: &Field<'_>) -> Result<Attributes, Wrong> {
        let Some(attributes) = list(of, "attributes")? else { return Ok(Attributes::new()) };
        Ok(Attributes::from_entries(self.key_values(&attributes)?))
    }

    fn key_values(&mut self, list: &Field<'_>) -> Result<Vec<(Text, Value)>, Wrong> {
        let mut entries = Vec::new();
        for entry in list.elements() {
            entry.map()?;
            let key = self.text(&entry, "key")?;
            let value = entry.get("value").map_or(Ok(Value::Null), |value| self.any_value(&value))?;
            entries.push((key, value));
        }
        Ok(entries)
    }

    fn any_value(&mut self, of: &Field<'_>) -> Result<Value, Wrong> {
        of.map()?;
        if let Some(text) = of.get("stringValue") {
            return Ok(Value::Str(self.texts.text(text.str()?)));
        }
        if let Some(truth) = of.get("boolValue") {
            return truth.value.as_bool().map(Value::Bool).ok_or_else(|| truth.wrong("true or false"));
        }
        if let Some(number) = of.get("intValue") {
            let read = match number.value {
                Value::Int(number) => Some(*number),
                Value::Str(digits) => digits.parse().ok(),
                _ => None,
            };
            return read.map(Value::Int).ok_or_else(|| number.wrong("a whole number of 64 bits, or its digits"));
        }
        if let Some(number) = of.get("doubleValue") {
            let read = match number.value {
                Value::Str(text) => text.parse().ok(),
                number => number.as_f64(),
            };
            return read.map(Value::Float).ok_or_else(|| number.wrong("a number, or its text"));
        }
        if let Some(array) = of.get("arrayValue") {
            array.map()?;
            let Some(values) = list(&array, "values")? else { return Ok(Value::from_iter([Value::Null; 0])) };
            return values
                .elements()
                .map(|value| self.any_value(&value))
                .collect::<Result<Vec<_>, _>>()
                .map(Value::from);
        }
        if let Some(map) = of.get("kvlistValue") {
            map.map()?;
            let Some(values) = list(&map, "values")? else { return Ok(Map::new().into()) };
            return Ok(self.key_values(&values)?.into_iter().collect::<Map>().into());
        }
        if let Some(bytes) = of.get("bytesValue") {
            return Ok(bytes.str()?.into());
        }
        Ok(Value::Null)
    }

    /// The text at a key; empty if there is none.
    fn text(&mut self, of: &Field<'_>, key: &str) -> Result<Text, Wrong> {
        of.get(key).map_or(Ok(Text::default()), |text| Ok(self.texts.text(text.str()?)))
    }
}

/// The list at a key, unless there is none.
fn list<'a>(of: &'a Field<'a>, key: &'a str) -> Result<Option<Field<'a>>, Wrong> {
    let Some(list) = of.get(key) else { return Ok(None) };
    list.list()?;
    Ok(Some(list))
}

/// The time at a key; the epoch if there is none.
fn time(of: &Field<'_>, key: &str) -> Result<Timestamp, Wrong> {
    let Some(time) = of.get(key) else { return Ok(Timestamp::EPOCH) };
    let ns = match time.value {
        Value::Int(number) => u64::try_from(*number).ok(),
        Value::BigInt(digits) | Value::Str(digits) => digits.parse().ok(),
        _ => None,
    };
    ns.map(Timestamp::from_unix_ns).ok_or_else(|| time.wrong("nanoseconds since 1970, or their digits"))
}

fn count(of: &Field<'_>, key: &str) -> Result<u32, Wrong> {
    let Some(count) = of.get(key) else { return Ok(0) };
    let number = match count.value {
        Value::Int(number) => u32::try_from(*number).ok(),
        Value::Str(digits) => digits.parse().ok(),
        _ => None,
    };
    number.ok_or_else(|| count.wrong("a number of 32 bits"))
}

fn kind_of(kind: &Field<'_>) -> Result<SpanKind, Wrong> {
    let found = match kind.value {
        Value::Int(number) => usize::try_from(*number).ok().and_then(|at| KINDS.get(at)),
        Value::Str(name) => KINDS.iter().find(|(kind, _)| name == kind),
        _ => None,
    };
    let kind_of = found.map(|(_, kind)| kind.clone());
    kind_of.ok_or_else(|| {
        kind.wrong("a kind: 0 to 5, or one of \"SPAN_KIND_INTERNAL\", …SERVER, …CLIENT, …PRODUCER, …CONSUMER")
    })
}
