//! What a file without spans looks to be, and what to do about it.

use super::ReadProblem;
use crate::value::Position;

/// A sort of file that is no trace, or none that is read.
struct Looks {
    /// Whether the beginning of a text is one of these.
    is: fn(&str) -> bool,
    found: &'static str,
    advice: &'static str,
}

const OTLP: &str = "send OTLP instead, or keep it with the collector's file exporter";

/// From the most to the least certain.
const LOOKS: [Looks; 18] = [
    // Its mark begins with that of UTF-16, as which it was read.
    Looks { is: is_utf32, found: "text in UTF-32", advice: "save it as UTF-8" },
    Looks {
        is: is_html,
        found: "a web page (HTML)",
        advice: "perhaps a login page, or the address of a user interface",
    },
    Looks { is: |text| text.starts_with("<?xml") || text.starts_with("<test"), found: "XML", advice: "" },
    Looks {
        is: |text| text.contains("\"traceEvents\"") || (text.contains("\"ph\"") && text.contains("\"ts\"")),
        found: "trace events of Chrome or Perfetto",
        advice: "they do not say which span is whose child, nor its ids; export OTLP or Jaeger's JSON from the same program",
    },
    Looks {
        is: |text| text.contains("speedscope.app/file-format-schema"),
        found: "a profile of speedscope",
        advice: "it has no spans; convert the trace that it was made of",
    },
    Looks {
        is: |text| text.contains("binaryAnnotations"),
        found: "Zipkin JSON of version 1",
        advice: "ask for version 2, at /api/v2/",
    },
    Looks {
        is: is_node,
        found: "what Node's console exporter prints, which is no JSON",
        advice: "run the program with OTEL_TRACES_EXPORTER=otlp, or with an exporter that writes OTLP JSON",
    },
    Looks {
        is: |text| text.contains("Span #0") || (text.contains("TraceId  ") && text.contains("SpanId  ")),
        found: "what opentelemetry-stdout of Rust prints, which is for people",
        advice: OTLP,
    },
    Looks {
        is: |text| text.contains("Activity.TraceId:"),
        found: "what .NET's console exporter prints, which is for people",
        advice: OTLP,
    },
    Looks {
        is: |text| text.contains("LoggingSpanExporter") || text.contains("[tracer: "),
        found: "what Java's logging exporter prints, which is for people",
        advice: "use the exporter logging-otlp, or OTLP",
    },
    Looks {
        is: |text| text.contains("Trace ID       :") || text.contains("ScopeSpans #0"),
        found: "what the collector's debug exporter prints, which is for people",
        advice: "use its file exporter",
    },
    Looks {
        is: |text| text.contains("\"status\":\"error\"") && text.contains("\"errorType\""),
        found: "an error that a server answered",
        advice: "the answer says why",
    },
    Looks {
        is: |text| text.contains("\"traces\"") && text.contains("\"rootServiceName\""),
        found: "the answer to a search in Tempo, which names traces and has no spans",
        advice: "ask for each trace, at /api/traces/ID",
    },
    Looks {
        is: |text| text.starts_with("[\"start\"") || text.contains("[\"descriptor\""),
        found: "documents of bluesky",
        advice: "the spans are in another file: spans.json of `skyspan run --out`",
    },
    Looks {
        is: |text| text.contains("- open_run") || text.contains("plan:") || text.starts_with("items:"),
        found: "a plan file",
        advice: "run it with `skyspan run`",
    },
    Looks { is: is_json, found: "JSON that is no trace", advice: "" },
    Looks { is: is_python, found: "values as Python prints them, which is no JSON", advice: "print span.to_json()" },
    Looks { is: is_table, found: "a table", advice: "" },
];

fn is_utf32(text: &str) -> bool {
    let mut begins = text.chars();
    begins.next() == Some('\0') && begins.nth(1) == Some('\0')
}

/// The refusal of a text that begins so.
pub(super) fn refusal(head: &str) -> ReadProblem {
    let text = head.trim_start_matches('\u{feff}');
    let blank = text.len() - text.trim_start().len();
    let position = Position::of(text, blank);
    let text = text.trim_start();
    if let Some(looks) = LOOKS.iter().find(|looks| (looks.is)(text)) {
        let mut found = looks.found.to_owned();
        if looks.found.starts_with("JSON") {
            found += &keys(text);
        }
        return ReadProblem::Refused { position, found, advice: looks.advice.to_owned() };
    }
    let begins: String = text.lines().next().unwrap_or_default().chars().take(20).collect();
    ReadProblem::Refused { position, found: format!("{begins:?}"), advice: String::new() }
}

/// The refusal of a file that is no text and begins so.
pub(super) fn binary_refusal(head: &[u8]) -> ReadProblem {
    let (found, advice) = match head {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => ("a zip archive", "unpack it first"),
        [b'B', b'Z', b'h', ..] => ("a file compressed by bzip2", "decompress it first, or use gzip or zstd"),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
            ("a file compressed by xz", "decompress it first, or use gzip or zstd")
        }
        [4, 0x22, 0x4d, 0x18, ..] => ("a file compressed by lz4", "decompress it first, or use gzip or zstd"),
        [b'7', b'z', 0xbc, 0xaf, ..] => ("a 7z archive", "unpack it first"),
        [b'P', b'A', b'R', b'1', ..] => ("a Parquet file", "ask the store for the trace instead"),
        [0x89, b'H', b'D', b'F', ..] => ("an HDF5 file", "the spans are in another file"),
        [b'S', b'Q', b'L', b'i', b't', b'e', ..] => ("an SQLite database", ""),
        [0x7f, b'E', b'L', b'F', ..] => ("a program", ""),
        [0x89, b'P', b'N', b'G', ..] => ("an image", ""),
        [b'%', b'P', b'D', b'F', ..] => ("a PDF document", ""),
        _ => ("bytes that are neither text nor OTLP in protobuf", "perhaps a profile, or another protobuf"),
    };
    ReadProblem::Refused {
        position: Position { line: 1, column: 1 },
        found: found.to_owned(),
        advice: advice.to_owned(),
    }
}

fn is_html(text: &str) -> bool {
    let begins: String = text.chars().take(15).collect::<String>().to_ascii_lowercase();
    begins.starts_with("<!doctype html") || begins.starts_with("<html") || begins.starts_with("<head")
}

/// Keys without quotes, behind a brace that stands alone.
fn is_node(text: &str) -> bool {
    let has_line = |wanted: &str| text.lines().any(|line| line.trim_start().starts_with(wanted));
    has_line("traceId: '") || (has_line("{") && has_line("resource: {"))
}

fn is_json(text: &str) -> bool {
    let inside = text.trim_start_matches('[').trim_start();
    inside.starts_with("{\"")
        || inside.starts_with("{}")
        || text.starts_with('[')
        || inside.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with('"'))
}

fn is_python(text: &str) -> bool {
    text.starts_with("{'")
        || text.starts_with("[{'")
        || text.contains("<opentelemetry.sdk.trace.")
        || text.contains("_Span(")
}

fn is_table(text: &str) -> bool {
    let mut lines = text.lines();
    let count = |line: &str, separator| line.matches(separator).count();
    let Some((first, second)) = lines.next().zip(lines.next()) else { return false };
    [',', '\t', ';'].iter().any(|separator| {
        let columns = count(first, *separator);
        columns > 0 && columns == count(second, *separator)
    })
}

/// The keys with which a JSON object begins, for a message.
fn keys(text: &str) -> String {
    let Some(inside) = text.trim_start_matches('[').trim_start().strip_prefix('{') else { return String::new() };
    let key = inside.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"'));
    key.map_or_else(String::new, |(key, _)| {
        format!(" (its first key is {:?})", key.chars().take(40).collect::<String>())
    })
}
