//! [`Mismatch::to_json`]: a mismatch for machines.

use super::clause::AttributeExpectation;
use super::difference::Difference;
use super::expected::Expected;
use super::mismatch::{Closest, Failure, Mismatch};
use super::number_range::NumberRange;
use super::report::Report;
use super::span_expectation::SpanExpectation;
use crate::trace::{SpanRef, Trace, exact_duration};
use crate::value::{Map, Text, Value, to_json};

/// A path has so many names; of a deeper one the first are left out, and `…` stands there.
const PATH_MAX: usize = 32;

impl Mismatch {
    /// Everything that is wrong, as one line of JSON, for what is no person: a dashboard, an editor, a bot.
    ///
    /// | key | |
    /// |---|---|
    /// | `headline`, `clues`, `report` | what the report says, and the report as a whole |
    /// | `span_count` | how many spans the trace has |
    /// | `failures` | what is wrong, each with its `kind`: the [`Failure`], as `"differs"`, `"at_once"` |
    ///
    /// A failure has the fields of its [`Failure`], by their names. A span is an object with its `place` in
    /// [`Trace::spans`], `name`, `trace_id`, `span_id` and `path`, the names from its root down to itself. What is expected is
    /// in words; how many, as `at_least` and `at_most` besides; times are in nanoseconds, in keys that end in `_ns`.
    ///
    /// A difference has its `kind`: the [`Difference`], as `"attribute"`; a `text` as the report has it; and its fields.
    /// `expected` and `found` are in words, and of an attribute there are `expected_value` and `found_value` with their
    /// types besides, where there is such a value.
    ///
    /// ```
    /// use skyspan_trace::expect::{every, span};
    /// use skyspan_trace::trace::{Span, Trace};
    /// use skyspan_trace::value::from_json;
    ///
    /// let trace = Trace::from_spans([Span::builder("set").trace_id(1).span_id(2).attribute("target", 5).build()]);
    /// let mismatch = trace.check(every(span("set")).attr("target", "5")).unwrap_err();
    /// assert_eq!(from_json(&mismatch.to_json())?.as_map().and_then(|all| all.get("failures")), Some(&from_json(r#"[{
    ///     "kind": "differs",
    ///     "span": {
    ///         "place": 0, "name": "set",
    ///         "trace_id": "0x00000000000000000000000000000001", "span_id": "0x0000000000000002", "path": ["set"]
    ///     },
    ///     "differences": [{
    ///         "kind": "attribute", "text": "target: expected \"5\", found 5", "key": "target",
    ///         "expected": "\"5\"", "found": "5", "expected_value": "5", "found_value": 5
    ///     }]
    /// }]"#)?));
    /// # Ok::<(), skyspan_trace::value::JsonError>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        let writer = Writer { trace: &self.trace };
        let failures: Value = self.failures.iter().map(|failure| writer.failure(failure)).collect();
        to_json(&Value::from(Map::from_iter([
            ("headline", Value::from(Report::of(self).headline())),
            ("clues", self.clues.iter().map(|clue| Value::from(clue.clone())).collect()),
            ("span_count", count(self.trace.len())),
            ("failures", failures),
            ("report", self.to_string().into()),
        ])))
    }
}

/// Writes what speaks of the spans of a trace.
struct Writer<'t> {
    trace: &'t Trace,
}

impl Writer<'_> {
    fn failure(&self, failure: &Failure) -> Value {
        let entries: Vec<(&str, Value)> = match failure {
            Failure::Differs { span, differences } => {
                vec![("kind", "differs".into()), ("span", self.span(*span)), ("differences", self.all(differences))]
            }
            Failure::Missing { expected, parent, closest } => vec![
                ("kind", "missing".into()),
                ("expected", words(expected)),
                ("parent", self.parent(*parent)),
                ("closest", self.closest(closest.as_ref())),
            ],
            Failure::Unexpected { span } => vec![("kind", "unexpected".into()), ("span", self.span(*span))],
            Failure::Number { of, expected, found, closest } => {
                let mut entries = vec![("kind", "number".into()), ("of", words(of))];
                entries.extend(number(*expected));
                entries.extend([("found", self.spans(found)), ("closest", self.closest(closest.as_ref()))]);
                entries
            }
            Failure::Times { of, parent, expected, found, closest } => {
                let mut entries = vec![("kind", "times".into()), ("of", words(of)), ("parent", self.parent(*parent))];
                entries.extend(number(*expected));
                entries.extend([("found", self.spans(found)), ("closest", self.closest(closest.as_ref()))]);
                entries
            }
            Failure::Forbidden { of, span } => {
                vec![("kind", "forbidden".into()), ("of", words(of)), ("span", self.span(*span))]
            }
            Failure::Moved { expected, span, parent } => vec![
                ("kind", "moved".into()),
                ("expected", words(expected)),
                ("span", self.span(*span)),
                ("parent", self.parent(*parent)),
            ],
            Failure::Nothing { of, closest } => {
                vec![("kind", "nothing".into()), ("of", words(of)), ("closest", self.closest(closest.as_ref()))]
            }
            Failure::AtOnce { of, expected, found } => {
                let mut entries = vec![("kind", "at_once".into()), ("of", words(of))];
                entries.extend(number(*expected));
                entries.push(("found", self.spans(found)));
                entries
            }
            Failure::Total { of, expected, found_ns, spans } => vec![
                ("kind", "total".into()),
                ("of", words(of)),
                ("expected", expected.to_string().into()),
                ("found_ns", whole(*found_ns)),
                ("spans", self.spans(spans)),
            ],
            Failure::Measured { what, expected, found, spans } => vec![
                ("kind", "measured".into()),
                ("what", what.clone().into()),
                ("expected", expected.clone().into()),
                ("found", found.clone().into()),
                ("spans", self.spans(spans)),
            ],
        };
        Map::from_iter(entries).into()
    }

    fn difference(&self, difference: &Difference) -> Value {
        let mut entries: Vec<(&str, Value)> = match difference {
            Difference::Name { expected, found } => {
                vec![("kind", "name".into()), ("expected", text(expected)), ("found", found.clone().into())]
            }
            Difference::Attribute { key, expected, found } => {
                let shown = found.as_ref().map_or_else(|| "none".to_owned(), to_json);
                let mut entries = vec![
                    ("kind", "attribute".into()),
                    ("key", key.clone().into()),
                    ("expected", text(expected)),
                    ("found", shown.into()),
                ];
                if let AttributeExpectation::Is(Expected::Equal(value)) = expected {
                    entries.push(("expected_value", value.clone()));
                }
                entries.extend(found.iter().map(|value| ("found_value", value.clone())));
                entries
            }
            Difference::Kind { expected, found } => vec![
                ("kind", "span_kind".into()),
                ("expected", format!("{expected:?}").into()),
                ("found", format!("{found:?}").into()),
            ],
            Difference::Status { expected, found } => {
                vec![("kind", "status".into()), ("expected", text(expected)), ("found", text(found))]
            }
            Difference::Ended { expected } => vec![
                ("kind", "ended".into()),
                ("expected", (if *expected { "ended" } else { "open" }).into()),
                ("found", (if *expected { "open" } else { "ended" }).into()),
            ],
            Difference::Duration { expected, found_ns } => vec![
                ("kind", "duration".into()),
                ("expected", text(expected)),
                ("found", found_ns.map_or_else(|| "open".to_owned(), exact_duration).into()),
                ("found_ns", found_ns.map_or(Value::Null, whole)),
            ],
            Difference::Child { expected, found } => {
                vec![("kind", "child".into()), ("expected", words(expected)), ("found_count", count(*found))]
            }
            Difference::Descendant { expected, found } => {
                vec![("kind", "descendant".into()), ("expected", words(expected)), ("found_count", count(*found))]
            }
            Difference::Parent { expected, found, differences } => vec![
                ("kind", "parent".into()),
                ("expected", expected.as_ref().map_or(Value::Null, |expected| words(expected))),
                ("found", found.clone().map_or(Value::Null, Value::from)),
                ("differences", self.all(differences)),
            ],
            Difference::Children { missing, unexpected } => vec![
                ("kind", "children".into()),
                ("missing", missing.iter().map(words).collect()),
                ("unexpected", unexpected.iter().map(|(place, _)| self.span(*place)).collect()),
            ],
            Difference::Order { expected, found } => vec![
                ("kind", "order".into()),
                ("expected", expected.clone().into()),
                ("found", found.clone().map_or(Value::Null, Value::from)),
            ],
            Difference::Kin { kin, expected, is_there, found } => vec![
                ("kind", "kin".into()),
                ("kin", text(kin)),
                ("expected", words(expected)),
                ("is_there", (*is_there).into()),
                ("found_count", count(*found)),
            ],
            Difference::Property { name, expected, found } => vec![
                ("kind", "property".into()),
                ("name", name.clone().into()),
                ("expected", expected.clone().into()),
                ("found", found.clone().into()),
            ],
            Difference::Condition { description } => {
                vec![("kind", "condition".into()), ("expected", description.clone().into())]
            }
        };
        entries.insert(1, ("text", text(difference)));
        Map::from_iter(entries).into()
    }

    fn all(&self, differences: &[Difference]) -> Value {
        differences.iter().map(|difference| self.difference(difference)).collect()
    }

    fn closest(&self, closest: Option<&Closest>) -> Value {
        closest.map_or(Value::Null, |closest| {
            let entries = [("span", self.span(closest.span)), ("differences", self.all(&closest.differences))];
            Map::from_iter(entries).into()
        })
    }

    fn parent(&self, place: Option<usize>) -> Value {
        place.map_or(Value::Null, |place| self.span(place))
    }

    fn spans(&self, places: &[usize]) -> Value {
        places.iter().map(|place| self.span(*place)).collect()
    }

    fn span(&self, place: usize) -> Value {
        let Some(span) = self.trace.span_ref(place) else { return Value::Null };
        Map::from_iter([
            ("place", count(place)),
            ("name", span.name().into()),
            ("trace_id", format!("0x{}", span.trace_id()).into()),
            ("span_id", format!("0x{}", span.span_id()).into()),
            ("path", path(span)),
        ])
        .into()
    }
}

/// The names from the root down to a span.
fn path(span: SpanRef<'_>) -> Value {
    let upwards = std::iter::once(span).chain(span.ancestors()).take(PATH_MAX + 1);
    let mut names: Vec<Text> = upwards.map(|span| span.span().name().into()).collect();
    if let Some(further) = names.get_mut(PATH_MAX) {
        *further = Text::literal("…");
    }
    names.into_iter().rev().map(Value::from).collect()
}

/// How many are expected, in words and in numbers.
fn number(expected: NumberRange) -> [(&'static str, Value); 3] {
    [
        ("expected", text(&expected)),
        ("at_least", count(expected.at_least)),
        ("at_most", expected.at_most.map_or(Value::Null, count)),
    ]
}

fn words(expected: &SpanExpectation) -> Value {
    text(expected)
}

fn text(displayed: &impl std::fmt::Display) -> Value {
    displayed.to_string().into()
}

fn count(number: usize) -> Value {
    whole(i128::try_from(number).unwrap_or(i128::MAX))
}

/// A whole number of any size.
fn whole(number: i128) -> Value {
    i64::try_from(number).map_or_else(|_| Value::BigInt(number.to_string().into()), Value::from)
}
