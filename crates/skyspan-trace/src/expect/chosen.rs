//! [`Chosen`]: spans that were chosen by other means than an expectation.

use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::clause::Clause;
use super::pattern::any;
use super::span_expectation::{SpanExpectation, span};
use crate::trace::SpanRef;
use crate::value::Text;

/// Spans of one trace, by their places in it, and the words by which they were chosen.
#[derive(Clone)]
pub(super) struct Chosen {
    pub(super) words: Text,
    pub(super) places: Arc<FxHashSet<usize>>,
}

impl Chosen {
    pub(super) fn contains(&self, span: SpanRef<'_>) -> bool {
        self.places.contains(&span.index())
    }
}

/// The words stand for the spans: of one trace they are the same by the same words.
impl fmt::Debug for Chosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Chosen").field(&self.words).finish()
    }
}

/// One of these spans, whatever they are: those that a [query](crate::query) has found, for example. Reports call them by the
/// words.
///
/// The expectation is about the trace from which the spans are, and about no other.
///
/// ```
/// use skyspan_trace::expect::{chosen, every, ns};
/// use skyspan_trace::trace::{Span, Trace};
/// use skyspan_trace::value::Timestamp;
///
/// let trace = Trace::from_spans([Span::builder("move").end(Timestamp::from_unix_ns(5)).build()]);
/// let slow = trace.query("{ duration > 3ns }")?;
/// trace.assert(every(chosen("{ duration > 3ns }", slow.spans())).lasting(..=ns(5)));
/// # Ok::<(), skyspan_trace::query::QueryError>(())
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{expect::{chosen, none}, trace::{Span, Trace}};
/// # let trace = Trace::from_spans([Span::builder("move").build()]);
/// let all = trace.query("{}").unwrap();
/// trace.assert(none(chosen("{}", all.spans())));
/// ```
pub fn chosen<'t>(words: impl Into<Text>, spans: impl IntoIterator<Item = SpanRef<'t>>) -> SpanExpectation {
    let places = spans.into_iter().map(SpanRef::index).collect();
    span(any()).with(Clause::Chosen(Chosen { words: words.into(), places: Arc::new(places) }))
}

impl SpanExpectation {
    /// The words by which its spans were chosen, if they were.
    pub(super) fn chosen_words(&self) -> Option<&Text> {
        self.clauses.iter().find_map(|clause| match clause {
            Clause::Chosen(chosen) => Some(&chosen.words),
            _ => None,
        })
    }
}
