//! One binary, a module for each thing that users rely on.

mod capture;
mod clock;
mod console;
mod detectors;
mod draw;
mod hardware;
mod rig;
mod snapshots;
mod status;
mod status_span;
mod trace;
mod value;
