//! A trace as a tree, drawn.
//!
//! There are two of them. A [`Drawing`] is for people: it shows what failed and when, how long nothing seemed to happen, and
//! what repeats once, in the width of a terminal. A [`TreeText`] is for tests: it has every span and every digit, and
//! [`assert_tree!`](crate::assert_tree) takes it.
//!
//! A drawing goes through these steps: the [spans that are wanted](selection) and the [times without any](lull) become nodes,
//! of which equal neighbours are [folded](fold) into one; [each is told](telling) in a few words, and [laid out](layout) in
//! columns.

mod drawing;
mod fold;
mod layout;
mod lull;
mod selection;
mod summary;
mod telling;
mod tree_text;
mod value;
mod word;

#[doc(hidden)]
pub use drawing::terminal_height;
pub use drawing::{Drawing, NoSuchRun};
pub use lull::Lull;
#[cfg(feature = "page")]
pub(crate) use lull::told_lulls;
pub(crate) use telling::failure_of;
pub(crate) use tree_text::is_telling;
#[cfg(feature = "page")]
pub(crate) use tree_text::telling_keys;
pub use tree_text::{AttributeChoice, TreeText};
pub(crate) use tree_text::{LABEL_MAX, columns, guides};
#[doc(hidden)]
pub use value::shown;
pub(crate) use value::{name_in_repr, shown_whole};
pub(crate) use word::{drawn_key, drawn_name, is_bare_word};
