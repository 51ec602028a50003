//! What [`SpanExpectation`] says of all attributes of a span.

use super::property::Property;
use super::span_expectation::SpanExpectation;
use crate::trace::SpanRef;
use crate::value::Text;

impl SpanExpectation {
    /// It has attributes at these keys, and at no others.
    ///
    /// ```
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// let trace = Trace::from_spans([Span::builder("set").attribute("target", 5).attribute("group", "a").build()]);
    /// trace.assert(span("set").only_attrs(["group", "target"]).attr("target", 5));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("set").attribute("target", 5).attribute("group", "a").build()]);
    /// trace.assert(span("set").only_attrs(["target"]));
    /// ```
    pub fn only_attrs(self, keys: impl IntoIterator<Item = impl Into<Text>>) -> Self {
        self.with_property(OnlyAttributes(keys.into_iter().map(Into::into).collect()))
    }
}

#[derive(Debug)]
struct OnlyAttributes(Vec<Text>);

impl Property for OnlyAttributes {
    fn name(&self) -> String {
        "attributes".to_owned()
    }

    fn expected(&self) -> String {
        list(self.0.iter())
    }

    fn found_instead(&self, span: SpanRef<'_>) -> Option<String> {
        let found = span.span().attributes();
        let is_expected =
            found.keys().all(|key| self.0.contains(key)) && self.0.iter().all(|key| found.contains_key(key));
        (!is_expected).then(|| list(found.keys()))
    }

    fn words(&self) -> String {
        format!("with no attributes but {}", self.expected())
    }
}

fn list<'a>(keys: impl Iterator<Item = &'a Text>) -> String {
    let keys: Vec<&str> = keys.map(Text::as_str).collect();
    if keys.is_empty() { "none".to_owned() } else { keys.join(", ") }
}
