//! Jaeger's JSON, read.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use opentelemetry::trace::SpanKind;

use super::field::{Field, Wrong, set};
use super::gather::Gather;
use super::id_text::{short_span_id, short_trace_id};
use super::tags_read::{Entries, microseconds, state_and_scope, take_text, timed};
use crate::trace::{Attributes, Event, Link, ReadError, Resource, Span, Status, Trace};
use crate::value::{Text, Timestamp, Value};

pub(super) const KINDS: [(&str, SpanKind); 5] = [
    ("internal", SpanKind::Internal),
    ("server", SpanKind::Server),
    ("client", SpanKind::Client),
    ("producer", SpanKind::Producer),
    ("consumer", SpanKind::Consumer),
];

impl Trace {
    /// Reads Jaeger's JSON: what its query service answers at `/api/traces`, and what its UI downloads and uploads. Also
    /// one trace of it alone, a list of spans that each have their `process`, as the anonymizer writes them, and the documents
    /// of spans that it keeps in Elasticsearch, alone or in the answer of a search.
    ///
    /// What Jaeger keeps as tags becomes again what it was in OpenTelemetry (specification, "OpenTelemetry to Jaeger
    /// Transformation"): kind, status, trace state, scope, and `service.name` of the resource. The first reference
    /// `CHILD_OF` into the same trace is the parent; where there is none, and the only reference is a `FOLLOWS_FROM` into the
    /// same trace, that is, as in Jaeger's UI. Other references are links; a log is an event, by the name in its field
    /// `event`. Times are whole microseconds.
    ///
    /// # Errors
    ///
    /// [`ReadError`] where the text is not JSON, or not as Jaeger has it: with line and column, what was expected, what was
    /// found, and which span. Also where it is an answer that has errors in place of traces.
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
        super::text_read::trace_of(text, answer)
    }
}

type Processes<'a> = HashMap<Cow<'a, str>, Arc<Resource>>;

/// Reads an answer, a trace, a span with its process, or a document.
pub(super) fn answer<'a>(gather: &mut Gather, field: Field<'a>) -> Result<(), Wrong<'a>> {
    if let Some(hits) = field.get("hits") {
        // Of a search in Elasticsearch.
        let hits = if hits.is_map() { hits.required("hits")? } else { hits };
        return hits.list()?.elements().try_for_each(|hit| answer(gather, hit));
    }
    if let Some(document) = field.get("_source") {
        return answer(gather, document);
    }
    let [spans, span_id, data, errors] = field.fields(["spans", "spanID", "data", "errors"]).map(set);
    if spans.is_some() {
        return trace(gather, field);
    }
    if span_id.is_some() {
        return span(gather, field, &Processes::new());
    }
    for error in errors.into_iter().flat_map(Field::elements) {
        let [code, message] = error.fields(["code", "msg"]);
        let code = code.and_then(|code| code.word()).map(|code| format!(" ({code})")).unwrap_or_default();
        let message = message.and_then(|message| message.str()).unwrap_or(Cow::Borrowed("an error"));
        gather.remarks.push(format!("Jaeger says: {message}{code}"));
    }
    let Some(traces) = data else {
        // Null where there are errors; an answer of Jaeger has it always.
        return field.required("data").map(|_| ());
    };
    traces.list()?.elements().try_for_each(|of_trace| trace(gather, of_trace))
}

fn trace<'a>(gather: &mut Gather, trace: Field<'a>) -> Result<(), Wrong<'a>> {
    let [by_id, spans] = trace.map()?.fields(["processes", "spans"]).map(set);
    let mut processes = Processes::new();
    if let Some(by_id) = by_id {
        for (id, process) in by_id.map()?.entries() {
            let resource = gather.resource_of(process, resource)?;
            processes.insert(id, resource);
        }
    }
    let Some(spans) = spans else { return Ok(()) };
    spans.list()?.elements().try_for_each(|field| span(gather, field, &processes))
}

fn resource<'a>(gather: &mut Gather, process: Field<'a>) -> Result<Resource, Wrong<'a>> {
    let mut entries = entries(gather, process.map()?, "tags", "tag")?;
    if let Some(service) = process.get("serviceName") {
        entries.insert(0, (Text::literal("service.name"), gather.text(service)?.into()));
    }
    Ok(Resource { attributes: Attributes::from_entries(entries), schema_url: Text::default() })
}

fn span<'a>(gather: &mut Gather, field: Field<'a>, processes: &Processes<'a>) -> Result<(), Wrong<'a>> {
    let read = read(gather, field, processes).map_err(|wrong| wrong.in_span(field, "operationName"))?;
    gather.push(read);
    Ok(())
}

fn read<'a>(gather: &mut Gather, field: Field<'a>, processes: &Processes<'a>) -> Result<Span, Wrong<'a>> {
    if !field.is_map() {
        return Err(field.wrong("a span: a map with \"traceID\" and \"spanID\""));
    }
    let trace_id = short_trace_id(field.required("traceID")?)?;
    let span_id = short_span_id(field.required("spanID")?)?;
    let [name, parent, references, start, duration, logs, process, process_id, flags] = field
        .fields([
            "operationName",
            "parentSpanID",
            "references",
            "startTime",
            "duration",
            "logs",
            "process",
            "processID",
            "flags",
        ])
        .map(set);
    let mut span = Span::builder(gather.text_or_empty(name)?).trace_id(trace_id).span_id(span_id);
    if let Some(flags) = flags {
        let number = flags.unsigned().and_then(|flags| u32::try_from(flags).ok());
        span = span.flags(number.ok_or_else(|| flags.wrong("a number of 32 bits"))?);
    }
    span = timed(span, start, duration)?;
    // Skyspan's own writer says so where a span has none, lest its links are taken for it.
    let has_none = parent.is_some_and(|parent| parent.str().as_deref() == Some(""));
    let mut parent = match parent.filter(|_| !has_none) {
        Some(parent) => Some(short_span_id(parent)?),
        None => None,
    };
    let mut links = Vec::new();
    for reference in references.map(Field::list).transpose()?.into_iter().flat_map(Field::elements) {
        let kind = reference.get("refType").map_or(Ok(Cow::Borrowed("CHILD_OF")), Field::string)?;
        let to = (short_trace_id(reference.required("traceID")?)?, short_span_id(reference.required("spanID")?)?);
        if kind == "CHILD_OF" && to.0 == trace_id && parent.is_none_or(|parent| parent == to.1) {
            parent = Some(to.1);
        } else {
            links.push(Link::new(to.0, to.1));
        }
    }
    if parent.is_none()
        && !has_none
        && let [only] = &*links
        && only.trace_id == trace_id
    {
        parent = Some(only.span_id);
        links.clear();
    }
    if let Some(parent) = parent {
        span = span.parent_id(parent);
    }
    for log in logs.map(Field::list).transpose()?.into_iter().flat_map(Field::elements) {
        let mut entries = entries(gather, log.map()?, "fields", "")?;
        let name = take_text(&mut entries, &["event"]).unwrap_or_default();
        let timestamp = Timestamp::EPOCH + log.get("timestamp").map(microseconds).transpose()?.unwrap_or_default();
        span = span.event(Event { name, timestamp, attributes: Attributes::from_entries(entries) });
    }
    let mut entries = entries(gather, field, "tags", "tag")?;
    if let Some(kind) = take_text(&mut entries, &["span.kind"]) {
        // What OpenTelemetry has no kind for stays a tag.
        match KINDS.iter().find(|(name, _)| kind == *name) {
            Some((_, kind)) => span = span.kind(kind.clone()),
            None => entries.push((Text::literal("span.kind"), kind.into())),
        }
    }
    span = span.status(status(&mut entries));
    span = state_and_scope(gather, span, &mut entries);
    let process = match (process, process_id) {
        (Some(process), _) => Some(gather.resource_of(process, resource)?),
        (None, Some(id)) => processes.get(&id.string()?).cloned(),
        (None, None) => None,
    };
    if let Some(process) = process {
        span = span.resource(process);
    }
    Ok(links.into_iter().fold(span, crate::trace::SpanBuilder::link).attributes(entries).build())
}

/// A list of keys and typed values; where there is a map of them, as documents may have it, that too, in whose keys `@` stands for
/// a full stop.
fn entries<'a>(gather: &mut Gather, of: Field<'a>, list: &str, map: &str) -> Result<Entries, Wrong<'a>> {
    let [list, map] = of.fields([list, map]).map(set);
    let mut entries = Vec::new();
    for tag in list.map(Field::list).transpose()?.into_iter().flat_map(Field::elements) {
        let key = gather.text(tag.required("key")?)?;
        let kind = tag.get("type").map_or(Ok(Cow::Borrowed("")), Field::string)?;
        let value = tag.get("value").map_or(Ok(Value::Null), |value| self::value(gather, value, &kind))?;
        entries.push((key, value));
    }
    for (key, value) in map.map(Field::map).transpose()?.into_iter().flat_map(Field::entries) {
        entries.push((gather.texts.text(&key.replace('@', ".")), value.value(&mut gather.texts)));
    }
    Ok(entries)
}

fn value<'a>(gather: &mut Gather, of: Field<'a>, kind: &str) -> Result<Value, Wrong<'a>> {
    let value = of.value(&mut gather.texts);
    let (read, expected) = match (kind, value) {
        // Some writers give numbers and truth values as texts.
        ("bool", Value::Str(text)) => (text.parse().ok().map(Value::Bool), "true or false"),
        ("int64", Value::Str(digits)) => (digits.parse().ok().map(Value::Int), "a whole number of 64 bits"),
        ("float64", Value::Str(text)) => (text.parse().ok().map(Value::Float), "a number"),
        ("float64", number) => (number.as_f64().map(Value::Float), "a number"),
        (_, value) => (Some(value), ""),
    };
    read.ok_or_else(|| of.wrong(expected))
}

/// The status that the tags tell, which are taken out.
fn status(entries: &mut Entries) -> Status {
    let description = take_text(entries, &["otel.status_description"]);
    let code = take_text(entries, &["otel.status_code"]);
    let is_error = |value: &Value| *value == Value::Bool(true) || value.as_str() == Some("true");
    let error = entries.iter().position(|(key, value)| key == "error" && is_error(value));
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
