//! The spans of a scan, to be made again through the SDK alone.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry::trace::{Span as _, SpanBuilder, TraceContextExt as _, Tracer as _, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, Span as SdkSpan, SpanData, SpanProcessor};
use skyspan::clock::Clock;
use skyspan::device::Device;
use skyspan::engine::RunEngine;
use skyspan::hardware::{SynAxis, SynGauss};
use skyspan::plan::plans;

pub(crate) fn axis_and_detector() -> (Device, Device) {
    let motor: Device = SynAxis::new("motor").into();
    let det = SynGauss::new("det", &motor, "motor").into();
    (motor, det)
}

/// The spans of such a scan, in the order in which they ended, with who is whose parent.
pub(crate) struct Recorded {
    data: SpanData,
    attributes: Vec<KeyValue>,
    parent: Option<usize>,
}

pub(crate) fn the_same_spans(motor: &Device, det: &Device, points: u64) -> Vec<Recorded> {
    let keep = Keep::default();
    let provider = SdkTracerProvider::builder().with_span_processor(keep.clone()).build();
    let clock = Clock::simulated();
    let mut engine = RunEngine::builder(clock.clone()).provider(&provider).build();
    drop(clock.block_on(engine.run(plans::scan(det, motor, 0, 10, points))));
    let mut spans = std::mem::take(&mut *keep.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    // Parents first: they end last.
    spans.reverse();
    let ids: Vec<_> = spans.iter().map(|span| span.span_context.span_id()).collect();
    spans
        .into_iter()
        .map(|mut data| Recorded {
            attributes: std::mem::take(&mut data.attributes),
            parent: ids.iter().position(|id| *id == data.parent_span_id),
            data,
        })
        .collect()
}

/// Makes the spans again through OpenTelemetry's interface alone, attribute by attribute.
pub(crate) fn make_again<P: TracerProvider>(spans: &[Recorded], provider: &P) {
    let tracer = provider.tracer("bluesky.tracing");
    let mut contexts: Vec<Context> = Vec::with_capacity(spans.len());
    for recorded in spans {
        let parent = recorded.parent.map_or_else(Context::new, |at| contexts[at].clone());
        let builder = SpanBuilder::from_name(recorded.data.name.clone()).with_start_time(recorded.data.start_time);
        let mut span = tracer.build_with_context(builder, &parent);
        for attribute in &recorded.attributes {
            span.set_attribute(attribute.clone());
        }
        contexts.push(Context::new().with_remote_span_context(span.span_context().clone()));
        span.end_with_timestamp(recorded.data.end_time);
    }
}

/// The least that keeps spans: a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keep(Arc<Mutex<Vec<SpanData>>>);

impl SpanProcessor for Keep {
    fn on_start(&self, _: &mut SdkSpan, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}
