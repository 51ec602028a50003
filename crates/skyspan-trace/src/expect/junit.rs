//! [`junit`]: checks of traces as a JUnit report.

use std::fmt::Write as _;

use super::mismatch::Mismatch;
use super::report::Report;

/// A report of several checks in JUnit's XML, which build servers show, for a program that checks traces and is no test of
/// `cargo`: a job that looks at what production left last night. Each check has a name; one that failed has its report.
///
/// Under a test runner there is no need for it: the report is the message of the panic, which runners write into theirs.
///
/// ```
/// use skyspan_trace::expect::{junit, none, span};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace = Trace::from_spans([Span::builder("set").build()]);
/// let checks = [("there are moves", trace.check(span("set"))), ("nothing is set", trace.check(none(span("set"))))];
/// assert_eq!(junit("last night", &checks), r#"<?xml version="1.0" encoding="UTF-8"?>
/// <testsuites>
///   <testsuite name="last night" tests="2" failures="1">
///     <testcase classname="last night" name="there are moves"/>
///     <testcase classname="last night" name="nothing is set">
///       <failure type="Mismatch" message="the trace is not as expected: 1 span is not expected">the trace is not as expected: 1 span is not expected
///
/// expected no spans &quot;set&quot;, found 1
/// found: &quot;set&quot; at the root
///
///   - set  open
/// </failure>
///     </testcase>
///   </testsuite>
/// </testsuites>
/// "#);
/// ```
#[must_use]
pub fn junit<N: AsRef<str>>(suite: &str, checks: &[(N, Result<(), Mismatch>)]) -> String {
    junit_suites(&[(suite, checks)])
}

/// The same of several suites, by their names.
///
/// ```
/// use skyspan_trace::expect::{Mismatch, junit_suites};
///
/// let suites = [("monday", vec![("moves", Ok::<(), Mismatch>(()))]), ("friday", vec![])];
/// assert_eq!(junit_suites(&suites).matches("<testsuite ").count(), 2);
/// ```
#[must_use]
pub fn junit_suites<S, C, N>(suites: &[(S, C)]) -> String
where
    S: AsRef<str>,
    C: AsRef<[(N, Result<(), Mismatch>)]>,
    N: AsRef<str>,
{
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    suites.iter().for_each(|(suite, checks)| one_suite(suite.as_ref(), checks.as_ref(), &mut xml));
    xml.push_str("</testsuites>\n");
    xml
}

fn one_suite<N: AsRef<str>>(suite: &str, checks: &[(N, Result<(), Mismatch>)], xml: &mut String) {
    let suite = escaped(suite);
    let failures = checks.iter().filter(|(_, result)| result.is_err()).count();
    let number = checks.len();
    // Writing to a String cannot fail.
    let _ = writeln!(xml, "  <testsuite name=\"{suite}\" tests=\"{number}\" failures=\"{failures}\">");
    for (name, result) in checks {
        let _ = write!(xml, "    <testcase classname=\"{suite}\" name=\"{}\"", escaped(name.as_ref()));
        let _ = match result {
            Ok(()) => writeln!(xml, "/>"),
            Err(mismatch) => writeln!(
                xml,
                ">\n      <failure type=\"Mismatch\" message=\"{}\">{}</failure>\n    </testcase>",
                escaped(&Report::of(mismatch).headline()),
                escaped(&mismatch.to_string())
            ),
        };
    }
    xml.push_str("  </testsuite>\n");
}

/// Text as XML takes it. What it cannot hold at all, such as the start of a terminal's colour, becomes a replacement
/// character.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' => escaped.push(c),
            '\r' => escaped.push_str("&#13;"),
            c if c.is_ascii_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
