//! A program that has set a global subscriber of `tracing` without the layer of the captures: what can be caught is, and what
//! cannot is told.

use skyspan_trace::expect::{forest, span};
use skyspan_trace::trace::{Capture, capture::Obstacle, carry};
use tracing::info_span;

#[test]
fn only_the_thread_of_the_scope_is_heard_and_the_report_says_why() {
    tracing::subscriber::set_global_default(tracing_subscriber::registry()).expect("it is the first");
    let capture = Capture::new();
    let scope = capture.scope();
    assert_eq!(scope.obstacles(), [Obstacle::OtherSubscriber]);
    info_span!("here").in_scope(|| {
        std::thread::spawn(carry(|| info_span!("carried").in_scope(|| ()))).join().expect("no panic");
        std::thread::spawn(|| info_span!("elsewhere").in_scope(|| ())).join().expect("no panic");
    });
    let trace = capture.trace();
    trace.assert(forest([span("here").children([span("carried")])]));
    let report = trace.check(span("elsewhere")).unwrap_err().to_string();
    assert!(report.contains("give it `.with(capture::tracing_layer())`"), "{report}");

    // A place takes the subscriber along, also for good.
    let place = scope.place();
    std::thread::spawn(move || {
        place.stay();
        info_span!("stays").in_scope(|| ());
    })
    .join()
    .expect("no panic");
    capture.trace().assert(span("stays").is_root());
    drop(scope);
    info_span!("afterwards").in_scope(|| ());
    assert_eq!(capture.trace().named("afterwards").count(), 0);
}
