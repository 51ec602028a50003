//! [`TracingScope`]: the spans of `tracing`, over tracing-opentelemetry.

use std::fmt;
use std::sync::LazyLock;

use opentelemetry::trace::TracerProvider as _;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Metadata, Subscriber};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Registry};

use super::Capture;
use super::place::{Entered, Place};

/// The name of the library whose spans they are.
const LIBRARY: &str = "tracing";

impl Capture {
    /// Catches what code on this thread records by `tracing`, until the guard is dropped. See [`TracingScope`].
    ///
    /// ```
    /// use skyspan_trace::trace::Capture;
    ///
    /// let capture = Capture::new();
    /// let scope = capture.tracing_scope();
    /// tracing::info_span!("request", method = "GET").in_scope(|| {
    ///     tracing::info_span!("query").in_scope(|| tracing::warn!("slow"));
    /// });
    /// drop(scope);
    ///
    /// let trace = capture.trace();
    /// let query = trace.named("query").next().unwrap();
    /// assert_eq!(query.parent().unwrap().attr("method"), Some(&"GET".into()));
    /// assert_eq!(query.events()[0].name, "slow");
    /// ```
    pub fn tracing_scope(&self) -> TracingScope {
        TracingScope::of(Registry::default().with(self.tracing_layer()))
    }

    /// A layer that brings the spans and events of `tracing` to this capture, for a subscriber of one's own, with other
    /// layers and filters; [`TracingScope::of`] makes a scope of that.
    ///
    /// The layer adds no source location, thread or busy time to the spans, which would differ from build to build and
    /// from run to run. An attribute that the program records stays.
    #[must_use]
    pub fn tracing_layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        keep_interest();
        OpenTelemetryLayer::new(self.provider().tracer(LIBRARY))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_target(false)
    }
}

/// As long as this lives, what code on this thread records by `tracing` goes to a capture.
///
/// `tracing` remembers for each place in the code whether any subscriber is interested in it, once for all threads. A test
/// without a subscriber that comes there first makes it remember that none is, and the spans of other tests are lost from
/// then on. To prevent that, the first scope of a process (or [layer](Capture::tracing_layer)) registers keepers that want
/// to be asked every time, and stay. They are not the global default subscriber, nor does anything else here set one: a
/// program that has its own keeps it, and threads outside a scope go on to use it.
///
/// - Tests in parallel, each with a scope, catch their own spans only.
/// - A thread or task that is started without its dispatcher catches nothing; wrap what it does in
///   [`carry`](super::carry) or [`carry_future`](super::carry_future).
/// - Within the scope, the subscriber that was there before hears nothing on this thread; to have both, put
///   [`tracing_layer`](Capture::tracing_layer) into it.
/// - A span that has neither been entered nor closed is unknown to OpenTelemetry, and so to the capture. One that has been
///   entered is caught as open.
/// - An event is part of the span in which it happens. One outside of every span is not caught.
/// - Levels that were compiled out (tracing's features `max_level_…`) are not there to be caught.
///
/// ```
/// use skyspan_trace::trace::Capture;
/// use tracing_subscriber::Registry;
/// use tracing_subscriber::layer::SubscriberExt as _;
///
/// let of_program = Capture::new();
/// tracing::subscriber::set_global_default(Registry::default().with(of_program.tracing_layer())).unwrap();
///
/// let capture = Capture::new();
/// let _scope = capture.tracing_scope();
/// tracing::info_span!("here").in_scope(|| {});
/// std::thread::spawn(|| tracing::info_span!("elsewhere").in_scope(|| {})).join().unwrap();
/// assert_eq!(capture.trace().named("here").count(), 1);
/// assert_eq!(of_program.trace().named("elsewhere").count(), 1);
/// assert_eq!((capture.len(), of_program.len()), (1, 1));
/// ```
#[must_use = "the scope ends when this is dropped"]
pub struct TracingScope {
    _entered: Entered,
}

impl TracingScope {
    /// The scope of a subscriber of one's own, most likely one that has a [layer](Capture::tracing_layer) of a capture.
    ///
    /// ```
    /// use skyspan_trace::trace::{Capture, TracingScope};
    /// use tracing_subscriber::Registry;
    /// use tracing_subscriber::layer::SubscriberExt as _;
    ///
    /// let capture = Capture::new();
    /// let subscriber = Registry::default()
    ///     .with(tracing::level_filters::LevelFilter::INFO)
    ///     .with(capture.tracing_layer());
    /// let _scope = TracingScope::of(subscriber);
    /// tracing::info_span!("request").in_scope(|| {});
    /// tracing::debug_span!("detail").in_scope(|| {});
    /// assert_eq!(capture.trace().len(), 1);
    /// ```
    pub fn of(subscriber: impl Subscriber + Send + Sync) -> Self {
        keep_interest();
        let dispatch = Dispatch::new(subscriber);
        Self { _entered: Place::current().dispatching_to(dispatch).enter() }
    }
}

impl fmt::Debug for TracingScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TracingScope")
    }
}

/// Registers the keepers, once.
fn keep_interest() {
    // As long as there is only one dispatcher in the process, tracing asks that of the thread which comes first
    // (tracing-core 0.1.36, `callsite::Rebuilder::JustOne`); two always make it ask all.
    static KEEPERS: LazyLock<[Dispatch; 2]> = LazyLock::new(|| [Dispatch::new(Keeper), Dispatch::new(Keeper)]);
    LazyLock::force(&KEEPERS);
}

/// A subscriber that wants to be asked about everything, and takes nothing.
struct Keeper;

impl Subscriber for Keeper {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, _: &Metadata<'_>) -> bool {
        false
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
