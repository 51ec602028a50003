//! A [`Mismatch`] without secrets.

use super::difference::Difference;
use super::mismatch::{Closest, Failure, Mismatch};
use crate::trace::{Redaction, Status};

impl Mismatch {
    /// The same without what looks like a secret: in the trace, and in what differs. What is expected is left as it was written.
    ///
    /// ```
    /// use skyspan_trace::expect::span;
    /// use skyspan_trace::trace::{Redaction, Span, Trace};
    ///
    /// let trace = Trace::from_spans([Span::builder("login").attribute("password", "hunter2").build()]);
    /// let mismatch = trace.check(span("login").no_attr("password")).unwrap_err();
    /// assert!(mismatch.to_string().contains("hunter2"));
    /// assert!(!mismatch.redacted(&Redaction::new()).to_string().contains("hunter2"));
    /// ```
    #[must_use]
    pub fn redacted(&self, redaction: &Redaction) -> Self {
        let differences = |all: &[Difference]| all.iter().map(|one| without_secret(one, redaction)).collect();
        let closest = |closest: &Option<Closest>| {
            closest
                .as_ref()
                .map(|Closest { span, differences: all }| Closest { span: *span, differences: differences(all) })
        };
        let failures = self.failures.iter().map(|failure| {
            let mut failure = failure.clone();
            match &mut failure {
                Failure::Differs { differences: all, .. } => *all = differences(all),
                Failure::Missing { closest: one, .. }
                | Failure::Number { closest: one, .. }
                | Failure::Times { closest: one, .. }
                | Failure::Nothing { closest: one, .. } => *one = closest(one),
                Failure::Otherwise { told, .. } => *told = redaction.words(told),
                Failure::Unexpected { .. }
                | Failure::Forbidden { .. }
                | Failure::Moved { .. }
                | Failure::AtOnce { .. }
                | Failure::Total { .. }
                | Failure::Measured { .. } => {}
            }
            failure
        });
        Self {
            trace: self.trace.redacted(redaction),
            failures: failures.collect(),
            matched: self.matched.clone(),
            clues: self.clues.iter().map(|clue| redaction.words(clue)).collect(),
        }
    }
}

fn without_secret(difference: &Difference, redaction: &Redaction) -> Difference {
    let mut difference = difference.clone();
    match &mut difference {
        Difference::Name { found, .. } => *found = redaction.words(found),
        Difference::Attribute { key, found: Some(value), .. } => {
            if let Some(redacted) = redaction.entry(key, value) {
                *value = redacted;
            }
        }
        Difference::Status { found: Status::Error { description }, .. } => *description = redaction.words(description),
        Difference::Parent { found, differences, .. } => {
            *found = found.as_ref().map(|name| redaction.words(name));
            *differences = differences.iter().map(|one| without_secret(one, redaction)).collect();
        }
        Difference::Property { found, .. } => *found = redaction.words(found),
        _ => {}
    }
    difference
}
