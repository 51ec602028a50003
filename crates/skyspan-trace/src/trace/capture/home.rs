//! [`Home`]: where the spans of a capture are made, when it is not the program that makes them.

use std::fmt;
use std::sync::{Arc, RwLock, Weak};
use std::time::Duration;

use opentelemetry::trace::{SpanBuilder, Tracer as _, TracerProvider as _};
use opentelemetry::{Context, InstrumentationScope};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, Span as SdkSpan, SpanData, SpanProcessor};

use super::Capture;
use super::capture::WeakCapture;
use crate::sync::{read, write};

/// Tracers are as many as libraries; should a program make a library for each span, not all are remembered.
const TRACERS_MAX: usize = 64;

/// A capture, and the provider that makes its spans where a program asks the global one.
pub(super) struct Home {
    /// Weak, so that a context or a thread that is left over keeps nothing that was captured.
    capture: WeakCapture,
    provider: SdkTracerProvider,
    tracers: RwLock<Vec<(InstrumentationScope, SdkTracer)>>,
}

impl Home {
    pub(super) fn new(capture: &Capture, provider: SdkTracerProvider) -> Arc<Self> {
        Arc::new(Self { capture: capture.downgrade(), provider, tracers: RwLock::default() })
    }

    /// The home of a capture that needs no provider of its own. It does not keep the capture.
    pub(super) fn of(capture: &Capture) -> Arc<Self> {
        let provider = Capture::whole_spans().with_span_processor(WeakProcessor(capture.downgrade())).build();
        Self::new(capture, provider)
    }

    /// The capture, if anybody still has it.
    pub(super) fn capture(&self) -> Option<Capture> {
        self.capture.upgrade()
    }

    /// Starts a span of a library.
    pub(super) fn build(&self, library: &InstrumentationScope, builder: SpanBuilder, parent: &Context) -> SdkSpan {
        self.tracer(library).build_with_context(builder, parent)
    }

    fn tracer(&self, library: &InstrumentationScope) -> SdkTracer {
        let known = read(&self.tracers).iter().find(|(known, _)| known == library).map(|(_, tracer)| tracer.clone());
        known.unwrap_or_else(|| {
            let tracer = self.provider.tracer_with_scope(library.clone());
            let mut tracers = write(&self.tracers);
            if tracers.len() == TRACERS_MAX {
                tracers.clear();
            }
            tracers.push((library.clone(), tracer.clone()));
            tracer
        })
    }
}

impl fmt::Debug for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Home")
    }
}

/// A capture as a processor that does not keep it.
#[derive(Debug)]
struct WeakProcessor(WeakCapture);

impl SpanProcessor for WeakProcessor {
    fn on_start(&self, span: &mut SdkSpan, parent: &Context) {
        if let Some(capture) = self.0.upgrade() {
            capture.on_start(span, parent);
        }
    }

    fn on_end(&self, data: SpanData) {
        if let Some(capture) = self.0.upgrade() {
            capture.on_end(data);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// A home that is not kept.
pub(super) type WeakHome = Weak<Home>;
