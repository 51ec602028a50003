//! Spans from live programs: a [`Receiver`] takes OTLP over HTTP and gRPC, as any OpenTelemetry SDK sends it, into a
//! [`Capture`](crate::trace::Capture).
//!
//! It listens on one port of this machine for both, and answers as the specification of OTLP 1.7 says: what is sent is taken whole, in
//! part or not at all, and the client is told which. A program finds it by the variables that [`Receiver::configure`] sets:
//!
//! ```no_run
//! use std::process::Command;
//!
//! use skyspan_trace::expect::{one, span};
//! use skyspan_trace::receive::Receiver;
//!
//! let receiver = Receiver::start()?;
//! receiver.configure(Command::new("opentelemetry-instrument").args(["python", "plan.py"])).status()?;
//! receiver.settled().blocking()?.assert(one(span("Bluesky RunEngine run")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A Rust program that has another version of OpenTelemetry than [ours](crate::opentelemetry) is one of them: its `opentelemetry-otlp`
//! sends what our types could not take.
//!
//! `receiver` is what a test holds, `intake` what has come and whose it is; `server` accepts connections, and `exchange`
//! answers a request: by `http` or by `grpc`, which read its `body`, and say no by a `Refusal`.

mod body;
mod environment;
mod exchange;
mod grpc;
mod http;
mod intake;
mod options;
mod receiver;
mod refusal;
mod server;
mod test_spans;

#[doc(hidden)]
pub use body::{Body, read_body};
pub use options::ReceiverOptions;
pub use receiver::{ReceiveError, Receiver};
pub use test_spans::TestSpans;
