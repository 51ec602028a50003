//! What a trace must be, said without Rust: [check files](CheckFile), and the rules that any trace should keep ([`lint()`]).
//!
//! A check file is a list of expectations in YAML. They are those of [`expect`](crate::expect), with the same reports; spans are
//! selected by [TraceQL](crate::query). [`reference`](mod@reference) says what stands in one, and [`schema`] serves editors.
//!
//! ```
//! use skyspan_trace::check::CheckFile;
//! use skyspan_trace::trace::{Span, Trace};
//!
//! let trace = Trace::from_spans([Span::builder("Ophyd Status").attribute("device_name", "stage").build()]);
//! trace.assert(CheckFile::parse(r#"
//! - spans: '{ span.device_name = "stage" }'
//!   count: 1..
//! "#)?);
//! # Ok::<(), skyspan_trace::value::yaml::YamlError>(())
//! ```
//!
//! An [`CheckFile`] is a list of entries (`entry`), each about one thing: spans that a query selects (`selected`), of which things
//! are said one by one (`spans`, `several`), documents, a shape. [`bless_file`] writes the file that describes a trace, and [`learn`](learn()) the one that
//! many have in common.

mod bless_file;
mod check_file;
mod check_report;
mod documents;
mod entry;
mod learn;
mod lint;
mod patterns;
mod ranges;
mod schema;
mod selected;
mod selector;
mod several;
mod shapes;
mod spans;

pub use bless_file::{BlessFile, bless_file};
pub use check_file::CheckFile;
pub use check_report::{CheckReport, CheckResult};
pub use learn::{
    KindScore, LearnError, LearnOptions, Learned, LearnedRule, MergedCheckFile, Support, Unnoticed, learn,
    merge_learned,
};
pub use lint::{Lint, LintFinding, LintReport, Rule, Severity, lint};
pub use schema::{definitions, schema};

#[doc = include_str!("reference.md")]
pub mod reference {}
