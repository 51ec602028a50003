//! An answer for people.

use std::fmt;

use super::answer::{QueryAnswer, SpanSet, TraceMatch};
use super::evaluate::source::Scene;
use super::metrics::Series;
use crate::pad::{cut_to, to_left, width_of};
use crate::trace::{exact_duration, one_line};
use crate::value::{Value, to_json};

/// Wider cells of a table are cut.
const CELL_MAX: usize = 60;

impl fmt::Display for QueryAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_metrics() {
            for series in self.series() {
                write_series(f, series)?;
            }
            let count = self.series().len();
            writeln!(f, "{count} series")?;
        } else {
            let scene = self.scene();
            for trace in self.traces() {
                self.write_trace(f, &scene, trace)?;
            }
            let (spans, traces) = (self.span_count(), self.traces().len());
            writeln!(f, "{spans} {} in {traces} {}", plural(spans, "span"), plural(traces, "trace"))?;
        }
        self.hints().iter().try_for_each(|hint| writeln!(f, "hint: {hint}"))
    }
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

impl QueryAnswer {
    fn write_trace(&self, f: &mut fmt::Formatter<'_>, scene: &Scene<'_>, trace: &TraceMatch) -> fmt::Result {
        write!(f, "trace {}  {}", trace.trace_id(), one_line(trace.root_name().unwrap_or("(no root)")))?;
        if let Some(service) = trace.root_service_name() {
            write!(f, "  ({})", one_line(service))?;
        }
        writeln!(f, "  {}", exact_duration(trace.duration_ns().into()))?;
        for set in trace.span_sets() {
            self.write_set(f, scene, set)?;
        }
        writeln!(f)
    }

    fn write_set(&self, f: &mut fmt::Formatter<'_>, scene: &Scene<'_>, set: &SpanSet) -> fmt::Result {
        let found: Vec<_> = set.attributes().iter().map(|(name, value)| format!("{name} = {}", cell(value))).collect();
        if !found.is_empty() {
            writeln!(f, "  {}", found.join("  "))?;
        }
        let names: Vec<String> = self.shown_names().collect();
        let mut rows = Vec::with_capacity(set.len() + 1);
        if !names.is_empty() {
            let head = ["span", "name", "duration"].map(str::to_owned).into_iter();
            rows.push(head.chain(names.iter().cloned()).collect::<Vec<_>>());
        }
        for (span, place) in set.spans().zip(set.places()) {
            let duration = span.signed_duration_ns().map_or("open".to_owned(), exact_duration);
            let mut row = vec![span.span_id().to_string(), cut(&one_line(span.name())), duration];
            row.extend(self.shown_cells(scene, *place));
            rows.push(row);
        }
        write_rows(f, &rows)
    }

    /// The values that a span has for each field that is shown.
    fn shown_cells(&self, scene: &Scene<'_>, place: u32) -> Vec<String> {
        let values = self.shown_values(scene, place);
        values.into_iter().map(|value| value.map_or("-".to_owned(), |value| cell(&value))).collect()
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Str(text) => cut(&one_line(text)),
        value => cut(&one_line(&to_json(value))),
    }
}

fn cut(text: &str) -> String {
    cut_to(text, CELL_MAX).into_owned()
}

/// Rows in columns, each as wide as what is in it.
fn write_rows(f: &mut fmt::Formatter<'_>, rows: &[Vec<String>]) -> fmt::Result {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| width_of(&row[column])).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let mut line = String::from(" ");
        for (cell, width) in row.iter().zip(&widths) {
            line += &format!(" {} ", to_left(cell, *width));
        }
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
}

fn write_series(f: &mut fmt::Formatter<'_>, series: &Series) -> fmt::Result {
    let labels: Vec<_> = series.labels().iter().map(|(name, value)| format!("{name} = {}", cell(value))).collect();
    writeln!(f, "{}", labels.join("  "))?;
    let row = |sample: &super::metrics::Sample| vec![sample.time.to_string(), sample.value.to_string()];
    write_rows(f, &series.samples().iter().map(row).collect::<Vec<_>>())?;
    writeln!(f)
}
