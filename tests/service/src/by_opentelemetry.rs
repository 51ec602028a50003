//! The service with OpenTelemetry's API, and its global provider.

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use opentelemetry::global::{self, BoxedTracer};
use opentelemetry::trace::{
    FutureExt as _, Link, Span as _, SpanContext, SpanKind, Status, TraceContextExt as _, Tracer as _,
};
use opentelemetry::{Context, KeyValue};
use tokio::sync::mpsc;

use crate::{WORK, is_refused, parent_of};

/// A job for the worker: an order, and the span that ordered it.
type Job = (u64, SpanContext);

fn tracer() -> BoxedTracer {
    global::tracer("orders")
}

/// The service; its worker is started with it.
pub fn app() -> Router {
    let (jobs, queue) = mpsc::channel(16);
    tokio::spawn(work(queue));
    Router::new().route("/order/{id}", get(order)).layer(from_fn(traced)).with_state(jobs)
}

/// A span around each request.
async fn traced(request: Request, next: Next) -> Response {
    let parent = parent_of(request.headers()).unwrap_or_else(Context::current);
    let tracer = tracer();
    let span = tracer.span_builder("GET /order").with_kind(SpanKind::Server).start_with_context(&tracer, &parent);
    let context = parent.with_span(span);
    let response = next.run(request).with_context(context.clone()).await;
    context.span().set_attribute(KeyValue::new("http.response.status_code", i64::from(response.status().as_u16())));
    context.span().end();
    response
}

async fn order(Path(id): Path<u64>, State(jobs): State<mpsc::Sender<Job>>) -> Result<String, StatusCode> {
    let context = Context::current();
    let reserved = tokio::spawn(reserve(id).with_context(context.clone()));
    let in_thread = context.clone();
    let rendered = tokio::task::spawn_blocking(move || {
        let _entered = in_thread.attach();
        tracer().in_span("render", |_| format!("order {id}"))
    });
    let internal = |_| StatusCode::INTERNAL_SERVER_ERROR;
    reserved.await.map_err(internal)?;
    let text = rendered.await.map_err(internal)?;
    let request = context.span().span_context().clone();
    jobs.send((id, request)).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    charge(id).await.map_err(|()| StatusCode::PAYMENT_REQUIRED)?;
    Ok(text)
}

async fn reserve(id: u64) {
    let mut span = tracer().start("reserve");
    span.set_attribute(KeyValue::new("order", id as i64));
    let context = Context::current_with_span(span);
    tokio::time::sleep(WORK).with_context(context.clone()).await;
    let log = async { tracer().start("log").end() }.with_context(context.clone());
    // It goes on by itself, and may end after the answer.
    tokio::spawn(log);
    context.span().end();
}

async fn charge(id: u64) -> Result<(), ()> {
    let mut span = tracer().start("charge");
    span.set_attribute(KeyValue::new("order", id as i64));
    if is_refused(id) {
        span.add_event("refused", vec![KeyValue::new("order", id as i64)]);
        span.set_status(Status::error("no money"));
        return Err(());
    }
    Ok(())
}

/// Does the jobs, each in a trace of its own that points to the request.
async fn work(mut queue: mpsc::Receiver<Job>) {
    while let Some((id, request)) = queue.recv().await {
        let tracer = tracer();
        let job = tracer
            .span_builder("ship")
            .with_kind(SpanKind::Consumer)
            .with_links(vec![Link::new(request, Vec::new(), 0)])
            .with_attributes([KeyValue::new("order", id as i64)])
            .start_with_context(&tracer, &Context::new());
        let context = Context::new().with_span(job);
        async {
            tokio::time::sleep(WORK).await;
            tracer.start("pack").end();
        }
        .with_context(context.clone())
        .await;
        context.span().end();
    }
}
