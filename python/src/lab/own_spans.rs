//! The spans that a plan makes itself, by Python's SDK: they are of its trace, and the parents of the engine's.

use std::sync::LazyLock;
use std::sync::atomic::Ordering;

use pyo3::intern;
use pyo3::prelude::*;
use skyspan::opentelemetry::Context;
use skyspan::opentelemetry::trace::{SpanContext, TraceContextExt as _, TraceFlags, TraceState};
use skyspan_trace::trace::capture::ingest::{Incoming, Ingest as _};

use super::lab_core::LabCore;
use crate::convert::{Shared, span};

/// What the spans of all labs share.
static SHARED: LazyLock<Shared> = LazyLock::new(Shared::default);

/// A span of the plan's own has started.
///
/// # Errors
///
/// For what is no span of the SDK.
pub(crate) fn started(lab: &LabCore, started: &Bound<'_, PyAny>) -> PyResult<()> {
    let started = span(started, 0, true, &SHARED)?;
    lab.bridge.open_spans.fetch_add(1, Ordering::Relaxed);
    Python::attach(|py| py.detach(|| lab.harness.capture().started(Incoming::from(started))));
    Ok(())
}

/// It has ended.
///
/// # Errors
///
/// For what is no span of the SDK.
pub(crate) fn ended(lab: &LabCore, ended: &Bound<'_, PyAny>) -> PyResult<()> {
    let ended = span(ended, 0, false, &SHARED)?;
    lab.bridge.open_spans.fetch_sub(1, Ordering::Relaxed);
    Python::attach(|py| py.detach(|| lab.harness.capture().ended(Incoming::from(ended))));
    Ok(())
}

/// The span of Python that is current on this thread, as a parent.
pub(crate) fn current() -> Context {
    let current = Python::attach(|py| -> PyResult<Context> {
        let span = py.import(intern!(py, "opentelemetry.trace"))?.call_method0(intern!(py, "get_current_span"))?;
        let context = span.call_method0(intern!(py, "get_span_context"))?;
        let (trace, span): (u128, u64) =
            (context.getattr(intern!(py, "trace_id"))?.extract()?, context.getattr(intern!(py, "span_id"))?.extract()?);
        if span == 0 {
            return Ok(Context::new());
        }
        let context = SpanContext::new(trace.into(), span.into(), TraceFlags::SAMPLED, false, TraceState::NONE);
        Ok(Context::new().with_remote_span_context(context))
    });
    current.unwrap_or_default()
}
