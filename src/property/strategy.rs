//! [`plans`] and [`messages`]: strategies for generated plans.

use std::ops::{Bound, RangeBounds};

use proptest::strategy::{NewTree, Strategy};
use proptest::test_runner::TestRunner;

use super::generated_plan::Style;
use super::op::{Op, OpKind, below};
use super::shrink::ShrinkTree;
use super::source::chance_of;
use super::{GeneratedPlan, Kit};
use crate::seed::Seed;

/// How many operations a plan has at most, unless one says otherwise.
const LENGTH: usize = 24;

/// Well-formed plans: nested and interleaved runs, events and streams, groups, staging, monitors, flyers, the plans and the
/// preprocessors of bluesky, pauses; each operation where it applies. A strategy of proptest, and a source of
/// [`for_all`](super::for_all).
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::property::OpKind;
///
/// for_all(plans().up_to(12).weight(OpKind::Scan, 20).without([OpKind::Raise]))
///     .cases(50)
///     .check(|lab, program| lab.run(program.plan(lab)).assert_success());
/// ```
#[must_use]
pub fn plans() -> Plans {
    Plans::new(Style::WellFormed)
}

/// Messages one after another, legal or not, some of them where errors are caught. A strategy of proptest, and a source of
/// [`for_all`](super::for_all).
///
/// ```
/// use skyspan::prelude::*;
///
/// for_all(messages()).cases(50).check(|lab, program| {
///     lab.run(program.plan(lab));
///     (lab.state() == RunEngineState::Idle).or_fail("the engine is not idle")
/// });
/// ```
#[must_use]
pub fn messages() -> Plans {
    Plans::new(Style::Verbatim)
}

/// A strategy for generated plans: made by [`plans`] and [`messages`].
#[derive(Clone, Debug)]
pub struct Plans {
    style: Style,
    kit: Kit,
    least: usize,
    most: usize,
    weights: Vec<(OpKind, u32)>,
}

impl Plans {
    fn new(style: Style) -> Self {
        let weight = |kind: OpKind| match style {
            Style::WellFormed => kind.weight_in_plans(),
            Style::Verbatim => kind.weight_in_messages(),
        };
        let weights = OpKind::ALL.iter().map(|kind| (*kind, weight(*kind))).collect();
        Self { style, kit: Kit::standard(), least: 1, most: LENGTH, weights }
    }

    /// With the devices of that kit.
    #[must_use]
    pub fn kit(self, kit: Kit) -> Self {
        Self { kit, ..self }
    }

    /// Of up to so many operations; 24 unless one says otherwise.
    #[must_use]
    pub fn up_to(self, most: usize) -> Self {
        Self { least: self.least.min(most), most, ..self }
    }

    /// Of so many operations.
    #[must_use]
    pub fn of(self, lengths: impl RangeBounds<usize>) -> Self {
        let least = match lengths.start_bound() {
            Bound::Included(least) => *least,
            Bound::Excluded(least) => least.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let most = match lengths.end_bound() {
            Bound::Included(most) => *most,
            Bound::Excluded(most) => most.saturating_sub(1),
            Bound::Unbounded => least.max(LENGTH),
        };
        Self { least, most: most.max(least), ..self }
    }

    /// How often a kind of operation comes, relative to the others; never with 0. What each has without this is its
    /// [weight in plans](OpKind::weight_in_plans) or [in messages](OpKind::weight_in_messages).
    #[must_use]
    pub fn weight(mut self, kind: OpKind, weight: u32) -> Self {
        for entry in &mut self.weights {
            if entry.0 == kind {
                entry.1 = weight;
            }
        }
        self
    }

    /// Without these kinds of operations.
    #[must_use]
    pub fn without(self, kinds: impl IntoIterator<Item = OpKind>) -> Self {
        kinds.into_iter().fold(self, |plans, kind| plans.weight(kind, 0))
    }

    /// With these kinds of operations alone, as often as they have come until now, and at least with weight 1.
    #[must_use]
    pub fn only(mut self, kinds: impl IntoIterator<Item = OpKind>) -> Self {
        let kinds: Vec<OpKind> = kinds.into_iter().collect();
        for (kind, weight) in &mut self.weights {
            *weight = if kinds.contains(kind) { (*weight).max(1) } else { 0 };
        }
        self
    }

    pub(super) fn generate(&self, chance: &Seed) -> GeneratedPlan {
        let range = u64::try_from(self.most - self.least).unwrap_or(u64::MAX).saturating_add(1);
        let length = self.least + usize::try_from(chance.next_u64() % range).unwrap_or_default();
        let ops = (0..length).filter_map(|_| self.op(chance)).collect();
        GeneratedPlan::new(ops, self.kit.clone(), self.style)
    }

    fn op(&self, chance: &Seed) -> Option<Op> {
        let total: u64 = self.weights.iter().map(|(_, weight)| u64::from(*weight)).sum();
        let mut drawn = chance.next_u64().checked_rem(total)?;
        for (kind, weight) in &self.weights {
            let weight = u64::from(*weight);
            if drawn < weight {
                return Some(Op::random(*kind, chance));
            }
            drawn -= weight;
        }
        None
    }
}

impl Strategy for Plans {
    type Tree = ShrinkTree<GeneratedPlan>;
    type Value = GeneratedPlan;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        Ok(ShrinkTree::new(self.generate(&chance_of(runner))))
    }
}

/// Whether something comes that comes so many times of a hundred.
pub(super) fn percent(chance: &Seed, percent: u8) -> bool {
    below(chance, 100) < percent
}
