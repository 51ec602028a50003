//! [`Table`]: the lines of a table, which [`LiveTable`](super::LiveTable) and
//! [`BestEffortCallback`](super::BestEffortCallback) print.

use skyspan_trace::internal::{blank, to_right};

use super::format::{fixed, integer, str_of, time_of_day};
use crate::document::{Descriptor, Event, RunStart, RunStop};
use crate::value::{Map, Text, Value};

/// How a table looks.
#[derive(Clone, Debug)]
pub(super) struct TableOptions {
    pub(super) fields: Vec<Text>,
    pub(super) stream_name: Text,
    pub(super) print_header_interval: usize,
    pub(super) min_width: usize,
    pub(super) default_prec: usize,
    pub(super) extra_pad: usize,
    pub(super) separator_lines: bool,
}

impl TableOptions {
    pub(super) fn new(fields: Vec<Text>) -> Self {
        Self {
            fields,
            stream_name: Text::literal("primary"),
            print_header_interval: 50,
            min_width: 12,
            default_prec: 3,
            extra_pad: 1,
            separator_lines: true,
        }
    }
}

/// What stands in a column.
#[derive(Clone, Debug, PartialEq)]
enum Key {
    SeqNum,
    Time,
    Field(Text),
}

#[derive(Clone, Copy, Debug)]
enum Style {
    Text { precision: usize },
    Fixed { precision: i64 },
    Integer,
}

#[derive(Clone, Debug)]
struct Column {
    key: Key,
    width: usize,
    style: Style,
}

/// The lines of a table; each method gives those that its document brings, each with its newline.
#[derive(Clone, Debug)]
pub(super) struct Table {
    options: TableOptions,
    columns: Vec<Column>,
    start: Option<RunStart>,
    /// The uids of those that describe the stream.
    descriptors: Vec<Text>,
    /// The line between header and rows, once there is a header.
    border: Option<String>,
    header: String,
    count: usize,
}

impl Table {
    pub(super) fn new(options: TableOptions) -> Self {
        let pad = options.extra_pad;
        let columns = vec![
            Column { key: Key::SeqNum, width: 10 + pad, style: Style::Integer },
            Column { key: Key::Time, width: 10 + 2 * pad, style: Style::Text { precision: 10 } },
        ];
        Self { options, columns, start: None, descriptors: Vec::new(), border: None, header: String::new(), count: 0 }
    }

    pub(super) const fn options(&mut self) -> &mut TableOptions {
        &mut self.options
    }

    pub(super) fn start(&mut self, start: &RunStart) {
        self.start = Some(start.clone());
        self.border = None;
    }

    pub(super) fn descriptor(&mut self, descriptor: &Descriptor) -> String {
        if descriptor.name != self.options.stream_name {
            return String::new();
        }
        self.descriptors.push(descriptor.uid.clone());
        for field in self.options.fields.clone() {
            let described = descriptor.data_keys.iter().find(|(key, _)| *key == field);
            if let Some((_, described)) = described {
                self.describe(&field, described);
            }
        }
        let pad = self.options.extra_pad;
        let dashes: Vec<String> = self.columns.iter().map(|column| "-".repeat(column.width)).collect();
        self.border = Some(format!("+{}+\n", dashes.join("+")));
        let heading = |column: &Column| {
            let name = match &column.key {
                Key::SeqNum => "seq_num",
                Key::Time => "time",
                Key::Field(field) => field,
            };
            format!("{}{}", to_right(name, column.width.saturating_sub(pad)), blank(pad))
        };
        let headings: Vec<String> = self.columns.iter().map(heading).collect();
        self.header = format!("|{}|\n", headings.join("|"));
        self.count = 0;
        let before = if self.options.separator_lines { "\n\n" } else { "" };
        format!("{before}{}", self.heading())
    }

    /// Makes a column for a data key, if it is of a type that can be shown.
    fn describe(&mut self, field: &Text, described: &Map) {
        let TableOptions { min_width, default_prec, extra_pad, .. } = self.options;
        let width = min_width
            .max(field.chars().count() + 2)
            .max(default_prec.saturating_add(extra_pad.saturating_mul(2)).saturating_add(1));
        // Wider than this no table is.
        let width = width.min(usize::from(u16::MAX));
        let style = match described.get("dtype").and_then(Value::as_str).unwrap_or_default() {
            "number" => Style::Fixed {
                precision: described
                    .get("precision")
                    .and_then(int_of)
                    .unwrap_or_else(|| default_prec.try_into().unwrap_or(i64::MAX)),
            },
            "integer" => Style::Integer,
            "boolean" => Style::Text { precision: "False".len() },
            "string" => Style::Text { precision: width.saturating_sub(1 + 2 * extra_pad) },
            // bluesky warns of it.
            _ => return,
        };
        let key = if field == "seq_num" { Key::SeqNum } else { Key::Field(field.clone()) };
        let column = Column { key, width, style };
        match self.columns.iter_mut().find(|other| other.key == column.key) {
            Some(known) => *known = column,
            None => self.columns.push(column),
        }
    }

    fn heading(&self) -> String {
        let border = self.border.as_deref().unwrap_or_default();
        format!("{border}{}{border}", self.header)
    }

    pub(super) fn event(&mut self, event: &Event) -> String {
        if !self.descriptors.contains(&event.descriptor) {
            return String::new();
        }
        self.count += 1;
        // Of 0 only 0 is a multiple, and there is no row 0.
        let again = self.count.is_multiple_of(self.options.print_header_interval);
        let heading = if again { self.heading() } else { String::new() };
        let cells: Option<Vec<String>> = self.columns.iter().map(|column| self.cell(column, event)).collect();
        let row = match cells {
            Some(cells) => format!("|{}|\n", cells.join("|")),
            None => failed_row(self.options.min_width),
        };
        heading + &row
    }

    /// A cell with the blanks around it; nothing where Python fails to format its value.
    fn cell(&self, column: &Column, event: &Event) -> Option<String> {
        let pad = self.options.extra_pad;
        let value = match &column.key {
            Key::SeqNum => Some(Value::from(event.seq_num)),
            Key::Time => Some(time_of_day(event.time).into()),
            Key::Field(field) => {
                let is_filled = event.filled.get(field).is_none_or(Value::is_truthy);
                event.get(field).filter(|value| is_filled || value.as_bool().is_some()).cloned()
            }
        };
        let Some(value) = value else { return Some(" ".repeat(column.width)) };
        let value = if value.as_bool().is_some() { str_of(&value).into() } else { value };
        let text = match column.style {
            Style::Text { precision } => value.as_str()?.chars().take(precision).collect(),
            Style::Fixed { precision } => fixed(&value, precision)?,
            Style::Integer => integer(&value)?,
        };
        // Where the pads leave no room, Python takes the minus of the width for the sign of the number, and goes on.
        let width = column.width.abs_diff(2 * pad);
        Some(format!("{0}{1}{0}", blank(pad), to_right(&text, width)))
    }

    pub(super) fn stop(&self, stop: &RunStop) -> String {
        let Some(start) = self.start.as_ref().filter(|start| start.uid == stop.run_start) else { return String::new() };
        let border = self.border.clone().unwrap_or_default();
        // Python's table ends with a KeyError here, which nobody sees.
        let Some(water_mark) = water_mark(start) else { return border };
        let after = if self.options.separator_lines { "\n\n" } else { "" };
        format!("{border}{water_mark}\n{after}")
    }
}

/// The line below a table: `generator scan ['1a2b3c4d'] (scan num: 1)`.
fn water_mark(start: &RunStart) -> Option<String> {
    let text = |key| start.metadata.get(key).map(str_of);
    let uid: String = start.uid.chars().take(8).collect();
    Some(format!("{} {} ['{uid}'] (scan num: {})", text("plan_type")?, text("plan_name")?, text("scan_id")?))
}

/// Python's `int(value)`; nothing where it raises.
fn int_of(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(truth) => Some((*truth).into()),
        Value::Int(number) => Some(*number),
        #[expect(clippy::cast_possible_truncation, reason = "Python's int() cuts, and a precision is small")]
        Value::Float(number) if number.is_finite() => Some(number.trunc() as i64),
        Value::Str(text) => {
            let digits = text.trim();
            let is_split_well = !digits.starts_with('_') && !digits.ends_with('_') && !digits.contains("__");
            if is_split_well { digits.replace('_', "").parse().ok() } else { None }
        }
        _ => None,
    }
}

/// What stands in place of a row that cannot be written, with stars around it.
fn failed_row(width: usize) -> String {
    const WORDS: &str = " failed to format row ";
    let stars = width.min(usize::from(u16::MAX)).saturating_sub(WORDS.len());
    format!("{}{WORDS}{}\n", "*".repeat(stars / 2), "*".repeat(stars - stars / 2))
}
