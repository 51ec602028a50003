//! Spans, sent by `opentelemetry-otlp`: `rust-spans http|grpc|old`.

use std::error::Error;

const SPANS: i64 = 600;

fn main() -> Result<(), Box<dyn Error>> {
    match std::env::args().nth(1).as_deref() {
        Some("http") => http(),
        Some("grpc") => grpc(),
        Some("old") => old(),
        _ => Err("expected http, grpc or old".into()),
    }
}

fn http() -> Result<(), Box<dyn Error>> {
    send(opentelemetry_otlp::SpanExporter::builder().with_http().build()?)
}

fn grpc() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let _entered = runtime.enter();
    send(opentelemetry_otlp::SpanExporter::builder().with_tonic().build()?)
}

/// Sends by the exporter of this version.
fn send(exporter: opentelemetry_otlp::SpanExporter) -> Result<(), Box<dyn Error>> {
    use opentelemetry::trace::{Span as _, SpanKind, Status, TraceContextExt as _, Tracer as _, TracerProvider as _};
    use opentelemetry::{Context, KeyValue};
    use opentelemetry_sdk::trace::SdkTracerProvider;

    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).build();
    let tracer = provider.tracer("shop");
    let order = tracer.start("order");
    let below = Context::new().with_span(order);
    for at in 0..SPANS {
        let mut charge = tracer.span_builder("charge").with_kind(SpanKind::Client).start_with_context(&tracer, &below);
        charge.set_attribute(KeyValue::new("at", at));
        if at == 7 {
            charge.set_status(Status::error("declined"));
        }
        charge.end();
    }
    below.span().add_event("stored", vec![KeyValue::new("rows", 2)]);
    below.span().end();
    provider.shutdown()?;
    Ok(())
}

/// Sends by the exporter of another version.
fn old() -> Result<(), Box<dyn Error>> {
    use opentelemetry_old::trace::{
        Span as _, SpanKind, Status, TraceContextExt as _, Tracer as _, TracerProvider as _,
    };
    use opentelemetry_old::{Context, KeyValue};
    use opentelemetry_sdk_old::trace::TracerProvider;

    let exporter = opentelemetry_otlp_old::SpanExporter::builder().with_http().build()?;
    let provider = TracerProvider::builder().with_simple_exporter(exporter).build();
    let tracer = provider.tracer("shop");
    let order = tracer.start("order");
    let below = Context::new().with_span(order);
    for at in 0..SPANS {
        let mut charge = tracer.span_builder("charge").with_kind(SpanKind::Client).start_with_context(&tracer, &below);
        charge.set_attribute(KeyValue::new("at", at));
        if at == 7 {
            charge.set_status(Status::error("declined"));
        }
        charge.end();
    }
    below.span().add_event("stored", vec![KeyValue::new("rows", 2)]);
    below.span().end();
    provider.shutdown()?;
    Ok(())
}
