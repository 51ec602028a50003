//! A [`Mismatch`] for serde, and so for machines.

use std::fmt::Display;

use serde::ser::{Serialize, Serializer};

use super::clause::AttributeExpectation;
use super::difference::Difference;
use super::expected::Expected;
use super::mismatch::{Closest, Failure, Mismatch};
use super::number_range::NumberRange;
use super::report::Report;
use crate::trace::{SpanLabel, SpanRef, Trace, exact_duration};
use crate::value::{FormatVersion, Text, Value, to_json, whole_json};

/// A path has so many names; of a deeper one the first are left out, and `…` stands there.
const PATH_MAX: usize = 32;

/// Everything that is wrong, for what is no person: a dashboard, an editor, a bot.
///
/// | key | |
/// |---|---|
/// | `version` | 1; see [`json`](crate::json) |
/// | `headline`, `clues`, `report` | what the report says, and the report as a whole |
/// | `span_count` | how many spans the trace has |
/// | `failures` | what is wrong, each with its `kind`: the [`Failure`], as `"differs"`, `"at_once"` |
///
/// A failure has the fields of its [`Failure`], by their names. A span is an object with its `place` in
/// [`Trace::spans`], `name`, `trace_id`, `span_id` and `path`, the names from its root down to itself. What is expected is
/// in words; how many, as `at_least` and `at_most` besides; times are in nanoseconds, in keys that end in `_ns`.
///
/// A difference has its `kind`: the [`Difference`], as `"attribute"`; its fields; and a `text` as the report has it.
/// `expected` and `found` are in words, and of an attribute there are `expected_value` and `found_value` with their
/// types besides, where there is such a value.
///
/// ```
/// use serde_json::json;
/// use skyspan_trace::expect::{every, span};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace = Trace::from_spans([Span::builder("set").trace_id(1).span_id(2).attribute("target", 5).build()]);
/// let mismatch = trace.check(every(span("set")).attr("target", "5")).unwrap_err();
/// assert_eq!(serde_json::to_value(&mismatch)?["failures"], json!([{
///     "kind": "differs",
///     "span": {
///         "place": 0, "name": "set",
///         "trace_id": "0x00000000000000000000000000000001", "span_id": "0x0000000000000002", "path": ["set"]
///     },
///     "differences": [{
///         "kind": "attribute", "text": "target: expected \"5\", found 5", "key": "target",
///         "expected": "\"5\"", "found": "5", "expected_value": "5", "found_value": 5
///     }]
/// }]));
/// # Ok::<(), serde_json::Error>(())
/// ```
impl Serialize for Mismatch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let view = View { trace: &self.trace };
        let mismatch = MismatchJson {
            version: FormatVersion,
            headline: Report::of(self).headline(),
            clues: &self.clues,
            span_count: self.trace.len(),
            failures: self.failures.iter().map(|failure| view.failure(failure)).collect(),
            report: self.to_string(),
        };
        mismatch.serialize(serializer)
    }
}

#[derive(serde::Serialize)]
struct MismatchJson<'a> {
    version: FormatVersion,
    headline: String,
    clues: &'a [Text],
    span_count: usize,
    failures: Vec<FailureJson<'a>>,
    report: String,
}

#[derive(serde::Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum FailureJson<'a> {
    Differs {
        span: Option<SpanJson>,
        differences: Vec<DifferenceJson<'a>>,
    },
    Missing {
        expected: String,
        parent: Option<SpanJson>,
        closest: Option<ClosestJson<'a>>,
    },
    Unexpected {
        span: Option<SpanJson>,
    },
    Number {
        of: String,
        #[serde(flatten)]
        number: NumberJson,
        found: Vec<Option<SpanJson>>,
        closest: Option<ClosestJson<'a>>,
    },
    Times {
        of: String,
        parent: Option<SpanJson>,
        #[serde(flatten)]
        number: NumberJson,
        found: Vec<Option<SpanJson>>,
        closest: Option<ClosestJson<'a>>,
    },
    Forbidden {
        of: String,
        span: Option<SpanJson>,
    },
    Moved {
        expected: String,
        span: Option<SpanJson>,
        parent: Option<SpanJson>,
    },
    Nothing {
        of: String,
        closest: Option<ClosestJson<'a>>,
    },
    AtOnce {
        of: String,
        #[serde(flatten)]
        number: NumberJson,
        found: Vec<Option<SpanJson>>,
    },
    Total {
        of: String,
        expected: String,
        #[serde(serialize_with = "whole_json::serialize")]
        found_ns: i128,
        spans: Vec<Option<SpanJson>>,
    },
    Measured {
        what: &'a Text,
        expected: &'a Text,
        found: &'a Text,
        spans: Vec<Option<SpanJson>>,
    },
    Otherwise {
        what: &'a Text,
        told: &'a Text,
    },
}

/// A span of the trace, and where it is.
#[derive(serde::Serialize)]
struct SpanJson {
    place: usize,
    #[serde(flatten)]
    label: SpanLabel,
    path: Vec<Text>,
}

#[derive(serde::Serialize)]
struct ClosestJson<'a> {
    span: Option<SpanJson>,
    differences: Vec<DifferenceJson<'a>>,
}

/// How many are expected, in words and in numbers.
#[derive(serde::Serialize)]
struct NumberJson {
    expected: String,
    at_least: usize,
    at_most: Option<usize>,
}

impl From<NumberRange> for NumberJson {
    fn from(range: NumberRange) -> Self {
        Self { expected: range.to_string(), at_least: range.at_least, at_most: range.at_most }
    }
}

#[derive(serde::Serialize)]
struct DifferenceJson<'a> {
    #[serde(flatten)]
    what: WhatDiffers<'a>,
    text: String,
}

#[derive(serde::Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum WhatDiffers<'a> {
    Name {
        expected: String,
        found: &'a Text,
    },
    Attribute {
        key: &'a Text,
        expected: String,
        found: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        expected_value: Option<&'a Value>,
        #[serde(skip_serializing_if = "Option::is_none")]
        found_value: Option<&'a Value>,
    },
    #[serde(rename = "span_kind")]
    Kind {
        expected: String,
        found: String,
    },
    Status {
        expected: String,
        found: String,
    },
    Ended {
        expected: &'static str,
        found: &'static str,
    },
    Duration {
        expected: String,
        found: String,
        found_ns: Option<Value>,
    },
    Child {
        expected: String,
        found_count: usize,
    },
    Descendant {
        expected: String,
        found_count: usize,
    },
    Parent {
        expected: Option<String>,
        found: Option<&'a Text>,
        differences: Vec<DifferenceJson<'a>>,
    },
    Children {
        missing: Vec<String>,
        unexpected: Vec<Option<SpanJson>>,
    },
    Order {
        expected: &'a Text,
        found: Option<&'a Text>,
    },
    Kin {
        kin: String,
        expected: String,
        is_there: bool,
        found_count: usize,
    },
    Property {
        name: &'a Text,
        expected: &'a Text,
        found: &'a Text,
    },
    Condition {
        expected: &'a Text,
    },
}

/// Names the spans of a trace.
struct View<'t> {
    trace: &'t Trace,
}

impl View<'_> {
    fn failure<'f>(&self, failure: &'f Failure) -> FailureJson<'f> {
        match failure {
            Failure::Differs { span, differences } => {
                FailureJson::Differs { span: self.span(*span), differences: self.differences(differences) }
            }
            Failure::Missing { expected, parent, closest } => FailureJson::Missing {
                expected: words(expected),
                parent: self.parent(*parent),
                closest: self.closest(closest.as_ref()),
            },
            Failure::Unexpected { span } => FailureJson::Unexpected { span: self.span(*span) },
            Failure::Number { of, expected, found, closest } => FailureJson::Number {
                of: words(of),
                number: (*expected).into(),
                found: self.spans(found),
                closest: self.closest(closest.as_ref()),
            },
            Failure::Times { of, parent, expected, found, closest } => FailureJson::Times {
                of: words(of),
                parent: self.parent(*parent),
                number: (*expected).into(),
                found: self.spans(found),
                closest: self.closest(closest.as_ref()),
            },
            Failure::Forbidden { of, span } => FailureJson::Forbidden { of: words(of), span: self.span(*span) },
            Failure::Moved { expected, span, parent } => {
                FailureJson::Moved { expected: words(expected), span: self.span(*span), parent: self.parent(*parent) }
            }
            Failure::Nothing { of, closest } => {
                FailureJson::Nothing { of: words(of), closest: self.closest(closest.as_ref()) }
            }
            Failure::AtOnce { of, expected, found } => {
                FailureJson::AtOnce { of: words(of), number: (*expected).into(), found: self.spans(found) }
            }
            Failure::Total { of, expected, found_ns, spans } => FailureJson::Total {
                of: words(of),
                expected: words(expected),
                found_ns: *found_ns,
                spans: self.spans(spans),
            },
            Failure::Measured { what, expected, found, spans } => {
                FailureJson::Measured { what, expected, found, spans: self.spans(spans) }
            }
            Failure::Otherwise { what, told } => FailureJson::Otherwise { what, told },
        }
    }

    fn differences<'d>(&self, differences: &'d [Difference]) -> Vec<DifferenceJson<'d>> {
        let difference = |it: &'d Difference| DifferenceJson { what: self.what_differs(it), text: it.to_string() };
        differences.iter().map(difference).collect()
    }

    fn what_differs<'d>(&self, difference: &'d Difference) -> WhatDiffers<'d> {
        match difference {
            Difference::Name { expected, found } => WhatDiffers::Name { expected: words(expected), found },
            Difference::Attribute { key, expected, found } => WhatDiffers::Attribute {
                key,
                expected: words(expected),
                found: found.as_ref().map_or_else(|| "none".to_owned(), to_json),
                expected_value: match expected {
                    AttributeExpectation::Is(Expected::Equal(value)) => Some(value),
                    _ => None,
                },
                found_value: found.as_ref(),
            },
            Difference::Kind { expected, found } => {
                WhatDiffers::Kind { expected: format!("{expected:?}"), found: format!("{found:?}") }
            }
            Difference::Status { expected, found } => {
                WhatDiffers::Status { expected: words(expected), found: words(found) }
            }
            Difference::Ended { expected: true } => WhatDiffers::Ended { expected: "ended", found: "open" },
            Difference::Ended { expected: false } => WhatDiffers::Ended { expected: "open", found: "ended" },
            Difference::Duration { expected, found_ns } => WhatDiffers::Duration {
                expected: words(expected),
                found: found_ns.map_or_else(|| "open".to_owned(), exact_duration),
                found_ns: found_ns.map(Value::from),
            },
            Difference::Child { expected, found, .. } => {
                WhatDiffers::Child { expected: words(expected), found_count: *found }
            }
            Difference::Descendant { expected, found, .. } => {
                WhatDiffers::Descendant { expected: words(expected), found_count: *found }
            }
            Difference::Parent { expected, found, differences } => WhatDiffers::Parent {
                expected: expected.as_ref().map(words),
                found: found.as_ref(),
                differences: self.differences(differences),
            },
            Difference::Children { missing, unexpected } => WhatDiffers::Children {
                missing: missing.iter().map(words).collect(),
                unexpected: unexpected.iter().map(|(place, _)| self.span(*place)).collect(),
            },
            Difference::Order { expected, found } => WhatDiffers::Order { expected, found: found.as_ref() },
            Difference::Kin { kin, expected, is_there, found, .. } => WhatDiffers::Kin {
                kin: words(kin),
                expected: words(expected),
                is_there: *is_there,
                found_count: *found,
            },
            Difference::Property { name, expected, found } => WhatDiffers::Property { name, expected, found },
            Difference::Condition { description } => WhatDiffers::Condition { expected: description },
        }
    }

    fn closest<'c>(&self, closest: Option<&'c Closest>) -> Option<ClosestJson<'c>> {
        closest.map(|closest| ClosestJson {
            span: self.span(closest.span),
            differences: self.differences(&closest.differences),
        })
    }

    fn parent(&self, place: Option<usize>) -> Option<SpanJson> {
        place.and_then(|place| self.span(place))
    }

    fn spans(&self, places: &[usize]) -> Vec<Option<SpanJson>> {
        places.iter().map(|place| self.span(*place)).collect()
    }

    fn span(&self, place: usize) -> Option<SpanJson> {
        let span = self.trace.span_ref(place)?;
        Some(SpanJson { place, label: span.span().into(), path: path(span) })
    }
}

/// The names from the root down to a span.
fn path(span: SpanRef<'_>) -> Vec<Text> {
    let upwards = std::iter::once(span).chain(span.ancestors()).take(PATH_MAX + 1);
    let mut names: Vec<Text> = upwards.map(|span| span.span().name().into()).collect();
    if let Some(further) = names.get_mut(PATH_MAX) {
        *further = Text::literal("…");
    }
    names.reverse();
    names
}

fn words(expected: &impl Display) -> String {
    expected.to_string()
}
