//! What a test of spans needs, in one line: `use skyspan_trace::prelude::*;`.
//!
//! It goes together with the globs of `opentelemetry`, `proptest::prelude`, `tokio` and `anyhow`: no name of one is a name of
//! another. [`expect::prelude`](crate::expect::prelude) has all words for expectations, also those that others use.

pub use std::time::Duration;

pub use crate::assert_tree;
pub use crate::expect::{
    all, any_span, at_least, at_most, at_once, every, exactly, forest, glob, if_any, ms, none, ns, one, percentile,
    secs, share, some, span, total, us,
};
pub use crate::trace::{Capture, Trace};
pub use crate::value::{Map, Text};
