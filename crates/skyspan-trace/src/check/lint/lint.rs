//! [`Lint`]: which rules a trace is held against.

use std::fmt;

use super::report::{LintFinding, LintReport};
use super::rule::{Rule, Severity};
use crate::expect::{Difference, Expectation, Failure, Mismatch};
use crate::trace::Trace;
use crate::value::Text;
use crate::value::yaml::{Fields, Node, NodeValue, YamlError, not_one_of};

/// The rules that a trace breaks, all of them asked.
///
/// ```
/// use skyspan_trace::check::{Severity, lint};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let report = lint(&Trace::from_spans([Span::builder("GET /order/7314").build()]));
/// assert_eq!(report.worst(), Some(Severity::Error));
/// assert!(report.to_string().contains("name-cardinality: expected a name that is the same for all spans of a kind"));
/// ```
pub fn lint(trace: &Trace) -> LintReport {
    Lint::standard().report(trace)
}

/// Which rules a trace is held against, and how bad a broken one must be for the expectation not to hold.
///
/// ```
/// use skyspan_trace::check::Lint;
/// use skyspan_trace::trace::{Span, Trace};
/// use skyspan_trace::value::Timestamp;
///
/// let trace = Trace::from_spans([Span::builder("request").end(Timestamp::EPOCH).build()]);
/// trace.assert(Lint::standard().without("service-name")?);
/// # Ok::<(), String>(())
/// ```
///
/// ```should_panic
/// # use skyspan_trace::{check::Lint, trace::{Span, Trace}};
/// Trace::from_spans([Span::builder("request").build()]).assert(Lint::standard());
/// ```
#[derive(Clone, Debug)]
#[must_use = "an expectation does nothing until a trace is checked against it"]
pub struct Lint {
    rules: Vec<&'static Rule>,
    omitted: Vec<&'static Rule>,
    deny: Severity,
}

impl Lint {
    /// All rules; a warning is bad enough.
    pub fn standard() -> Self {
        Self { rules: Rule::all().iter().collect(), omitted: Vec::new(), deny: Severity::Warning }
    }

    /// The same without a rule.
    ///
    /// # Errors
    ///
    /// If no rule is called so: what it says to do about it.
    pub fn without(mut self, rule: &str) -> Result<Self, String> {
        let Some(omitted) = Rule::named(rule) else {
            let meant = Rule::nearest(rule).map(|meant| format!("; did you mean {meant:?}?")).unwrap_or_default();
            return Err(format!("no rule is called {rule:?}{meant}"));
        };
        self.rules.retain(|other| *other != omitted);
        self.omitted.push(omitted);
        Ok(self)
    }

    /// The expectation holds unless a rule is broken that is so bad, or worse.
    pub fn deny(self, severity: Severity) -> Self {
        Self { deny: severity, ..self }
    }

    /// Whether a report has anything that is bad enough.
    #[must_use]
    pub fn is_broken_by(&self, report: &LintReport) -> bool {
        report.worst().is_some_and(|worst| worst >= self.deny)
    }

    /// The rules that a trace breaks.
    pub fn report(&self, trace: &Trace) -> LintReport {
        let findings = self.rules.iter().flat_map(|rule| {
            (rule.find)(trace).into_iter().map(|found| LintFinding {
                rule,
                place: found.span,
                span: found.label,
                found: found.told.into(),
            })
        });
        LintReport::new(findings.collect())
    }

    /// `standard`, or a map of what is left out and how bad is bad enough.
    pub(in crate::check) fn read(node: &Node) -> Result<Self, YamlError> {
        let NodeValue::Mapping(_) = node.value else {
            return match node.as_str() {
                Some("standard") => Ok(Self::standard()),
                _ => Err(not_one_of(node, "the rules, or a map with `without` and `deny`", &["standard"])),
            };
        };
        let fields = Fields::of(node, "`lint`", &["without", "deny"])?;
        let mut lint = Self::standard();
        for rule in fields.list("without")? {
            let name = rule.expect_str("the name of a rule")?;
            lint = lint.without(name).map_err(|_| {
                let error = rule.unexpected("the name of a rule; `skyspan lint --list-rules` prints them");
                error.with_suggestion(Rule::nearest(name))
            })?;
        }
        let Some(said) = fields.get("deny") else { return Ok(lint) };
        let severity = Severity::ALL.into_iter().find(|severity| said.as_str() == Some(severity.name()));
        match severity {
            Some(severity) => Ok(lint.deny(severity)),
            None => Err(not_one_of(said, "a severity", &Severity::ALL.map(Severity::name))),
        }
    }
}

impl Expectation for Lint {
    fn check(&self, trace: &Trace) -> Result<(), Mismatch> {
        let report = self.report(trace);
        let bad = report.findings.iter().filter(|finding| finding.rule.severity >= self.deny);
        let failures = bad.map(|finding| match finding.place {
            Some(span) => Failure::Differs {
                span,
                differences: vec![Difference::Property {
                    name: Text::literal(finding.rule.name),
                    expected: Text::literal(finding.rule.wants),
                    found: finding.found.clone(),
                }],
            },
            None => Failure::Otherwise {
                what: Text::literal(finding.rule.name),
                told: format!("{}: expected {}, found {}", finding.rule.name, finding.rule.wants, finding.found).into(),
            },
        });
        Mismatch::unless_none(trace, failures.collect(), Vec::new())
    }
}

/// Prints what a check file says: `standard, without orphan`.
impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("standard")?;
        if !self.omitted.is_empty() {
            let names: Vec<&str> = self.omitted.iter().map(|rule| rule.name).collect();
            write!(f, ", without {}", names.join(", "))?;
        }
        match self.deny {
            Severity::Warning => Ok(()),
            other => write!(f, ", from {other} on"),
        }
    }
}
