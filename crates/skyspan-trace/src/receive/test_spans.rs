//! [`TestSpans`]: the spans of one test, of a receiver that several share.

use std::process::Command;
use std::sync::Arc;

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::{IdGenerator as _, RandomIdGenerator};

use super::environment::Environment;
use super::intake::{Intake, TEST_ATTRIBUTE};
use crate::trace::{Capture, CaptureWait, Trace};

/// The spans of one test, from [`Receiver::test`](super::Receiver::test): tests run in parallel, and share a receiver, where a
/// server that all of them ask can send to no more than one.
///
/// A span belongs to a test by its trace, or by its resource, and then all of its trace does, also what came before:
///
/// - A request that carries the test's [`traceparent`](Self::traceparent) goes on in the test's trace, wherever it leads.
/// - A program that is started with the test's [environment](Self::configure) has the test in the resource of all its spans.
#[derive(Clone, Debug)]
pub struct TestSpans {
    of_test: Arc<OfTest>,
    intake: Arc<Intake>,
    endpoint: String,
}

#[derive(Debug)]
pub(super) struct OfTest {
    pub(super) id: String,
    pub(super) trace_id: TraceId,
    /// The span of the test, which nobody sends.
    pub(super) span_id: SpanId,
    pub(super) capture: Capture,
}

impl TestSpans {
    pub(super) fn begin(intake: &Arc<Intake>, endpoint: &str) -> Self {
        let ids = RandomIdGenerator::default();
        let (trace_id, span_id) = (ids.new_trace_id(), ids.new_span_id());
        let capture = Capture::new();
        capture.has_source();
        let of_test = Arc::new(OfTest { id: trace_id.to_string(), trace_id, span_id, capture });
        intake.begin_test(&of_test);
        Self { of_test, intake: Arc::clone(intake), endpoint: endpoint.to_owned() }
    }

    /// The trace of the test, as W3C Trace Context carries it in the header `traceparent`.
    ///
    /// ```
    /// use skyspan_trace::receive::Receiver;
    ///
    /// let receiver = Receiver::start()?;
    /// let test = receiver.test();
    /// assert_eq!(test.traceparent().len(), 55);
    /// assert!(test.trace().is_empty());
    /// # Ok::<(), skyspan_trace::receive::ReceiveError>(())
    /// ```
    #[must_use]
    pub fn traceparent(&self) -> String {
        format!("00-{}-{}-01", self.of_test.trace_id, self.of_test.span_id)
    }

    /// The id of the test's trace.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.of_test.trace_id
    }

    /// Sets the variables by which a program sends its spans, [those of the receiver](super::Receiver::configure), and with
    /// them the test.
    pub fn configure<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        self.environment_of().apply(command)
    }

    /// The same variables, for those who start programs otherwise.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        self.environment_of().set()
    }

    fn environment_of(&self) -> Environment {
        Environment::of(&self.endpoint)
            .with_resource(&format!("{TEST_ATTRIBUTE}={}", self.of_test.id))
            .with("TRACEPARENT", self.traceparent())
    }

    /// The spans of the test so far, in the order in which they came.
    #[must_use]
    pub fn trace(&self) -> Trace {
        self.of_test.capture.trace()
    }

    /// What has caught them, to [wait](Capture::wait_until) for one.
    #[must_use]
    pub fn capture(&self) -> &Capture {
        &self.of_test.capture
    }

    /// Waits as [`Receiver::settled`](super::Receiver::settled), for the spans of the test.
    pub fn settled(&self) -> CaptureWait<impl FnMut(&Trace) -> bool + use<>> {
        let intake = Arc::clone(&self.intake);
        self.of_test.capture.whole(move |trace| intake.is_whole(trace))
    }
}
