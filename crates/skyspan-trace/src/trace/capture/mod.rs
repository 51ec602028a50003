//! Capturing: how the spans of a program get into a [`Trace`](super::Trace).
//!
//! A [`Capture`] has spans. They come through one door, [`ingest`], whatever their source: the SDK (the capture itself is a
//! processor), `tracing` ([`tracing_layer`](fn@tracing_layer), with the feature `tracing`), an exporter, a source of one's own.
//!
//! A program is caught without a change to it within a [`CaptureScope`]. Tests run in parallel in one process; which of their
//! captures a span belongs to is found when it starts, by its parent, its [`Place`], the tokio runtime on which it starts.
//! What belongs to none is counted: see [`Unseen`].
//!
//! What tasks and threads have yet to do is waited for by a [`CaptureWait`], and what goes wrong in them is brought to the test by
//! [`Verdicts`].

mod abandoned;
mod alarm;
#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod capture;
mod carry;
mod caught;
mod direct;
mod exporter;
#[cfg(feature = "page")]
mod failed;
mod home;
mod homes;
mod idle;
pub mod ingest;
mod lost;
mod open_spans;
mod place;
mod processor;
mod real_time;
mod recording;
mod router;
mod scope;
#[cfg(feature = "tracing")]
mod tracing;
mod verdicts;
#[cfg(feature = "tracing")]
mod versions;
mod wait;
mod waiters;

#[doc(hidden)]
pub use abandoned::ABANDONED;
pub use capture::{Capture, Mark, OpenSpan};
pub use carry::{Carried, carry, carry_future};
pub use direct::{DirectSpan, DirectTracer, DirectTracerProvider};
pub use exporter::CaptureExporter;
#[cfg(feature = "page")]
pub use failed::FailedAssertion;
pub use homes::{AlreadyProcessWide, ProcessScope};
pub(super) use lost::SharedWatch;
pub use lost::{Obstacle, Unseen};
pub use place::{Entered, Place};
pub use processor::{CaptureProcessor, processor};
#[doc(hidden)]
pub use recording::SpanRecording;
pub use scope::CaptureScope;
#[cfg(feature = "tracing")]
pub use tracing::tracing_layer;
pub use verdicts::{PendingVerdict, Unmet, Verdicts};
#[cfg(feature = "tracing")]
pub(crate) use versions::several_versions;
pub use wait::{Awaited, CaptureWait, WaitError, Waiting};
