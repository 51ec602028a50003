//! [`Capture`]: catches spans.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, Weak};

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, SpanLimits, TracerProviderBuilder};

use super::caught::Caught;
use super::home::Home;
use super::homes;
use super::ingest::Record;
use super::lost::{SharedWatch, Watch};
use super::open_spans::OpenRecord;
use crate::sync::lock;
use crate::trace::{Resource, Span, Trace};
use crate::value::Text;
use crate::value::Timestamp;

/// Catches spans: those of its providers, those of its [scope](Self::scope), and what else is [told](super::ingest) to it.
///
/// Unlike the SDK's `InMemorySpanExporter` it also knows the spans that have started and not ended, keeps what it has
/// after the provider was shut down or dropped, keeps resource and scope, and hands out [`Trace`]s that share its spans.
/// It can serve several providers, from any thread. Clones share what they caught.
///
/// Code that takes its tracer from [`provider`](Self::provider) needs no more. Code that asks OpenTelemetry's global
/// provider, or uses `tracing` (with the feature `tracing`), is caught within a [`scope`](Self::scope); where nothing but an
/// exporter can be plugged in, [`exporter`](Self::exporter) is one. [`settled`](Self::settled) and
/// [`wait_until`](Self::wait_until) wait for what tasks and threads have yet to do.
///
/// The SDK ends a span that is dropped, at the wall clock's time; such a span is caught as ended. A span that is still
/// open when its provider is shut down never ends, as the SDK then keeps it to itself.
///
/// A span of [`provider`](Self::provider) is made where the capture keeps it, and nothing of it is converted. What another provider or
/// `tracing` hands over is converted when the capture next makes a trace, so that ending a span costs the program little.
///
/// An open span is known by what it had when it started: attributes and events that came later are seen when it ends.
#[derive(Clone, Debug)]
pub struct Capture {
    shared: Arc<CaptureShared>,
    /// That of the provider which this clone was given to; each provider has its own clone.
    resource: Arc<Resource>,
}

#[derive(Debug, Default)]
pub(super) struct CaptureShared {
    pub(super) caught: Mutex<Caught>,
    /// Told of every span that starts or ends.
    pub(super) changed: Condvar,
    /// Where its spans are made that the program takes from the global provider.
    home: OnceLock<Arc<Home>>,
    /// The traces by which spans find it.
    traces: Mutex<Vec<TraceId>>,
    watch: SharedWatch,
}

impl Drop for CaptureShared {
    fn drop(&mut self) {
        homes::forget(&std::mem::take(&mut *lock(&self.traces)), self);
    }
}

/// A capture that is not kept.
#[derive(Clone, Debug)]
pub(super) struct WeakCapture {
    shared: Weak<CaptureShared>,
    resource: Arc<Resource>,
}

impl WeakCapture {
    /// The capture, if anybody still has it.
    pub(super) fn upgrade(&self) -> Option<Capture> {
        Some(Capture { shared: self.shared.upgrade()?, resource: Arc::clone(&self.resource) })
    }

    pub(super) fn is(&self, shared: *const CaptureShared) -> bool {
        std::ptr::eq(self.shared.as_ptr(), shared)
    }
}

/// A point in the life of a [`Capture`], from [`Capture::mark`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Mark {
    pub(super) ended: u64,
    pub(super) started: u64,
}

/// A span that has not ended yet, in short.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct OpenSpan {
    /// What it was called when it started.
    pub name: Text,
    /// When the span started.
    pub start: Timestamp,
}

impl Default for Capture {
    fn default() -> Self {
        Self::new()
    }
}

impl Capture {
    /// A capture that has caught nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { shared: Arc::default(), resource: Resource::none() }
    }

    /// Says that the order in which its spans start is the same in each run, as it is on a simulated clock: then
    /// [snapshots](crate::expect::shape) keep the order also of spans that start at one instant. Should spans start on more than one
    /// thread, it is not believed.
    #[must_use]
    pub fn in_certain_order(self) -> Self {
        self.caught().order = super::caught::StartOrder::Certain { thread: None };
        self
    }

    /// A provider whose spans are all caught, whole, and that looks at no environment variable.
    #[must_use]
    pub fn provider(&self) -> SdkTracerProvider {
        self.provider_builder().build()
    }

    /// The beginning of a provider like that of [`provider`](Self::provider), to be given a resource, an id generator or
    /// further processors.
    ///
    /// It samples every span, drops nothing for being too much, and starts from an empty resource.
    ///
    /// ```
    /// use opentelemetry_sdk::Resource;
    /// use skyspan_trace::trace::{Capture, SeededIds};
    ///
    /// let capture = Capture::new();
    /// let provider = capture
    ///     .provider_builder()
    ///     .with_resource(Resource::builder_empty().with_service_name("app").build())
    ///     .with_id_generator(SeededIds::new(7))
    ///     .build();
    /// ```
    #[must_use]
    pub fn provider_builder(&self) -> TracerProviderBuilder {
        self.shared.watch.has_source();
        Self::whole_spans().with_span_processor(self.clone())
    }

    /// The beginning of a provider that makes every span, whole, and looks at no environment variable.
    pub(super) fn whole_spans() -> TracerProviderBuilder {
        let limits = SpanLimits {
            max_events_per_span: u32::MAX,
            max_attributes_per_span: u32::MAX,
            max_links_per_span: u32::MAX,
            max_attributes_per_event: u32::MAX,
            max_attributes_per_link: u32::MAX,
        };
        SdkTracerProvider::builder()
            .with_sampler(Sampler::AlwaysOn)
            .with_span_limits(limits)
            .with_resource(opentelemetry_sdk::Resource::builder_empty().build())
    }

    /// All spans so far: those that ended, in the order in which they did, then the open ones, in the order in which
    /// they started.
    ///
    /// The trace shares its spans with the capture, and as long as no span starts or ends it is the same one.
    #[must_use]
    pub fn trace(&self) -> Trace {
        self.caught().trace(&self.shared.watch)
    }

    /// The spans that ended after a mark, wherever they started, then those that started after it and are open.
    #[must_use]
    pub fn trace_since(&self, mark: Mark) -> Trace {
        self.caught().trace_since(mark, &self.shared.watch)
    }

    /// This moment, for [`trace_since`](Self::trace_since).
    #[must_use]
    pub fn mark(&self) -> Mark {
        self.caught().mark()
    }

    /// How many spans were caught, open ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.caught().len()
    }

    /// Whether no span was caught.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many spans have started and not ended.
    #[must_use]
    pub fn open_count(&self) -> usize {
        self.caught().open.len()
    }

    /// The spans that have started and not ended, in the order in which they started.
    #[must_use]
    pub fn open_spans(&self) -> Vec<OpenSpan> {
        self.caught().open_spans()
    }

    /// Forgets every span, open ones included. One that is open now is caught when it ends.
    pub fn clear(&self) {
        let (forgotten, still_open) = {
            let mut caught = self.caught();
            let still_open = caught.open.traces();
            (caught.forget_all(), still_open)
        };
        // What is yet to come under a span that is open now finds its way still.
        let (kept, done) = std::mem::take(&mut *lock(&self.shared.traces))
            .into_iter()
            .partition::<Vec<TraceId>, _>(|trace| still_open.contains(trace));
        lock(&self.shared.traces).extend(kept);
        homes::forget(&done, Arc::as_ptr(&self.shared));
        // Freeing many spans takes a while, in which others may go on.
        drop(forgotten);
    }

    /// Somebody tells it of spans, though perhaps not yet.
    #[cfg(feature = "receive")]
    pub(crate) fn has_source(&self) {
        self.shared.watch.has_source();
    }

    /// What was caught. A thread that panicked while it held the lock has at worst lost the span it brought.
    pub(super) fn caught(&self) -> MutexGuard<'_, Caught> {
        lock(&self.shared.caught)
    }

    pub(super) fn shared(&self) -> &Arc<CaptureShared> {
        &self.shared
    }

    /// Takes a span that has started.
    pub(super) fn take_started(&self, record: Record) {
        // What is large is made before the lock is taken.
        let record = OpenRecord::from(record);
        let mut caught = self.caught();
        caught.start(record);
        self.tell(caught);
    }

    /// Takes a span that has started, and that it keeps from now on.
    pub(super) fn take_started_span(&self, span: Arc<Span>) {
        let mut caught = self.caught();
        caught.start(OpenRecord::Own(span));
        self.tell(caught);
    }

    /// Takes a span that [has started](Self::take_started_span) and ended; `fill` puts in what came in between.
    pub(super) fn take_ended_span(&self, span: Arc<Span>, fill: impl FnOnce(&mut Span)) {
        let mut caught = self.caught();
        caught.end_span(span, fill);
        self.tell(caught);
    }

    /// Takes a span that has ended.
    pub(super) fn take_ended(&self, record: Record) {
        let mut caught = self.caught();
        caught.end(record);
        self.tell(caught);
    }

    /// Tells those who wait that a span has started or ended.
    fn tell(&self, mut caught: MutexGuard<'_, Caught>) {
        caught.changes += 1;
        let wake = caught.waiters.changed();
        drop(caught);
        if let Some(wake) = wake {
            self.shared.changed.notify_all();
            wake.into_iter().for_each(std::task::Waker::wake);
        }
    }

    pub(super) fn downgrade(&self) -> WeakCapture {
        WeakCapture { shared: Arc::downgrade(&self.shared), resource: Arc::clone(&self.resource) }
    }

    /// What was [asserted](crate::trace::Trace::assert) of its traces in vain, in order: for who shows a test that fails.
    ///
    /// ```
    /// use opentelemetry::trace::{Tracer as _, TracerProvider as _};
    /// use skyspan_trace::expect::{none, span};
    /// use skyspan_trace::trace::Capture;
    ///
    /// let capture = Capture::new();
    /// capture.provider().tracer("app").in_span("retry", |_| {});
    /// let trace = capture.trace();
    /// let test = || trace.assert(none(span("retry")));
    /// assert!(std::panic::catch_unwind(test).is_err());
    /// assert_eq!(capture.failed_assertions()[0].headline, "the trace is not as expected: 1 span is not expected");
    /// ```
    #[cfg(feature = "page")]
    #[must_use]
    pub fn failed_assertions(&self) -> Vec<super::FailedAssertion> {
        self.shared.watch.failed()
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// Where its spans are made that the program takes from the global provider.
    pub(super) fn home(&self) -> Arc<Home> {
        Arc::clone(self.shared.home.get_or_init(|| Home::of(self)))
    }

    /// Notes that spans find it by this trace, until it is no more.
    pub(super) fn note_trace(&self, trace: TraceId) {
        lock(&self.shared.traces).push(trace);
    }

    pub(super) fn has_open(&self, trace: TraceId, span: SpanId) -> bool {
        self.caught().open.contains(trace, span)
    }

    pub(super) fn resource(&self) -> &Arc<Resource> {
        &self.resource
    }

    pub(super) fn come_from(&mut self, resource: Arc<Resource>) {
        self.resource = resource;
    }

    pub(super) fn watch(&self) -> &Watch {
        &self.shared.watch
    }

    pub(super) fn shared_watch(&self) -> &SharedWatch {
        &self.shared.watch
    }
}
