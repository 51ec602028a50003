//! One binary, a module for each thing that users rely on.

mod capture;
mod clock;
mod console;
mod draw;
mod snapshots;
mod trace;
mod value;
