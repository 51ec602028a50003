//! What [`SpanExpectation`] says of the status of a span.

use super::clause::{Clause, StatusExpectation};
use super::expected::{Expected, in_message};
use super::property::Property;
use super::span_expectation::SpanExpectation;
use crate::trace::{SpanRef, Status};

impl SpanExpectation {
    /// It has this status, its description included.
    ///
    /// ```
    /// use skyspan_trace::trace::Status;
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// let request = Span::builder("request").status(Status::error("beam lost")).build();
    /// Trace::from_spans([request]).assert(span("request").status(Status::error("beam lost")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Status, Trace}};
    /// # let request = Span::builder("request").status(Status::error("beam lost")).build();
    /// Trace::from_spans([request]).assert(span("request").status(Status::error("no light")));
    /// ```
    pub fn status(self, expected: impl Into<StatusExpectation>) -> Self {
        self.with(Clause::Status(expected.into()))
    }

    /// Its status is an error, for whatever reason.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Status, Trace}};
    /// let request = Span::builder("request").status(Status::error("beam lost")).build();
    /// Trace::from_spans([request]).assert(span("request").status_error());
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// Trace::from_spans([Span::builder("request").build()]).assert(span("request").status_error());
    /// ```
    pub fn status_error(self) -> Self {
        self.status(StatusExpectation::Error)
    }

    /// Its status is an error with such a description: a string, or a pattern such as [`glob`](super::glob).
    ///
    /// ```
    /// use skyspan_trace::expect::glob;
    /// # use skyspan_trace::{expect::span, trace::{Span, Status, Trace}};
    /// let request = Span::builder("request").status(Status::error("beam lost at 3 s")).build();
    /// Trace::from_spans([request]).assert(span("request").status_description(glob("beam lost *")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{any, span}, trace::{Span, Status, Trace}};
    /// let request = Span::builder("request").status(Status::Ok).build();
    /// Trace::from_spans([request]).assert(span("request").status_description(any()));
    /// ```
    pub fn status_description(self, expected: impl Into<Expected>) -> Self {
        self.with_property(StatusDescription(expected.into()))
    }
}

#[derive(Debug)]
struct StatusDescription(Expected);

impl Property for StatusDescription {
    fn name(&self) -> String {
        "status description".to_owned()
    }

    fn expected(&self) -> String {
        self.0.to_string()
    }

    fn found_instead(&self, span: SpanRef<'_>) -> Option<String> {
        match span.span().status() {
            Status::Error { description } => {
                let found = description.clone().into();
                (!self.0.matches(&found)).then(|| in_message(&found))
            }
            other => Some(format!("none, as the status is {other}")),
        }
    }
}
