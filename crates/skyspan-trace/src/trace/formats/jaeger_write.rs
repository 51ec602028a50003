//! Jaeger's JSON, written.

use std::collections::HashMap;
use std::io::{self, Write};

use opentelemetry::trace::TraceId;

use super::jaeger_read::KINDS;
use crate::trace::{Attributes, Event, Resource, Span, SpanRef, Status, Trace};
use crate::value::{Map, Text, Timestamp, Value, to_json, write_json, write_json_string};

impl Trace {
    /// The trace as Jaeger's JSON: what its query service answers, and what its UI takes by "Upload".
    ///
    /// It is as the specification has it ("OpenTelemetry to Jaeger Transformation"): kind, status, trace state and scope are
    /// tags, a link is a reference `FOLLOWS_FROM`, an event a log. The spans of one trace id stand together, in order of arrival.
    /// Times are cut to the microsecond. Lists and maps are the texts of their JSON, and so are floats that are not finite. A span
    /// that never ended has no duration. An attribute with the key of one of these tags (`error`, `span.kind`, ...) is read as that tag.
    ///
    /// ```
    /// use skyspan_trace::trace::{Span, SpanKind, Trace};
    ///
    /// let trace = Trace::from_spans([Span::builder("order").trace_id(1).span_id(2).kind(SpanKind::Server).build()]);
    /// assert_eq!(Trace::from_jaeger_json(&trace.to_jaeger_json())?, trace);
    /// # Ok::<(), skyspan_trace::trace::ReadError>(())
    /// ```
    #[must_use]
    pub fn to_jaeger_json(&self) -> String {
        let mut out = Vec::new();
        // Writing to memory cannot fail, and JSON is text.
        let _ = self.write_jaeger(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    /// Writes [`to_jaeger_json`](Self::to_jaeger_json), and a line feed, span by span.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_jaeger(&self, mut out: impl Write) -> io::Result<()> {
        let mut order = Vec::new();
        let mut by_trace: HashMap<TraceId, Vec<SpanRef<'_>>> = HashMap::new();
        for span in self.spans() {
            let spans = by_trace.entry(span.trace_id()).or_default();
            if spans.is_empty() {
                order.push(span.trace_id());
            }
            spans.push(span);
        }
        out.write_all(b"{\"data\": [")?;
        for (at, trace_id) in order.iter().enumerate() {
            let separator = if at == 0 { "" } else { ", " };
            write!(out, "{separator}{{\"traceID\": \"{trace_id}\", \"spans\": [")?;
            let mut processes = Processes::default();
            for (at, span) in by_trace.get(trace_id).into_iter().flatten().enumerate() {
                let mut json = String::from(if at == 0 { "" } else { ", " });
                write_json(&mut json, &span_value(span.span(), processes.id(span.span().resource())));
                out.write_all(json.as_bytes())?;
            }
            let mut json = String::from("], \"processes\": {");
            for (at, (id, process)) in processes.written.iter().enumerate() {
                json.push_str(if at == 0 { "" } else { ", " });
                write_json_string(&mut json, id);
                json.push_str(": ");
                write_json(&mut json, process);
            }
            json.push_str("}}");
            out.write_all(json.as_bytes())?;
        }
        out.write_all(b"]}\n")
    }
}

/// The resources of a trace, each once, by the names that spans give them.
#[derive(Default)]
struct Processes<'a> {
    written: Vec<(Text, Value)>,
    by_json: HashMap<String, Text>,
    last: Option<(&'a Resource, Text)>,
}

impl<'a> Processes<'a> {
    fn id(&mut self, resource: &'a Resource) -> Text {
        if let Some((_, id)) = self.last.as_ref().filter(|(last, _)| std::ptr::eq(*last, resource)) {
            return id.clone();
        }
        let value = process_value(resource);
        let id = self.by_json.entry(to_json(&value)).or_insert_with(|| {
            let id = Text::from(format!("p{}", self.written.len() + 1));
            self.written.push((id.clone(), value));
            id
        });
        self.last = Some((resource, id.clone()));
        id.clone()
    }
}

const SERVICE: &str = "service.name";

fn process_value(resource: &Resource) -> Value {
    let mut process = Map::new();
    let service = resource.attributes.get(SERVICE).and_then(Value::as_str);
    if let Some(service) = service {
        process.insert(Text::literal("serviceName"), service);
    }
    let others = resource.attributes.iter().filter(|(key, _)| service.is_none() || *key != SERVICE);
    process.insert(Text::literal("tags"), others.map(|(key, value)| tag(key, value)).collect::<Value>());
    process.into()
}

fn span_value(span: &Span, process: Text) -> Value {
    let mut entries = Map::with_capacity(12);
    let trace_id = Value::from(span.trace_id().to_string());
    entries.insert(Text::literal("traceID"), trace_id.clone());
    entries.insert(Text::literal("spanID"), span.span_id().to_string());
    if span.flags() != 0 {
        entries.insert(Text::literal("flags"), span.flags());
    }
    entries.insert(Text::literal("operationName"), span.name_text());
    let mut references = Vec::new();
    let reference = |kind: &'static str, trace_id: Value, span_id: String| {
        Value::from(Map::from_iter([
            (Text::literal("refType"), Value::literal(kind)),
            (Text::literal("traceID"), trace_id),
            (Text::literal("spanID"), span_id.into()),
        ]))
    };
    match span.parent_id() {
        Some(parent) => references.push(reference("CHILD_OF", trace_id, parent.to_string())),
        // Where a link is all there is, readers take it for the parent.
        None if !span.links().is_empty() => drop(entries.insert(Text::literal("parentSpanID"), "")),
        None => {}
    }
    let links = span.links().iter();
    references.extend(
        links.map(|link| reference("FOLLOWS_FROM", link.trace_id.to_string().into(), link.span_id.to_string())),
    );
    entries.insert(Text::literal("references"), references);
    let start_us = micros(span.start());
    if span.start_is_known() {
        entries.insert(Text::literal("startTime"), start_us);
    }
    if let Some(end) = span.end() {
        entries.insert(Text::literal("duration"), micros(end).saturating_sub(start_us));
    }
    entries.insert(Text::literal("tags"), tags(span));
    entries.insert(Text::literal("logs"), span.events().iter().map(log).collect::<Value>());
    entries.insert(Text::literal("processID"), process);
    entries.into()
}

pub(super) fn micros(time: Timestamp) -> u64 {
    time.unix_ns() / 1000
}

fn tags(span: &Span) -> Value {
    let mut tags: Vec<Value> = span.attributes().iter().map(|(key, value)| tag(key, value)).collect();
    let mut push = |key: &'static str, value: Value| tags.push(tag(&Text::literal(key), &value));
    if let Some((name, _)) = KINDS.iter().find(|(_, kind)| *kind == span.kind()).filter(|(name, _)| *name != "internal")
    {
        push("span.kind", Value::literal(name));
    }
    match span.status() {
        Status::Unset => {}
        Status::Ok => push("otel.status_code", Value::literal("OK")),
        Status::Error { description } => {
            push("otel.status_code", Value::literal("ERROR"));
            push("error", Value::Bool(true));
            if !description.is_empty() {
                push("otel.status_description", description.into());
            }
        }
    }
    if !span.trace_state().is_empty() {
        push("w3c.tracestate", span.trace_state().into());
    }
    if let Some(scope) = span.scope() {
        push("otel.scope.name", (&scope.name).into());
        if let Some(version) = &scope.version {
            push("otel.scope.version", version.into());
        }
    }
    tags.into()
}

fn log(event: &Event) -> Value {
    let mut fields = vec![tag(&Text::literal("event"), &(&event.name).into())];
    fields.extend(log_fields(&event.attributes));
    Map::from_iter([("timestamp", Value::from(micros(event.timestamp))), ("fields", fields.into())]).into()
}

/// An attribute of the name that the event's own has would be read in its place.
fn log_fields(attributes: &Attributes) -> impl Iterator<Item = Value> {
    attributes.iter().map(|(key, value)| tag(key, value))
}

fn tag(key: &Text, value: &Value) -> Value {
    let (kind, value) = match value {
        Value::Bool(_) => ("bool", value.clone()),
        Value::Int(_) => ("int64", value.clone()),
        Value::Float(number) if number.is_nan() => ("float64", Value::literal("NaN")),
        Value::Float(number) if number.is_infinite() => {
            ("float64", Value::literal(if *number > 0.0 { "inf" } else { "-inf" }))
        }
        Value::Float(_) => ("float64", value.clone()),
        Value::Str(_) => ("string", value.clone()),
        Value::BigInt(digits) => ("string", digits.into()),
        other => ("string", to_json(other).into()),
    };
    Map::from_iter([
        (Text::literal("key"), Value::from(key)),
        (Text::literal("type"), Value::literal(kind)),
        (Text::literal("value"), value),
    ])
    .into()
}
