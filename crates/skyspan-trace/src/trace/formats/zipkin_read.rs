//! Zipkin's JSON, read.

use opentelemetry::trace::SpanKind;

use super::field::{Field, Wrong, set};
use super::gather::Gather;
use super::id_text::{short_span_id, short_trace_id};
use super::tags_read::{Entries, microseconds, state_and_scope, take_text, timed};
use crate::trace::{Attributes, Event, ReadError, Resource, Span, Status, Trace};
use crate::value::{Map, Text, Timestamp, Value, from_json};

pub(super) const KINDS: [(&str, SpanKind); 4] = [
    ("SERVER", SpanKind::Server),
    ("CLIENT", SpanKind::Client),
    ("PRODUCER", SpanKind::Producer),
    ("CONSUMER", SpanKind::Consumer),
];

impl Trace {
    /// Reads Zipkin's JSON of version 2: a list of spans, as reporters post it to `/api/v2/spans` and as `/api/v2/trace/ID`
    /// answers, a list of such lists, as `/api/v2/traces` does, or one span after another.
    ///
    /// What OpenTelemetry's exporters keep as tags becomes again what it was (specification, "OpenTelemetry to Zipkin
    /// Transformation"): status, scope, and `service.name` of the resource, which Zipkin has as the local endpoint. The other
    /// values of the endpoints are the attributes that OpenTelemetry's collector makes of them (`net.host.ip`,
    /// `net.peer.ip`, `peer.service`, ...). An annotation is an event. Times are whole microseconds; all tags are texts.
    ///
    /// # Errors
    ///
    /// [`ReadError`] where the text is not JSON, or not as Zipkin has it: with line and column, what was expected, what was
    /// found, and which span.
    ///
    /// ```
    /// use skyspan_trace::trace::{SpanKind, Trace};
    ///
    /// let trace = Trace::from_zipkin_json(
    ///     r#"[{"traceId": "ab", "id": "1", "kind": "SERVER", "name": "order", "timestamp": 1718700056377673,
    ///          "duration": 5, "localEndpoint": {"serviceName": "shop"}, "tags": {"error": "sold out"}}]"#,
    /// )?;
    /// let order = trace.named("order").next().unwrap();
    /// assert_eq!((order.kind(), order.status().description()), (SpanKind::Server, Some("sold out")));
    /// assert_eq!(order.resource().attributes.get("service.name"), Some(&"shop".into()));
    /// # Ok::<(), skyspan_trace::trace::ReadError>(())
    /// ```
    pub fn from_zipkin_json(text: &str) -> Result<Self, ReadError> {
        super::text_read::trace_of(text, span_or_list)
    }
}

/// Reads a span, or the list of a trace in a list of traces.
fn span_or_list<'a>(gather: &mut Gather, field: Field<'a>) -> Result<(), Wrong<'a>> {
    if field.is_list() {
        return field.elements().try_for_each(|field| span(gather, field));
    }
    span(gather, field)
}

/// Reads one span from its JSON object.
pub(super) fn span<'a>(gather: &mut Gather, field: Field<'a>) -> Result<(), Wrong<'a>> {
    let span = read(gather, field).map_err(|wrong| wrong.in_span(field, "name"))?;
    gather.push(span);
    Ok(())
}

fn read<'a>(gather: &mut Gather, field: Field<'a>) -> Result<Span, Wrong<'a>> {
    if !field.is_map() {
        return Err(field.wrong("a span: a map with \"traceId\" and \"id\""));
    }
    let trace_id = short_trace_id(field.required("traceId")?)?;
    let span_id = short_span_id(field.required("id")?)?;
    let [name, parent, kind, start, duration, local, remote, annotations, tags] = field
        .fields([
            "name",
            "parentId",
            "kind",
            "timestamp",
            "duration",
            "localEndpoint",
            "remoteEndpoint",
            "annotations",
            "tags",
        ])
        .map(set);
    let mut span = Span::builder(gather.text_or_empty(name)?).trace_id(trace_id).span_id(span_id);
    if let Some(parent) = parent.filter(|parent| parent.str().as_deref() != Some("")) {
        span = span.parent_id(short_span_id(parent)?);
    }
    if let Some(kind) = kind {
        let known = KINDS.iter().find(|(name, _)| kind.str().is_some_and(|kind| kind == *name));
        let known =
            known.ok_or_else(|| kind.wrong("a kind: one of \"SERVER\", \"CLIENT\", \"PRODUCER\", \"CONSUMER\""))?;
        span = span.kind(known.1.clone());
    }
    span = timed(span, start, duration)?;
    for annotation in annotations.map(Field::list).transpose()?.into_iter().flat_map(Field::elements) {
        let [time, value] = annotation.map()?.fields(["timestamp", "value"]).map(set);
        let timestamp = Timestamp::EPOCH + time.map(microseconds).transpose()?.unwrap_or_default();
        let (name, attributes) = event_of(&gather.text_or_empty(value)?);
        span = span.event(Event { name, timestamp, attributes });
    }
    let mut entries = Vec::new();
    for (key, value) in tags.map(Field::map).transpose()?.into_iter().flat_map(Field::entries) {
        entries.push((gather.texts.text(&key), value.value(&mut gather.texts)));
    }
    span = span.status(status(&mut entries));
    span = state_and_scope(gather, span, &mut entries);
    if let Some(remote) = remote {
        let keys = ["peer.service", "net.peer.ip", "net.peer.port"];
        entries.extend(endpoint(gather, remote, keys)?.into_iter().flatten());
    }
    if let Some(local) = local {
        let [service, address @ ..] = endpoint(gather, local, ["service.name", "net.host.ip", "net.host.port"])?;
        let attributes = Attributes::from_entries(service.into_iter().collect());
        span = span.resource(gather.resource(Resource { attributes, schema_url: Text::default() }));
        entries.extend(address.into_iter().flatten());
    }
    Ok(span.attributes(entries).build())
}

/// The service, the address and the port of an endpoint, as attributes with these keys.
fn endpoint<'a>(
    gather: &mut Gather,
    endpoint: Field<'a>,
    keys: [&'static str; 3],
) -> Result<[Option<(Text, Value)>; 3], Wrong<'a>> {
    let [service, ipv4, ipv6, port] = endpoint.map()?.fields(["serviceName", "ipv4", "ipv6", "port"]).map(set);
    let mut found = [service, ipv4.or(ipv6), port].into_iter();
    let mut entry = |key| match found.next().flatten() {
        Some(value) if value.str().as_deref() != Some("") => Some((Text::literal(key), value.value(&mut gather.texts))),
        _ => None,
    };
    Ok(keys.map(&mut entry))
}

/// The event of an annotation. Exporters write the attributes of an event behind its name, as JSON: Python's as
/// `{"name": {"k": "v"}}`, others as `name: {"k": "v"}` or `"name": {"k": "v"}`.
fn event_of(annotation: &str) -> (Text, Attributes) {
    let as_attributes = |map: &Map| map.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    if annotation.starts_with('{')
        && let Ok(Value::Map(outer)) = from_json(annotation)
        && let Some((name, Value::Map(inner))) = outer.iter().next().filter(|_| outer.len() == 1)
    {
        return (name.clone(), as_attributes(inner));
    }
    if let Some((name, rest)) = annotation.split_once(": {")
        && let Ok(Value::Map(inner)) = from_json(&format!("{{{rest}"))
    {
        let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
        return (name.into(), as_attributes(&inner));
    }
    (annotation.into(), Attributes::new())
}

/// The status that the tags tell, which are taken out.
fn status(entries: &mut Entries) -> Status {
    match take_text(entries, &["otel.status_code"]).as_deref() {
        Some("OK") => Status::Ok,
        Some("ERROR") => {
            let description = take_text(entries, &["otel.status_description", "error"]);
            Status::Error { description: description.unwrap_or_default() }
        }
        _ => match take_text(entries, &["error"]) {
            // Zipkin's own libraries say no more than that.
            Some(description) if description == "true" => Status::error(""),
            Some(description) if description == "false" => {
                entries.push((Text::literal("error"), description.into()));
                Status::Unset
            }
            Some(description) => Status::Error { description },
            None => Status::Unset,
        },
    }
}
