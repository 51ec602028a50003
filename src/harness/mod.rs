//! A harness: a clock, a beamline, an engine and a capture in one value.
//!
//! [`Harness::new`] makes one of its own for each test; [`Harness::run`] is a plain function that takes a plan to its end
//! and gives an [`Outcome`]: what came of it, its trace, its documents, its messages, how long it took.
//!
//! ```
//! use skyspan::prelude::*;
//!
//! let lab = Harness::new();
//! let stage = lab.add(SynAxis::new("stage").delay_s(1.0));
//! let run = lab.run(plans::scan(&lab.device("det"), &stage, 0, 10, 6));
//! run.assert_success();
//! assert_eq!(run.duration(), Duration::from_secs(6));
//! ```
//!
//! Nothing in it is shared with another harness, and all chance comes from its seed: two harnesses of one seed give the
//! same bytes, in whatever threads they run.

mod builder;
mod calls;
mod chance;
#[cfg(feature = "plan-files")]
mod checks;
mod chronicle;
mod decision;
mod estimate;
mod estimating;
#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod harness;
mod items;
mod kept;
mod ledger;
mod lulls;
mod outcome;
#[cfg(feature = "page")]
mod page;
mod recording;
mod schedule;
mod what_if;
mod written;

pub use builder::HarnessBuilder;
pub use chance::{Chance, EndingTally};
#[cfg(feature = "plan-files")]
pub use checks::{ItemCheck, ProgramChecks};
pub use chronicle::{Chronicle, Executed, Happening, Occurrence};
pub use decision::Decision;
#[cfg(feature = "property")]
pub(crate) use decision::Verdict;
pub use estimate::{AssetEstimate, CommandEstimate, DeviceEstimate, DocumentEstimate, Estimate};
pub use harness::Harness;
pub use items::{ItemOutcome, ProgramOutcome};
pub use kept::Kept;
pub use outcome::Outcome;
pub(crate) use recording::Heard;
pub use schedule::Scheduled;
pub use what_if::{Alternative, WhatIf};
