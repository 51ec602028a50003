//! YAML that knows where everything in it stands.
//!
//! [`Node::parse`] makes a tree of a YAML text in which every node knows its line and its column; scalars mean what they
//! mean to `PyYAML`'s `safe_load`, since Python reads the same files. [`Fields`] is a map whose keys are known beforehand. A
//! [`YamlError`] says what was expected, what was found, and where; [`nearest`](super::nearest) finds the name that was meant.
//!
#![cfg_attr(feature = "yaml", doc = "```")]
#![cfg_attr(not(feature = "yaml"), doc = "```ignore")]
//! use skyspan_trace::value::yaml::{Fields, Node};
//!
//! let node = Node::parse("name: align\nstpes: 5\n")?;
//! let error = Fields::of(&node, "a scan", &["name", "steps"]).unwrap_err();
//! assert_eq!(
//!     error.in_file("scan.yaml").to_string(),
//!     "scan.yaml:2:1: expected one of the keys `name`, `steps` in a scan, found `stpes`; did you mean `steps`?",
//! );
//! # Ok::<(), skyspan_trace::value::yaml::YamlError>(())
//! ```

#[cfg(feature = "yaml")]
mod composer;
mod error;
mod fields;
#[cfg(feature = "yaml")]
mod given;
mod node;
#[cfg(feature = "yaml")]
mod scalar;
mod spanned;
mod text;

pub use error::YamlError;
pub use fields::{Fields, listed, not_one_of};
pub use node::{Node, NodeValue};
pub use spanned::Spanned;
pub use text::{TEXT_SIZE_MAX, read_text, read_text_from, read_text_from_up_to, read_text_up_to};
