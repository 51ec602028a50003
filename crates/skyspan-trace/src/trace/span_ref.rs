//! [`SpanRef`]: a span that knows its trace.

use std::fmt;
use std::ops::Deref;

use super::{Span, Trace};

/// A span that knows its trace, and so its relatives. As cheap as a reference, and a [`Span`] to all who look.
///
/// Relatives are those of the tree: the earliest span of a cycle has no parent in it, although it names one
/// ([`Trace::cycles`]). Two are equal when they are the same span of the same trace, not when they look alike.
#[derive(Clone, Copy)]
pub struct SpanRef<'a> {
    trace: &'a Trace,
    index: u32,
}

impl<'a> SpanRef<'a> {
    pub(super) fn new(trace: &'a Trace, index: u32) -> Self {
        Self { trace, index }
    }

    /// The span, for as long as the trace is there.
    #[must_use]
    pub fn span(self) -> &'a Span {
        self.trace.span_at(self.index)
    }

    /// The trace it is in.
    #[must_use]
    pub fn trace(self) -> &'a Trace {
        self.trace
    }

    /// Its place in [`Trace::spans`].
    #[must_use]
    pub fn index(self) -> usize {
        self.index as usize
    }

    /// The span it is a part of, if that is in the trace.
    #[must_use]
    pub fn parent(self) -> Option<Self> {
        self.trace.forest().parent(self.index).map(|at| self.trace.at(at))
    }

    /// The spans that are part of it, by start, then arrival.
    pub fn children(self) -> impl ExactSizeIterator<Item = Self> + DoubleEndedIterator + Clone + use<'a> {
        self.trace.forest().children(self.index).iter().map(move |&at| self.trace.at(at))
    }

    /// Its children, each followed by its own descendants; itself not.
    pub fn descendants(self) -> impl Iterator<Item = Self> + Clone + use<'a> {
        let forest = self.trace.forest();
        // A stack on the heap: a chain of spans may be longer than that of the thread is deep.
        let mut ahead: Vec<u32> = forest.children(self.index).iter().rev().copied().collect();
        std::iter::from_fn(move || {
            let at = ahead.pop()?;
            ahead.extend(forest.children(at).iter().rev());
            Some(self.trace.at(at))
        })
    }

    /// Its parent, that one's parent, and so on up to the root; itself not.
    pub fn ancestors(self) -> impl Iterator<Item = Self> + Clone + use<'a> {
        std::iter::successors(self.parent(), |span| span.parent())
    }

    /// The other children of its parent; for a root, the other roots.
    pub fn siblings(self) -> impl Iterator<Item = Self> + Clone + use<'a> {
        let forest = self.trace.forest();
        let all = forest.parent(self.index).map_or(forest.roots.as_slice(), |parent| forest.children(parent));
        all.iter().filter(move |at| **at != self.index).map(move |&at| self.trace.at(at))
    }

    /// The sibling right before it, by start, then arrival; of a root, the root before it.
    ///
    /// ```
    /// use skyspan_trace::trace::{Span, Trace};
    /// use skyspan_trace::value::Timestamp;
    ///
    /// let at = Timestamp::from_unix_ns;
    /// let trace = Trace::from_spans([Span::builder("set").start(at(1)).build(), Span::builder("run").start(at(0)).build()]);
    /// let names = |span: Option<skyspan_trace::trace::SpanRef<'_>>| span.map(|span| span.name().to_owned());
    /// assert_eq!(names(trace.spans().next().and_then(|set| set.previous_sibling())).as_deref(), Some("run"));
    /// assert_eq!(names(trace.spans().next().and_then(|set| set.next_sibling())), None);
    /// ```
    #[must_use]
    pub fn previous_sibling(self) -> Option<Self> {
        let (level, place) = self.level()?;
        place.checked_sub(1).map(|before| self.trace.at(level[before]))
    }

    /// The sibling right behind it, by start, then arrival; of a root, the root behind it.
    #[must_use]
    pub fn next_sibling(self) -> Option<Self> {
        let (level, place) = self.level()?;
        level.get(place + 1).map(|&at| self.trace.at(at))
    }

    /// Itself among its siblings, and its place there. They are sorted, so that it takes few steps to find it.
    fn level(self) -> Option<(&'a [u32], usize)> {
        let forest = self.trace.forest();
        let level = forest.parent(self.index).map_or(forest.roots.as_slice(), |parent| forest.children(parent));
        let key = |at: u32| {
            let span = self.trace.span_at(at);
            (span.start(), span.started, at)
        };
        let place = level.partition_point(|at| key(*at) < key(self.index));
        (level.get(place) == Some(&self.index)).then_some((level, place))
    }

    /// The root of its tree; itself if it is one.
    #[must_use]
    pub fn root(self) -> Self {
        self.ancestors().last().unwrap_or(self)
    }

    /// How many nanoseconds of its time it spends in none of its children; children that overlap count once, and what of
    /// them lies outside does not count. Nothing if it is open, or ended before it started. An open child lasts to the end.
    ///
    /// ```
    /// use skyspan_trace::value::Timestamp;
    /// use skyspan_trace::trace::{Span, Trace};
    ///
    /// let at = Timestamp::from_unix_ns;
    /// let part = |id: u64, start, end| Span::builder("part").trace_id(1).span_id(id).parent_id(1).start(at(start)).end(at(end));
    /// let whole = Span::builder("whole").trace_id(1).span_id(1).start(at(0)).end(at(10)).build();
    /// let trace = Trace::from_spans([whole, part(2, 1, 5).build(), part(3, 4, 6).build(), part(4, 9, 20).build()]);
    /// assert_eq!(trace.roots().next().and_then(|whole| whole.self_time_ns()), Some(10 - 5 - 1));
    /// ```
    #[must_use]
    pub fn self_time_ns(self) -> Option<i128> {
        let (start, end) = (self.span().start(), self.span().end()?);
        let own = end.signed_ns_since(start);
        if own < 0 {
            return None;
        }
        // Children come by start: what is covered so far ends at one place.
        let mut covered_to = start;
        let covered = self.children().map(|child| {
            let from = child.span().start().max(covered_to);
            let to = child.span().end().unwrap_or(end).min(end);
            covered_to = covered_to.max(to);
            to.signed_ns_since(from).max(0)
        });
        let covered: i128 = covered.sum();
        Some(own - covered)
    }

    /// How many ancestors it has: 0 for a root. Takes as many steps.
    #[must_use]
    pub fn depth(self) -> usize {
        self.ancestors().count()
    }
}

impl Deref for SpanRef<'_> {
    type Target = Span;

    fn deref(&self) -> &Span {
        self.span()
    }
}

impl PartialEq for SpanRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index && self.trace.is_same(other.trace)
    }
}

impl Eq for SpanRef<'_> {}

impl fmt::Debug for SpanRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.span().fmt(f)
    }
}
