//! What [`SpanExpectation`] says of how a run ended: by the words of its RunStop document, or by those that bluesky wrote.

use super::expected::{Expected, in_message};
use super::property::Property;
use super::span_expectation::SpanExpectation;
use crate::trace::SpanRef;
use crate::value::{Text, Value};

impl SpanExpectation {
    /// It is the span of a run that ended so: its attribute `exit_status`, as a name or as the
    /// `ExitStatus` of the crate `skyspan`.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// let run = Span::builder("Bluesky RunEngine run").attribute("exit_status", "fail").build();
    /// Trace::from_spans([run]).assert(span("Bluesky RunEngine run").exit_status("fail"));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let run = Span::builder("Bluesky RunEngine run").attribute("exit_status", "fail").build();
    /// Trace::from_spans([run]).assert(span("Bluesky RunEngine run").exit_status("success"));
    /// ```
    pub fn exit_status(self, expected: impl Into<Expected>) -> Self {
        self.attr(Text::literal("exit_status"), expected)
    }

    /// It is the span of a run that ended for this reason: its attribute `reason`.
    ///
    /// ```
    /// use skyspan_trace::expect::glob;
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// let run = Span::builder("Bluesky RunEngine run").attribute("reason", "beam lost").build();
    /// Trace::from_spans([run]).assert(span("Bluesky RunEngine run").reason(glob("beam *")));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let run = Span::builder("Bluesky RunEngine run").attribute("reason", "beam lost").build();
    /// Trace::from_spans([run]).assert(span("Bluesky RunEngine run").reason(""));
    /// ```
    pub fn reason(self, expected: impl Into<Expected>) -> Self {
        self.attr(Text::literal("reason"), expected)
    }

    /// It is the span of a run that ended so, in a trace that bluesky itself may have written: what its releases write into
    /// `exit_status` is read as the RunStop document has it, and then it is like [`exit_status`](Self::exit_status).
    ///
    /// | the span has | in | read as |
    /// |---|---|---|
    /// | `"success"`, `"abort"`, `"fail"` | all, and skyspan | itself |
    /// | `"None"` | 1.15: a plan that closed its run without a word | `"success"` |
    /// | null, or nothing on a span that has ended | 1.14: the same | `"success"` |
    /// | `"aborted"` | all: `RE.abort()`, `RE.halt()`, Ctrl-C | `"abort"` |
    ///
    /// bluesky 1.13 writes `"success"` also where the run failed; nobody can tell afterwards. A span that is open has no
    /// exit status.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::span, trace::{Span, Trace}};
    /// let wrote = |exit_status: &str| {
    ///     let run = Span::builder("Bluesky RunEngine run").attribute("exit_status", exit_status);
    ///     Trace::from_spans([run.end(Timestamp::EPOCH).build()])
    /// };
    /// wrote("None").assert(span("Bluesky RunEngine run").bluesky_exit_status("success"));
    /// wrote("aborted").assert(span("Bluesky RunEngine run").bluesky_exit_status("abort"));
    /// wrote("abort").assert(span("Bluesky RunEngine run").bluesky_exit_status("abort"));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// let run = Span::builder("Bluesky RunEngine run").attribute("exit_status", "aborted").build();
    /// Trace::from_spans([run]).assert(span("Bluesky RunEngine run").bluesky_exit_status("fail"));
    /// ```
    pub fn bluesky_exit_status(self, expected: impl Into<Expected>) -> Self {
        self.with_property(AsBlueskyWrites { key: "exit_status", expected: expected.into() })
    }

    /// It is the span of a run that ended for this reason, in a trace that bluesky itself may have written: `"None"`, null and
    /// nothing are the empty reason, and then it is like [`reason`](Self::reason). An aborted run has lost its reason there.
    ///
    /// ```
    /// # use skyspan_trace::{value::Timestamp, expect::span, trace::{Span, Trace}};
    /// let run = Span::builder("Bluesky RunEngine run").attribute("reason", "None").end(Timestamp::EPOCH).build();
    /// Trace::from_spans([run]).assert(span("Bluesky RunEngine run").bluesky_reason(""));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{value::Timestamp, expect::span, trace::{Span, Trace}};
    /// let run = Span::builder("Bluesky RunEngine run").attribute("reason", "None").end(Timestamp::EPOCH).build();
    /// Trace::from_spans([run]).assert(span("Bluesky RunEngine run").bluesky_reason("beam lost"));
    /// ```
    pub fn bluesky_reason(self, expected: impl Into<Expected>) -> Self {
        self.with_property(AsBlueskyWrites { key: "reason", expected: expected.into() })
    }
}

/// `exit_status` or `reason`, whichever release wrote it.
#[derive(Debug)]
struct AsBlueskyWrites {
    key: &'static str,
    expected: Expected,
}

impl AsBlueskyWrites {
    /// What the RunStop document of the run has; nothing if there is none.
    fn meant(&self, span: SpanRef<'_>) -> Option<Value> {
        let unsaid = if self.key == "exit_status" { "success" } else { "" };
        match span.attr(self.key) {
            None | Some(Value::Null) => span.end().is_some().then(|| Value::literal(unsaid)),
            Some(Value::Str(text)) if text.as_str() == "None" => Some(Value::literal(unsaid)),
            Some(Value::Str(text)) if self.key == "exit_status" && text.as_str() == "aborted" => {
                Some(Value::literal("abort"))
            }
            Some(found) => Some(found.clone()),
        }
    }
}

impl Property for AsBlueskyWrites {
    fn name(&self) -> String {
        self.key.to_owned()
    }

    fn expected(&self) -> String {
        format!("{}, or what bluesky writes for it", self.expected)
    }

    fn found_instead(&self, span: SpanRef<'_>) -> Option<String> {
        let holds = self.meant(span).is_some_and(|meant| self.expected.matches(&meant));
        (!holds).then(|| span.attr(self.key).map_or_else(|| "none".to_owned(), in_message))
    }

    fn words(&self) -> String {
        format!("with {} {} or what bluesky writes for it", self.key, self.expected)
    }
}
