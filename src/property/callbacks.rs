//! [`callbacks`]: a strategy for who gets the documents and fails, and [`recorded_interruptions`], for whether there are documents of
//! interruptions.

use super::kit::LISTENER;
use super::op::below;
use super::strategy::percent;
use super::{Scenario, ScenarioPart};
use crate::program::CallbackSpec;
use crate::seed::Seed;

/// What the error of such a callback says.
pub(super) const MESSAGE: &str = "no space left";

/// A callback that gets all documents of a call, and fails at one of the first twelve; often none.
///
/// ```
/// use skyspan::prelude::*;
/// use skyspan::property::{callbacks, recorded_interruptions};
///
/// for_all(plans()).with((callbacks(), recorded_interruptions(), interruptions())).cases(50).check(|lab, program| {
///     lab.run(program.plan(lab));
///     (lab.state() == RunEngineState::Idle).or_fail("the engine is not idle")
/// });
/// ```
#[must_use]
pub const fn callbacks() -> Callbacks {
    Callbacks { documents: 12 }
}

/// A strategy for callbacks that fail: made by [`callbacks`].
#[derive(Clone, Copy, Debug)]
pub struct Callbacks {
    documents: u8,
}

impl Callbacks {
    /// Which fails at one of the first so many documents, at least the first; of 12 unless one says otherwise.
    #[must_use]
    pub fn within_documents(self, documents: u8) -> Self {
        Self { documents: documents.max(1) }
    }
}

impl ScenarioPart for Callbacks {
    fn add_to(&self, scenario: &mut Scenario, chance: &Seed) {
        if percent(chance, 70) {
            return;
        }
        let nth = u64::from(1 + below(chance, self.documents));
        scenario.callbacks.push(CallbackSpec::new(LISTENER).failing_at(nth, MESSAGE));
    }
}

/// Interruptions become events of the runs, every third time.
#[must_use]
pub const fn recorded_interruptions() -> RecordedInterruptions {
    RecordedInterruptions(())
}

/// Whether interruptions become events: made by [`recorded_interruptions`].
#[derive(Clone, Copy, Debug)]
pub struct RecordedInterruptions(());

impl ScenarioPart for RecordedInterruptions {
    fn add_to(&self, scenario: &mut Scenario, chance: &Seed) {
        scenario.record_interruptions |= percent(chance, 33);
    }
}
