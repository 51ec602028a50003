//! Zipkin's JSON, written.

use std::io::{self, Write};

use super::jaeger_write::micros;
use super::zipkin_read::KINDS;
use crate::trace::{Event, Span, Status, Trace};
use crate::value::{Map, Text, Value, to_json, write_json};

/// The attributes that an endpoint has, of this process and of the other.
const LOCAL: [&str; 2] = ["net.host.ip", "net.host.port"];
const REMOTE: [&str; 3] = ["peer.service", "net.peer.ip", "net.peer.port"];

impl Trace {
    /// The trace as Zipkin's JSON of version 2, a list of spans as it is posted to `/api/v2/spans`.
    ///
    /// It is as the specification has it ("OpenTelemetry to Zipkin Transformation"): status and scope are tags, an event is an
    /// annotation, with its attributes as JSON behind its name, `service.name` is that of the local endpoint, and what else the
    /// resource has are tags of the span. Zipkin has texts alone: other values are their JSON. Times are cut to the microsecond.
    /// Links, and what the SDK has dropped, have no place in it ([`left_out`](Self::left_out) tells).
    ///
    /// ```
    /// use skyspan_trace::trace::{Span, SpanKind, Status, Trace};
    ///
    /// let order = Span::builder("order").trace_id(1).span_id(2).kind(SpanKind::Server).status(Status::error("sold out"));
    /// let trace = Trace::from_spans([order.build()]);
    /// assert_eq!(Trace::from_zipkin_json(&trace.to_zipkin_json())?, trace);
    /// # Ok::<(), skyspan_trace::trace::ReadError>(())
    /// ```
    #[must_use]
    pub fn to_zipkin_json(&self) -> String {
        let mut out = Vec::new();
        // Writing to memory cannot fail, and JSON is text.
        let _ = self.write_zipkin(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    /// Writes [`to_zipkin_json`](Self::to_zipkin_json), and a line feed, span by span.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_zipkin(&self, mut out: impl Write) -> io::Result<()> {
        out.write_all(b"[")?;
        for (at, span) in self.spans().enumerate() {
            let mut json = String::from(if at == 0 { "" } else { ",\n" });
            write_json(&mut json, &span_value(span.span()));
            out.write_all(json.as_bytes())?;
        }
        out.write_all(b"]\n")
    }
}

fn span_value(span: &Span) -> Value {
    let mut entries = Map::with_capacity(10);
    entries.insert(Text::literal("traceId"), span.trace_id().to_string());
    entries.insert(Text::literal("id"), span.span_id().to_string());
    if let Some(parent) = span.parent_id() {
        entries.insert(Text::literal("parentId"), parent.to_string());
    }
    entries.insert(Text::literal("name"), span.name_text());
    if let Some((name, _)) = KINDS.iter().find(|(_, kind)| *kind == span.kind()) {
        entries.insert(Text::literal("kind"), Value::literal(name));
    }
    if span.start_is_known() {
        entries.insert(Text::literal("timestamp"), micros(span.start()));
    }
    if let Some(end) = span.end() {
        entries.insert(Text::literal("duration"), micros(end).saturating_sub(micros(span.start())));
    }
    let service = span
        .resource()
        .attributes
        .get("service.name")
        .filter(|name| name.as_str().is_some_and(|name| !name.is_empty()));
    let local = endpoint([service, span.attr(LOCAL[0]), span.attr(LOCAL[1])]);
    if !local.is_empty() {
        entries.insert(Text::literal("localEndpoint"), local);
    }
    let remote = endpoint(REMOTE.map(|key| span.attr(key)));
    if !remote.is_empty() {
        entries.insert(Text::literal("remoteEndpoint"), remote);
    }
    if !span.events().is_empty() {
        entries.insert(Text::literal("annotations"), span.events().iter().map(annotation).collect::<Value>());
    }
    let tags = tags(span);
    if !tags.is_empty() {
        entries.insert(Text::literal("tags"), tags);
    }
    entries.into()
}

/// An endpoint of a service, an address and a port, of those that are as Zipkin has them.
fn endpoint([service, address, port]: [Option<&Value>; 3]) -> Map {
    let mut endpoint = Map::new();
    if let Some(service) = service.and_then(Value::as_str) {
        endpoint.insert(Text::literal("serviceName"), service);
    }
    if let Some(address) = address.and_then(Value::as_str) {
        endpoint.insert(Text::literal(if address.contains(':') { "ipv6" } else { "ipv4" }), address);
    }
    if let Some(port) = port.and_then(Value::as_i64) {
        endpoint.insert(Text::literal("port"), port);
    }
    endpoint
}

/// Whether an attribute is said by an endpoint.
fn is_of_endpoint(key: &str, value: &Value) -> bool {
    match key {
        "net.host.port" | "net.peer.port" => value.as_i64().is_some(),
        key => (LOCAL.contains(&key) || REMOTE.contains(&key)) && value.as_str().is_some_and(|text| !text.is_empty()),
    }
}

fn annotation(event: &Event) -> Value {
    let value = match event.attributes.is_empty() {
        true => Value::from(&event.name),
        false => {
            let attributes = event.attributes.iter().map(|(key, value)| (key.clone(), value.clone())).collect::<Map>();
            to_json(&Map::from_iter([(event.name.clone(), attributes)]).into()).into()
        }
    };
    Map::from_iter([("timestamp", Value::from(micros(event.timestamp))), ("value", value)]).into()
}

fn tags(span: &Span) -> Map {
    let mut tags: Map = span
        .attributes()
        .iter()
        .filter(|(key, value)| !is_of_endpoint(key, value))
        .map(|(key, value)| (key.clone(), text(value)))
        .collect();
    for (key, value) in span.resource().attributes.iter().filter(|(key, _)| *key != "service.name") {
        tags.insert_default(key, text(value));
    }
    match span.status() {
        Status::Unset => {}
        Status::Ok => drop(tags.insert(Text::literal("otel.status_code"), "OK")),
        Status::Error { description } => {
            tags.insert(Text::literal("otel.status_code"), "ERROR");
            tags.insert(Text::literal("error"), description);
        }
    }
    if !span.trace_state().is_empty() {
        tags.insert(Text::literal("w3c.tracestate"), span.trace_state());
    }
    if let Some(scope) = span.scope() {
        tags.insert(Text::literal("otel.scope.name"), &scope.name);
        if let Some(version) = &scope.version {
            tags.insert(Text::literal("otel.scope.version"), version);
        }
    }
    tags
}

/// A value as a text.
fn text(value: &Value) -> Value {
    match value {
        Value::Str(_) => value.clone(),
        Value::BigInt(digits) => digits.into(),
        other => to_json(other).into(),
    }
}
