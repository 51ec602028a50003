//! Plans without an engine: what they would do, and how they take the answers that one makes up
//! (`bluesky.simulators`, 1.15.1).
//!
//! A [`RunEngineSimulator`] takes a plan to its end. It keeps the messages, answers them from a list, and throws the errors of
//! that list; nothing moves, and no time passes. What it gives is [`Simulated`], whose [`Messages`] are held
//! against what [`msg`] says of them:
//!
//! ```
//! use skyspan::prelude::*;
//! use skyspan::value::Value;
//! use skyspan::simulate::{RunEngineSimulator, msg};
//!
//! fn open(shutter: &Device) -> Plan {
//!     let shutter = shutter.clone();
//!     plan(async move |p| {
//!         p.abs_set_in(&shutter, 1, "opening").await?;
//!         p.wait("opening").await?;
//!         p.rd(&shutter).await
//!     })
//! }
//!
//! let shutter = SynSignal::new("shutter").into();
//! let simulator = RunEngineSimulator::new();
//! simulator.add_read_handler_for(&shutter, 1);
//! let simulated = simulator.simulate_plan(open(&shutter));
//!
//! assert_eq!(simulated.value(), Some(&Value::from(1)));
//! let rest = simulated.messages().assert_in_order([msg("set").obj(&shutter).arg(1), msg("wait").group("opening")]);
//! rest.assert_one(msg("read"));
//! ```
//!
//! A [`Harness`](crate::harness::Harness) runs the same plan with an engine, on devices that take their time: it is for
//! documents, spans, durations, failing statuses, pauses and suspensions. A simulator is for a plan's own logic, with
//! answers that no device would give.
//!
//! [`summarize_plan`], [`check_limits`] and [`raster_path`] look at the messages of a plan for one purpose each.

mod answer;
mod check_limits;
mod differences;
mod messages;
mod mismatch;
mod msg_expectation;
mod pairs;
mod raster_path;
mod report;
mod run_engine_simulator;
mod simulated;
mod summarize_plan;

pub use answer::IntoAnswer;
pub use check_limits::{LimitError, LimitWarning, check_limits};
pub use differences::MsgDifference;
pub use messages::Messages;
pub use mismatch::{ClosestMsg, MsgFailure, MsgMismatch};
pub use msg_expectation::{MsgExpectation, ObjPattern, msg};
pub use raster_path::raster_path;
pub use run_engine_simulator::RunEngineSimulator;
pub use simulated::Simulated;
pub use summarize_plan::summarize_plan;
