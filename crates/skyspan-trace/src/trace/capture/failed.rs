//! [`FailedAssertion`]: what a test asserted in vain.

use opentelemetry::trace::{SpanId, TraceId};

/// What was asserted of the traces of a capture in vain: the report, and what it says of which span.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct FailedAssertion {
    /// The first line of the report.
    pub headline: String,
    /// The report as a whole.
    pub report: String,
    /// Spans that are otherwise than was expected, each with what is wrong with it.
    pub notes: Vec<(TraceId, SpanId, String)>,
}
