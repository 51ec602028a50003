//! What a program records by `tracing` is caught, wherever in the program that is.

use std::sync::mpsc;

use opentelemetry::global;
use opentelemetry::trace::Tracer as _;
use skyspan_trace::expect::{any, event, every, exactly, forest, span};
use skyspan_trace::trace::{Capture, capture, carry, carry_future};
#[cfg(feature = "tokio")]
use tracing::Instrument as _;
use tracing::info_span;
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::unaware::{at_once, names, one_thread};

#[expect(clippy::disallowed_methods, reason = "that is what is tested")]
fn in_span_of_opentelemetry(name: &'static str, f: impl FnOnce()) {
    global::tracer("app").in_span(name, |_| f());
}

/// Thirty places in the code of which `tracing` has not heard.
macro_rules! thirty_places {
    () => {
        thirty_places!(@ten 0 1 2 3 4 5 6 7 8 9)
    };
    (@ten $($n:tt)*) => {
        [$(
            [
                || info_span!(concat!("a", $n)).in_scope(|| ()),
                || info_span!(concat!("b", $n)).in_scope(|| ()),
                || info_span!(concat!("c", $n)).in_scope(|| ()),
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
        let _scope = capture.scope();
        go.send(()).unwrap();
        plain.join().unwrap();
        place();
        caught += capture.len();
    }
    assert_eq!(caught, 30);
}

#[test]
fn a_place_in_the_code_that_was_met_before_any_scope_is_caught() {
    let place = || info_span!("early").in_scope(|| ());
    std::thread::spawn(place).join().unwrap();
    let capture = Capture::new();
    let _scope = capture.scope();
    std::thread::spawn(place).join().unwrap();
    place();
    assert_eq!(names(&capture.trace()), ["early"]);
}

#[test]
fn tests_in_parallel_catch_their_own_spans() {
    at_once(8, |test, all_there| {
        let test = test as i64;
        let capture = Capture::new();
        let scope = capture.scope();
        all_there.wait();
        (0..100).for_each(|_| info_span!("work", test).in_scope(|| ()));
        drop(scope);
        info_span!("work", test).in_scope(|| ());
        let trace = capture.trace();
        assert_eq!(trace.len(), 100);
        trace.assert(every(span("work").attr("test", test)).ended());
    });
}

#[tokio::test(flavor = "multi_thread")]
#[cfg(feature = "tokio")]
async fn what_a_service_spawns_is_caught_without_being_carried() {
    let capture = Capture::new();
    let _scope = capture.scope();
    let request = async {
        let store = tokio::spawn(async { info_span!("store").in_scope(|| ()) }.in_current_span());
        #[expect(clippy::disallowed_methods, reason = "a service may")]
        let render = tokio::task::spawn_blocking(|| info_span!("render").in_scope(|| ()));
        store.await.unwrap();
        render.await.unwrap();
    };
    tokio::spawn(request.instrument(info_span!("request"))).await.unwrap();
    // What runs elsewhere has no parent, unless it is taken along.
    capture.trace().assert(forest([span("request").children([span("store")]), span("render")]));
}

#[test]
fn tracing_and_opentelemetry_make_one_tree() {
    let capture = Capture::new();
    let _scope = capture.scope();
    info_span!("request", user = "ann").in_scope(|| {
        tracing::info!(rows = 3, "queried");
        in_span_of_opentelemetry("query", || info_span!("read").in_scope(|| ()));
        let store = carry(|| info_span!("store").in_scope(|| in_span_of_opentelemetry("written", || ())));
        std::thread::spawn(store).join().unwrap();
        let task = carry_future(async { info_span!("task").in_scope(|| ()) });
        std::thread::spawn(|| one_thread().block_on(task)).join().unwrap();
        std::thread::spawn(|| info_span!("not carried").in_scope(|| ())).join().unwrap();
    });
    let trace = capture.trace();
    // The event of `tracing` has attributes of tracing-opentelemetry besides.
    trace.assert(forest([span("request").only_attrs(["user"]).events([event("queried").attr("rows", 3)]).children([
        span("query").children([span("read")]),
        span("store").children([span("written")]),
        span("task"),
    ])]));
}

#[test]
fn a_subscriber_of_ones_own_may_have_the_layer() {
    let capture = Capture::new();
    let _scope = capture.scope();
    let filter = tracing::level_filters::LevelFilter::INFO;
    let subscriber = Registry::default().with(filter).with(capture::tracing_layer());
    tracing::subscriber::with_default(subscriber, || {
        info_span!("kept").in_scope(|| tracing::debug_span!("filtered").in_scope(|| ()));
    });
    assert_eq!(names(&capture.trace()), ["kept"]);
}

#[test]
fn an_entered_span_is_known_as_open() {
    let capture = Capture::new();
    let _scope = capture.scope();
    let span = info_span!("long").entered();
    assert_eq!(capture.open_spans()[0].name, "long");
    drop(span);
    assert_eq!((capture.len(), capture.open_count()), (1, 0));
}

#[test]
fn several_scopes_of_one_capture_make_one_tree() {
    let capture = Capture::new();
    let outer = capture.scope();
    let request = info_span!("request");
    request.in_scope(|| {
        let _inner = capture.scope();
        let query = info_span!(parent: &request, "query");
        query.in_scope(|| info_span!("read").in_scope(|| ()));
        // A handle may be cloned, and dropped, in whichever scope.
        let handle = query.clone();
        std::thread::spawn(move || drop(handle)).join().unwrap();
    });
    drop(outer);
    drop(request);
    let trace = capture.trace();
    trace.assert(forest([span("request").children([span("query").children([span("read")])])]));
    trace.assert(every(span(any())).ended());
}

#[test]
fn a_parent_closes_wherever_its_children_do() {
    let capture = Capture::new();
    let scope = capture.scope();
    let place = scope.place();
    let (request, query) = place.carry(|| {
        let request = info_span!("request").entered();
        (request.clone(), info_span!("query"))
    })();
    query.in_scope(|| ());
    drop(request);
    std::thread::spawn(move || drop(query)).join().unwrap();
    capture.trace().assert(forest([span("request").ended().children([span("query").ended()])]));
}

#[test]
fn integers_of_tracing_that_are_unsigned_come_as_strings_and_the_report_says_so() {
    let capture = Capture::new();
    let _scope = capture.scope();
    info_span!("order", items = 3_u64, price = 7_i64).in_scope(|| ());
    let trace = capture.trace();
    trace.assert(span("order").attr("items", "3").attr("price", 7));
    let report = trace.check(span("order").attr("items", 3)).unwrap_err().to_string();
    assert!(report.contains("tracing"), "{report}");
    assert!(report.contains("expected 3, found \"3\""), "{report}");
}

#[test]
fn many_spans_across_many_threads_are_whole() {
    let capture = Capture::new();
    let scope = capture.scope();
    let place = scope.place();
    std::thread::scope(|threads| {
        for _ in 0..4 {
            let place = place.clone();
            threads.spawn(move || {
                let _entered = place.enter();
                for _ in 0..100 {
                    let parent = info_span!("parent");
                    let child = parent.in_scope(|| info_span!("child"));
                    let elsewhere = child.clone();
                    drop(parent);
                    std::thread::scope(|threads| {
                        threads.spawn(move || elsewhere.in_scope(|| ()));
                    });
                    drop(child);
                }
            });
        }
    });
    let trace = capture.trace();
    trace.assert(exactly(400, span("parent").is_root().ended().child(span("child").ended())));
    assert_eq!((trace.len(), trace.defects()), (800, vec![]));
}
