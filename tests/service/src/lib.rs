//! A service that takes orders, written twice: once with OpenTelemetry's API ([`by_opentelemetry`]), once with `tracing`
//! ([`by_tracing`]). Nothing in it knows of tests.
//!
//! An order comes over HTTP, with or without a `traceparent`. Its handler reserves in a task, renders on a blocking thread, and
//! hands a job to a worker, which belongs to no request: it has a trace of its own, with a link. Some orders fail.

#![expect(clippy::disallowed_methods, reason = "a service knows of no clock, and has what is global")]

use std::time::Duration;

use axum::Router;
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use tokio::net::TcpListener;

pub mod by_opentelemetry;
pub mod by_tracing;
pub mod client;

/// How long some of the work takes.
const WORK: Duration = Duration::from_millis(1);

/// Serves an app on a port of this machine, in the background, and gives the port.
///
/// # Errors
///
/// That of the operating system, if it has no port.
pub async fn serve(app: Router) -> std::io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(port)
}

/// Whether an order cannot be paid.
fn is_refused(order: u64) -> bool {
    order % 5 == 4
}

/// The span of the client, as the header `traceparent` of W3C Trace Context has it.
fn parent_of(headers: &axum::http::HeaderMap) -> Option<Context> {
    let mut fields = headers.get("traceparent")?.to_str().ok()?.split('-').skip(1);
    let (trace, span) = (fields.next()?, fields.next()?);
    let parent = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(span).ok()?,
        TraceFlags::SAMPLED,
        true,
        TraceState::NONE,
    );
    Some(Context::new().with_remote_span_context(parent))
}

/// The guide's page on services: its examples are run here, where there is a web framework.
#[cfg(doctest)]
#[doc = include_str!("../../../src/guide/service.md")]
mod guide {}
