//! One test that has a process for itself, as nextest gives it to each: all is caught, wherever it starts.

use opentelemetry::global;
use opentelemetry::trace::Tracer as _;
use skyspan_trace::expect::{any, exactly, one, span};
use skyspan_trace::trace::Capture;

#[test]
#[expect(clippy::disallowed_methods, reason = "a service does")]
fn a_whole_program_is_caught_with_its_bare_threads() -> Result<(), Box<dyn std::error::Error>> {
    let capture = Capture::new();
    let _all = capture.process_wide()?;
    let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(|| tracing::info_span!("bare").in_scope(|| ()))).collect();
    let caught = capture.clone();
    let server = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(async {
            let port = service::serve(service::by_opentelemetry::app()).await?;
            let answer = service::client::order(port, 1, None).await?;
            caught.wait_until(|trace| trace.named("pack").count() == 1).await.expect("it is packed");
            caught.settled().await.expect("nothing is open");
            Ok::<_, std::io::Error>(answer)
        })
    });
    global::tracer("main").in_span("main", |_| {});
    for thread in threads {
        thread.join().expect("no panic");
    }
    assert_eq!(server.join().expect("no panic")?, "HTTP/1.1 200 OK");
    let trace = capture.trace();
    trace.assert(exactly(4, span("bare").is_root()));
    trace.assert(one(span("charge").parent(span("GET /order"))));
    trace.assert(exactly(4 + 1 + 7, span(any())));
    Ok(())
}
