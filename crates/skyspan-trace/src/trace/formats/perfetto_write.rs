//! Trace events, written for Perfetto and Chrome.

use std::collections::HashMap;
use std::io::{self, Write};

use super::lanes::{LaneSpan, Lanes};
use crate::trace::{Status, Trace};
use crate::value::{Map, Text, Value, write_json};

impl Trace {
    /// The trace as trace events, for <https://ui.perfetto.dev> and `chrome://tracing` (Chrome, "Trace Event Format").
    ///
    /// A service is a process. Each device has a track (by `device_name`, or the object of the message), each run, and the rest of
    /// each root; where two spans of a track overlap, it goes on in a second one. A span is a slice with its attributes and ids; one
    /// that failed is of the category `error` and has a mark with its reason where it ends; an event is a mark, a link to a
    /// span that is here an arrow. Times are those since the first start, which `otherData` has. One that never ended goes up to
    /// the end of all, and says so.
    ///
    /// It cannot be read back: who is whose child is only drawn.
    #[must_use]
    pub fn to_perfetto_json(&self) -> String {
        let mut out = Vec::new();
        // Writing to memory cannot fail, and JSON is text.
        let _ = self.write_perfetto(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    /// Writes [`to_perfetto_json`](Self::to_perfetto_json), and a line feed, event by event.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_perfetto(&self, mut out: impl Write) -> io::Result<()> {
        let lanes = Lanes::of(self);
        let mut events = Events { out: &mut out, is_first: true };
        let first = self.first_start().map(|first| first.to_string());
        let other = Map::from_iter([("first_start", Value::from(first)), ("writer", "skyspan".into())]);
        let mut json = String::from("{\"displayTimeUnit\": \"ns\", \"otherData\": ");
        write_json(&mut json, &other.into());
        json.push_str(", \"traceEvents\": [\n");
        events.out.write_all(json.as_bytes())?;
        let mut processes: HashMap<&str, usize> = HashMap::new();
        // Where each span is drawn, for the arrows.
        let mut places = vec![(0, 0, 0); self.len()];
        for (number, lane) in lanes.lanes.iter().enumerate() {
            let next = processes.len() + 1;
            let pid = *processes.entry(&lane.service).or_insert(next);
            let tid = number + 1;
            if pid == next {
                events.name("process_name", pid, tid, &lane.service)?;
            }
            events.name("thread_name", pid, tid, &lane.name)?;
            for span in &lane.spans {
                places[span.span.index()] = (pid, tid, span.start_ns);
                events.span(span, pid, tid)?;
            }
        }
        let mut arrows = 0;
        for span in self.spans() {
            for link in span.links() {
                let Some(other) = self.get_in(link.trace_id, link.span_id) else { continue };
                arrows += 1;
                events.arrow("s", places[other.index()], arrows)?;
                events.arrow("f", places[span.index()], arrows)?;
            }
        }
        out.write_all(b"\n]}\n")
    }
}

struct Events<'a, W> {
    out: &'a mut W,
    is_first: bool,
}

impl<W: Write> Events<'_, W> {
    fn write<const N: usize>(&mut self, entries: [(&'static str, Value); N]) -> io::Result<()> {
        let mut json = String::from(if std::mem::take(&mut self.is_first) { "" } else { ",\n" });
        let entries = entries.into_iter().map(|(key, value)| (Text::literal(key), value)).collect::<Map>();
        write_json(&mut json, &entries.into());
        self.out.write_all(json.as_bytes())
    }

    fn name(&mut self, of: &'static str, pid: usize, tid: usize, name: &str) -> io::Result<()> {
        let args = Map::from_iter([("name", name)]);
        self.write([
            ("ph", "M".into()),
            ("name", of.into()),
            ("pid", pid.into()),
            ("tid", tid.into()),
            ("args", args.into()),
        ])
    }

    fn span(&mut self, of: &LaneSpan<'_>, pid: usize, tid: usize) -> io::Result<()> {
        let span = of.span;
        let mut args: Map = span.attributes().iter().map(|(key, value)| (key.clone(), finite(value))).collect();
        args.insert(Text::literal("trace_id"), span.trace_id().to_string());
        args.insert(Text::literal("span_id"), span.span().span_id().to_string());
        if let Some(parent) = span.span().parent_id() {
            args.insert(Text::literal("parent_id"), parent.to_string());
        }
        args.insert(Text::literal("status"), span.status().to_string());
        if span.end().is_none() {
            args.insert(Text::literal("never_ended"), true);
        }
        let is_error = matches!(span.status(), Status::Error { .. });
        self.write([
            ("ph", "X".into()),
            ("name", span.span().name_text().into()),
            ("cat", Value::literal(if is_error { "error" } else { "span" })),
            ("pid", pid.into()),
            ("tid", tid.into()),
            ("ts", micros(of.start_ns)),
            ("dur", micros(of.end_ns - of.start_ns)),
            ("args", args.into()),
        ])?;
        let mark = |name: Value, cat: &'static str, at_ns: u64, args: Map| {
            [
                ("ph", "i".into()),
                ("s", "t".into()),
                ("name", name),
                ("cat", Value::literal(cat)),
                ("pid", pid.into()),
                ("tid", tid.into()),
                ("ts", micros(at_ns)),
                ("args", args.into()),
            ]
        };
        for event in span.events() {
            let args = event.attributes.iter().map(|(key, value)| (key.clone(), finite(value))).collect();
            let after_ns = event.timestamp.unix_ns().saturating_sub(span.start().unix_ns());
            self.write(mark((&event.name).into(), "event", of.start_ns + after_ns, args))?;
        }
        if is_error {
            let args = Map::from_iter([("span", span.span().name_text())]);
            self.write(mark(format!("✗ {}", span.status()).into(), "error", of.end_ns, args))?;
        }
        Ok(())
    }

    fn arrow(&mut self, phase: &'static str, (pid, tid, at_ns): (usize, usize, u64), number: usize) -> io::Result<()> {
        self.write([
            ("ph", phase.into()),
            ("bp", "e".into()),
            ("name", "link".into()),
            ("cat", "link".into()),
            ("id", number.into()),
            ("pid", pid.into()),
            ("tid", tid.into()),
            ("ts", micros(at_ns)),
        ])
    }
}

/// Microseconds with three digits behind the point: exact up to a month.
#[expect(clippy::cast_precision_loss, reason = "a float is what the format has")]
fn micros(ns: u64) -> Value {
    if ns.is_multiple_of(1000) { (ns / 1000).into() } else { (ns as f64 / 1000.0).into() }
}

/// A value without what JSON has no word for.
fn finite(value: &Value) -> Value {
    match value {
        Value::Float(number) if !number.is_finite() => number.to_string().into(),
        Value::Array(elements) => elements.iter().map(finite).collect(),
        Value::Map(map) => map.iter().map(|(key, value)| (key.clone(), finite(value))).collect::<Map>().into(),
        other => other.clone(),
    }
}
