//! The command line: what the `skyspan` binary reads and does.
//!
//! [`plan_file`] reads plan files, with the line and column of all that is wrong in them; [`program`] makes plans and
//! devices of what was read; [`run_command`] does what the command line asks for, and gives the exit code. Behind the
//! feature `cli`, for it brings a parser of YAML and others with it.

mod arguments;
mod command;
mod convert;
#[cfg(feature = "property")]
mod fuzz;
#[cfg(feature = "property")]
mod fuzz_progress;
mod interrupts;
#[cfg(feature = "property")]
mod laws;
pub mod plan_file;
pub mod program;
mod progress;
mod recording;
mod run;
mod tree;

pub use command::run_command;
#[cfg(feature = "property")]
pub use laws::{LawChoiceError, choose_laws};
pub use progress::show_progress;
