//! [`Source`]: where the cases of a search come from.

use std::fmt::Debug;

use proptest::prelude::Rng as _;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::generated_plan::Style;
use super::shrink::ShrinkTree;
use super::{GeneratedPlan, Kit, Op, OpKind, drawn};
use crate::seed::Seed;

/// Where the cases of a search come from: any strategy of proptest, whose cases are drawn by chance, or [`every_sequence`],
/// which goes through all there are.
pub trait Source {
    /// What a case is.
    type Value: Debug;
    /// A case and all that is simpler.
    type Tree: ValueTree<Value = Self::Value>;

    /// The case of that number; the same for the same seed. Nothing where there is none, or none could be drawn.
    fn case(&self, seed: u64, number: u64) -> Option<Self::Tree>;

    /// How many there are; nothing where there is no end.
    fn count(&self) -> Option<u64> {
        None
    }
}

impl<S: Strategy> Source for S {
    type Tree = S::Tree;
    type Value = S::Value;

    fn case(&self, seed: u64, number: u64) -> Option<Self::Tree> {
        let chance = Seed::new(seed).stream("cases").stream(&number.to_string());
        let mut bytes = [0; 32];
        for eight in bytes.chunks_exact_mut(8) {
            eight.copy_from_slice(&chance.next_u64().to_le_bytes());
        }
        let config = Config { failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
        self.new_tree(&mut runner).ok()
    }
}

/// A source of chance of our own, from proptest's.
pub(super) fn chance_of(runner: &mut TestRunner) -> Seed {
    Seed::new(runner.rng().next_u64())
}

/// Every sequence of up to so many of these operations, the shorter ones first: a search that leaves nothing out.
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::property::{OpKind, every_sequence};
///
/// // 1 + 4 + 16 + 64 + 256 plans.
/// let sequences = every_sequence([OpKind::Checkpoint, OpKind::ClearCheckpoint, OpKind::Pause], 4);
/// for_all(sequences).check(|lab, program| {
///     lab.run(program.plan(lab));
///     (lab.state() == RunEngineState::Idle).or_fail("the engine is not idle")
/// });
/// ```
#[must_use]
pub fn every_sequence(kinds: impl IntoIterator<Item = OpKind>, length: u32) -> EverySequence {
    EverySequence::of(kinds.into_iter().flat_map(Op::all_of).filter(is_another), length)
}

/// Whether an operation is another than those of smaller numbers: a number beyond all plans, or all preprocessors, means one again.
fn is_another(op: &Op) -> bool {
    let [which, ..] = op.numbers();
    match op.kind() {
        OpKind::Plan => usize::from(which) < drawn::plan_count(),
        OpKind::Wrap => usize::from(which) < drawn::wrapper_count(),
        _ => true,
    }
}

/// Every sequence of operations up to a length: made by [`every_sequence`].
#[derive(Clone, Debug)]
pub struct EverySequence {
    alphabet: Vec<Op>,
    length: u32,
    kit: Kit,
    style: Style,
}

impl EverySequence {
    /// The same of single operations.
    #[must_use]
    pub fn of(alphabet: impl IntoIterator<Item = Op>, length: u32) -> Self {
        Self { alphabet: alphabet.into_iter().collect(), length, kit: Kit::standard(), style: Style::WellFormed }
    }

    /// Each operation as it is, legal or not.
    #[must_use]
    pub fn verbatim(self) -> Self {
        Self { style: Style::Verbatim, ..self }
    }

    /// With the devices of that kit.
    #[must_use]
    pub fn kit(self, kit: Kit) -> Self {
        Self { kit, ..self }
    }

    /// The operations of the sequence of that number: of the numbers of a length, each digit is an operation.
    fn ops(&self, number: u64) -> Option<Vec<Op>> {
        let letters = u64::try_from(self.alphabet.len()).ok()?;
        let (mut left, mut of_length) = (number, 1_u64);
        for length in 0..=self.length {
            if left < of_length {
                let mut ops = Vec::new();
                for _ in 0..length {
                    ops.push(*self.alphabet.get(usize::try_from(left.checked_rem(letters)?).ok()?)?);
                    left /= letters;
                }
                ops.reverse();
                return Some(ops);
            }
            left -= of_length;
            of_length = of_length.checked_mul(letters)?;
        }
        None
    }
}

impl Source for EverySequence {
    type Tree = ShrinkTree<GeneratedPlan>;
    type Value = GeneratedPlan;

    fn case(&self, _seed: u64, number: u64) -> Option<Self::Tree> {
        Some(ShrinkTree::new(GeneratedPlan::new(self.ops(number)?, self.kit.clone(), self.style)))
    }

    fn count(&self) -> Option<u64> {
        let letters = u64::try_from(self.alphabet.len()).ok()?;
        let mut of_length = 1_u64;
        let mut count = 1_u64;
        for _ in 0..self.length {
            of_length = of_length.saturating_mul(letters);
            count = count.saturating_add(of_length);
        }
        Some(count)
    }
}
