//! OTLP JSON, written.

use std::io::{self, Write};

use opentelemetry::trace::SpanKind;

use crate::trace::{Attributes, Event, Link, Scope, Span, Status, Trace};
use crate::value::{Map, Text, Timestamp, Value, to_json, write_json, write_json_string};

/// How deep lists and maps are written as such: four levels for each must not be too deep for the reader.
const DEPTH_MAX: usize = 100;

impl Trace {
    /// The trace as OTLP JSON: one `ExportTraceServiceRequest` on one line, as an OpenTelemetry collector takes it (OTLP
    /// 1.7, "JSON Protobuf Encoding").
    ///
    /// Spans stay in order of arrival: neighbours of one resource and one scope are put together. Times are exact. What
    /// OTLP has no word for is written as what comes closest: `null` as a value that is none of its kinds (which is what
    /// reading makes `null` of), an integer beyond 64 bits as the string of its digits, and what lies in more than 100 lists
    /// and maps as the string of its JSON, as OTLP takes four levels for one, and readers have their limits. A span that
    /// never ended has no end, and so has one that ended at the epoch, as OTLP holds zero for not set.
    ///
    /// ```
    /// use skyspan_trace::trace::{Span, Trace};
    ///
    /// let trace = Trace::from_spans([Span::builder("request").trace_id(1).span_id(2).attribute("n", 5).build()]);
    /// let otlp = trace.to_otlp_json();
    /// assert!(otlp.contains(r#""attributes": [{"key": "n", "value": {"intValue": "5"}}]"#));
    /// assert_eq!(Trace::from_otlp_json(&otlp)?, trace);
    /// # Ok::<(), skyspan_trace::trace::ReadError>(())
    /// ```
    #[must_use]
    pub fn to_otlp_json(&self) -> String {
        let mut out = Vec::new();
        // Writing to memory cannot fail, and JSON is text.
        let _ = self.write_otlp(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    /// Writes [`to_otlp_json`](Self::to_otlp_json), and a line feed, span by span; a file wants a
    /// [`BufWriter`](io::BufWriter).
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_otlp(&self, mut out: impl Write) -> io::Result<()> {
        out.write_all(b"{\"resourceSpans\": [")?;
        let mut last: Option<&Span> = None;
        for span in self.spans() {
            let span = span.span();
            let same_resource = last.is_some_and(|last| last.resource() == span.resource());
            let same_scope = same_resource && last.is_some_and(|last| last.scope() == span.scope());
            let mut json = String::new();
            if let Some(last) = last {
                if !same_scope {
                    close_scope(&mut json, last);
                }
                if !same_resource {
                    close_resource(&mut json, last);
                }
                json.push_str(", ");
            }
            if !same_resource {
                json.push('{');
                if !span.resource().attributes.is_empty() {
                    let attributes = Map::from_iter([("attributes", attributes_value(&span.resource().attributes))]);
                    push_entry(&mut json, "resource", &attributes.into());
                }
                json.push_str("\"scopeSpans\": [");
            }
            if !same_scope {
                json.push('{');
                if let Some(scope) = span.scope() {
                    push_entry(&mut json, "scope", &scope_value(scope));
                }
                json.push_str("\"spans\": [");
            }
            write_json(&mut json, &span_value(span));
            out.write_all(json.as_bytes())?;
            last = Some(span);
        }
        let mut json = String::new();
        if let Some(last) = last {
            close_scope(&mut json, last);
            close_resource(&mut json, last);
        }
        json.push_str("]}\n");
        out.write_all(json.as_bytes())
    }
}

/// Ends the list of spans of a scope, and the map around it.
fn close_scope(json: &mut String, last: &Span) {
    let schema_url = last.scope().and_then(|scope| scope.schema_url.as_deref());
    close(json, schema_url.unwrap_or_default());
}

/// Ends the list of scopes of a resource, and the map around it.
fn close_resource(json: &mut String, last: &Span) {
    close(json, &last.resource().schema_url);
}

fn close(json: &mut String, schema_url: &str) {
    json.push(']');
    if !schema_url.is_empty() {
        json.push_str(", \"schemaUrl\": ");
        write_json_string(json, schema_url);
    }
    json.push('}');
}

/// An entry that is not the last of its map.
fn push_entry(json: &mut String, key: &str, value: &Value) {
    write_json_string(json, key);
    json.push_str(": ");
    write_json(json, value);
    json.push_str(", ");
}

fn scope_value(scope: &Scope) -> Value {
    let mut entries = Map::new();
    entries.insert(Text::literal("name"), &scope.name);
    insert_text(&mut entries, "version", scope.version.as_deref().unwrap_or_default());
    insert_attributes(&mut entries, &scope.attributes);
    entries.into()
}

fn span_value(span: &Span) -> Value {
    let mut entries = Map::with_capacity(16);
    entries.insert(Text::literal("traceId"), span.trace_id().to_string());
    entries.insert(Text::literal("spanId"), span.span_id().to_string());
    insert_text(&mut entries, "traceState", span.trace_state());
    if let Some(parent) = span.parent_id() {
        entries.insert(Text::literal("parentSpanId"), parent.to_string());
    }
    insert_count(&mut entries, "flags", span.flags());
    entries.insert(Text::literal("name"), span.name_text());
    entries.insert(Text::literal("kind"), kind_number(span));
    if span.start_is_known() {
        entries.insert(Text::literal("startTimeUnixNano"), time_value(span.start()));
    }
    if let Some(end) = span.end().filter(|end| *end != Timestamp::EPOCH) {
        entries.insert(Text::literal("endTimeUnixNano"), time_value(end));
    }
    insert_attributes(&mut entries, span.attributes());
    insert_count(&mut entries, "droppedAttributesCount", span.dropped_attributes());
    if !span.events().is_empty() {
        entries.insert(Text::literal("events"), span.events().iter().map(event_value).collect::<Value>());
    }
    insert_count(&mut entries, "droppedEventsCount", span.dropped_events());
    if !span.links().is_empty() {
        entries.insert(Text::literal("links"), span.links().iter().map(link_value).collect::<Value>());
    }
    insert_count(&mut entries, "droppedLinksCount", span.dropped_links());
    let mut status = Map::new();
    insert_text(&mut status, "message", span.status().description().unwrap_or_default());
    match span.status() {
        Status::Unset => {}
        Status::Ok => drop(status.insert(Text::literal("code"), 1)),
        Status::Error { .. } => drop(status.insert(Text::literal("code"), 2)),
    }
    entries.insert(Text::literal("status"), status);
    entries.into()
}

fn event_value(event: &Event) -> Value {
    let mut entries = Map::new();
    entries.insert(Text::literal("timeUnixNano"), time_value(event.timestamp));
    entries.insert(Text::literal("name"), &event.name);
    insert_attributes(&mut entries, &event.attributes);
    entries.into()
}

fn link_value(link: &Link) -> Value {
    let mut entries = Map::new();
    entries.insert(Text::literal("traceId"), link.trace_id.to_string());
    entries.insert(Text::literal("spanId"), link.span_id.to_string());
    insert_text(&mut entries, "traceState", &link.trace_state);
    insert_attributes(&mut entries, &link.attributes);
    insert_count(&mut entries, "flags", link.flags);
    entries.into()
}

fn attributes_value(attributes: &Attributes) -> Value {
    attributes.iter().map(|(key, value)| key_value(key, value, 0)).collect()
}

fn key_value(key: &Text, value: &Value, depth: usize) -> Value {
    Map::from_iter([(Text::literal("key"), key.into()), (Text::literal("value"), any_value(value, depth))]).into()
}

/// The `AnyValue` of a value that lies in so many lists and maps.
fn any_value(value: &Value, depth: usize) -> Value {
    let below = depth + 1;
    let (kind, inner): (_, Value) = match value {
        Value::Null => return Map::new().into(),
        Value::Bool(truth) => ("boolValue", (*truth).into()),
        Value::Int(number) => ("intValue", number.to_string().into()),
        Value::BigInt(text) | Value::Str(text) => ("stringValue", text.into()),
        Value::Float(number) if number.is_nan() => ("doubleValue", "NaN".into()),
        Value::Float(f64::INFINITY) => ("doubleValue", "Infinity".into()),
        Value::Float(f64::NEG_INFINITY) => ("doubleValue", "-Infinity".into()),
        Value::Float(number) => ("doubleValue", (*number).into()),
        Value::Array(_) | Value::Map(_) if depth >= DEPTH_MAX => ("stringValue", to_json(value).into()),
        Value::Array(elements) => {
            ("arrayValue", values(elements.iter().map(|element| any_value(element, below)).collect()))
        }
        Value::Map(map) => {
            ("kvlistValue", values(map.iter().map(|(key, value)| key_value(key, value, below)).collect()))
        }
    };
    Map::from_iter([(Text::literal(kind), inner)]).into()
}

fn values(list: Value) -> Value {
    if list.is_truthy() { Map::from_iter([(Text::literal("values"), list)]).into() } else { Map::new().into() }
}

fn insert_text(entries: &mut Map, key: &'static str, text: &str) {
    if !text.is_empty() {
        entries.insert(Text::literal(key), text);
    }
}

fn insert_count(entries: &mut Map, key: &'static str, count: u32) {
    if count > 0 {
        entries.insert(Text::literal(key), count);
    }
}

fn insert_attributes(entries: &mut Map, attributes: &Attributes) {
    if !attributes.is_empty() {
        entries.insert(Text::literal("attributes"), attributes_value(attributes));
    }
}

fn time_value(time: Timestamp) -> Value {
    time.unix_ns().to_string().into()
}

fn kind_number(span: &Span) -> Value {
    let number = match &span.kind {
        SpanKind::Internal => i32::from(span.kind_is_known),
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    };
    number.into()
}
