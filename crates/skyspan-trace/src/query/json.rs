//! An answer as JSON: in the form of Tempo's, with ids of full length and all spans of every set.

use serde::ser::{SerializeMap, SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};

use super::answer::{QueryAnswer, SpanSet, TraceMatch};
use super::evaluate::source::Scene;
use super::metrics::Series;
use crate::value::{Text, Value};

/// What Tempo calls a root without a name, or that is not there.
const NO_ROOT: &str = "<root span not yet received>";

/// `{"version": 1, "traces": [...]}`, or `{"version": 1, "series": [...]}`; hints, if there are any, under `hints`.
impl Serialize for QueryAnswer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("QueryAnswer", 2 + usize::from(!self.hints().is_empty()))?;
        fields.serialize_field("version", &1)?;
        if self.is_metrics() {
            fields.serialize_field("series", self.series())?;
        } else {
            let scene = self.scene();
            fields.serialize_field("traces", &list(self.traces().iter().map(|trace| InAnswer(self, &scene, trace))))?;
        }
        if !self.hints().is_empty() {
            fields.serialize_field("hints", &list(self.hints().iter().map(ToString::to_string)))?;
        }
        fields.end()
    }
}

/// A part of an answer.
struct InAnswer<'a, T>(&'a QueryAnswer, &'a Scene<'a>, &'a T);

impl Serialize for InAnswer<'_, TraceMatch> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(answer, scene, trace) = self;
        let mut fields = serializer.serialize_struct("TraceMatch", 6)?;
        fields.serialize_field("traceID", &trace.trace_id().to_string())?;
        fields.serialize_field("rootServiceName", trace.root_service_name().unwrap_or(NO_ROOT))?;
        fields.serialize_field("rootName", trace.root_name().unwrap_or_default())?;
        fields.serialize_field("startTimeUnixNano", &trace.start().unix_ns().to_string())?;
        fields.serialize_field("durationMs", &(trace.duration_ns() / 1_000_000))?;
        fields.serialize_field("spanSets", &list(trace.span_sets().iter().map(|set| InAnswer(answer, scene, set))))?;
        fields.end()
    }
}

impl Serialize for InAnswer<'_, SpanSet> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(answer, scene, set) = self;
        let (has_attributes, has_shown) = (!set.attributes().is_empty(), answer.has_shown_fields());
        let mut fields =
            serializer.serialize_struct("SpanSet", 1 + usize::from(has_attributes) + usize::from(has_shown))?;
        fields.serialize_field("spans", &list(set.spans().map(|span| span.span_id().to_string())))?;
        if has_attributes {
            fields.serialize_field("attributes", &Entries(set.attributes()))?;
        }
        if has_shown {
            fields.serialize_field("spanAttributes", &InAnswer(answer, scene, &Shown(set)))?;
        }
        fields.end()
    }
}

/// What `select(...)` shows of the spans of a set.
struct Shown<'a>(&'a SpanSet);

impl Serialize for InAnswer<'_, Shown<'_>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(answer, scene, Shown(set)) = self;
        let mut spans = serializer.serialize_map(None)?;
        for (span, place) in set.spans().zip(set.places()) {
            let shown: Vec<(Text, Value)> =
                answer.shown(scene, *place).into_iter().map(|(name, value)| (name.into(), value)).collect();
            if !shown.is_empty() {
                spans.serialize_entry(&span.span_id().to_string(), &Entries(&shown))?;
            }
        }
        spans.end()
    }
}

impl Serialize for Series {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Series", 2)?;
        fields.serialize_field("labels", &Entries(self.labels()))?;
        let ms = |ns: u64| ns / 1_000_000;
        let samples = self.samples().iter().map(|sample| (ms(sample.time.unix_ns()), Number(sample.value)));
        fields.serialize_field("samples", &list(samples))?;
        fields.end()
    }
}

/// `[[key, {"stringValue": ...}], ...]`
struct Entries<'a>(&'a [(Text, Value)]);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        list(self.0.iter().map(|(key, value)| (key.as_str(), Otlp(value)))).serialize(serializer)
    }
}

/// A value as OTLP JSON has it.
struct Otlp<'a>(&'a Value);

impl Serialize for Otlp<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self.0 {
            Value::Bool(truth) => map.serialize_entry("boolValue", truth)?,
            Value::Int(number) => map.serialize_entry("intValue", &number.to_string())?,
            Value::Float(number) => map.serialize_entry("doubleValue", &Number(*number))?,
            Value::Array(elements) => map.serialize_entry("arrayValue", &Elements(elements))?,
            Value::Str(text) => map.serialize_entry("stringValue", text.as_str())?,
            other => map.serialize_entry("stringValue", &other.to_string())?,
        }
        map.end()
    }
}

struct Elements<'a>(&'a [Value]);

impl Serialize for Elements<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("values", &list(self.0.iter().map(Otlp)))?;
        map.end()
    }
}

/// A float; what is not finite is a text, as in protobuf's JSON.
struct Number(f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            number if number.is_finite() => serializer.serialize_f64(number),
            number if number.is_nan() => serializer.serialize_str("NaN"),
            number if number > 0.0 => serializer.serialize_str("Infinity"),
            _ => serializer.serialize_str("-Infinity"),
        }
    }
}

/// What is told one after another.
fn list<I: Iterator<Item: Serialize> + Clone>(items: I) -> impl Serialize {
    List(items)
}

struct List<I>(I);

impl<I: Iterator<Item: Serialize> + Clone> Serialize for List<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        self.0.clone().try_for_each(|item| list.serialize_element(&item))?;
        list.end()
    }
}
