//! A tracer starts and ends spans at the time of its clock, and leaves open what nobody can end.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span as SdkSpan, SpanData, SpanProcessor};
use skyspan::clock::{Clock, Tracer};
use skyspan::trace::{Capture, Trace};

fn names(trace: &Trace) -> Vec<&str> {
    trace.spans().map(|span| span.span().name()).collect()
}

/// Notes what other processors of a provider hear of.
#[derive(Clone, Debug, Default)]
struct Witness(Arc<Mutex<Vec<SpanData>>>);

impl SpanProcessor for Witness {
    fn on_start(&self, _: &mut SdkSpan, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        self.0.lock().expect("nobody panicked with it").push(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// It once kept its provider and the whole capture from ever being freed.
#[test]
fn a_span_that_is_abandoned_stays_open_and_holds_nothing() {
    let (capture, witness, other) = (Capture::new(), Witness::default(), Capture::new());
    let provider =
        capture.provider_builder().with_span_processor(witness.clone()).with_simple_exporter(other.exporter()).build();
    let clock = Clock::simulated();
    let tracer = Tracer::of_provider(&provider, "app", clock.clone());
    let mut span = tracer.start("hangs", &Context::new());
    span.set("k", 5);
    span.abandon();
    tracer.start("ends", &Context::new()).end();

    assert_eq!(names(&capture.trace()), ["ends", "hangs"]);
    assert_eq!((capture.open_count(), capture.trace().unended().count()), (1, 1));
    // An exporter sees no open spans.
    assert_eq!(names(&other.trace()), ["ends"]);
    let heard = witness.0.lock().unwrap().clone();
    let is_marked = |span: &SpanData| span.attributes.contains(&KeyValue::new("skyspan.abandoned", true));
    assert_eq!(
        heard.iter().map(|span| (&*span.name, is_marked(span))).collect::<Vec<_>>(),
        [("hangs", true), ("ends", false)]
    );
    assert_eq!(heard[0].end_time, SystemTime::UNIX_EPOCH);

    drop((tracer, provider));
    assert_eq!(Arc::strong_count(&witness.0), 1, "the provider is gone");
}
