//! [`Unnoticed`]: what the rules would not notice, and the line that would.

use std::collections::BTreeMap;

use super::clauses::Clause;
use super::noticed::Examined;
use super::rehearsal::{holds, read};
use super::rule::{Support, line_of};
use super::seen::Seen;
use crate::check::entry::Entry;
use crate::expect::{Mutant, MutationKind};
use crate::trace::Trace;
use crate::value::Text;

/// How many mutants are tried of those that are reported alike.
const TRIED_MAX: usize = 3;

/// Something that the rules would not notice.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Unnoticed {
    /// What it is: `charge twice`, `charge after reserve`.
    pub what: Text,
    /// What was done to the trace.
    pub kind: MutationKind,
    /// How many mutants are so.
    pub number: usize,
    /// Whether each thing in them was so in one of the traces, so that a rule that notices them raises false alarms.
    pub is_within_seen: bool,
    /// The entry of a check file, on one line, that would notice it, if one would.
    pub line: Option<String>,
    /// In how many of the traces that entry holds.
    pub support: Option<Support>,
}

/// What is not noticed, first what does not lie within what was seen, and of that first what there is most of.
pub(super) fn unnoticed(examined: &[Examined], seen: &Seen, strict: &[&Clause], traces: &[Trace]) -> Vec<Unnoticed> {
    let mut all: BTreeMap<(bool, MutationKind, String), Vec<&Mutant>> = BTreeMap::new();
    for one in examined.iter().filter(|one| one.noticed_by.is_empty()) {
        let what = words(&one.mutant, seen);
        all.entry((one.is_within_seen, one.mutant.kind(), what)).or_default().push(&one.mutant);
    }
    let strict: Vec<(&Clause, String, Entry)> = strict
        .iter()
        .map(|clause| (*clause, line_of(clause)))
        .filter_map(|(clause, line)| read(&line).map(|entry| (clause, line, entry)))
        .collect();
    let mut all: Vec<Unnoticed> = all
        .into_iter()
        .map(|((is_within_seen, kind, what), mutants)| {
            let tried: Vec<(&Mutant, Trace)> =
                mutants.iter().take(TRIED_MAX).map(|mutant| (*mutant, mutant.trace())).collect();
            let about: Vec<Option<usize>> = mutants.first().map(|mutant| about(mutant, seen)).unwrap_or_default();
            // It must be right of the trace itself, and then tell that of the mutant it is not.
            let tells = |entry: &Entry| {
                let mut known = tried.iter().filter(|(mutant, _)| holds(entry, mutant.original())).peekable();
                known.peek().is_some() && known.all(|(_, mutated)| !holds(entry, mutated))
            };
            let found = strict
                .iter()
                .find(|(clause, _, entry)| (clause.group.is_none() || about.contains(&clause.group)) && tells(entry));
            let support = found.map(|(_, _, entry)| Support {
                holds: traces.iter().filter(|trace| holds(entry, trace)).count(),
                of: traces.len(),
            });
            let line = found.map(|(_, line, _)| line.clone());
            Unnoticed { what: what.into(), kind, number: mutants.len(), is_within_seen, line, support }
        })
        .collect();
    all.sort_by(|a, b| {
        (a.is_within_seen, std::cmp::Reverse(a.number), &a.what).cmp(&(
            b.is_within_seen,
            std::cmp::Reverse(b.number),
            &b.what,
        ))
    });
    all
}

/// The groups that a mutant is about: that of its span, of the other span, and of those around it.
fn about(mutant: &Mutant, seen: &Seen) -> Vec<Option<usize>> {
    let span = mutant.original().span_ref(mutant.span());
    let other = mutant.other_span().and_then(|place| mutant.original().span_ref(place));
    let around = span.into_iter().flat_map(|span| [span.parent(), span.next_sibling()]).flatten();
    let all = span.into_iter().chain(other).chain(around);
    all.map(|span| seen.groups.of_span(span)).filter(Option::is_some).collect()
}

/// What is done to a trace, in a few words that are the same for all spans of a kind.
fn words(mutant: &Mutant, seen: &Seen) -> String {
    let label = |place: usize| {
        let span = mutant.original().span_ref(place);
        let group = span.and_then(|span| seen.groups.of_span(span));
        group.map_or_else(|| "a span".to_owned(), |group| seen.groups.get(group).label.clone())
    };
    let this = label(mutant.span());
    let key = mutant.key().map(Text::as_str).unwrap_or_default();
    let other = mutant.other_span().map(label);
    match (mutant.kind(), other) {
        (MutationKind::Dropped, _) => format!("{this} missing"),
        (MutationKind::Duplicated, _) => format!("{this} twice"),
        (MutationKind::Moved, Some(other)) => format!("{this} below {other}"),
        (MutationKind::Moved, None) => format!("{this} at the root"),
        (MutationKind::Renamed, _) => format!("{this} under another name"),
        (MutationKind::Retyped, _) => format!("{this} with {key} of another type"),
        (MutationKind::Changed, _) => format!("{this} with another {key}"),
        (MutationKind::AttributeDropped, _) => format!("{this} without {key}"),
        (MutationKind::AttributeAdded, _) => format!("{this} with one more attribute"),
        (MutationKind::Swapped, Some(other)) if other == this => format!("{this} in another order"),
        (MutationKind::Swapped, other) => format!("{this} after {}", other.unwrap_or_default()),
        (MutationKind::Stretched, _) => format!("{this} twice as long"),
        (MutationKind::Shrunk, _) => format!("{this} half as long"),
        (MutationKind::LeftOpen, _) => format!("{this} without an end"),
        (MutationKind::StatusChanged, _) => format!("{this} with another status"),
        (MutationKind::EventDropped, _) => format!("{this} without one of its events"),
        (MutationKind::LinkDropped, _) => format!("{this} without one of its links"),
    }
}
