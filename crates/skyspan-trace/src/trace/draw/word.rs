//! Names and keys in the text of a tree: as they are where they cannot be read otherwise, else in quotes.

use std::borrow::Cow;

use super::value::shown_whole;
use crate::pad::is_unseen;
use crate::value::from_json;

/// A span's name in a drawing: in quotes, with the escapes of JSON, where it would break the line or mean something in the
/// [text form](crate::expect::ForestExpectation::parse) of a tree.
pub(crate) fn drawn_name(name: &str) -> Cow<'_, str> {
    let begins_with = |word: &str| name.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    let means_something = name.is_empty()
        || name.trim() != name
        || name.contains("  ")
        || name.contains('*')
        || name.chars().any(is_unseen)
        // A slash further on, in an attribute for example, would end a regular expression.
        || name.starts_with(['"', '#', '│', '├', '└', '⋯', '/'])
        || ["!", "...", "…", "(in order)"].into_iter().any(begins_with)
        || name.ends_with(" ?")
        || (name.ends_with('}') && name.contains(" {"));
    if means_something { shown_whole(&name.into()).into() } else { name.into() }
}

/// A key in a drawing, the same way.
pub(crate) fn drawn_key(key: &str) -> Cow<'_, str> {
    let may_be_number = key.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit()) || key.starts_with("..");
    let breaks = |c: char| c.is_whitespace() || is_unseen(c) || matches!(c, '=' | '"');
    if key.is_empty() || key.starts_with(['!', '@']) || may_be_number || key.contains(breaks) {
        return shown_whole(&key.into()).into();
    }
    key.into()
}

/// Whether a word as a value can only be a string.
pub(crate) fn is_bare_word(word: &str) -> bool {
    let breaks = |c: char| c.is_whitespace() || is_unseen(c) || matches!(c, '"' | '…' | '*' | '[' | ']' | '{' | '}');
    let begins = word.starts_with(|c: char| c.is_alphabetic() || c == '_');
    // With these letters begin the words of JSON: `true`, `false`, `null`, `NaN`, `Infinity`.
    let is_json = || word.starts_with(['t', 'f', 'n', 'N', 'I']) && from_json(word).is_ok();
    begins && !word.contains(breaks) && !word.contains("..") && !is_json()
}
