//! The console JSON, read.

use std::borrow::Cow;

use opentelemetry::trace::{SpanId, SpanKind, TraceId};

use super::console_time::from_console;
use super::console_write::kind_name;
use super::field::{Field, Wrong, set};
use super::gather::Gather;
use super::id_text::hexadecimal;
use crate::trace::span::Rare;
use crate::trace::{Event, Link, ReadError, Resource, Span, Status, Trace, trace_state};
use crate::value::{Text, Timestamp};

const KINDS: [SpanKind; 5] =
    [SpanKind::Internal, SpanKind::Server, SpanKind::Client, SpanKind::Producer, SpanKind::Consumer];

impl Trace {
    /// Reads what Python's console exporter prints: a JSON object for each span, one after another, with any white space
    /// within and between; also a list of such objects, and one object a line. Nothing else may stand there;
    /// [`Trace::read`] takes it with what a program prints beside its spans.
    ///
    /// `name` and `context` with its two ids must be there. Other keys may be missing or `null`, and are then as
    /// OpenTelemetry has it by default: kind `INTERNAL`, status `UNSET`, no parent, no known start, never ended, no
    /// attributes, events or links, an empty resource. Keys that are not known are passed over, and so is the
    /// description of a status that is no error, which the specification says to ignore. A parent need not be there.
    ///
    /// What Python's SDK 1.45.2 wrote of a tracer's spans is given back byte for byte by
    /// [`to_console_json`](Self::to_console_json), for times up to the year 2106; later ones are too coarse in Python's
    /// floats. (A `ReadableSpan` made by hand, without attributes, prints `null` for them; this gives back `{}`.) Python prints
    /// the text of the epoch for times of 1 to 499 ns after it, and `null` for the epoch itself: the text is read as 1 ns.
    ///
    /// Older SDKs are read as well: before 1.12 a resource is the map of its attributes, before 1.0 a status has a
    /// `canonical_code`, of which `OK` is unset, as nobody had to say it, and all others are errors.
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
        super::text_read::trace_of(text, span)
    }
}

/// Reads one span from its JSON object.
pub(super) fn span<'a>(gather: &mut Gather, field: Field<'a>) -> Result<(), Wrong<'a>> {
    let span = read(gather, field).map_err(|wrong| wrong.in_span(field, "name"))?;
    gather.push(span);
    Ok(())
}

fn read<'a>(gather: &mut Gather, field: Field<'a>) -> Result<Span, Wrong<'a>> {
    if !field.is_map() {
        return Err(field.wrong("a span: a map with \"name\" and \"context\""));
    }
    let [name, context, kind, parent, start, end, status, attributes, events, links, resource] = field.fields([
        "name",
        "context",
        "kind",
        "parent_id",
        "start_time",
        "end_time",
        "status",
        "attributes",
        "events",
        "links",
        "resource",
    ]);
    let name = gather.text(field.needs(name, "name")?)?;
    let (trace_id, span_id, state) = context_of(field.needs(context, "context")?)?;
    let kind = set(kind).map_or(Ok(SpanKind::Internal), kind_of)?;
    let parent_id = match set(parent) {
        Some(parent) => Some(SpanId::from_bytes(id(parent)?)).filter(|id| *id != SpanId::INVALID),
        None => None,
    };
    let start = set(start).map(time).transpose()?;
    let end = set(end).map(time).transpose()?;
    let (status, is_of_0) = set(status).map_or(Ok((Status::Unset, false)), |status| status_of(gather, status))?;
    let rare = Rare {
        events: list(set(events))?.map(|event| event_of(gather, event)).collect::<Result<_, _>>()?,
        links: list(set(links))?.map(|link| link_of(gather, link)).collect::<Result<_, _>>()?,
        // The SDK of then has a dict there.
        trace_state: if is_of_0 && state == "{}" { Text::default() } else { state },
        ..Rare::default()
    };
    Ok(Span {
        name,
        trace_id,
        span_id,
        parent_id,
        kind,
        kind_is_known: true,
        status,
        start: start.unwrap_or(Timestamp::EPOCH),
        start_is_known: start.is_some(),
        end,
        started: 0,
        attributes: gather.attributes_of_map(attributes)?,
        resource: match set(resource) {
            Some(resource) => gather.resource_of(resource, resource_of)?,
            None => Resource::none(),
        },
        scope: None,
        flags: 0,
        rare: rare.boxed(),
    })
}

/// The elements of a list, if there is one.
fn list<'a>(field: Option<Field<'a>>) -> Result<impl Iterator<Item = Field<'a>> + use<'a>, Wrong<'a>> {
    let list = field.map(Field::list).transpose()?;
    Ok(list.into_iter().flat_map(Field::elements))
}

/// Python prints `0x` before an id; before 1.12 not before that of a parent.
fn id<'a, const N: usize>(field: Field<'a>) -> Result<[u8; N], Wrong<'a>> {
    let id = field.str().and_then(|text| hexadecimal(text.strip_prefix("0x").unwrap_or(&text)));
    id.ok_or_else(|| field.wrong(format!("`0x` and {} hexadecimal digits", 2 * N)))
}

fn context_of<'a>(context: Field<'a>) -> Result<(TraceId, SpanId, Text), Wrong<'a>> {
    let [trace_id, span_id, state] = context.fields(["trace_id", "span_id", "trace_state"]);
    let trace_id = TraceId::from_bytes(id(context.needs(trace_id, "trace_id")?)?);
    let span_id = SpanId::from_bytes(id(context.needs(span_id, "span_id")?)?);
    let state = set(state).map_or(Ok(Cow::Borrowed("[]")), Field::string)?;
    Ok((trace_id, span_id, if state == "[]" { Text::default() } else { trace_state::from_python(&state) }))
}

/// The status, and whether it is one of the SDK before 1.0.
fn status_of<'a>(gather: &mut Gather, status: Field<'a>) -> Result<(Status, bool), Wrong<'a>> {
    let [code, canonical, description] = status.map()?.fields(["status_code", "canonical_code", "description"]);
    if let (None, Some(canonical)) = (set(code), set(canonical)) {
        let status = match &*canonical.string()? {
            "OK" => Status::Unset,
            _ => Status::Error { description: gather.text_or_empty(description)? },
        };
        return Ok((status, true));
    }
    let Some(code) = set(code) else { return Ok((Status::Unset, false)) };
    let status = match code.str().as_deref() {
        Some("UNSET") => Status::Unset,
        Some("OK") => Status::Ok,
        Some("ERROR") => Status::Error { description: gather.text_or_empty(description)? },
        _ => return Err(code.wrong("one of \"UNSET\", \"OK\", \"ERROR\"")),
    };
    Ok((status, false))
}

fn event_of<'a>(gather: &mut Gather, event: Field<'a>) -> Result<Event, Wrong<'a>> {
    let [name, timestamp, attributes] = event.fields(["name", "timestamp", "attributes"]);
    let name = gather.text(event.needs(name, "name")?)?;
    let found = event.needs(timestamp, "timestamp")?;
    let timestamp = found.str().and_then(|text| text.parse().ok()).ok_or_else(|| no_time(found))?;
    Ok(Event { name, timestamp, attributes: gather.attributes_of_map(attributes)? })
}

fn link_of<'a>(gather: &mut Gather, link: Field<'a>) -> Result<Link, Wrong<'a>> {
    let [context, attributes] = link.fields(["context", "attributes"]);
    let (trace_id, span_id, trace_state) = context_of(link.needs(context, "context")?)?;
    Ok(Link { trace_id, span_id, trace_state, attributes: gather.attributes_of_map(attributes)?, flags: 0 })
}

fn resource_of<'a>(gather: &mut Gather, resource: Field<'a>) -> Result<Resource, Wrong<'a>> {
    let [attributes, schema_url] = resource.map()?.fields(["attributes", "schema_url"]);
    let is_flat = resource.entries().any(|(key, value)| match &*key {
        "attributes" => !value.is_map() && value.str().is_some(),
        "schema_url" => false,
        _ => true,
    });
    if is_flat {
        return Ok(Resource { attributes: gather.attributes_of_map(Some(resource))?, schema_url: Text::default() });
    }
    let attributes = gather.attributes_of_map(attributes)?;
    Ok(Resource { attributes, schema_url: gather.text_or_empty(schema_url)? })
}

fn time<'a>(field: Field<'a>) -> Result<Timestamp, Wrong<'a>> {
    field.str().and_then(|text| from_console(&text)).ok_or_else(|| no_time(field))
}

fn no_time(field: Field<'_>) -> Wrong<'_> {
    field.wrong("a time since 1970 such as \"2024-06-18T08:40:56.377673Z\"")
}

fn kind_of(field: Field<'_>) -> Result<SpanKind, Wrong<'_>> {
    let name = field.str();
    let kind = KINDS.into_iter().find(|kind| name.as_deref() == Some(kind_name(kind)));
    kind.ok_or_else(|| field.wrong("a kind: one of \"SpanKind.INTERNAL\", SERVER, CLIENT, PRODUCER, CONSUMER"))
}
