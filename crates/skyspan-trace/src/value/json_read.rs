//! JSON as Python's `json` reads it.

use std::fmt;

use super::json_tape::{JsonFault, JsonTape};
use super::{Text, Value};

/// Reads JSON values that follow one another, with or without white space between, as the console exporter writes them.
///
/// Reads what Python's `json` reads: also `NaN`, `Infinity`, integers of any size; of a key that stands twice in a map
/// the last value holds (CPython 3.11, `json.decoder`). Lists and maps may lie 512 deep in one another.
#[derive(Debug)]
pub struct JsonReader<'a> {
    text: &'a str,
    at: usize,
    tape: JsonTape,
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
    /// Of what stands in no text, but was made in code.
    pub const NOWHERE: Self = Self { line: 0, column: 0 };

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
    /// Where the text is malformed.
    pub position: Position,
    /// What would have been right there.
    pub expected: &'static str,
    /// What stands at that place.
    pub found: String,
}

/// Reads one JSON value; nothing but white space may follow it.
///
/// # Errors
///
/// [`JsonError`] where the text is not one JSON value.
pub fn from_json(text: &str) -> Result<Value, JsonError> {
    let mut reader = JsonReader::new(text);
    let value = reader.value()?;
    reader.skip_white_space();
    if reader.rest().is_empty() {
        return Ok(value);
    }
    Err(JsonFault { at: reader.at, expected: "the end of the text", is_cut: false }.error(reader.text))
}

impl Iterator for JsonReader<'_> {
    type Item = Result<Value, JsonError>;

    /// The next value. After an error there is no further one.
    fn next(&mut self) -> Option<Self::Item> {
        self.skip_white_space();
        if self.rest().is_empty() {
            return None;
        }
        let value = self.value();
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
        Self { text: text.strip_prefix('\u{feff}').unwrap_or(text), at: 0, tape: JsonTape::default() }
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

    fn value(&mut self) -> Result<Value, JsonError> {
        self.at = self.tape.read(self.text, self.at).map_err(|fault| fault.error(self.text))?;
        Ok(self.tape.root(self.text).to_value(&mut |text| Text::from(text)))
    }
}

const WHITE_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];
