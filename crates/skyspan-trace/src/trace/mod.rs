//! Traces: the spans a program emitted, how they hang together, and the ways in and out.
//!
//! A [`Span`] is a compact, immutable record of one OpenTelemetry span. A [`Trace`] is a set of them that knows who is
//! whose child: it is indexed once, cheap to clone, and shared. Malformed traces (a parent that is missing, an id that
//! stands twice, a cycle) are kept whole, and [`Trace::defects`] says what is wrong with them.
//!
//! Spans come from three sources. [`Capture`] is an OpenTelemetry span processor: every span of its provider ends up in
//! it, also one that never ends. [`Trace::read`] reads files of any
//! format, and [`ReadOptions`] tells what in them is no span. [`Span::builder`] makes spans by hand. They
//! leave as the same console JSON, byte for byte ([`Trace::to_console_json`]), as OTLP JSON ([`Trace::to_otlp_json`]), or
//! as a tree for people ([`Trace::draw`]) or for tests ([`Trace::tree_text`]).
//!
//! # What a program emits
//!
//! | the program | the capture |
//! |---|---|
//! | is given its tracer or provider | [`Capture::direct_provider`]; with the SDK behind it [`Capture::provider`], [`Capture::provider_builder`], or the capture as a span processor |
//! | asks OpenTelemetry's global provider, uses `tracing` | [`Capture::scope`], [`Capture::process_wide`] |
//! | has a global provider or subscriber of its own | [`capture::processor`], `capture::tracing_layer` (feature `tracing`) |
//! | takes nothing but an exporter | [`Capture::exporter`] |
//! | has threads and tasks | [`carry`], [`carry_future`], [`Place`]; [`Capture::settled`], [`Capture::wait_until`]; [`Verdicts`] |
//! | is no program of this process | [`capture::ingest`], `receive::Receiver` (feature `receive`) |
//! | is elsewhere | [`Trace::read`], [`Trace::read_from`] |
//!
//! Nothing panics in a callback of OpenTelemetry or `tracing`, nor in a thread of the program: expectations are checked on
//! a trace, by the test.
//!
//! Nothing here knows of engines, devices or plans: this room serves any program that emits spans.
//!
//! ```
//! use opentelemetry::trace::{Span as _, Tracer, TracerProvider};
//! use skyspan_trace::trace::Capture;
//!
//! let capture = Capture::new();
//! let provider = capture.provider();
//! provider.tracer("app").start("request").end();
//!
//! let trace = capture.trace();
//! assert_eq!(trace.len(), 1);
//! assert_eq!(trace.named("request").count(), 1);
//! ```

mod attributes;
pub(crate) mod bluesky;
pub mod capture;
mod convert;
mod critical_path;
mod defect;
mod draw;
mod duration;
mod edit;
mod forest;
mod formats;
mod grouping;
mod id_index;
mod id_json;
mod ids;
mod name_index;
mod origin;
mod otel_value;
mod redaction;
mod span;
mod span_builder;
mod span_json;
mod span_parts;
mod span_ref;
mod text_cache;
mod trace_state;
mod tree;

#[doc(hidden)]
pub use crate::pad::one_line;
pub use attributes::Attributes;
#[doc(hidden)]
pub use bluesky::{PAUSED, RELEASED, RESUMED, SUSPENDED};
#[doc(hidden)]
pub use capture::ABANDONED;
pub use capture::{
    Awaited, Capture, CaptureExporter, CaptureScope, CaptureWait, DirectSpan, DirectTracer, DirectTracerProvider, Mark,
    OpenSpan, PendingVerdict, Place, Unmet, Unseen, Verdicts, WaitError, carry, carry_future,
};
pub use critical_path::PathPart;
pub use defect::{Defect, SpanLabel};
pub(crate) use draw::is_telling;
#[cfg(feature = "page")]
pub(crate) use draw::telling_keys;
#[cfg(feature = "page")]
pub(crate) use draw::told_lulls;
pub use draw::{AttributeChoice, Drawing, Lull, NoSuchRun, TreeText};
pub(crate) use draw::{
    LABEL_MAX, columns, drawn_key, drawn_name, failure_of, guides, is_bare_word, name_in_repr, shown_whole,
};
#[doc(hidden)]
pub use draw::{shown, terminal_height};
pub use duration::{exact_duration, rounded_duration};
#[cfg(any(feature = "receive", feature = "store"))]
pub(crate) use formats::Encoding;
#[cfg(feature = "store")]
pub(crate) use formats::TempoAnswer;
#[cfg(feature = "receive")]
pub(crate) use formats::{Compression, OtlpRequest, RefusedSpans};
pub use formats::{NoSpan, PassedOver, ReadError, ReadOptions, ReadProblem, ReadTrace, TraceFormat};
pub use grouping::GroupedByRun;
pub use ids::SeededIds;
pub use opentelemetry::trace::{SpanId, SpanKind, TraceId};
pub use origin::{Resource, Scope};
#[doc(hidden)]
pub use otel_value::{otel_array, otel_value};
pub use redaction::{Redaction, RedactionError};
pub use span::Span;
pub use span_builder::SpanBuilder;
pub use span_parts::{Event, Link, Status};
pub use span_ref::SpanRef;
pub use tree::Trace;
