//! [`Candidates`]: which spans need a closer look.

use std::collections::HashMap;

use super::clause::{AttributeExpectation, Clause};
use super::expected::Expected;
use super::span_expectation::SpanExpectation;
use crate::trace::SpanRef;
use crate::value::{Text, Value, to_json};

/// The spans among which those that are as expected must be, found by the value of an attribute: of thousands of
/// siblings of one name an expectation mostly means one, and should not have to look at all.
pub(super) struct Candidates {
    /// All of them.
    all: Vec<usize>,
    /// By key and then by value, for the keys that were asked for.
    by_attribute: HashMap<Text, HashMap<String, Vec<usize>>>,
}

impl Candidates {
    pub(super) fn among(found: &[SpanRef<'_>]) -> Self {
        Self { all: (0..found.len()).collect(), by_attribute: HashMap::new() }
    }

    /// The places in `found` of spans that may be as expected; all others are not.
    pub(super) fn of(&mut self, expected: &SpanExpectation, found: &[SpanRef<'_>]) -> &[usize] {
        let attribute = expected.clauses.iter().find_map(|clause| match clause {
            Clause::Attribute(key, AttributeExpectation::Is(Expected::Equal(value))) => Some((key, value)),
            _ => None,
        });
        let Some((key, value)) = attribute else { return &self.all };
        let places = self.by_attribute.entry(key.clone()).or_insert_with(|| {
            let mut places: HashMap<String, Vec<usize>> = HashMap::new();
            for (place, span) in found.iter().enumerate() {
                if let Some(value) = span.attr(key) {
                    places.entry(common_to_equals(value)).or_default().push(place);
                }
            }
            places
        });
        places.get(&common_to_equals(value)).map_or(&[], Vec::as_slice)
    }
}

/// A text that equal values share, and few others.
fn common_to_equals(value: &Value) -> String {
    // The two zeros of floats are equal, and written differently.
    to_json(value).replace("-0.0", "0.0")
}
