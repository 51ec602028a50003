//! The console JSON of a trace, as it stays the same from run to run.

use std::collections::HashMap;

use super::shape::Shape;
use super::shape_text::Labels;
use super::volatile::{Names, offset};
use crate::trace::{Event, Link, SpanRef, TraceId};
use crate::value::Timestamp;
use crate::value::{Map, Text, Value, to_json_indented};

/// As Python's console exporter has it.
const INDENT: usize = 4;

impl Shape<'_> {
    /// The [console JSON](crate::trace::Trace::to_console_json) of the trace, as it stays the same from run to run: spans in the order
    /// of the [`shape`](super::shape), with the same rules for attributes and texts, and
    ///
    /// - ids of spans by their name, as `<set #2>`; of parents that are not there `<missing>`, of links to elsewhere
    ///   `<elsewhere>`;
    /// - ids of traces as `<trace 1>`, by first appearance;
    /// - times as `<+1.5 ms>`, from the start of the trace; as `<time>` with [`without_times`](Self::without_times).
    ///
    /// It is JSON, but not to be read as a trace again.
    ///
    /// ```
    /// use skyspan_trace::expect::Shape;
    /// use skyspan_trace::trace::{Span, Trace};
    ///
    /// let set = Span::builder("set").trace_id(0xabc).span_id(2).parent_id(1).build();
    /// let trace = Trace::from_spans([set, Span::builder("plan").trace_id(0xabc).span_id(1).build()]);
    /// let json = Shape::of(&trace).to_console_json();
    /// assert!(json.contains(r#""trace_id": "<trace 1>""#) && json.contains(r#""parent_id": "<plan>""#), "{json}");
    /// ```
    #[must_use]
    pub fn to_console_json(&self) -> String {
        let order = self.order();
        let mut writer = Writer {
            shape: self,
            labels: Labels::of(&order),
            names: Names::numbered(self.start(), &self.rules),
            traces: HashMap::new(),
        };
        let mut out = String::new();
        order.preorder(&order.roots, |span, _, _| {
            out += &to_json_indented(&writer.span(order.spans[span]), INDENT);
            out.push('\n');
            None
        });
        out
    }
}

struct Writer<'s, 't> {
    shape: &'s Shape<'t>,
    labels: Labels,
    names: Names<'s>,
    traces: HashMap<TraceId, usize>,
}

impl Writer<'_, '_> {
    fn span(&mut self, span: SpanRef<'_>) -> Value {
        let plain = span.span().to_console_value();
        let mut map = plain.as_map().cloned().unwrap_or_default();
        map.insert("name", self.names.text(span.name()));
        let own = self.label(span);
        self.set_context(&mut map, span.trace_id(), own);
        let parent =
            span.parent_id().map(|id| match span.parent().or_else(|| span.trace().get_in(span.trace_id(), id)) {
                Some(parent) => self.label(parent),
                None => "<missing>".to_owned(),
            });
        map.insert("parent_id", parent);
        map.insert("start_time", self.time(span.span().start()));
        map.insert("end_time", span.span().end().map(|end| self.time(end)));
        for key in ["status", "attributes", "resource"] {
            match map.get(key).cloned() {
                Some(_) if key == "attributes" => self.set_attributes(&mut map),
                Some(Value::Map(inner)) => _ = map.insert(key, self.names.json_map(&inner)),
                _ => {}
            }
        }
        let events: Value = span
            .span()
            .events()
            .iter()
            .zip(elements(&map, "events"))
            .map(|(event, json)| self.event(event, json))
            .collect();
        let links: Value = span
            .span()
            .links()
            .iter()
            .zip(elements(&map, "links"))
            .map(|(link, json)| self.link(span, link, json))
            .collect();
        map.insert("events", events);
        map.insert("links", links);
        map.into()
    }

    fn event(&mut self, event: &Event, mut json: Map) -> Value {
        json.insert("name", self.names.text(&event.name));
        json.insert("timestamp", self.time(event.timestamp));
        self.set_attributes(&mut json);
        json.into()
    }

    fn link(&mut self, span: SpanRef<'_>, link: &Link, mut json: Map) -> Value {
        let to = match span.trace().get_in(link.trace_id, link.span_id) {
            Some(to) => self.label(to),
            None => "<elsewhere>".to_owned(),
        };
        self.set_context(&mut json, link.trace_id, to);
        self.set_attributes(&mut json);
        json.into()
    }

    fn set_context(&mut self, json: &mut Map, trace: TraceId, span: String) {
        let next = self.traces.len() + 1;
        let trace = format!("<trace {}>", self.traces.entry(trace).or_insert(next));
        if let Some(Value::Map(context)) = json.get("context").cloned() {
            let mut context = Map::clone(&context);
            context.insert("trace_id", trace);
            context.insert("span_id", span);
            json.insert("context", context);
        }
    }

    fn set_attributes(&mut self, json: &mut Map) {
        if let Some(Value::Map(attributes)) = json.get("attributes").cloned() {
            let shown = attributes.iter().filter(|(key, _)| self.shape.rules.shows(key));
            let shown: Map = shown.map(|(key, value)| (key.clone(), value.clone())).collect();
            json.insert(Text::literal("attributes"), self.names.json_map(&shown));
        }
    }

    fn label(&mut self, span: SpanRef<'_>) -> String {
        format!("<{}{}>", self.names.text(span.name()), self.labels.number(span))
    }

    fn time(&self, time: Timestamp) -> String {
        if self.shape.times { offset(time.signed_ns_since(self.shape.start())) } else { "<time>".to_owned() }
    }
}

/// The maps in a list.
fn elements(map: &Map, key: &str) -> Vec<Map> {
    let elements = map.get(key).and_then(Value::as_array).unwrap_or_default();
    elements.iter().filter_map(|element| element.as_map().cloned()).collect()
}
