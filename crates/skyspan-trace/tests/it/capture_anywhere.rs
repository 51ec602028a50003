//! Spans are caught wherever a program makes them: by the global provider, by `tracing`, behind an exporter, in threads
//! and tasks. Cases by number are those in which other tools lose spans or failures.

use std::sync::{Barrier, OnceLock, mpsc};
use std::time::Duration;

use opentelemetry::global::{self, BoxedTracer};
use opentelemetry::trace::{FutureExt as _, Span as _, TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::SdkTracerProvider;
use skyspan_trace::expect::{forest, span};
use skyspan_trace::trace::{Awaited, Capture, GlobalScope, Trace, Verdicts, carry, carry_future};

/// Longer than any of this takes; whatever fails to come fails the test, and does not hang it.
const LONG: Duration = Duration::from_secs(60);

fn names(trace: &Trace) -> Vec<&str> {
    let mut names: Vec<&str> = trace.spans().map(|span| span.span().name()).collect();
    names.sort_unstable();
    names
}

/// The tracer of a program that knows nothing of tests.
#[expect(clippy::disallowed_methods, reason = "that is what is tested")]
fn tracer() -> BoxedTracer {
    global::tracer("app")
}

fn emit(name: &'static str) {
    tracer().start(name).end();
}

#[test]
fn tests_in_parallel_catch_their_own_spans_of_the_global_provider() {
    const TESTS: usize = 8;
    let all_there = Barrier::new(TESTS);
    std::thread::scope(|threads| {
        for test in 0..TESTS {
            let all_there = &all_there;
            threads.spawn(move || {
                let capture = Capture::new();
                let _scope = capture.global_scope();
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
    });
}

#[test]
fn a_scope_ends_and_scopes_nest() {
    let (outer, inner) = (Capture::new(), Capture::new());
    emit("before");
    let outer_scope = outer.global_scope();
    emit("outer");
    let inner_scope = inner.global_scope();
    assert!(inner_scope.is_in_front());
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
    let first_scope = first.global_scope();
    let second_scope = second.global_scope();
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
        let _scope = capture.global_scope();
        TRACER.get_or_init(tracer).start(name).end();
        assert_eq!(names(&capture.trace()), [name]);
    }
}

#[test]
fn contexts_that_are_handed_on_take_their_scope_along() {
    let capture = Capture::new();
    let scope = capture.global_scope();
    let parent = tracer().start("request");
    let context = Context::current_with_span(parent);
    let task = async { emit("task") }.with_context(context.clone());
    drop(scope);
    std::thread::spawn(move || {
        emit("lost");
        block_on(task);
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
    let _scope = capture.global_scope();
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
        std::thread::spawn(|| block_on(load)).join().unwrap();
        std::thread::spawn(|| emit("not carried")).join().unwrap();
    });
    let trace = capture.trace();
    trace.assert(forest([span("request").children(["blocking", "load", "loaded", "store"].map(span))]));
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
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
    let scope = capture.global_scope();
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
    let scope = GlobalScope::of(provider);
    emit("seen twice");
    drop(scope);
    assert_eq!((capture.len(), also.len()), (1, 1));
}

#[test]
fn a_span_of_a_scope_has_all_that_it_was_given() {
    let capture = Capture::new();
    let _scope = capture.global_scope();
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
    let trace = capture.wait_until(|trace| trace.len() >= 1000, LONG).unwrap();
    assert_eq!((trace.len(), trace.defects().len()), (1000, 0));
    provider.shutdown().unwrap();
    assert_eq!(capture.trace().len(), 1000);
}

#[test]
fn a_condition_that_does_not_come_tells_what_was_caught() {
    let capture = Capture::new();
    let tracer = capture.provider().tracer("app");
    tracer.start("request").end();
    let _open = tracer.start("open");
    let error = capture.wait_until(|trace| trace.len() == 3, Duration::ZERO).unwrap_err();
    assert_eq!((error.awaited, error.trace.len()), (Awaited::Condition, 2));
    let text = error.to_string();
    let (first, tree) = text.split_once('\n').unwrap();
    assert_eq!(first, "the condition did not hold within 0ns; caught by then: 2 spans, 1 of them open");
    assert!(tree.contains("  request") && tree.contains("  open"), "{tree}");

    (0..100).for_each(|_| tracer.start("more").end());
    let error = capture.wait_until(|_| false, Duration::from_millis(1)).unwrap_err().to_string();
    assert!(error.lines().count() == 42 && error.ends_with("lines more"), "{error}");
}

#[test]
fn waiting_ends_when_the_span_comes() {
    let capture = Capture::new();
    let tracer = capture.provider().tracer("app");
    let (go, wait) = mpsc::channel();
    let worker = std::thread::spawn(move || {
        wait.recv().unwrap();
        tracer.start("late").end();
    });
    let mut go = Some(go);
    let trace = capture.wait_until(
        |trace| {
            // The capture may be used by the condition.
            assert_eq!(capture.len(), trace.len().max(capture.len()));
            if let Some(go) = go.take() {
                go.send(()).unwrap();
            }
            trace.named("late").any(|span| span.end().is_some())
        },
        LONG,
    );
    assert_eq!(trace.unwrap().len(), 1);
    worker.join().unwrap();
}

#[test]
fn quiet_is_when_nothing_comes() {
    let capture = Capture::new();
    assert_eq!(capture.wait_until_quiet(Duration::from_millis(1), LONG).unwrap().len(), 0);
    let error = capture.wait_until_quiet(LONG, Duration::from_millis(1)).unwrap_err();
    assert_eq!(error.to_string(), "within 1ms it was never quiet for 60s; caught by then: 0 spans");

    let tracer = capture.provider().tracer("app");
    let (stop, stopped) = mpsc::channel::<()>();
    let worker = std::thread::spawn(move || {
        while stopped.try_recv().is_err() {
            tracer.start("busy").end();
        }
    });
    capture.wait_until(|trace| !trace.is_empty(), LONG).unwrap();
    let error = capture.wait_until_quiet(Duration::from_secs(20), Duration::from_millis(2)).unwrap_err();
    assert_eq!(error.awaited, Awaited::Quiet { quiet_for: Duration::from_secs(20) });
    stop.send(()).unwrap();
    worker.join().unwrap();
    assert_eq!(capture.wait_until_quiet(Duration::ZERO, Duration::ZERO).unwrap().len(), capture.len());
}

#[cfg(feature = "tracing")]
mod tracing_spans {
    use skyspan_trace::expect::event;
    use skyspan_trace::trace::TracingScope;
    use tracing_subscriber::Registry;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    /// Thirty places in the code of which `tracing` has not heard.
    macro_rules! thirty_places {
        () => {
            thirty_places!(@ten 0 1 2 3 4 5 6 7 8 9)
        };
        (@ten $($n:tt)*) => {
            [$(
                [
                    || tracing::info_span!(concat!("a", $n)).in_scope(|| ()),
                    || tracing::info_span!(concat!("b", $n)).in_scope(|| ()),
                    || tracing::info_span!(concat!("c", $n)).in_scope(|| ()),
                ] as [fn(); 3]
            ),*]
        };
    }

    #[test]
    fn trap_01_a_plain_thread_that_comes_first_makes_no_span_be_lost() {
        let places: Vec<fn()> = thirty_places!().into_iter().flatten().collect();
        let mut caught = 0;
        for place in places {
            let (go, wait) = mpsc::channel();
            let plain = std::thread::spawn(move || {
                wait.recv().unwrap();
                place();
            });
            let capture = Capture::new();
            let _scope = capture.tracing_scope();
            go.send(()).unwrap();
            plain.join().unwrap();
            place();
            caught += capture.len();
        }
        assert_eq!(caught, 30);
    }

    #[test]
    fn a_place_that_was_met_before_any_scope_is_caught() {
        let place = || tracing::info_span!("early").in_scope(|| ());
        std::thread::spawn(place).join().unwrap();
        let capture = Capture::new();
        let _scope = capture.tracing_scope();
        std::thread::spawn(place).join().unwrap();
        place();
        assert_eq!(names(&capture.trace()), ["early"]);
    }

    #[test]
    fn tests_in_parallel_catch_their_own_spans_of_tracing() {
        const TESTS: usize = 8;
        let all_there = Barrier::new(TESTS);
        std::thread::scope(|threads| {
            for test in 0..TESTS as i64 {
                let all_there = &all_there;
                threads.spawn(move || {
                    let capture = Capture::new();
                    let scope = capture.tracing_scope();
                    all_there.wait();
                    (0..100).for_each(|_| tracing::info_span!("work", test).in_scope(|| ()));
                    drop(scope);
                    tracing::info_span!("work", test).in_scope(|| ());
                    let trace = capture.trace();
                    assert_eq!(trace.len(), 100);
                    trace.assert(skyspan_trace::expect::every(span("work").attr("test", test)).ended());
                });
            }
        });
    }

    #[test]
    fn tracing_and_opentelemetry_make_one_tree() {
        let capture = Capture::new();
        let (_global, _tracing) = (capture.global_scope(), capture.tracing_scope());
        tracing::info_span!("request", user = "ann").in_scope(|| {
            tracing::info!(rows = 3, "queried");
            tracer().in_span("query", |_| tracing::info_span!("read").in_scope(|| ()));
            std::thread::spawn(carry(|| tracing::info_span!("store").in_scope(|| emit("written")))).join().unwrap();
            let task = carry_future(async { tracing::info_span!("task").in_scope(|| ()) });
            std::thread::spawn(|| block_on(task)).join().unwrap();
            std::thread::spawn(|| tracing::info_span!("not carried").in_scope(|| ())).join().unwrap();
        });
        let trace = capture.trace();
        // The event of `tracing` has attributes of tracing-opentelemetry besides.
        trace.assert(forest([span("request")
            .only_attrs(["user"])
            .events([event("queried").attr("rows", 3)])
            .children([
                span("query").children([span("read")]),
                span("store").children([span("written")]),
                span("task"),
            ])]));
    }

    #[test]
    fn a_subscriber_of_ones_own_may_have_the_layer() {
        let capture = Capture::new();
        let filter = tracing::level_filters::LevelFilter::INFO;
        let scope = TracingScope::of(Registry::default().with(filter).with(capture.tracing_layer()));
        tracing::info_span!("kept").in_scope(|| tracing::debug_span!("filtered").in_scope(|| ()));
        drop(scope);
        assert_eq!(names(&capture.trace()), ["kept"]);
    }

    #[test]
    fn an_entered_span_is_known_as_open() {
        let capture = Capture::new();
        let _scope = capture.tracing_scope();
        let span = tracing::info_span!("long").entered();
        assert_eq!(capture.open_spans()[0].name, "long");
        drop(span);
        assert_eq!((capture.len(), capture.open_count()), (1, 0));
    }
}
