//! [`Spanned`]: something that a file says, and where.

use crate::value::Position;

/// Something that a file says, and where it says so.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Spanned<T> {
    /// What it says.
    pub value: T,
    /// Where.
    pub position: Position,
}
