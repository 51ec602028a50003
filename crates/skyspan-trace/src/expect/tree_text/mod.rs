//! The text form of a [`ForestExpectation`](super::ForestExpectation): a tree as it is drawn.

mod assert_tree;
mod attribute;
mod cursor;
mod duration;
mod error;
mod item;
mod label;
mod parse;

#[doc(hidden)]
pub use assert_tree::assert_tree_at_caller;
pub use error::TreeError;
