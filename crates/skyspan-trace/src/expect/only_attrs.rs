//! What [`SpanExpectation`] says of all attributes of a span.

use super::expected::{Expected, in_message};
use super::pattern::NamePattern;
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
    /// const KEYS: [&str; 3] = ["name", "group", "target"];
    /// trace.assert(span("set").only_attrs(&KEYS[1..]));
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

    /// It has these attributes, and no others. The report says which is one too many.
    ///
    /// ```
    /// use skyspan_trace::expect::{Expected, between};
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// let trace = Trace::from_spans([Span::builder("set").attribute("target", 5).attribute("group", "a").build()]);
    /// trace.assert(span("set").attrs_exactly([("target", Expected::from(between(1.0..=5.0))), ("group", "a".into())]));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::span, trace::{Span, Trace}};
    /// # let trace = Trace::from_spans([Span::builder("set").attribute("target", 5).attribute("group", "a").build()]);
    /// trace.assert(span("set").attrs_exactly([("target", 5)]));
    /// ```
    pub fn attrs_exactly(
        mut self,
        attributes: impl IntoIterator<Item = (impl Into<Text>, impl Into<Expected>)>,
    ) -> Self {
        let mut keys = Vec::new();
        for (key, expected) in attributes {
            let key = key.into();
            keys.push(key.clone());
            self = self.attr(key, expected);
        }
        self.no_other_attrs(keys, Vec::new())
    }

    /// It has no attributes but at these keys, and, if any, at keys like those.
    pub(super) fn no_other_attrs(self, keys: Vec<Text>, free: Vec<NamePattern>) -> Self {
        self.with_property(NoOtherAttributes { keys, free })
    }
}

impl SpanExpectation {
    /// If it has an attribute with this key, its value is such: it is absent, or as expected.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{every, span}, trace::{Span, Trace}};
    /// let trace = Trace::from_spans([Span::builder("set").attribute("retries", 0).build(), Span::builder("set").build()]);
    /// trace.assert(every(span("set")).attr_if_any("retries", 0));
    /// ```
    ///
    /// ```should_panic
    /// # use skyspan_trace::{expect::{every, span}, trace::{Span, Trace}};
    /// let trace = Trace::from_spans([Span::builder("set").attribute("retries", 2).build(), Span::builder("set").build()]);
    /// trace.assert(every(span("set")).attr_if_any("retries", 0));
    /// ```
    pub fn attr_if_any(self, key: impl Into<Text>, expected: impl Into<Expected>) -> Self {
        self.with_property(AttributeIfAny { key: key.into(), expected: expected.into() })
    }
}

#[derive(Debug)]
struct AttributeIfAny {
    key: Text,
    expected: Expected,
}

impl Property for AttributeIfAny {
    fn name(&self) -> String {
        self.key.to_string()
    }

    fn expected(&self) -> String {
        format!("{} or none", self.expected)
    }

    fn found_instead(&self, span: SpanRef<'_>) -> Option<String> {
        span.attr(&self.key).filter(|value| !self.expected.matches(value)).map(in_message)
    }

    fn words(&self) -> String {
        format!("with {}={} or without it", self.key, self.expected)
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

#[derive(Debug)]
struct NoOtherAttributes {
    keys: Vec<Text>,
    /// At such keys there may be some.
    free: Vec<NamePattern>,
}

impl Property for NoOtherAttributes {
    fn name(&self) -> String {
        "attributes".to_owned()
    }

    fn expected(&self) -> String {
        format!("no others than {}", list(self.keys.iter()))
    }

    fn found_instead(&self, span: SpanRef<'_>) -> Option<String> {
        let is_free = |key: &Text| self.free.iter().any(|pattern| pattern.matches(key));
        let others = span.span().attributes().iter().filter(|(key, _)| !self.keys.contains(key) && !is_free(key));
        let others: Vec<String> = others.map(|(key, value)| format!("{key}={}", in_message(value))).collect();
        (!others.is_empty()).then(|| others.join(", "))
    }

    fn words(&self) -> String {
        format!("with no attributes but {}", list(self.keys.iter()))
    }
}

fn list<'a>(keys: impl Iterator<Item = &'a Text>) -> String {
    let keys: Vec<&str> = keys.map(Text::as_str).collect();
    if keys.is_empty() { "none".to_owned() } else { keys.join(", ") }
}
