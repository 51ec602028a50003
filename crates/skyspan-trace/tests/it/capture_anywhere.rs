//! Spans are caught wherever a program makes them: by the global provider, by `tracing`, behind an exporter, in threads
//! and tasks. Cases by number are those in which other tools lose spans or failures.

use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use opentelemetry::global::BoxedTracer;
use opentelemetry::trace::{FutureExt as _, Span as _, TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::SdkTracerProvider;
use skyspan_trace::expect::{forest, span};
use skyspan_trace::trace::{Capture, Trace, Verdicts, carry, carry_future};

use crate::unaware::{at_once, emit, names, one_thread, tracer};

/// Longer than any of this takes; whatever fails to come fails the test, and does not hang it.
const LONG: Duration = Duration::from_secs(60);

#[test]
fn tests_in_parallel_catch_their_own_spans_of_the_global_provider() {
    at_once(8, |test, all_there| {
        let capture = Capture::new();
        let _scope = capture.scope();
        all_there.wait();
        for n in 0..100 {
            let mut span = tracer().start(format!("test {test}"));
            span.set_attribute(KeyValue::new("n", n));
            span.end();
        }
        all_there.wait();
        assert_eq!(names(&capture.trace()), vec![format!("test {test}"); 100]);
    });
}

#[test]
fn a_scope_ends_and_scopes_nest() {
    let (outer, inner) = (Capture::new(), Capture::new());
    emit("before");
    let outer_scope = outer.scope();
    emit("outer");
    let inner_scope = inner.scope();
    assert_eq!(inner_scope.obstacles(), []);
    emit("inner");
    let kept = tracer().start("kept");
    drop(inner_scope);
    emit("outer again");
    drop(kept);
    drop(outer_scope);
    emit("after");
    assert_eq!(names(&inner.trace()), ["inner", "kept"], "a span belongs to the scope in which it started");
    assert_eq!(names(&outer.trace()), ["outer", "outer again"]);
}

#[test]
fn scopes_may_end_in_any_order() {
    let (first, second) = (Capture::new(), Capture::new());
    let first_scope = first.scope();
    let second_scope = second.scope();
    drop(first_scope);
    emit("second");
    drop(second_scope);
    emit("nobody's");
    assert_eq!((names(&first.trace()), names(&second.trace())), (vec![], vec!["second"]));
}

#[test]
fn a_tracer_that_is_kept_serves_every_scope() {
    static TRACER: OnceLock<BoxedTracer> = OnceLock::new();
    for name in ["first", "second"] {
        let capture = Capture::new();
        let _scope = capture.scope();
        TRACER.get_or_init(tracer).start(name).end();
        assert_eq!(names(&capture.trace()), [name]);
    }
}

#[test]
fn contexts_that_are_handed_on_take_their_scope_along() {
    let capture = Capture::new();
    let scope = capture.scope();
    let parent = tracer().start("request");
    let context = Context::current_with_span(parent);
    let task = async { emit("task") }.with_context(context.clone());
    drop(scope);
    std::thread::spawn(move || {
        emit("lost");
        one_thread().block_on(task);
        // The parent alone tells, too.
        let parent = Context::new().with_remote_span_context(context.span().span_context().clone());
        tracer().start_with_context("by its parent", &parent).end();
        context.span().end();
    })
    .join()
    .unwrap();
    let trace = capture.trace();
    trace.assert(forest([span("request").children([span("task"), span("by its parent")])]));
}

#[test]
fn threads_and_tasks_are_carried() {
    let capture = Capture::new();
    let _scope = capture.scope();
    tracer().in_span("request", |_| {
        let store = carry(|| emit("store"));
        let load = carry_future(async {
            emit("load");
            tokio::task::yield_now().await;
            let blocking = carry(|| emit("blocking"));
            std::thread::spawn(blocking).join().unwrap();
            emit("loaded");
        });
        std::thread::spawn(store).join().unwrap();
        std::thread::spawn(|| one_thread().block_on(load)).join().unwrap();
        std::thread::spawn(|| emit("not carried")).join().unwrap();
    });
    let trace = capture.trace();
    trace.assert(forest([span("request").children(["blocking", "load", "loaded", "store"].map(span))]));
}

#[test]
fn a_task_that_is_dropped_ends_its_spans_in_its_place() {
    struct EmitsAtDrop;
    impl Drop for EmitsAtDrop {
        fn drop(&mut self) {
            emit("dropped");
        }
    }
    let capture = Capture::new();
    let scope = capture.scope();
    let at_drop = EmitsAtDrop;
    let task = carry_future(async move {
        std::future::pending::<()>().await;
        drop(at_drop);
    });
    drop(scope);
    std::thread::spawn(move || drop(task)).join().unwrap();
    assert_eq!(names(&capture.trace()), ["dropped"]);
}

#[test]
fn a_scope_may_have_a_provider_of_its_own() {
    let (capture, also) = (Capture::new(), Capture::new());
    let provider = capture.provider_builder().with_span_processor(also.clone()).build();
    let scope = capture.scope_with(provider);
    emit("seen twice");
    drop(scope);
    assert_eq!((capture.len(), also.len()), (1, 1));
}

#[test]
fn a_span_of_a_scope_has_all_that_it_was_given() {
    let capture = Capture::new();
    let _scope = capture.scope();
    let other = opentelemetry::trace::SpanContext::new(
        7.into(),
        8.into(),
        opentelemetry::trace::TraceFlags::SAMPLED,
        false,
        Default::default(),
    );
    let mut span = tracer().start("old");
    assert!(span.is_recording());
    span.update_name("new");
    span.set_attribute(KeyValue::new("k", 1));
    span.add_event("happened", vec![]);
    span.add_link(other, vec![]);
    span.set_status(opentelemetry::trace::Status::error("why"));
    span.end();
    let trace = capture.trace();
    trace.assert(skyspan_trace::expect::span("new").attr("k", 1).status_error());
    let span = trace.spans().next().unwrap();
    assert_eq!((span.events().len(), span.links().len(), &*span.scope().unwrap().name), (1, 1, "app"));
}

#[test]
fn trap_02_spans_outlive_the_shutdown_and_open_ones_are_known() {
    for exporter in [false, true] {
        let capture = Capture::new();
        let provider = if exporter {
            SdkTracerProvider::builder().with_simple_exporter(capture.exporter()).build()
        } else {
            capture.provider()
        };
        let tracer = provider.tracer("app");
        tracer.start("ended").end();
        let open = tracer.start("open");
        provider.shutdown().unwrap();
        drop(provider);
        let expected = if exporter { vec!["ended"] } else { vec!["ended", "open"] };
        assert_eq!(names(&capture.trace()), expected, "an exporter is told of ended spans only");
        assert_eq!(capture.open_count(), usize::from(!exporter));
        drop(open);
    }
}

#[test]
fn trap_05_a_mismatch_in_a_thread_that_nobody_joins_fails_the_test() {
    let failed = std::panic::catch_unwind(|| {
        let verdicts = Verdicts::new();
        let watched = verdicts.watch(|| Trace::default().assert(span("request")));
        let told = verdicts.verdict();
        let _ignored = std::thread::spawn(watched).join();
        let _ignored = std::thread::spawn(move || told.give(Trace::default().check(span("answer")))).join();
    });
    let report = *failed.unwrap_err().downcast::<String>().unwrap();
    assert!(report.starts_with("in other threads: 2 failed, 0 under way\n\n"), "{report}");
    assert!(report.contains("request") && report.contains("answer"), "{report}");
}

#[test]
fn what_is_still_under_way_or_was_never_done_fails_the_test_too() {
    let verdicts = Verdicts::new();
    let unmet = {
        let _held = verdicts.verdict();
        drop(verdicts.watch(|| ()));
        verdicts.finish(Duration::ZERO).unwrap_err()
    };
    assert_eq!((unmet.failures, unmet.under_way), (vec!["a verdict was never given".to_owned()], 1));

    let verdicts = Verdicts::new();
    let (go, wait) = mpsc::channel::<()>();
    std::thread::spawn(verdicts.watch(move || wait.recv()));
    let _late = std::thread::spawn(move || go.send(()));
    verdicts.finish(LONG).unwrap();
}

#[test]
fn trap_08_a_thousand_spans_arrive_through_the_batch_processor() {
    let capture = Capture::new();
    let provider = SdkTracerProvider::builder().with_batch_exporter(capture.exporter()).build();
    let tracer = provider.tracer("app");
    for _ in 0..1000 {
        tracer.start("s").end();
    }
    provider.force_flush().unwrap();
    let trace = capture.wait_until(|trace| trace.len() >= 1000).within(LONG).blocking().unwrap();
    assert_eq!((trace.len(), trace.defects().len()), (1000, 0));
    provider.shutdown().unwrap();
    assert_eq!(capture.trace().len(), 1000);
}
