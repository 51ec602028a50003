//! [`Share`]: which part of a span's time is spent in spans below it.

use std::fmt;
use std::ops::{Bound, RangeBounds};

use super::causes::under;
use super::difference::Difference;
use super::expectation::{Expectation, nothing};
use super::matcher::{Matcher, World};
use super::mismatch::{Failure, Mismatch};
use super::span_expectation::SpanExpectation;
use super::words::Spans;
use crate::trace::{SpanRef, Trace};
use crate::value::Timestamp;

/// The spans whose share is looked at. Made by [`share`]; say [`of`](SharePart::of) what.
#[derive(Clone, Debug)]
#[must_use = "a share alone expects nothing: say of what, and how much it may be"]
pub struct SharePart(SpanExpectation);

/// The spans whose share is looked at, and those it is a share of. Say how much it may be and it is a [`Share`].
#[derive(Clone, Debug)]
#[must_use = "a share alone expects nothing: say how much it may be"]
pub struct ShareOf {
    part: SpanExpectation,
    whole: SpanExpectation,
}

/// Which part of each span of a kind must be spent in spans below it. Made by the methods of [`ShareOf`].
#[derive(Clone, Debug)]
#[must_use = "an expectation does nothing until a trace is checked against it"]
pub struct Share {
    of: ShareOf,
    from: Bound<f64>,
    to: Bound<f64>,
    or_none: bool,
}

/// Which part of a span's time is spent in such spans below it, at any depth: 1 is all of it. What two of them do at the same
/// time counts once, and what they do before the span starts or after it ends does not count.
///
/// It holds for each span that it is a share of. There must be one of these, and one of those below any of them, unless
/// [`or_none`](Share::or_none) is said. A span that takes no time spends a share of 0 in anything.
///
/// ```
/// use skyspan_trace::value::Timestamp;
/// use skyspan_trace::expect::{share, span};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let at = Timestamp::from_unix_ns;
/// let run = Span::builder("run").trace_id(1).span_id(1).start(at(0)).end(at(10)).build();
/// let wait = Span::builder("wait").trace_id(1).span_id(2).parent_id(1).start(at(2)).end(at(7)).build();
/// let trace = Trace::from_spans([run, wait]);
/// trace.assert(share(span("wait")).of(span("run")).at_most(0.5));
/// trace.assert(share(span("wait")).of(span("run")).within(0.4..0.6));
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{value::Timestamp, expect::{share, span}, trace::{Span, Trace}};
/// # let at = Timestamp::from_unix_ns;
/// # let run = Span::builder("run").trace_id(1).span_id(1).start(at(0)).end(at(10)).build();
/// # let wait = Span::builder("wait").trace_id(1).span_id(2).parent_id(1).start(at(2)).end(at(7)).build();
/// # let trace = Trace::from_spans([run, wait]);
/// trace.assert(share(span("wait")).of(span("run")).at_most(0.49));
/// ```
pub const fn share(part: SpanExpectation) -> SharePart {
    SharePart(part)
}

impl SharePart {
    /// It is a share of each of these. See [`share`].
    ///
    /// ```
    /// # use skyspan_trace::{expect::{share, span}, trace::Trace};
    /// Trace::default().assert(share(span("wait")).of(span("run")).at_most(0.5).or_none());
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{share, span}, trace::Trace};
    /// Trace::default().assert(share(span("wait")).of(span("run")).at_most(0.5));
    /// ```
    pub fn of(self, whole: SpanExpectation) -> ShareOf {
        ShareOf { part: self.0, whole }
    }
}

impl ShareOf {
    /// It is this much or less. See [`share`].
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{share, span}, trace::{Span, Trace}};
    /// # let at = Timestamp::from_unix_ns;
    /// # let run = Span::builder("run").trace_id(1).span_id(1).start(at(0)).end(at(3)).build();
    /// # let wait = Span::builder("wait").trace_id(1).span_id(2).parent_id(1).start(at(2)).end(at(3)).build();
    /// # let trace = Trace::from_spans([run, wait]);
    /// trace.assert(share(span("wait")).of(span("run")).at_most(1.0 / 3.0));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{share, span}, trace::{Span, Trace}};
    /// # let at = Timestamp::from_unix_ns;
    /// # let run = Span::builder("run").trace_id(1).span_id(1).start(at(0)).end(at(3)).build();
    /// # let wait = Span::builder("wait").trace_id(1).span_id(2).parent_id(1).start(at(2)).end(at(3)).build();
    /// # let trace = Trace::from_spans([run, wait]);
    /// trace.assert(share(span("wait")).of(span("run")).at_most(0.3));
    /// ```
    pub fn at_most(self, share: f64) -> Share {
        self.within(..=share)
    }

    /// It is this much or more. See [`share`].
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{share, span}, trace::{Span, Trace}};
    /// # let at = Timestamp::from_unix_ns;
    /// # let run = Span::builder("run").trace_id(1).span_id(1).start(at(0)).end(at(10)).build();
    /// # let wait = Span::builder("wait").trace_id(1).span_id(2).parent_id(1).start(at(0)).end(at(9)).build();
    /// # let trace = Trace::from_spans([run, wait]);
    /// trace.assert(share(span("wait")).of(span("run")).at_least(0.9));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{share, span}, trace::{Span, Trace}};
    /// # let at = Timestamp::from_unix_ns;
    /// # let run = Span::builder("run").trace_id(1).span_id(1).start(at(0)).end(at(10)).build();
    /// # let wait = Span::builder("wait").trace_id(1).span_id(2).parent_id(1).start(at(0)).end(at(9)).build();
    /// # let trace = Trace::from_spans([run, wait]);
    /// trace.assert(share(span("wait")).of(span("run")).at_least(0.91));
    /// ```
    pub fn at_least(self, share: f64) -> Share {
        self.within(share..)
    }

    /// It is in this range. See [`share`].
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{share, span}, trace::{Span, Trace}};
    /// # let run = Span::builder("run").trace_id(1).span_id(1).end(Timestamp::from_unix_ns(4)).build();
    /// # let wait = Span::builder("wait").trace_id(1).span_id(2).parent_id(1).end(Timestamp::from_unix_ns(4)).build();
    /// Trace::from_spans([run, wait]).assert(share(span("wait")).of(span("run")).within(1.0..=1.0));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{share, span}, trace::{Span, Trace}};
    /// # let run = Span::builder("run").trace_id(1).span_id(1).end(Timestamp::from_unix_ns(4)).build();
    /// # let wait = Span::builder("wait").trace_id(1).span_id(2).parent_id(1).end(Timestamp::from_unix_ns(4)).build();
    /// Trace::from_spans([run, wait]).assert(share(span("wait")).of(span("run")).within(..1.0));
    /// ```
    pub fn within(self, range: impl RangeBounds<f64>) -> Share {
        Share { of: self, from: range.start_bound().cloned(), to: range.end_bound().cloned(), or_none: false }
    }
}

impl Share {
    /// It is all right if there is none of the one kind, or of the other; the share is 0 then.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::{share, span}, trace::{Span, Trace}};
    /// # let run = Span::builder("run").end(Timestamp::from_unix_ns(10)).build();
    /// Trace::from_spans([run]).assert(share(span("wait")).of(span("run")).at_most(0.5).or_none());
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::{share, span}, trace::{Span, Trace}};
    /// # let run = Span::builder("run").end(Timestamp::from_unix_ns(10)).build();
    /// Trace::from_spans([run]).assert(share(span("wait")).of(span("run")).at_most(0.5));
    /// ```
    pub fn or_none(self) -> Self {
        Self { or_none: true, ..self }
    }

    /// The range as it stands after "expected".
    fn range_words(&self) -> String {
        match (self.from, self.to) {
            (Bound::Unbounded, Bound::Unbounded) => "any part".to_owned(),
            (Bound::Unbounded, Bound::Included(to)) => format!("at most {}", percent(to)),
            (Bound::Unbounded, Bound::Excluded(to)) => format!("less than {}", percent(to)),
            (Bound::Included(from), Bound::Unbounded) => format!("at least {}", percent(from)),
            (Bound::Excluded(from), Bound::Unbounded) => format!("more than {}", percent(from)),
            (Bound::Included(from), Bound::Included(to)) if from == to => format!("exactly {}", percent(from)),
            (Bound::Included(from) | Bound::Excluded(from), Bound::Included(to)) => {
                format!("from {} to {}", percent(from), percent(to))
            }
            (Bound::Included(from) | Bound::Excluded(from), Bound::Excluded(to)) => {
                format!("from {} to less than {}", percent(from), percent(to))
            }
        }
    }
}

/// `62.5 %`; with three digits behind the point at most.
fn percent(share: f64) -> String {
    let text = format!("{:.3}", share * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// The nanoseconds of a span during which any of those below it is under way.
fn covered_ns(start: Timestamp, end: Timestamp, parts: &mut [SpanRef<'_>]) -> i128 {
    parts.sort_by_key(|part| part.span().start());
    let mut covered_to = start;
    let covered = parts.iter().map(|part| {
        let from = part.span().start().max(covered_to);
        let to = part.span().end().unwrap_or(end).min(end);
        covered_to = covered_to.max(to);
        to.signed_ns_since(from).max(0)
    });
    covered.sum()
}

/// The span that a failure is about.
fn span_of(failure: &Failure) -> Option<usize> {
    match failure {
        Failure::Differs { span, .. } => Some(*span),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a quotient of nanoseconds is rounded once, as a literal is")]
fn quotient(part_ns: i128, whole_ns: i128) -> f64 {
    if whole_ns == 0 { 0.0 } else { part_ns as f64 / whole_ns as f64 }
}

impl Expectation for Share {
    fn check(&self, trace: &Trace) -> Result<(), Mismatch> {
        let matcher = Matcher::new();
        let wholes = self.of.whole.select(trace, &matcher);
        if wholes.is_empty() {
            return if self.or_none { Ok(()) } else { Err(nothing(&self.of.whole, trace, &matcher)) };
        }
        let (mut failures, mut matched) = (Vec::new(), Vec::new());
        let mut any_part = false;
        for whole in wholes {
            let is_part = |span: &SpanRef<'_>| self.of.part.matches(*span, World::Open, &matcher);
            let mut parts: Vec<SpanRef<'_>> = whole.descendants().filter(is_part).collect();
            any_part |= !parts.is_empty();
            let start = whole.span().start();
            let differences = match whole.span().end() {
                None => vec![Difference::Ended { expected: true }],
                Some(end) => {
                    let found = quotient(covered_ns(start, end, &mut parts), end.signed_ns_since(start));
                    if (self.from, self.to).contains(&found) {
                        matched.push(whole.index());
                        continue;
                    }
                    vec![Difference::Property {
                        name: format!("share of {}", Spans(&self.of.part)).into(),
                        expected: self.range_words().into(),
                        found: percent(found).into(),
                    }]
                }
            };
            matched.extend(parts.iter().map(|part| part.index()));
            failures.push(Failure::Differs { span: whole.index(), differences });
        }
        if !any_part && !self.or_none {
            let parts = self.of.part.select(trace, &matcher);
            let Some(first) = parts.first() else { return Err(nothing(&self.of.part, trace, &matcher)) };
            // They are there, and below none of those of which they should be a share.
            let spans = if parts.len() == 1 { "there is 1" } else { "there are" };
            let number = if parts.len() == 1 { String::new() } else { format!(" {}", parts.len()) };
            let found = format!("none; {spans}{number} elsewhere, the first {}", under(first.parent()));
            let expected = "some below it; where there need be none, say so with .or_none()";
            let differences = vec![Difference::Property {
                name: Spans(&self.of.part).to_string().into(),
                expected: expected.into(),
                found: found.into(),
            }];
            let at = matched.first().copied().or_else(|| failures.iter().find_map(span_of));
            let failures = at.map(|span| Failure::Differs { span, differences }).into_iter().collect();
            return Mismatch::unless_none(trace, failures, Vec::new());
        }
        Mismatch::unless_none(trace, failures, matched)
    }
}

/// `the share of spans "wait" in each span "run" is at most 50 %`.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the share of {} in each {} is {}", Spans(&self.of.part), self.of.whole, self.range_words())
    }
}
