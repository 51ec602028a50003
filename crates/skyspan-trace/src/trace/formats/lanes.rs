//! [`Lanes`]: spans on tracks, where those of one track lie one in the other.

use std::collections::HashMap;

use crate::trace::name_in_repr;
use crate::trace::{SpanRef, Trace};
use crate::value::Value;

/// Where a viewer draws stacks, two spans of one track must lie one in the other, or one behind the other. Spans of a device are on a
/// track of its own, as those of a run are, and those of a service; where two overlap, the track has a second lane, and so on.
pub(super) struct Lanes<'a> {
    pub(super) lanes: Vec<Lane<'a>>,
}

/// Spans that lie one in the other, or one behind the other, by start, outer before inner.
pub(super) struct Lane<'a> {
    /// The name of the service.
    pub(super) service: String,
    /// The track, with its number from the second lane on.
    pub(super) name: String,
    pub(super) spans: Vec<LaneSpan<'a>>,
    /// Where those end that are open where the next begins.
    open: Vec<u64>,
}

/// A span and its times, in nanoseconds since the first of the trace.
#[derive(Clone, Copy)]
pub(super) struct LaneSpan<'a> {
    pub(super) span: SpanRef<'a>,
    pub(super) start_ns: u64,
    pub(super) end_ns: u64,
}

impl<'a> Lanes<'a> {
    pub(super) fn of(trace: &'a Trace) -> Self {
        let first = trace.first_start().map_or(0, |first| first.unix_ns());
        let start = |span: SpanRef<'_>| span.start().unix_ns().saturating_sub(first);
        let ends = trace.spans().filter_map(|span| span.end()).map(|end| end.unix_ns().saturating_sub(first));
        // What never ended is drawn up to the end of all.
        let last = ends.chain(trace.spans().map(start)).max().unwrap_or_default();
        let mut spans: Vec<LaneSpan<'a>> = trace
            .spans()
            .map(|span| {
                let start_ns = start(span);
                let end_ns = span.end().map_or(last, |end| end.unix_ns().saturating_sub(first)).max(start_ns);
                LaneSpan { span, start_ns, end_ns }
            })
            .collect();
        spans.sort_by_key(|span| (span.start_ns, std::cmp::Reverse(span.end_ns), span.span.depth(), span.span.index()));
        let mut lanes = Self { lanes: Vec::new() };
        let mut of_track: HashMap<(String, String), Vec<usize>> = HashMap::new();
        for span in spans {
            let track = (service(span.span), track(span.span));
            let numbers = of_track.entry(track.clone()).or_default();
            let free = numbers.iter().copied().find(|number| lanes.lanes[*number].takes(span));
            let number = free.unwrap_or_else(|| {
                let (service, name) = track;
                let name = if numbers.is_empty() { name } else { format!("{name} ({})", numbers.len() + 1) };
                lanes.lanes.push(Lane { service, name, spans: Vec::new(), open: Vec::new() });
                numbers.push(lanes.lanes.len() - 1);
                lanes.lanes.len() - 1
            });
            let lane = &mut lanes.lanes[number];
            lane.open.push(span.end_ns);
            lane.spans.push(span);
        }
        lanes
    }
}

impl Lane<'_> {
    /// Whether a span that begins behind all of this lane may lie on it.
    fn takes(&mut self, span: LaneSpan<'_>) -> bool {
        while self.open.last().is_some_and(|end| *end <= span.start_ns) {
            self.open.pop();
        }
        self.open.last().is_none_or(|end| *end >= span.end_ns)
    }
}

fn service(span: SpanRef<'_>) -> String {
    span.resource().attributes.get("service.name").and_then(Value::as_str).unwrap_or("spans").to_owned()
}

/// What a span is drawn with: its device, its run, or all that has neither.
fn track(span: SpanRef<'_>) -> String {
    let text = |span: SpanRef<'_>, key| {
        span.span().attr(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let device = text(span, "device_name").or_else(|| {
        let object = text(span, "msg.obj")?;
        Some(name_in_repr(&object).unwrap_or(&object).to_owned())
    });
    if let Some(device) = device {
        return device;
    }
    let is_run = |span: &SpanRef<'_>| span.name() == "Bluesky RunEngine run";
    match std::iter::once(span).chain(span.ancestors()).find(is_run) {
        Some(run) => match text(run, "run_key").or_else(|| text(run, "msg.run")) {
            Some(key) => format!("run {key}"),
            None => "run".to_owned(),
        },
        None => span.root().name().to_owned(),
    }
}
