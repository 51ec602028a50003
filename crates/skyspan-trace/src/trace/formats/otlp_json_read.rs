//! OTLP JSON, read.

use std::sync::Arc;

use opentelemetry::trace::{SpanId, SpanKind, TraceId};

use super::field::{Field, Wrong, set};
use super::gather::Gather;
use crate::trace::span::Rare;
use crate::trace::{Attributes, Event, Link, ReadError, Resource, Scope, Span, Status, Trace};
use crate::value::{Map, Text, Timestamp, Value};

/// The kinds by their numbers in OTLP. Nobody said is internal, as in the specification of the API.
pub(super) const KINDS: [(&str, SpanKind); 6] = [
    ("SPAN_KIND_UNSPECIFIED", SpanKind::Internal),
    ("SPAN_KIND_INTERNAL", SpanKind::Internal),
    ("SPAN_KIND_SERVER", SpanKind::Server),
    ("SPAN_KIND_CLIENT", SpanKind::Client),
    ("SPAN_KIND_PRODUCER", SpanKind::Producer),
    ("SPAN_KIND_CONSUMER", SpanKind::Consumer),
];
const CODES: [&str; 3] = ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"];

/// What holds the spans of resources, by all its names: of OTLP, of protobuf, and of Tempo.
pub(super) const RESOURCE_LISTS: [&str; 3] = ["resourceSpans", "resource_spans", "batches"];
/// What holds the spans of scopes, by all its names, beside the key of the scope; before OTLP 0.15 scopes were libraries.
pub(super) const SCOPE_LISTS: [(&str, &str); 4] = [
    ("scopeSpans", "scope"),
    ("scope_spans", "scope"),
    ("instrumentationLibrarySpans", "instrumentationLibrary"),
    ("instrumentation_library_spans", "instrumentation_library"),
];
/// What an answer may have around all of that: Tempo's and Jaeger's.
const AROUND: [&str; 2] = ["trace", "result"];

impl Trace {
    /// Reads OTLP JSON, what an OpenTelemetry collector's file exporter writes, and what is posted to `/v1/traces`: an
    /// `ExportTraceServiceRequest` (or `TracesData`), or several one after another, one a line for example, or in a list
    /// (OTLP 1.7, "JSON Protobuf Encoding").
    ///
    /// It takes what is met in files: integers as strings and as numbers, kinds and status codes as numbers and by name,
    /// `null` for what is not set, `NaN` and the infinities as strings, unknown keys, which are passed over, keys as protobuf
    /// spells them (`trace_id`), `instrumentationLibrarySpans` of before version 0.19, a `ResourceSpans` alone, as Java logs
    /// it, `batches` and `trace` of Tempo's answers and `result` of Jaeger's, and arrays without `values`, as
    /// opentelemetry-stdout of Rust wrote them. Ids are hexadecimal digits, or, as protobuf's own JSON has them, base64: the
    /// first of a file decides, by its length, for all of it. An empty id is none. Spans are in the order of the file. Bytes
    /// come as their base64 text, a value that is none of OTLP's kinds as `null`. A span whose end is zero, or not there,
    /// never ended; one whose start is not there has none that is known. What events, links, resources and scopes say of dropped
    /// attributes is not kept.
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
        super::text_read::trace_of(text, request)
    }
}

/// Reads a request, or whatever else holds spans of resources.
pub(super) fn request<'a>(gather: &mut Gather, request: Field<'a>) -> Result<(), Wrong<'a>> {
    if !request.is_map() {
        return Err(request.wrong("a map with \"resourceSpans\""));
    }
    if let Some(inner) = AROUND.iter().find_map(|key| request.get(key)) {
        return self::request(gather, inner);
    }
    if let Some(lists) = request.entries().find(|(key, _)| RESOURCE_LISTS.contains(&key.as_ref())).map(|(_, list)| list)
    {
        if lists.is_null() {
            return Ok(());
        }
        return lists.list()?.elements().try_for_each(|of_resource| resource_spans(gather, of_resource));
    }
    if request.entries().any(|(key, _)| SCOPE_LISTS.iter().any(|(list, _)| *list == key)) {
        return resource_spans(gather, request);
    }
    if request.entries().next().is_none() { Ok(()) } else { Err(request.wrong("a map with \"resourceSpans\"")) }
}

fn resource_spans<'a>(gather: &mut Gather, of_resource: Field<'a>) -> Result<(), Wrong<'a>> {
    let [resource, schema_url, snake_url] = of_resource.map()?.fields(["resource", "schemaUrl", "schema_url"]);
    let schema_url = gather.text_or_empty(set(schema_url).or(snake_url))?;
    let resource = match set(resource) {
        None if schema_url.is_empty() => Resource::none(),
        None => gather.resource(Resource { attributes: Attributes::new(), schema_url }),
        Some(resource) => {
            let attributes = |gather: &mut Gather, field: Field<'a>| {
                let attributes = attributes(gather, field.map()?.get("attributes"))?;
                Ok(Resource { attributes, schema_url: Text::default() })
            };
            let shared = gather.resource_of(resource, attributes)?;
            match schema_url.is_empty() {
                true => shared,
                false => gather.resource(Resource { attributes: shared.attributes.clone(), schema_url }),
            }
        }
    };
    for (key, scopes) in of_resource.entries() {
        let Some((_, scope_key)) = SCOPE_LISTS.iter().find(|(list, _)| *list == key) else { continue };
        if !scopes.is_null() {
            scopes.list()?.elements().try_for_each(|of_scope| scope_spans(gather, of_scope, scope_key, &resource))?;
        }
    }
    Ok(())
}

fn scope_spans<'a>(
    gather: &mut Gather,
    of_scope: Field<'a>,
    scope_key: &str,
    resource: &Arc<Resource>,
) -> Result<(), Wrong<'a>> {
    let [scope, schema_url, snake_url, spans] = of_scope.map()?.fields([scope_key, "schemaUrl", "schema_url", "spans"]);
    let scope = match set(scope) {
        Some(scope) => {
            let text = |gather: &mut Gather, field| gather.text_or_empty(field).map(given);
            let [name, version, attributes] = scope.map()?.fields(["name", "version", "attributes"]);
            let read = Scope {
                name: gather.text_or_empty(name)?,
                version: text(gather, version)?,
                schema_url: text(gather, set(schema_url).or(snake_url))?,
                attributes: self::attributes(gather, attributes)?,
            };
            Some(gather.scope(read))
        }
        None => None,
    };
    let Some(spans) = set(spans) else { return Ok(()) };
    for field in spans.list()?.elements() {
        match span(gather, field).map_err(|wrong| wrong.in_span(field, "name")) {
            Ok(span) => gather.push(Span { resource: Arc::clone(resource), scope: scope.clone(), ..span }),
            Err(wrong) => gather.refuse(wrong, |wrong| told(wrong, field))?,
        }
    }
    Ok(())
}

/// What is wrong with a span, for whoever has not got its text.
fn told<'a>(wrong: &Wrong<'a>, span: Field<'a>) -> String {
    let name = wrong.span.as_ref().and_then(|(_, name)| name.as_deref()).unwrap_or_default();
    let (path, expected, found) = (wrong.path_from(span), &wrong.expected, &wrong.found);
    format!("span {:?}, {path}: expected {expected}, found {found}", super::passed_over::beginning(name, 40))
}

/// The text, unless it is empty.
pub(super) fn given(text: Text) -> Option<Text> {
    Some(text).filter(|text| !text.is_empty())
}

/// The values at keys in OTLP's spelling, or in protobuf's.
fn either<'a, const N: usize>(of: Field<'a>, keys: [&str; N], snake: [&str; N]) -> [Option<Field<'a>>; N] {
    let found = of.fields(keys);
    // Most files have one spelling, and what is not there in one is not there in the other.
    if found.iter().flatten().count() == of.entries().count() {
        return found;
    }
    let mut other = of.fields(snake).into_iter();
    found.map(|field| field.or(other.next().flatten()))
}

fn span<'a>(gather: &mut Gather, field: Field<'a>) -> Result<Span, Wrong<'a>> {
    if !field.is_map() {
        return Err(field.wrong("a span: a map with \"traceId\" and \"spanId\""));
    }
    let found = either(
        field,
        [
            "traceId",
            "spanId",
            "traceState",
            "parentSpanId",
            "flags",
            "name",
            "kind",
            "startTimeUnixNano",
            "endTimeUnixNano",
            "attributes",
            "droppedAttributesCount",
            "events",
            "droppedEventsCount",
            "links",
            "droppedLinksCount",
            "status",
        ],
        [
            "trace_id",
            "span_id",
            "trace_state",
            "parent_span_id",
            "flags",
            "name",
            "kind",
            "start_time_unix_nano",
            "end_time_unix_nano",
            "attributes",
            "dropped_attributes_count",
            "events",
            "dropped_events_count",
            "links",
            "dropped_links_count",
            "status",
        ],
    );
    let [trace_id, span_id, found @ ..] = found;
    let trace_id = gather.ids.trace_id(field.needs(trace_id, "traceId")?)?;
    let span_id = gather.ids.span_id(field.needs(span_id, "spanId")?)?;
    let [
        state,
        parent,
        flags,
        name,
        kind,
        start,
        end,
        attributes,
        lost,
        events,
        lost_events,
        links,
        lost_links,
        status,
    ] = found.map(set);
    // What is not written is zero, and so is what was never set.
    let start_is_known = start.is_some();
    let start = time(start)?;
    let end = time(end)?;
    let rare = Rare {
        events: list(events)?.map(|event| event_of(gather, event)).collect::<Result<_, _>>()?,
        links: list(links)?.map(|link| link_of(gather, link)).collect::<Result<_, _>>()?,
        trace_state: gather.text_or_empty(state)?,
        dropped_attributes: count(lost)?,
        dropped_events: count(lost_events)?,
        dropped_links: count(lost_links)?,
    };
    let parent_id = parent.map(|parent| gather.ids.span_id(parent)).transpose()?;
    let kind = kind.map(kind_of).transpose()?.flatten();
    Ok(Span {
        name: gather.text_or_empty(name)?,
        trace_id,
        span_id,
        parent_id: parent_id.filter(|id| *id != SpanId::INVALID),
        kind_is_known: kind.is_some(),
        kind: kind.unwrap_or(SpanKind::Internal),
        status: status.map_or(Ok(Status::Unset), |status| status_of(gather, status))?,
        start,
        start_is_known,
        end: Some(end).filter(|end| *end != Timestamp::EPOCH),
        started: 0,
        attributes: self::attributes(gather, attributes)?,
        resource: Resource::none(),
        scope: None,
        flags: count(flags)?,
        rare: rare.boxed(),
    })
}

/// The elements of a list, if there is one.
fn list<'a>(field: Option<Field<'a>>) -> Result<impl Iterator<Item = Field<'a>> + use<'a>, Wrong<'a>> {
    let list = set(field).map(Field::list).transpose()?;
    Ok(list.into_iter().flat_map(Field::elements))
}

fn event_of<'a>(gather: &mut Gather, event: Field<'a>) -> Result<Event, Wrong<'a>> {
    let [time, name, attributes] =
        either(event.map()?, ["timeUnixNano", "name", "attributes"], ["time_unix_nano", "name", "attributes"]);
    let timestamp = self::time(set(time))?;
    Ok(Event { name: gather.text_or_empty(name)?, timestamp, attributes: self::attributes(gather, attributes)? })
}

fn link_of<'a>(gather: &mut Gather, link: Field<'a>) -> Result<Link, Wrong<'a>> {
    let [trace_id, span_id, state, attributes, flags] = either(
        link.map()?,
        ["traceId", "spanId", "traceState", "attributes", "flags"],
        ["trace_id", "span_id", "trace_state", "attributes", "flags"],
    );
    Ok(Link {
        trace_id: set(trace_id).map_or(Ok(TraceId::INVALID), |id| gather.ids.trace_id(id))?,
        span_id: set(span_id).map_or(Ok(SpanId::INVALID), |id| gather.ids.span_id(id))?,
        trace_state: gather.text_or_empty(state)?,
        attributes: self::attributes(gather, attributes)?,
        flags: count(set(flags))?,
    })
}

fn status_of<'a>(gather: &mut Gather, status: Field<'a>) -> Result<Status, Wrong<'a>> {
    let [code, message] = status.map()?.fields(["code", "message"]);
    let Some(code) = set(code) else { return Ok(Status::Unset) };
    let number = match code.str() {
        Some(name) => CODES.iter().position(|known| *known == name).or_else(|| name.parse().ok()),
        None => code.unsigned().and_then(|number| usize::try_from(number).ok()),
    };
    match number {
        Some(0) => Ok(Status::Unset),
        Some(1) => Ok(Status::Ok),
        Some(2) => Ok(Status::Error { description: gather.text_or_empty(message)? }),
        _ => Err(code.wrong("a status code: 0 to 2, or one of \"STATUS_CODE_UNSET\", …OK, …ERROR")),
    }
}

/// The attributes of a list of keys and values.
fn attributes<'a>(gather: &mut Gather, field: Option<Field<'a>>) -> Result<Attributes, Wrong<'a>> {
    let Some(list) = set(field) else { return Ok(Attributes::new()) };
    key_values(gather, list).map(Attributes::from_entries)
}

fn key_values<'a>(gather: &mut Gather, list: Field<'a>) -> Result<Vec<(Text, Value)>, Wrong<'a>> {
    let mut entries = Vec::with_capacity(list.list()?.elements().count());
    for entry in list.elements() {
        let [key, value] = entry.map()?.fields(["key", "value"]);
        let key = gather.text(entry.needs(key, "key")?)?;
        entries.push((key, set(value).map_or(Ok(Value::Null), |value| any_value(gather, value))?));
    }
    Ok(entries)
}

/// An `AnyValue`: a map with one key, which says its type.
fn any_value<'a>(gather: &mut Gather, of: Field<'a>) -> Result<Value, Wrong<'a>> {
    for (key, value) in of.map()?.entries().filter(|(_, value)| !value.is_null()) {
        return match &*key {
            "stringValue" | "string_value" => Ok(Value::Str(gather.text(value)?)),
            "boolValue" | "bool_value" => match value.word() {
                Some("true") => Ok(Value::Bool(true)),
                Some("false") => Ok(Value::Bool(false)),
                _ => Err(value.wrong("true or false")),
            },
            "intValue" | "int_value" => {
                let digits = value.word().map(str::to_owned).or_else(|| value.str().map(|text| text.into_owned()));
                let number = digits.and_then(|digits| digits.parse().ok());
                number.map(Value::Int).ok_or_else(|| value.wrong("a whole number of 64 bits, or its digits"))
            }
            "doubleValue" | "double_value" => {
                let read = match value.str() {
                    Some(text) => text.parse().ok(),
                    None => value.value(&mut gather.texts).as_f64(),
                };
                read.map(Value::Float).ok_or_else(|| value.wrong("a number, or its text"))
            }
            "arrayValue" | "array_value" => {
                // Rust's opentelemetry-stdout wrote the list itself.
                let values = if value.is_list() { Some(value) } else { value.map()?.get("values") };
                let values = values.map(Field::list).transpose()?;
                let elements = values.into_iter().flat_map(Field::elements);
                elements.map(|element| any_value(gather, element)).collect::<Result<Vec<_>, _>>().map(Value::from)
            }
            "kvlistValue" | "kvlist_value" => {
                let values = if value.is_list() { Some(value) } else { value.map()?.get("values") };
                let entries = values.map_or(Ok(Vec::new()), |values| key_values(gather, values))?;
                Ok(entries.into_iter().collect::<Map>().into())
            }
            "bytesValue" | "bytes_value" => Ok(Value::Str(gather.text(value)?)),
            _ => continue,
        };
    }
    Ok(Value::Null)
}

/// The time, the epoch if there is none.
fn time(field: Option<Field<'_>>) -> Result<Timestamp, Wrong<'_>> {
    let Some(time) = field else { return Ok(Timestamp::EPOCH) };
    time.unsigned().map(Timestamp::from_unix_ns).ok_or_else(|| time.wrong("nanoseconds since 1970, or their digits"))
}

fn count(field: Option<Field<'_>>) -> Result<u32, Wrong<'_>> {
    let Some(count) = field else { return Ok(0) };
    let number = count.unsigned().and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| count.wrong("a number of 32 bits"))
}

/// The kind; none where it says that nobody said.
fn kind_of(kind: Field<'_>) -> Result<Option<SpanKind>, Wrong<'_>> {
    let found = match kind.str() {
        Some(name) => KINDS.iter().position(|(known, _)| name == *known),
        None => kind.unsigned().and_then(|number| usize::try_from(number).ok()),
    };
    match found.and_then(|at| Some((at, KINDS.get(at)?))) {
        Some((at, (_, kind))) => Ok((at > 0).then(|| kind.clone())),
        None => {
            Err(kind.wrong("a kind: 0 to 5, or one of \"SPAN_KIND_INTERNAL\", …SERVER, …CLIENT, …PRODUCER, …CONSUMER"))
        }
    }
}
