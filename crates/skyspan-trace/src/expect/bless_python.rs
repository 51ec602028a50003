//! [`BlessPython`]: the expectation that describes a trace, as Python code.

use std::fmt;

use super::bless::{Ahead, STACKTRACE, indent_at};
use super::bless_value::{is_volatile, is_volatile_text};
use super::shape::Shape;
use super::shape_rules::Rules;
use super::volatile::{Names, is_wall_time_at};
use crate::pad::width_of;
use crate::trace::{
    Attributes, Link, Redaction, SpanKind, SpanRef, Status, Trace, exact_duration, is_bare_word, is_telling,
    name_in_repr,
};
use crate::value::{Map, Value, repr_str};

/// A longer line is broken, one argument a line.
const LINE_MAX: usize = 100;
const RUN: &str = "Bluesky RunEngine run";
/// The words that `span()` has of its own, and those that Python has: such a key stands in `attributes`.
const NO_KEYWORDS: [&str; 41] = [
    "status",
    "kind",
    "lasting",
    "exit_status",
    "reason",
    "attributes",
    "False",
    "None",
    "True",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "class",
    "continue",
    "def",
    "del",
    "elif",
    "else",
    "except",
    "finally",
    "for",
    "from",
    "global",
    "if",
    "import",
    "in",
    "is",
    "lambda",
    "nonlocal",
    "not",
    "or",
    "pass",
    "raise",
    "return",
    "try",
    "while",
    "with",
    "yield",
];

/// The expectation that describes a trace, as Python code. Made by [`Bless::as_python`](super::Bless::as_python); its `Display` is the
/// code.
#[derive(Clone, Debug)]
#[must_use = "it is only written when it is displayed"]
pub struct BlessPython<'t> {
    pub(super) trace: &'t Trace,
    pub(super) rules: Rules,
    /// How much longer or shorter a span may take, as a part of 1; nothing where durations are not said.
    pub(super) times: Option<f64>,
    pub(super) fractions: bool,
    pub(super) telling: bool,
}

/// An argument or a call: a single piece, or brackets around several, which may stand on a line each.
struct Piece {
    begin: String,
    parts: Vec<String>,
    end: &'static str,
}

impl Piece {
    fn one(code: String) -> Self {
        Self { begin: code, parts: Vec::new(), end: "" }
    }

    fn line(&self) -> String {
        format!("{}{}{}", self.begin, self.parts.join(", "), self.end)
    }

    /// Writes it at a depth, on one line if it is short enough or has no parts.
    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize, end: &str) -> fmt::Result {
        let (indent, line) = (indent_at(depth), self.line());
        if self.parts.is_empty() || width_of(&indent) + width_of(&line) + end.len() <= LINE_MAX {
            return writeln!(f, "{indent}{line}{end}");
        }
        writeln!(f, "{indent}{}", self.begin)?;
        for part in &self.parts {
            writeln!(f, "{}{part},", indent_at(depth + 1))?;
        }
        writeln!(f, "{indent}{}{end}", self.end)
    }
}

impl BlessPython<'_> {
    /// Durations may be longer or shorter by this part of 1; by 0 they are exact.
    ///
    /// # Panics
    ///
    /// If it is negative, or not finite.
    #[track_caller]
    pub fn times(self, tolerance: f64) -> Self {
        assert!(tolerance.is_finite() && tolerance >= 0.0, "a tolerance is a part of 1, and this is {tolerance}");
        Self { times: Some(tolerance), ..self }
    }

    /// Numbers with a fraction may be any: they are measured.
    pub fn without_fractions(self) -> Self {
        Self { fractions: false, ..self }
    }

    /// Of bluesky's spans says the telling attributes alone, those that a drawing has.
    pub fn telling(self) -> Self {
        Self { telling: true, ..self }
    }

    /// A span but for its children: the arguments of `span()`, and the calls behind it.
    fn span(&self, span: SpanRef<'_>) -> (Vec<Piece>, Vec<Piece>) {
        let mut arguments = vec![self.text(span.name())];
        let (mut named, mut keyed) = (Vec::new(), Vec::new());
        let is_run = span.name() == RUN;
        let is_said = |key: &str| !self.rules.omit(key) && (!self.telling || is_telling(span.span(), key));
        for (key, value) in span.span().attributes().iter().filter(|(key, _)| is_said(key)) {
            match (key.as_str(), value) {
                ("exit_status", Value::Str(status)) if is_run => {
                    // As the word has it, which also means what the releases of bluesky write.
                    let status = match status.as_str() {
                        "None" => "success",
                        "aborted" => "abort",
                        status => status,
                    };
                    named.push(format!("exit_status={}", code_of_text(status)));
                }
                ("reason", Value::Str(reason)) if is_run => {
                    let reason = if reason.as_str() == "None" { "" } else { reason };
                    named.push(format!("reason={}", self.text(reason)));
                }
                (key, value) if is_keyword(key) => named.push(format!("{key}={}", self.expected(key, value))),
                (key, value) => keyed.push(format!("{}: {}", code_of_text(key), self.expected(key, value))),
            }
        }
        match span.kind() {
            SpanKind::Internal => {}
            kind => arguments.push(format!("kind={}", code_of_text(&format!("{kind:?}").to_lowercase()))),
        }
        let mut calls = Vec::new();
        match span.span().status() {
            Status::Unset => {}
            Status::Ok => arguments.push("status=\"ok\"".to_owned()),
            Status::Error { description } if is_volatile_text(description, &self.rules) => {
                arguments.push("status=\"error\"".to_owned());
            }
            Status::Error { description } => {
                calls.push(Piece::one(format!(".status(\"error\", {})", code_of_text(description))));
            }
        }
        if let Some(duration) = span.signed_duration_ns().and_then(|ns| self.around(ns)) {
            arguments.push(format!("lasting={duration}"));
        }
        let mut arguments: Vec<Piece> = arguments.into_iter().map(Piece::one).collect();
        if !keyed.is_empty() {
            arguments.push(Piece { begin: "attributes={".to_owned(), parts: keyed, end: "}" });
        }
        arguments.extend(named.into_iter().map(Piece::one));
        if !span.span().events().is_empty() {
            let events = span.span().events().iter().map(|event| {
                let mut code = format!("event({}{})", self.text(&event.name), self.attributes(&event.attributes));
                let after = event.timestamp.signed_ns_since(span.start());
                if let Some(after) = self.around(after) {
                    code += &format!(".after({after})");
                }
                code
            });
            calls.push(Piece { begin: ".events([".to_owned(), parts: events.collect(), end: "])" });
        }
        if !span.span().links().is_empty() {
            let links = span.span().links().iter().map(|link| self.link(span, link)).collect();
            calls.push(Piece { begin: ".links([".to_owned(), parts: links, end: "])" });
        }
        if span.end().is_none() {
            calls.push(Piece::one(".open()".to_owned()));
        }
        (arguments, calls)
    }

    fn link(&self, of: SpanRef<'_>, link: &Link) -> String {
        let mut code = match of.trace().get_in(link.trace_id, link.span_id) {
            Some(to) => format!("link_to(span({}))", self.text(to.span().name())),
            None => "link_elsewhere()".to_owned(),
        };
        for (key, value) in link.attributes.iter().filter(|(key, _)| !self.rules.omit(key)) {
            code += &format!(".attr({}, {})", code_of_text(key), self.expected(key, value));
        }
        code
    }

    /// The attributes of an event, as an argument behind others.
    fn attributes(&self, attributes: &Attributes) -> String {
        let said = attributes.iter().filter(|(key, _)| *key != STACKTRACE && !self.rules.omit(key));
        let pairs: Vec<String> =
            said.map(|(key, value)| format!("{}: {}", code_of_text(key), self.expected(key, value))).collect();
        if pairs.is_empty() { String::new() } else { format!(", attributes={{{}}}", pairs.join(", ")) }
    }

    /// A range of durations, as a text in code; nothing where durations are not said, and for one that is below zero.
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a tolerance is a rounded one")]
    fn around(&self, ns: i128) -> Option<String> {
        let tolerance = self.times.filter(|_| ns >= 0)?;
        if tolerance == 0.0 {
            return Some(format!("\"{}\"", exact_duration(ns)));
        }
        let (least, most) = (ns as f64 * (1.0 - tolerance).max(0.0), ns as f64 * (1.0 + tolerance));
        Some(format!("\"{}..={}\"", exact_duration(least.floor() as i128), exact_duration(most.ceil() as i128)))
    }

    /// What is expected at a key: the value, or a pattern where it is another in each run. Secrets are not written down.
    fn expected(&self, key: &str, value: &Value) -> String {
        if Redaction::new().entry(key, value).is_some() {
            return "anything()".to_owned();
        }
        match value {
            // A device by its name: its repr tells much besides.
            Value::Str(repr) if self.telling && key == "msg.obj" => {
                match name_in_repr(repr).filter(|it| is_bare_word(it)) {
                    Some(name) => format!("glob({})", code_of_text(&format!("*name='{name}'*"))),
                    None => self.text(repr),
                }
            }
            Value::Str(text) => self.text(text),
            scalar if is_wall_time_at(key, scalar) => "between(1e8)".to_owned(),
            Value::Array(_) | Value::Map(_) if is_volatile(key, value, &self.rules) => "anything()".to_owned(),
            value if !self.fractions && has_fraction(value) => "anything()".to_owned(),
            value => code(value),
        }
    }

    fn text(&self, text: &str) -> String {
        if is_volatile_text(text, &self.rules) {
            format!("glob({})", code_of_text(&Names::stars(&self.rules).text(text)))
        } else {
            code_of_text(text)
        }
    }
}

/// Whether a key may be said by its name.
fn is_keyword(key: &str) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.chars().all(is_name)
        && !NO_KEYWORDS.contains(&key)
}

fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Float(number) => number.fract() != 0.0,
        Value::Array(elements) => elements.iter().any(has_fraction),
        Value::Map(map) => map.iter().any(|(_, value)| has_fraction(value)),
        _ => false,
    }
}

/// A string of Python, in the double quotes of most code where that spares no escape.
fn code_of_text(text: &str) -> String {
    let repr = repr_str(text);
    match repr.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        Some(inner) if !inner.contains('"') => format!("\"{inner}\""),
        _ => repr,
    }
}

/// A value of Python.
fn code(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::BigInt(digits) => digits.to_string(),
        Value::Float(number) if number.is_finite() => format!("{number:?}"),
        Value::Float(number) => format!("float(\"{}\")", number.to_string().to_lowercase()),
        Value::Str(text) => code_of_text(text),
        Value::Array(elements) => format!("[{}]", elements.iter().map(code).collect::<Vec<_>>().join(", ")),
        Value::Map(map) => code_of_map(map),
    }
}

fn code_of_map(map: &Map) -> String {
    let pairs: Vec<String> = map.iter().map(|(key, value)| format!("{}: {}", code_of_text(key), code(value))).collect();
    format!("{{{}}}", pairs.join(", "))
}

impl fmt::Display for BlessPython<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = Shape::of(self.trace).order();
        writeln!(f, "forest([")?;
        let below = |spans: &[usize], depth: usize| {
            spans.iter().rev().map(move |span| Ahead::Span(*span, depth)).collect::<Vec<_>>()
        };
        let mut ahead = below(&order.roots, 1);
        while let Some(next) = ahead.pop() {
            let (span, depth) = match next {
                Ahead::Span(span, depth) => (order.spans[span], depth),
                Ahead::End(depth) => {
                    writeln!(f, "{}]),", indent_at(depth))?;
                    continue;
                }
            };
            let children = &order.children[span.index()];
            let (arguments, mut calls) = self.span(span);
            let end = if children.is_empty() { "," } else { ".children([" };
            let indent = indent_at(depth);
            let lines =
                |pieces: &[Piece], between: &str| pieces.iter().map(Piece::line).collect::<Vec<_>>().join(between);
            let head = format!("{indent}span({})", lines(&arguments, ", "));
            let whole = format!("{head}{}{end}", lines(&calls, ""));
            if width_of(&whole) <= LINE_MAX {
                writeln!(f, "{whole}")?;
            } else {
                if width_of(&head) <= LINE_MAX {
                    write!(f, "{head}")?;
                } else {
                    writeln!(f, "{indent}span(")?;
                    arguments.iter().try_for_each(|argument| argument.write(f, depth + 1, ","))?;
                    write!(f, "{indent})")?;
                }
                // What is said last goes on with the children, or ends the span.
                match calls.pop() {
                    None => writeln!(f, "{end}")?,
                    Some(last) => {
                        writeln!(f)?;
                        calls.iter().try_for_each(|call| call.write(f, depth, ""))?;
                        last.write(f, depth, end)?;
                    }
                }
            }
            if !children.is_empty() {
                ahead.push(Ahead::End(depth));
                ahead.extend(below(children, depth + 1));
            }
        }
        writeln!(f, "])")
    }
}
