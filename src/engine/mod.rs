//! The RunEngine: executes the messages of a plan on devices, emits documents, and traces itself.
//!
//! [`RunEngine::run`] takes a plan to its end: it resumes the plan with the answer to its last message, executes the
//! message that the plan yields, and so on; whatever happens, it cleans up and is as good as before. It follows bluesky
//! 1.15.1's `RunEngine`, turn by turn; README lists where it differs.
//!
//! What it does is spread over a file for each family of commands: runs, bundles of readings, streams and monitors,
//! flyers, motion (set, trigger and wait), staging. [`SpanConvention`] says which spans it leaves.
//!
//! ```
//! use skyspan::clock::Clock;
//! use skyspan::engine::{RunEngine, ExitStatus};
//! use skyspan::plan::plan;
//!
//! let clock = Clock::simulated();
//! let mut engine = RunEngine::builder(clock.clone()).build();
//! let result = clock.block_on(engine.run(plan(async |p| p.sleep(3600.0).await)))?;
//! assert_eq!(result.exit_status, ExitStatus::Success);
//! # Ok::<(), skyspan::clock::Deadlock>(())
//! ```

mod asking;
mod async_subscription;
mod attending;
mod builder;
mod bundler;
mod bundles;
mod call;
mod cleanup;
mod commands;
mod control;
mod document_stream;
mod execute;
mod flights;
mod flying;
mod groups;
mod interrupts;
mod monitors;
mod motion;
mod pausing;
mod preferences;
mod result;
mod run_engine;
mod runs;
mod spans;
mod staging;
mod state;
mod stream_cache;
mod streams;
mod subscriptions;
mod suspend_conditions;
mod suspender;
mod suspender_builder;
mod suspenders;
mod suspension;
mod turns;
mod waiting;

pub use async_subscription::AsyncSubscription;
pub use builder::RunEngineBuilder;
pub use control::RunEngineHandle;
pub use document_stream::DocumentStream;
pub use interrupts::{CtrlC, Press};
pub use result::RunEngineResult;
pub use run_engine::{CallOptions, RunEngine};
pub use spans::{BLUESKY_SCOPE, STATUS_SCOPE, SpanConvention};
pub use state::{RunEngineState, TransitionError};
pub use subscriptions::{Subscriber, SubscriberOutcome, SubscriptionToken};
pub use suspend_conditions::{
    SuspendBoolHigh, SuspendBoolLow, SuspendCeil, SuspendCondition, SuspendFloor, SuspendOutBand, SuspendWhenChanged,
    SuspendWhenOutsideBand,
};
pub use suspender::Suspender;
pub use suspender_builder::{SuspenderBuilder, SuspenderError};
pub use suspension::{PlanMaker, Suspension};

pub use crate::document::ExitStatus;
