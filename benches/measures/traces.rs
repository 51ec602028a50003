//! Traces that were caught: their index, and what is expected of them, beside reading the same spans out of the SDK's
//! exporter.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use opentelemetry::trace::{Span as _, SpanBuilder, TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{InMemorySpanExporter, InMemorySpanExporterBuilder, SdkTracerProvider};
use skyspan::expect::{Expectation as _, ForestExpectation, every, forest, span};
use skyspan::trace::{Capture, Span, Trace};
use skyspan::value::Timestamp;

/// Of so many moves, each with its status, is the trace that a pattern is checked against.
const PATTERN_MOVES: u64 = 5_000;
pub(crate) const PATTERN_SPANS: u64 = 2 * PATTERN_MOVES;
const CAUGHT_MOVES: u64 = 50_000;
pub(crate) const CAUGHT_SPANS: u64 = 2 * CAUGHT_MOVES;

/// Makes the spans of a plan with so many moves, each with its status.
fn make_moves(provider: &SdkTracerProvider, moves: u64) {
    let tracer = provider.tracer("app");
    let plan = Context::new().with_span(tracer.start_with_context("plan", &Context::new()));
    for at in 0..moves.cast_signed() {
        let builder = SpanBuilder::from_name("set").with_attributes([KeyValue::new("target", at)]);
        let set = plan.with_span(tracer.build_with_context(builder, &plan));
        tracer.start_with_context("status", &set).end();
    }
}

fn caught(moves: u64) -> Capture {
    let capture = Capture::new();
    make_moves(&capture.provider(), moves);
    capture
}

/// Measures how long it takes to read the same spans out of the SDK's exporter.
fn read_out_of_the_exporter(group: &mut BenchmarkGroup<'_, WallTime>, moves: u64) {
    let exporter: InMemorySpanExporter = InMemorySpanExporterBuilder::new().build();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    make_moves(&provider, moves);
    group.bench_function("the SDK's exporter", |bencher| {
        // To free them again is no part of it.
        bencher.iter_batched(|| (), |()| exporter.get_finished_spans(), BatchSize::PerIteration);
    });
}

/// 100,000 spans that were caught: their trace and its index, made anew and for the first time; and an `every` with a child.
pub(crate) fn captured_spans(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("captured spans");
    group.throughput(Throughput::Elements(CAUGHT_SPANS)).sample_size(20);
    let capture = caught(CAUGHT_MOVES);
    let trace = capture.trace();
    group.bench_function("indexed", |bencher| {
        bencher.iter_batched(|| (), |()| indexed(trace.ended()), BatchSize::PerIteration);
    });
    group.bench_function("converted and indexed", |bencher| {
        let first = |capture: Capture| (indexed(capture.trace()), capture);
        bencher.iter_batched(|| caught(CAUGHT_MOVES), first, BatchSize::PerIteration);
    });
    let expectation = every(span("set")).child(span("status"));
    assert!(expectation.check(&trace).is_ok(), "each set has its status");
    group.bench_function("every with a child", |bencher| {
        bencher.iter(|| expectation.check(black_box(&trace)).is_ok());
    });
    read_out_of_the_exporter(&mut group, CAUGHT_MOVES);
    group.finish();
}

/// A trace whose tree and names are worked out.
fn indexed(trace: Trace) -> Trace {
    black_box((trace.roots().len(), trace.named("set").len()));
    trace
}

/// A tree pattern over 10,000 spans, in any order and in theirs.
pub(crate) fn tree_pattern(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tree pattern");
    group.throughput(Throughput::Elements(PATTERN_SPANS));
    let trace: Trace = caught(PATTERN_MOVES).trace();
    let sets = || (0..PATTERN_MOVES).map(|at| span("set").attr("target", at).children([span("status")]));
    let patterns: [(&str, ForestExpectation); 3] = [
        ("in any order", forest([span("plan").children(sets().rev())])),
        ("in order", forest([span("plan").children_in_order(sets())])),
        ("repeated", forest([span("plan").children([span("set").times(..).children([span("status")])])])),
    ];
    for (name, pattern) in &patterns {
        assert!(pattern.check(&trace).is_ok(), "{name}");
        group.bench_function(*name, |bencher| bencher.iter(|| pattern.check(black_box(&trace)).is_ok()));
    }
    read_out_of_the_exporter(&mut group, PATTERN_MOVES);
    group.finish();
}

/// So many spans are asked.
pub(crate) const QUERIED_SPANS: u64 = 1_000_000;
/// Each trace of them has so many.
const SPANS_A_TRACE: u64 = 1_000;

/// What is asked, and what it is called.
pub(crate) const QUERIES: [(&str, &str); 6] = [
    ("name and duration", r#"{ name = "status" && duration > 400us }"#),
    ("attribute", "{ span.target = 5 }"),
    ("regular expression", r#"{ name =~ "stat.*" && span.target != nil }"#),
    ("parents and children", r#"{ name = "set" } > { name = "status" && duration > 400us }"#),
    ("ancestors", r#"{ name = "plan" } >> { duration > 400us }"#),
    ("grouped and counted", "{ duration > 100us } | by(name) | count() > 3"),
];

/// A million spans in a thousand traces: a plan, its sets, and their statuses.
fn queried() -> Trace {
    let at = |us: u64| Timestamp::from_unix_ns(us * 1_000);
    let made = |id: u64| {
        let (trace_id, place) = (id / SPANS_A_TRACE, id % SPANS_A_TRACE);
        let name = if place == 0 {
            "plan"
        } else if place % 2 == 1 {
            "set"
        } else {
            "status"
        };
        let span = Span::builder(name).trace_id(u128::from(trace_id) + 1).span_id(id + 1);
        let span = span.start(at(id)).end(at(id + id % 500)).attribute("target", (id % 100).cast_signed());
        match place {
            0 => span.build(),
            place if place % 2 == 1 => span.parent_id(trace_id * SPANS_A_TRACE + 1).build(),
            _ => span.parent_id(id).build(),
        }
    };
    Trace::from_spans((0..QUERIED_SPANS).map(made))
}

/// Queries over a million spans, beside going over them once and looking at the name and the duration of each.
pub(crate) fn queries(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("queries");
    group.throughput(Throughput::Elements(QUERIED_SPANS)).sample_size(10);
    let trace = indexed(queried());
    let scan = |trace: &Trace| {
        let is_found = |span: &Span| span.name() == "status" && span.signed_duration_ns() > Some(400_000);
        trace.spans().filter(|span| is_found(span)).map(|span| span.index()).collect::<Vec<_>>()
    };
    let found = |query: &str| trace.query(query).map_or(0, |answer| answer.span_count());
    assert_eq!(scan(&trace).len(), found(QUERIES[0].1), "the scan looks for the same");
    group.bench_function("linear scan", |bencher| bencher.iter(|| scan(black_box(&trace)).len()));
    for (name, query) in QUERIES {
        assert!(found(query) > 0, "{name}");
        group.bench_function(name, |bencher| bencher.iter(|| found(black_box(query))));
    }
    group.finish();
}
