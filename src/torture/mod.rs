//! Every place where a plan can break.
//!
//! A [`Torture`] runs a plan once for each of its messages and each [`Trouble`] that can come there: a pause, a suspension, an abort, a
//! stop, a halt; a failure, a hang or a delay of what the message asks of its device; a subscriber that fails; a device that is lost.
//! No assertion is needed: each run is compared with the undisturbed one, and comes to a [`Verdict`]. What is left is a [`Leftover`]:
//! a device that is not at its [home](KnownHome), a run that is not closed, data that are lost without a word. The [`TortureMap`] has a
//! row for each message, and a column for each trouble; each cell is a [case](CaseId), which is run again by its number. What no plan could
//! help, as that a halt skips the clean-up, has its [`Excuse`], and does not count against the plan.
//!
//! ```
//! use skyspan::prelude::*;
//! use skyspan::torture::{Torture, Trouble, Verdict};
//!
//! // It comes home, but not if something fails: a finalize_wrapper would.
//! let torture = Torture::plan(|lab| {
//!     let stage = lab.add(SimMotor::new("stage").velocity(1.0));
//!     let det = lab.device("det");
//!     plan(async move |p| {
//!         p.run(plans::scan(&det, &stage, 0, 2, 3)).await?;
//!         p.mv(&stage, 0).await
//!     })
//! });
//! let map = torture.run()?;
//! assert!(!map.is_well());
//! assert!(map.findings()[0].text.starts_with("stage is left at "));
//! assert_eq!(map.aftermath(5, Trouble::Pause).map(|it| it.verdict), Some(Verdict::AsBefore));
//! # Ok::<(), skyspan::torture::TortureError>(())
//! ```
//!
//! `skyspan torture PLAN` prints the map of a plan file. Each run has a lab of its own, so threads share them out, and the map is the
//! same on any number of them.

mod aftermath;
mod case_id;
mod draw;
mod error;
mod excuse;
mod finding;
mod fold;
mod home;
mod kept;
mod kept_python;
mod leftover;
mod map;
mod message_row;
mod progress;
#[cfg(feature = "page")]
mod report;
mod rest;
mod run_end;
mod subject;
#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod torture;
mod trouble;
mod undisturbed;
mod witness;
mod written;

pub use aftermath::{Aftermath, Excused, Tortured};
pub use case_id::CaseId;
pub use draw::TortureDrawing;
pub use error::TortureError;
pub use excuse::Excuse;
pub use finding::Finding;
pub use home::{Home, HomeAt, KnownHome, NoHome};
pub use leftover::{Hung, Leftover, Verdict};
pub use map::{TortureMap, UndisturbedEnd};
pub use message_row::MessageRow;
pub use progress::TortureProgress;
#[cfg(feature = "page")]
pub use report::TortureReport;
pub use rest::Rest;
pub use torture::Torture;
pub use trouble::Trouble;
