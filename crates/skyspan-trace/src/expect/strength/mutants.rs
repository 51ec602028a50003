//! [`Mutants`]: which mutants of a trace an expectation is held against.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::mutation::{Mutant, Mutation};
use super::mutation_kind::MutationKind;
use super::score::{Score, Strength};
use crate::expect::expectation::Expectation;
use crate::expect::mismatch::Mismatch;
use crate::expect::pattern::NamePattern;
use crate::seed::Seed;
use crate::trace::Trace;

/// Unless it is said otherwise, so many mutants are made.
const MUTANTS_MAX: usize = 1_000;
/// Of a large trace fewer, so that they have no more spans than this together; but not fewer than [`MUTANTS_MIN`].
const SPANS_MAX: usize = 5_000_000;
const MUTANTS_MIN: usize = 50;

/// Which mutants of a trace an expectation is held against. See [`mutate`], which takes all as it is here by default.
#[derive(Clone, Debug)]
#[must_use = "mutants do nothing until an expectation is checked against them"]
pub struct Mutants {
    trace: Trace,
    at_most: usize,
    seed: u64,
    kinds: Vec<MutationKind>,
    /// The keys of attributes that matter; all if none is said.
    keys: Vec<NamePattern>,
    omitted_keys: Vec<NamePattern>,
}

/// How much an expectation notices: holds it against mutants of a trace that it accepts, and tells which of them it accepts,
/// too.
///
/// A mutant differs from the trace in one thing ([`MutationKind`]): a span less, one under another parent, a `5` that is
/// `"5"`. That an expectation accepts one need not be wrong: it may be of no concern. But what is of concern and stands in
/// the list is not tested. A check that panics on a mutant has noticed it.
///
/// At most 1,000 mutants are made, and of a trace of more than 5,000 spans fewer, down to 50: as many of each kind as
/// of any other, if there are so many, spread evenly over the trace. The same trace gives the same ones.
/// [`Mutants`] sets another number, seed, or choice of kinds.
///
/// ```
/// use skyspan_trace::value::Timestamp;
/// use skyspan_trace::expect::{every, forest, mutate, span};
/// use skyspan_trace::trace::{Span, Trace};
///
/// let trace = Trace::from_spans([
///     Span::builder("plan").trace_id(1).span_id(1).end(Timestamp::from_unix_ns(10)).build(),
///     Span::builder("set").trace_id(1).span_id(2).parent_id(1).end(Timestamp::EPOCH).attribute("target", 5).build(),
/// ]);
/// let weak = mutate(&trace, &every(span("set")).ended())?;
/// let better = mutate(&trace, &forest([span("plan").children([span("set").attr("target", 5).ended()])]))?;
/// assert!(weak.share() < 0.25 && better.share() > 0.5);
/// assert_eq!(weak.survivors()[0].to_string(), r#""plan" dropped, what is below it kept"#);
/// # Ok::<(), skyspan_trace::expect::Mismatch>(())
/// ```
///
/// # Errors
///
/// [`Mismatch`] if the expectation does not accept the trace itself.
pub fn mutate(trace: &Trace, expectation: &(impl Expectation + ?Sized)) -> Result<Strength, Mismatch> {
    Mutants::of(trace).check(expectation)
}

impl Mutants {
    /// Those of a trace.
    pub fn of(trace: &Trace) -> Self {
        let at_most = (SPANS_MAX / trace.len().max(1)).clamp(MUTANTS_MIN, MUTANTS_MAX);
        Self {
            trace: trace.clone(),
            at_most,
            seed: 0,
            kinds: MutationKind::ALL.to_vec(),
            keys: Vec::new(),
            omitted_keys: Vec::new(),
        }
    }

    /// Sets how many are made at most. With fewer than there are kinds, some kinds are left out.
    pub fn at_most(self, number: usize) -> Self {
        Self { at_most: number, ..self }
    }

    /// Sets the seed: where there are more mutants than are made, another one takes others. It is 0 unless this is said.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Leaves out a kind, such as durations where a test does not care about time.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{MutationKind, Mutants, one, span}, trace::{Span, Trace}};
    /// let trace = Trace::from_spans([Span::builder("set").build()]);
    /// let mutants = Mutants::of(&trace).without(MutationKind::AttributeAdded).without(MutationKind::StatusChanged);
    /// assert_eq!(mutants.check(&one(span("set")))?.share(), 1.0);
    /// # Ok::<(), skyspan_trace::expect::Mismatch>(())
    /// ```
    pub fn without(mut self, kind: MutationKind) -> Self {
        self.kinds.retain(|other| *other != kind);
        self
    }

    /// Takes these kinds alone.
    pub fn only(self, kinds: impl IntoIterator<Item = MutationKind>) -> Self {
        Self { kinds: kinds.into_iter().collect(), ..self }
    }

    /// Of attributes takes those with these keys alone, exact ones or as patterns say; all others may be as they like. A test
    /// that is about moves need not notice that `unit` is another.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{MutationKind, Mutants, glob, span}, trace::{Span, Trace}};
    /// let trace = Trace::from_spans([Span::builder("set").attribute("target", 5).attribute("unit", "mm").build()]);
    /// let mutants = Mutants::of(&trace).only([MutationKind::Changed]);
    /// assert_eq!(mutants.clone().check(&span("set").attr("target", 5))?.share(), 0.5);
    /// assert_eq!(mutants.only_keys(["target"]).check(&span("set").attr("target", 5))?.share(), 1.0);
    /// # Ok::<(), skyspan_trace::expect::Mismatch>(())
    /// ```
    pub fn only_keys(self, keys: impl IntoIterator<Item = impl Into<NamePattern>>) -> Self {
        Self { keys: keys.into_iter().map(Into::into).collect(), ..self }
    }

    /// Leaves attributes with this key alone, an exact one or as a pattern says.
    ///
    /// ```
    /// # use skyspan_trace::{expect::{MutationKind, Mutants, glob, span}, trace::{Span, Trace}};
    /// let trace = Trace::from_spans([Span::builder("set").attribute("target", 5).attribute("thread.id", 3).build()]);
    /// let mutants = Mutants::of(&trace).only([MutationKind::Changed]).without_key(glob("thread.*"));
    /// assert_eq!(mutants.check(&span("set").attr("target", 5))?.share(), 1.0);
    /// # Ok::<(), skyspan_trace::expect::Mismatch>(())
    /// ```
    pub fn without_key(mut self, key: impl Into<NamePattern>) -> Self {
        self.omitted_keys.push(key.into());
        self
    }

    /// Makes the mutants one after another.
    pub fn made(&self) -> impl Iterator<Item = Mutant> + '_ {
        let numbers = self.numbers();
        let mut chosen: BTreeMap<MutationKind, Chosen> = self
            .quotas(&numbers)
            .into_iter()
            .map(|(kind, quota)| (kind, Chosen::new(quota, numbers[&kind], self.offset(kind))))
            .collect();
        let is_chosen = move |mutation: &Mutation| chosen.get_mut(&mutation.kind()).is_some_and(Chosen::next);
        self.mutations().filter(is_chosen).map(|mutation| mutation.of(&self.trace))
    }

    /// Holds an expectation against them. See [`mutate`].
    ///
    /// # Errors
    ///
    /// [`Mismatch`] if the expectation does not accept the trace itself.
    pub fn check(&self, expectation: &(impl Expectation + ?Sized)) -> Result<Strength, Mismatch> {
        expectation.check(&self.trace).map_err(|mismatch| {
            mismatch.with_clue("the expectation must accept the trace before mutants of it tell anything")
        })?;
        let mut scores: BTreeMap<MutationKind, Score> = BTreeMap::new();
        let mut survivors = Vec::new();
        for mutant in self.made() {
            let trace = mutant.trace();
            let is_accepted = matches!(catch_unwind(AssertUnwindSafe(|| expectation.check(&trace))), Ok(Ok(())));
            let score = scores.entry(mutant.kind()).or_default();
            score.made += 1;
            if is_accepted {
                survivors.push(mutant);
            } else {
                score.noticed += 1;
            }
        }
        Ok(Strength { scores, survivors, possible: self.numbers().values().sum() })
    }

    fn mutations(&self) -> impl Iterator<Item = Mutation> + '_ {
        let all = self.trace.spans().flat_map(Mutation::all_of);
        all.filter(|mutation| {
            self.kinds.contains(&mutation.kind()) && mutation.key(&self.trace).is_none_or(|key| self.matters(key))
        })
    }

    fn matters(&self, key: &str) -> bool {
        let is_one_of = |patterns: &[NamePattern]| patterns.iter().any(|pattern| pattern.matches(key));
        (self.keys.is_empty() || is_one_of(&self.keys)) && !is_one_of(&self.omitted_keys)
    }

    /// How many mutants there could be of each kind.
    fn numbers(&self) -> BTreeMap<MutationKind, usize> {
        let mut numbers = BTreeMap::new();
        self.mutations().for_each(|mutation| *numbers.entry(mutation.kind()).or_default() += 1);
        numbers
    }

    /// How many are made of each kind: what rare kinds do not need goes to the others.
    fn quotas(&self, numbers: &BTreeMap<MutationKind, usize>) -> BTreeMap<MutationKind, usize> {
        let mut by_number: Vec<(usize, MutationKind)> = numbers.iter().map(|(kind, number)| (*number, *kind)).collect();
        by_number.sort_unstable();
        let (mut left, mut kinds_left) = (self.at_most, by_number.len());
        let mut quotas = BTreeMap::new();
        for (number, kind) in by_number {
            let quota = number.min(left.div_ceil(kinds_left));
            (left, kinds_left) = (left - quota, kinds_left - 1);
            quotas.insert(kind, quota);
        }
        quotas
    }

    /// Where in the first of the equal stretches of a kind its mutants are taken from, in 2^-32.
    fn offset(&self, kind: MutationKind) -> u128 {
        match self.seed {
            0 => 0,
            seed => u128::from(Seed::new(seed).stream(&kind.to_string()).next_u64() >> 32),
        }
    }
}

/// Every so-manieth of a number of things.
struct Chosen {
    quota: u128,
    number: u128,
    offset: u128,
    taken: u128,
    seen: u128,
}

impl Chosen {
    fn new(quota: usize, number: usize, offset: u128) -> Self {
        Self { quota: quota as u128, number: number as u128, offset, taken: 0, seen: 0 }
    }

    /// Whether the next one is taken.
    fn next(&mut self) -> bool {
        let at = self.seen;
        self.seen += 1;
        let is_taken =
            self.taken < self.quota && at == (((self.taken << 32) + self.offset) * self.number / self.quota) >> 32;
        self.taken += u128::from(is_taken);
        is_taken
    }
}

#[cfg(test)]
mod tests {
    use super::Chosen;

    #[test]
    fn a_sample_is_spread_evenly() {
        for (quota, number, offset) in [(3, 9, 0), (3, 10, u32::MAX), (10, 10, u32::MAX), (1, 7, 1 << 31), (0, 5, 0)] {
            let mut chosen = Chosen::new(quota, number, u128::from(offset));
            let taken: Vec<usize> = (0..number).filter(|_| chosen.next()).collect();
            assert_eq!(taken.len(), quota, "{taken:?} of {number}");
        }
    }
}
