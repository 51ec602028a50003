//! TraceQL over a [`Trace`](crate::trace::Trace): the query language of Grafana Tempo, in process.
//!
//! [`Trace::query`](crate::trace::Trace::query) answers a text; a [`Query`] was read once and asks many traces. The
//! [answer](QueryAnswer) has the spans that were found, in sets by trace id, or series of numbers:
//!
//! ```
//! use skyspan_trace::trace::{Span, Status, Trace};
//!
//! let span = |id: u64, name: &str| Span::builder(name).trace_id(7).span_id(id);
//! let trace = Trace::from_spans([
//!     span(1, "plan").build(),
//!     span(2, "set").parent_id(1).attribute("target", 5).build(),
//!     span(3, "set").parent_id(1).attribute("target", 6).status(Status::error("stalled")).build(),
//! ]);
//! let failed = trace.query(r#"{ name = "plan" } > { .target > 4 && status = error }"#)?;
//! assert_eq!(failed.spans().map(|span| span.span_id().to_string()).collect::<Vec<_>>(), ["0000000000000003"]);
//!
//! let by_name = trace.query("{} | by(name) | count() > 1")?;
//! assert_eq!(by_name.traces()[0].span_sets()[0].attribute("by(name)"), Some(&"set".into()));
//! # Ok::<(), skyspan_trace::query::QueryError>(())
//! ```
//!
//! [`reference`](mod@reference) says what the language is, and where it differs from what a Tempo answers. Recorded answers of a Tempo are
//! among the tests.
//!
//! A text becomes a tree (`syntax`), which must make sense (`check`) and is then asked of spans (`evaluate`), whose numbers
//! over time are `metrics`.

mod answer;
mod check;
mod emptied;
mod error;
mod evaluate;
mod hint;
mod json;
mod metrics;
#[expect(clippy::module_inception, reason = "it holds `Query`")]
mod query;
mod syntax;
mod table;

pub use answer::{QueryAnswer, SpanSet, TraceMatch};
pub use emptied::EmptyingCondition;
pub use error::{QueryError, QueryProblem};
pub use hint::QueryHint;
pub use metrics::{Sample, Series, TimeRange};
pub use query::Query;

#[doc = include_str!("reference.md")]
pub mod reference {}
