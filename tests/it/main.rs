//! One binary, a module for each thing that users rely on.

mod adaptive;
mod assets;
#[cfg(feature = "property")]
mod campaigns;
mod capture;
mod capture_anywhere;
#[cfg(feature = "cli")]
mod cli;
mod clock;
mod commands;
mod console;
mod consumers;
mod control;
mod detectors;
mod documents;
mod draw;
mod engine;
mod estimates;
mod expect;
mod faults;
mod flying;
mod frame_flyers;
mod grids;
mod hardware;
mod harness;
mod interruptions;
mod interrupts;
mod jaeger;
mod message;
mod monitors;
mod names;
#[cfg(feature = "cli")]
mod oracle;
mod otlp;
mod outcomes;
mod panics;
mod pauses;
mod periodic;
mod plan;
#[cfg(feature = "cli")]
mod plan_file;
mod preprocessors;
mod probe;
#[cfg(feature = "property")]
mod property;
mod pseudo;
mod readme;
mod rel_scan;
mod rig;
mod robustness;
mod rogue;
mod scans;
mod signals;
mod sim_detector;
mod sim_grid;
mod sim_motor;
mod sim_surroundings;
mod simulate;
mod snapshots;
mod states;
mod status;
mod status_span;
mod streams;
mod subscriptions;
mod suspenders;
mod suspensions;
mod tables;
mod tcp_instrument;
mod trace;
mod tripping;
mod value;
mod waits;
mod watched;
