//! The command line: what the `skyspan` binary reads and does.
//!
//! [`plan_file`] reads plan files, with the line and column of all that is wrong in them; [`program`] makes plans and
//! devices of what was read; [`run_command`] does what the command line asks for, and gives the exit code. Behind the
//! feature `cli`, for it brings a parser of YAML and others with it.

mod arguments;
mod command;
mod convert;
mod interrupts;
pub mod plan_file;
pub mod program;
mod progress;
mod recording;
mod run;
mod tree;

pub use command::run_command;
pub use progress::show_progress;
