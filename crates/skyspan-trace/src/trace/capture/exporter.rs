//! [`CaptureExporter`]: a capture where only an exporter can be plugged in.

use std::time::Duration;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter, SpanProcessor as _};

use super::Capture;

/// An exporter that brings spans to a [`Capture`], from [`Capture::exporter`].
#[derive(Clone, Debug)]
pub struct CaptureExporter(Capture);

impl Capture {
    /// An exporter that brings spans to this capture, for programs where nothing else can be plugged in.
    ///
    /// Where there is a choice, the capture itself is the better one: an exporter is not told of spans that have started,
    /// so that none is ever [open](Self::open_spans), and behind the SDK's batch processor a span arrives only when that
    /// is flushed, or [later](Self::wait_until). That processor drops what is more than its queue holds, 2,048 spans
    /// unless it was told otherwise. Nothing is lost here, and a shutdown changes nothing. A provider that has both this
    /// and the capture brings every span twice.
    ///
    /// ```
    /// use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
    /// use opentelemetry_sdk::trace::SdkTracerProvider;
    /// use skyspan_trace::trace::Capture;
    ///
    /// let capture = Capture::new();
    /// let provider = SdkTracerProvider::builder().with_batch_exporter(capture.exporter()).build();
    /// provider.tracer("app").start("request").end();
    ///
    /// provider.shutdown()?;
    /// assert_eq!(capture.trace().named("request").count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn exporter(&self) -> CaptureExporter {
        self.watch().has_source();
        CaptureExporter(self.clone())
    }
}

impl SpanExporter for CaptureExporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        batch.into_iter().for_each(|span| self.0.on_end(span));
        Ok(())
    }

    /// Does nothing: what was caught is kept.
    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}
