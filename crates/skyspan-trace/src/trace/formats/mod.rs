//! Traces as files: each format has a file for each direction.
//!
//! `read_options` is the way in. `source` makes a text of the bytes (or leaves them, as protobuf), `text_read` finds the objects in
//! it, beside what a program prints and behind what logs put before lines (`log_prefix`), and `item` says what each object is.
//! The readers make spans of it, over a `Field`, which knows what is wrong where, and share in `Gather` what spans have in common.
//! Where nothing is a span, `refusal` says what the file looks to be.

#[cfg(any(feature = "receive", feature = "store"))]
mod compression;
mod console_read;
mod console_time;
mod console_write;
mod field;
mod format;
mod gather;
mod id_text;
mod item;
mod jaeger_read;
mod jaeger_write;
mod lanes;
mod left_out;
mod log_prefix;
mod otlp_json_read;
mod otlp_json_write;
#[cfg(feature = "protobuf")]
mod otlp_protobuf_read;
#[cfg(feature = "protobuf")]
mod otlp_protobuf_write;
#[cfg(feature = "receive")]
mod otlp_request;
mod passed_over;
mod perfetto_write;
mod read_error;
mod read_options;
mod refusal;
mod refused_spans;
mod skyspan_read;
mod source;
mod speedscope_write;
mod stdouttrace_read;
mod tags_read;
#[cfg(feature = "store")]
mod tempo_answer;
mod text_read;
mod zipkin_read;
mod zipkin_write;
#[cfg(feature = "compression")]
mod zstd;

#[cfg(feature = "receive")]
pub(crate) use compression::Compression;
#[cfg(any(feature = "receive", feature = "store"))]
pub(crate) use compression::Encoding;
pub use format::TraceFormat;
#[cfg(feature = "receive")]
pub(crate) use otlp_request::OtlpRequest;
pub use passed_over::{NoSpan, PassedOver};
pub use read_error::{ReadError, ReadProblem};
pub use read_options::{ReadOptions, ReadTrace};
#[cfg(feature = "receive")]
pub(crate) use refused_spans::RefusedSpans;
#[cfg(feature = "store")]
pub(crate) use tempo_answer::TempoAnswer;
