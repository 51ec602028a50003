//! [`Strength`]: how much an expectation notices.

use std::collections::BTreeMap;
use std::fmt;

use serde::ser::{Serialize, Serializer};

use super::mutation::Mutant;
use super::mutation_kind::MutationKind;
use crate::value::FormatVersion;

/// Of each kind, so many survivors are listed.
const LISTED_MAX: usize = 4;

/// How much an expectation notices. Made by [`mutate`](super::mutate). Its `Display` is a table of kinds, and a list of some
/// of the mutants that were accepted.
///
/// ```
/// use skyspan_trace::expect::{mutate, one, span};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace = Trace::from_spans([Span::builder("set").span_id(1).attribute("target", 5).build()]);
/// let strength = mutate(&trace, &one(span("set").attr("target", 5)))?;
/// assert_eq!(strength.to_string(), "\
/// 7 of 9 mutants are noticed (78 %)
///
///   1 of 1  span dropped
///   1 of 1  span duplicated
///   1 of 1  span renamed
///   2 of 2  attribute retyped
///   1 of 1  attribute changed
///   1 of 1  attribute dropped
///   0 of 1  attribute added
///   0 of 1  status changed
///
/// accepted all the same:
///
///   \"set\": skyspan.mutant=true added
///   \"set\": status changed from UNSET to ERROR: mutant
/// ");
/// # Ok::<(), skyspan_trace::expect::Mismatch>(())
/// ```
#[derive(Clone, Debug)]
pub struct Strength {
    pub(super) scores: BTreeMap<MutationKind, Score>,
    pub(super) survivors: Vec<Mutant>,
    pub(super) possible: usize,
}

/// How many mutants of a kind were made, and how many of those were noticed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, serde::Serialize, serde::Deserialize)]
#[expect(missing_docs, reason = "they are what they say")]
#[non_exhaustive]
pub struct Score {
    pub noticed: usize,
    pub made: usize,
}

impl Strength {
    /// Which part of the mutants was noticed, from 0 to 1; 0 if there were none.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "there are few")]
    pub fn share(&self) -> f64 {
        let Score { noticed, made } = self.score();
        if made == 0 { 0.0 } else { noticed as f64 / made as f64 }
    }

    /// How many mutants were made, and how many noticed.
    #[must_use]
    pub fn score(&self) -> Score {
        self.scores.values().fold(Score::default(), |sum, score| Score {
            noticed: sum.noticed + score.noticed,
            made: sum.made + score.made,
        })
    }

    /// The same of one kind.
    #[must_use]
    pub fn score_of(&self, kind: MutationKind) -> Score {
        self.scores.get(&kind).copied().unwrap_or_default()
    }

    /// How many mutants of these kinds there are; more than were made if those are a sample.
    #[must_use]
    pub fn possible(&self) -> usize {
        self.possible
    }

    /// The mutants that were accepted, by span and then by kind.
    #[must_use]
    pub fn survivors(&self) -> &[Mutant] {
        &self.survivors
    }
}

/// The `share`, how many mutants were `noticed`, `made` and `possible`, the scores by kind as `kinds`, and all `survivors` by
/// the `place` of the span, with their `kind`, the `key` of the attribute if it is about one, and a `text`.
///
/// ```
/// use serde_json::json;
/// use skyspan_trace::expect::{MutationKind, Mutants, span};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace = Trace::from_spans([Span::builder("set").attribute("target", 5).build()]);
/// let strength = Mutants::of(&trace).only([MutationKind::Changed]).check(&span("set"))?;
/// assert_eq!(serde_json::to_value(&strength)?, json!({
///     "version": 1, "share": 0.0, "noticed": 0, "made": 1, "possible": 1,
///     "kinds": {"changed": {"noticed": 0, "made": 1}},
///     "survivors": [{"kind": "changed", "place": 0, "key": "target", "text": strength.survivors()[0].to_string()}],
/// }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Serialize for Strength {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct StrengthJson<'a> {
            version: FormatVersion,
            share: f64,
            #[serde(flatten)]
            score: Score,
            possible: usize,
            kinds: &'a BTreeMap<MutationKind, Score>,
            survivors: &'a [Mutant],
        }
        StrengthJson {
            version: FormatVersion,
            share: self.share(),
            score: self.score(),
            possible: self.possible,
            kinds: &self.scores,
            survivors: &self.survivors,
        }
        .serialize(serializer)
    }
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Score { noticed, made } = self.score();
        // Only all of them are 100 %.
        let percent = match made {
            0 => 0,
            _ if noticed == made => 100,
            _ => ((noticed * 200 + made) / (2 * made)).min(99),
        };
        write!(f, "{noticed} of {made} mutants are noticed ({percent} %)")?;
        if made < self.possible {
            write!(f, "; these are a sample of {}", self.possible)?;
        }
        writeln!(f, "\n")?;
        let scores = || self.scores.values();
        let noticed_width = scores().map(|score| score.noticed.to_string().len()).max().unwrap_or(0);
        let made_width = scores().map(|score| score.made.to_string().len()).max().unwrap_or(0);
        for (kind, Score { noticed, made }) in &self.scores {
            writeln!(f, "  {noticed:>noticed_width$} of {made:<made_width$}  {kind}")?;
        }
        if self.survivors.is_empty() {
            return Ok(());
        }
        writeln!(f, "\naccepted all the same:\n")?;
        for kind in self.scores.keys() {
            let of_kind = || self.survivors.iter().filter(|mutant| mutant.kind() == *kind);
            of_kind().take(LISTED_MAX).try_for_each(|mutant| writeln!(f, "  {mutant}"))?;
            match of_kind().count().saturating_sub(LISTED_MAX) {
                0 => {}
                more => writeln!(f, "  ⋯ {more} more: {kind}")?,
            }
        }
        Ok(())
    }
}
