//! [`LintReport`]: which rules a trace breaks, and where.

use std::fmt;

use super::rule::{Rule, Severity};
use crate::trace::{SpanLabel, SpanRef};
use crate::value::{FormatVersion, Text};

/// So many findings of a rule are told; the others are counted.
const TOLD_MAX: usize = 5;

/// What a rule has found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) span: Option<usize>,
    pub(super) label: Option<SpanLabel>,
    pub(super) told: String,
}

impl Found {
    pub(super) fn at(span: SpanRef<'_>, told: impl Into<String>) -> Self {
        Self { span: Some(span.index()), label: Some(span.span().into()), told: told.into() }
    }
}

/// A place where a trace breaks a rule.
#[derive(Clone, Debug, serde::Serialize)]
#[non_exhaustive]
pub struct LintFinding {
    /// The rule that the trace breaks.
    pub rule: &'static Rule,
    /// The span that breaks it, by its place in the trace; none where all of a resource do.
    pub place: Option<usize>,
    /// The same span, by its name and ids.
    pub span: Option<SpanLabel>,
    /// What was found; it goes on after "found".
    pub found: Text,
}

/// Which rules a trace breaks, and where. Its `Display` is for people: the worst first.
#[derive(Clone, Debug, Default, serde::Serialize)]
#[must_use = "it says what was found"]
pub struct LintReport {
    version: FormatVersion,
    pub(super) findings: Vec<LintFinding>,
}

impl LintReport {
    pub(super) fn new(findings: Vec<LintFinding>) -> Self {
        Self { version: FormatVersion, findings }
    }

    /// What was found, in the order of the [rules](Rule::all).
    #[must_use]
    pub fn findings(&self) -> &[LintFinding] {
        &self.findings
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// The worst of it.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.rule.severity).max()
    }

    /// How many findings are so bad.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.rule.severity == severity).count()
    }
}

/// `2 errors, 1 warning`.
struct Counts<'r>(&'r LintReport);

impl fmt::Display for Counts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = Severity::ALL.into_iter().rev().map(|severity| (self.0.count(severity), severity));
        let counts: Vec<String> = counts
            .filter(|(number, _)| *number > 0)
            .map(|(number, severity)| match (severity, number) {
                (Severity::Info, _) => format!("{number} for information"),
                (severity, 1) => format!("1 {severity}"),
                (severity, number) => format!("{number} {severity}s"),
            })
            .collect();
        f.write_str(&counts.join(", "))
    }
}

impl fmt::Display for LintReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return writeln!(f, "no rule is broken");
        }
        writeln!(f, "{}", Counts(self))?;
        for severity in Severity::ALL.into_iter().rev() {
            for rule in Rule::all().iter().filter(|rule| rule.severity == severity) {
                let of_rule: Vec<&LintFinding> = self.findings.iter().filter(|finding| finding.rule == rule).collect();
                if of_rule.is_empty() {
                    continue;
                }
                writeln!(f, "\n{severity:<7}  {}: expected {}", rule.name, rule.wants)?;
                writeln!(f, "         {}", rule.reason)?;
                for finding in of_rule.iter().take(TOLD_MAX) {
                    match &finding.span {
                        Some(span) => writeln!(f, "  {span}: {}", finding.found)?,
                        None => writeln!(f, "  {}", finding.found)?,
                    }
                }
                if of_rule.len() > TOLD_MAX {
                    writeln!(f, "  ⋯ {} more", of_rule.len() - TOLD_MAX)?;
                }
            }
        }
        Ok(())
    }
}
