//! [`QueryError`]: why a query has no answer.

use std::fmt;

use crate::pad::{cut_to, is_unseen, one_line, seen};
use crate::trace::{Span, SpanLabel};
use crate::value::{Position, Text};

/// Of a longer line so many characters are shown on either side of the place.
const AROUND: usize = 60;
/// Of what stands there, and of a hint, so many characters are told at most.
const TOLD_MAX: usize = 400;

/// A query that cannot be answered. Its `Display` says where and why, shows the line with a mark below the place, and,
/// where that can be guessed, what was meant.
///
/// ```
/// use skyspan_trace::query::{Query, QueryProblem};
///
/// let error = "{ resource.service.name = \"det\" && naem = \"set\" }".parse::<Query>().unwrap_err();
/// assert_eq!(error.problem, QueryProblem::Syntax);
/// assert_eq!((error.position.line, error.position.column), (1, 36));
/// assert_eq!(error.to_string(), "\
/// line 1, column 36: expected a value or a field, found `naem`
///   | { resource.service.name = \"det\" && naem = \"set\" }
///   |                                    ^
///   did you mean `name`?");
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub struct QueryError {
    /// Of what sort it is.
    pub problem: QueryProblem,
    /// Where, in the whole text of the query.
    pub position: Position,
    /// What would have been right there.
    pub expected: Text,
    /// What stands at that place.
    pub found: Text,
    /// What was meant perhaps, or what to do; empty if nothing is to be said.
    pub help: Box<str>,
    /// The line of the query.
    pub line: Text,
    /// The span whose value an operation cannot take, if it is that.
    pub span: Option<Box<SpanLabel>>,
}

/// Of what sort an error is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum QueryProblem {
    /// The text is not as the grammar has it.
    Syntax,
    /// The text is as the grammar has it, and means nothing: a name is compared with a number, a regular expression is none,
    /// or it is what Tempo refuses too.
    Meaning,
    /// The query means something, and a span has a value that it cannot be asked of: it divides by zero, or the sign of a
    /// string is changed. Tempo answers such a query with status 500.
    Data,
    /// The answer would be greater than the limits that are stated with [`TimeRange`](super::TimeRange).
    Limit,
}

/// An error whose place is known, and whose text is not.
#[derive(Clone, Debug)]
pub(super) struct Fault(Box<Told>);

#[derive(Clone, Debug)]
struct Told {
    problem: QueryProblem,
    at: usize,
    expected: Text,
    found: Text,
    help: Box<str>,
    span: Option<Box<SpanLabel>>,
}

impl Fault {
    pub(super) fn new(problem: QueryProblem, at: usize, expected: impl Into<Text>, found: impl Into<Text>) -> Self {
        let (expected, found) = (expected.into(), found.into());
        Self(Box::new(Told { problem, at, expected, found, help: Box::default(), span: None }))
    }

    pub(super) fn help(mut self, help: impl Into<Box<str>>) -> Self {
        self.0.help = help.into();
        self
    }

    pub(super) fn of_span(mut self, span: &Span) -> Self {
        self.0.span = Some(Box::new(span.into()));
        self
    }

    pub(super) fn in_text(self, text: &str) -> QueryError {
        let told = *self.0;
        let at = told.at.min(text.len());
        let start = text[..at].rfind('\n').map_or(0, |line_feed| line_feed + 1);
        let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
        QueryError {
            problem: told.problem,
            position: Position::of(text, at),
            expected: told.expected,
            found: told.found,
            help: told.help,
            line: text[start..end].into(),
            span: told.span,
        }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |text: &str| one_line(&cut_to(text, TOLD_MAX));
        write!(f, "{}: expected {}, found {}", self.position, told(&self.expected), told(&self.found))?;
        if let Some(span) = &self.span {
            write!(f, " in the span {span}")?;
        }
        // What stands far away is left out, and tabs and what is not seen would move the mark.
        let at = self.position.column - 1;
        let from = at.saturating_sub(AROUND);
        let shown: String = self.line.chars().skip(from).take(2 * AROUND).collect();
        let (before, after) =
            (if from > 0 { "…" } else { "" }, self.line.chars().nth(from + 2 * AROUND).map_or("", |_| "…"));
        let in_one_cell = |c: char| match c {
            '\t' | '\r' => ' ',
            c if is_unseen(c) => char::REPLACEMENT_CHARACTER,
            c => c,
        };
        let shown: String = shown.chars().map(in_one_cell).collect();
        write!(
            f,
            "\n  | {before}{shown}{after}\n  | {:>column$}",
            '^',
            column = at - from + before.chars().count() + 1
        )?;
        if self.help.is_empty() { Ok(()) } else { write!(f, "\n  {}", seen(&cut_to(&self.help, TOLD_MAX))) }
    }
}
