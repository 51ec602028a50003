//! The words that programs know, for people and for editors.

mod schema;
#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod vocabulary;

pub use vocabulary::Vocabulary;
