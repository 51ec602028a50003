//! Attribute values as they are drawn.

use crate::pad::is_unseen;
use crate::value::{Value, to_json};

/// A value on one line of at most `width` characters: its JSON, with letters of all scripts as they are. What is cut off,
/// for length or because a string goes on in another line, is shown by `…` at the end; no other `…` is in it.
pub fn shown(value: &Value, width: usize) -> String {
    let mut line = Line { out: String::new(), left: width, is_whole: false, full: false };
    line.value(value);
    line.out
}

/// The same with nothing cut off.
pub(crate) fn shown_whole(value: &Value) -> String {
    let mut line = Line { out: String::new(), left: usize::MAX, is_whole: true, full: false };
    line.value(value);
    line.out
}

/// The name of a device in its Python `repr`: `motor` for `SynAxis(prefix='', name='motor', ...)`.
pub(crate) fn name_in_repr(repr: &str) -> Option<&str> {
    let (_, arguments) = repr.split_once('(')?;
    let from = arguments
        .match_indices("name=")
        .find(|(at, _)| *at == 0 || arguments[..*at].ends_with(", "))
        .map(|(at, found)| at + found.len())?;
    let quote = arguments[from..].chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let name = arguments[from + 1..].split(quote).next()?;
    (!name.is_empty()).then_some(name)
}

/// A line that is full at some point; nothing is written behind that.
struct Line {
    out: String,
    left: usize,
    /// Whether strings go on in another line.
    is_whole: bool,
    full: bool,
}

impl Line {
    fn value(&mut self, value: &Value) {
        match value {
            Value::Str(text) => self.string(text),
            Value::Array(elements) => {
                self.push_str("[");
                for (at, element) in elements.iter().enumerate() {
                    if self.full {
                        return;
                    }
                    self.push_str(if at == 0 { "" } else { ", " });
                    self.value(element);
                }
                self.push_str("]");
            }
            Value::Map(map) => {
                self.push_str("{");
                for (at, (key, value)) in map.iter().enumerate() {
                    if self.full {
                        return;
                    }
                    self.push_str(if at == 0 { "" } else { ", " });
                    self.string(key);
                    self.push_str(": ");
                    self.value(value);
                }
                self.push_str("}");
            }
            scalar => self.push_str(&to_json(scalar)),
        }
    }

    fn string(&mut self, text: &str) {
        self.push_str("\"");
        // What is written as it is goes in one piece.
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        if text.len() <= self.left && text.bytes().all(is_plain) {
            self.push_str(text);
            return self.push_str("\"");
        }
        for c in text.chars() {
            if self.full {
                return;
            }
            match c {
                '\n' if self.is_whole => self.push_str("\\n"),
                '\r' if self.is_whole => self.push_str("\\r"),
                '\n' | '\r' => return self.cut(),
                '…' => self.push_str("\\u2026"),
                '"' => self.push_str("\\\""),
                '\\' => self.push_str("\\\\"),
                '\t' => self.push_str("\\t"),
                c if is_unseen(c) => self.push_str(&format!("\\u{:04x}", u32::from(c))),
                c => self.push_str(c.encode_utf8(&mut [0; 4])),
            }
        }
        self.push_str("\"");
    }

    fn push_str(&mut self, text: &str) {
        if text.is_ascii() && text.len() <= self.left && !self.full {
            self.left -= text.len();
            return self.out.push_str(text);
        }
        for c in text.chars() {
            if self.full {
                return;
            }
            if self.left == 0 {
                return self.cut();
            }
            self.out.push(c);
            self.left -= 1;
        }
    }

    fn cut(&mut self) {
        if !self.full {
            if self.left == 0 {
                // The last character makes room for the mark.
                self.out.pop();
            }
            self.out.push('…');
            self.full = true;
        }
    }
}
