//! What a format has no place for.

use super::TraceFormat;
use crate::trace::{Span, Trace};
use crate::value::Value;

impl Trace {
    /// What of this trace has no place in a format that it may be written in, for people: one line for each sort of thing. Empty
    /// where all of it is kept, and for those formats that are written to be looked at alone.
    ///
    /// ```
    /// use skyspan_trace::trace::{Link, Span, Trace, TraceFormat};
    ///
    /// let trace = Trace::from_spans([Span::builder("job").trace_id(1).span_id(2).link(Link::new(3, 4)).build()]);
    /// assert_eq!(trace.left_out(TraceFormat::Zipkin), ["links of 1 span"]);
    /// assert!(trace.left_out(TraceFormat::OtlpJson).is_empty());
    /// ```
    #[must_use]
    pub fn left_out(&self, format: TraceFormat) -> Vec<String> {
        type Has = fn(&Span) -> bool;
        let links: (&str, Has) = ("links", |span| !span.links().is_empty());
        let of_links: (&str, Has) = ("attributes and trace states of links", |span| {
            span.links().iter().any(|link| !link.attributes.is_empty() || !link.trace_state.is_empty())
        });
        let scopes: (&str, Has) = ("instrumentation scopes", |span| span.scope().is_some());
        let of_scopes: (&str, Has) = ("attributes and schemas of scopes", |span| {
            span.scope().is_some_and(|scope| !scope.attributes.is_empty() || scope.schema_url.is_some())
        });
        let dropped: (&str, Has) = ("counts of what was dropped", |span| {
            span.dropped_attributes() + span.dropped_events() + span.dropped_links() > 0
        });
        let flags: (&str, Has) = ("flags", |span| span.flags() != 0);
        let times: (&str, Has) = ("nanoseconds", |span| {
            let events = span.events().iter().map(|event| event.timestamp);
            [Some(span.start()), span.end()]
                .into_iter()
                .flatten()
                .chain(events)
                .any(|time| !time.unix_ns().is_multiple_of(1000))
        });
        let lists: (&str, Has) = ("types of lists and maps (they are texts)", |span| {
            span.attributes().iter().any(|(_, value)| matches!(value, Value::Array(_) | Value::Map(_)))
        });
        let types: (&str, Has) = ("types of values (they are texts)", |span| {
            span.attributes().iter().any(|(_, value)| value.as_str().is_none())
        });
        let of_resources: (&str, Has) = ("which attributes are those of the resource", |span| {
            span.resource().attributes.keys().any(|key| *key != "service.name")
        });
        let left: &[(&str, Has)] = match format {
            TraceFormat::Console => &[scopes, dropped, flags, times],
            TraceFormat::Jaeger => &[of_links, of_scopes, dropped, times, lists],
            TraceFormat::Zipkin => &[links, of_scopes, dropped, flags, times, types, of_resources],
            _ => &[],
        };
        let counted = left.iter().map(|(what, has)| (what, self.spans().filter(|span| has(span.span())).count()));
        counted
            .filter(|(_, count)| *count > 0)
            .map(|(what, count)| format!("{what} of {count} span{}", if count == 1 { "" } else { "s" }))
            .collect()
    }
}
