//! [`Names`]: steady names for what is another in each run.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::regex::{Regex, regex};
use super::shape_rules::{Rules, type_name};
use crate::trace::exact_duration;
use crate::value::Timestamp;
use crate::value::{Map, Text, Value, from_json, to_json};

/// Keys whose number, if it may be one, is a wall time in seconds.
const WALL_TIMES: [&str; 5] = ["start_time", "finish_time", "end_time", "timestamp", "time"];
/// The spring of 1973. A number before it is rather a duration.
const EARLIEST_S: f64 = 1e8;

/// Writes values with steady names for what is another in each run.
///
/// In strings, a uid (a version 4 UUID) becomes `<new uid>`, a name with six hexadecimal digits behind it, as Bluesky
/// makes them for groups, `<new set>`, and an address `<new address>`. Where they appear again, they are `<uid>` if no other is newer, else
/// `<uid -1>` and so on: what comes in between changes no name before it. A wall time becomes
/// its distance to a start. Rules of one's own come first.
pub(crate) struct Names<'r> {
    start: Timestamp,
    rules: &'r Rules,
    style: Style,
}

enum Style {
    /// One is told from another by how many of its kind are newer.
    Numbered { numbers: HashMap<String, usize>, count: HashMap<String, usize> },
    /// All look the same, and are kept as they come: for comparing what may stand in any order.
    Alike { seen: Vec<String> },
    /// All are the star of a [`Glob`](super::pattern::Glob).
    Stars,
}

impl<'r> Names<'r> {
    /// Tells one from another.
    pub(crate) fn numbered(start: Timestamp, rules: &'r Rules) -> Self {
        Self { start, rules, style: Style::Numbered { numbers: HashMap::new(), count: HashMap::new() } }
    }

    /// From now on wall times are told from this start.
    pub(crate) fn start_from(&mut self, start: Timestamp) {
        self.start = start;
    }

    /// Does not: for comparing what may stand in any order.
    pub(crate) fn alike(start: Timestamp, rules: &'r Rules) -> Self {
        Self { start, rules, style: Style::Alike { seen: Vec::new() } }
    }

    /// Puts a star in the place of each.
    pub(crate) fn stars(rules: &'r Rules) -> Self {
        Self { start: Timestamp::EPOCH, rules, style: Style::Stars }
    }

    /// Those that all look alike, as they are, since this was asked last.
    pub(crate) fn take_seen(&mut self) -> Vec<String> {
        match &mut self.style {
            Style::Alike { seen } => std::mem::take(seen),
            Style::Numbered { .. } | Style::Stars => Vec::new(),
        }
    }

    /// A value on one line. Types can be told apart: strings have quotes, floats a point or an exponent.
    pub(crate) fn value(&mut self, key: &str, value: &Value) -> String {
        if let Some(replaced) = self.rules.replaced(key, value) {
            return match value {
                Value::Str(_) => format!("{replaced:?}"),
                _ => format!("{}({replaced})", type_name(value)),
            };
        }
        match value {
            Value::Str(text) => format!("{:?}", self.text(text)),
            Value::Array(elements) => {
                let elements: Vec<String> = elements.iter().map(|element| self.value(key, element)).collect();
                format!("[{}]", elements.join(", "))
            }
            Value::Map(map) => {
                let entries = map.iter().filter(|(key, _)| !self.rules.omit(key));
                let entries: Vec<String> =
                    entries.map(|(key, value)| format!("{key:?}: {}", self.value(key, value))).collect();
                format!("{{{}}}", entries.join(", "))
            }
            scalar => self.wall_time(key, scalar).unwrap_or_else(|| to_json(scalar)),
        }
    }

    /// The same as a value that can go where the other was; what is replaced becomes a string.
    pub(crate) fn json(&mut self, key: &str, value: &Value) -> Value {
        if let Some(replaced) = self.rules.replaced(key, value) {
            return match value {
                Value::Str(_) => replaced.into(),
                _ => format!("{}({replaced})", type_name(value)).into(),
            };
        }
        match value {
            Value::Str(text) => self.text(text).into(),
            Value::Array(elements) => elements.iter().map(|element| self.json(key, element)).collect(),
            Value::Map(map) => self.json_map(map).into(),
            scalar => self.wall_time(key, scalar).map_or_else(|| scalar.clone(), Value::from),
        }
    }

    pub(crate) fn json_map(&mut self, map: &Map) -> Map {
        let entries = map.iter().filter(|(key, _)| !self.rules.omit(key));
        entries.map(|(key, value)| (key.clone(), self.json(key, value))).collect()
    }

    /// How long after the start of the trace a wall time is.
    fn wall_time(&self, key: &str, scalar: &Value) -> Option<String> {
        if self.rules.without_times && !self.rules.keep_volatile && is_measured_at(key, scalar) {
            return Some("<time>".to_owned());
        }
        if !is_wall_time_at(key, scalar) || self.rules.keep_volatile {
            return None;
        }
        if self.rules.without_times {
            return Some("<time>".to_owned());
        }
        let ns = Timestamp::from_unix_s(scalar.as_f64()?).signed_ns_since(self.start);
        // The float itself is that coarse.
        let us = (ns + if ns < 0 { -500 } else { 500 }) / 1_000 * 1_000;
        Some(offset(us))
    }

    /// A text with steady names.
    pub(crate) fn text(&mut self, text: &str) -> String {
        let text = self.json_text(text).unwrap_or_else(|| text.into());
        let text = self.rules.matching_replaced(&text);
        if self.rules.keep_volatile {
            return text.into_owned();
        }
        let text = if self.rules.without_times { without_times(&text).into() } else { text };
        let mut out = String::with_capacity(text.len());
        let mut rest = &*text;
        while !rest.is_empty() {
            let word = rest.find(|c: char| !is_of_word(c)).unwrap_or(rest.len());
            let (this, after) = rest.split_at(word);
            self.word(this, &mut out);
            let other = after.find(is_of_word).unwrap_or(after.len());
            out.push_str(&after[..other]);
            rest = &after[other..];
        }
        out
    }

    /// The JSON in a text, if it has a key of which a rule speaks, after the rules.
    fn json_text(&mut self, text: &str) -> Option<Text> {
        if !self.rules.speak_of_keys() || !text.starts_with(['{', '[']) {
            return None;
        }
        let value = from_json(text).ok().filter(|value| self.rules.speak_of(value))?;
        Some(to_json(&self.json("", &value)).into())
    }

    fn word(&mut self, word: &str, out: &mut String) {
        if let Some(at) = word.len().checked_sub(36)
            && is_uid(&word[at..])
            && (at == 0 || word[..at].ends_with(['-', '_']))
        {
            out.push_str(&word[..at]);
            out.push_str(&self.name("uid", &word[at..]));
        } else if word.strip_prefix("0x").is_some_and(|digits| digits.len() >= 6 && is_hex(digits)) {
            out.push_str(&self.name("address", word));
        } else if let Some((label, digits)) = word.rsplit_once('-')
            && label.starts_with(|c: char| c.is_ascii_alphabetic())
            && digits.len() == 6
            && is_hex(digits)
        {
            if matches!(self.style, Style::Stars) {
                out.push_str(label);
                out.push('-');
            }
            out.push_str(&self.name(label, word));
        } else {
            out.push_str(word);
        }
    }

    fn name(&mut self, kind: &str, original: &str) -> String {
        match &mut self.style {
            Style::Alike { seen } => {
                seen.push(original.to_owned());
                format!("<{kind}>")
            }
            Style::Stars => "*".to_owned(),
            Style::Numbered { numbers, count } => {
                let count = count.entry(kind.to_owned()).or_default();
                match numbers.get(&format!("{kind} {original}")) {
                    None => {
                        *count += 1;
                        numbers.insert(format!("{kind} {original}"), *count);
                        format!("<new {kind}>")
                    }
                    Some(number) if number == count => format!("<{kind}>"),
                    Some(number) => format!("<{kind} -{}>", *count - number),
                }
            }
        }
    }
}

/// How long after the start of the trace something is: `<+1.5 s>`.
pub(super) fn offset(ns: i128) -> String {
    format!("<{}{}>", if ns < 0 { "" } else { "+" }, exact_duration(ns))
}

/// Whether a number is a wall time in seconds.
pub(crate) fn is_wall_time_at(key: &str, value: &Value) -> bool {
    let is_late = |seconds: f64| seconds >= EARLIEST_S && seconds.is_finite();
    is_wall_time(key) && matches!(value, Value::Int(_) | Value::Float(_)) && value.as_f64().is_some_and(is_late)
}

fn is_wall_time(key: &str) -> bool {
    WALL_TIMES.contains(&key.rsplit('.').next().unwrap_or(key))
}

/// What a key ends in whose number a clock has measured: bluesky's statuses, OpenTelemetry's conventions and the crate
/// `tracing-opentelemetry` name it so.
const MEASURED: [&str; 4] = ["elapsed", "duration", "busy", "idle"];
/// What may stand behind that.
const UNITS: [&str; 5] = ["", "_s", "_ms", "_us", "_ns"];

/// Whether a clock has measured a number.
fn is_measured_at(key: &str, value: &Value) -> bool {
    let last = key.rsplit('.').next().unwrap_or(key);
    let is_measured = || MEASURED.iter().any(|name| last.strip_prefix(name).is_some_and(|unit| UNITS.contains(&unit)));
    matches!(value, Value::Int(_) | Value::Float(_)) && is_measured()
}

/// A text in which the times are left out: dates with a time of day, and the `elapsed` in the `repr` of a status.
fn without_times(text: &str) -> String {
    static TIMES: LazyLock<[(Regex, &str); 2]> = LazyLock::new(|| {
        let date = r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?";
        [(regex(date), "<time>"), (regex(r"\belapsed=\d+(\.\d+)?"), "elapsed=<time>")]
    });
    TIMES.iter().fold(text.to_owned(), |text, (pattern, by)| pattern.replaced(&text, by).unwrap_or(text))
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether it is a UUID of version 4 in its usual form.
fn is_uid(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        14 => byte == b'4',
        19 => matches!(byte, b'8' | b'9' | b'a' | b'b'),
        _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
    })
}

#[cfg(test)]
mod tests {
    use super::super::shape_rules::Rules;
    use super::Names;
    use crate::value::Timestamp;
    use crate::value::Value;

    #[test]
    fn what_varies_is_named_by_first_appearance() {
        let rules = Rules::default();
        let mut names = Names::numbered(Timestamp::from_unix_s(1_718_700_056.0), &rules);
        for (text, expected) in [
            ("set-3fa9c1 set-000000", "<new set> <new set>"),
            ("trigger-3fa9c1, set-3fa9c1, set-000000", "<new trigger>, <set -1>, <set>"),
            ("<Thing at 0x7f00aa11bb22>", "<Thing at <new address>>"),
            ("0x1f is small", "0x1f is small"),
            ("a1b2c3d4-0000-4000-8000-000000000001", "<new uid>"),
            ("a1b2c3d4-0000-1000-8000-000000000001", "a1b2c3d4-0000-1000-8000-000000000001"),
            ("run_a1b2c3d4-0000-4000-8000-000000000001!", "run_<uid>!"),
            ("é-3fa9c1 set-3fa9c10", "é-3fa9c1 set-3fa9c10"),
        ] {
            assert_eq!(names.text(text), expected);
        }
    }

    #[test]
    fn wall_times_are_told_from_the_start() {
        let rules = Rules::default();
        let mut names = Names::numbered(Timestamp::from_unix_s(1_718_700_056.0), &rules);
        for (key, value, expected) in [
            ("start_time", Value::from(1_718_700_057.5), "<+1.5 s>"),
            ("x.timestamp", Value::from(1_718_700_055), "<-1 s>"),
            ("settle_time", Value::from(1_718_700_057.5), "1718700057.5"),
            ("time", Value::from(2.0), "2.0"),
            ("time", Value::from("2"), "\"2\""),
        ] {
            assert_eq!(names.value(key, &value), expected, "{key}");
        }
    }
}
