//! Traces from where they lie: a [`Store`] fetches them from Tempo and Jaeger, by an id or by a search.
//!
//! A [`StoreAddress`] says where and what:
//!
//! | address | gives |
//! |---|---|
//! | `tempo+http://tempo:3200/5fa3…` | a trace of a Tempo, by its id |
//! | `tempo+https://grafana/tempo?q={ status = error }&start=2026-11-28T22:00:00Z&end=2026-11-29T06:00:00Z` | the traces that a search finds, as one |
//! | `jaeger+http://jaeger:16686/5fa3…` | a trace of a Jaeger, by its id |
//! | `jaeger+http://jaeger:16686?service=shop&start=…&end=…` | the traces that a search finds, as one |
//!
//! ```no_run
//! use skyspan_trace::expect::{none, span};
//! use skyspan_trace::store::Store;
//!
//! let address = "tempo+http://tempo:3200?q={ resource.service.name = \"shop\" }&start=1780185600&end=1781136000".parse()?;
//! Store::from_environment()?.fetch(&address)?.trace.assert(none(span("*").status_error()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `address` and `parameters` say what is asked, `store` and its `headers` how; `tempo` and `jaeger` ask, by `window` where an answer
//! is as long as it may be, over a `client` of HTTP.

mod address;
mod client;
mod error;
mod headers;
mod jaeger;
mod parameters;
#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod store;
mod tempo;
mod window;

pub use address::{StoreAddress, StoreAddressError, StoreKind};
pub use error::StoreError;
pub use headers::{StoreHeaders, StoreHeadersError};
pub use store::Store;
