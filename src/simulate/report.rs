//! [`Report`]: a mismatch of messages for people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use skyspan_trace::internal::cut_to;

use super::mismatch::{ClosestMsg, MsgFailure, MsgMismatch};
use crate::trace::one_line;

/// So many messages are shown without leaving any out.
const ROWS_MAX: usize = 40;
/// In a longer list, so many are shown before and after each that is spoken of.
const AROUND: usize = 3;
/// In a longer list, no more than so many are spoken of.
const TOLD_MAX: usize = 20;
/// No line takes more columns.
const LINE_MAX: usize = 120;

/// What is wrong, counted; then the messages with marks, and what differs where it does.
pub(super) struct Report<'a>(&'a MsgMismatch);

/// What the list says of its messages.
#[derive(Default)]
struct Marks {
    sign_of: BTreeMap<usize, char>,
    /// What is missing after a message, or before all.
    missing_after: BTreeMap<Option<usize>, Vec<Vec<String>>>,
    spoken_of: BTreeSet<usize>,
}

impl<'a> Report<'a> {
    pub(super) const fn of(mismatch: &'a MsgMismatch) -> Self {
        Self(mismatch)
    }

    /// `1 message is missing, 2 are not expected`.
    fn headline(&self) -> String {
        let (mut missing, mut unexpected, mut too_many) = (0, 0, 0);
        for failure in &self.0.failures {
            match failure {
                MsgFailure::Missing { .. } => missing += 1,
                MsgFailure::Unexpected { .. } => unexpected += 1,
                MsgFailure::Number { expected, found, .. } => match expected.at_most {
                    Some(0) => unexpected += found.len(),
                    Some(at_most) if found.len() > at_most => too_many += found.len() - at_most,
                    _ => missing += expected.at_least.saturating_sub(found.len()),
                },
            }
        }
        let counted = [
            (missing, "is missing", "are missing"),
            (unexpected, "is not expected", "are not expected"),
            (too_many, "is too many", "are too many"),
        ];
        let mut phrases: Vec<String> = Vec::new();
        for (number, singular, plural) in counted.into_iter().filter(|(number, ..)| *number > 0) {
            let noun = match (phrases.is_empty(), number) {
                (true, 1) => " message",
                (true, _) => " messages",
                (false, _) => "",
            };
            phrases.push(format!("{number}{noun} {}", if number == 1 { singular } else { plural }));
        }
        format!("the messages are not as expected: {}", phrases.join(", "))
    }

    fn marks(&self) -> Marks {
        let mut marks = Marks::default();
        for message in &self.0.matched {
            marks.sign_of.insert(*message, '✓');
        }
        for failure in &self.0.failures {
            match failure {
                MsgFailure::Missing { expected, after, closest } => {
                    let row = missing(&expected.to_string(), closest.as_ref(), &self.0.matched);
                    marks.spoken_of.extend(closest.as_ref().map(|closest| closest.message));
                    marks.spoken_of.extend(after);
                    marks.missing_after.entry(*after).or_default().push(row);
                }
                MsgFailure::Unexpected { message } => {
                    marks.sign_of.insert(*message, '-');
                    marks.spoken_of.insert(*message);
                }
                MsgFailure::Number { expected, found, .. } if expected.at_most.is_some_and(|n| found.len() > n) => {
                    marks.sign_of.extend(found.iter().map(|message| (*message, '-')));
                    marks.spoken_of.extend(found);
                }
                MsgFailure::Number { expected, of, found, closest } => {
                    marks.sign_of.extend(found.iter().map(|message| (*message, '✓')));
                    marks.spoken_of.extend(found);
                    marks.spoken_of.extend(closest.as_ref().map(|closest| closest.message));
                    let what = format!("{of} ({expected} expected, {} found)", found.len());
                    let end = self.0.messages.len().checked_sub(1);
                    let row = missing(&what, closest.as_ref(), &self.0.matched);
                    marks.missing_after.entry(end).or_default().push(row);
                }
            }
        }
        marks
    }

    /// The places of the messages that are shown.
    fn places(&self, marks: &Marks) -> BTreeSet<usize> {
        let all = self.0.messages.len();
        if all <= ROWS_MAX {
            return (0..all).collect();
        }
        let told = marks.spoken_of.iter().take(TOLD_MAX);
        let mut places: BTreeSet<usize> =
            told.flat_map(|at| at.saturating_sub(AROUND)..all.min(at + AROUND + 1)).collect();
        // What is missing before all messages is missing before the first of them.
        if places.is_empty() || marks.missing_after.contains_key(&None) {
            places.extend(0..AROUND);
        }
        places
    }
}

/// The lines of a message that is missing.
fn missing(expected: &str, closest: Option<&ClosestMsg>, matched: &[usize]) -> Vec<String> {
    let Some(ClosestMsg { message, differences }) = closest else { return vec![format!("missing: {expected}")] };
    let number = message + 1;
    let mut lines = vec![match differences.as_slice() {
        [] if matched.contains(message) => format!("missing: {expected}; {number} is one, and expected elsewhere"),
        [] => format!("missing here: {expected}; {number} is one"),
        _ => format!("missing: {expected}; the closest is {number}:"),
    }];
    lines.extend(differences.iter().map(|difference| format!("  {difference}")));
    lines
}

/// On one line, and no longer than it may be.
fn cut(line: &str) -> String {
    cut_to(&one_line(line), LINE_MAX).into_owned()
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let marks = self.marks();
        let places = self.places(&marks);
        let width = self.0.messages.len().to_string().len();
        let missing = |f: &mut fmt::Formatter<'_>, after: Option<usize>| {
            for row in marks.missing_after.get(&after).into_iter().flatten() {
                for (at, line) in row.iter().enumerate() {
                    let sign = if at == 0 { '+' } else { ' ' };
                    writeln!(f, "{}", cut(&format!("  {sign} {:width$} {line}", "")))?;
                }
            }
            Ok(())
        };
        writeln!(f, "{}\n", self.headline())?;
        if self.0.messages.is_empty() {
            writeln!(f, "    (there are no messages)")?;
        }
        missing(f, None)?;
        let mut next = 0;
        for at in places {
            if at != next {
                writeln!(f, "    {:width$} …", "")?;
            }
            next = at + 1;
            let sign = marks.sign_of.get(&at).unwrap_or(&' ');
            let line = format!("  {sign} {next:width$} {}", self.0.messages[at]);
            writeln!(f, "{}", cut(&line))?;
            missing(f, Some(at))?;
        }
        if next < self.0.messages.len() {
            writeln!(f, "    {:width$} …", "")?;
        }
        Ok(())
    }
}
