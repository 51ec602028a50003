//! Traces that were caught: their index, and what is expected of them, beside reading the same spans out of the SDK's
//! exporter.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use opentelemetry::trace::{Span as _, SpanBuilder, TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{InMemorySpanExporter, InMemorySpanExporterBuilder, SdkTracerProvider};
use skyspan::expect::{Expectation as _, ForestExpectation, every, forest, span};
use skyspan::trace::{Capture, Trace};

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
