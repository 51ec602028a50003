//! [`Number`]: how many spans of a kind there are.

use std::fmt;

use super::closest::closest;
use super::expectation::Expectation;
use super::matcher::Matcher;
use super::mismatch::{Failure, Mismatch};
use super::number_range::NumberRange;
use super::span_expectation::SpanExpectation;
use super::words::Spans;
use crate::trace::Trace;

/// How many spans of a kind there must be. Made by [`one`], [`exactly`], [`at_least`], [`at_most`] and [`none`].
#[derive(Clone, Debug)]
#[must_use = "an expectation does nothing until a trace is checked against it"]
pub struct Number {
    of: SpanExpectation,
    range: NumberRange,
}

/// There is one such span, and no more.
///
/// ```
/// # use skyspan_trace::{expect::{one, span}, trace::{Span, Trace}};
/// Trace::from_spans([Span::builder("run").build()]).assert(one(span("run")));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{expect::{one, span}, trace::{Span, Trace}};
/// Trace::from_spans([Span::builder("run").build(), Span::builder("run").build()]).assert(one(span("run")));
/// ```
pub fn one(of: SpanExpectation) -> Number {
    exactly(1, of)
}

/// There are so many such spans, no more and no less.
///
/// ```
/// # use skyspan_trace::{expect::{exactly, span}, trace::{Span, Trace}};
/// Trace::from_spans([Span::builder("set").build(), Span::builder("set").build()]).assert(exactly(2, span("set")));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{expect::{exactly, span}, trace::{Span, Trace}};
/// Trace::from_spans([Span::builder("set").build()]).assert(exactly(2, span("set")));
/// ```
pub fn exactly(number: usize, of: SpanExpectation) -> Number {
    Number { of, range: NumberRange { at_least: number, at_most: Some(number) } }
}

/// There are so many such spans or more.
///
/// ```
/// # use skyspan_trace::{expect::{at_least, span}, trace::{Span, Trace}};
/// Trace::from_spans([Span::builder("set").build(), Span::builder("set").build()]).assert(at_least(1, span("set")));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{expect::{at_least, span}, trace::{Span, Trace}};
/// Trace::from_spans([Span::builder("set").build()]).assert(at_least(2, span("set")));
/// ```
pub fn at_least(number: usize, of: SpanExpectation) -> Number {
    Number { of, range: NumberRange { at_least: number, at_most: None } }
}

/// There is no such span.
///
/// ```
/// # use skyspan_trace::{expect::{none, span}, trace::{Span, Trace}};
/// Trace::from_spans([Span::builder("set").build()]).assert(none(span("retry")));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{expect::{none, span}, trace::{Span, Trace}};
/// Trace::from_spans([Span::builder("retry").build()]).assert(none(span("retry")));
/// ```
pub fn none(of: SpanExpectation) -> Number {
    exactly(0, of)
}

/// An upper bound, of which one still says what it bounds: [`of`](AtMost::of), or [`at_once`](AtMost::at_once).
#[derive(Clone, Copy, Debug)]
#[must_use = "a bound alone expects nothing: say of what"]
pub struct AtMost(usize);

/// At most so many: `at_most(2).of(span("set"))`.
pub const fn at_most(number: usize) -> AtMost {
    AtMost(number)
}

impl AtMost {
    pub(super) const fn number(self) -> usize {
        self.0
    }

    /// There are so many such spans or less, perhaps none.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{at_most, span}, trace::{Span, Trace}};
    /// Trace::from_spans([Span::builder("set").build()]).assert(at_most(2).of(span("set")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{at_most, span}, trace::{Span, Trace}};
    /// Trace::from_spans([Span::builder("set").build(), Span::builder("set").build()]).assert(at_most(1).of(span("set")));
    /// ```
    pub fn of(self, of: SpanExpectation) -> Number {
        Number { of, range: NumberRange { at_least: 0, at_most: Some(self.0) } }
    }
}

impl Expectation for Number {
    fn check(&self, trace: &Trace) -> Result<(), Mismatch> {
        check_number(&self.of, self.range, trace)
    }
}

pub(super) fn check_number(of: &SpanExpectation, range: NumberRange, trace: &Trace) -> Result<(), Mismatch> {
    let matcher = Matcher::new();
    let found: Vec<usize> = of.select(trace, &matcher).into_iter().map(|span| span.index()).collect();
    if range.contains(found.len()) {
        return Ok(());
    }
    let too_few = found.len() < range.at_least;
    let closest = too_few.then(|| closest(of, trace, &found.iter().copied().collect(), &matcher)).flatten();
    // One that is as expected is not close, it is there.
    let closest = closest.filter(|closest| !found.contains(&closest.span));
    let matched = if too_few { found.clone() } else { Vec::new() };
    let failure = Failure::Number { of: Box::new(of.clone()), expected: range, found, closest };
    Err(Mismatch::new(trace, vec![failure], matched))
}

/// `exactly 2 spans "set"`.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.range.is_singular() {
            write!(f, "{} {}", self.range, self.of)
        } else {
            write!(f, "{} {}", self.range, Spans(&self.of))
        }
    }
}
