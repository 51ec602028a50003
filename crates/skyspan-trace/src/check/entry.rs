//! [`Entry`]: one thing that a check file says.

use std::fmt;
use std::path::Path;

use super::documents::DocumentsSaid;
use super::lint::Lint;
use super::patterns::expected;
use super::ranges::durations;
use super::selected::{ASK_KEYS, Selected};
use super::selector::{Selector, on_one_line, query};
use super::shapes::ShapeSaid;
use super::spans::tree;
use crate::expect::{DurationRange, Expectation, Expected, Failure, ForestExpectation, Mismatch, every, if_any, span};
use crate::query::{Query, QueryError};
use crate::trace::{Trace, exact_duration};
use crate::value::yaml::{Fields, Node, NodeValue, YamlError, listed, not_one_of};
use crate::value::{Position, Text, Value, nearest};

/// The name of the span that a RunEngine leaves for a run.
const RUN: &str = "Bluesky RunEngine run";
/// How a run may have ended.
pub(super) const EXIT_STATUSES: [&str; 3] = ["success", "abort", "fail"];
/// The keys of what an entry says, of which there is one.
pub(super) const SUBJECTS: [&str; 10] =
    ["exit_status", "reason", "duration", "run_duration", "documents", "tree", "spans", "if", "shape", "lint"];
/// A label is cut to so many columns.
const LABEL_MAX: usize = 60;
/// Conditions nest no deeper than this.
const DEPTH_MAX: usize = 20;

/// One thing that a check file says.
pub(super) struct Entry {
    pub(super) name: Option<Text>,
    pub(super) because: Option<Text>,
    pub(super) position: Position,
    pub(super) subject: Subject,
}

/// What an entry is about.
pub(super) enum Subject {
    ExitStatus(Expected),
    Reason(Expected),
    Duration(DurationRange),
    RunDuration(DurationRange),
    Documents(DocumentsSaid),
    Tree(ForestExpectation),
    Spans(Selected),
    If { query: Query, then: Vec<Entry> },
    Shape(ShapeSaid),
    Lint(Lint),
}

/// What an entry is held against.
#[derive(Clone, Copy)]
pub(super) struct Input<'t> {
    pub(super) selector: &'t Selector<'t>,
    /// The documents of the call, where there are any.
    pub(super) documents: Option<&'t [Value]>,
}

impl Entry {
    /// Reads one. Paths in it are seen from a folder.
    pub(super) fn read(node: &Node, folder: &Path) -> Result<Self, YamlError> {
        Self::read_at(node, folder, 0)
    }

    /// A list of entries, or one alone.
    fn read_all(node: &Node, folder: &Path, depth: usize) -> Result<Vec<Self>, YamlError> {
        if depth > DEPTH_MAX {
            let expected = format!("conditions that nest at most {DEPTH_MAX} deep");
            return Err(YamlError::new(node.position, expected, "deeper ones"));
        }
        match &node.value {
            NodeValue::Sequence(nodes) if nodes.is_empty() => Err(node.unexpected("at least one expectation")),
            NodeValue::Sequence(nodes) => nodes.iter().map(|node| Self::read_at(node, folder, depth)).collect(),
            _ => Ok(vec![Self::read_at(node, folder, depth)?]),
        }
    }

    fn read_at(node: &Node, folder: &Path, depth: usize) -> Result<Self, YamlError> {
        const WHAT: &str = "an expectation";
        let fields = Fields::any(node, WHAT)?;
        let mut found = SUBJECTS.into_iter().filter(|subject| fields.get(subject).is_some());
        let Some(subject) = found.next() else {
            // Of the keys there are, one that is nearly right is what went wrong.
            let known = || SUBJECTS.into_iter().chain(["name", "because", "then", "or_none"]).chain(ASK_KEYS);
            if let Some((position, key, meant)) = fields
                .keys()
                .filter(|(_, key)| !known().any(|known| known == *key))
                .find_map(|(position, key)| Some((position, key, nearest(key, SUBJECTS)?)))
            {
                let expected = format!("one of the keys {} in {WHAT}", listed(&SUBJECTS));
                return Err(YamlError::new(position, expected, format!("`{key}`")).with_suggestion(Some(meant)));
            }
            let error = fields.lacks(&format!("one of the keys {}", listed(&SUBJECTS)));
            let is_ask = fields.keys().any(|(_, key)| ASK_KEYS.contains(&key));
            return Err(if is_ask { error.with_help("`spans: '{ ... }'` says of which spans") } else { error });
        };
        if let Some(second) = found.next() {
            let expected = "one subject in an expectation";
            return Err(YamlError::new(node.position, expected, format!("`{subject}` and `{second}`"))
                .with_help("make them two entries of the list"));
        }
        let beside: &[&str] = match subject {
            "spans" => &[&["or_none"], &ASK_KEYS[..]].concat(),
            "if" => &["then"],
            _ => &[],
        };
        fields.allow_besides(&[&[subject, "name", "because"], beside].concat(), &[])?;
        let (said, at) = (fields.need(subject)?, node.position);
        let subject = match subject {
            "exit_status" => Subject::ExitStatus(exit_status(said)?),
            "reason" => Subject::Reason(expected(said)?),
            "duration" => Subject::Duration(durations(said)?),
            "run_duration" => Subject::RunDuration(durations(said)?),
            "documents" => Subject::Documents(DocumentsSaid::read(said)?),
            "tree" => Subject::Tree(tree(said)?),
            "spans" => Subject::Spans(Selected::read(&fields)?),
            "if" => Subject::If { query: query(said)?, then: Self::read_all(fields.need("then")?, folder, depth + 1)? },
            "shape" => Subject::Shape(ShapeSaid::read(said, folder)?),
            _ => Subject::Lint(Lint::read(said)?),
        };
        let text = |key: &str, what: &str| Ok(fields.text(key, what)?.map(Text::from));
        let because = text("because", "why it must be so")?;
        Ok(Self { name: text("name", "what the expectation is called")?, because, position: at, subject })
    }

    /// What it is called: by its name, or by what it says.
    pub(super) fn label(&self) -> String {
        match &self.name {
            Some(name) => name.to_string(),
            None => crate::pad::cut_to(&self.subject.label(), LABEL_MAX).into_owned(),
        }
    }

    /// Whether it, or one that it holds, is about documents.
    pub(super) fn asks_for_documents(&self) -> Option<Position> {
        match &self.subject {
            Subject::Documents(_) => Some(self.position),
            Subject::If { then, .. } => then.iter().find_map(Self::asks_for_documents),
            _ => None,
        }
    }

    /// The shapes that it, or one that it holds, compares.
    pub(super) fn shapes(&self) -> Vec<&ShapeSaid> {
        match &self.subject {
            Subject::Shape(shape) => vec![shape],
            Subject::If { then, .. } => then.iter().flat_map(Self::shapes).collect(),
            _ => Vec::new(),
        }
    }

    /// What was found, or what is wrong.
    pub(super) fn check(&self, input: Input<'_>) -> Result<String, Mismatch> {
        let trace = input.selector.trace;
        let checked = self.subject.check(input).unwrap_or_else(|error| {
            Err(otherwise(trace, "a query has no answer", format!("a query has no answer for these spans: {error}")))
        });
        checked.map_err(|mismatch| match &self.because {
            Some(because) => mismatch.with_clue(because.clone()),
            None => mismatch,
        })
    }
}

fn exit_status(node: &Node) -> Result<Expected, YamlError> {
    match node.as_str() {
        Some(word) if EXIT_STATUSES.contains(&word) => Ok(word.into()),
        _ if matches!(node.value, NodeValue::Mapping(_)) => expected(node),
        _ => Err(not_one_of(node, "an exit status, or a pattern of one", &EXIT_STATUSES)),
    }
}

/// `1 span`, `3 spans`.
pub(super) fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A mismatch of which no span knows.
pub(super) fn otherwise(trace: &Trace, what: &'static str, told: String) -> Mismatch {
    let failure = Failure::Otherwise { what: Text::literal(what), told: told.into() };
    Mismatch::new(trace, vec![failure], Vec::new())
}

impl Subject {
    fn label(&self) -> String {
        match self {
            Self::ExitStatus(_) => "exit_status".to_owned(),
            Self::Reason(_) => "reason".to_owned(),
            Self::Duration(_) => "duration".to_owned(),
            Self::RunDuration(_) => "run_duration".to_owned(),
            Self::Documents(_) => "documents".to_owned(),
            Self::Tree(_) => "tree".to_owned(),
            Self::Spans(selected) => selected.label(),
            Self::If { query, .. } => format!("if {}", on_one_line(query.as_str())),
            Self::Shape(shape) => {
                format!("shape {}", shape.file.file_name().unwrap_or_default().to_string_lossy())
            }
            Self::Lint(lint) => format!("lint: {lint}"),
        }
    }

    fn check(&self, input: Input<'_>) -> Result<Result<String, Mismatch>, QueryError> {
        let trace = input.selector.trace;
        let runs = || counted(trace.named(RUN).len(), "run");
        let is_of_runs = matches!(self, Self::ExitStatus(_) | Self::Reason(_) | Self::RunDuration(_));
        if is_of_runs && trace.named(RUN).len() == 0 {
            let told = format!("there is no run: none of the {} is called {RUN:?}", counted(trace.len(), "span"));
            return Ok(Err(otherwise(trace, "there is nothing to check", told)));
        }
        Ok(match self {
            Self::ExitStatus(expected) => {
                every(span(RUN)).bluesky_exit_status(expected.clone()).check(trace).map(|()| match expected {
                    Expected::Equal(Value::Str(word)) if trace.named(RUN).len() == 1 => word.to_string(),
                    expected => format!("{expected}, {}", runs()),
                })
            }
            Self::Reason(expected) => every(span(RUN)).bluesky_reason(expected.clone()).check(trace).map(|()| runs()),
            Self::Duration(range) => duration(trace, range),
            Self::RunDuration(range) => every(span(RUN)).lasting(*range).check(trace).map(|()| runs()),
            Self::Documents(said) => match input.documents {
                Some(documents) => match said.wrong(documents) {
                    Some(wrong) => Err(otherwise(trace, "its documents are others", wrong)),
                    None => Ok(counted(documents.len(), "document")),
                },
                None => Err(otherwise(trace, "there are no documents", NO_DOCUMENTS.to_owned())),
            },
            Self::Tree(forest) => forest.check(trace).map(|()| counted(trace.len(), "span")),
            Self::Spans(selected) => selected.check(input.selector)?,
            Self::If { query, then } => {
                let number = input.selector.number(query)?;
                if number == 0 {
                    return Ok(Ok("there are none".to_owned()));
                }
                let all = if_any(input.selector.spans(query)?).then(Then { entries: then, input });
                all.check(trace).map(|()| format!("{number} are there, and so is what must be"))
            }
            Self::Shape(shape) => match shape.wrong(trace) {
                Some(wrong) => Err(otherwise(trace, "the shape is another", wrong)),
                None => Ok(counted(trace.len(), "span")),
            },
            Self::Lint(lint) => lint.check(trace).map(|()| counted(trace.len(), "span")),
        })
    }
}

/// Why there is nothing to hold documents against.
pub(super) const NO_DOCUMENTS: &str =
    "`documents` asks for the documents of a call, and a trace has none: run the plan, or check a plan file";

/// From the start of the first span to the end of the last.
fn duration(trace: &Trace, range: &DurationRange) -> Result<String, Mismatch> {
    if let Some(open) = trace.unended().next() {
        let told = format!("expected that the trace takes {range}, and it has no end: {:?} is open", open.name());
        return Err(otherwise(trace, "the duration is not known", told));
    }
    let start = trace.spans().map(|span| span.start()).min();
    let (Some(start), Some(end)) = (start, trace.spans().filter_map(|span| span.end()).max()) else {
        let told = format!("expected that the trace takes {range}, and it has no spans");
        return Err(otherwise(trace, "the duration is not known", told));
    };
    let ns = end.signed_ns_since(start);
    match range.contains_ns(ns) {
        true => Ok(format!("{}, {range}", exact_duration(ns))),
        false => {
            let told = format!(
                "expected that the trace takes {range} from its first start to its last end, found {}",
                exact_duration(ns)
            );
            Err(otherwise(trace, "the duration is off", told))
        }
    }
}

/// What must be the case where a condition holds.
struct Then<'t> {
    entries: &'t [Entry],
    input: Input<'t>,
}

impl Expectation for Then<'_> {
    fn check(&self, _: &Trace) -> Result<(), Mismatch> {
        let wrong = self.entries.iter().filter_map(|entry| entry.check(self.input).err());
        let together = wrong.reduce(|mut together, mismatch| {
            together.add(mismatch);
            together
        });
        together.map_or(Ok(()), Err)
    }
}

impl fmt::Display for Then<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels: Vec<String> = self.entries.iter().map(Entry::label).collect();
        f.write_str(&labels.join(", and "))
    }
}
