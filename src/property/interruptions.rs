//! [`interruptions`]: a strategy for what happens to a plan from outside.

use std::time::Duration;

use proptest::strategy::{NewTree, Strategy};
use proptest::test_runner::TestRunner;

use super::interruption::{Interrupt, Interruption, Moment, REASON};
use super::kit::TRIPPED;
use super::op::below;
use super::scenario_part::pick;
use super::shrink::ShrinkTree;
use super::source::chance_of;
use super::strategy::percent;
use super::{Scenario, ScenarioPart};
use crate::harness::Decision;
use crate::seed::Seed;
use crate::value::Text;

/// What happens from outside, at the nth message or at a time, up to twice, often not at all: pauses after which the plan goes
/// on or is ended, suspensions, stops, aborts, halts.
///
/// ```
/// use skyspan::prelude::*;
///
/// for_all(plans()).with(interruptions().only_pauses()).cases(50).check(|lab, program| {
///     lab.run(program.plan(lab));
///     (lab.state() == RunEngineState::Idle).or_fail("the engine is not idle")
/// });
/// ```
#[must_use]
pub fn interruptions() -> Interruptions {
    Interruptions { most: 2, messages: 30, kinds: InterruptClass::ALL.to_vec() }
}

/// A strategy for what happens from outside: made by [`interruptions`].
#[derive(Clone, Debug)]
pub struct Interruptions {
    most: u8,
    messages: u8,
    kinds: Vec<InterruptClass>,
}

/// What kind of interruption a strategy may draw.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum InterruptClass {
    /// A pause after which the plan goes on.
    Pause,
    /// A pause at the next checkpoint after which the plan goes on.
    DeferredPause,
    /// A pause after which the plan is ended.
    PauseToEnd,
    /// A suspension of the plan.
    Suspend,
    /// A signal that trips the suspender of the [standard kit](super::Kit::standard) for a while.
    Trip,
    /// A stop: the plan ends well, early.
    Stop,
    /// An abort: the plan ends with its clean-ups.
    Abort,
    /// A halt: the plan ends without its clean-ups.
    Halt,
}

impl InterruptClass {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Pause,
        Self::DeferredPause,
        Self::PauseToEnd,
        Self::Suspend,
        Self::Stop,
        Self::Abort,
        Self::Halt,
        Self::Trip,
    ];
}

impl Interruptions {
    /// So many at most; 2 unless one says otherwise.
    #[must_use]
    pub fn at_most(self, most: u8) -> Self {
        Self { most, ..self }
    }

    /// At one of the first so many messages; of 30 unless one says otherwise.
    #[must_use]
    pub fn within_messages(self, messages: u8) -> Self {
        Self { messages: messages.max(1), ..self }
    }

    /// Of these kinds alone; one that stands there twice comes twice as often.
    #[must_use]
    pub fn only(self, kinds: impl IntoIterator<Item = InterruptClass>) -> Self {
        Self { kinds: kinds.into_iter().collect(), ..self }
    }

    /// Pauses after which the plan goes on, alone.
    #[must_use]
    pub fn only_pauses(self) -> Self {
        self.only([InterruptClass::Pause, InterruptClass::DeferredPause])
    }

    fn generate(&self, chance: &Seed) -> Vec<Interruption> {
        if percent(chance, 35) {
            return Vec::new();
        }
        let count = if self.most == 0 { 0 } else { 1 + below(chance, self.most) };
        (0..count).filter_map(|_| self.interruption(chance)).collect()
    }

    fn interruption(&self, chance: &Seed) -> Option<Interruption> {
        let tenths = |count: u8| Duration::from_millis(100 * u64::from(count));
        // Short plans are as likely to be met as long ones.
        let number = 1 + below(chance, 1 + below(chance, self.messages));
        let when = match below(chance, 10) {
            0..=6 => Moment::Message(u32::from(number), Duration::ZERO),
            7 => Moment::Message(u32::from(number), Duration::from_millis(50)),
            _ => Moment::After(tenths(below(chance, 20)) + Duration::from_millis(30)),
        };
        let pause = |decision: Decision| match below(chance, 3) {
            0 => decision.after(Duration::from_secs(1)),
            _ => decision,
        };
        let what = match pick(chance, &self.kinds)? {
            InterruptClass::Pause => Interrupt::Pause(pause(Decision::resume())),
            InterruptClass::DeferredPause => Interrupt::DeferredPause(pause(Decision::resume())),
            InterruptClass::PauseToEnd => {
                let end = [Decision::abort(REASON), Decision::stop(), Decision::halt()];
                Interrupt::Pause(pause(pick(chance, &end)?))
            }
            InterruptClass::Suspend => Interrupt::Suspend(tenths(1 + below(chance, 10))),
            InterruptClass::Trip => Interrupt::Trip(Text::literal(TRIPPED), tenths(1 + below(chance, 10))),
            InterruptClass::Stop => Interrupt::Stop,
            InterruptClass::Abort => Interrupt::Abort,
            InterruptClass::Halt => Interrupt::Halt,
        };
        Some(Interruption { when, what })
    }
}

impl ScenarioPart for Interruptions {
    fn add_to(&self, scenario: &mut Scenario, chance: &Seed) {
        scenario.interruptions.extend(self.generate(chance));
    }
}

impl Strategy for Interruptions {
    type Tree = ShrinkTree<Vec<Interruption>>;
    type Value = Vec<Interruption>;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        Ok(ShrinkTree::new(self.generate(&chance_of(runner))))
    }
}
