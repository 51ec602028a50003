//! What a trace must be, and why it is not.
//!
//! An expectation is a value. [`span`] says what one span must be: its name, attributes, status, duration, relatives.
//! [`one`], [`exactly`], [`at_least`], [`at_most`] and [`none`] say how many of them there must be, [`every`] what each
//! of them must be, [`total`] how long they may take together, and [`forest`] what the whole trace must be, tree by
//! tree. [`all`] joins several. [`Trace::assert`](crate::trace::Trace::assert) panics with a report where a trace is
//! otherwise; [`Trace::check`](crate::trace::Trace::check) gives the same as a typed [`Mismatch`]. An expectation of
//! one's own implements [`Expectation`].
//!
//! ```
//! use skyspan_trace::value::Timestamp;
//! use skyspan_trace::expect::{every, forest, none, one, secs, span, total};
//! use skyspan_trace::trace::{Span, Trace};
//!
//! let at = Timestamp::from_unix_ns;
//! let trace = Trace::from_spans([
//!     Span::builder("demo plan").trace_id(1).span_id(1).end(at(2_000_000_000)).build(),
//!     Span::builder("set").trace_id(1).span_id(2).parent_id(1).end(at(1_000_000_000)).attribute("target", 5).build(),
//! ]);
//! trace.assert(span("set").attr("target", 5).parent(span("demo plan")));
//! trace.assert(one(span("demo plan").is_root().lasting(secs(2.0)..=secs(2.0))));
//! trace.assert(none(span("set").status_error()));
//! trace.assert(every(span("set")).lasting(..=secs(1.0)));
//! trace.assert(total(span("set")).at_most(secs(1.0)));
//! trace.assert(forest([span("demo plan").children([span("set").attr("target", 5)])]));
//! ```
//!
//! # The report
//!
//! It shows the trace as it is, and what is wrong where it is wrong: `✓` is as expected, `✗` differs, `+` is missing,
//! `-` is not expected, `→` stands elsewhere than it should, `≈` comes closest to what is missing, and `Σ` was counted in a total.
//! Before it stands what is wrong, in words: what is wrong alike in many places once.
//!
//! ```
//! use skyspan_trace::expect::{forest, span};
//! use skyspan_trace::trace::{Span, Trace};
//!
//! let set = Span::builder("set").trace_id(1).span_id(2).parent_id(1).attribute("target", 5).build();
//! let trace = Trace::from_spans([Span::builder("demo plan").trace_id(1).span_id(1).build(), set]);
//! let expectation = forest([span("demo plan").children([span("set").attr("target", "5"), span("wait")])]);
//! assert_eq!(trace.check(expectation).unwrap_err().to_string(), r#"
//! the trace is not as expected: 1 span differs, 1 is missing
//!
//!   ✓ demo plan  open
//!   ✗ ├ set      open   target=5
//!                       target: expected "5", found 5
//!   + └ wait            missing
//! "#.trim_start());
//! ```
//!
//! What a tree must be can also be written as it is drawn: [`assert_tree!`](crate::assert_tree).
//!
//! Values keep their types: `5` is neither `"5"` nor `5.0`. Every span that is expected takes a span of its own, and
//! those are dealt out by maximum matching, so that no order of spans or expectations matters.
//!
//! # Snapshots
//!
//! [`shape`] is a trace as text that stays the same from run to run, and
//! `assert_trace_snapshot!` (with the feature `snapshot`) compares it with a file. [`Shape`] takes rules of one's own for
//! what does not. [`bless`] writes the expectation that describes a trace as Rust code, or as Python.
//!
//! # How strong a test is
//!
//! [`mutate`] holds an expectation against mutants of the trace: what it accepts all the same is not tested.
//!
//! The guide of the crate `skyspan` introduces all of this step by step. What other tools for assertions on traces have,
//! and what it is called here, is in [`features`].

mod all;
mod at_once;
mod bless;
mod bless_python;
mod bless_value;
mod canonical_order;
mod causes;
mod cells;
mod chosen;
mod clause;
mod closest;
mod colored;
mod condition;
mod deal;
mod deal_below;
mod dealing;
mod difference;
mod duration;
mod events;
mod every;
mod expectation;
mod expected;
mod explain;
pub mod features;
mod forest;
mod hints;
mod in_order;
mod json;
mod junit;
mod kin;
mod level;
mod links;
mod matcher;
mod measure;
mod mismatch;
mod mismatch_json;
mod moved;
mod number;
mod number_range;
mod of_type;
mod only_attrs;
mod order;
mod origin;
mod out_of_order;
mod part_attributes;
mod pattern;
mod portion;
pub mod prelude;
mod property;
mod redacted;
mod regex;
mod relation;
mod relations;
mod relatives;
mod report;
mod report_rows;
mod run_end;
mod same_as;
mod same_trees;
mod several;
mod shape;
mod shape_console;
mod shape_rules;
mod shape_text;
mod shape_times;
mod share;
#[cfg(feature = "snapshot")]
mod snapshot;
mod span_expectation;
mod status;
mod strength;
mod times;
mod total;
mod tree_text;
mod tree_words;
mod value_pattern;
mod volatile;
mod volatile_classes;
mod words;

pub use all::{All, Expectations, all};
pub use at_once::{AtOnce, AtOnceOf, at_once};
pub use bless::{Bless, bless};
pub use bless_python::BlessPython;
#[cfg(feature = "page")]
pub(crate) use bless_value::attribute_code;
#[cfg(feature = "check")]
pub(crate) use bless_value::{is_volatile_value, name_or_glob};
pub use chosen::chosen;
pub use clause::{AttributeExpectation, StatusExpectation};
pub use colored::Colored;
#[doc(hidden)]
pub use colored::terminal_width;
pub use condition::{Conditional, If, if_any};
pub use difference::Difference;
pub use duration::{DurationRange, ms, ns, secs, us};
pub use events::{EventExpectation, event};
pub use every::{Every, every};
pub use expectation::{Because, Expectation};
pub use expected::Expected;
pub use forest::{ForestExpectation, forest};
pub use json::{Json, json};
pub use junit::{junit, junit_suites};
pub use kin::Kin;
pub use links::{LinkExpectation, link_elsewhere, link_to};
pub use measure::{Measure, MeasureOf, median, percentile, total_self_time};
pub use mismatch::{Closest, Failure, Mismatch};
pub use number::{AtMost, Number, at_least, at_most, exactly, none, one};
pub use number_range::NumberRange;
pub use of_type::{OfType, of_type};
pub use order::{Order, Quantified, SomeOf, some};
pub use pattern::{Any, Glob, NamePattern, any, glob};
pub use regex::{Regex, RegexError, regex};
pub use same_as::{SameAs, TracePart, same_as};
pub use shape::{Shape, shape};
pub(crate) use shape_rules::Rules;
pub use shape_rules::ValueType;
pub use share::{Share, ShareOf, SharePart, share};
#[cfg(feature = "snapshot")]
#[doc(hidden)]
pub use snapshot::__private;
pub use span_expectation::{SpanExpectation, any_span, span};
pub use strength::{Mutant, Mutants, MutationKind, Score, Strength, mutate};
pub use total::{Total, TotalOf, total};
pub use tree_text::TreeError;
#[doc(hidden)]
pub use tree_text::assert_tree_at_caller;
pub use value_pattern::{Between, OneOf, OtherThan, ValuePattern, ValueThat, between, one_of, other_than, value_that};
pub(crate) use volatile::{Names, is_wall_time_at};
