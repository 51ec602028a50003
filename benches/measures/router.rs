//! What it costs that each span finds its test, beside the SDK's in-memory exporter behind the same global provider.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use opentelemetry::global::{self, BoxedTracer};
use opentelemetry::trace::{Span as _, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{InMemorySpanExporterBuilder, SdkTracerProvider};
use skyspan::trace::Capture;

/// So many requests, each with three parts.
const REQUESTS: u64 = 500;
pub(crate) const ROUTED_SPANS: u64 = 4 * REQUESTS;

/// In so many tests at the same time.
const TESTS: usize = 100;

#[expect(clippy::disallowed_methods, reason = "that is what is measured")]
fn tracer() -> BoxedTracer {
    global::tracer("app")
}

fn serve(tracer: &BoxedTracer) {
    for _ in 0..REQUESTS {
        let mut request = tracer.start_with_context("request", &Context::new());
        request.set_attribute(KeyValue::new("http.request.method", "GET"));
        let context = Context::new().with_span(request);
        for part in ["reserve", "charge", "ship"] {
            let mut span = tracer.start_with_context(part, &context);
            span.set_attribute(KeyValue::new("order", 7));
            span.end();
        }
        context.span().end();
    }
}

/// Spans of the global provider: into the SDK's exporter, and to the capture of their test, which is found by its thread, by
/// its runtime, or (three of four) by their parents; alone, and among a hundred tests.
#[expect(clippy::disallowed_methods, reason = "that is what is measured")]
pub(crate) fn routed_spans(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("routed spans");
    group.throughput(Throughput::Elements(ROUTED_SPANS));

    let exporter = InMemorySpanExporterBuilder::new().build();
    global::set_tracer_provider(SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build());
    let exported = tracer();
    group.bench_function("the SDK's exporter", |bencher| {
        bencher.iter_batched(|| exporter.reset(), |()| serve(black_box(&exported)), BatchSize::PerIteration);
    });

    let others: Vec<Capture> = (0..TESTS).map(|_| Capture::new()).collect();
    let capture = Capture::new();
    let scope = capture.scope();
    to_capture(&mut group, "by the thread", &capture);
    let their_scopes: Vec<_> = others.iter().map(Capture::scope).collect();
    let innermost = capture.scope();
    to_capture(&mut group, "by the thread, among a hundred", &capture);
    drop((innermost, their_scopes));
    drop(scope);

    let runtime = |name: &str| {
        let runtime = tokio::runtime::Builder::new_current_thread().thread_name(name).build();
        runtime.unwrap_or_else(|error| unreachable!("there is always room for a runtime of one thread: {error}"))
    };
    let of_test = runtime("test");
    // The scopes are on their runtimes only, and on a thread that has ended.
    let on = |capture: &Capture, runtime: &tokio::runtime::Runtime| {
        let scope = capture.scope();
        scope.also_on(runtime.handle());
        scope
    };
    let runtimes: Vec<_> = others.iter().map(|_| runtime("other")).collect();
    std::thread::scope(|threads| {
        let (told, tell) = std::sync::mpsc::channel();
        let (done, wait) = std::sync::mpsc::channel::<()>();
        let (runtimes, others, capture, of_test) = (&runtimes, &others, &capture, &of_test);
        threads.spawn(move || {
            let scopes: Vec<_> = others.iter().zip(runtimes).map(|(other, runtime)| on(other, runtime)).collect();
            let scope = on(capture, of_test);
            let _ = told.send(());
            let _ = wait.recv();
            drop((scopes, scope));
        });
        let _ = tell.recv();
        let _entered = of_test.enter();
        to_capture(&mut group, "by the runtime, among a hundred", capture);
        drop(done);
    });
    group.finish();
}

fn to_capture(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, capture: &Capture) {
    let tracer = tracer();
    group.bench_function(name, |bencher| {
        bencher.iter_batched(|| capture.clear(), |()| serve(black_box(&tracer)), BatchSize::PerIteration);
    });
    capture.clear();
    serve(&tracer);
    assert_eq!(capture.len() as u64, ROUTED_SPANS, "all of them are caught");
}
