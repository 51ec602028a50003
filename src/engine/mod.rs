//! The RunEngine: executes the messages of a plan on devices, emits documents, and traces itself.
//!
//! [`RunEngine::run`] takes a plan to its end, or to a pause: it resumes the plan with the answer to its last message,
//! executes the message that the plan yields, and so on; whatever happens, it cleans up and is as good as before. It
//! follows bluesky 1.15.1's `RunEngine`, turn by turn; DIFFERENCES.md lists where it differs.
//!
//! - **Commands.** Each of bluesky's 36, in a file for each family: runs, bundles of readings, streams, flying, motion
//!   (set, trigger, stop, locate), waiting, staging; and those that one
//!   [registers](RunEngine::register_command).
//! - **State.** [`RunEngineState`] and its table of transitions. A [`RunEngineHandle`] pauses, resumes, aborts, stops,
//!   halts and suspends from anywhere; [`CtrlC`] does so as bluesky's Ctrl-C.
//! - **Pauses.** What was executed since the last checkpoint is executed again. A [`Suspender`] watches a signal, and
//!   suspends the plan while it is not as it should be.
//! - **Consumers.** Subscribers, by the name of a document or to all of them; a [`DocumentStream`] or an async subscriber
//!   that never holds the engine; hooks for messages, states and waits.
//! - **Spans.** [`SpanConvention`] says which it leaves.
//! - **Limits.** [`Limits`] says what ends a plan that has no end of its own.
//!
//! ```
//! use skyspan::clock::Clock;
//! use skyspan::engine::{RunEngine, ExitStatus};
//! use skyspan::plan::plan;
//!
//! let clock = Clock::simulated();
//! let mut engine = RunEngine::builder(clock.clone()).build();
//! let result = clock.block_on(engine.run(plan(async |p| p.sleep(3600.0).await)))??;
//! assert_eq!(result.exit_status, ExitStatus::Success);
//! # Ok::<(), Box<dyn std::error::Error>>(())
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
mod failed_at;
mod flights;
mod flying;
mod groups;
mod interrupts;
mod limits;
mod mishaps;
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
mod warning;
mod written;

pub use async_subscription::AsyncSubscription;
pub use builder::RunEngineBuilder;
pub use control::RunEngineHandle;
pub use document_stream::DocumentStream;
pub use failed_at::FailedAt;
pub use interrupts::{CtrlC, Press};
pub(crate) use limits::{AtLimit, Watch};
pub use limits::{LimitReached, Limits};
pub use result::RunEngineResult;
pub(crate) use run_engine::StatusHook;
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
pub use warning::EngineWarning;

pub use crate::document::ExitStatus;
