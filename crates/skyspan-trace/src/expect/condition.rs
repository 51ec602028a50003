//! [`Conditional`]: what must be the case if there are spans of some kind.

use std::fmt;

use super::expectation::{Expectation, depth_around};
use super::matcher::Matcher;
use super::mismatch::Mismatch;
use super::span_expectation::SpanExpectation;
use super::words::Spans;
use crate::trace::Trace;

/// A condition. Made by [`if_any`]; say what must be the case [`then`](If::then) and it is a [`Conditional`].
#[derive(Clone, Debug)]
#[must_use = "a condition alone expects nothing: say what must be the case then"]
pub struct If(SpanExpectation);

/// What must be the case if there are spans of some kind. Made by [`if_any`].
#[derive(Clone, Debug)]
#[must_use = "an expectation does nothing until a trace is checked against it"]
pub struct Conditional<E> {
    condition: SpanExpectation,
    then: E,
    depth: usize,
}

/// If there is any such span, then something must be the case; else all is well.
///
/// What must be the case of *each* such span says [`every`](super::every), with [`or_none`](super::Every::or_none).
///
/// ```
/// use skyspan_trace::expect::{every, if_any, none, one, span};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let hit = Span::builder("cache").trace_id(1).span_id(1).attribute("hit", true).build();
/// let trace = Trace::from_spans([hit]);
/// trace.assert(if_any(span("cache").attr("hit", true)).then(none(span("query"))));
/// trace.assert(if_any(span("cache").attr("hit", false)).then(one(span("query"))));
/// trace.assert(every(span("cache").attr("hit", false)).child(span("query")).or_none());
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{expect::{if_any, one, span}, trace::{Span, Trace}};
/// # let trace = Trace::from_spans([Span::builder("cache").attribute("hit", false).build()]);
/// trace.assert(if_any(span("cache").attr("hit", false)).then(one(span("query"))));
/// ```
pub const fn if_any(condition: SpanExpectation) -> If {
    If(condition)
}

impl If {
    /// This must be the case then.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{if_any, one, span}, trace::Trace};
    /// Trace::default().assert(if_any(span("request")).then(one(span("answer"))));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{if_any, one, span}, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("request").build()]);
    /// trace.assert(if_any(span("request")).then(one(span("answer"))));
    /// ```
    ///
    /// # Panics
    ///
    /// If 200 others lie in it one in another.
    #[track_caller]
    pub fn then<E: Expectation>(self, expectation: E) -> Conditional<E> {
        let depth = depth_around([expectation.depth()]);
        Conditional { condition: self.0, then: expectation, depth }
    }
}

impl<E: Expectation> Expectation for Conditional<E> {
    fn check(&self, trace: &Trace) -> Result<(), Mismatch> {
        let met: Vec<usize> =
            self.condition.select(trace, &Matcher::new()).into_iter().map(|span| span.index()).collect();
        let Some(number) = Some(met.len()).filter(|number| *number > 0) else { return Ok(()) };
        self.then.check(trace).map_err(|mut mismatch| {
            mismatch.matched.extend(met);
            let there = match number {
                1 => format!("there is 1 {}", self.condition),
                _ => format!("there are {number} {}", Spans(&self.condition)),
            };
            mismatch.with_clue(format!("{there}, so this must be the case: {}", self.then))
        })
    }

    fn depth(&self) -> usize {
        self.depth
    }
}

/// `if there is any span "request": exactly 1 span "answer"`.
impl<E: fmt::Display> fmt::Display for Conditional<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "if there is any {}: {}", self.condition, self.then)
    }
}
