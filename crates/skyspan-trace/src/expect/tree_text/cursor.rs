//! [`Cursor`]: a place in a line.

use super::error::TreeError;
use crate::value::{Position, Text};

/// A place in a line of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'t> {
    pub(super) line: &'t str,
    /// Its number, from 1.
    pub(super) number: usize,
    /// The byte it is at.
    pub(super) at: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn rest(&self) -> &'t str {
        &self.line[self.at..]
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest().is_empty()
    }

    /// Whether a word ends here.
    pub(super) fn is_at_gap(&self) -> bool {
        self.is_at_end() || self.rest().starts_with(' ')
    }

    pub(super) fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    /// The same where the token stands alone.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let mut after = *self;
        let found = after.take(word) && after.is_at_gap();
        if found {
            *self = after;
        }
        found
    }

    pub(super) fn take_while(&mut self, is_part: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    pub(super) fn skip_spaces(&mut self) {
        self.take_while(|c| c == ' ');
    }

    pub(super) fn error(&self, expected: impl Into<Text>) -> TreeError {
        let word: String = self.rest().chars().take_while(|c| *c != ' ').take(30).collect();
        let found = match word.as_str() {
            "" if self.is_at_end() => "the end of the line".to_owned(),
            "" => "a space".to_owned(),
            word => format!("`{word}`"),
        };
        TreeError {
            position: Position { line: self.number, column: self.line[..self.at].chars().count() + 1 },
            expected: expected.into(),
            found: found.into(),
            line: self.line.into(),
        }
    }

    /// The same for a place some bytes further on.
    pub(super) fn error_after(mut self, bytes: usize, expected: impl Into<Text>) -> TreeError {
        self.at = (self.at + bytes).min(self.line.len());
        while !self.line.is_char_boundary(self.at) {
            self.at -= 1;
        }
        self.error(expected)
    }

    /// A string in double quotes, with the escapes of JSON.
    pub(super) fn quoted(&mut self) -> Result<String, TreeError> {
        let start = *self;
        self.take("\"");
        let mut is_escaped = false;
        let end = self.rest().find(|c| {
            let ends = c == '"' && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            ends
        });
        let Some(end) = end else { return Err(start.error_after(start.rest().len(), "`\"` at the end of a string")) };
        self.at += end + 1;
        match crate::value::from_json(&self.line[start.at..self.at]) {
            Ok(value) => Ok(value.as_str().unwrap_or_default().to_owned()),
            Err(error) => Err(start.json_error(&error)),
        }
    }

    /// An error in a piece of JSON that begins here.
    pub(super) fn json_error(&self, error: &crate::value::JsonError) -> TreeError {
        let before: usize = self.rest().chars().take(error.position.column - 1).map(char::len_utf8).sum();
        self.error_after(before, error.expected)
    }

    /// What is between two slashes, if the second ends a word.
    pub(super) fn between_slashes(&mut self) -> Option<&'t str> {
        let inner = self.rest().strip_prefix('/')?;
        let ends = |at: &usize| inner[at + 1..].is_empty() || inner[at + 1..].starts_with(' ');
        let end = inner.match_indices('/').map(|(at, _)| at).find(ends)?;
        self.at += end + 2;
        Some(&inner[..end])
    }
}
