//! One binary, a module for each thing that users rely on.

mod capture;
mod capture_anywhere;
mod console;
mod draw;
mod expect;
mod formats;
mod grouping;
mod jaeger;
mod otlp;
mod query;
mod serde;
mod trace;
mod value;
