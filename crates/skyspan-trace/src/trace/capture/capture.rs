//! [`Capture`]: catches every span of a provider.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    Sampler, SdkTracerProvider, Span as SdkSpan, SpanData, SpanLimits, SpanProcessor, TracerProviderBuilder,
};

use super::abandoned::is_abandoned;
use super::open_spans::{OpenSpans, Started};
use crate::sync::lock;
use crate::trace::convert::Converter;
use crate::trace::{Resource, Span, Trace};
use crate::value::Text;
use crate::value::Timestamp;

/// Catches every span of a tracer provider: an OpenTelemetry span processor.
///
/// Unlike the SDK's `InMemorySpanExporter` it also knows the spans that have started and not ended, keeps what it has
/// after the provider was shut down or dropped, keeps resource and scope, and hands out [`Trace`]s that share its spans.
/// It can serve several providers, from any thread. Clones share what they caught.
///
/// Code that takes its tracer from [`provider`](Self::provider) needs no more. Code that asks OpenTelemetry's global
/// provider is caught within a [`global_scope`](Self::global_scope), code that uses `tracing` within a `tracing_scope`
/// (with the feature `tracing`), and where nothing but an exporter can be plugged in, [`exporter`](Self::exporter) is one.
/// [`wait_until`](Self::wait_until) waits for what threads have yet to do.
///
/// The SDK ends a span that is dropped, at the wall clock's time; such a span is caught as ended. A span that is still
/// open when its provider is shut down never ends, as the SDK then keeps it to itself.
///
/// Spans are converted when a trace is first asked for, so that ending a span costs the program little.
///
/// An open span is known by what it had when it started: attributes and events that came later are seen when it ends.
#[derive(Clone, Debug)]
pub struct Capture {
    shared: Arc<Shared>,
    /// That of the provider which this clone was given to; each provider has its own clone.
    resource: Arc<Resource>,
}

#[derive(Debug, Default)]
struct Shared {
    caught: Mutex<Caught>,
    /// Told of every span that starts or ends.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Caught {
    /// Ended spans as the SDK handed them over, in blocks, not yet converted: whoever ends a span is not kept waiting.
    fresh: Vec<Vec<Fresh>>,
    /// Ended spans before those, converted.
    ended: Vec<Arc<Span>>,
    open: OpenSpans,
    /// How many spans ended before the last [`Capture::clear`].
    cleared: u64,
    started: u64,
    /// How many times a span started or ended.
    changes: u64,
    /// How many threads wait for that. To wake nobody would cost a call of the operating system for every span.
    waiting: usize,
    converter: Converter,
    /// The trace of all, for as long as nothing new comes.
    trace: Option<Trace>,
}

/// An ended span, not yet converted.
#[derive(Debug)]
struct Fresh {
    data: SpanData,
    resource: Arc<Resource>,
    /// How many spans had started before it.
    started: u64,
}

/// How many fresh spans a block holds. Blocks are never moved, and freed one by one while they are converted.
const BLOCK: usize = 512;

/// A point in the life of a [`Capture`], from [`Capture::mark`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Mark {
    ended: u64,
    started: u64,
}

/// A span that has not ended yet, in short.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct OpenSpan {
    /// What it was called when it started.
    pub name: Text,
    /// When it started.
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
            .with_span_processor(self.clone())
    }

    /// All spans so far: those that ended, in the order in which they did, then the open ones, in the order in which
    /// they started.
    ///
    /// The trace shares its spans with the capture, and as long as no span starts or ends it is the same one.
    #[must_use]
    pub fn trace(&self) -> Trace {
        self.trace_and_changes().0
    }

    /// The trace of all spans, and how many times one had started or ended by then.
    pub(super) fn trace_and_changes(&self) -> (Trace, u64) {
        let mut caught = self.caught();
        let trace = match &caught.trace {
            Some(trace) => trace.clone(),
            None => caught.trace_since(Mark { ended: 0, started: 0 }),
        };
        caught.trace = Some(trace.clone());
        (trace, caught.changes)
    }

    /// Waits until a span starts or ends, or has done so since there were so many `changes`, but no longer than that.
    /// Gives how many there are now.
    pub(super) fn wait_for_change(&self, changes: u64, no_longer_than: Duration) -> u64 {
        let mut caught = self.caught();
        caught.waiting += 1;
        let unchanged = |caught: &mut Caught| caught.changes == changes;
        let waited = self.shared.changed.wait_timeout_while(caught, no_longer_than, unchanged);
        let (mut caught, _) = waited.unwrap_or_else(PoisonError::into_inner);
        caught.waiting -= 1;
        caught.changes
    }

    /// The spans that ended after a mark, wherever they started, then those that started after it and are open.
    #[must_use]
    pub fn trace_since(&self, mark: Mark) -> Trace {
        self.caught().trace_since(mark)
    }

    /// This moment, for [`trace_since`](Self::trace_since).
    #[must_use]
    pub fn mark(&self) -> Mark {
        let caught = self.caught();
        Mark { ended: caught.cleared + caught.ended_count() as u64, started: caught.started }
    }

    /// How many spans were caught, open ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        let caught = self.caught();
        caught.ended_count() + caught.open.len()
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
        let mut caught = self.caught();
        let Caught { open, converter, .. } = &mut *caught;
        let in_short = |started: &Started| OpenSpan {
            name: converter.text(started.data.name.clone()),
            start: started.data.start_time.into(),
        };
        open.in_order().into_iter().map(in_short).collect()
    }

    /// Forgets every span, open ones included. One that is open now is caught when it ends.
    pub fn clear(&self) {
        let mut caught = self.caught();
        caught.cleared += caught.ended_count() as u64;
        let forgotten = (std::mem::take(&mut caught.fresh), std::mem::take(&mut caught.ended), caught.trace.take());
        caught.open.clear();
        // Freeing many spans takes a while, in which others may go on.
        drop(caught);
        drop(forgotten);
    }

    /// What was caught. A thread that panicked while it held the lock has at worst lost the span it brought.
    fn caught(&self) -> MutexGuard<'_, Caught> {
        lock(&self.shared.caught)
    }

    /// Tells those who wait that a span has started or ended.
    fn tell(&self, mut caught: MutexGuard<'_, Caught>) {
        caught.changes += 1;
        let somebody_waits = caught.waiting > 0;
        drop(caught);
        if somebody_waits {
            self.shared.changed.notify_all();
        }
    }
}

impl Caught {
    fn ended_count(&self) -> usize {
        // All blocks but the last are full.
        let last = self.fresh.last().map_or(0, Vec::len);
        self.ended.len() + self.fresh.len().saturating_sub(1) * BLOCK + last
    }

    fn trace_since(&mut self, mark: Mark) -> Trace {
        let Self { fresh, ended, open, cleared, converter, .. } = self;
        ended.reserve(fresh.len() * BLOCK);
        for block in fresh.drain(..) {
            ended.extend(
                block
                    .into_iter()
                    .map(|Fresh { data, resource, started }| Arc::new(converter.span(data, resource, true, started))),
            );
        }
        let from = usize::try_from(mark.ended.saturating_sub(*cleared)).unwrap_or(usize::MAX);
        let mut spans = ended.get(from..).unwrap_or_default().to_vec();
        let open = open.in_order().into_iter().filter(|started| started.order >= mark.started);
        spans.extend(open.map(|Started { data, resource, order }| {
            Arc::new(converter.span(data.clone(), Arc::clone(resource), false, *order))
        }));
        Trace::from_shared(spans)
    }
}

impl SpanProcessor for Capture {
    fn on_start(&self, span: &mut SdkSpan, _: &Context) {
        // The SDK lets a processor read a span that has started only by copying it.
        let Some(data) = span.exported_data() else { return };
        let mut started = Box::new(Started { order: 0, data, resource: Arc::clone(&self.resource) });
        let mut caught = self.caught();
        started.order = caught.started;
        caught.started += 1;
        caught.trace = None;
        caught.open.insert(started);
        self.tell(caught);
    }

    fn on_end(&self, data: SpanData) {
        if is_abandoned(&data) {
            // It is open, and stays so.
            return;
        }
        let mut caught = self.caught();
        let started = caught.open.remove(&data).unwrap_or_default();
        caught.trace = None;
        let fresh = Fresh { data, resource: Arc::clone(&self.resource), started };
        match caught.fresh.last_mut() {
            Some(block) if block.len() < BLOCK => block.push(fresh),
            _ => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(fresh);
                caught.fresh.push(block);
            }
        }
        self.tell(caught);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    /// Does nothing: what was caught is kept.
    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn set_resource(&mut self, resource: &opentelemetry_sdk::Resource) {
        self.resource = Arc::new(resource.into());
    }
}
