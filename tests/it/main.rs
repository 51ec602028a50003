//! One binary, a module for each thing that users rely on.

mod assets;
mod capture;
#[cfg(feature = "cli")]
mod cli;
mod clock;
mod commands;
mod console;
mod control;
mod detectors;
mod documents;
mod draw;
mod engine;
mod expect;
mod flying;
mod hardware;
mod harness;
mod interruptions;
mod message;
mod monitors;
#[cfg(feature = "cli")]
mod oracle;
mod outcomes;
mod pauses;
mod plan;
#[cfg(feature = "cli")]
mod plan_file;
mod preprocessors;
mod probe;
mod readme;
mod rig;
mod snapshots;
mod status;
mod status_span;
mod streams;
mod trace;
mod value;
mod waits;
mod watched;
