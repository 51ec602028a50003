//! [`TreeText`]: a trace as a text that says it, for `assert_tree!`.

use std::fmt;

use super::value::{name_in_repr, shown};
use super::word::{drawn_key, drawn_name, is_bare_word};
use crate::pad::{to_left, to_right, width_of};
use crate::trace::{Span, SpanKind, SpanRef, Status, Trace, exact_duration};
use crate::value::Value;

/// Names longer than this do not push the columns of all others to the right.
pub(crate) const LABEL_MAX: usize = 60;
/// Deeper spans say how deep they are instead of being indented further.
const INDENT_MAX: usize = 32;
/// Of the attributes of a span that is not known to be Bluesky's, so many are shown.
const FEW: usize = 4;
/// What tells most about Bluesky's spans, in the order in which it is shown.
const TELLING: [&str; 9] =
    ["exit_status", "reason", "msg.args", "msg.obj", "group", "device_name", "target", "finish_pos", "exception"];

/// A trace as a text that says it: one line a span, children under their parent. Its `Display` writes it. For people there is
/// [`Drawing`](super::Drawing).
///
/// A line holds the span's name, its duration with every digit it has (or `open`), its attributes, and with an `@` before the
/// word a status other than unset, a kind other than internal, and its events. At least two spaces end a name. Roots and siblings stand by start, then arrival. Below 32 levels a number says how deep a span is. A name
/// or a key that could be read otherwise stands in quotes, and the whole is a text of which the trace is a tree
/// ([`ForestExpectation::parse`](crate::expect::ForestExpectation::parse)).
///
/// ```
/// use skyspan_trace::value::Timestamp;
/// use skyspan_trace::trace::{Span, Trace};
///
/// let at = Timestamp::from_unix_ns;
/// let trace = Trace::from_spans([
///     Span::builder("demo plan").trace_id(1).span_id(1).end(at(12_000_000)).build(),
///     Span::builder("Ophyd Status").trace_id(1).span_id(2).parent_id(1).end(at(1_500)).attribute("target", 5).build(),
/// ]);
/// assert_eq!(trace.tree_text().to_string(), "\
/// demo plan        12 ms
/// └ Ophyd Status  1.5 µs  target=5
/// ");
/// ```
#[derive(Clone, Debug)]
#[must_use = "a text is only made when it is displayed"]
pub struct TreeText<'a> {
    trace: &'a Trace,
    attributes: AttributeChoice,
    width: usize,
    durations: bool,
}

/// Which attributes of a span are drawn.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum AttributeChoice {
    /// Every attribute of each span.
    All,
    /// Of Bluesky's spans a handful of telling ones, with a device by its name instead of its `repr`; of other spans the
    /// first four.
    #[default]
    Key,
    /// No attribute.
    None,
}

impl Trace {
    /// The trace as a text of which it is a tree: what [`assert_tree!`](crate::assert_tree) takes.
    pub fn tree_text(&self) -> TreeText<'_> {
        TreeText { trace: self, attributes: AttributeChoice::Key, width: 60, durations: true }
    }
}

impl TreeText<'_> {
    /// Chooses which attributes are drawn; the telling ones unless this is said.
    pub fn attributes(self, attributes: AttributeChoice) -> Self {
        Self { attributes, ..self }
    }

    /// Sets how many characters an attribute's value may take before it is cut; 60 unless this is said.
    pub fn width(self, width: usize) -> Self {
        Self { width, ..self }
    }

    /// Whether durations are drawn; they are unless this is said.
    pub fn durations(self, durations: bool) -> Self {
        Self { durations, ..self }
    }

    pub(crate) fn attributes_of(&self, span: &Span) -> String {
        let mut out = String::new();
        let mut push = |key: &str, value: &str| {
            out.push_str(if out.is_empty() { "" } else { " " });
            out.extend([&*drawn_key(key), "=", value]);
        };
        match self.attributes {
            AttributeChoice::None => {}
            AttributeChoice::Key if is_bluesky(span) => {
                for key in TELLING {
                    match span.attr(key) {
                        None => {}
                        Some(Value::Array(elements)) if elements.is_empty() => {}
                        Some(Value::Str(repr)) if key == "msg.obj" => match name_in_repr(repr) {
                            Some(name) if is_bare_word(name) => push(key, name),
                            _ => push(key, &shown(&repr.into(), self.width)),
                        },
                        Some(value) => push(key, &shown(value, self.width)),
                    }
                }
            }
            AttributeChoice::All | AttributeChoice::Key => {
                let number = if self.attributes == AttributeChoice::All { usize::MAX } else { FEW };
                for (key, value) in span.attributes().iter().take(number) {
                    push(key, &shown(value, self.width));
                }
            }
        }
        if self.attributes != AttributeChoice::None {
            write_beside(&mut out, span, self.width);
        }
        out
    }
}

/// What is no attribute: a status that was set, a kind that says something, events by their names.
fn write_beside(out: &mut String, span: &Span, width: usize) {
    let mut push = |word: &str, value: &str| {
        out.push_str(if out.is_empty() { "" } else { " " });
        out.extend(["@", word, "=", value]);
    };
    match span.status() {
        Status::Unset => {}
        Status::Ok => push("status", "ok"),
        Status::Error { description } => {
            push("status", "error");
            if !description.is_empty() {
                push("description", &shown(&description.clone().into(), width));
            }
        }
    }
    if let Some(kind) = kind_word(span) {
        push("kind", kind);
    }
    for event in span.events().iter().take(FEW) {
        push("event", &shown(&event.name.clone().into(), width));
    }
}

/// The kind of a span as a word, unless it is internal.
pub(super) fn kind_word(span: &Span) -> Option<&'static str> {
    match span.kind() {
        SpanKind::Internal => None,
        SpanKind::Server => Some("server"),
        SpanKind::Client => Some("client"),
        SpanKind::Producer => Some("producer"),
        SpanKind::Consumer => Some("consumer"),
    }
}

/// The attributes of Bluesky's spans that tell most.
#[cfg(feature = "page")]
pub(crate) const fn telling_keys() -> &'static [&'static str] {
    &TELLING
}

pub(super) fn is_bluesky(span: &Span) -> bool {
    span.name().starts_with("Bluesky ") || span.name().starts_with("Ophyd ")
}

/// Whether a drawing of the telling attributes may have one of a span.
pub(crate) fn is_telling(span: &Span, key: &str) -> bool {
    !is_bluesky(span) || TELLING.contains(&key)
}

/// A line, before the columns are aligned.
struct Row<'a> {
    label: String,
    /// The number of the duration, which is aligned to the right, and what comes after it.
    duration: (String, String),
    span: SpanRef<'a>,
}

impl fmt::Display for TreeText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows();
        let widest = |width: fn(&Row<'_>) -> usize| rows.iter().map(width).max().unwrap_or(0);
        let label_width = widest(|row| Some(width_of(&row.label)).filter(|width| *width <= LABEL_MAX).unwrap_or(0));
        let number_width = widest(|row| width_of(&row.duration.0));
        let unit_width = widest(|row| width_of(&row.duration.1));
        for Row { label, duration: (number, unit), span } in &rows {
            let mut line = to_left(label, label_width);
            if self.durations {
                line += &format!("  {} {}", to_right(number, number_width), to_left(unit, unit_width));
            }
            line += "  ";
            line += &self.attributes_of(span);
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

impl<'a> TreeText<'a> {
    /// All spans, parents before children, with their guides.
    fn rows(&self) -> Vec<Row<'a>> {
        let mut rows = Vec::with_capacity(self.trace.len());
        // For each level above the current span whether more siblings follow there. The stacks are on the heap, as a
        // trace may be deeper than the thread's stack.
        let mut levels: Vec<bool> = Vec::new();
        let mut ahead: Vec<(SpanRef<'a>, usize, bool)> = Vec::new();
        for root in self.trace.roots() {
            ahead.push((root, 0, false));
            while let Some((span, depth, more_follow)) = ahead.pop() {
                levels.truncate(depth.saturating_sub(1));
                if depth > 0 {
                    levels.push(more_follow);
                }
                rows.push(Row {
                    label: guides(&levels) + &drawn_name(span.span().name()),
                    duration: columns(&span),
                    span,
                });
                let last = span.children().len().saturating_sub(1);
                ahead.extend(span.children().enumerate().rev().map(|(at, child)| (child, depth + 1, at < last)));
            }
        }
        rows
    }
}

/// The lines that lead to a span from its ancestors.
pub(crate) fn guides(levels: &[bool]) -> String {
    guides_of(levels, INDENT_MAX)
}

/// The same, where deeper spans than this say how deep they are.
pub(super) fn guides_of(levels: &[bool], levels_max: usize) -> String {
    let Some((last, above)) = levels.split_last() else { return String::new() };
    let mut out = String::new();
    if levels.len() > levels_max {
        out = format!("⋯{} ", levels.len());
    } else {
        out.extend(above.iter().map(|more_follow| if *more_follow { "│ " } else { "  " }));
    }
    out + if *last { "├ " } else { "└ " }
}

pub(crate) fn columns(span: &Span) -> (String, String) {
    match span.signed_duration_ns() {
        None => ("open".to_owned(), String::new()),
        Some(ns) => {
            let text = exact_duration(ns);
            let (number, unit) = text.split_once(' ').unwrap_or((&text, ""));
            (number.to_owned(), unit.to_owned())
        }
    }
}
