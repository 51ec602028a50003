//! [`SeededIds`]: span and trace ids from a seed.

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::IdGenerator;

use crate::seed::Seed;

/// Ids that depend on a seed and on how many were drawn before, and on nothing else.
///
/// Two generators with one seed give the same ids in the same order; another seed gives others. No id is zero, which
/// OpenTelemetry holds for invalid, and no span id comes twice before 2^64 were drawn.
///
/// ```
/// use opentelemetry_sdk::trace::IdGenerator;
/// use skyspan_trace::trace::SeededIds;
///
/// assert_eq!(SeededIds::new(7).new_span_id(), SeededIds::new(7).new_span_id());
/// assert_ne!(SeededIds::new(7).new_span_id(), SeededIds::new(8).new_span_id());
/// ```
#[derive(Debug)]
pub struct SeededIds {
    spans: Seed,
    traces: Seed,
}

impl SeededIds {
    /// The ids of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let seed = Seed::new(seed);
        // Each has its own stream, so that a new root does not shift the ids of the spans after it.
        Self { spans: seed.stream("span ids"), traces: seed.stream("trace ids") }
    }
}

impl IdGenerator for SeededIds {
    fn new_trace_id(&self) -> TraceId {
        let (high, low) = (not_zero(&self.traces), not_zero(&self.traces));
        TraceId::from((u128::from(high) << 64) | u128::from(low))
    }

    fn new_span_id(&self) -> SpanId {
        SpanId::from(not_zero(&self.spans))
    }
}

/// The next number that is not zero.
fn not_zero(seed: &Seed) -> u64 {
    loop {
        let number = seed.next_u64();
        if number != 0 {
            return number;
        }
    }
}
