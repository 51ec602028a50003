//! What is in a plan file, made into devices and plans.
//!
//! [`Program::compile`] resolves every name in the file and checks every argument before anything runs, so that all that
//! is wrong in it is said with its place.

mod adaptive_plans;
mod answers;
mod awaitables;
mod bench;
mod call;
mod callbacks;
mod compile;
mod flying_plans;
mod grid_plans;
mod item;
mod make_axes;
mod make_detectors;
mod make_device;
mod make_fake_signals;
mod make_flyers;
mod make_signals;
mod make_sim_devices;
mod mutation;
mod named_plans;
mod named_steps;
mod named_stubs;
mod op;
mod options;
mod outside;
pub mod plan_file;
#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod program;
mod scan_plans;
mod spiral_plans;
mod suspenders;

pub(crate) use item::{Call, Work};
pub use item::{PauseAnswer, ProgramItem};
pub use outside::Put;
pub(crate) use outside::{Act, Outside};
pub use program::Program;
