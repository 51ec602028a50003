//! speedscope's own JSON, written.

use std::collections::HashMap;
use std::io::{self, Write};

use super::lanes::{Lane, Lanes};
use crate::trace::{SpanRef, Status, Trace};
use crate::value::{Map, Text, Value, write_json, write_json_string};

impl Trace {
    /// The trace as speedscope has it, for <https://www.speedscope.app>: a profile for each track of
    /// [`to_perfetto_json`](Self::to_perfetto_json), with a frame for each name of a span; that of a span that failed is marked.
    ///
    /// It cannot be read back: there are names and times alone.
    #[must_use]
    pub fn to_speedscope_json(&self) -> String {
        let mut out = Vec::new();
        // Writing to memory cannot fail, and JSON is text.
        let _ = self.write_speedscope(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    /// Writes [`to_speedscope_json`](Self::to_speedscope_json), and a line feed, profile by profile.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_speedscope(&self, mut out: impl Write) -> io::Result<()> {
        let lanes = Lanes::of(self);
        let mut frames = Frames::default();
        for span in self.spans() {
            frames.number(span);
        }
        let mut json = String::from(
            "{\"$schema\": \"https://www.speedscope.app/file-format-schema.json\", \"exporter\": \"skyspan\", ",
        );
        json.push_str("\"shared\": {\"frames\": [");
        for (at, name) in frames.names.iter().enumerate() {
            json.push_str(if at == 0 { "{\"name\": " } else { ", {\"name\": " });
            write_json_string(&mut json, name);
            json.push('}');
        }
        json.push_str("]}, \"profiles\": [");
        out.write_all(json.as_bytes())?;
        for (at, lane) in lanes.lanes.iter().enumerate() {
            let mut json = String::from(if at == 0 { "\n" } else { ",\n" });
            write_json(&mut json, &profile(lane, &mut frames));
            out.write_all(json.as_bytes())?;
        }
        out.write_all(b"]}\n")
    }
}

/// The names that frames have, each once.
#[derive(Default)]
struct Frames {
    names: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Frames {
    fn number(&mut self, span: SpanRef<'_>) -> usize {
        let is_error = matches!(span.status(), Status::Error { .. });
        let name = if is_error { format!("✗ {}", span.name()) } else { span.name().to_owned() };
        *self.numbers.entry(name).or_insert_with_key(|name| {
            self.names.push(name.clone());
            self.names.len() - 1
        })
    }
}

fn profile(lane: &Lane<'_>, frames: &mut Frames) -> Value {
    let mut events = Vec::with_capacity(2 * lane.spans.len());
    let event = |kind: &'static str, frame: usize, at: u64| {
        Value::from(Map::from_iter([
            (Text::literal("type"), Value::literal(kind)),
            (Text::literal("frame"), frame.into()),
            (Text::literal("at"), at.into()),
        ]))
    };
    let mut open: Vec<(usize, u64)> = Vec::new();
    for span in &lane.spans {
        while let Some((frame, end_ns)) = open.pop_if(|(_, end_ns)| *end_ns <= span.start_ns) {
            events.push(event("C", frame, end_ns));
        }
        let frame = frames.number(span.span);
        events.push(event("O", frame, span.start_ns));
        open.push((frame, span.end_ns));
    }
    while let Some((frame, end_ns)) = open.pop() {
        events.push(event("C", frame, end_ns));
    }
    let starts = lane.spans.iter().map(|span| span.start_ns).min();
    let ends = lane.spans.iter().map(|span| span.end_ns).max();
    Map::from_iter([
        (Text::literal("type"), Value::literal("evented")),
        (Text::literal("name"), format!("{}: {}", lane.service, lane.name).into()),
        (Text::literal("unit"), Value::literal("nanoseconds")),
        (Text::literal("startValue"), starts.unwrap_or_default().into()),
        (Text::literal("endValue"), ends.unwrap_or_default().into()),
        (Text::literal("events"), events.into()),
    ])
    .into()
}
