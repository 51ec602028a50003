//! OTLP in protobuf, read.

use std::ops::Range;
use std::sync::Arc;

use opentelemetry::trace::{SpanId, SpanKind, TraceId};
use opentelemetry_proto::tonic::common::v1::any_value::Value as AnyValue;
use opentelemetry_proto::tonic::common::v1::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource as ProtoResource;
use opentelemetry_proto::tonic::trace::v1 as proto;
use prost::Message;

use super::gather::Gather;
use super::otlp_json_read::{KINDS, given};
use super::read_error::UP_TO_CUT;
use super::{ReadError, ReadProblem};
use crate::trace::span::Rare;
use crate::trace::{Attributes, Event, Link, Resource, Scope, Span, Status, Trace};
use crate::value::{Map, Text, Timestamp, Value};

/// The field of a request that has the spans of a resource, and that of a resource that has those of a scope.
const RESOURCE_SPANS: u32 = 1;
const SCOPE_SPANS: u32 = 2;
/// The field of those that has a span.
const SPANS: u32 = 2;
/// What scopes were before OTLP 0.15; of the same shape.
const LIBRARY_SPANS: u32 = 1000;

impl Trace {
    /// Reads OTLP in protobuf: an `ExportTraceServiceRequest` or `TracesData`, one or several of them, each behind its length (as
    /// a varint, as protobuf's own tools write a stream; in four bytes, as the collector's file exporter does; or as gRPC frames
    /// it), and what Tempo answers.
    ///
    /// What it gives is what [`from_otlp_json`](Self::from_otlp_json) gives of the same spans. Bytes come as their base64 text. A
    /// start of zero is one that is not known. Values lie at most some 30 deep in one another, as protobuf takes three of its 100
    /// levels for one.
    ///
    /// # Errors
    ///
    /// [`ReadError`] where the bytes are not OTLP, with the place.
    ///
    /// ```
    /// use skyspan_trace::trace::{Span, Trace};
    ///
    /// let trace = Trace::from_spans([Span::builder("request").trace_id(1).span_id(2).attribute("n", 5).unknown_start().build()]);
    /// assert_eq!(Trace::from_otlp_protobuf(&trace.to_otlp_protobuf())?, trace);
    ///
    /// let error = Trace::from_otlp_protobuf(b"\x0a\x03\x12\x01\xff").unwrap_err();
    /// assert!(error.to_string().starts_with("byte 4: expected OTLP in protobuf: "));
    /// # Ok::<(), skyspan_trace::trace::ReadError>(())
    /// ```
    pub fn from_otlp_protobuf(bytes: &[u8]) -> Result<Self, ReadError> {
        let mut gather = Gather::default();
        match messages(bytes, &mut gather, false) {
            Some(read) => read?,
            None if bytes.is_empty() => None,
            None => return Err(super::refusal::binary_refusal(bytes).into()),
        };
        Ok(Self::from_shared(gather.spans))
    }
}

/// A field of a message: its number, and where its bytes are if it has some.
struct WireField {
    number: u32,
    bytes: Option<Range<usize>>,
}

/// The fields of a message, one after another.
struct Wire<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// A message is none, or is cut off.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    Wrong,
    Cut,
}

impl<'a> Wire<'a> {
    const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn varint(&mut self) -> Result<u64, Fault> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = *self.bytes.get(self.at).ok_or(Fault::Cut)?;
            self.at += 1;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Fault::Wrong)
    }

    fn pass(&mut self, length: u64) -> Result<Range<usize>, Fault> {
        let end = usize::try_from(length).ok().and_then(|length| self.at.checked_add(length)).ok_or(Fault::Wrong)?;
        if end > self.bytes.len() {
            return Err(Fault::Cut);
        }
        Ok(std::mem::replace(&mut self.at, end)..end)
    }

    fn field(&mut self) -> Result<WireField, Fault> {
        let key = self.varint()?;
        let number = u32::try_from(key >> 3).ok().filter(|number| *number > 0).ok_or(Fault::Wrong)?;
        let bytes = match key & 7 {
            0 => self.varint().map(|_| None)?,
            1 => self.pass(8).map(|_| None)?,
            2 => {
                let length = self.varint()?;
                Some(self.pass(length)?)
            }
            5 => self.pass(4).map(|_| None)?,
            _ => return Err(Fault::Wrong),
        };
        Ok(WireField { number, bytes })
    }
}

impl Iterator for Wire<'_> {
    type Item = Result<WireField, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.at = self.bytes.len();
        }
        Some(field)
    }
}

/// Whether a message is the spans of a resource, as far as its fields tell.
fn is_resource_spans(bytes: &[u8]) -> bool {
    let is_resource = |bytes: &[u8]| {
        Wire::new(bytes).all(|field| match field {
            Ok(WireField { number: 1 | 3, bytes }) => bytes.is_some(),
            Ok(WireField { number: 2, bytes }) => bytes.is_none(),
            _ => false,
        })
    };
    !bytes.is_empty()
        && Wire::new(bytes).all(|field| match field {
            Ok(WireField { number: 1, bytes: Some(range) }) => is_resource(&bytes[range]),
            Ok(WireField { number: SCOPE_SPANS | LIBRARY_SPANS, bytes }) => bytes.is_some(),
            Ok(WireField { number: 3, bytes: Some(range) }) => std::str::from_utf8(&bytes[range]).is_ok(),
            _ => false,
        })
}

/// How the messages of a file follow one another.
#[derive(Clone, Copy, Debug)]
enum Layout {
    /// There is one, which is all of it.
    One,
    /// Each stands behind its length as a varint.
    Varint,
    /// Each stands behind its length in four bytes.
    Fixed,
    /// Each stands behind a zero and its length in four bytes.
    Grpc,
}

impl Layout {
    /// The layout of a file whose first message is OTLP, and how deep in it.
    fn of(bytes: &[u8]) -> Option<(Self, bool)> {
        [Self::One, Self::Varint, Self::Fixed, Self::Grpc].into_iter().find_map(|layout| {
            let (first, _) = layout.split(bytes, 0).ok()?;
            let mut wire = Wire::new(&bytes[first.clone()]);
            let field = wire.find_map(|field| field.ok().filter(|field| field.number == RESOURCE_SPANS))?;
            let outer = &bytes[first][field.bytes?];
            let within = || {
                let mut fields = Wire::new(outer).peekable();
                fields.peek().is_some()
                    && fields.all(|field| match field {
                        Ok(WireField { number: RESOURCE_SPANS, bytes: Some(range) }) => {
                            is_resource_spans(&outer[range])
                        }
                        _ => false,
                    })
            };
            if is_resource_spans(outer) { Some((layout, false)) } else { within().then_some((layout, true)) }
        })
    }

    /// Where the message is that begins at a place, and where the next begins; where it is cut off, what there is of it.
    fn split(self, bytes: &[u8], at: usize) -> Result<(Range<usize>, usize), Range<usize>> {
        let mut wire = Wire { bytes, at };
        let four = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes).map(u64::from);
        let length = match self {
            Self::One => return Ok((at..bytes.len(), bytes.len())),
            Self::Varint => wire.varint().ok(),
            Self::Fixed => {
                wire.at += 4;
                four(at)
            }
            Self::Grpc => {
                wire.at += 5;
                four(at + 1).filter(|_| bytes[at] == 0)
            }
        };
        let begins = wire.at.min(bytes.len());
        let range = length.and_then(|length| wire.pass(length).ok());
        range.map(|range| (range.clone(), range.end)).ok_or(begins..bytes.len())
    }
}

/// Reads all spans, and gives where the bytes are cut off, if they are and that is allowed. Nothing where they are no OTLP.
pub(super) fn messages(
    bytes: &[u8],
    gather: &mut Gather,
    up_to_cut: bool,
) -> Option<Result<Option<usize>, ReadProblem>> {
    let (layout, is_within) = Layout::of(bytes)?;
    let mut at = 0;
    while at < bytes.len() {
        let (message, next, is_cut) = match layout.split(bytes, at) {
            Ok((message, next)) => (message, next, false),
            Err(rest) => (rest, bytes.len(), true),
        };
        let cut = match request(bytes, message, is_within, gather) {
            Ok(cut) => cut.or(is_cut.then_some(bytes.len())),
            Err(problem) => return Some(Err(problem)),
        };
        match cut {
            Some(_) if !up_to_cut => {
                let problem = format!("it is cut off here, behind {} whole spans ({UP_TO_CUT})", gather.spans.len());
                return Some(Err(ReadProblem::Protobuf { byte: bytes.len(), problem }));
            }
            Some(cut) => return Some(Ok(Some(cut))),
            None => at = next,
        }
    }
    Some(Ok(None))
}

/// Reads the one request that the bytes are.
#[cfg(any(feature = "receive", feature = "store"))]
pub(super) fn whole_request(bytes: &[u8], gather: &mut Gather) -> Result<(), ReadProblem> {
    match request(bytes, 0..bytes.len(), false, gather)? {
        None => Ok(()),
        Some(cut) => Err(ReadProblem::Protobuf { byte: cut, problem: "it is cut off here".to_owned() }),
    }
}

/// Reads what a Tempo answers to a request for a trace, in version 2 of its API (`TraceByIDResponse`), and gives what it says of
/// what is missing, if anything is.
#[cfg(feature = "store")]
pub(super) fn tempo_version_2(bytes: &[u8], gather: &mut Gather) -> Result<Option<String>, ReadProblem> {
    const STATUS: u32 = 3;
    const MESSAGE: u32 = 4;
    let mut partial = None;
    for field in Wire::new(bytes) {
        match field {
            Ok(WireField { number: RESOURCE_SPANS, bytes: Some(trace) }) => {
                if let Some(cut) = request(bytes, trace, false, gather)? {
                    return Err(ReadProblem::Protobuf { byte: cut, problem: "it is cut off here".to_owned() });
                }
            }
            // One that is complete is the first of its kind, and not written.
            Ok(WireField { number: STATUS, .. }) => drop(partial.get_or_insert_with(String::new)),
            Ok(WireField { number: MESSAGE, bytes: Some(message) }) => {
                partial = Some(String::from_utf8_lossy(&bytes[message]).into_owned());
            }
            Ok(_) => {}
            Err(_) => return Err(ReadProblem::Protobuf { byte: 0, problem: "it is no message".to_owned() }),
        }
    }
    Ok(partial)
}

/// Reads a request, and gives where it is cut off, if it is.
fn request(
    bytes: &[u8],
    range: Range<usize>,
    is_within: bool,
    gather: &mut Gather,
) -> Result<Option<usize>, ReadProblem> {
    for field in Wire::new(&bytes[range.clone()]) {
        match field {
            Ok(WireField { number: RESOURCE_SPANS, bytes: Some(inner) }) => {
                let inner = range.start + inner.start..range.start + inner.end;
                if is_within {
                    if let Some(cut) = request(bytes, inner, false, gather)? {
                        return Ok(Some(cut));
                    }
                    continue;
                }
                resource_spans(gather, bytes, inner)
                    .map_err(|WrongPart { byte, problem }| ReadProblem::Protobuf { byte, problem })?;
            }
            // An answer has other fields beside its spans.
            Ok(_) => {}
            Err(Fault::Cut) => return Ok(Some(bytes.len())),
            Err(Fault::Wrong) => {
                return Err(ReadProblem::Protobuf { byte: range.start, problem: "it is no message".to_owned() });
            }
        }
    }
    Ok(None)
}

/// A part of a message is wrong.
struct WrongPart {
    /// Where the part begins in the whole.
    byte: usize,
    problem: String,
}

impl WrongPart {
    fn of(byte: usize) -> impl Fn(String) -> Self {
        move |problem| Self { byte, problem }
    }
}

/// The fields of a message that lies in the whole, with their places there.
fn fields(whole: &[u8], range: Range<usize>) -> impl Iterator<Item = Result<(u32, Option<Range<usize>>), WrongPart>> {
    let begins = range.start;
    Wire::new(&whole[range]).map(move |field| match field {
        Ok(WireField { number, bytes }) => Ok((number, bytes.map(|bytes| begins + bytes.start..begins + bytes.end))),
        Err(_) => Err(WrongPart { byte: begins, problem: "it is no message".to_owned() }),
    })
}

fn decoded<M: Message + Default>(whole: &[u8], range: Range<usize>) -> Result<M, WrongPart> {
    let byte = range.start;
    M::decode(&whole[range]).map_err(|error| WrongPart { byte, problem: error.to_string() })
}

fn text(whole: &[u8], range: Range<usize>) -> Result<&str, WrongPart> {
    let byte = range.start;
    std::str::from_utf8(&whole[range]).map_err(|_| WrongPart { byte, problem: "expected UTF-8".to_owned() })
}

/// Reads the spans of a resource. They are decoded one by one: a message of many would be memory that is given back in another
/// order than it was taken, which takes longer than to decode it.
fn resource_spans(gather: &mut Gather, whole: &[u8], range: Range<usize>) -> Result<(), WrongPart> {
    let (mut resource, mut schema_url, mut scopes) = (ProtoResource::default(), "", Vec::new());
    for field in fields(whole, range) {
        match field? {
            (1, Some(bytes)) => resource = decoded(whole, bytes)?,
            (SCOPE_SPANS | LIBRARY_SPANS, Some(bytes)) => scopes.push(bytes),
            (3, Some(bytes)) => schema_url = text(whole, bytes)?,
            _ => {}
        }
    }
    let attributes = attributes(gather, resource.attributes);
    let resource = match attributes.is_empty() && schema_url.is_empty() {
        true => Resource::none(),
        false => gather.resource(Resource { attributes, schema_url: schema_url.into() }),
    };
    scopes.into_iter().try_for_each(|of_scope| scope_spans(gather, whole, of_scope, &resource))
}

fn scope_spans(
    gather: &mut Gather,
    whole: &[u8],
    range: Range<usize>,
    resource: &Arc<Resource>,
) -> Result<(), WrongPart> {
    let (mut scope, mut schema_url) = (None, "");
    for field in fields(whole, range.clone()) {
        match field? {
            (1, Some(bytes)) => scope = Some(decoded::<InstrumentationScope>(whole, bytes)?),
            (3, Some(bytes)) => schema_url = text(whole, bytes)?,
            _ => {}
        }
    }
    let scope = scope.map(|scope| {
        let read = Scope {
            name: gather.texts.text(&scope.name),
            version: given(gather.texts.text(&scope.version)),
            schema_url: given(gather.texts.text(schema_url)),
            attributes: attributes(gather, scope.attributes),
        };
        gather.scope(read)
    });
    for field in fields(whole, range) {
        let (SPANS, Some(bytes)) = field? else { continue };
        let wrong = WrongPart::of(bytes.start);
        match span(gather, decoded(whole, bytes)?) {
            Ok(span) => gather.push(Span { resource: Arc::clone(resource), scope: scope.clone(), ..span }),
            Err(problem) => gather.refuse(problem, String::clone).map_err(wrong)?,
        }
    }
    Ok(())
}

fn span(gather: &mut Gather, span: proto::Span) -> Result<Span, String> {
    let named = |problem: String| {
        format!(
            "span {:?}: {problem}; metrics and logs in protobuf look alike",
            span.name.chars().take(40).collect::<String>()
        )
    };
    let trace_id = id(&span.trace_id).map(TraceId::from_bytes).map_err(&named)?;
    let span_id = id(&span.span_id).map(SpanId::from_bytes).map_err(&named)?;
    let parent_id = id(&span.parent_span_id).map(SpanId::from_bytes).map_err(&named)?;
    let kind = usize::try_from(span.kind).ok().and_then(|kind| KINDS.get(kind));
    let kind = kind.map_or(SpanKind::Internal, |(_, kind)| kind.clone());
    let status = match span.status {
        Some(proto::Status { code: 1, .. }) => Status::Ok,
        Some(proto::Status { code: 2, message }) => Status::Error { description: gather.texts.text(&message) },
        _ => Status::Unset,
    };
    let mut links = Vec::with_capacity(span.links.len());
    for link in span.links {
        links.push(Link {
            trace_id: TraceId::from_bytes(id(&link.trace_id)?),
            span_id: SpanId::from_bytes(id(&link.span_id)?),
            trace_state: gather.texts.text(&link.trace_state),
            attributes: attributes(gather, link.attributes),
            flags: link.flags,
        });
    }
    let event = |event: proto::span::Event| Event {
        name: gather.texts.text(&event.name),
        timestamp: Timestamp::from_unix_ns(event.time_unix_nano),
        attributes: attributes(gather, event.attributes),
    };
    let events = span.events.into_iter().map(event).collect();
    let rare = Rare {
        events,
        links: links.into(),
        trace_state: gather.texts.text(&span.trace_state),
        dropped_attributes: span.dropped_attributes_count,
        dropped_events: span.dropped_events_count,
        dropped_links: span.dropped_links_count,
    };
    Ok(Span {
        name: gather.texts.text(&span.name),
        trace_id,
        span_id,
        parent_id: Some(parent_id).filter(|id| *id != SpanId::INVALID),
        kind,
        kind_is_known: span.kind != 0,
        status,
        start: Timestamp::from_unix_ns(span.start_time_unix_nano),
        start_is_known: span.start_time_unix_nano != 0,
        end: Some(span.end_time_unix_nano).filter(|end| *end != 0).map(Timestamp::from_unix_ns),
        started: 0,
        attributes: attributes(gather, span.attributes),
        resource: Resource::none(),
        scope: None,
        flags: span.flags,
        rare: rare.boxed(),
    })
}

/// An id of so many bytes; an empty one is none.
fn id<const N: usize>(bytes: &[u8]) -> Result<[u8; N], String> {
    if bytes.is_empty() {
        return Ok([0; N]);
    }
    bytes.try_into().map_err(|_| format!("expected an id of {N} bytes, found {}", bytes.len()))
}

fn attributes(gather: &mut Gather, entries: Vec<KeyValue>) -> Attributes {
    Attributes::from_entries(key_values(gather, entries))
}

fn key_values(gather: &mut Gather, entries: Vec<KeyValue>) -> Vec<(Text, Value)> {
    entries
        .into_iter()
        .map(|entry| (gather.texts.text(&entry.key), value(gather, entry.value.and_then(|value| value.value))))
        .collect()
}

fn value(gather: &mut Gather, of: Option<AnyValue>) -> Value {
    match of {
        None | Some(AnyValue::StringValueStrindex(_)) => Value::Null,
        Some(AnyValue::StringValue(text)) => Value::Str(gather.texts.text(&text)),
        Some(AnyValue::BoolValue(truth)) => Value::Bool(truth),
        Some(AnyValue::IntValue(number)) => Value::Int(number),
        Some(AnyValue::DoubleValue(number)) => Value::Float(number),
        Some(AnyValue::ArrayValue(array)) => {
            Value::Array(array.values.into_iter().map(|element| value(gather, element.value)).collect())
        }
        Some(AnyValue::KvlistValue(list)) => key_values(gather, list.values).into_iter().collect::<Map>().into(),
        Some(AnyValue::BytesValue(bytes)) => Value::Str(super::id_text::to_base64(&bytes).into()),
    }
}
