//! [`Trace`]: spans, and how they hang together.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use opentelemetry::trace::{SpanId, TraceId};

use super::capture::{Obstacle, SharedWatch, Unseen};
use super::critical_path::on_critical_path;
use super::forest::{Forest, places};
use super::name_index::NameIndex;
use super::{Span, SpanRef};
use crate::value::Timestamp;

/// Spans, and how they hang together. Immutable; a clone shares everything.
///
/// It may hold spans of many trace ids: a "trace" here is what was captured or read together. A parent is looked up
/// among the spans with the same trace id. Nothing is ever left out because it is malformed; see
/// [`defects`](Self::defects).
///
/// The order of [`spans`](Self::spans) is that of arrival. Everything else that gives spans of a tree gives them by
/// start, and those that start together by arrival.
///
/// ```
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace = Trace::from_spans([
///     Span::builder("child").trace_id(1).span_id(2).parent_id(1).build(),
///     Span::builder("parent").trace_id(1).span_id(1).build(),
/// ]);
/// let parent = trace.roots().next().unwrap();
/// assert_eq!(parent.name(), "parent");
/// assert_eq!(parent.children().next().unwrap().name(), "child");
/// ```
#[derive(Clone, Default)]
pub struct Trace(Arc<IndexedSpans>);

#[derive(Default)]
struct IndexedSpans {
    spans: Vec<Arc<Span>>,
    /// Knows what the capture that it is from has not seen.
    watch: Option<SharedWatch>,
    order_is_certain: bool,
    // Each is built when it is first asked for: who only counts spans pays for none.
    forest: OnceLock<Forest>,
    by_name: OnceLock<NameIndex>,
    by_span_id: OnceLock<HashMap<SpanId, u32>>,
    first_start: OnceLock<Option<Timestamp>>,
    on_critical_path: OnceLock<Vec<bool>>,
}

impl Trace {
    /// A trace of these spans, in this order. Takes as long as it takes to collect them; the tree is worked out, once,
    /// when it is first asked for.
    pub fn from_spans(spans: impl IntoIterator<Item = Span>) -> Self {
        Self::from_shared(spans.into_iter().map(Arc::new).collect())
    }

    pub(crate) fn from_shared(spans: Vec<Arc<Span>>) -> Self {
        Self(Arc::new(IndexedSpans { spans, ..IndexedSpans::default() }))
    }

    pub(super) fn from_capture(spans: Vec<Arc<Span>>, watch: SharedWatch, order_is_certain: bool) -> Self {
        Self(Arc::new(IndexedSpans { spans, watch: Some(watch), order_is_certain, ..IndexedSpans::default() }))
    }

    /// Other spans, of which the order is as certain as it is here.
    pub(crate) fn ordered_alike(&self, spans: Vec<Arc<Span>>) -> Self {
        Self(Arc::new(IndexedSpans { spans, order_is_certain: self.0.order_is_certain, ..IndexedSpans::default() }))
    }

    /// Whether the order in which spans started is the same in each run, also of those that started at one instant: they are from a
    /// [capture in certain order](super::Capture::in_certain_order), as that of a harness on the simulated clock is, and from one
    /// thread. Of a trace that was read or made by hand nobody knows.
    ///
    /// ```
    /// use opentelemetry::trace::{Tracer as _, TracerProvider as _};
    /// use skyspan_trace::trace::Capture;
    ///
    /// let [certain, other] = [Capture::new().in_certain_order(), Capture::new()];
    /// for capture in [&certain, &other] {
    ///     capture.provider().tracer("app").in_span("request", |_| {});
    /// }
    /// assert!(certain.trace().order_is_certain() && !other.trace().order_is_certain());
    /// ```
    #[must_use]
    pub fn order_is_certain(&self) -> bool {
        self.0.order_is_certain
    }

    /// What the capture that it is from has not seen by now: spans that were started outside of every scope, and what keeps
    /// spans from it. Nothing where all is well, and for a trace from elsewhere.
    ///
    /// ```
    /// use opentelemetry::global;
    /// use opentelemetry::trace::{Span as _, Tracer as _};
    /// use skyspan_trace::trace::Capture;
    ///
    /// let capture = Capture::new();
    /// let _scope = capture.scope();
    /// std::thread::spawn(|| global::tracer("app").start("store").end()).join().unwrap();
    /// let unseen = capture.trace().unseen().unwrap();
    /// assert_eq!(unseen.to_string(), r#"1 span was started outside of every scope ("store"): see skyspan::guide::service"#);
    /// ```
    #[must_use]
    pub fn unseen(&self) -> Option<Unseen> {
        let mut unseen = self.0.watch.as_ref()?.unseen();
        if !self.is_empty() {
            unseen.obstacles.retain(|obstacle| *obstacle != Obstacle::NoSource);
        }
        (!unseen.is_nothing()).then_some(unseen)
    }

    /// Tells the capture that it is from, if it is from one, what was asserted of it in vain.
    #[cfg(feature = "page")]
    pub(crate) fn note_failed(&self, failed: impl FnOnce() -> super::capture::FailedAssertion) {
        if let Some(watch) = &self.0.watch {
            watch.note_failed(failed());
        }
    }

    /// The trace of those spans only that have ended: what an exporter has seen of it. It shares its spans with this one.
    #[must_use]
    pub fn ended(&self) -> Self {
        let spans = self.0.spans.iter().filter(|span| span.end().is_some()).cloned().collect();
        let order_is_certain = self.0.order_is_certain;
        Self(Arc::new(IndexedSpans { spans, watch: self.0.watch.clone(), order_is_certain, ..IndexedSpans::default() }))
    }

    /// How many spans there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.spans.len()
    }

    /// Whether there is no span.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.spans.is_empty()
    }

    /// All spans in the order in which they came: from a capture those that ended, in the order in which they did, then
    /// the open ones in the order in which they started.
    pub fn spans(&self) -> impl ExactSizeIterator<Item = SpanRef<'_>> + DoubleEndedIterator + Clone {
        (0..self.len()).map(|index| self.at(index as u32))
    }

    /// The spans without a parent here: those that have none, those whose parent is missing, and the earliest span of
    /// each cycle. Every span is one of these, or a descendant of exactly one.
    pub fn roots(&self) -> impl ExactSizeIterator<Item = SpanRef<'_>> + DoubleEndedIterator + Clone {
        self.forest().roots.iter().map(|&at| self.at(at))
    }

    /// When the first span starts; nothing if there is none.
    pub(crate) fn first_start(&self) -> Option<Timestamp> {
        // The roots are sorted by start, but a child may start before its parent.
        *self.0.first_start.get_or_init(|| {
            let known = self.0.spans.iter().filter(|span| span.start_is_known()).map(|span| span.start()).min();
            known.or_else(|| self.0.spans.first().map(|span| span.start()))
        })
    }

    /// When the first span starts, and the last one ends.
    pub(crate) fn extent(&self) -> Option<(Timestamp, Timestamp)> {
        let first = self.first_start()?;
        let known = self.0.spans.iter().filter(|span| span.start_is_known());
        let last = known.map(|span| span.end().unwrap_or_else(|| span.start())).max();
        Some((first, last.map_or(first, |last| last.max(first))))
    }

    /// For each span whether it is on the critical path of its root.
    pub(super) fn on_critical_path(&self) -> &[bool] {
        self.0.on_critical_path.get_or_init(|| on_critical_path(self))
    }

    /// The spans with a name, in order of arrival.
    pub fn named(&self, name: &str) -> impl ExactSizeIterator<Item = SpanRef<'_>> + DoubleEndedIterator + Clone {
        let by_name = self.0.by_name.get_or_init(|| NameIndex::of(&self.0.spans));
        by_name.places(name).iter().map(|&at| self.at(at))
    }

    /// The first span with this id, whatever its trace id.
    #[must_use]
    pub fn get(&self, span_id: impl Into<SpanId>) -> Option<SpanRef<'_>> {
        let by_span_id = self.0.by_span_id.get_or_init(|| {
            let mut by_span_id = HashMap::with_capacity(self.len());
            for (at, span) in places(&self.0.spans) {
                by_span_id.entry(span.span_id()).or_insert(at);
            }
            by_span_id
        });
        by_span_id.get(&span_id.into()).map(|&at| self.at(at))
    }

    /// The first span with this id in this trace id.
    #[must_use]
    pub fn get_in(&self, trace_id: impl Into<TraceId>, span_id: impl Into<SpanId>) -> Option<SpanRef<'_>> {
        self.forest().first(trace_id.into(), span_id.into()).map(|at| self.at(at))
    }

    /// The span at a place of [`spans`](Self::spans), such as [`SpanRef::index`].
    #[must_use]
    pub fn span_ref(&self, place: usize) -> Option<SpanRef<'_>> {
        (place < self.len()).then(|| self.at(place as u32))
    }

    /// The spans themselves, to be shared with another trace.
    pub(crate) fn shared_spans(&self) -> &[Arc<Span>] {
        &self.0.spans
    }

    pub(crate) fn at(&self, index: u32) -> SpanRef<'_> {
        SpanRef::new(self, index)
    }

    pub(super) fn span_at(&self, index: u32) -> &Span {
        &self.0.spans[index as usize]
    }

    pub(super) fn forest(&self) -> &Forest {
        self.0.forest.get_or_init(|| Forest::of(&self.0.spans))
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl FromIterator<Span> for Trace {
    fn from_iter<I: IntoIterator<Item = Span>>(spans: I) -> Self {
        Self::from_spans(spans)
    }
}

/// Traces are equal when they hold equal spans in the same order.
impl PartialEq for Trace {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other) || self.0.spans == other.0.spans
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0.spans).finish()
    }
}
