//! [`Mismatch`]: why a trace is not as expected.

use super::difference::Difference;
use super::duration::DurationRange;
use super::number_range::NumberRange;
use super::report::{HEADLINE, Report};
use super::span_expectation::SpanExpectation;
use super::words::Spans;
use crate::trace::{Trace, exact_duration};
use crate::value::Text;

/// Why a trace is not as expected: everything that is wrong, not the first thing alone. Its `Display` is the report.
///
/// It keeps the trace, which costs nothing. Spans are named by their place in [`Trace::spans`].
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", Report::of(self))]
pub struct Mismatch {
    pub(super) trace: Trace,
    pub(super) failures: Vec<Failure>,
    /// Spans that are as expected.
    pub(super) matched: Vec<usize>,
    pub(super) clues: Vec<Text>,
}

/// One thing that is not as expected.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Failure {
    /// A span is not what it must be.
    Differs {
        /// The position of the span in the trace.
        span: usize,
        /// In what the span differs from the expectation.
        differences: Vec<Difference>,
    },
    /// A span is not there.
    Missing {
        /// What it would be, with all that would be below it.
        expected: Box<SpanExpectation>,
        /// Under which span; none for a root.
        parent: Option<usize>,
        /// What it may have been mistaken for.
        closest: Option<Closest>,
    },
    /// A span is there, with all that is below it, and nobody expected it.
    Unexpected {
        /// The position of the span in the trace.
        span: usize,
    },
    /// There are too many or too few spans of a kind.
    Number {
        /// Which spans were counted.
        of: Box<SpanExpectation>,
        /// How many must be there.
        expected: NumberRange,
        /// The positions of the spans that match.
        found: Vec<usize>,
        /// What one that is missing may have been mistaken for.
        closest: Option<Closest>,
    },
    /// Among siblings there are too many or too few spans of a kind whose number was said.
    Times {
        /// Which siblings were counted.
        of: Box<SpanExpectation>,
        /// Under which span; none among the roots.
        parent: Option<usize>,
        /// How many must be there.
        expected: NumberRange,
        /// Those that are; those that are too many last.
        found: Vec<usize>,
        /// What one that is missing may have been mistaken for.
        closest: Option<Closest>,
    },
    /// A span is there that was forbidden.
    Forbidden {
        /// Which spans the expectation forbids.
        of: Box<SpanExpectation>,
        /// The position of the forbidden span.
        span: usize,
    },
    /// A span is as expected, with all that is below it, and stands elsewhere.
    Moved {
        /// The span that was expected elsewhere.
        expected: Box<SpanExpectation>,
        /// The span, where it stands.
        span: usize,
        /// Under which span it should be; none for a root.
        parent: Option<usize>,
    },
    /// Something was said of every span of a kind of which there is none.
    Nothing {
        /// Which spans the expectation is about.
        of: Box<SpanExpectation>,
        /// What one of them may have been mistaken for.
        closest: Option<Closest>,
    },
    /// Too many or too few spans of a kind are under way together.
    AtOnce {
        /// Which spans were counted.
        of: Box<SpanExpectation>,
        /// How many must be, at the moment when most of them are.
        expected: NumberRange,
        /// The positions of the spans that are under way together.
        found: Vec<usize>,
    },
    /// Spans take too long or too short together.
    Total {
        /// Which spans were added up.
        of: Box<SpanExpectation>,
        /// How long they must take.
        expected: DurationRange,
        /// How long they do, in nanoseconds.
        found_ns: i128,
        /// The positions of the spans that were added up.
        spans: Vec<usize>,
    },
    /// Something else that is measured over several spans is too much or too little.
    Measured {
        /// What: `the median of spans "move"`.
        what: Text,
        /// What it must be.
        expected: Text,
        /// The measure as it was found.
        found: Text,
        /// The positions of the spans that were measured.
        spans: Vec<usize>,
    },
    /// Something is otherwise that no expectation of spans says: a text that was compared, documents, a query without an answer.
    Otherwise {
        /// What, as the headline goes on: `the shape is another`.
        what: Text,
        /// All about it, in as many lines as it takes.
        told: Text,
    },
}

/// The span that is most like one that is missing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Closest {
    /// The position of the span in the trace.
    pub span: usize,
    /// In what it differs; in nothing if it only stands elsewhere.
    pub differences: Vec<Difference>,
}

impl Mismatch {
    /// What is wrong, counted: `1 span differs, 2 are missing`.
    ///
    /// ```
    /// use skyspan_trace::expect::{one, span};
    /// use skyspan_trace::trace::Trace;
    ///
    /// assert_eq!(Trace::default().check(one(span("run"))).unwrap_err().headline(), "1 span is missing");
    /// ```
    #[must_use]
    pub fn headline(&self) -> String {
        Report::of(self).headline().replacen(HEADLINE, "", 1)
    }

    pub(crate) fn new(trace: &Trace, failures: Vec<Failure>, matched: Vec<usize>) -> Self {
        Self { trace: trace.clone(), failures, matched, clues: Vec::new() }
    }

    /// Success if nothing failed.
    pub(crate) fn unless_none(trace: &Trace, failures: Vec<Failure>, matched: Vec<usize>) -> Result<(), Self> {
        if failures.is_empty() { Ok(()) } else { Err(Self::new(trace, failures, matched)) }
    }

    /// Everything that is not as expected.
    #[must_use]
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// The trace that was checked.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// What the report says below its headline, from [`because`](super::Expectation::because) and from
    /// [`with_clue`](Self::with_clue).
    #[must_use]
    pub fn clues(&self) -> &[Text] {
        &self.clues
    }

    /// The same with one more clue for the report.
    #[must_use]
    pub fn with_clue(mut self, clue: impl Into<Text>) -> Self {
        self.clues.push(clue.into());
        self
    }

    /// Takes up what is wrong by another expectation of the same trace.
    pub(crate) fn add(&mut self, other: Self) {
        self.failures.extend(other.failures);
        self.matched.extend(other.matched);
        for clue in other.clues {
            if !self.clues.contains(&clue) {
                self.clues.push(clue);
            }
        }
    }
}

impl Failure {
    /// What was expected, in a sentence, where the drawn tree alone does not say it.
    pub(super) fn sentence(&self) -> Option<String> {
        match self {
            Self::Number { of, expected, found, .. } => {
                let noun = if expected.is_singular() { of.to_string() } else { Spans(of).to_string() };
                let found = if found.is_empty() { "none".to_owned() } else { found.len().to_string() };
                Some(format!("expected {expected} {noun}, found {found}"))
            }
            Self::Nothing { of, .. } if of.chosen_words().is_some() => {
                Some(format!("there is no {of}; where that is as it should be, say so with `or_none: true`"))
            }
            Self::Nothing { of, .. } => {
                Some(format!("there is no {of}; where that is as it should be, say so with .or_none()"))
            }
            Self::AtOnce { of, expected, found } => {
                let noun = if expected.is_singular() { of.to_string() } else { Spans(of).to_string() };
                let found = if found.is_empty() { "none".to_owned() } else { found.len().to_string() };
                Some(format!("expected {expected} {noun} at once, found {found}"))
            }
            Self::Total { of, expected, found_ns, spans } => Some(format!(
                "expected that all {} take {expected} in total, found {} over {} {}",
                Spans(of),
                exact_duration(*found_ns),
                spans.len(),
                if spans.len() == 1 { "span" } else { "spans" },
            )),
            Self::Measured { what, expected, found, spans } => Some(format!(
                "expected that {what} is {expected}, found {found} over {} {}",
                spans.len(),
                if spans.len() == 1 { "span" } else { "spans" },
            )),
            Self::Otherwise { told, .. } => Some(told.to_string()),
            Self::Differs { .. }
            | Self::Missing { .. }
            | Self::Unexpected { .. }
            | Self::Times { .. }
            | Self::Forbidden { .. }
            | Self::Moved { .. } => None,
        }
    }
}
