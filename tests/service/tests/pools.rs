//! What runs on no runtime: pools of threads, bare threads, and what stands between a program and its exporter.

use opentelemetry::Context;
use opentelemetry::global;
use opentelemetry::trace::{TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use rayon::prelude::*;
use skyspan_trace::expect::{any, every, exactly, forest, one, span};
use skyspan_trace::trace::{Capture, carry};
use tracing::info_span;

#[expect(clippy::disallowed_methods, reason = "a service does")]
fn emit(name: &'static str) {
    global::tracer("pool").in_span(name, |_| {});
}

#[test]
fn a_pool_of_the_test_enters_its_place_on_each_thread() {
    let capture = Capture::new();
    let scope = capture.scope();
    let place = scope.place();
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(3).start_handler(move |_| place.stay()).build().expect("a pool");
    pool.install(|| {
        (0..100).into_par_iter().for_each(|_| emit("tile"));
        (0..100).into_par_iter().for_each(|_| info_span!("tile").in_scope(|| ()));
    });
    capture.trace().assert(exactly(200, span("tile").is_root().ended()));
}

#[test]
fn a_pool_that_tests_share_knows_their_spans_by_their_parents() {
    // The pool is rayon's global one, which is made once in the process.
    std::thread::scope(|threads| {
        for test in 0..8_i64 {
            threads.spawn(move || {
                let capture = Capture::new();
                let _scope = capture.scope();
                let image = info_span!("image", test);
                image.in_scope(|| {
                    (0..20).into_par_iter().for_each(|_| info_span!(parent: &image, "tile", test).in_scope(|| ()));
                    let context = Context::current();
                    (0..20).into_par_iter().for_each(|_| {
                        carry_context(&context, || emit("row"));
                    });
                });
                drop(image);
                let trace = capture.trace();
                trace.assert(one(span("image").attr("test", test).ended()));
                trace.assert(exactly(20, span("tile").attr("test", test).parent(span("image"))));
                trace.assert(exactly(20, span("row").parent(span("image"))));
                trace.assert(exactly(41, span(any())));
            });
        }
    });
}

#[expect(clippy::disallowed_methods, reason = "a service does")]
fn carry_context(context: &Context, f: impl FnOnce()) {
    let _entered = context.clone().attach();
    f();
}

#[test]
fn a_bare_thread_is_carried_or_told() {
    let capture = Capture::new();
    let _scope = capture.scope();
    std::thread::spawn(carry(|| emit("carried"))).join().expect("no panic");
    std::thread::spawn(|| emit("not carried")).join().expect("no panic");
    let report = capture.trace().check(exactly(2, span(any()))).unwrap_err().to_string();
    assert!(report.contains("started outside of every scope"), "{report}");
    assert!(report.contains("not carried"), "{report}");
}

#[test]
fn behind_a_batch_processor_spans_arrive_when_it_is_flushed() {
    let capture = Capture::new();
    let provider = SdkTracerProvider::builder().with_batch_exporter(capture.exporter()).build();
    let tracer = provider.tracer("app");
    for _ in 0..1000 {
        tracer.in_span("order", |context| assert!(context.span().is_recording()));
    }
    provider.force_flush().expect("it flushes");
    capture.trace().assert(exactly(1000, span("order").ended()));
}

#[test]
fn what_a_sampler_drops_is_not_there() {
    let capture = Capture::new();
    let sampled = capture.provider_builder().with_sampler(Sampler::AlwaysOff).build();
    let scope = capture.scope_with(sampled);
    emit("order");
    drop(scope);
    assert!(capture.is_empty());
    // A scope's own provider samples all, whatever the program's parent says.
    let _scope = capture.scope();
    emit("order");
    capture.trace().assert(forest([span("order")]));
    capture.trace().assert(every(span("order")).ended());
}
