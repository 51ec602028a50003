//! The service with `tracing`.

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use opentelemetry::trace::{SpanContext, Status, TraceContextExt as _};
use tokio::sync::mpsc;
use tracing::field::Empty;
use tracing::{Instrument as _, Span, info_span, instrument, warn};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::{WORK, is_refused, parent_of};

/// A job for the worker: an order, and the span that ordered it.
type Job = (i64, SpanContext);

/// The service; its worker is started with it.
pub fn app() -> Router {
    let (jobs, queue) = mpsc::channel(16);
    tokio::spawn(work(queue));
    Router::new().route("/order/{id}", get(order)).layer(from_fn(traced)).with_state(jobs)
}

/// A span around each request.
async fn traced(request: Request, next: Next) -> Response {
    let span = info_span!("GET /order", otel.kind = "server", http.response.status_code = Empty);
    if let Some(parent) = parent_of(request.headers()) {
        // Without a layer of tracing-opentelemetry there is no parent to be set.
        let _ = span.set_parent(parent);
    }
    let response = next.run(request).instrument(span.clone()).await;
    span.record("http.response.status_code", i64::from(response.status().as_u16()));
    response
}

async fn order(Path(id): Path<i64>, State(jobs): State<mpsc::Sender<Job>>) -> Result<String, StatusCode> {
    let reserved = tokio::spawn(reserve(id).in_current_span());
    let request = Span::current();
    let rendered =
        tokio::task::spawn_blocking(move || info_span!(parent: &request, "render").in_scope(|| format!("order {id}")));
    let internal = |_| StatusCode::INTERNAL_SERVER_ERROR;
    reserved.await.map_err(internal)?;
    let text = rendered.await.map_err(internal)?;
    let request = Span::current().context().span().span_context().clone();
    jobs.send((id, request)).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    charge(id).await.map_err(|()| StatusCode::PAYMENT_REQUIRED)?;
    Ok(text)
}

#[instrument(fields(order = id), skip_all)]
async fn reserve(id: i64) {
    tokio::time::sleep(WORK).await;
    // It goes on by itself, and may end after the answer.
    tokio::spawn(async {}.instrument(info_span!("log")));
}

#[instrument(fields(order = id), skip_all)]
async fn charge(id: i64) -> Result<(), ()> {
    if is_refused(id.unsigned_abs()) {
        warn!(order = id, "refused");
        Span::current().set_status(Status::error("no money"));
        return Err(());
    }
    Ok(())
}

/// Does the jobs, each in a trace of its own that points to the request.
async fn work(mut queue: mpsc::Receiver<Job>) {
    while let Some((id, request)) = queue.recv().await {
        let job = info_span!(parent: None, "ship", otel.kind = "consumer", order = id);
        job.add_link(request);
        async {
            tokio::time::sleep(WORK).await;
            info_span!("pack").in_scope(|| ());
        }
        .instrument(job)
        .await;
    }
}
