//! One binary, a module for each thing that users rely on.

mod capture;
mod capture_anywhere;
#[cfg(feature = "check")]
mod check;
mod compare;
mod console;
mod direct;
mod draw;
mod drawing;
mod expect;
mod formats;
mod grouping;
mod ingest;
mod jaeger;
mod otlp;
#[cfg(feature = "page")]
mod page;
mod query;
#[cfg(feature = "receive")]
mod receive;
mod routes;
mod serde;
#[cfg(feature = "store")]
mod store;
mod trace;
#[cfg(feature = "tracing")]
mod tracing_spans;
mod unaware;
mod value;
mod waits;
