//! A service that has a global provider of its own, with a resource and an exporter, and gives it the processor of the captures.

use std::sync::OnceLock;

use opentelemetry::global;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider};
use skyspan_trace::expect::{any, every, exactly, one, span};
use skyspan_trace::trace::{Capture, capture};

/// What the service does when it begins. A program does it once; its tests, which share a process, do so, too.
#[expect(clippy::disallowed_methods, reason = "a service does")]
fn begin() -> &'static InMemorySpanExporter {
    static EXPORTER: OnceLock<InMemorySpanExporter> = OnceLock::new();
    EXPORTER.get_or_init(|| {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_resource(Resource::builder_empty().with_service_name("orders").build())
            .with_simple_exporter(exporter.clone())
            .with_span_processor(capture::processor())
            .build();
        global::set_tracer_provider(provider);
        exporter
    })
}

async fn an_order_is_caught_and_exported(id: u64) {
    let exporter = begin();
    let capture = Capture::new();
    let scope = capture.scope();
    assert_eq!(scope.obstacles(), []);
    let port = service::serve(service::by_opentelemetry::app()).await.expect("a port");
    service::client::order(port, id, None).await.expect("an answer");
    capture.wait_until(|trace| trace.named("pack").count() == 1).await.expect("it is packed");
    let trace = capture.settled().await.expect("nothing is open");
    trace.assert(exactly(7, span(any())));
    trace.assert(every(span(any())).resource("service.name", "orders").ended());
    trace.assert(one(span("charge").attr("order", id as i64).parent(span("GET /order"))));
    for caught in trace.spans() {
        let exported = exporter.get_finished_spans().expect("the exporter lives");
        let is_it = |span: &opentelemetry_sdk::trace::SpanData| span.span_context.span_id() == caught.span_id();
        assert_eq!(exported.iter().filter(|span| is_it(span)).count(), 1, "{}", caught.name());
    }
}

macro_rules! tests {
    ($($name:ident: $runtime:meta, $id:literal;)*) => {
        $(
            #[$runtime]
            async fn $name() {
                an_order_is_caught_and_exported($id).await;
            }
        )*
    };
}

tests! {
    on_one_thread: tokio::test, 1;
    on_one_thread_too: tokio::test, 2;
    on_several_threads: tokio::test(flavor = "multi_thread", worker_threads = 2), 3;
    on_several_threads_too: tokio::test(flavor = "multi_thread", worker_threads = 2), 4;
}
