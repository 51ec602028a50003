//! The console JSON, written.

use std::io::{self, Write};
use std::sync::Arc;

use opentelemetry::trace::{SpanId, SpanKind, TraceId};

use super::console_time::{to_console, to_console_or_null};
use crate::trace::{Attributes, Event, Link, Resource, Span, Trace, trace_state};
use crate::value::{Map, Text, Value, to_json_indented};

/// Python's `ReadableSpan.to_json` indents by this much unless told otherwise.
const INDENT: usize = 4;

impl Trace {
    /// The spans in order of arrival as Python's console exporter prints them: for each span, byte for byte, what
    /// `ReadableSpan.to_json()` gives (opentelemetry-sdk 1.45.2), and a line feed.
    ///
    /// Times are rounded to the microsecond as Python rounds them, and the epoch as a start or an end is `null`, so that what
    /// ended then is read as what never ended. Scope and dropped counts have no place in it.
    ///
    /// ```
    /// use skyspan_trace::trace::{Span, Trace};
    ///
    /// let trace = Trace::from_spans([Span::builder("demo plan").trace_id(1).span_id(2).build()]);
    /// assert!(trace.to_console_json().starts_with("{\n    \"name\": \"demo plan\",\n    \"context\": {\n"));
    /// ```
    #[must_use]
    pub fn to_console_json(&self) -> String {
        let mut out = Vec::new();
        // Writing to memory cannot fail, and JSON is text.
        let _ = self.write_console(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    /// Writes [`to_console_json`](Self::to_console_json) span by span. Each span is one write; a file wants a
    /// [`BufWriter`](io::BufWriter).
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn write_console(&self, out: &mut impl Write) -> io::Result<()> {
        let mut resources = Resources::default();
        for span in self.spans() {
            let mut json = to_json_indented(&span_value(span.span(), &mut resources), INDENT);
            json.push('\n');
            out.write_all(json.as_bytes())?;
        }
        Ok(())
    }
}

impl Span {
    /// The span as the console JSON has it.
    pub(crate) fn to_console_value(&self) -> Value {
        span_value(self, &mut Resources::default())
    }
}

/// The resource of the last span, which most likely is that of the next.
#[derive(Default)]
struct Resources(Option<(Arc<Resource>, Value)>);

impl Resources {
    fn value(&mut self, resource: &Arc<Resource>) -> Value {
        match &self.0 {
            Some((last, value)) if Arc::ptr_eq(last, resource) => value.clone(),
            _ => {
                let value = map([
                    ("attributes", attributes_value(&resource.attributes)),
                    ("schema_url", (&resource.schema_url).into()),
                ]);
                self.0 = Some((Arc::clone(resource), value.clone()));
                value
            }
        }
    }
}

fn span_value(span: &Span, resources: &mut Resources) -> Value {
    let mut status = Map::from_iter([("status_code", Value::literal(span.status().code()))]);
    if let Some(description) = span.status().description().filter(|description| !description.is_empty()) {
        status.insert(Text::literal("description"), description);
    }
    map([
        ("name", span.name_text().into()),
        ("context", context_value(span.trace_id(), span.span_id(), span.trace_state())),
        ("kind", Value::literal(kind_name(&span.kind))),
        ("parent_id", span.parent_id().map(|id| format!("0x{id}")).into()),
        ("start_time", to_console_or_null(Some(span.start())).into()),
        ("end_time", to_console_or_null(span.end()).into()),
        ("status", status.into()),
        ("attributes", attributes_value(span.attributes())),
        ("events", span.events().iter().map(event_value).collect()),
        ("links", span.links().iter().map(link_value).collect()),
        ("resource", resources.value(&span.resource)),
    ])
}

fn context_value(trace_id: TraceId, span_id: SpanId, state: &str) -> Value {
    map([
        ("trace_id", format!("0x{trace_id}").into()),
        ("span_id", format!("0x{span_id}").into()),
        ("trace_state", trace_state::to_python(state).into()),
    ])
}

fn event_value(event: &Event) -> Value {
    map([
        ("name", (&event.name).into()),
        ("timestamp", to_console(event.timestamp).into()),
        ("attributes", attributes_value(&event.attributes)),
    ])
}

fn link_value(link: &Link) -> Value {
    map([
        ("context", context_value(link.trace_id, link.span_id, &link.trace_state)),
        ("attributes", attributes_value(&link.attributes)),
    ])
}

fn attributes_value(attributes: &Attributes) -> Value {
    attributes.to_map().into()
}

/// The name that Python's `str` gives a kind.
pub(super) fn kind_name(kind: &SpanKind) -> &'static str {
    match kind {
        SpanKind::Internal => "SpanKind.INTERNAL",
        SpanKind::Server => "SpanKind.SERVER",
        SpanKind::Client => "SpanKind.CLIENT",
        SpanKind::Producer => "SpanKind.PRODUCER",
        SpanKind::Consumer => "SpanKind.CONSUMER",
    }
}

fn map<const N: usize>(entries: [(&'static str, Value); N]) -> Value {
    entries.into_iter().map(|(key, value)| (Text::literal(key), value)).collect::<Map>().into()
}
