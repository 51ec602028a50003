//! All words for expectations, in one line: `use skyspan_trace::expect::prelude::*;`.
//!
//! Some of them have namesakes elsewhere: [`any`] in `proptest::prelude`, [`event`] in `tracing`. The
//! [prelude of the crate](crate::prelude) has the others.

pub use super::{
    Expectation, all, any, any_span, at_least, at_most, at_once, between, event, every, exactly, forest, glob, if_any,
    json, link_elsewhere, link_to, median, ms, none, ns, of_type, one, one_of, other_than, percentile, regex, same_as,
    secs, share, some, span, total, total_self_time, us, value_that,
};
pub use crate::assert_tree;
