//! skyspan tests experiment plans and the traces they leave: a RunEngine after Python's bluesky on simulated hardware and
//! a clock exact to the nanosecond, a capture that sees every OpenTelemetry span, and assertions on what it caught.
//!
//! # A first test
//!
//! A [`Harness`](harness::Harness) is a beamline of its own. It runs a plan, and gives what came of it:
//!
//! ```
//! use skyspan::prelude::*;
//!
//! let lab = Harness::new();
//! let stage = lab.add(SynAxis::new("stage").delay_s(1.0));
//!
//! let run = lab.run(plans::scan(&lab.device("det"), &stage, 0, 10, 6));
//!
//! run.assert_success();
//! assert_eq!(run.duration(), secs(6.0));
//! run.assert(every(span("Ophyd Status").attr("device_name", "stage")).lasting(..=secs(1.0)));
//! ```
//!
//! The [guide] goes on from there: trees, time, order, snapshots, and how much a test would notice, each with the report
//! that a failure prints.
//!
//! # A plan of one's own
//!
//! A [plan] is an async block whose awaits are its messages. An error arrives where the message was awaited:
//!
//! ```
//! use skyspan::prelude::*;
//! use skyspan::value::Value;
//!
//! fn align(stage: &Device) -> Plan {
//!     let stage = stage.clone();
//!     plan(async move |p| {
//!         p.trace("align", async |p| {
//!             for step in 0..5 {
//!                 if p.mv(&stage, step).await.is_err() {
//!                     return Ok(step);
//!                 }
//!             }
//!             Err(plan_error!("no end switch after 5 steps"))
//!         })
//!         .await
//!     })
//! }
//!
//! let lab = Harness::new();
//! let stage = lab.add(SynAxis::new("stage").fault(Fault::on_set(3).raises("end switch")));
//! let run = lab.run(align(&stage));
//! assert_eq!(run.plan_result(), Some(&Value::from(2)));
//! run.assert(span("align").child(span("Bluesky RunEngine set").status_error()));
//! ```
//!
//! # A trace from elsewhere
//!
//! [`Trace::read`](trace::Trace::read) reads what Python's console exporter wrote, OTLP, Jaeger's, Zipkin's and Go's;
//! [`Capture`](trace::Capture) catches the spans of any Rust program. The [expectations](expect) are the same:
//!
//! ```
//! use opentelemetry::global;
//! use opentelemetry::trace::Tracer as _;
//! use skyspan::prelude::*;
//!
//! /// A program that knows nothing of tests.
//! fn handle_order() {
//!     global::tracer("shop").in_span("order", |_| {
//!         global::tracer("shop").in_span("reserve", |_| {});
//!         global::tracer("shop").in_span("charge", |_| {});
//!     });
//! }
//!
//! let capture = Capture::new();
//! let _scope = capture.scope();
//! handle_order();
//!
//! let trace = capture.trace();
//! trace.assert(forest([span("order").children([span("reserve"), span("charge")])]));
//! trace.assert(every(any_span()).ended());
//! ```
//!
//! Tests in parallel each catch their own spans, also those of what the program spawns on the tokio runtime of its test;
//! [`carry`](trace::carry) takes a scope into bare threads, [`Capture::settled`](trace::Capture::settled) waits for what is yet to be
//! done, and [`Verdicts`](trace::Verdicts) lets what goes wrong in threads fail the test. The guide has a page on
//! [services](guide::service).
//!
//! # The rooms
//!
//! From the ground up: [`value`], [`seed`], [`trace`], [`expect`], [`query`] and [`compare`], which serve any program that emits spans, and are the crate
//! `skyspan-trace`; [`clock`], [`device`] and [`hardware`]; [`document`], [`message`], [`plan`], [`callbacks`] and [`engine`];
//! [`simulate`], which takes plans without an engine; [`program`], plans as data; [`harness`] over all of it,
//! [`torture`], which does to a plan all that can happen to it, and laws for all plans in `property`. The [`guide`] is no room, but leads through them.
//!
//! A table gives skyspan's name for every name of bluesky: [`names`].
//!
//! # Programs
//!
//! Metadata, attributes and arguments may be `json!`, and everything that comes of a run is serde's `Serialize`. [`json`] has the
//! shapes.
//!
//! # Features
//!
//! | feature | brings |
//! |---|---|
//! | `property` (default) | laws for all plans, the search for the plan that breaks one |
//! | `snapshot` (default) | `assert_trace_snapshot!` and `assert_console_snapshot!`, over insta |
//! | `page` | `page`: a trace, or what came of a run, as one HTML page; `SKYSPAN_REPORT` |
//! | `plan-files` | `program::Program::read`, `Harness::run_file`: plans, devices and faults written in YAML; `check`: what they must leave, and lint |
//! | `receive` | `receive`: OTLP from live programs, over HTTP and gRPC |
//! | `store` | `store`: traces fetched from Tempo and Jaeger |
//! | `tracing` | `Capture::scope` catches, and `trace::capture::tracing_layer` brings, what `tracing` records |
//!
//! The program `skyspan` is the crate `skyspan-cli`.

pub mod callbacks;
pub mod clock;
pub mod device;
pub mod document;
pub mod engine;
pub mod guide;
pub mod hardware;
pub mod harness;
pub mod json;
pub mod message;
pub mod names;
pub mod plan;
pub mod prelude;
pub mod program;
#[cfg(feature = "property")]
pub mod property;
pub mod simulate;
pub mod torture;
pub mod twin;

/// The version of proptest whose strategies a search takes.
#[cfg(feature = "property")]
pub use proptest;
#[cfg(feature = "plan-files")]
#[doc(inline)]
pub use skyspan_trace::check;
#[cfg(feature = "page")]
#[doc(inline)]
pub use skyspan_trace::page;
#[cfg(feature = "receive")]
#[doc(inline)]
pub use skyspan_trace::receive;
#[cfg(feature = "store")]
#[doc(inline)]
pub use skyspan_trace::store;
/// The versions of OpenTelemetry, and of `tracing`, whose types are in the API.
#[cfg(feature = "tracing")]
pub use skyspan_trace::tracing;
#[cfg(feature = "snapshot")]
#[doc(inline)]
pub use skyspan_trace::{assert_console_snapshot, assert_trace_snapshot};
#[doc(inline)]
pub use skyspan_trace::{assert_tree, compare, expect, query, seed, trace, value};
pub use skyspan_trace::{opentelemetry, opentelemetry_sdk, serde_json};

/// The examples of the README, which are tests too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
