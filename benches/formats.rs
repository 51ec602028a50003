//! Reading traces from files, beside the bare decoders of others. What counts is the ratio of two benchmarks of one run, which is
//! printed at the end.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput};
use opentelemetry_proto::tonic::trace::v1::TracesData;
use prost::Message as _;
use skyspan::trace::{Resource, Span, Trace};
use skyspan::value::{Timestamp, Value};

#[path = "measures/median.rs"]
mod median;

use median::median_ns;

const SPANS: u64 = 100_000;

/// The spans of a scan, as a RunEngine leaves them: two of three have no parent.
fn scan() -> Trace {
    let attributes =
        [("service.name", "bluesky"), ("telemetry.sdk.language", "python"), ("telemetry.sdk.name", "opentelemetry")];
    let resource = Arc::new(Resource { attributes: attributes.into_iter().collect(), schema_url: "".into() });
    let span = |at: u64| {
        let start_ns = 1_718_700_056_377_673_000 + at * 137_000;
        let span = match at % 3 {
            0 => Span::builder("Ophyd Status")
                .parent_id(at + 2)
                .attribute("status_type", "MoveStatus")
                .attribute("device_name", "motor1")
                .attribute("target", at as f64 / 7.0),
            1 => Span::builder("Bluesky RunEngine set")
                .attribute("msg.command", "set")
                .attribute("msg.args", Value::from_iter([at]))
                .attribute("msg.no_obj_given", true),
            _ => Span::builder("Bluesky RunEngine wait")
                .attribute("msg.command", "wait")
                .attribute("group", format!("group-{at}")),
        };
        let span = span.trace_id(0x1234).span_id(at + 1).flags(256).resource(Arc::clone(&resource));
        span.start(Timestamp::from_unix_ns(start_ns)).end(Timestamp::from_unix_ns(start_ns + 100_000)).build()
    };
    (0..SPANS).map(span).collect()
}

/// What serde_json makes of the same texts, with types and nothing else.
#[expect(dead_code, reason = "what is read is only made")]
mod typed {
    use std::collections::HashMap;

    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(crate) struct Request {
        resource_spans: Vec<ResourceSpans>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct ResourceSpans {
        #[serde(default)]
        resource: Resource,
        scope_spans: Vec<ScopeSpans>,
    }

    #[derive(Default, Deserialize)]
    struct Resource {
        #[serde(default)]
        attributes: Vec<KeyValue>,
    }

    #[derive(Deserialize)]
    struct ScopeSpans {
        spans: Vec<Span>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Span {
        trace_id: String,
        span_id: String,
        #[serde(default)]
        parent_span_id: String,
        #[serde(default)]
        flags: u32,
        name: String,
        kind: u32,
        start_time_unix_nano: String,
        end_time_unix_nano: String,
        #[serde(default)]
        attributes: Vec<KeyValue>,
        #[serde(default)]
        status: HashMap<String, serde_json::Value>,
    }

    #[derive(Deserialize)]
    struct KeyValue {
        key: String,
        value: AnyValue,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[expect(clippy::enum_variant_names, reason = "OTLP calls them so")]
    enum AnyValue {
        StringValue(String),
        BoolValue(bool),
        IntValue(String),
        DoubleValue(f64),
        ArrayValue(Values),
    }

    #[derive(Deserialize)]
    struct Values {
        values: Vec<AnyValue>,
    }

    #[derive(Deserialize)]
    pub(crate) struct Console {
        name: String,
        context: Context,
        kind: String,
        parent_id: Option<String>,
        start_time: Option<String>,
        end_time: Option<String>,
        status: HashMap<String, String>,
        attributes: HashMap<String, serde_json::Value>,
        events: Vec<serde_json::Value>,
        links: Vec<serde_json::Value>,
        resource: serde_json::Value,
    }

    #[derive(Deserialize)]
    struct Context {
        trace_id: String,
        span_id: String,
        trace_state: String,
    }
}

/// A trace whose tree and names are worked out.
fn indexed(trace: Trace) -> Trace {
    black_box((trace.roots().len(), trace.named("Bluesky RunEngine set").len()));
    trace
}

fn main() {
    let trace = scan();
    let (protobuf, otlp, console) = (trace.to_otlp_protobuf(), trace.to_otlp_json(), trace.to_console_json());
    assert_eq!(Trace::from_otlp_protobuf(&protobuf).ok().as_ref(), Some(&trace));
    assert_eq!(Trace::from_otlp_json(&otlp).ok().as_ref(), Some(&trace));
    let mut criterion = Criterion::default().configure_from_args();

    let mut group = criterion.benchmark_group("protobuf");
    group.throughput(Throughput::Elements(SPANS)).sample_size(10);
    let read = || Trace::from_otlp_protobuf(black_box(&protobuf));
    group.bench_function("read", |bencher| bencher.iter_with_large_drop(read));
    let bare = || TracesData::decode(black_box(&*protobuf));
    group.bench_function("prost alone", |bencher| bencher.iter_with_large_drop(bare));
    group.finish();

    let mut group = criterion.benchmark_group("OTLP JSON");
    group.throughput(Throughput::Elements(SPANS)).sample_size(10);
    let read = || Trace::from_otlp_json(black_box(&otlp));
    group.bench_function("read", |bencher| bencher.iter_with_large_drop(read));
    let bare = || serde_json::from_str::<typed::Request>(black_box(&otlp));
    assert!(bare().is_ok());
    group.bench_function("serde_json alone", |bencher| bencher.iter_with_large_drop(bare));
    group.finish();

    let mut group = criterion.benchmark_group("console JSON");
    group.throughput(Throughput::Elements(SPANS)).sample_size(10);
    let read = || Trace::read_from(black_box(console.as_bytes()));
    group.bench_function("read", |bencher| bencher.iter_with_large_drop(read));
    group.bench_function("read and indexed", |bencher| bencher.iter_with_large_drop(|| read().map(indexed)));
    let bare = || {
        serde_json::Deserializer::from_str(black_box(&console))
            .into_iter::<typed::Console>()
            .collect::<Result<Vec<_>, _>>()
    };
    assert!(bare().is_ok());
    group.bench_function("serde_json alone", |bencher| bencher.iter_with_large_drop(bare));
    group.finish();
    criterion.final_summary();
    ratios();
}

/// Prints the ratio of each benchmark to its counterpart, and how many spans a second that is.
#[expect(clippy::print_stdout, reason = "this is what a benchmark is for")]
fn ratios() {
    for (group, one, other) in [
        ("protobuf", "read", "prost alone"),
        ("OTLP JSON", "read", "serde_json alone"),
        ("console JSON", "read", "serde_json alone"),
        ("console JSON", "read and indexed", "serde_json alone"),
    ] {
        if let (Some(one_ns), Some(other_ns)) = (median_ns(group, one), median_ns(group, other)) {
            let rate = SPANS as f64 / one_ns * 1e9;
            println!("{group}: {one} / {other} = {:.2}   ({one}: {rate:.0} spans a second)", one_ns / other_ns);
        }
    }
}
