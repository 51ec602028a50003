//! The spans of `tracing`, over tracing-opentelemetry.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, OnceLock};

use tracing::dispatcher::{self, WeakDispatch};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, NoSubscriber};
use tracing::{Dispatch, Event, Metadata, Subscriber};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Registry};

use super::lost::Obstacle;
use super::router::RoutedTracer;

/// The name of the library whose spans they are.
const LIBRARY: &str = "tracing";

/// A layer that brings the spans and events of `tracing` to the captures to which they belong, for a subscriber of the program's
/// own, with other layers and filters.
///
/// A [scope](super::CaptureScope) makes a subscriber with this layer the global default, unless the program has set one
/// before; then it must be the program's that has it. Set it once, for the whole process: a span that is closed on a thread with
/// another subscriber may leave its parent open (`tracing-subscriber` closes that through the thread's own subscriber; where the
/// thread has none, this layer sees to it, where it has another one, a [report](crate::trace::Trace::unseen) tells).
///
/// - The layer adds no source location, thread or busy time to the spans, which would differ from build to build and from
///   run to run. An attribute that the program records stays.
/// - Unsigned integers (`u32`, `u64`, `usize`) come as strings (`"3"`), as what is recorded by `Debug` does; `i64`, `f64`, `bool` and
///   strings come as they are. tracing-opentelemetry has it so.
/// - A span that has neither been entered nor closed is unknown to OpenTelemetry, and so to the capture. One that has been
///   entered is caught as open.
/// - An event is part of the span in which it happens. One outside of every span is not caught.
/// - Levels that were compiled out (tracing's features `max_level_…`) are not there to be caught.
/// - What the program sets by `OpenTelemetrySpanExt` (parents, links, attributes) comes only from the version of tracing-opentelemetry
///   that skyspan has, which is 0.34; another one does not find this layer, and does nothing, without a word.
///   `cargo tree -i tracing-opentelemetry` shows whether there are two.
///
/// ```
/// use skyspan_trace::trace::{Capture, capture};
/// use tracing_subscriber::Layer as _;
/// use tracing_subscriber::layer::SubscriberExt as _;
/// use tracing_subscriber::util::SubscriberInitExt as _;
///
/// let filter = tracing_subscriber::filter::LevelFilter::INFO;
/// tracing_subscriber::registry().with(capture::tracing_layer().with_filter(filter)).init();
///
/// let capture = Capture::new();
/// let scope = capture.scope();
/// tracing::info_span!("request").in_scope(|| tracing::debug_span!("detail").in_scope(|| ()));
/// assert_eq!(capture.trace().len(), 1);
/// assert_eq!(scope.obstacles(), []);
/// ```
#[must_use]
pub fn tracing_layer<S>() -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    keep_interest();
    OpenTelemetryLayer::new(RoutedTracer::for_captures_alone(LIBRARY))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_target(false)
        .and_then(Parents::default())
}

/// The subscriber of the scopes: one for the whole process, so that a span may be closed anywhere.
static SUBSCRIBER: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Registry::default().with(tracing_layer())));

/// Whether the global default subscriber has our layer; known once there is one, which stays.
static HEARS_ALL: OnceLock<bool> = OnceLock::new();

/// Whether a span was closed on a thread with another subscriber.
static CLOSED_ELSEWHERE: AtomicBool = AtomicBool::new(false);

/// Makes the subscriber of the scopes the global default, unless there is one.
pub(super) fn install() {
    HEARS_ALL.get_or_init(|| {
        dispatcher::set_global_default(SUBSCRIBER.clone()).is_ok()
            // A new thread has no subscriber but that.
            || std::thread::spawn(|| dispatcher::get_default(is_ours)).join().unwrap_or_default()
    });
}

fn is_ours(dispatch: &Dispatch) -> bool {
    dispatch.downcast_ref::<Parents>().is_some()
}

/// The subscriber for a place in a scope, where it is not there anyway: that of this thread, if it has our layer, else that of
/// the scopes.
pub(super) fn of_scope() -> Option<Dispatch> {
    if HEARS_ALL.get().copied().unwrap_or_default() {
        return None;
    }
    dispatcher::get_default(|dispatch| Some(if is_ours(dispatch) { dispatch.clone() } else { SUBSCRIBER.clone() }))
}

/// The subscriber of this thread, where it is not there anyway.
pub(super) fn of_thread() -> Option<Dispatch> {
    let dispatch = dispatcher::get_default(Clone::clone);
    let there_anyway = dispatch.is::<NoSubscriber>()
        || HEARS_ALL.get().copied().unwrap_or_default() && is_same(&dispatch, &SUBSCRIBER);
    (!there_anyway).then_some(dispatch)
}

fn is_same(a: &Dispatch, b: &Dispatch) -> bool {
    let parents = |dispatch: &Dispatch| dispatch.downcast_ref::<Parents>().map(std::ptr::from_ref);
    parents(a).is_some() && parents(a) == parents(b)
}

/// What stands between `tracing` and the captures.
pub(super) fn obstacles() -> Vec<Obstacle> {
    let mut obstacles = Vec::new();
    if HEARS_ALL.get() == Some(&false) {
        obstacles.push(Obstacle::OtherSubscriber);
    }
    if CLOSED_ELSEWHERE.load(Ordering::Relaxed) {
        obstacles.push(Obstacle::ClosedElsewhere);
    }
    obstacles
}

/// Lets parents close where their children are closed on a thread that has no subscriber.
///
/// A span keeps its parent open. When it closes, tracing-subscriber (0.3.23, `registry::sharded`) lets go of the parent through
/// the thread's default subscriber, not through that of the span: where a thread has none, the parent would stay open for ever.
#[derive(Default)]
struct Parents {
    own: OnceLock<WeakDispatch>,
}

impl<S> Layer<S> for Parents
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_register_dispatch(&self, own: &Dispatch) {
        let _ = self.own.set(own.downgrade());
    }

    fn on_close(&self, id: Id, ctx: Context<'_, S>) {
        let Some(parent) = ctx.span(&id).and_then(|span| span.parent()).map(|parent| parent.id()) else { return };
        let (is_own, is_nobody) = dispatcher::get_default(|dispatch| {
            let found = dispatch.downcast_ref::<Self>();
            (found.is_some_and(|found| std::ptr::eq(found, self)), dispatch.is::<NoSubscriber>())
        });
        if is_own {
            return;
        }
        if is_nobody {
            if let Some(own) = self.own.get().and_then(WeakDispatch::upgrade) {
                own.try_close(parent);
            }
        } else {
            CLOSED_ELSEWHERE.store(true, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for Parents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parents")
    }
}

/// Registers the keepers, once.
///
/// `tracing` remembers for each place in the code whether any subscriber is interested in it, once for all threads. A test
/// without a subscriber that comes there first makes it remember that none is, and the spans of other tests are lost from
/// then on. To prevent that, the keepers want to be asked every time, and stay.
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
