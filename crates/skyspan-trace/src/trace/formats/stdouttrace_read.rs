//! What Go's `stdouttrace` prints, read.

use std::borrow::Cow;

use opentelemetry::trace::{SpanId, SpanKind, TraceId};

use super::field::{Field, Wrong, set};
use super::gather::Gather;
use super::id_text::hexadecimal;
use super::otlp_json_read::given;
use crate::trace::{Attributes, Event, Link, ReadError, Resource, Scope, Span, Status, Trace};
use crate::value::{Text, Timestamp, Value};

/// The kinds by their numbers in Go.
const KINDS: [SpanKind; 6] = [
    SpanKind::Internal,
    SpanKind::Internal,
    SpanKind::Server,
    SpanKind::Client,
    SpanKind::Producer,
    SpanKind::Consumer,
];

/// A time that nobody set.
const NO_TIME: &str = "0001-01-01T00:00:00Z";

impl Trace {
    /// Reads what Go's exporter `stdouttrace` prints: a JSON object for each span, one after another, pretty or one a line.
    ///
    /// `Name` and `SpanContext` with its two ids must be there; other keys may be missing or `null`. Times are exact, whatever
    /// their offset from UTC. What events and links say of dropped attributes is not kept.
    ///
    /// # Errors
    ///
    /// [`ReadError`] where the text is not JSON, or not as Go has it: with line and column, what was expected, what was found,
    /// and which span.
    ///
    /// ```
    /// use skyspan_trace::trace::Trace;
    ///
    /// let trace = Trace::from_go_stdout(
    ///     r#"{"Name": "f", "SpanContext": {"TraceID": "e89af93f0a28c5f0788622feb0cba541", "SpanID": "73578ecc105d4ea8",
    ///         "TraceFlags": "01"}, "SpanKind": 3, "StartTime": "2023-06-02T11:55:21.379888-07:00",
    ///         "EndTime": "2023-06-02T11:55:21.379895125-07:00",
    ///         "Attributes": [{"Key": "n", "Value": {"Type": "INT64", "Value": 5}}]}"#,
    /// )?;
    /// let f = trace.named("f").next().unwrap();
    /// assert_eq!((f.signed_duration_ns(), f.attr("n"), f.flags()), (Some(7125), Some(&5.into()), 1));
    /// # Ok::<(), skyspan_trace::trace::ReadError>(())
    /// ```
    pub fn from_go_stdout(text: &str) -> Result<Self, ReadError> {
        super::text_read::trace_of(text, span)
    }
}

/// Reads one span from its JSON object.
pub(super) fn span<'a>(gather: &mut Gather, field: Field<'a>) -> Result<(), Wrong<'a>> {
    let span = read(gather, field).map_err(|wrong| wrong.in_span(field, "Name"))?;
    gather.push(span);
    Ok(())
}

fn read<'a>(gather: &mut Gather, field: Field<'a>) -> Result<Span, Wrong<'a>> {
    if !field.is_map() {
        return Err(field.wrong("a span: a map with \"Name\" and \"SpanContext\""));
    }
    let name = gather.text(field.required("Name")?)?;
    let context = context_of(field.required("SpanContext")?)?;
    let [parent, old_parent, kind, start, end, attributes, events, links, status] = field
        .fields([
            "Parent",
            "ParentSpanID",
            "SpanKind",
            "StartTime",
            "EndTime",
            "Attributes",
            "Events",
            "Links",
            "Status",
        ])
        .map(set);
    let mut span = Span::builder(name)
        .trace_id(context.trace_id)
        .span_id(context.span_id)
        .flags(context.flags)
        .trace_state(context.state);
    if let Some(parent) = parent {
        span = span.parent_id(context_of(parent)?.span_id);
    } else if let Some(parent) = old_parent {
        span = span.parent_id(SpanId::from_bytes(id(parent)?));
    }
    if let Some(kind) = kind {
        let known = kind.unsigned().and_then(|number| KINDS.get(usize::try_from(number).ok()?));
        span = span.kind(known.ok_or_else(|| kind.wrong("a kind: 0 to 5"))?.clone());
    }
    span = match start.map(time).transpose()?.flatten() {
        Some(start) => span.start(start),
        None => span.unknown_start(),
    };
    if let Some(end) = end.map(time).transpose()?.flatten() {
        span = span.end(end);
    }
    for event in list(events)? {
        let [name, timestamp, attributes] = event.map()?.fields(["Name", "Time", "Attributes"]).map(set);
        let timestamp = timestamp.map(time).transpose()?.flatten().unwrap_or(Timestamp::EPOCH);
        let name = gather.text_or_empty(name)?;
        span = span.event(Event { name, timestamp, attributes: self::attributes(gather, attributes)? });
    }
    for link in list(links)? {
        let context = context_of(link.required("SpanContext")?)?;
        let attributes = self::attributes(gather, link.get("Attributes"))?;
        let link = Link::new(context.trace_id, context.span_id).with_attributes(attributes);
        span = span.link(link.with_trace_state(context.state).with_flags(context.flags));
    }
    if let Some(status) = status {
        span = span.status(status_of(gather, status)?);
    }
    let count = |key| match field.get(key) {
        None => Ok(0),
        Some(count) => {
            let number = count.unsigned().and_then(|number| u32::try_from(number).ok());
            number.ok_or_else(|| count.wrong("a number of 32 bits"))
        }
    };
    span = span.dropped(count("DroppedAttributes")?, count("DroppedEvents")?, count("DroppedLinks")?);
    if let Some(scope) = field.get("InstrumentationScope").or_else(|| field.get("InstrumentationLibrary")) {
        let [name, version, schema_url, attributes] =
            scope.map()?.fields(["Name", "Version", "SchemaURL", "Attributes"]);
        let scope = Scope {
            name: gather.text_or_empty(name)?,
            version: given(gather.text_or_empty(version)?),
            schema_url: given(gather.text_or_empty(schema_url)?),
            attributes: self::attributes(gather, set(attributes))?,
        };
        span = span.scope(gather.scope(scope));
    }
    if let Some(resource) = field.get("Resource") {
        let resource = gather.resource_of(resource, |gather, field| {
            Ok(Resource { attributes: self::attributes(gather, Some(field))?, schema_url: Text::default() })
        })?;
        span = span.resource(resource);
    }
    Ok(span.attributes(self::attributes(gather, attributes)?).build())
}

fn list<'a>(field: Option<Field<'a>>) -> Result<impl Iterator<Item = Field<'a>> + use<'a>, Wrong<'a>> {
    Ok(field.map(Field::list).transpose()?.into_iter().flat_map(Field::elements))
}

/// What Go calls a span context.
struct GoSpanContext {
    trace_id: TraceId,
    span_id: SpanId,
    flags: u32,
    state: Text,
}

fn context_of(context: Field<'_>) -> Result<GoSpanContext, Wrong<'_>> {
    let [trace_id, span_id, flags, state] = context.map()?.fields(["TraceID", "SpanID", "TraceFlags", "TraceState"]);
    let flags = match set(flags) {
        None => 0,
        Some(flags) => {
            // Digits of a byte; before 1.0 a number.
            let read = match flags.str() {
                Some(digits) => u32::from_str_radix(&digits, 16).ok(),
                None => flags.unsigned().and_then(|number| u32::try_from(number).ok()),
            };
            read.ok_or_else(|| flags.wrong("two hexadecimal digits"))?
        }
    };
    // Before 1.0 a list of entries, or null.
    let state = set(state).and_then(|state| state.str()).map(|state| Text::from(&*state)).unwrap_or_default();
    Ok(GoSpanContext {
        trace_id: TraceId::from_bytes(id(context.needs(trace_id, "TraceID")?)?),
        span_id: SpanId::from_bytes(id(context.needs(span_id, "SpanID")?)?),
        flags,
        state,
    })
}

fn id<'a, const N: usize>(field: Field<'a>) -> Result<[u8; N], Wrong<'a>> {
    let id = field.str().and_then(|text| hexadecimal(&text));
    id.ok_or_else(|| field.wrong(format!("{} hexadecimal digits", 2 * N)))
}

/// A time, unless it is the one that nobody set.
fn time(field: Field<'_>) -> Result<Option<Timestamp>, Wrong<'_>> {
    let text = field.str().unwrap_or(Cow::Borrowed(""));
    if text == NO_TIME {
        return Ok(None);
    }
    let time = text.parse().ok();
    time.map(Some).ok_or_else(|| field.wrong("a time since 1970 such as \"2023-06-02T11:55:21.379888-07:00\""))
}

fn status_of<'a>(gather: &mut Gather, status: Field<'a>) -> Result<Status, Wrong<'a>> {
    let [code, description] = status.map()?.fields(["Code", "Description"]);
    let Some(code) = set(code) else { return Ok(Status::Unset) };
    // Before 1.0 a number, with the error before the success.
    match code.str().as_deref().or_else(|| code.word()) {
        Some("Unset" | "0") => Ok(Status::Unset),
        Some("Ok" | "2") => Ok(Status::Ok),
        Some("Error" | "1") => Ok(Status::Error { description: gather.text_or_empty(description)? }),
        _ => Err(code.wrong("one of \"Unset\", \"Ok\", \"Error\"")),
    }
}

/// The attributes of a list of keys and typed values.
fn attributes<'a>(gather: &mut Gather, field: Option<Field<'a>>) -> Result<Attributes, Wrong<'a>> {
    let mut entries = Vec::new();
    for entry in list(field)? {
        let key = gather.text(entry.required("Key")?)?;
        let [kind, value] = entry.required("Value")?.map()?.fields(["Type", "Value"]);
        let value = set(value).map_or(Value::Null, |value| value.value(&mut gather.texts));
        let is_float = kind.and_then(|kind| kind.str()).is_some_and(|kind| kind.starts_with("FLOAT64"));
        entries.push((key, if is_float { floats(value) } else { value }));
    }
    Ok(Attributes::from_entries(entries))
}

/// Go writes 5.0 as `5`.
fn floats(value: Value) -> Value {
    match value {
        Value::Array(elements) => elements.iter().cloned().map(floats).collect(),
        number => number.as_f64().map_or(number, Value::Float),
    }
}
