//! skyspan-trace says what an OpenTelemetry trace must be: a [capture](trace::Capture) that sees every span of a program,
//! [readers](trace::Trace::read) of traces from elsewhere, and [expectations](expect) whose failures are drawn on the trace.
//!
//! ```
//! use opentelemetry::trace::{Tracer as _, TracerProvider as _};
//! use skyspan_trace::expect::{every, any, forest, span};
//! use skyspan_trace::trace::Capture;
//!
//! let capture = Capture::new();
//! let tracer = capture.provider().tracer("shop");
//! tracer.in_span("order", |_| {
//!     tracer.in_span("reserve", |_| {});
//!     tracer.in_span("charge", |_| {});
//! });
//!
//! let trace = capture.trace();
//! trace.assert(forest([span("order").children([span("reserve"), span("charge")])]));
//! trace.assert(every(span(any())).ended());
//! ```
//!
//! The crate serves any program that emits spans. It has no engine, no clock and no runtime of its own: the crate `skyspan`
//! adds a RunEngine after bluesky, simulated hardware and a simulated clock, and re-exports all that is here.
//!
//! # The rooms
//!
//! From the ground up: [`value`] and [`seed`], [`trace`], [`expect`], [`query`], [`compare`]; and, each with the feature of its name,
//! `check`, `page`, `receive` and `store`. [`json`] has the shapes that programs get by serde.
//!
//! # Features
//!
//! None is on by default.
//!
//! | feature | brings |
//! |---|---|
//! | `check` | `check`: what a trace must be in YAML; rules that any trace should keep |
//! | `compression` | traces from files that gzip or zstd has compressed, over flate2 and ruzstd |
//! | `page` | `page`: a trace as one HTML page, to zoom and search |
//! | `protobuf` | traces from OTLP in protobuf, and to it, over opentelemetry-proto and prost |
//! | `receive` | `receive`: OTLP from live programs, over HTTP and gRPC, over hyper |
//! | `snapshot` | `assert_trace_snapshot!` and `assert_console_snapshot!`, over insta |
//! | `store` | `store`: traces fetched from Tempo and Jaeger, over ureq |
//! | `tokio` | spans find their capture by the tokio runtime on which they start |
//! | `tracing` | `Capture::scope` catches, and `trace::capture::tracing_layer` brings, what `tracing` records |
//! | `yaml` | `value::yaml`: a reader of YAML that knows the line and column of everything it reads |

/// The version of OpenTelemetry whose types are in the API of this crate.
pub use opentelemetry;
/// The SDK of that version.
pub use opentelemetry_sdk;
/// The version of `serde_json` whose values are taken and given.
pub use serde_json;
/// The version of `tracing` whose spans are captured.
#[cfg(feature = "tracing")]
pub use tracing;

#[cfg(feature = "check")]
pub mod check;
pub mod compare;
pub mod expect;
pub mod json;
mod pad;
#[cfg(feature = "page")]
pub mod page;
pub mod prelude;
pub mod query;
#[cfg(feature = "receive")]
pub mod receive;
pub mod seed;
#[cfg(feature = "store")]
pub mod store;
mod sync;
mod table;
pub mod trace;
pub mod value;

/// The example of the README, which is a test too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// What the crate `skyspan` shares with this one. It is no part of the API, and may change with every version.
#[doc(hidden)]
pub mod internal {
    pub use crate::expect::terminal_width;
    pub use crate::pad::{blank, column_width, cut_middle, cut_to, one_line, seen, to_left, to_right, width_of};
    #[cfg(feature = "receive")]
    pub use crate::receive::{Body, read_body};
    pub use crate::sync::lock;
    pub use crate::table::{grouped, table};
    pub use crate::trace::bluesky::{RUN, STATUS, STATUS_WAIT, command_of, device_of, group_of, kwargs_of};
    pub use crate::trace::capture::SpanRecording;
    pub use crate::trace::{ABANDONED, PAUSED, RELEASED, RESUMED, SUSPENDED, otel_array, otel_value, shown};
    pub use crate::value::nanoseconds;
}
