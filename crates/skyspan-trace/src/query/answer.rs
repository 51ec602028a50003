//! [`QueryAnswer`]: what a query has found.

use opentelemetry::trace::TraceId;

use super::evaluate::program::Set;
use super::evaluate::source::{Scene, Source, service_name};
use super::evaluate::val::Val;
use super::hint::QueryHint;
use super::metrics::Series;
use super::syntax::ast::Field;
use super::syntax::words::{Intrinsic, Scope};
use crate::trace::{Span, SpanRef, Trace};
use crate::value::{Text, Timestamp, Value};

/// What a query has found: sets of spans by trace, or series of numbers.
///
/// Its `Display` is a table for people; [`Serialize`](serde::Serialize) gives it in the form of Tempo's answers:
///
/// ```
/// use serde_json::json;
/// use skyspan_trace::trace::{Span, Trace};
/// use skyspan_trace::value::Timestamp;
///
/// let at = Timestamp::from_unix_ns;
/// let set = |id: u64| Span::builder("set").trace_id(1).span_id(id).start(at(0)).end(at(5_000_000)).build();
/// let trace = Trace::from_spans([set(1), set(2)]);
/// let answer = trace.query("{ duration < 1s } | count() > 1")?;
/// assert_eq!(serde_json::to_value(&answer).unwrap(), json!({
///     "version": 1,
///     "traces": [{
///         "traceID": "00000000000000000000000000000001",
///         "rootServiceName": "<root span not yet received>",
///         "rootName": "set",
///         "startTimeUnixNano": "0",
///         "durationMs": 5,
///         "spanSets": [{
///             "spans": ["0000000000000001", "0000000000000002"],
///             "attributes": [["count()", {"intValue": "2"}]],
///         }],
///     }],
/// }));
/// assert_eq!(answer.to_string(), "\
/// trace 00000000000000000000000000000001  set  5 ms
///   count() = 2
///   0000000000000001  set  5 ms
///   0000000000000002  set  5 ms
///
/// 2 spans in 1 trace
/// ");
/// # Ok::<(), skyspan_trace::query::QueryError>(())
/// ```
#[derive(Clone, Debug)]
pub struct QueryAnswer {
    trace: Trace,
    traces: Vec<TraceMatch>,
    series: Option<Vec<Series>>,
    /// What is to be shown of each span.
    fields: Vec<Field>,
    hints: Vec<QueryHint>,
}

impl QueryAnswer {
    pub(super) fn of_spans(trace: &Trace, traces: Vec<TraceMatch>, fields: Vec<Field>, hints: Vec<QueryHint>) -> Self {
        Self { trace: trace.clone(), traces, series: None, fields, hints }
    }

    pub(super) fn of_series(trace: &Trace, series: Vec<Series>) -> Self {
        Self { trace: trace.clone(), traces: Vec::new(), series: Some(series), fields: Vec::new(), hints: Vec::new() }
    }

    /// The traces in which something was found, in the order in which their first spans came.
    #[must_use]
    pub fn traces(&self) -> &[TraceMatch] {
        &self.traces
    }

    /// The spans that were found, those of one set after those of another. A span is in one set at most.
    pub fn spans(&self) -> impl Iterator<Item = SpanRef<'_>> {
        self.traces.iter().flat_map(TraceMatch::span_sets).flat_map(SpanSet::spans)
    }

    /// How many spans were found.
    #[must_use]
    pub fn span_count(&self) -> usize {
        self.traces.iter().map(TraceMatch::span_count).sum()
    }

    /// The series; empty where spans were asked for.
    #[must_use]
    pub fn series(&self) -> &[Series] {
        self.series.as_deref().unwrap_or_default()
    }

    /// Whether series were asked for.
    #[must_use]
    pub fn is_metrics(&self) -> bool {
        self.series.is_some()
    }

    /// Whether nothing was found: neither a span nor a series.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.traces.is_empty() && self.series().is_empty()
    }

    /// What those who asked may not know.
    #[must_use]
    pub fn hints(&self) -> &[QueryHint] {
        &self.hints
    }

    /// The names of the fields that `select(...)` shows, and of those that the query asks of.
    pub(super) fn shown_names(&self) -> impl Iterator<Item = String> {
        self.fields.iter().map(ToString::to_string)
    }

    pub(super) fn has_shown_fields(&self) -> bool {
        !self.fields.is_empty()
    }

    /// What `select(...)` shows of the spans of the answer: for each span the values of the fields that it has, by the names
    /// that Tempo gives them, sorted.
    pub(super) fn shown(&self, scene: &Scene<'_>, place: u32) -> Vec<(String, Value)> {
        let Some(at) = scene.at(place) else { return Vec::new() };
        let mut shown = Vec::new();
        for field in &self.fields {
            // An attribute without a scope may be there twice.
            let sources = match field {
                Field::Attribute { scope: Scope::Any, key } => {
                    vec![Source::Span(key.clone()), Source::Resource(key.clone())]
                }
                // What is told of the trace needs not be told of each span.
                Field::Intrinsic(
                    Intrinsic::TraceId
                    | Intrinsic::SpanId
                    | Intrinsic::TraceDuration
                    | Intrinsic::RootName
                    | Intrinsic::RootServiceName,
                ) => continue,
                field => vec![Source::of(field)],
            };
            let name = match field {
                Field::Attribute { key, .. } => key.clone(),
                Field::Intrinsic(intrinsic) => intrinsic.text().to_owned(),
            };
            let values = sources.iter().map(|source| source.value(at));
            let values = values.filter(|value| !matches!(value, Val::Nil | Val::Foreign));
            shown.extend(values.map(|value| (name.clone(), value.to_value())));
        }
        shown.sort_by(|one, other| one.0.cmp(&other.0));
        shown.dedup();
        shown
    }

    /// The value that a span has for each field that is shown.
    pub(super) fn shown_values(&self, scene: &Scene<'_>, place: u32) -> Vec<Option<Value>> {
        let value = |field: &Field| match Source::of(field).value(scene.at(place)?) {
            Val::Nil | Val::Foreign => None,
            value => Some(value.to_value()),
        };
        self.fields.iter().map(value).collect()
    }

    pub(super) fn scene(&self) -> Scene<'_> {
        Scene::new(&self.trace)
    }
}

/// What was found in one trace.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceMatch {
    trace_id: TraceId,
    root: Option<u32>,
    trace: Trace,
    start: Timestamp,
    duration_ns: i64,
    span_sets: Vec<SpanSet>,
}

impl TraceMatch {
    pub(super) fn new(scene: &Scene<'_>, group: usize, sets: Vec<Set>) -> Self {
        let facts = scene.facts(group);
        let trace = scene.trace;
        let first = scene.groups.members(group).first().and_then(|place| trace.span_ref(*place as usize));
        let set = |set: Set| SpanSet { trace: trace.clone(), places: set.spans, attributes: set.attributes };
        Self {
            trace_id: first.map_or(TraceId::INVALID, |span| span.trace_id()),
            root: facts.root,
            trace: trace.clone(),
            start: facts.start,
            duration_ns: facts.duration_ns(),
            span_sets: sets.into_iter().map(set).collect(),
        }
    }

    /// The id of the trace in which the spans were found.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// Its earliest span without a parent, if it has one.
    #[must_use]
    pub fn root(&self) -> Option<SpanRef<'_>> {
        self.trace.span_ref(self.root? as usize)
    }

    /// The name of the service of its root, if it has one.
    #[must_use]
    pub fn root_service_name(&self) -> Option<&str> {
        self.root().map(|root| service_name(root.span())).filter(|name| !name.is_empty())
    }

    /// The name of its root, if it has one.
    #[must_use]
    pub fn root_name(&self) -> Option<&str> {
        self.root().map(|root| Span::name(root.span()))
    }

    /// When its first span starts.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// The nanoseconds from there to its last end.
    #[must_use]
    pub fn duration_ns(&self) -> i64 {
        self.duration_ns
    }

    /// What was found in it: one set, or one for each group of `by(...)`.
    #[must_use]
    pub fn span_sets(&self) -> &[SpanSet] {
        &self.span_sets
    }

    /// How many spans all sets have.
    #[must_use]
    pub fn span_count(&self) -> usize {
        self.span_sets.iter().map(SpanSet::len).sum()
    }
}

/// Spans of one trace that were found together.
#[derive(Clone, Debug, PartialEq)]
pub struct SpanSet {
    trace: Trace,
    places: Vec<u32>,
    attributes: Vec<(Text, Value)>,
}

impl SpanSet {
    /// The spans, in the order in which they came.
    pub fn spans(&self) -> impl ExactSizeIterator<Item = SpanRef<'_>> + Clone {
        self.places.iter().map(|place| self.trace.at(*place))
    }

    pub(super) fn places(&self) -> &[u32] {
        &self.places
    }

    /// How many spans there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none, which only `coalesce()` of nothing gives.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// What the stages of the query have found of them: `count()`, `by(name)`, `avg(duration)`, in the order of the stages and
    /// in Tempo's spelling. Durations are texts, such as `1.5s`; what is not there is the text `nil`.
    #[must_use]
    pub fn attributes(&self) -> &[(Text, Value)] {
        &self.attributes
    }

    /// The value at a name of [`attributes`](Self::attributes), the last if several have it.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        self.attributes.iter().rev().find(|(attribute, _)| attribute == name).map(|(_, value)| value)
    }
}
