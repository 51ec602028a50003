//! [`faults`]: a strategy for what goes wrong with devices.

use std::time::Duration;

use proptest::strategy::{NewTree, Strategy};
use proptest::test_runner::TestRunner;

use super::op::below;
use super::scenario_part::pick;
use super::shrink::ShrinkTree;
use super::source::chance_of;
use super::strategy::percent;
use super::{Kit, Scenario, ScenarioPart};
use crate::hardware::{Fault, Method};
use crate::program::FaultSpec;
use crate::seed::Seed;
use crate::value::Text;

/// Faults of the devices of the [standard kit](Kit::standard), up to two, often none.
///
/// ```
/// use skyspan::prelude::*;
///
/// for_all(plans()).with(faults().on(["motor"]).at_most(1)).cases(50).check(|lab, program| {
///     lab.run(program.plan(lab));
///     (lab.state() == RunEngineState::Idle).or_fail("the engine is not idle")
/// });
/// ```
#[must_use]
pub fn faults() -> Faults {
    let kit = Kit::standard();
    let names = [kit.motor_names(), kit.detector_names(), kit.flyer_names()].concat();
    Faults { devices: names, most: 2, kinds: FaultClass::ALL.to_vec() }
}

/// What the errors of these faults say.
pub(super) const MESSAGE: &str = "injected fault";

/// A strategy for faults: made by [`faults`].
#[derive(Clone, Debug)]
pub struct Faults {
    devices: Vec<Text>,
    most: u8,
    kinds: Vec<FaultClass>,
}

/// What kind of fault a strategy may draw.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FaultClass {
    /// Calls that raise an error.
    Raises,
    /// What was begun fails.
    Fails,
    /// What was begun takes longer.
    Late,
    /// What was begun never ends.
    Hangs,
    /// What is read is NaN.
    ReadsNan,
    /// The device is lost for a while.
    Disconnects,
}

impl FaultClass {
    /// Every class of faults that a search draws.
    pub const ALL: [Self; 6] = [Self::Raises, Self::Fails, Self::Late, Self::Hangs, Self::ReadsNan, Self::Disconnects];
}

impl Faults {
    /// Of these devices alone.
    #[must_use]
    pub fn on<T: Into<Text>>(self, devices: impl IntoIterator<Item = T>) -> Self {
        Self { devices: devices.into_iter().map(Into::into).collect(), ..self }
    }

    /// Of the devices of that kit alone.
    #[must_use]
    pub fn of(self, kit: &Kit) -> Self {
        Self { devices: [kit.motor_names(), kit.detector_names(), kit.flyer_names()].concat(), ..self }
    }

    /// So many at most; 2 unless one says otherwise.
    #[must_use]
    pub fn at_most(self, most: u8) -> Self {
        Self { most, ..self }
    }

    /// Of these kinds alone; one that stands there twice comes twice as often.
    #[must_use]
    pub fn only(self, kinds: impl IntoIterator<Item = FaultClass>) -> Self {
        Self { kinds: kinds.into_iter().collect(), ..self }
    }

    fn generate(&self, chance: &Seed) -> Vec<FaultSpec> {
        if percent(chance, 40) {
            return Vec::new();
        }
        let count = if self.most == 0 { 0 } else { 1 + below(chance, self.most) };
        (0..count).filter_map(|_| self.fault(chance)).collect()
    }

    fn fault(&self, chance: &Seed) -> Option<FaultSpec> {
        let class = pick(chance, &self.kinds)?;
        let begun = [Method::Set, Method::Set, Method::Trigger, Method::Kickoff, Method::Complete];
        let called = [
            Method::Set,
            Method::Trigger,
            Method::Read,
            Method::Stage,
            Method::Unstage,
            Method::Stop,
            Method::Kickoff,
            Method::Complete,
            Method::Collect,
            Method::Describe,
        ];
        let methods: &[Method] = match class {
            FaultClass::Raises | FaultClass::Disconnects => &called,
            FaultClass::ReadsNan => &[Method::Read],
            _ => &begun,
        };
        let time = Duration::from_millis(100 * u64::from(1 + below(chance, 5)));
        // Which of the two it is comes before the device does, so that a seed goes on finding what it has found.
        let is_late = class == FaultClass::Late && percent(chance, 50);
        let (device, method) = (pick(chance, &self.devices)?, pick(chance, methods)?);
        let at = Fault::on(method, u32::from(1 + below(chance, 3)));
        let fault = match class {
            FaultClass::Raises => at.raises(MESSAGE),
            FaultClass::Fails => at.fails_after(time, MESSAGE),
            FaultClass::Late if is_late => at.late_by(time),
            FaultClass::Late => at.slow_by(2.0),
            FaultClass::Hangs => at.hangs(),
            FaultClass::ReadsNan => at.reads_nan(),
            FaultClass::Disconnects => at.disconnects_for(time),
        };
        Some(FaultSpec::new(device.as_ref(), fault))
    }
}

impl ScenarioPart for Faults {
    fn add_to(&self, scenario: &mut Scenario, chance: &Seed) {
        scenario.faults.extend(self.generate(chance));
    }
}

impl Strategy for Faults {
    type Tree = ShrinkTree<Vec<FaultSpec>>;
    type Value = Vec<FaultSpec>;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        Ok(ShrinkTree::new(self.generate(&chance_of(runner))))
    }
}
