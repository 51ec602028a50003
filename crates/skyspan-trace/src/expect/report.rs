//! [`Report`]: a mismatch for people.

use std::collections::{HashMap, HashSet};
use std::fmt;

use super::causes::{Causes, kind_of, under};
use super::mismatch::{Closest, Failure, Mismatch};
use super::report_rows::{MissingRow, Rows};
use super::span_expectation::SpanExpectation;
use super::words::Conditions;
use crate::trace::SpanRef;
#[cfg(feature = "page")]
use crate::trace::capture::FailedAssertion;

/// How a report begins.
pub(super) const HEADLINE: &str = "the trace is not as expected: ";

/// What is wrong alike is noted in so many places; in others it is marked.
const NOTES_MAX: usize = 3;
/// Of spans of which any is too many, or that were measured together, so many are marked where there are many.
const MARKED_MAX: usize = 3;
/// Fewer are all marked.
const MANY: usize = 12;

/// A mismatch for people: what is wrong, counted; then the trace as a tree with marks, and what differs where it does.
pub(super) struct Report<'a> {
    mismatch: &'a Mismatch,
    /// What has moved, and what is below it.
    moved: HashSet<usize>,
}

/// What the drawing says of a span.
#[derive(Default)]
pub(super) struct Marks<'a> {
    pub(super) mark_of: HashMap<usize, Mark>,
    /// What stands below a span, line by line.
    pub(super) notes_of: HashMap<usize, Vec<String>>,
    /// What is missing under a span, or among the roots.
    pub(super) missing_under: HashMap<Option<usize>, Vec<MissingRow<'a>>>,
    /// Spans that are spoken of.
    pub(super) spoken_of: HashSet<usize>,
}

/// The sign before a line, the more telling one last.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Mark {
    Matched,
    Counted,
    /// It comes closest to one that is missing.
    Closest,
    Unexpected,
    Moved,
    Differs,
    Missing,
}

impl Mark {
    pub(super) fn sign(self) -> char {
        match self {
            Self::Matched => '✓',
            Self::Counted => 'Σ',
            Self::Closest => '≈',
            Self::Unexpected => '-',
            Self::Moved => '→',
            Self::Differs => '✗',
            Self::Missing => '+',
        }
    }
}

impl<'a> Report<'a> {
    pub(super) fn of(mismatch: &'a Mismatch) -> Self {
        let moved = mismatch.failures.iter().filter_map(|failure| match failure {
            Failure::Moved { span, .. } => mismatch.trace.span_ref(*span),
            _ => None,
        });
        let moved = moved.flat_map(|span| std::iter::once(span).chain(span.descendants()));
        Self { mismatch, moved: moved.map(|span| span.index()).collect() }
    }

    fn spans(&self, at: usize) -> Option<SpanRef<'a>> {
        self.mismatch.trace.span_ref(at)
    }

    /// `1 span differs, 1 is missing`.
    pub(super) fn headline(&self) -> String {
        let (mut differ, mut missing, mut unexpected) = (0, 0, 0);
        let mut moved = 0;
        let (mut too_many, mut totals, mut nothing, mut at_once) = (0, 0, 0, [0, 0]);
        let mut measures = 0;
        let mut otherwise: Vec<&str> = Vec::new();
        for failure in &self.mismatch.failures {
            match failure {
                Failure::Differs { .. } => differ += 1,
                Failure::Missing { expected, .. } => missing += expected.node_count(),
                Failure::Unexpected { span } => {
                    let below = self.spans(*span).into_iter().flat_map(SpanRef::descendants);
                    unexpected += 1 + below.filter(|span| !self.moved.contains(&span.index())).count();
                }
                Failure::Forbidden { .. } => unexpected += 1,
                Failure::Moved { .. } => moved += 1,
                Failure::Times { of, expected, found, .. } => match expected.at_most {
                    Some(at_most) if found.len() > at_most => too_many += found.len() - at_most,
                    _ => {
                        let short = expected.at_least.saturating_sub(found.len());
                        missing += short.saturating_mul(of.node_count());
                    }
                },
                Failure::Number { expected, found, .. } => match expected.at_most {
                    Some(0) => unexpected += found.len(),
                    Some(at_most) if found.len() > at_most => too_many += found.len() - at_most,
                    _ => missing += expected.at_least.saturating_sub(found.len()),
                },
                Failure::Nothing { .. } => nothing += 1,
                Failure::AtOnce { expected, found, .. } => match expected.at_most {
                    Some(at_most) if found.len() > at_most => at_once[0] += 1,
                    _ => at_once[1] += 1,
                },
                Failure::Total { .. } => totals += 1,
                Failure::Measured { .. } => measures += 1,
                Failure::Otherwise { what, .. } => otherwise.push(what),
            }
        }
        let spans = [
            (differ, "differs", "differ"),
            (moved, "has moved", "have moved"),
            (missing, "is missing", "are missing"),
            (unexpected, "is not expected", "are not expected"),
            (too_many, "is too many", "are too many"),
        ];
        let mut phrases: Vec<String> = Vec::new();
        for (number, singular, plural) in spans.into_iter().filter(|(number, ..)| *number > 0) {
            // Only the first says what is counted.
            let noun = match (phrases.is_empty(), number) {
                (true, 1) => " span",
                (true, _) => " spans",
                (false, _) => "",
            };
            phrases.push(format!("{number}{noun} {}", if number == 1 { singular } else { plural }));
        }
        for (number, text) in at_once.into_iter().zip(["too many at once", "too few at once"]) {
            if number > 0 {
                phrases.push(text.to_owned());
            }
        }
        match totals {
            0 => {}
            1 => phrases.push("a total is off".to_owned()),
            _ => phrases.push(format!("{totals} totals are off")),
        }
        match measures {
            0 => {}
            1 => phrases.push("a measure is off".to_owned()),
            _ => phrases.push(format!("{measures} measures are off")),
        }
        match nothing {
            0 => {}
            1 => phrases.push("there is nothing to check".to_owned()),
            _ => phrases.push(format!("there is nothing to check for {nothing} expectations")),
        }
        phrases.extend(otherwise.into_iter().map(str::to_owned));
        format!("{HEADLINE}{}", phrases.join(", "))
    }

    fn marks(&self) -> Marks<'a> {
        let mut marks = Marks::default();
        let mut mark = |span: usize, mark: Mark| {
            let there = marks.mark_of.entry(span).or_insert(mark);
            *there = mark.max(*there);
        };
        let mut noted: HashMap<String, usize> = HashMap::new();
        self.mismatch.matched.iter().for_each(|span| mark(*span, Mark::Matched));
        for failure in &self.mismatch.failures {
            match failure {
                Failure::Otherwise { .. } => {}
                Failure::Differs { span, differences } => {
                    mark(*span, Mark::Differs);
                    let notes = marks.notes_of.entry(*span).or_default();
                    let name = self.spans(*span).map_or("", |span| span.span().name());
                    for difference in differences {
                        let note = difference.to_string();
                        // Two expectations may find the same wrong.
                        if notes.contains(&note) {
                            continue;
                        }
                        let places = noted.entry(format!("{name} {}", kind_of(difference))).or_default();
                        *places += 1;
                        if *places <= NOTES_MAX {
                            notes.push(note);
                        }
                    }
                }
                Failure::Unexpected { span } => {
                    mark(*span, Mark::Unexpected);
                    let below = self.spans(*span).into_iter().flat_map(SpanRef::descendants);
                    let stay = below.filter(|span| !self.moved.contains(&span.index()));
                    stay.for_each(|span| mark(span.index(), Mark::Unexpected));
                }
                Failure::Forbidden { of, span } => {
                    mark(*span, Mark::Unexpected);
                    marks.notes_of.entry(*span).or_default().push(format!(
                        "forbidden: span {}{}",
                        of.name,
                        Conditions(of)
                    ));
                }
                Failure::Moved { span, parent, .. } => {
                    let below = self.spans(*span).into_iter().flat_map(SpanRef::descendants);
                    below.for_each(|span| mark(span.index(), Mark::Matched));
                    mark(*span, Mark::Moved);
                    marks.notes_of.entry(*span).or_default().push(self.to_and_from(*span, *parent));
                }
                Failure::Times { expected, found, .. } if expected.at_most.is_some_and(|n| found.len() > n) => {
                    let too_many = &found[expected.at_most.unwrap_or_default()..];
                    too_many.iter().for_each(|span| mark(*span, Mark::Unexpected));
                    let note = format!("too many: expected {expected}, found {}", found.len());
                    too_many
                        .iter()
                        .take(1)
                        .for_each(|span| marks.notes_of.entry(*span).or_default().push(note.clone()));
                }
                Failure::Times { of, parent, expected, found, closest } => {
                    let mut row = self.missing(of, closest.as_ref(), &mut marks.spoken_of);
                    let short = expected.at_least.saturating_sub(found.len());
                    let number = if found.is_empty() { "none".to_owned() } else { found.len().to_string() };
                    let closest = row.text.find(';').map_or("", |at| &row.text[at..]);
                    row.text = format!("{short} missing: expected {expected}, found {number}{closest}");
                    marks.missing_under.entry(*parent).or_default().push(row);
                }
                Failure::Number { expected, found, .. } if expected.at_most.is_some_and(|n| found.len() > n) => {
                    let is_any = expected.at_most != Some(0) && found.len() > MANY;
                    let marked = if is_any { MARKED_MAX } else { found.len() };
                    found.iter().take(marked).for_each(|span| mark(*span, Mark::Unexpected));
                }
                Failure::Total { spans, .. } | Failure::Measured { spans, .. } => {
                    self.longest(spans).into_iter().for_each(|span| mark(span, Mark::Counted));
                }
                Failure::AtOnce { found: spans, .. } => {
                    spans.iter().for_each(|span| mark(*span, Mark::Counted));
                }
                Failure::Missing { expected, parent, closest } => {
                    let row = self.missing(expected, closest.as_ref(), &mut marks.spoken_of);
                    marks.missing_under.entry(*parent).or_default().push(row);
                }
                Failure::Number { closest: Some(closest), .. } | Failure::Nothing { closest: Some(closest), .. }
                    if !closest.differences.is_empty() =>
                {
                    mark(closest.span, Mark::Closest);
                    let notes = marks.notes_of.entry(closest.span).or_default();
                    notes.extend(closest.differences.iter().map(ToString::to_string));
                }
                Failure::Number { of, closest, .. } | Failure::Nothing { of, closest } => {
                    let row =
                        MissingRow { with_children: false, ..self.missing(of, closest.as_ref(), &mut marks.spoken_of) };
                    marks.missing_under.entry(None).or_default().push(row);
                }
            }
        }
        marks
    }

    /// Of many spans that were measured together those that took longest, else all.
    fn longest(&self, spans: &[usize]) -> Vec<usize> {
        let mut longest = spans.to_vec();
        if longest.len() > MANY {
            let duration = |at: &usize| self.spans(*at).and_then(|span| span.span().signed_duration_ns());
            longest.sort_by_key(|at| std::cmp::Reverse(duration(at)));
            longest.truncate(MARKED_MAX);
        }
        longest
    }

    /// `moved: expected under "plan", found at the root`.
    fn to_and_from(&self, span: usize, parent: Option<usize>) -> String {
        let (to, from) = (parent.and_then(|at| self.spans(at)), self.spans(span).and_then(SpanRef::parent));
        let name = |parent: Option<SpanRef<'_>>| parent.map(|parent| parent.span().name().to_owned());
        let exactly = |parent: Option<SpanRef<'_>>| match parent {
            // Two of one name are told apart by what they are tagged with.
            Some(parent) if name(to) == name(from) => {
                let attributes = self.mismatch.trace.tree_text().width(30).attributes_of(parent.span());
                format!("{} ({attributes})", under(Some(parent)))
            }
            parent => under(parent),
        };
        format!("moved: expected {}, found {}", exactly(to), exactly(from))
    }

    /// The line of a missing span, and what is closest to it.
    fn missing(
        &self,
        expected: &'a SpanExpectation,
        closest: Option<&Closest>,
        spoken_of: &mut HashSet<usize>,
    ) -> MissingRow<'a> {
        let Some((closest, span)) = closest.and_then(|closest| Some((closest, self.spans(closest.span)?))) else {
            let conditions = Conditions(expected).to_string();
            let text = if conditions.is_empty() { "missing".to_owned() } else { format!("missing:{conditions}") };
            return MissingRow { expected, text, notes: Vec::new(), with_children: true };
        };
        spoken_of.insert(closest.span);
        let place = under(span.parent());
        let text = match closest.differences.as_slice() {
            [] if self.mismatch.matched.contains(&closest.span) => {
                "missing; those like it are expected elsewhere".to_owned()
            }
            [] => format!("missing here; there is one {place}"),
            _ => format!("missing; the closest is {place}:"),
        };
        let notes = closest.differences.iter().map(ToString::to_string).collect();
        MissingRow { expected, text, notes, with_children: true }
    }
}

#[cfg(feature = "page")]
impl Mismatch {
    /// What the report says, and what of it is about which span. Spans that are as expected are left out.
    pub(crate) fn failed_assertion(&self) -> FailedAssertion {
        let report = Report::of(self);
        let marks = report.marks();
        let mut notes: Vec<(usize, String)> = Vec::new();
        for (span, mark) in &marks.mark_of {
            let said = marks.notes_of.get(span).map(Vec::as_slice).unwrap_or_default();
            let word = match mark {
                Mark::Matched => continue,
                Mark::Counted => "counted in what is too much or too little",
                Mark::Unexpected => "not expected",
                Mark::Moved => "expected elsewhere",
                Mark::Differs => "differs",
                Mark::Closest => "closest to one that is missing",
                Mark::Missing => "missing",
            };
            match said {
                [] => notes.push((*span, word.to_owned())),
                said => notes.extend(said.iter().map(|note| (*span, note.clone()))),
            }
        }
        let missing = marks.missing_under.iter().filter_map(|(parent, rows)| Some(((*parent)?, rows)));
        notes.extend(missing.flat_map(|(parent, rows)| {
            rows.iter().map(move |row| (parent, format!("below it, {} is missing", row.expected)))
        }));
        notes.sort();
        let of_span = |(span, note): (usize, String)| {
            let span = self.trace.span_ref(span)?;
            Some((span.trace_id(), span.span_id(), note))
        };
        let notes = notes.into_iter().filter_map(of_span).collect();
        FailedAssertion { headline: report.headline(), report: report.to_string(), notes }
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.headline())?;
        for clue in &self.mismatch.clues {
            writeln!(f, "{clue}")?;
        }
        Causes::of(self.mismatch).fmt(f)?;
        if self.mismatch.failures.iter().all(|failure| matches!(failure, Failure::Otherwise { .. })) {
            // No span of it is drawn otherwise than the others.
            return Ok(());
        }
        writeln!(f)?;
        if self.mismatch.trace.is_empty() {
            writeln!(f, "    (the trace has no spans)")?;
        }
        Rows::of(&self.mismatch.trace, self.marks()).fmt(f)?;
        let hints = self.mismatch.hints();
        if !hints.is_empty() {
            writeln!(f)?;
        }
        hints.iter().try_for_each(|hint| writeln!(f, "{hint}"))
    }
}
