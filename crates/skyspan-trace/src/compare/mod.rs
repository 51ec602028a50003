//! What traces are like: where the time of one goes, and what differs between two.
//!
//! [`Trace::statistics`](crate::trace::Trace::statistics) sums a trace up: by the names of spans and by device, by the sections that
//! a plan has spans of its own for, by run. Of a trace of bluesky's RunEngine it also says **who held each wait**: which status ended
//! it, and for how long that one alone was still under way. The span of a wait does not say so, and the statuses of triggers
//! have no message's span above them: it is found by groups where there are any, and by time.
//!
//! ```
//! use std::time::Duration;
//! use skyspan_trace::trace::{Span, Trace};
//! use skyspan_trace::value::Timestamp;
//!
//! let status = |id: u64, device: &str, end_s: f64| {
//!     Span::builder("Ophyd Status")
//!         .trace_id(1)
//!         .span_id(id)
//!         .start(Timestamp::from_unix_s(10.0))
//!         .end(Timestamp::from_unix_s(10.0 + end_s))
//!         .attribute("device_name", device)
//! };
//! let wait = Span::builder("Bluesky RunEngine wait")
//!     .trace_id(1)
//!     .span_id(3)
//!     .start(Timestamp::from_unix_s(10.0))
//!     .end(Timestamp::from_unix_s(10.5))
//!     .attribute("group", "trigger-1f2e3d");
//! let trace = Trace::from_spans([status(1, "cam", 0.4).build(), status(2, "fluo", 0.5).build(), wait.build()]);
//!
//! let statistics = trace.statistics();
//! let held = statistics.held_by("fluo", "trigger").unwrap();
//! assert_eq!((held.waits, held.time), (1, Duration::from_millis(500)));
//! // Without it, the camera would have held the wait.
//! assert_eq!((held.alone, held.then.as_deref()), (Duration::from_millis(100), Some("cam")));
//! ```
//!
//! [`Trace::diff`](crate::trace::Trace::diff) says what differs between two traces, and [`TraceDiff::of`] between several recordings on
//! each side: what is gone, new, moved or renamed, which attributes are others, and which spans take longer by themselves.

mod diff;
mod statistics;

pub use diff::{
    AttributeChange, DiffOptions, DiffSide, Effect, Predicted, StructureChange, TimeChange, TimeVerdict, TraceDiff,
};
pub use statistics::{
    BetweenKind, BetweenSpans, Held, HeldWait, Holder, RunStatistics, SectionStatistics, SpanGroup, Statistics, Times,
    WaitEnd,
};
