//! Plans: what an experiment does, as messages that are yielded one after another.
//!
//! A plan is an async block whose only awaits are its own messages. [`plan`] makes one; it gets the plan stubs of bluesky
//! bound to it ([`Stubs`]):
//!
//! ```
//! use skyspan::prelude::*;
//!
//! fn two_moves(motor: &Device) -> Plan {
//!     let motor = motor.clone();
//!     plan(async move |p| {
//!         p.trace("two moves", async |p| {
//!             p.mv(&motor, 1).await?;
//!             p.mv(&motor, 2).await
//!         })
//!         .await
//!     })
//! }
//!
//! let lab = Harness::new();
//! let run = lab.run(two_moves(&lab.device("motor")));
//! assert_eq!(run.trace().named("Bluesky RunEngine set").count(), 2);
//! ```
//!
//! The engine [resumes](Plan::resume) a plan with the response to its last message; an error is thrown into it as the
//! `Err` of its `.await`, and it may catch it. `yield from` is [`Stubs::run`]. A plan that is dropped is closed: it does
//! not go on, and its spans end. A plan that awaits anything but its own messages is told so at once.
//!
//! [`plans`] has bluesky's plans, [`preprocessors`] what is put around a plan.

mod control_stubs;
mod coroutine;
mod devices;
mod env;
mod flying_stubs;
mod merged_moves;
pub mod patterns;
#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod plan;
pub mod plans;
mod plus;
mod position_stubs;
pub mod preprocessors;
mod readings_stubs;
mod staging_stubs;
mod steps_stubs;
mod streams_stubs;
mod stubs;
mod wrapper_stubs;

pub(crate) use coroutine::messages_yielded;
pub(crate) use devices::each_moved_once;
pub use devices::{IntoDevices, separate_devices};
pub use env::{PlanEnv, SpanGuard};
pub use flying_stubs::CollectWhile;
pub(crate) use merged_moves::merged_moves;
pub use plan::{Plan, Resumed, plan};
use plus::plus;
pub use stubs::Stubs;
