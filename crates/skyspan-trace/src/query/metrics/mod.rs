//! Series of numbers over time, made of the spans that a pipeline finds.
//!
//! [`over_time`] counts, adds up and sorts into buckets, [`compared`] tells a part of the spans from the rest, [`second`] is
//! what is done with the series then. [`plan`] puts them together.

mod compared;
mod over_time;
pub(super) mod plan;
mod range;
mod second;
mod series;

pub use range::TimeRange;
pub use series::{Sample, Series};
