//! One binary, a module for each thing that users rely on.

mod capture;
#[cfg(feature = "cli")]
mod cli;
mod clock;
mod console;
mod detectors;
mod draw;
mod engine;
mod expect;
mod hardware;
mod harness;
mod message;
#[cfg(feature = "cli")]
mod oracle;
mod plan;
#[cfg(feature = "cli")]
mod plan_file;
mod readme;
mod rig;
mod snapshots;
mod status;
mod status_span;
mod trace;
mod value;
