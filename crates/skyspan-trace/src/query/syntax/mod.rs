//! The text of a query and its tree, and the way from one to the other and back.
//!
//! [`lexer`] cuts a text into [`token`]s, `parse_set`, `parse_stage` and `parse_field` make a tree of them ([`ast`]), from
//! the outside inwards, and [`display`] writes it. What a tree means is the affair of [`check`](super::check).

pub(super) mod ast;
pub(super) mod cursor;
mod display;
mod lexer;
pub(super) mod literal;
mod parse_field;
pub(super) mod parse_set;
mod parse_stage;
mod token;
pub(super) mod words;
