//! [`PassedOver`]: what a file has beside its spans.

use std::fmt;

use crate::value::Position;

/// Longer texts are cut where they are shown.
const SHOWN_MAX: usize = 60;

/// Something in a file that is no span.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum NoSpan {
    /// A line that is no JSON: something that was printed, or logged.
    Line,
    /// An object of OpenTelemetry's metrics.
    Metrics,
    /// An object of OpenTelemetry's logs.
    Logs,
    /// An object of OpenTelemetry's profiles.
    Profiles,
    /// A JSON object that is no span.
    Object,
    /// A span of console JSON, the last of its file, that is cut off.
    CutOff,
}

/// What a reader has passed over: how many of one sort, and the first of them.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PassedOver {
    /// What was passed over.
    pub what: NoSpan,
    /// How many there are.
    pub count: usize,
    /// Where the first begins.
    pub first: Position,
    /// How the first begins.
    pub example: String,
}

impl PassedOver {
    /// The first of its sort, which begins with this text.
    pub(super) fn first(what: NoSpan, first: Position, text: &str) -> Self {
        // The first line of an object may be no more than its brace.
        let text = beginning(text, 4 * SHOWN_MAX);
        let line = match what {
            NoSpan::Line => text.lines().next().unwrap_or_default().trim_end().to_owned(),
            _ => text.split_whitespace().collect::<Vec<_>>().join(" "),
        };
        let cut = line.char_indices().nth(SHOWN_MAX).map_or(line.len(), |(at, _)| at);
        let mark = if cut < line.len() { "…" } else { "" };
        Self { what, count: 1, first, example: format!("{}{mark}", &line[..cut]) }
    }
}

/// As much of the beginning of a text as has at most so many bytes.
pub(super) fn beginning(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

/// For example `2 lines that are no span, the first on line 1: "Hello world!"`.
impl fmt::Display for PassedOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, count, first, example } = self;
        let is_one = *count == 1;
        let (one, many) = match what {
            NoSpan::Line => ("line that is no span", "lines that are no span"),
            NoSpan::Metrics => ("object of metrics", "objects of metrics"),
            NoSpan::Logs => ("object of logs", "objects of logs"),
            NoSpan::Profiles => ("object of profiles", "objects of profiles"),
            NoSpan::Object => ("JSON object that is no span", "JSON objects that are no span"),
            NoSpan::CutOff => ("span that is cut off", "spans that are cut off"),
        };
        write!(f, "{count} {}, ", if is_one { one } else { many })?;
        f.write_str(if is_one { "" } else { "the first " })?;
        write!(f, "on line {}: {example:?}", first.line)
    }
}
