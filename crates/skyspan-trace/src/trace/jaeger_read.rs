//! Jaeger's JSON, read.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::trace::{SpanId, SpanKind, TraceId};

use super::field::{Field, Wrong};
use super::locate::position;
use super::text_cache::TextCache;
use super::{Attributes, Event, Link, ReadError, ReadProblem, Resource, Scope, Span, Status, Trace};
use crate::value::Timestamp;
use crate::value::{JsonReader, Text, Value};

const KINDS: [(&str, SpanKind); 5] = [
    ("internal", SpanKind::Internal),
    ("server", SpanKind::Server),
    ("client", SpanKind::Client),
    ("producer", SpanKind::Producer),
    ("consumer", SpanKind::Consumer),
];

impl Trace {
    /// Reads Jaeger's JSON: what its query service answers at `/api/traces`, and what its UI downloads and uploads. Also
    /// one trace of it alone.
    ///
    /// What Jaeger keeps as tags becomes again what it was in OpenTelemetry (specification, "OpenTelemetry to Jaeger
    /// Transformation"): kind, status, trace state, scope, and `service.name` of the resource. The first reference
    /// `CHILD_OF` into the same trace is the parent, other references are links; a log is an event, by the name in its field
    /// `event`. Times are whole microseconds.
    ///
    /// # Errors
    ///
    /// [`ReadError`] where the text is not JSON, or not as Jaeger has it: with line and column, what was expected, what was
    /// found, and which span.
    ///
    /// ```
    /// use skyspan_trace::trace::Trace;
    ///
    /// let trace = Trace::from_jaeger_json(
    ///     r#"{"data": [{"traceID": "ab", "processes": {"p1": {"serviceName": "shop"}}, "spans": [{
    ///         "traceID": "ab", "spanID": "1", "operationName": "order", "startTime": 1718700056377673, "duration": 5,
    ///         "processID": "p1", "tags": [{"key": "span.kind", "type": "string", "value": "server"}]
    ///     }]}]}"#,
    /// )?;
    /// let order = trace.named("order").next().unwrap();
    /// assert_eq!(order.kind(), skyspan_trace::trace::SpanKind::Server);
    /// assert_eq!(order.resource().attributes.get("service.name"), Some(&"shop".into()));
    /// # Ok::<(), skyspan_trace::trace::ReadError>(())
    /// ```
    pub fn from_jaeger_json(text: &str) -> Result<Self, ReadError> {
        Ok(trace(text)?)
    }
}

pub(super) fn trace(text: &str) -> Result<Trace, ReadProblem> {
    let mut reader = AnswerReader::default();
    for (item, value) in JsonReader::new(text).enumerate() {
        let value = value.map_err(ReadProblem::Json)?;
        reader.answer(Field::root(&value)).map_err(|wrong| reader.problem(text, item, &wrong))?;
    }
    Ok(Trace::from_shared(reader.spans))
}

/// Makes spans of Jaeger's answers, and shares between them what they have in common.
#[derive(Default)]
struct AnswerReader {
    texts: TextCache,
    spans: Vec<Arc<Span>>,
    /// The span that is being read: how deep it lies, and what it is called.
    within: Option<(usize, Option<Box<str>>)>,
}

type Entries = Vec<(Text, Value)>;

impl AnswerReader {
    fn problem(&self, text: &str, item: usize, wrong: &Wrong) -> ReadProblem {
        ReadProblem::wrong(position(text, item, &wrong.steps), self.spans.len() + 1, self.within.as_ref(), wrong)
    }

    fn answer(&mut self, answer: Field<'_>) -> Result<(), Wrong> {
        if answer.value.as_map().is_some_and(|map| map.contains_key("spans")) {
            return self.trace(answer);
        }
        let Some(traces) = answer.required("data").map(Some)?.filter(|data| !data.value.is_null()) else {
            return Ok(());
        };
        traces.list()?;
        traces.elements().try_for_each(|trace| self.trace(trace))
    }

    fn trace(&mut self, trace: Field<'_>) -> Result<(), Wrong> {
        trace.map()?;
        let mut processes = HashMap::new();
        if let Some(by_id) = trace.get("processes") {
            for id in by_id.map()?.keys() {
                if let Some(process) = by_id.get(id) {
                    processes.insert(id.as_str(), self.resource(&process)?);
                }
            }
        }
        let Some(spans) = trace.get("spans") else { return Ok(()) };
        spans.list()?;
        for field in spans.elements() {
            let name = field.get("operationName").and_then(|name| name.value.as_str()).map(Box::from);
            self.within = Some((field.steps().len(), name));
            let span = self.span(field, &processes)?;
            self.spans.push(Arc::new(span));
            self.within = None;
        }
        Ok(())
    }

    fn resource(&mut self, process: &Field<'_>) -> Result<Arc<Resource>, Wrong> {
        process.map()?;
        let mut entries = self.entries(process, "tags")?;
        if let Some(service) = process.get("serviceName") {
            entries.insert(0, (Text::literal("service.name"), service.str()?.into()));
        }
        Ok(Arc::new(Resource { attributes: Attributes::from_entries(entries), schema_url: Text::default() }))
    }

    fn span(&mut self, field: Field<'_>, processes: &HashMap<&str, Arc<Resource>>) -> Result<Span, Wrong> {
        if field.value.as_map().is_none() {
            return Err(field.wrong("a span: a map with \"traceID\" and \"spanID\""));
        }
        let trace_id = trace_id(&field.required("traceID")?)?;
        let start = microseconds(&field, "startTime")?;
        let mut span = Span::builder(field.get("operationName").map_or(Ok(""), |name| name.str())?)
            .trace_id(trace_id)
            .span_id(span_id(&field.required("spanID")?)?)
            .start(Timestamp::EPOCH + start)
            .end(Timestamp::EPOCH + start + microseconds(&field, "duration")?);
        let mut parent = match field.get("parentSpanID").filter(|id| id.value.as_str() != Some("")) {
            Some(parent) => Some(span_id(&parent)?),
            None => None,
        };
        if let Some(references) = field.get("references") {
            references.list()?;
            for reference in references.elements() {
                let kind = reference.get("refType").map_or(Ok("CHILD_OF"), |kind| kind.str())?;
                let to = (self::trace_id(&reference.required("traceID")?)?, span_id(&reference.required("spanID")?)?);
                if kind == "CHILD_OF" && to.0 == trace_id && parent.is_none_or(|parent| parent == to.1) {
                    parent = Some(to.1);
                } else {
                    span = span.link(Link::new(to.0, to.1));
                }
            }
        }
        if let Some(parent) = parent {
            span = span.parent_id(parent);
        }
        if let Some(logs) = field.get("logs") {
            logs.list()?;
            for log in logs.elements() {
                log.map()?;
                let mut entries = self.entries(&log, "fields")?;
                let name = take_text(&mut entries, &["event"]).unwrap_or_default();
                let timestamp = Timestamp::EPOCH + microseconds(&log, "timestamp")?;
                span = span.event(Event { name, timestamp, attributes: Attributes::from_entries(entries) });
            }
        }
        let mut entries = self.entries(&field, "tags")?;
        if let Some(kind) = take_text(&mut entries, &["span.kind"]) {
            // What OpenTelemetry has no kind for stays a tag.
            match KINDS.iter().find(|(name, _)| kind == *name) {
                Some((_, kind)) => span = span.kind(kind.clone()),
                None => entries.push((Text::literal("span.kind"), kind.into())),
            }
        }
        span = span.status(status(&mut entries));
        if let Some(state) = take_text(&mut entries, &["w3c.tracestate"]) {
            span = span.trace_state(state);
        }
        let scope = take_text(&mut entries, &["otel.scope.name", "otel.library.name"]);
        let version = take_text(&mut entries, &["otel.scope.version", "otel.library.version"]);
        if let Some(name) = scope {
            span = span.scope(Scope { name, version, ..Scope::default() });
        }
        let process = match (field.get("process"), field.get("processID")) {
            (Some(process), _) => Some(self.resource(&process)?),
            (None, Some(id)) => processes.get(id.str()?).cloned(),
            (None, None) => None,
        };
        if let Some(process) = process {
            span = span.resource(process);
        }
        Ok(span.attributes(entries).build())
    }

    /// A list of keys and typed values.
    fn entries(&mut self, of: &Field<'_>, key: &str) -> Result<Entries, Wrong> {
        let Some(tags) = of.get(key) else { return Ok(Vec::new()) };
        tags.list()?;
        let mut entries = Vec::new();
        for tag in tags.elements() {
            let key = self.texts.text(tag.required("key")?.str()?);
            let kind = tag.get("type").map_or(Ok(""), |kind| kind.str())?;
            let value = tag.get("value").map_or(Ok(Value::Null), |value| self.value(&value, kind))?;
            entries.push((key, value));
        }
        Ok(entries)
    }

    fn value(&mut self, of: &Field<'_>, kind: &str) -> Result<Value, Wrong> {
        let (read, expected) = match (kind, of.value) {
            // Some writers give numbers and truth values as texts.
            ("bool", Value::Str(text)) => (text.parse().ok().map(Value::Bool), "true or false"),
            ("int64", Value::Str(digits)) => (digits.parse().ok().map(Value::Int), "a whole number of 64 bits"),
            ("float64", Value::Str(text)) => (text.parse().ok().map(Value::Float), "a number"),
            ("float64", number) => (number.as_f64().map(Value::Float), "a number"),
            (_, Value::Str(text)) => (Some(Value::Str(self.texts.text(text))), ""),
            (_, value) => (Some(value.clone()), ""),
        };
        read.ok_or_else(|| of.wrong(expected))
    }
}

/// The status that the tags tell, which are taken out.
fn status(entries: &mut Entries) -> Status {
    let description = take_text(entries, &["otel.status_description"]);
    let code = take_text(entries, &["otel.status_code"]);
    let error = entries.iter().position(|(key, value)| key == "error" && *value == Value::Bool(true));
    match code.as_deref() {
        Some("OK") => Status::Ok,
        None if error.is_none() => Status::Unset,
        Some("ERROR") | None => {
            error.map(|at| entries.remove(at));
            Status::Error { description: description.unwrap_or_default() }
        }
        Some(_) => Status::Unset,
    }
}

/// Takes the first text out that is at one of these keys.
fn take_text(entries: &mut Entries, keys: &[&str]) -> Option<Text> {
    let at = entries.iter().position(|(key, value)| keys.contains(&key.as_str()) && value.as_str().is_some())?;
    match entries.remove(at).1 {
        Value::Str(text) => Some(text),
        _ => None,
    }
}

/// A number of hexadecimal digits, of which those that are zero may be missing at the beginning.
fn hexadecimal(field: &Field<'_>, digits: usize) -> Result<u128, Wrong> {
    let text = field.value.as_str().filter(|text| (1..=digits).contains(&text.len()));
    let text = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let number = text.and_then(|text| u128::from_str_radix(text, 16).ok());
    number.ok_or_else(|| field.wrong(format!("up to {digits} hexadecimal digits")))
}

fn trace_id(field: &Field<'_>) -> Result<TraceId, Wrong> {
    Ok(TraceId::from(hexadecimal(field, 32)?))
}

fn span_id(field: &Field<'_>) -> Result<SpanId, Wrong> {
    Ok(SpanId::from(u64::try_from(hexadecimal(field, 16)?).unwrap_or_default()))
}

fn microseconds(of: &Field<'_>, key: &str) -> Result<Duration, Wrong> {
    let Some(time) = of.get(key) else { return Ok(Duration::ZERO) };
    let number = time.value.as_i64().and_then(|number| u64::try_from(number).ok());
    number.map(Duration::from_micros).ok_or_else(|| time.wrong("a number of microseconds"))
}
