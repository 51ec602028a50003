//! [`TreeError`]: why a text is no tree.

use std::fmt;

use crate::pad::to_right;
use crate::value::{Position, Text};

/// Of a long line so much is shown, and so much of it before the place.
const SHOWN_MAX: usize = 160;
const SHOWN_BEFORE: usize = 80;

/// A text is no tree. Its `Display` says where and why, and shows the line with a mark below the place.
///
/// ```
/// use skyspan_trace::expect::ForestExpectation;
///
/// let error = ForestExpectation::parse("plan\n  set  msg.args=[5").unwrap_err();
/// assert_eq!((error.position.line, error.position.column), (2, 19));
/// assert_eq!(error.to_string(), "\
/// line 2, column 19: expected `,` or `]`, found the end of the line
///   |   set  msg.args=[5
///   |                   ^");
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub struct TreeError {
    /// Where, in the whole text.
    pub position: Position,
    /// What would have been right there.
    pub expected: Text,
    /// What stands at that place.
    pub found: Text,
    /// The whole line, for the message.
    pub line: Text,
}

impl fmt::Display for TreeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: expected {}, found {}", self.position, self.expected, self.found)?;
        let before = (self.position.column - 1).saturating_sub(SHOWN_BEFORE);
        let mut shown: String = self.line.chars().skip(before).take(SHOWN_MAX).collect();
        if before + SHOWN_MAX < self.line.chars().count() {
            shown.push('…');
        }
        let mark = if before > 0 { "…" } else { "" };
        writeln!(f, "  | {mark}{shown}")?;
        write!(f, "  | {mark}{}", to_right("^", self.position.column - before))
    }
}
