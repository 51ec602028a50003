//! One binary, a module for each thing that users rely on.

mod capture;
mod clock;
mod console;
mod detectors;
mod draw;
mod engine;
mod expect;
mod hardware;
mod harness;
mod message;
mod plan;
mod rig;
mod snapshots;
mod status;
mod status_span;
mod trace;
mod value;
