//! Rules of OpenTelemetry and bluesky that a trace breaks.
//!
//! [`lint()`] holds a trace against all [rules](Rule); [`Lint`] against those of one's choice, and is an expectation as well. Each
//! rule has a name, a reason, the text from which it comes, and a [`Severity`]; which spans break it is a [`LintFinding`].
//!
//! ```
//! use skyspan_trace::check::lint;
//! use skyspan_trace::trace::{Span, Trace};
//!
//! let report = lint(&Trace::from_spans([Span::builder("request").attribute("password", "hunter2").build()]));
//! let rules: Vec<&str> = report.findings().iter().map(|finding| finding.rule.name).collect();
//! assert_eq!(rules, ["unended", "secret", "service-name"]);
//! ```

mod attributes;
mod bluesky;
#[expect(clippy::module_inception, reason = "it holds `Lint`")]
mod lint;
mod names;
mod report;
mod resources;
mod rule;
mod structure;

pub use lint::{Lint, lint};
pub use report::{LintFinding, LintReport};
pub use rule::{Rule, Severity};
