//! [`Spanned`]: something that a file says, and where.

use crate::value::Position;

/// Something that a file says, and where it says so.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Spanned<T> {
    /// The value itself.
    pub value: T,
    /// Where the value stands in the file.
    pub position: Position,
}

/// Something that no file says.
impl<T> From<T> for Spanned<T> {
    fn from(value: T) -> Self {
        Self { value, position: Position::NOWHERE }
    }
}

/// A string that no file says.
impl From<&str> for Spanned<String> {
    fn from(value: &str) -> Self {
        value.to_owned().into()
    }
}
