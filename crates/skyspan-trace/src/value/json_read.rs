//! JSON as Python's `json` reads it.

use std::fmt;

use super::{Map, Text, Value};

/// How deep lists and maps may lie in one another.
const DEPTH_MAX: usize = 512;

/// Reads JSON values that follow one another, with or without white space between, as the console exporter writes them.
///
/// Reads what Python's `json` reads: also `NaN`, `Infinity`, integers of any size; of a key that stands twice in a map
/// the last value holds (CPython 3.11, `json.decoder`).
#[derive(Debug)]
pub struct JsonReader<'a> {
    text: &'a str,
    at: usize,
}

/// A place in a text: its line and its column, both counted from 1, the column in characters.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Ord, PartialOrd)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

impl Position {
    /// The position of a byte in a text.
    #[must_use]
    pub fn of(text: &str, byte: usize) -> Self {
        let before = &text.as_bytes()[..byte.min(text.len())];
        let before = String::from_utf8_lossy(before);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A text is not JSON.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{position}: expected {expected}, found {found}")]
#[non_exhaustive]
pub struct JsonError {
    /// Where.
    pub position: Position,
    /// What would have been right there.
    pub expected: &'static str,
    /// What is there.
    pub found: String,
}

/// Reads one JSON value; nothing but white space may follow it.
///
/// # Errors
///
/// [`JsonError`] where the text is not one JSON value.
pub fn from_json(text: &str) -> Result<Value, JsonError> {
    let mut reader = JsonReader::new(text);
    let value = reader.value(0)?;
    reader.skip_white_space();
    if reader.rest().is_empty() { Ok(value) } else { Err(reader.error("the end of the text")) }
}

impl Iterator for JsonReader<'_> {
    type Item = Result<Value, JsonError>;

    /// The next value. After an error there is no further one.
    fn next(&mut self) -> Option<Self::Item> {
        self.skip_white_space();
        if self.rest().is_empty() {
            return None;
        }
        let value = self.value(0);
        if value.is_err() {
            self.at = self.text.len();
        }
        Some(value)
    }
}

impl<'a> JsonReader<'a> {
    /// A reader at the beginning of `text`. A byte order mark there is passed over.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text: text.strip_prefix('\u{feff}').unwrap_or(text), at: 0 }
    }

    /// Where the next value begins, or the text ends.
    #[must_use]
    pub fn position(&self) -> Position {
        let white = self.rest().len() - self.rest().trim_start_matches(WHITE_SPACE).len();
        Position::of(self.text, self.at + white)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn skip_white_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(WHITE_SPACE).len();
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn error(&self, expected: &'static str) -> JsonError {
        let found = match self.rest().chars().next() {
            None => "the end of the text".to_owned(),
            Some(c) if c.is_alphanumeric() => {
                let word: String = self.rest().chars().take_while(|c| c.is_alphanumeric()).take(20).collect();
                format!("`{word}`")
            }
            Some(c @ ('"' | '\'')) => format!("`{c}`"),
            Some(c) => format!("`{}`", c.escape_debug()),
        };
        JsonError { position: Position::of(self.text, self.at), expected, found }
    }

    fn value(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.skip_white_space();
        if depth > DEPTH_MAX {
            return Err(self.error("lists and maps at most 512 deep"));
        }
        match self.rest().bytes().next() {
            Some(b'{') => self.map(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Value::Str),
            Some(b'-' | b'0'..=b'9') if !self.rest().starts_with("-I") => self.number(),
            _ => WORDS
                .iter()
                .find(|(word, _)| self.take(word))
                .map(|(_, value)| value.clone())
                .ok_or_else(|| self.error("a JSON value")),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.at += 1;
        let mut elements = Vec::new();
        self.skip_white_space();
        if self.take("]") {
            return Ok(Value::from(elements));
        }
        loop {
            elements.push(self.value(depth + 1)?);
            self.skip_white_space();
            if self.take("]") {
                return Ok(Value::from(elements));
            }
            if !self.take(",") {
                return Err(self.error("`,` or `]`"));
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.at += 1;
        let mut entries: Vec<(Text, Value)> = Vec::new();
        self.skip_white_space();
        if self.take("}") {
            return Ok(Map::new().into());
        }
        loop {
            self.skip_white_space();
            if !self.rest().starts_with('"') {
                return Err(self.error("a key in double quotes"));
            }
            let key = self.string()?;
            self.skip_white_space();
            if !self.take(":") {
                return Err(self.error("`:`"));
            }
            entries.push((key, self.value(depth + 1)?));
            self.skip_white_space();
            if self.take("}") {
                return Ok(entries.into_iter().collect::<Map>().into());
            }
            if !self.take(",") {
                return Err(self.error("`,` or `}`"));
            }
        }
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let bytes = self.rest().as_bytes();
        let digits_from = |mut at: usize| {
            let start = at;
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            (at > start).then_some(at)
        };
        let sign = usize::from(bytes[0] == b'-');
        let Some(mut end) = (if bytes.get(sign) == Some(&b'0') { Some(sign + 1) } else { digits_from(sign) }) else {
            self.at += sign;
            return Err(self.error("a digit"));
        };
        let mut whole = true;
        if bytes.get(end) == Some(&b'.')
            && let Some(after) = digits_from(end + 1)
        {
            (end, whole) = (after, false);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let signed = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            if let Some(after) = digits_from(end + 1 + signed) {
                (end, whole) = (after, false);
            }
        }
        let text = &self.rest()[..end];
        let value = if !whole {
            text.parse().map(Value::Float).map_err(|_| self.error("a number"))?
        } else if let Ok(number) = text.parse() {
            if number == 0 && sign == 1 { Value::Int(0) } else { Value::Int(number) }
        } else {
            Value::BigInt(text.into())
        };
        self.at += end;
        Ok(value)
    }

    fn string(&mut self) -> Result<Text, JsonError> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let Some(end) = rest.find(|c| matches!(c, '"' | '\\' | '\0'..='\x1f')) else {
                self.at = self.text.len();
                return Err(self.error("`\"` at the end of a string"));
            };
            out.push_str(&rest[..end]);
            self.at += end;
            if self.take("\"") {
                return Ok(out.into());
            }
            if !self.take("\\") {
                return Err(self.error("no control character in a string"));
            }
            out.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let plain = self.rest().chars().next();
        let c = match plain {
            Some(c @ ('"' | '\\' | '/')) => c,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => return self.unicode_escape(),
            _ => return Err(self.error("an escape: one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX")),
        };
        self.at += 1;
        Ok(c)
    }

    fn unicode_escape(&mut self) -> Result<char, JsonError> {
        let start = self.at;
        let first = self.code_unit()?;
        let code = if (0xd800..0xdc00).contains(&first) && self.take("\\") {
            let second = self.code_unit()?;
            char::decode_utf16([first, second]).next().and_then(Result::ok)
        } else {
            char::from_u32(first.into())
        };
        code.ok_or_else(|| {
            self.at = start;
            self.error("no surrogate without its pair")
        })
    }

    fn code_unit(&mut self) -> Result<u16, JsonError> {
        let digits = self.rest().strip_prefix('u').and_then(|rest| rest.get(..4));
        let unit = digits
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| u16::from_str_radix(digits, 16).ok())
            .ok_or_else(|| self.error("`u` and four hexadecimal digits"))?;
        self.at += 5;
        Ok(unit)
    }
}

const WHITE_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

const WORDS: [(&str, Value); 6] = [
    ("null", Value::Null),
    ("true", Value::Bool(true)),
    ("false", Value::Bool(false)),
    ("NaN", Value::Float(f64::NAN)),
    ("Infinity", Value::Float(f64::INFINITY)),
    ("-Infinity", Value::Float(f64::NEG_INFINITY)),
];
