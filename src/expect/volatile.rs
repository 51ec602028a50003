//! [`Names`]: steady names for what is another in each run.

use std::collections::HashMap;

use crate::clock::Timestamp;
use crate::trace::exact_duration;
use crate::value::{Value, to_json};

/// Keys whose number, if it may be one, is a wall time in seconds.
const WALL_TIMES: [&str; 5] = ["start_time", "finish_time", "end_time", "timestamp", "time"];
/// The spring of 1973. A number before it is rather a duration.
const EARLIEST_S: f64 = 1e8;

/// Writes values with steady names for what is another in each run.
///
/// In strings, a uid (a version 4 UUID) becomes `<uid 1>`, a name with six hexadecimal digits behind it, as Bluesky
/// makes them for groups, `<set 1>`, and an address `<address 1>`, numbered as they first appear. A wall time becomes
/// its distance to the start of the trace.
pub(super) struct Names {
    start: Timestamp,
    /// The number of each, or nothing where all are to look the same.
    numbers: Option<HashMap<String, usize>>,
    count: HashMap<String, usize>,
}

impl Names {
    /// Tells one from another.
    pub(super) fn numbered(start: Timestamp) -> Self {
        Self { start, numbers: Some(HashMap::new()), count: HashMap::new() }
    }

    /// Does not: for comparing what may stand in any order.
    pub(super) fn alike(start: Timestamp) -> Self {
        Self { start, numbers: None, count: HashMap::new() }
    }

    /// A value on one line. Types can be told apart: strings have quotes, floats a point or an exponent.
    pub(super) fn value(&mut self, key: &str, value: &Value) -> String {
        match value {
            Value::Str(text) => format!("{:?}", self.text(text)),
            Value::Array(elements) => {
                let elements: Vec<String> = elements.iter().map(|element| self.value(key, element)).collect();
                format!("[{}]", elements.join(", "))
            }
            Value::Map(map) => {
                let entries: Vec<String> =
                    map.iter().map(|(key, value)| format!("{key:?}: {}", self.value(key, value))).collect();
                format!("{{{}}}", entries.join(", "))
            }
            scalar => match scalar.as_f64() {
                Some(seconds) if is_wall_time(key) && seconds >= EARLIEST_S && seconds.is_finite() => {
                    let ns = Timestamp::from_unix_s(seconds).signed_ns_since(self.start);
                    // The float itself is that coarse.
                    let us = (ns + if ns < 0 { -500 } else { 500 }) / 1_000 * 1_000;
                    format!("<{}{}>", if us < 0 { "" } else { "+" }, exact_duration(us))
                }
                _ => to_json(scalar),
            },
        }
    }

    /// A text with steady names.
    pub(super) fn text(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
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
            out.push_str(&self.name(label, word));
        } else {
            out.push_str(word);
        }
    }

    fn name(&mut self, kind: &str, original: &str) -> String {
        let Some(numbers) = &mut self.numbers else { return format!("<{kind}>") };
        let count = self.count.entry(kind.to_owned()).or_default();
        let number = numbers.entry(format!("{kind} {original}")).or_insert_with(|| {
            *count += 1;
            *count
        });
        format!("<{kind} {number}>")
    }
}

fn is_wall_time(key: &str) -> bool {
    WALL_TIMES.contains(&key.rsplit('.').next().unwrap_or(key))
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
    use super::Names;
    use crate::clock::Timestamp;
    use crate::value::Value;

    #[test]
    fn what_varies_is_named_by_first_appearance() {
        let mut names = Names::numbered(Timestamp::from_unix_s(1_718_700_056.0));
        for (text, expected) in [
            ("set-3fa9c1 set-000000", "<set 1> <set 2>"),
            ("trigger-3fa9c1, set-3fa9c1", "<trigger 1>, <set 1>"),
            ("<Thing at 0x7f00aa11bb22>", "<Thing at <address 1>>"),
            ("0x1f is small", "0x1f is small"),
            ("a1b2c3d4-0000-4000-8000-000000000001", "<uid 1>"),
            ("a1b2c3d4-0000-1000-8000-000000000001", "a1b2c3d4-0000-1000-8000-000000000001"),
            ("run_a1b2c3d4-0000-4000-8000-000000000001!", "run_<uid 1>!"),
            ("é-3fa9c1 set-3fa9c10", "é-3fa9c1 set-3fa9c10"),
        ] {
            assert_eq!(names.text(text), expected);
        }
    }

    #[test]
    fn wall_times_are_told_from_the_start() {
        let mut names = Names::numbered(Timestamp::from_unix_s(1_718_700_056.0));
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
