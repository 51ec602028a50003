//! [`YamlError`]: what is wrong with a plan file, and where.

use std::fmt;

use crate::pad::{cut_to, one_line};
use crate::value::Position;

/// A message quotes a file with so many characters at most.
const TOLD_MAX: usize = 400;

/// Something in a plan file is not what it should be.
///
/// Shown as `plan.yaml:4:12: expected the name of a device, found the string "motr"; did you mean "motor"?`
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{}expected {}, found {}{}", Place(self), told(expected), told(found), Help(self))]
#[non_exhaustive]
pub struct YamlError {
    /// The file, once someone who knows it has filled it in.
    pub file: Option<String>,
    /// Where in the file; none when the file as a whole could not be read.
    pub position: Option<Position>,
    /// What would have been right there.
    pub expected: String,
    /// What stands at that place.
    pub found: String,
    /// What may help: a name that is meant perhaps, or how to write it.
    pub help: Option<String>,
}

impl YamlError {
    /// At `position` stands `found` where `expected` should stand.
    #[must_use]
    pub fn new(position: Position, expected: impl Into<String>, found: impl Into<String>) -> Self {
        let position = Some(position).filter(|position| *position != Position::NOWHERE);
        Self { file: None, position, expected: expected.into(), found: found.into(), help: None }
    }

    /// An error of the file as a whole.
    #[must_use]
    pub fn without_position(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { file: None, position: None, expected: expected.into(), found: found.into(), help: None }
    }

    /// The same error with a hint for who wrote the file.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same error with ``did you mean `name`?`` when there is such a name.
    #[must_use]
    pub fn with_suggestion(self, name: Option<&str>) -> Self {
        match name {
            Some(name) => self.with_help(format!("did you mean `{name}`?")),
            None => self,
        }
    }

    /// The same error with the name of the file it is in.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }
}

/// What is told of a text of the file on one line: of a long one the beginning.
fn told(text: &str) -> String {
    one_line(&cut_to(text, TOLD_MAX))
}

/// The beginning of the message, `plan.yaml:4:12: `, which editors and terminals turn into a link.
struct Place<'a>(&'a YamlError);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0.file, self.0.position) {
            (Some(file), Some(Position { line, column })) => write!(f, "{file}:{line}:{column}: "),
            (Some(file), None) => write!(f, "{file}: "),
            (None, Some(Position { line, column })) => write!(f, "{line}:{column}: "),
            (None, None) => Ok(()),
        }
    }
}

/// The end of the message, when there is a hint.
struct Help<'a>(&'a YamlError);

impl fmt::Display for Help<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.help.as_ref().map_or(Ok(()), |help| write!(f, "; {}", told(help)))
    }
}
