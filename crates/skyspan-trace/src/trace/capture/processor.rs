//! The SDK in front of the door: a [`Capture`] as a span processor, and [`processor`] for a provider of the program.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span as SdkSpan, SpanData, SpanProcessor};

use super::Capture;
use super::abandoned::is_abandoned;
use super::ingest::{Incoming, Ingest as _, Record};
use super::{homes, lost};
use crate::trace::Resource;

impl SpanProcessor for Capture {
    fn on_start(&self, span: &mut SdkSpan, _: &Context) {
        // The SDK lets a processor read a span that has started only by copying it.
        if let Some(data) = span.exported_data() {
            self.started(Incoming::sdk(data, Arc::clone(self.resource())));
        }
    }

    fn on_end(&self, data: SpanData) {
        // One that was abandoned is open, and stays so.
        if !is_abandoned(&data) {
            self.ended(Incoming::sdk(data, Arc::clone(self.resource())));
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    /// Does nothing: what was caught is kept.
    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn set_resource(&mut self, resource: &opentelemetry_sdk::Resource) {
        self.come_from(Arc::new(resource.into()));
    }
}

/// A processor for a provider of the program's own, beside others: each span goes to the capture to which it belongs, as the
/// [router](super::ingest::Router) says, and to the program's exporters as ever.
///
/// With this in the global provider no scope puts another one in front of it. What the sampler of that provider drops, no
/// processor gets to see.
///
/// ```
/// use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
/// use opentelemetry_sdk::Resource;
/// use opentelemetry_sdk::trace::SdkTracerProvider;
/// use skyspan_trace::trace::{Capture, capture};
///
/// let provider = SdkTracerProvider::builder()
///     .with_resource(Resource::builder_empty().with_service_name("shop").build())
///     .with_span_processor(capture::processor())
///     .build();
///
/// let capture = Capture::new();
/// let _scope = capture.scope();
/// provider.tracer("app").start("request").end();
/// let trace = capture.trace();
/// assert_eq!(trace.spans().next().unwrap().resource().attributes.get("service.name"), Some(&"shop".into()));
/// ```
#[must_use]
pub fn processor() -> CaptureProcessor {
    CaptureProcessor { resource: Resource::none(), in_provider: AtomicBool::new(false) }
}

/// A processor that gives each span to the capture to which it belongs, from [`processor`].
#[derive(Debug)]
pub struct CaptureProcessor {
    resource: Arc<Resource>,
    in_provider: AtomicBool,
}

/// How many providers have such a processor.
static PROVIDERS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Whether a processor was told of a span on this thread.
    static TOLD: Cell<bool> = const { Cell::new(false) };
}

/// Whether any provider has such a processor.
pub(super) fn is_somewhere() -> bool {
    PROVIDERS.load(Ordering::Relaxed) > 0
}

/// What `start` gives, and whether a processor was told of a span that it started.
pub(super) fn watch<T>(start: impl FnOnce() -> T) -> (T, bool) {
    let before = TOLD.replace(false);
    let started = start();
    (started, TOLD.replace(before))
}

impl SpanProcessor for CaptureProcessor {
    fn on_start(&self, span: &mut SdkSpan, parent: &Context) {
        let _ = TOLD.try_with(|told| told.set(true));
        match homes::find(parent) {
            Some(found) => {
                found.claim(opentelemetry::trace::Span::span_context(span).trace_id());
                if let Some(data) = span.exported_data() {
                    found.capture.started(Incoming::sdk(data, Arc::clone(&self.resource)));
                }
            }
            None => {
                if let Some(data) = span.exported_data() {
                    lost::count(&data.name.into());
                }
            }
        }
    }

    fn on_end(&self, data: SpanData) {
        if is_abandoned(&data) {
            return;
        }
        let record = Record::Sdk(data, Arc::clone(&self.resource));
        let (trace, span) = record.id();
        // One that belongs to nobody was counted when it started.
        if let Some(capture) = homes::of_started(trace, span) {
            capture.take_ended(record);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn set_resource(&mut self, resource: &opentelemetry_sdk::Resource) {
        self.resource = Arc::new(resource.into());
        // The SDK does this once, when it builds the provider.
        if !self.in_provider.swap(true, Ordering::Relaxed) {
            PROVIDERS.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for CaptureProcessor {
    fn drop(&mut self) {
        if *self.in_provider.get_mut() {
            PROVIDERS.fetch_sub(1, Ordering::Relaxed);
        }
    }
}
