//! What is put around a whole plan: `bluesky.preprocessors` and `bluesky.tracing`, 1.15.1.
//!
//! Each takes a plan and gives a plan, under the same name. Some only do something before the plan and after it: open a
//! run, stage devices, subscribe. What they do is also there for a part of a plan, as methods of
//! [`Stubs`](super::Stubs). Others look at every message of the plan, and change it or put messages beside it; under all of
//! those are [`msg_mutator`] and [`plan_mutator`].
//!
//! ```
//! use skyspan::plan::preprocessors::{lazily_stage_wrapper, relative_set_wrapper, reset_positions_wrapper};
//! use skyspan::prelude::*;
//!
//! let lab = Harness::new();
//! let motor = lab.device("motor");
//! let steps = plan(async move |p| {
//!     p.mv(&motor, 1).await?;
//!     p.mv(&motor, 2).await
//! });
//! let run = lab.run(reset_positions_wrapper(relative_set_wrapper(lazily_stage_wrapper(steps), None), None));
//! let commands: Vec<_> = run.messages().iter().map(Msg::command).collect();
//! assert_eq!(commands, ["stage", "set", "wait", "set", "wait", "unstage", "set", "wait"]);
//! ```
//!
//! Those that measure something during each run are together in [`SupplementalData`]. With
//! [`RunEngine::add_preprocessor`](crate::engine::RunEngine::add_preprocessor), a preprocessor is put around the plans of
//! all calls.
//!
//! bluesky makes a decorator of each of them (`make_decorator`, `run_decorator` and so on), which puts it around the plans
//! of a function. A function in Rust gives its plan through the wrapper instead: `fn align() -> Plan {
//! run_wrapper(plan(...), md) }`. So there are no decorators here, and nothing that makes one.

mod by_command;
mod chain;
mod cleanup;
mod count_time;
mod during_runs;
mod mutators;
mod positions;
mod runs;
mod settings;
mod span;
mod staging;
mod summary;
mod supplemental_data;

pub use by_command::{ByCommand, by_command};
pub use chain::pchain;
pub use cleanup::{Contingency, Finalize, contingency_wrapper, finalize_wrapper};
pub use count_time::configure_count_time_wrapper;
pub use during_runs::{baseline_wrapper, fly_during_wrapper, monitor_during_wrapper};
pub use mutators::{msg_mutator, plan_mutator};
pub use positions::{relative_set_wrapper, reset_positions_wrapper};
pub use runs::{inject_md_wrapper, run_wrapper, set_run_key_wrapper, stub_wrapper};
pub use settings::{rewindable_wrapper, subs_wrapper, suspend_wrapper};
pub use span::trace_plan;
pub use staging::{lazily_stage_wrapper, stage_wrapper};
pub use summary::print_summary_wrapper;
pub(crate) use summary::{Summary, printed};
pub use supplemental_data::SupplementalData;
