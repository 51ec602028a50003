//! Each span finds its test: by its parent, its place, the tokio runtime on which it starts. Tests run in parallel in one
//! process, as these do.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use opentelemetry::Context;
use opentelemetry::global::BoxedTracer;
use opentelemetry::trace::{
    FutureExt as _, Span as _, SpanContext, TraceContextExt as _, TraceFlags, TraceState, Tracer as _,
    TracerProvider as _,
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, Sampler, SdkTracerProvider};
use skyspan_trace::expect::{any, every, exactly, forest, none, one, span};
use skyspan_trace::trace::{Capture, capture};
use tokio::runtime::Builder;
#[cfg(feature = "tokio")]
use tokio::runtime::Runtime;

use crate::unaware::{at_once, emit, names, one_thread, tracer};

#[cfg(feature = "tokio")]
fn several_threads() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).build().expect("a runtime")
}

/// A capture that is process-wide catches what other tests want to be lost: these go one after another.
fn one_after_another() -> MutexGuard<'static, ()> {
    static PROCESS: Mutex<()> = Mutex::new(());
    PROCESS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The context of a span in another process.
fn remote(trace: u128, span: u64) -> Context {
    let parent = SpanContext::new(trace.into(), span.into(), TraceFlags::SAMPLED, true, TraceState::NONE);
    Context::new().with_remote_span_context(parent)
}

/// Starts what a service starts, in all the places where tokio runs something.
#[cfg(feature = "tokio")]
#[expect(clippy::disallowed_methods, reason = "a service may")]
async fn serve(test: usize) {
    let emit = move |name: &'static str| {
        let mut span = tracer().start(name);
        span.set_attribute(opentelemetry::KeyValue::new("test", test as i64));
        span.end();
    };
    emit("direct");
    tokio::spawn(async move { emit("spawned") }).await.expect("no panic");
    tokio::task::spawn_blocking(move || emit("blocking")).await.expect("no panic");
    let nested = tokio::spawn(async move {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        tokio::task::spawn_blocking(move || tokio::runtime::Handle::current().block_on(async { emit("nested") })).await
    });
    nested.await.expect("no panic").expect("no panic");
}

#[test]
#[cfg(feature = "tokio")]
fn spans_of_tests_in_parallel_find_theirs_by_the_runtime() {
    at_once(12, |test, all_there| {
        let runtime = if test % 2 == 0 { one_thread() } else { several_threads() };
        runtime.block_on(async {
            let capture = Capture::new();
            let _scope = capture.scope();
            all_there.wait();
            for _ in 0..10 {
                serve(test).await;
            }
            let trace = capture.trace();
            for name in ["direct", "spawned", "blocking", "nested"] {
                trace.assert(exactly(10, span(name).attr("test", test as i64).is_root()));
            }
            trace.assert(exactly(40, span(any()).ended()));
        });
    });
}

#[tokio::test(flavor = "multi_thread")]
#[cfg(feature = "tokio")]
async fn the_innermost_scope_of_a_runtime_is_the_one() {
    let (outer, inner) = (Capture::new(), Capture::new());
    let _outer_scope = outer.scope();
    let spawn = async |name| tokio::spawn(async move { emit(name) }).await.unwrap();
    spawn("outer").await;
    let inner_scope = inner.scope();
    spawn("inner").await;
    drop(inner_scope);
    spawn("outer again").await;
    assert_eq!(names(&outer.trace()), ["outer", "outer again"]);
    assert_eq!(names(&inner.trace()), ["inner"]);
}

#[test]
#[cfg(feature = "tokio")]
fn a_scope_may_be_on_a_runtime_that_the_test_has_made() {
    let runtime = several_threads();
    let capture = Capture::new();
    let scope = capture.scope();
    let spawn = |name| runtime.block_on(runtime.spawn(async move { emit(name) })).unwrap();
    spawn("nobody's");
    scope.also_on(runtime.handle());
    spawn("caught");
    drop(scope);
    spawn("late");
    assert_eq!(names(&capture.trace()), ["caught"]);
}

#[test]
fn a_place_may_be_entered_where_a_runtime_or_a_pool_starts_its_threads() {
    let capture = Capture::new();
    let scope = capture.scope();
    let place = scope.place();
    let runtime = Builder::new_multi_thread().worker_threads(2).on_thread_start(move || place.stay()).build().unwrap();
    for _ in 0..10 {
        runtime.block_on(runtime.spawn(async { emit("worker") })).unwrap();
    }
    capture.trace().assert(exactly(10, span("worker").is_root()));

    // Somebody else may take the thread over for a while.
    let other = Capture::new();
    let place = std::thread::scope(|threads| threads.spawn(|| other.scope().place()).join().unwrap());
    runtime.block_on(runtime.spawn(async move { place.carry(|| emit("other"))() })).unwrap();
    runtime.block_on(runtime.spawn(async { emit("worker") })).unwrap();
    assert_eq!(names(&other.trace()), ["other"]);
    capture.trace().assert(exactly(11, span(any())));

    // A capture that is no more is none to stay with.
    drop((scope, capture));
    let next = Capture::new();
    let scope = next.scope();
    let place = scope.place();
    runtime.block_on(runtime.spawn(async move { place.carry_future(async { emit("next") }).await })).unwrap();
    runtime.block_on(runtime.spawn(async { emit("nobody's") })).unwrap();
    assert_eq!(names(&next.trace()), ["next"]);
}

#[test]
fn a_parent_goes_before_the_place() {
    let (first, second) = (Capture::new(), Capture::new());
    let scope = first.scope();
    let parent = Context::new().with_span(tracer().start("request"));
    drop(scope);
    let _scope = second.scope();
    tracer().start_with_context("child", &parent).end();
    emit("of the second");
    std::thread::scope(|threads| {
        threads.spawn(|| tracer().start_with_context("on a bare thread", &parent).end());
    });
    parent.span().end();
    first.trace().assert(forest([span("request").children([span("child"), span("on a bare thread")])]));
    assert_eq!(names(&second.trace()), ["of the second"]);
}

#[test]
fn what_starts_within_a_scope_starts_under_no_span_outside_of_it() {
    let (outer, inner) = (Capture::new(), Capture::new());
    let _scope = outer.scope();
    tracer().in_span("outer", |_| {
        let _scope = inner.scope();
        tracer().in_span("inner", |_| emit("below"));
    });
    outer.trace().assert(forest([span("outer")]));
    inner.trace().assert(forest([span("inner").children([span("below")])]));
}

#[test]
fn tests_that_are_asked_with_the_same_traceparent_keep_their_spans_apart() {
    at_once(8, |test, all_there| {
        let capture = Capture::new();
        let scope = capture.scope();
        all_there.wait();
        let request = tracer().start_with_context(format!("request {test}"), &remote(7, 8));
        let context = Context::new().with_span(request);
        all_there.wait();
        // The parent is known by its id, where nothing else tells.
        let child = async { emit("child") }.with_context(context.clone());
        std::thread::scope(|threads| {
            threads.spawn(|| one_thread().block_on(child));
            threads.spawn(|| tracer().start_with_context("by its parent", &local(&context)).end());
        });
        context.span().end();
        all_there.wait();
        drop(scope);
        let request = span(format!("request {test}"));
        capture.trace().assert(forest([request.children([span("child"), span("by its parent")])]));
    });
}

/// A context that has nothing but the ids of a span of this process.
fn local(context: &Context) -> Context {
    let parent = context.span().span_context().clone();
    Context::new().with_remote_span_context(parent)
}

#[test]
fn a_parent_in_another_process_is_no_defect() {
    let capture = Capture::new();
    let _scope = capture.scope();
    let request = tracer().start_with_context("request", &remote(70, 80));
    let context = Context::new().with_span(request);
    tracer().start_with_context("query", &context).end();
    context.span().end();
    let trace = capture.trace();
    assert_eq!(trace.defects(), []);
    let request = trace.named("request").next().unwrap();
    assert_eq!((request.is_remote_child(), request.remote_parent()), (true, Some(80.into())));
    trace.assert(one(span("request").is_root().is_remote_child().remote_parent(80)));
    trace.assert(none(span("query").is_remote_child()));
}

#[test]
fn spans_of_a_trace_come_late_as_long_as_somebody_has_the_capture() {
    let _turn = one_after_another();
    let capture = Capture::new();
    let scope = capture.scope();
    let parent = Context::new().with_span(tracer().start("request"));
    drop(scope);
    emit("nobody's");
    tracer().start_with_context("late", &local(&parent)).end();
    capture.trace().assert(forest([span("request").children([span("late")])]));
    drop(capture);
    let later = tracer().start_with_context("too late", &local(&parent));
    assert!(!later.is_recording());
}

#[test]
fn a_provider_that_was_handed_over_tells_by_its_spans() {
    let capture = Capture::new();
    let scope = capture.scope();
    let request = Context::new().with_span(capture.provider().tracer("client").start("request"));
    std::thread::scope(|threads| {
        threads.spawn(|| tracer().start_with_context("answer", &local(&request)).end());
    });
    request.span().end();
    drop(scope);
    capture.trace().assert(forest([span("request").children([span("answer")])]));
}

#[test]
fn one_capture_of_a_process_gets_what_belongs_to_no_other() {
    let _turn = one_after_another();
    let all = Capture::new();
    let scope = all.process_wide().unwrap();
    let (other, own) = (Capture::new(), Capture::new());
    assert!(other.process_wide().unwrap_err().to_string().contains("nextest"));
    std::thread::scope(|threads| {
        threads.spawn(|| emit("on a bare thread"));
        threads.spawn(|| {
            let _scope = own.scope();
            emit("in a scope");
        });
    });
    drop(scope);
    std::thread::scope(|threads| {
        threads.spawn(|| emit("afterwards"));
    });
    // Others run meanwhile, and what they lose comes here.
    all.trace().assert(one(span("on a bare thread")));
    all.trace().assert(none(span("in a scope")));
    all.trace().assert(none(span("afterwards")));
    own.trace().assert(forest([span("in a scope")]));
    drop(other.process_wide().unwrap());
}

#[test]
fn a_provider_of_the_program_may_have_the_processor_beside_others() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .with_span_processor(capture::processor())
        .build();
    let tracer = provider.tracer("app");
    let captures = [Capture::new(), Capture::new()];
    for (capture, name) in captures.iter().zip(["first", "second"]) {
        let _scope = capture.scope();
        tracer.in_span(name, |_| {
            std::thread::scope(|threads| {
                let parent = Context::current();
                let tracer = &tracer;
                threads.spawn(move || tracer.start_with_context("below", &local(&parent)).end());
            });
        });
    }
    for (capture, name) in captures.iter().zip(["first", "second"]) {
        capture.trace().assert(forest([span(name).children([span("below")])]));
        capture.trace().assert(every(span(any())).ended());
    }
    tracer.start("nobody's").end();
    assert_eq!(exporter.get_finished_spans().unwrap().len(), 5);
}

#[test]
fn what_the_sampler_of_the_program_drops_no_processor_sees() {
    let provider =
        SdkTracerProvider::builder().with_sampler(Sampler::AlwaysOff).with_span_processor(capture::processor()).build();
    let capture = Capture::new();
    let _scope = capture.scope();
    provider.tracer("app").start("request").end();
    assert!(capture.is_empty());
}

#[test]
fn what_the_sampler_of_a_scope_drops_is_counted() {
    let capture = Capture::new();
    let _scope = capture.scope_with(capture.provider_builder().with_sampler(Sampler::AlwaysOff).build());
    emit("request");
    assert!(capture.is_empty());
    assert!(capture.trace().unseen().unwrap().sampled_out >= 1);
}

#[test]
fn a_capture_that_was_cleared_goes_on() {
    let capture = Capture::new();
    let scope = capture.scope();
    let request = Context::new().with_span(tracer().start("request"));
    let done = Context::new().with_span(tracer().start("done"));
    done.span().end();
    capture.clear();
    drop(scope);
    std::thread::scope(|threads| {
        threads.spawn(|| tracer().start_with_context("query", &local(&request)).end());
        threads.spawn(|| tracer().start_with_context("of a trace that is forgotten", &local(&done)).end());
    });
    request.span().end();
    capture.trace().assert(forest([span("request").children([span("query")])]));
}

#[test]
fn a_span_that_started_before_its_capture_was_cleared_is_caught_when_it_ends() {
    let provider = SdkTracerProvider::builder().with_span_processor(capture::processor()).build();
    let capture = Capture::new();
    let _scope = capture.scope();
    let request = provider.tracer("app").start("request");
    capture.clear();
    drop(request);
    capture.trace().assert(forest([span("request")]));
}

#[test]
fn spans_outside_of_every_scope_are_counted_and_told() {
    let _turn = one_after_another();
    let capture = Capture::new();
    let _scope = capture.scope();
    std::thread::scope(|threads| {
        threads.spawn(|| emit("store"));
    });
    // Others run in parallel, and lose spans, too.
    let unseen = capture.trace().unseen().unwrap();
    assert!(unseen.outside + unseen.late >= 1, "{unseen}");
    let report = capture.trace().check(span("store")).unwrap_err().to_string();
    assert!(report.contains("outside of every scope"), "{report}");
    assert!(report.contains("see skyspan::guide::service"), "{report}");
    emit("store");
    let report = capture.trace().check(none(span("store"))).unwrap_err().to_string();
    assert!(!report.contains("outside of every scope"), "nothing is missing: {report}");
}

#[test]
fn a_capture_that_nothing_feeds_says_so() {
    let capture = Capture::new();
    let report = capture.trace().check(span("request")).unwrap_err().to_string();
    assert!(report.contains("nothing feeds this capture"), "{report}");
    let _provider = capture.provider();
    let report = capture.trace().check(span("request")).unwrap_err().to_string();
    assert!(!report.contains("nothing feeds this capture"), "{report}");
}

#[test]
fn a_tracer_in_a_static_serves_scopes_one_after_another_and_together() {
    static TRACER: OnceLock<BoxedTracer> = OnceLock::new();
    let place = |capture: &Capture| capture.scope().place();
    let captures: Vec<Capture> = (0..4).map(|_| Capture::new()).collect();
    std::thread::scope(|threads| {
        for capture in &captures {
            threads.spawn(move || {
                let place = place(capture);
                for _ in 0..50 {
                    place.carry(|| TRACER.get_or_init(tracer).start("s").end())();
                }
            });
        }
    });
    for capture in &captures {
        capture.trace().assert(exactly(50, span("s")));
    }
}
