//! Capturing: how the spans of a program get into a [`Trace`](super::Trace).

mod abandoned;
#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod capture;
mod carry;
mod exporter;
mod open_spans;
mod place;
mod router;
mod stopwatch;
#[cfg(feature = "tracing")]
mod tracing;
mod verdicts;
mod wait;

pub use abandoned::ABANDONED;
pub use capture::{Capture, Mark, OpenSpan};
pub use carry::{Carried, carry, carry_future};
pub use exporter::CaptureExporter;
pub use router::GlobalScope;
#[cfg(feature = "tracing")]
pub use tracing::TracingScope;
pub use verdicts::{Unmet, Verdict, Verdicts};
pub use wait::{Awaited, WaitError};
