//! One binary, a module for each thing that users rely on.

mod adaptive;
mod assets;
#[cfg(feature = "property")]
mod campaigns;
#[cfg(feature = "plan-files")]
mod checks;
mod clock;
mod clock_faults;
mod commands;
mod consumers;
mod control;
mod detectors;
mod documents;
mod drawings;
mod engine;
mod estimates;
mod faults;
mod flying;
mod frame_flyers;
mod globs;
mod grids;
mod grouped;
mod hardware;
mod harness;
mod interruptions;
mod interrupts;
mod keeping;
mod limits;
mod message;
mod mishaps;
mod moments;
mod monitors;
mod names;
mod ophyd_async;
mod outcomes;
mod own_strength;
#[cfg(feature = "page")]
mod page;
mod panics;
mod pauses;
mod periodic;
mod plan;
#[cfg(feature = "plan-files")]
mod plan_file;
mod preprocessors;
mod probe;
mod program;
#[cfg(feature = "property")]
mod property;
mod pseudo;
mod readme;
mod refused_arguments;
mod rel_scan;
mod rig;
mod robustness;
mod rogue;
mod rooms;
mod run_ends;
mod scans;
mod serde;
mod signals;
mod sim_detector;
mod sim_grid;
mod sim_motor;
mod sim_surroundings;
mod simulate;
mod snapshots;
mod stage_sigs;
mod states;
mod status;
mod status_span;
mod streams;
mod subscriptions;
mod suspenders;
mod suspensions;
mod tables;
mod tcp_instrument;
mod torture;
mod tracer;
mod tripping;
mod twin;
mod type_names;
mod waits;
mod watched;
#[cfg(feature = "plan-files")]
mod what_if;
