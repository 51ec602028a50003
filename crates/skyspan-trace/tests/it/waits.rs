//! Tests wait for what tasks and threads have yet to do, awaiting or blocking.

use std::future::pending;
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
use skyspan_trace::trace::{Awaited, Capture, Trace};

/// Longer than any of this takes; whatever fails to come fails the test, and does not hang it.
const LONG: Duration = Duration::from_secs(60);

const SHORT: Duration = Duration::from_millis(1);

#[test]
fn a_condition_that_does_not_come_tells_what_was_caught() {
    let capture = Capture::new();
    let tracer = capture.provider().tracer("app");
    tracer.start("request").end();
    let _open = tracer.start("open");
    let error = capture.wait_until(|trace| trace.len() == 3).within(Duration::ZERO).blocking().unwrap_err();
    assert_eq!((error.awaited, error.trace.len()), (Awaited::Condition, 2));
    let text = error.to_string();
    let (first, tree) = text.split_once('\n').unwrap();
    assert_eq!(first, "the condition did not hold within 0ns; caught by then: 2 spans, 1 of them open");
    assert!(tree.contains(" request ") && tree.contains(" open "), "{tree}");

    (0..100).for_each(|at| tracer.start(format!("more {at}")).end());
    let error = capture.wait_until(|_| false).within(SHORT).blocking().unwrap_err().to_string();
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
    let wait = capture.wait_until(|trace| {
        // The capture may be used by the condition.
        assert_eq!(capture.len(), trace.len().max(capture.len()));
        if let Some(go) = go.take() {
            go.send(()).unwrap();
        }
        trace.named("late").any(|span| span.end().is_some())
    });
    assert_eq!(wait.within(LONG).blocking().unwrap().len(), 1);
    worker.join().unwrap();
}

#[test]
fn quiet_is_when_nothing_comes() {
    let capture = Capture::new();
    assert_eq!(capture.quiet().quiet_for(SHORT).blocking().unwrap().len(), 0);
    let error = capture.quiet().quiet_for(LONG).within(SHORT).blocking().unwrap_err();
    assert!(error.to_string().starts_with("within 1ms it was never quiet for 60s; caught by then: 0 spans"), "{error}");

    let tracer = capture.provider().tracer("app");
    let (stop, stopped) = mpsc::channel::<()>();
    let worker = std::thread::spawn(move || {
        while stopped.try_recv().is_err() {
            tracer.start("busy").end();
        }
    });
    capture.wait_until(|trace| !trace.is_empty()).within(LONG).blocking().unwrap();
    let quiet = capture.quiet().quiet_for(Duration::from_secs(20)).within(2 * SHORT);
    assert_eq!(quiet.blocking().unwrap_err().awaited, Awaited::Quiet { quiet_for: Duration::from_secs(20) });
    stop.send(()).unwrap();
    worker.join().unwrap();
    assert_eq!(capture.quiet().quiet_for(Duration::ZERO).blocking().unwrap().len(), capture.len());
}

#[tokio::test]
async fn a_wait_lets_others_run_on_a_runtime_of_one_thread() {
    let capture = Capture::new();
    let tracer = capture.provider().tracer("app");
    tokio::spawn(async move {
        tokio::task::yield_now().await;
        tracer.start("stored").end();
    });
    let trace = capture.wait_until(|trace| trace.named("stored").count() == 1).await.unwrap();
    assert_eq!(trace.len(), 1);
}

#[tokio::test]
async fn it_has_settled_when_no_span_is_open() {
    let capture = Capture::new();
    let request = capture.provider().tracer("app").start("request");
    let error = capture.settled().quiet_for(SHORT).within(20 * SHORT).await.unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("within 20ms not every span has ended; caught by then: 1 span, 1 of them open"), "{text}");
    assert!(text.contains("request"), "{text}");
    tokio::spawn(async move { drop(request) });
    let trace = capture.settled().quiet_for(SHORT).await.unwrap();
    assert_eq!((trace.len(), trace.unended().count()), (1, 0));
    assert_eq!(capture.quiet().quiet_for(SHORT).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_wait_that_blocks_a_runtime_of_one_thread_says_why_it_cannot_end() {
    let capture = Capture::new();
    let tracer = capture.provider().tracer("app");
    let task = tokio::spawn(async move { tracer.start("stored").end() });
    let error = capture.wait_until(|trace| !trace.is_empty()).within(SHORT).blocking().unwrap_err();
    let told = "the wait blocked its thread, which is the only one of a tokio runtime";
    assert_eq!(error.blocked_runtime, cfg!(feature = "tokio"));
    assert_eq!(error.to_string().contains(told), cfg!(feature = "tokio"), "{error}");
    task.await.unwrap();
    let error = capture.wait_until(|_| false).within(SHORT).await.unwrap_err();
    assert!(!error.to_string().contains(told), "{error}");
}

#[test]
fn a_wait_needs_no_runtime_and_ends_when_it_is_dropped() {
    let capture = Capture::new();
    let condition: fn(&Trace) -> bool = |trace| !trace.is_empty();
    let mut waiting = Box::pin(capture.wait_until(condition).into_future());
    let mut cx = Context::from_waker(Waker::noop());
    assert!(waiting.as_mut().poll(&mut cx).is_pending());
    capture.provider().tracer("app").start("s").end();
    assert!(matches!(waiting.as_mut().poll(&mut cx), Poll::Ready(Ok(trace)) if trace.len() == 1));

    let mut never = Box::pin(capture.wait_until(|_| false).into_future());
    assert!(never.as_mut().poll(&mut cx).is_pending());
    drop(never);
    capture.provider().tracer("app").start("s").end();
}

#[tokio::test]
async fn several_wait_at_once_and_each_is_told() {
    let capture = Capture::new();
    let tracer = capture.provider().tracer("app");
    let waits: Vec<_> = (1..=20)
        .map(|n| {
            let capture = capture.clone();
            tokio::spawn(
                async move { capture.wait_until(move |trace| trace.len() >= n).await.map(|trace| trace.len()) },
            )
        })
        .collect();
    for _ in 0..20 {
        tokio::task::yield_now().await;
        tracer.start("s").end();
    }
    for (n, wait) in (1..).zip(waits) {
        assert!(wait.await.unwrap().unwrap() >= n);
    }
    // One that is given up midway wakes nobody later.
    let wait = capture.wait_until(|_| false).within(LONG).into_future();
    let given_up = tokio::spawn(async move {
        let _ = wait.await;
        pending::<()>().await;
    });
    tokio::task::yield_now().await;
    given_up.abort();
    assert!(given_up.await.unwrap_err().is_cancelled());
    tracer.start("s").end();
}
