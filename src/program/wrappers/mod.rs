//! The preprocessors that programs know.
//!
//! The table is the one place where a preprocessor is added: reading, resolving, writing, the lists, the schema and the search
//! go by it.

mod table;
mod wrapping;

#[cfg(feature = "property")]
pub(crate) use table::DrawnWrapper;
pub use table::Wrapper;
pub(crate) use table::{WRAPPERS, wrapper};
pub(in crate::program) use wrapping::Wrapping;
