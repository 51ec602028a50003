//! Whether a place is one of a text.

use skyspan::value::Position;

/// Whether a position is within a text, or just behind one of its lines. An empty line follows the last line feed.
pub(crate) fn is_at(position: Position, text: &str) -> bool {
    let Position { line, column } = position;
    let found = line.checked_sub(1).and_then(|above| text.split('\n').nth(above));
    found.is_some_and(|found| (1..=found.chars().count() + 1).contains(&column))
}

/// Wants a position to be within a text, or just behind one of its lines.
///
/// # Panics
///
/// If it is not.
pub(crate) fn assert_within(position: Position, text: &str) {
    assert!(is_at(position, text), "{position} is not in the text: {text:?}");
}
