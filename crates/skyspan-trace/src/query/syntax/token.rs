//! What a query is made of.

use std::fmt;

use super::literal::{Literal, float_text};
use super::words::{OWNERS, Owner, SCOPES, Scope};

/// The least part of a query, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Lexeme {
    pub(super) token: Token,
    pub(super) from: usize,
}

/// The least part of a query.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// The end of the text.
    End,
    /// A bracket, a comma, an operator.
    Sign(&'static str),
    /// A word: `name`, `count`, `error`.
    Word(String),
    /// An attribute: `.key`, `span.key`.
    Attribute(Scope, String),
    /// `parent.key`, which Tempo refuses.
    ParentAttribute,
    /// The owner of a field, with its colon: `span:`.
    Owner(Owner),
    Int(i64),
    Float(f64),
    /// A duration in nanoseconds.
    Duration(i64),
    Str(String),
}

/// All signs. Of those that begin alike the longest that stands there is meant.
pub(super) const SIGNS: [&str; 35] = [
    "&<<", "&>>", "!<<", "!>>", "!=", "=~", "!~", ">=", "<=", "&&", "||", ">>", "<<", "!>", "!<", "&~", "&>", "&<",
    ",", "{", "}", "(", ")", "=", ">", "<", "+", "-", "/", "%", "*", "^", "!", "|", "~",
];

/// As errors show what was found.
impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::End => f.write_str("the end of the query"),
            Self::Sign(text) => write!(f, "`{text}`"),
            Self::Word(text) => write!(f, "`{text}`"),
            Self::Attribute(scope, key) => {
                let scope = SCOPES.iter().find(|(_, other)| other == scope).map_or("", |(text, _)| text);
                write!(f, "the attribute `{scope}.{key}`")
            }
            Self::ParentAttribute => f.write_str("`parent.`"),
            Self::Owner(owner) => {
                let owner = OWNERS.iter().find(|(_, other)| other == owner).map_or("", |(text, _)| text);
                write!(f, "`{owner}:`")
            }
            Self::Int(number) => write!(f, "the number {number}"),
            Self::Float(number) => write!(f, "the number {}", float_text(*number)),
            Self::Duration(ns) => write!(f, "the duration {}", Literal::Duration(*ns)),
            Self::Str(text) => write!(f, "the string {text:?}"),
        }
    }
}
