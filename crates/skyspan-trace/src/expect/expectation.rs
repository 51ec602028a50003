//! [`Expectation`]: anything that a trace can be checked against.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::closest::closest;
use super::matcher::Matcher;
use super::mismatch::{Failure, Mismatch};
use super::number::check_number;
use super::number_range::NumberRange;
use super::span_expectation::{DEPTH_MAX, SpanExpectation};
use crate::trace::{SpanRef, Trace};
use crate::value::Text;

/// Anything that a trace can be checked against. Its `Display` says it in words.
///
/// The other way round, a check of one's own is one by implementing this; `all` and `because` then take it, too.
pub trait Expectation: fmt::Display {
    /// Checks a trace, all of it: whatever is wrong is in the error.
    ///
    /// # Errors
    ///
    /// [`Mismatch`] if the trace is not as expected.
    fn check(&self, trace: &Trace) -> Result<(), Mismatch>;

    /// How many expectations of traces lie in each other here; 0 in one that holds no other. What holds others refuses to hold more
    /// than 200, which would not find room on the stack.
    fn depth(&self) -> usize {
        0
    }

    /// The same with a clue that the report shows: why it matters, or what the test was about.
    ///
    /// ```
    /// use skyspan_trace::expect::{Expectation as _, none, span};
    /// use skyspan_trace::trace::{Span, Trace};
    ///
    /// let trace = Trace::from_spans([Span::builder("retry").build()]);
    /// let expectation = none(span("retry")).because("the detector answers at once");
    /// trace.assert(span("retry").because("it is there"));
    /// assert!(trace.check(expectation).unwrap_err().to_string().contains("\nthe detector answers at once\n"));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::expect::{Expectation as _, none, span};
    /// # use skyspan_trace::trace::{Span, Trace};
    /// # let trace = Trace::from_spans([Span::builder("retry").build()]);
    /// trace.assert(none(span("retry")).because("the detector answers at once"));
    /// ```
    ///
    /// # Panics
    ///
    /// If 200 others lie in it one in another.
    #[track_caller]
    fn because(self, clue: impl Into<Text>) -> Because<Self>
    where
        Self: Sized,
    {
        let depth = depth_around([self.depth()]);
        Because { expectation: self, clue: clue.into(), depth }
    }
}

impl<E: Expectation + ?Sized> Expectation for &E {
    fn check(&self, trace: &Trace) -> Result<(), Mismatch> {
        (**self).check(trace)
    }

    fn depth(&self) -> usize {
        (**self).depth()
    }
}

impl<E: Expectation + ?Sized> Expectation for Box<E> {
    fn check(&self, trace: &Trace) -> Result<(), Mismatch> {
        (**self).check(trace)
    }

    fn depth(&self) -> usize {
        (**self).depth()
    }
}

impl<E: Expectation + ?Sized> Expectation for Arc<E> {
    fn check(&self, trace: &Trace) -> Result<(), Mismatch> {
        (**self).check(trace)
    }

    fn depth(&self) -> usize {
        (**self).depth()
    }
}

impl<E: Expectation + ?Sized> Expectation for Rc<E> {
    fn check(&self, trace: &Trace) -> Result<(), Mismatch> {
        (**self).check(trace)
    }

    fn depth(&self) -> usize {
        (**self).depth()
    }
}

/// There is at least one such span, or as many as [`times`](SpanExpectation::times) says.
impl Expectation for SpanExpectation {
    fn check(&self, trace: &Trace) -> Result<(), Mismatch> {
        match self.times {
            None => check_number(self, NumberRange { at_least: 1, at_most: None }, trace),
            Some(range) => check_number(&Self { times: None, ..self.clone() }, range, trace),
        }
    }
}

/// An expectation with a clue. See [`Expectation::because`].
#[derive(Clone, Debug)]
#[must_use = "an expectation does nothing until a trace is checked against it"]
pub struct Because<E> {
    expectation: E,
    clue: Text,
    depth: usize,
}

/// How deep it is around others.
///
/// # Panics
///
/// If that is too deep: what goes down into them by recursion would end the process.
#[track_caller]
pub(super) fn depth_around(inner: impl IntoIterator<Item = usize>) -> usize {
    let depth = inner.into_iter().map(|depth| depth + 1).max().unwrap_or_default();
    assert!(
        depth <= DEPTH_MAX,
        "expectations nest {depth} deep here, and may nest {DEPTH_MAX} deep; check what is further down by itself, or say all of it \
         in one list"
    );
    depth
}

impl<E: Expectation> Expectation for Because<E> {
    fn check(&self, trace: &Trace) -> Result<(), Mismatch> {
        self.expectation.check(trace).map_err(|mismatch| mismatch.with_clue(&self.clue))
    }

    fn depth(&self) -> usize {
        self.depth
    }
}

impl<E: fmt::Display> fmt::Display for Because<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, because {}", self.expectation, self.clue)
    }
}

impl Trace {
    /// Checks that the trace is as expected. A [`span`](crate::expect::span) alone means that there is at least one.
    ///
    /// ```
    /// use skyspan_trace::expect::{none, span};
    /// use skyspan_trace::trace::{Span, Trace};
    ///
    /// let trace = Trace::from_spans([Span::builder("request").build()]);
    /// trace.check(span("request"))?;
    /// assert!(trace.check(none(span("request"))).is_err());
    /// # Ok::<(), skyspan_trace::expect::Mismatch>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Mismatch`] if it is not: everything that is wrong, and the report.
    pub fn check(&self, expectation: impl Expectation) -> Result<(), Mismatch> {
        expectation.check(self)
    }

    /// The spans that are as an expectation says, in order of arrival.
    ///
    /// ```
    /// use skyspan_trace::expect::span;
    /// use skyspan_trace::trace::{Span, Trace};
    ///
    /// let set = |target: i64| Span::builder("set").attribute("target", target).build();
    /// let trace = Trace::from_spans([set(4), set(5)]);
    /// assert_eq!(trace.matching(&span("set").attr("target", 5)).len(), 1);
    /// ```
    #[must_use]
    pub fn matching(&self, expected: &SpanExpectation) -> Vec<SpanRef<'_>> {
        expected.select(self, &Matcher::new())
    }

    /// Panics with the report unless the trace is as expected: [`check`](Self::check) for tests.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// Trace::from_spans([Span::builder("request").build()]).assert(span("request"));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// Trace::from_spans([Span::builder("request").build()]).assert(span("answer"));
    /// ```
    ///
    /// # Panics
    ///
    /// If it is not.
    #[track_caller]
    pub fn assert(&self, expectation: impl Expectation) {
        if let Err(mismatch) = self.check(expectation) {
            #[cfg(feature = "page")]
            self.note_failed(|| mismatch.failed_assertion());
            panic!("{}", mismatch.for_stderr());
        }
    }
}

/// The failure of who speaks of every span of a kind of which there is none.
pub(super) fn nothing<'e>(of: &'e SpanExpectation, trace: &Trace, matcher: &Matcher<'e>) -> Mismatch {
    let closest = closest(of, trace, &FxHashSet::default(), matcher);
    Mismatch::new(trace, vec![Failure::Nothing { of: Box::new(of.clone()), closest }], Vec::new())
}
