//! What is in a plan file, made into devices and plans.
//!
//! [`Program::compile`] resolves every name in the file and checks every argument before anything runs, so that all that
//! is wrong in it is said with its place. What bluesky has and skyspan does not have yet is refused by name.

mod bench;
mod bluesky_names;
mod call;
mod flying_plans;
mod named_plans;
mod op;
#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod program;

pub use program::{Program, ProgramItem};
