//! What would not have held for traces from which it was not learned.

use std::collections::{BTreeMap, BTreeSet};

use super::clauses::{Clause, Said, Subject, clauses};
use super::learn_options::LearnOptions;
use super::rule::entry_of;
use super::seen::Seen;
use super::tolerance::TRACES_MIN;
use crate::check::entry::{Entry, Input};
use crate::check::selector::Selector;
use crate::trace::Trace;
use crate::value::yaml::Node;

/// The traces are divided into so many parts at most, each of which is held against what the others teach.
const PARTS_MAX: usize = 10;

/// One trace in so many is a few.
const FEW: usize = 10;

/// What came of holding each part of the traces against what the others teach.
#[derive(Clone, Debug, Default)]
pub(super) struct Rehearsal {
    /// How many traces were held against what others teach; none if there are too few.
    pub(super) traces: usize,
    /// How many of them raised an alarm.
    pub(super) alarms: usize,
    /// What is given up, and in how many traces it did not hold.
    pub(super) given_up: BTreeMap<Subject, usize>,
    /// What has a range that one of them left, which is wider for that.
    pub(super) wider: BTreeSet<Subject>,
}

impl Rehearsal {
    pub(super) fn of(traces: &[Trace], options: &LearnOptions) -> Self {
        if traces.len() < TRACES_MIN {
            return Self::default();
        }
        let parts = traces.len().min(PARTS_MAX);
        // A query is asked once of each trace, whichever part it is of.
        let selectors: Vec<Selector<'_>> = traces.iter().map(Selector::new).collect();
        let mut failed: BTreeMap<Subject, BTreeSet<usize>> = BTreeMap::new();
        let mut has_range: BTreeSet<Subject> = BTreeSet::new();
        for part in 0..parts {
            let others: Vec<Trace> = traces
                .iter()
                .enumerate()
                .filter(|(at, _)| at % parts != part)
                .map(|(_, trace)| trace.clone())
                .collect();
            let learned = clauses(&Seen::of(&others), options, &Self::default());
            let loose: Vec<(&Clause, Entry)> = learned
                .iter()
                .filter(|clause| !clause.is_strict)
                .filter_map(|clause| Some((clause, read(&entry_of(&[clause]))?)))
                // What does not hold for those from which it is learned is told elsewhere.
                .filter(|(_, entry)| {
                    let mut others = selectors.iter().enumerate().filter(|(at, _)| at % parts != part);
                    others.all(|(_, selector)| is_met(entry, selector))
                })
                .collect();
            for (at, selector) in selectors.iter().enumerate().filter(|(at, _)| at % parts == part) {
                let fails: Vec<&Clause> =
                    loose.iter().filter(|(_, entry)| !is_met(entry, selector)).map(|(clause, _)| *clause).collect();
                // An attribute of an event says no more than the list that it stands in, if that is another.
                let subjects: BTreeSet<Subject> = fails.iter().map(|clause| clause.subject()).collect();
                let is_of_list = |clause: &&&Clause| {
                    list_of(clause).is_some_and(|list| list != clause.subject() && subjects.contains(&list))
                };
                for clause in fails.iter().filter(|clause| !is_of_list(clause)) {
                    failed.entry(clause.subject()).or_default().insert(at);
                    if is_range(&clause.said) {
                        has_range.insert(clause.subject());
                    }
                }
            }
        }
        let alarms: BTreeSet<usize> = failed.values().flatten().copied().collect();
        // A range that few traces have left is wider. What else did not hold does not hold.
        let few = traces.len().div_ceil(FEW);
        let is_given_up = |subject: &Subject, number: usize| !has_range.contains(subject) || number > few;
        let (given_up, wider): (BTreeMap<_, _>, BTreeMap<_, _>) = failed
            .into_iter()
            .map(|(subject, at)| (subject, at.len()))
            .partition(|(subject, number)| is_given_up(subject, *number));
        Self { traces: traces.len(), alarms: alarms.len(), given_up, wider: wider.into_keys().collect() }
    }
}

impl Rehearsal {
    /// Whether a clause is given up. An attribute is not: no more is said of it than its type. One of an event goes where the list
    /// of events does that it stands in.
    pub(super) fn gives_up(&self, clause: &Clause) -> bool {
        match &clause.said {
            Said::Attribute(..) | Said::Resource(..) => false,
            Said::Events(_) => list_of(clause).is_some_and(|list| self.given_up.contains_key(&list)),
            _ => self.given_up.contains_key(&clause.subject()),
        }
    }
}

/// What the list of events is about that a clause is about.
fn list_of(clause: &Clause) -> Option<Subject> {
    match &clause.said {
        Said::Events(events) => Some((clause.rule.clone(), events.about_the_list().to_owned())),
        _ => None,
    }
}

fn is_range(said: &Said) -> bool {
    match said {
        Said::Each(key, _) => *key == "duration",
        Said::Attribute(_, said) => said.contains("between:"),
        Said::Events(events) => events.has_range(),
        Said::Resource(..) => false,
        Said::Count(said) => said.contains(".."),
        Said::Order(_) => false,
    }
}

/// Reads one entry of a check file; nothing for one that is none.
pub(super) fn read(text: &str) -> Option<Entry> {
    let node = Node::parse(text).ok()?;
    let list = node.expect_list("a list").ok()?;
    Entry::read(list.first()?, std::path::Path::new("")).ok()
}

/// Whether an entry holds for a trace.
pub(super) fn holds(entry: &Entry, trace: &Trace) -> bool {
    is_met(entry, &Selector::new(trace))
}

/// Whether an entry holds for the trace of a selector, which keeps what its queries select for the next entry.
pub(super) fn is_met(entry: &Entry, selector: &Selector<'_>) -> bool {
    entry.check(Input { selector, documents: None }).is_ok()
}
