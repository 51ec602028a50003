//! What a JSON object of a file is.

use super::field::{Field, Wrong};
use super::gather::Gather;
use super::otlp_json_read::{RESOURCE_LISTS, SCOPE_LISTS};
use super::{
    NoSpan, TraceFormat, console_read, jaeger_read, otlp_json_read, skyspan_read, stdouttrace_read, zipkin_read,
};

/// With one of these keys an object begins that can only be a trace, or a part of one. Where it is no JSON, that is an error, and
/// not a line that somebody printed.
const FIRST_KEYS: [&str; 19] = [
    "name",
    "context",
    "Name",
    "SpanContext",
    "resourceSpans",
    "resource_spans",
    "batches",
    "trace",
    "result",
    "resource",
    "scopeSpans",
    "scope_spans",
    "instrumentationLibrarySpans",
    "data",
    "spans",
    "processes",
    "traceID",
    "traceId",
    "spanID",
];

/// Whether the object that begins at the start of a text is a trace or a part of one, by its first key.
pub(super) fn begins_item(text: &str) -> bool {
    let key = text.strip_prefix('{').map(str::trim_start).and_then(|text| text.strip_prefix('"'));
    let key = key.and_then(|text| text.split_once('"'));
    key.is_some_and(|(key, _)| FIRST_KEYS.contains(&key))
}

/// What an object of a file is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Item {
    /// Spans, in this format.
    Of(TraceFormat),
    /// Something that is no span.
    Other(NoSpan),
}

/// Keys that tell one object from another.
#[derive(Default)]
struct Keys(u32);

impl Keys {
    /// What a span of console JSON has beside its name and context.
    const OF_CONSOLE: [&'static str; 7] =
        ["parent_id", "start_time", "end_time", "status", "attributes", "events", "links"];
    const KNOWN: [(&'static [&'static str], u32); 11] = [
        (&["name"], Self::NAME),
        (&["context"], Self::CONTEXT),
        (&["Name", "SpanContext"], Self::OF_GO),
        (&["traceID"], Self::JAEGER_TRACE),
        (&["spanID", "operationName"], Self::JAEGER_SPAN),
        (&["spans"], Self::SPANS),
        (&["data", "total", "limit", "offset", "errors"], Self::ANSWER),
        (&["traceId"], Self::TRACE_ID),
        (&["id"], Self::ID),
        (&["_source"], Self::SOURCE),
        (&["version"], Self::VERSION),
    ];
    const NAME: u32 = 1;
    const CONTEXT: u32 = 1 << 1;
    const OF_GO: u32 = 1 << 3;
    const JAEGER_TRACE: u32 = 1 << 4;
    const JAEGER_SPAN: u32 = 1 << 5;
    const SPANS: u32 = 1 << 6;
    const ANSWER: u32 = 1 << 7;
    const TRACE_ID: u32 = 1 << 8;
    const ID: u32 = 1 << 9;
    const SOURCE: u32 = 1 << 10;
    const VERSION: u32 = 1 << 11;

    fn of(field: Field<'_>) -> Self {
        let bits = |key: &str| Self::KNOWN.iter().find(|(keys, _)| keys.contains(&key)).map_or(0, |(_, bit)| *bit);
        Self(field.entries().fold(0, |all, (key, _)| all | bits(&key)))
    }

    fn has(&self, bits: u32) -> bool {
        self.0 & bits == bits
    }
}

impl Item {
    /// What an object is.
    pub(super) fn of(field: Field<'_>) -> Self {
        if !field.is_map() {
            return Self::Other(NoSpan::Object);
        }
        // As Python prints it; there may be millions of them.
        let mut first = field.entries().map(|(key, _)| key);
        if first.next().as_deref() == Some("name") && first.next().as_deref() == Some("context") {
            return Self::Of(TraceFormat::Console);
        }
        let keys = Keys::of(field);
        if keys.has(Keys::NAME | Keys::CONTEXT) {
            return Self::Of(TraceFormat::Console);
        }
        if let Some(item) = Self::of_signal(field) {
            return item;
        }
        if keys.has(Keys::VERSION | Keys::SPANS) && !keys.has(Keys::JAEGER_TRACE) && field.entries().count() == 2 {
            return Self::Of(TraceFormat::Skyspan);
        }
        let hits = field.get("hits").is_some_and(|hits| hits.is_list() || hits.get("hits").is_some());
        let is_document = |field: Field<'_>| field.get("traceID").is_some() && field.get("spanID").is_some();
        if keys.has(Keys::JAEGER_TRACE | Keys::JAEGER_SPAN)
            || keys.has(Keys::SPANS | Keys::JAEGER_TRACE)
            || (keys.has(Keys::SPANS) && field.get("processes").is_some())
            || (keys.has(Keys::ANSWER) && Self::is_answer(field))
            || (keys.has(Keys::SOURCE) && field.get("_source").is_some_and(is_document))
            || hits
        {
            return Self::Of(TraceFormat::Jaeger);
        }
        if keys.has(Keys::TRACE_ID | Keys::ID) && field.get("binaryAnnotations").is_none() {
            return Self::Of(TraceFormat::Zipkin);
        }
        if keys.has(Keys::OF_GO) && field.get("SpanContext").is_some_and(|context| context.is_map()) {
            return Self::Of(TraceFormat::GoStdout);
        }
        // A span that lacks one of the two is no line that somebody printed, but wrong.
        let of_console = || field.entries().filter(|(key, _)| Keys::OF_CONSOLE.contains(&key.as_ref())).count();
        if (keys.has(Keys::NAME) && !keys.has(Keys::TRACE_ID) && of_console() > 2)
            || (keys.has(Keys::CONTEXT) && field.get("context").is_some_and(|context| context.get("span_id").is_some()))
        {
            return Self::Of(TraceFormat::Console);
        }
        Self::Other(NoSpan::Object)
    }

    /// What an object of OTLP is, or of what prints its messages.
    fn of_signal(field: Field<'_>) -> Option<Self> {
        for (key, value) in field.entries() {
            let item = match &*key {
                "resourceMetrics" | "resource_metrics" | "scopeMetrics" | "scope_metrics" => {
                    Self::Other(NoSpan::Metrics)
                }
                "resourceLogs" | "resource_logs" | "scopeLogs" | "scope_logs" => Self::Other(NoSpan::Logs),
                "resourceProfiles" | "resource_profiles" => Self::Other(NoSpan::Profiles),
                // Of Python's console log exporter.
                "severity_number" | "severity_text" if field.get("body").is_some() => Self::Other(NoSpan::Logs),
                key if RESOURCE_LISTS.contains(&key) => Self::Of(TraceFormat::OtlpJson),
                key if SCOPE_LISTS.iter().any(|(list, _)| *list == key) => Self::Of(TraceFormat::OtlpJson),
                "trace" | "result" if value.is_map() && Self::holds_resources(value) => Self::Of(TraceFormat::OtlpJson),
                _ => continue,
            };
            return Some(item);
        }
        None
    }

    /// Whether it is what an answer has around: empty where there is no such trace.
    fn holds_resources(inner: Field<'_>) -> bool {
        inner.entries().next().is_none() || inner.entries().any(|(key, _)| RESOURCE_LISTS.contains(&key.as_ref()))
    }

    /// Whether it is an answer of Jaeger with traces, or with errors in their place.
    fn is_answer(field: Field<'_>) -> bool {
        match field.get("data") {
            Some(data) => data.is_list() && data.elements().all(|of_trace| of_trace.get("spans").is_some()),
            None => {
                field.get("errors").is_some_and(|errors| errors.is_list())
                    || field.entries().any(|(key, _)| key == "total")
            }
        }
    }
}

/// Reads the spans of an object.
pub(super) fn read<'a>(gather: &mut Gather, format: TraceFormat, field: Field<'a>) -> Result<(), Wrong<'a>> {
    match format {
        TraceFormat::Jaeger => jaeger_read::answer(gather, field),
        TraceFormat::Zipkin => zipkin_read::span(gather, field),
        TraceFormat::GoStdout => stdouttrace_read::span(gather, field),
        TraceFormat::OtlpJson => otlp_json_read::request(gather, field),
        TraceFormat::Skyspan => skyspan_read::trace(gather, field),
        _ => console_read::span(gather, field),
    }
}
