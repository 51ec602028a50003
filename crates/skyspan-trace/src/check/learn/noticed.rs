//! Which mutants of the traces the rules notice, each of them and all together.

use std::collections::BTreeMap;

use super::learn_options::LearnOptions;
use super::within_seen::WithinSeen;
use crate::check::entry::{Entry, Input};
use crate::check::selector::Selector;
use crate::expect::{Mutant, Mutants, MutationKind};
use crate::trace::Trace;

/// Mutants are made of so many traces at most.
const TRACES_MAX: usize = 12;
/// Of large traces fewer, so that all together have no more spans than this; but not fewer of each than one of each kind.
const SPANS_MAX: usize = 5_000_000;
const FEWEST: usize = MutationKind::ALL.len();

/// How many mutants of a kind there were, and what became of them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct KindScore {
    /// How many were made.
    pub made: usize,
    /// How many the rules notice.
    pub noticed: usize,
    /// How many they do not notice as they lie within what was seen: each thing in them was so in one of the traces.
    pub within_seen: usize,
}

impl KindScore {
    /// Which part is noticed of those that do not lie within what was seen, from 0 to 1; 1 if there are none.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "there are few")]
    pub fn share(self) -> f64 {
        match self.made - self.within_seen {
            0 => 1.0,
            beyond => self.noticed as f64 / beyond as f64,
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            made: self.made + other.made,
            noticed: self.noticed + other.noticed,
            within_seen: self.within_seen + other.within_seen,
        }
    }
}

/// A mutant, and which rules notice it.
#[derive(Clone, Debug)]
pub(super) struct Examined {
    pub(super) mutant: Mutant,
    pub(super) noticed_by: Vec<usize>,
    pub(super) is_within_seen: bool,
}

/// Holds rules against mutants.
pub(super) fn examine(
    traces: &[Trace],
    entries: &[&Entry],
    within: &WithinSeen<'_>,
    options: &LearnOptions,
) -> Vec<Examined> {
    let chosen = traces.len().min(TRACES_MAX);
    let mut all = Vec::new();
    for nth in 0..chosen {
        let trace = &traces[nth * traces.len() / chosen];
        let of_each = options.mutants.div_ceil(chosen).min((SPANS_MAX / chosen / trace.len().max(1)).max(FEWEST));
        let mutants = Mutants::of(trace);
        let mutants = if options.times {
            mutants
        } else {
            mutants.without(MutationKind::Stretched).without(MutationKind::Shrunk)
        };
        for mutant in mutants.at_most(of_each).seed(nth as u64).made() {
            let mutated = mutant.trace();
            let selector = Selector::new(&mutated);
            let input = Input { selector: &selector, documents: None };
            let noticed_by: Vec<usize> =
                entries.iter().enumerate().filter(|(_, entry)| entry.check(input).is_err()).map(|(at, _)| at).collect();
            let is_within_seen = noticed_by.is_empty() && within.contains(&mutated);
            all.push(Examined { mutant, noticed_by, is_within_seen });
        }
    }
    all
}

/// The score of each kind.
pub(super) fn scores(examined: &[Examined]) -> BTreeMap<MutationKind, KindScore> {
    let mut scores: BTreeMap<MutationKind, KindScore> = BTreeMap::new();
    for one in examined {
        let score = scores.entry(one.mutant.kind()).or_default();
        score.made += 1;
        score.noticed += usize::from(!one.noticed_by.is_empty());
        score.within_seen += usize::from(one.is_within_seen);
    }
    scores
}
