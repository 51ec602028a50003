//! What a report says at its end: where to look for what is not as expected.

use super::clause::AttributeExpectation;
use super::difference::Difference;
use super::expected::Expected;
use super::mismatch::{Failure, Mismatch};
use crate::trace::SpanRef;
use crate::value::{Text, Value};

impl Mismatch {
    /// Where to look, in sentences.
    pub(super) fn hints(&self) -> Vec<String> {
        let mut hints: Vec<String> = self.unsigned_as_text().into_iter().collect();
        #[cfg(feature = "tracing")]
        hints.extend(self.other_version());
        if self.trace.is_empty() || self.failures.iter().any(Failure::lacks_spans) {
            hints.extend(self.trace.unseen().map(|unseen| unseen.to_string()));
        }
        hints
    }

    /// Whether a difference is no more than that tracing-opentelemetry has no unsigned integers.
    fn unsigned_as_text(&self) -> Option<String> {
        let differing = self.failures.iter().filter_map(Failure::differing);
        let mut keys = differing
            .filter(|(span, _)| self.trace.span_ref(*span).is_some_and(is_of_tracing))
            .flat_map(|(_, differences)| differences.iter().filter_map(unsigned_key));
        let key = keys.next()?;
        Some(format!(
            "{key}: of `tracing`, unsigned integers and what is recorded by `Debug` come as strings; expect it in quotes"
        ))
    }

    /// Whether something is missing that another version of tracing-opentelemetry may have been told.
    #[cfg(feature = "tracing")]
    fn other_version(&self) -> Option<String> {
        let is_what_is_lost = |difference: &Difference| match difference {
            Difference::Attribute { found: None, .. } => true,
            Difference::Property { name, .. } => name == "links" || name == "remote parent",
            _ => false,
        };
        self.failures
            .iter()
            .filter_map(Failure::differing)
            .filter(|(span, _)| self.trace.span_ref(*span).is_some_and(is_of_tracing))
            .any(|(_, differences)| differences.iter().any(is_what_is_lost))
            .then(crate::trace::capture::several_versions)?
    }
}

impl Failure {
    /// Whether there are fewer spans than expected.
    fn lacks_spans(&self) -> bool {
        match self {
            Self::Missing { .. } | Self::Nothing { .. } => true,
            Self::Number { expected, found, .. } | Self::Times { expected, found, .. } => {
                found.len() < expected.at_least
            }
            Self::Differs { differences, .. } => differences.iter().any(|difference| {
                matches!(
                    difference,
                    Difference::Child { .. } | Difference::Descendant { .. } | Difference::Children { .. }
                )
            }),
            _ => false,
        }
    }

    /// A span that may have been meant, and in what it differs.
    fn differing(&self) -> Option<(usize, &[Difference])> {
        match self {
            Self::Differs { span, differences } => Some((*span, differences)),
            Self::Missing { closest, .. }
            | Self::Number { closest, .. }
            | Self::Times { closest, .. }
            | Self::Nothing { closest, .. } => closest.as_ref().map(|closest| (closest.span, &*closest.differences)),
            _ => None,
        }
    }
}

/// Whether tracing-opentelemetry made a span, as far as one sees.
fn is_of_tracing(span: SpanRef<'_>) -> bool {
    span.scope().is_some_and(|scope| scope.name == "tracing")
        || ["code.module.name", "busy_ns", "thread.id"].iter().any(|key| span.attr(key).is_some())
}

/// The key of an attribute that should be an unsigned integer, and is the text of it.
fn unsigned_key(difference: &Difference) -> Option<&Text> {
    match difference {
        Difference::Attribute {
            key,
            expected: AttributeExpectation::Is(Expected::Equal(expected)),
            found: Some(Value::Str(found)),
        } => expected.as_i64().is_some_and(|number| number.to_string() == found.as_str()).then_some(key),
        _ => None,
    }
}
